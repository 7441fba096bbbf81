import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the firewall tests share: the knowledge table, and small systems made of texts.
enum FirewallSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        let file = "profiles/knowledge/firewall.toml"
        let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
        return Knowledge(tables: ["firewall": try TOMLDocument.parse(text, file: file)])
    }

    static func names() throws -> FirewallNames {
        try FirewallKnowledge(try knowledge.get()).names
    }

    /// The layers of an unpacked fixture.
    static func fixture(_ name: String) throws -> (declared: FactBatch, built: FactBatch) {
        let directory = Repository.fixtures.appendingPathComponent(name)
        let tree = DirectoryTree(root: directory.appendingPathComponent("system").path)
        let view = SystemView(tree: tree, toplevel: try tree.resolve("/run/current-system"), etcRoot: "/etc")
        let built = try FirewallFacts.built(view, knowledge: try knowledge.get(), context: SystemContext())
        let bytes = [UInt8](try Data(contentsOf: directory.appendingPathComponent("config.json")))
        let options = OptionTree(name: "config.json", values: try JSONParser.parse(bytes))
        let declared = try FirewallFacts.declared(options, knowledge: try knowledge.get(), context: SystemContext())
        return (declared, built)
    }

    static let store = "/nix/store/00000000000000000000000000000000-"

    /// Facts of a system whose firewall.service runs this script.
    static func iptables(_ script: String, wanted: Bool = true) throws -> FactBatch {
        var files = [
            "/etc/systemd/system/firewall.service":
                "[Service]\nExecStart=@\(store)firewall-start/bin/firewall-start firewall-start\n",
            "\(store)firewall-start/bin/firewall-start": script,
        ]
        files[
            wanted
                ? "/etc/systemd/system/sysinit.target.wants/firewall.service"
                : "/etc/systemd/system/sysinit.target.wants/other.service"] = "-> ../firewall.service"
        return try built(files)
    }

    /// Facts of a system whose nftables.service loads this ruleset.
    static func nftables(_ ruleset: String, files: [String: String] = [:]) throws -> FactBatch {
        try built(
            [
                "/etc/systemd/system/nftables.service": "[Service]\nExecStart=\(store)nftables-rules\n",
                "/etc/systemd/system/multi-user.target.wants/nftables.service": "-> ../nftables.service",
                "\(store)nftables-rules": "#! \(store)nftables/bin/nft -f\n" + ruleset,
            ].merging(files) { $1 })
    }

    static func built(_ files: [String: String]) throws -> FactBatch {
        let view = SystemView(tree: MemoryTree(files), toplevel: "/toplevel", etcRoot: "/etc")
        return try FirewallFacts.built(view, knowledge: try knowledge.get(), context: SystemContext())
    }

    static func declared(_ json: String) throws -> FactBatch {
        let options = OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
        return try FirewallFacts.declared(options, knowledge: try knowledge.get(), context: SystemContext())
    }
}

extension FactBatch {
    /// The value of a fact as text: lists joined by blanks and commas, `?` with the reason when unavailable.
    func shown(_ key: String) -> String {
        switch facts[FactKey("firewall." + key)] {
        case .known(let value, _): value == .list([]) ? "" : value.description
        case .absent: "absent"
        case .unavailable: "?"
        case nil: "not supplied"
        }
    }

    func why(_ key: String) -> String {
        if case .unavailable(let reason, _)? = facts[FactKey("firewall." + key)] { reason } else { "" }
    }
}
