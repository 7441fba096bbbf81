import FirnTestSupport
import Foundation

/// Files of modprobe.d, put to Firn and to the real modprobe.
struct ModprobeOracleCase: Sendable {
    var name: String
    var files: [String: String]

    init(_ name: String, _ text: String) {
        self.init(name, ["a.conf": text])
    }

    init(_ name: String, _ files: [String: String]) {
        self.name = name
        self.files = files
    }

    static let written: [ModprobeOracleCase] = [
        ModprobeOracleCase("no line at all", ""),
        ModprobeOracleCase("another module", "blacklist sctp\n"),
        ModprobeOracleCase("blacklist", "blacklist rds\n"),
        ModprobeOracleCase("blacklist with blanks and a tab", "  blacklist \t rds  \n"),
        ModprobeOracleCase("blacklist, second word ignored", "blacklist rds tipc\n"),
        ModprobeOracleCase("blacklist of the alias", "blacklist net-pf-21\n"),
        ModprobeOracleCase("blacklist with a pattern", "blacklist r*\n"),
        ModprobeOracleCase("blacklist in capitals", "BLACKLIST rds\n"),
        ModprobeOracleCase("blacklist with a carriage return", "blacklist rds\r\n"),
        ModprobeOracleCase("blacklist without a line end", "blacklist rds"),
        ModprobeOracleCase("blacklist in a comment", "#blacklist rds\n"),
        ModprobeOracleCase("blacklist after a blank and a comment sign", " # blacklist rds\n"),
        ModprobeOracleCase("comment behind a blacklist", "blacklist rds # not wanted\n"),
        ModprobeOracleCase("a comment swallows the next line", "# not wanted \\\nblacklist rds\n"),
        ModprobeOracleCase("a line goes on", "blacklist \\\n  rds\n"),
        ModprobeOracleCase("a word goes on", "black\\\nlist rds\n"),
        ModprobeOracleCase("a backslash inside a word", "blacklist r\\ds\n"),
        ModprobeOracleCase("a backslash at the end of the file", "blacklist rds\\"),
        ModprobeOracleCase("install false", "install rds /bin/false\n"),
        ModprobeOracleCase("install true", "install rds /bin/true\n"),
        ModprobeOracleCase("install of the alias", "install net-pf-21 /bin/false\n"),
        ModprobeOracleCase("install with a star", "install r* /bin/false\n"),
        ModprobeOracleCase("install with a question mark", "install rd? /bin/false\n"),
        ModprobeOracleCase("install with a set", "install [a-rz]ds /bin/false\n"),
        ModprobeOracleCase("install with a negated set", "install [!r]ds /bin/false\n"),
        ModprobeOracleCase("install with an open set", "install [rds /bin/false\n"),
        ModprobeOracleCase("install without a command", "install rds\n"),
        ModprobeOracleCase("install with blanks for a command", "install rds   \n"),
        ModprobeOracleCase("install of a command", "install rds /bin/echo load\n"),
        ModprobeOracleCase("the first install counts", "install rds /bin/false\ninstall rds /bin/echo x\n"),
        ModprobeOracleCase(
            "the first install counts, the other way round", "install rds /bin/echo x\ninstall rds /bin/false\n"),
        ModprobeOracleCase("a pattern before the name", "install * /bin/echo x\ninstall rds /bin/false\n"),
        ModprobeOracleCase("install and blacklist", "blacklist rds\ninstall rds /bin/false\n"),
        ModprobeOracleCase("a command and blacklist", "blacklist rds\ninstall rds /bin/echo x\n"),
        ModprobeOracleCase("install over two lines", "install rds \\\n /bin/false\n"),
        ModprobeOracleCase("alias off", "alias net-pf-21 off\n"),
        ModprobeOracleCase("alias with a pattern off", "alias net-pf-2* off\n"),
        ModprobeOracleCase("alias of another number off", "alias net-pf-22 off\n"),
        ModprobeOracleCase("alias to the module itself", "alias net-pf-21 rds\n"),
        ModprobeOracleCase("alias off and to the module", "alias net-pf-21 off\nalias net-pf-21 rds\n"),
        ModprobeOracleCase("alias off and blacklist", "alias net-pf-21 off\nblacklist rds\n"),
        ModprobeOracleCase("alias without a module", "alias net-pf-21\n"),
        ModprobeOracleCase("options do not keep out", "options rds x=1\n"),
        ModprobeOracleCase("remove does not keep out", "remove rds /bin/false\n"),
        ModprobeOracleCase("softdep does not keep out", "softdep rds pre: sctp\n"),
        ModprobeOracleCase(
            "files in the order of their names",
            ["b.conf": "install rds /bin/echo x\n", "a.conf": "install rds /bin/false\n"]),
        ModprobeOracleCase(
            "digits before letters, capitals before small",
            ["z.conf": "install rds /bin/false\n", "Z.conf": "install rds /bin/echo x\n"]),
        ModprobeOracleCase("a hidden file", [".a.conf": "blacklist rds\n"]),
        ModprobeOracleCase(
            "a file with another ending", ["a.conf.bak": "blacklist rds\n", "a.txt": "install rds /bin/false\n"]),
        ModprobeOracleCase("a file that ends in .alias", ["a.alias": "blacklist rds\n"]),
        ModprobeOracleCase("a line nobody knows before", "include other.conf\nblacklisted rds\nblacklist rds\n"),
    ]

    /// The files of modprobe.d of each fixture that are really there.
    static func fixtures() throws -> [ModprobeOracleCase] {
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: Repository.fixtures.path).sorted().compactMap { name in
            let directory = Repository.fixtures.appendingPathComponent(name).appendingPathComponent(
                "toplevel/etc/modprobe.d")
            guard manager.fileExists(atPath: directory.path) else { return nil }
            var files: [String: String] = [:]
            for file in try manager.contentsOfDirectory(atPath: directory.path) {
                files[file] = String(
                    decoding: try Data(contentsOf: directory.appendingPathComponent(file)), as: UTF8.self)
            }
            return ModprobeOracleCase("fixture \(name)", files)
        }
    }
}
