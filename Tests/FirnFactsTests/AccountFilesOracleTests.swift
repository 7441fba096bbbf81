import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// passwd, shadow and group beside libc: `getent` reads the same files, bound over /etc in a mount namespace of its own.
@Suite(.serialized) struct AccountFilesOracleTests {
    static let isNeeded: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        do {
            return try SSHOracle.run("/usr/bin/unshare", ["-m", "/usr/bin/getent", "passwd", "root"]).status == 0
        } catch {
            return false
        }
    }()

    static let passwd = [
        "root:x:0:0:r:/root:/bin/sh", "a:x:0:0", "b:x:0", "c::00:0:", "d:x:+0:0::/:", "e:x: 0:0::/:", "f:x:0x0:0::/:",
        "g:x:-1:0::/:", "h:x:4294967296:0::/:", "  i:x:1:1::/:", " # j:x:1:1::/:", "k:x::1::/:", "m:x:1 :1::/:", "o",
        "p:x:8589934592:0::/:", "#s:x:1:1::/:", "t :x:1:1::/:", "u:x:-0:0::/:", "root:x:5:5::/:", "v:x:1:",
        "w:x:1:a::/:",
        "x:x:4294967295:1::/:", "y:*:1:1:a b:/home/y:/bin/sh", "", "   ",
    ]
    static let shadow = [
        "root:!:1::::::", "a", "b:", "c::", "d:x:1", "e:x:1:0:99999:7:::", "f:x:a::::::", " g::1::::::", "#h::1::::::",
        "j:x:1:0:9:7:a::", "k::1:::::::::", "l:x:1:2:3", "m:x:1:2:", "n:x:1:2:3:", "o:x:1:2:3: ", "p:x:1:2:3:4",
        "q:x:1:2:3:4:5:6", "r:x:1:2:3:4:5:", "s:x:::::::", "t:x: 1::::::", "u:x:-1::::::",
    ]
    static let group = [
        "root:x:0:", "a:x:0", "b:x", "c:x:1:kim, anna,,", "d:x:+1:a b", " e:x:2:x", "g:x:-1:", "i::4:a", "j:x::a",
        "k:x:5:,",
        "#l:x:1:", "m:x:0x1:", "n:x:6:a,b,c",
    ]

    private func getent(_ directory: URL, _ database: String) throws -> [[Substring]] {
        let binds = ["passwd", "shadow", "group", "nsswitch.conf"]
            .map { "mount --bind \(directory.path)/\($0) /etc/\($0)" }.joined(separator: " && ")
        let run = try SSHOracle.run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", "\(binds) && getent \(database)"])
        return run.output.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    }

    @Test(.enabled(if: isNeeded)) func libcTakesTheSameLines() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-etc-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        func write(_ name: String, _ lines: [String]) throws -> [UInt8] {
            let text = lines.joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
            return Array(text.utf8)
        }
        let passwd = try write("passwd", Self.passwd)
        let shadow = try write("shadow", Self.shadow)
        let group = try write("group", Self.group)
        _ = try write("nsswitch.conf", ["passwd: files", "shadow: files", "group: files"])

        let users = try AccountFiles.users(passwd).entries.map {
            "\($0.name) \($0.uid) \($0.gid) \($0.home) \($0.shell)"
        }
        let theirUsers = try getent(directory, "passwd").map { "\($0[0]) \($0[2]) \($0[3]) \($0[5]) \($0[6])" }
        #expect(users == theirUsers)
        #expect(theirUsers.count >= 10)

        let passwords = try AccountFiles.passwords(shadow).entries.map { "\($0.name) \($0.form.kind)" }
        let theirPasswords = try getent(directory, "shadow").map { "\($0[0]) \(PasswordForm.classify($0[1]).kind)" }
        #expect(passwords == theirPasswords)
        #expect(theirPasswords.count >= 5)

        let groups = try AccountFiles.groups(group).entries.map {
            "\($0.name) \($0.gid) \($0.members.joined(separator: ","))"
        }
        let theirGroups = try getent(directory, "group").map { "\($0[0]) \($0[2]) \($0[3])" }
        #expect(groups == theirGroups)
        #expect(theirGroups.count >= 6)
    }
}
