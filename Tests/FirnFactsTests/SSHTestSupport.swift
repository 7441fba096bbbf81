import FirnCatalogue
import FirnCatalogueFiles
import FirnFacts
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

/// The tables and fixtures that the tests of sshd share.
enum SSHSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["ssh-keywords", "ssh-defaults", "ssh-algorithms"] {
            let file = "profiles/knowledge/\(name).toml"
            tables[name] = try TOMLDocument.parse(
                String(decoding: try Repository.bytes(file), as: UTF8.self), file: file)
        }
        return Knowledge(tables: tables)
    }

    /// The names of the fixtures, ordered.
    static let fixtures: [String] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted()
        } catch {
            return []
        }
    }()

    static func declared(_ fixture: String) throws -> FactBatch {
        let url = Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("config.json")
        return try declared(json: [UInt8](try Data(contentsOf: url)))
    }

    static func declared(json: [UInt8]) throws -> FactBatch {
        let node = try JSONParser.parse(json)
        return try SSHFacts.declared(
            OptionTree(name: "config.json", values: node), knowledge: try knowledge.get(), context: SystemContext())
    }

    static func view(_ fixture: String) throws -> SystemView {
        let root = Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("system").path
        let tree = DirectoryTree(root: root)
        let toplevel = try tree.resolve("/nix/var/nix/profiles/system")
        return SystemView(tree: tree, toplevel: toplevel, etcRoot: toplevel + "/etc")
    }

    static func built(_ fixture: String) throws -> FactBatch {
        try SSHFacts.built(try view(fixture), knowledge: try knowledge.get(), context: SystemContext())
    }

    /// A closure with one sshd_config, started as NixOS starts it.
    static func built(
        config: String, openssh: String = "10.3p1", files: [String: String] = [:], wanted: Bool = true
    ) throws -> FactBatch {
        var texts: [String: String] = [
            "/etc/ssh/sshd_config": config,
            "/etc/systemd/system/sshd.service":
                "[Service]\nExecStart=/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-\(openssh)/bin/sshd -D -f /etc/ssh/sshd_config\n",
        ]
        if wanted { texts["/etc/systemd/system/multi-user.target.wants/sshd.service"] = "-> ../sshd.service" }
        texts.merge(files) { _, new in new }
        return try SSHFacts.built(
            SystemView(tree: MemoryTree(texts), toplevel: "/", etcRoot: "/etc"), knowledge: try knowledge.get(),
            context: SystemContext())
    }
}

extension FactBatch {
    /// The fact of a key, from the batch or its families.
    func ssh(_ key: String) -> Fact? {
        Snapshot(source: .built, identity: Identity(), collectedAt: 0, batch: self).fact(FactKey("ssh." + key))
    }

    /// The value of a key.
    func value(_ key: String) -> FactValue? { ssh(key)?.value }
}
