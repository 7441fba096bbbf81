import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the tests of sudo, polkit and wrappers share: the knowledge tables, and small systems made of texts.
enum SudoSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["sudo", "sudo-escapes", "wrappers", "polkit", "accounts"] {
            let file = "profiles/knowledge/\(name).toml"
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
            tables[name] = try TOMLDocument.parse(text, file: file)
        }
        return Knowledge(tables: tables)
    }

    static let store = "/nix/store/00000000000000000000000000000000-"

    /// The script that makes setuid wrappers of these names.
    static func script(_ names: [String], mode: String = "u+s,g-s,u+rx,g+x,o+x", group: String = "root") -> String {
        names.reduce("wrapperDir=$(mktemp --directory)\n") { text, name in
            text
                + "cp \(store)security-wrapper-\(name)-x86_64-unknown-linux-musl/bin/security-wrapper \"$wrapperDir/\(name)\"\n"
                + "chmod 0000 \"$wrapperDir/\(name)\"\nchown root:\(group) \"$wrapperDir/\(name)\"\n"
                + "chmod \"\(mode)\" \"$wrapperDir/\(name)\"\n"
        }
    }

    /// The files of a system with these wrappers.
    static func system(_ script: String, _ files: [String: String], package: String = "sudo-1.9.17p2") -> SystemView {
        let all = [
            "/etc/systemd/system/suid-sgid-wrappers.service": "[Service]\nExecStart=\(store)start/bin/start \n",
            "/etc/systemd/system/sysinit.target.wants/suid-sgid-wrappers.service": "-> ../suid-sgid-wrappers.service",
            "\(store)start/bin/start": script,
            "/toplevel/sw/bin/sudo": "-> \(store)\(package)/bin/sudo",
            "/toplevel/etc/sudoers.mode": "0440",
        ].merging(files) { $1 }
        return SystemView(tree: MemoryTree(all), toplevel: "/toplevel", etcRoot: "/etc")
    }

    /// The facts of a system with this /etc/sudoers.
    static func sudo(
        _ sudoers: String, files: [String: String] = [:], package: String = "sudo-1.9.17p2"
    ) throws -> FactBatch {
        try SudoFacts.built(
            system(script(["sudo"]), files.merging(["/etc/sudoers": sudoers]) { $1 }, package: package),
            knowledge: try knowledge.get(), context: SystemContext())
    }

    static func doas(_ text: String) throws -> FactBatch {
        try SudoFacts.built(
            system(script(["doas"]), ["/etc/doas.conf": text]), knowledge: try knowledge.get(), context: SystemContext()
        )
    }

    static func polkit(_ rules: [String: String], files: [String: String] = [:]) throws -> FactBatch {
        var all = files
        all["/etc/systemd/system/polkit.service"] = "[Service]\nExecStart=polkitd\n"
        for (name, text) in rules { all["/etc/polkit-1/rules.d/" + name] = text }
        return try PolkitFacts.built(
            system(script(["su"]), all), knowledge: try knowledge.get(), context: SystemContext())
    }

    static func wrappers(_ script: String) throws -> FactBatch {
        try WrappersFacts.built(system(script, [:]), knowledge: try knowledge.get(), context: SystemContext())
    }

    static func options(_ json: String) throws -> OptionTree {
        OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
    }
}

extension FactBatch {
    /// The strings of a list, or the state in words.
    func texts(_ key: FactKey) -> [String] {
        switch facts[key] {
        case .known(.list(let values), _): values.map(\.description)
        case .known(let value, _): [value.description]
        case .absent: ["absent"]
        case .unavailable: ["unavailable"]
        case nil: ["none"]
        }
    }

    func isUnavailable(_ key: FactKey) -> Bool {
        if case .unavailable = facts[key] { true } else { false }
    }
}
