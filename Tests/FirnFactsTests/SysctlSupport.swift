import FirnCatalogue
import FirnCatalogueFiles
import FirnFacts
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

/// What the sysctl tests share: the knowledge tables, and small systems made of texts.
enum SysctlSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["sysctl-defaults", "sysctl-kernel", "sysctl-packages"] {
            let file = "profiles/knowledge/\(name).toml"
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
            tables[name] = try TOMLDocument.parse(text, file: file)
        }
        return Knowledge(tables: tables)
    }

    /// The files of a system whose kernel is mainline and whose systemd-sysctl runs.
    static func system(
        _ files: [String: String], parameters: String = "loglevel=4", kernel: String = "linux-6.18.37",
        without: Set<String> = []
    ) -> [String: String] {
        var all = [
            "/toplevel/kernel": "-> /nix/store/00000000000000000000000000000000-\(kernel)/bzImage",
            "/toplevel/kernel-params": parameters,
            "/etc/systemd/system/systemd-sysctl.service":
                "[Unit]\nConditionPathIsReadWrite=/proc/sys/net/\n[Service]\nExecStart=/nix/store/x/systemd-sysctl\n",
            "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service": "-> ../systemd-sysctl.service",
        ]
        for path in without { all[path] = nil }
        return all.merging(files) { $1 }
    }

    static func built(
        _ tree: MemoryTree, context: SystemContext = SystemContext(kernelVersion: "6.18.37", hasOwnKernel: true)
    ) throws -> Snapshot {
        let view = SystemView(tree: tree, toplevel: "/toplevel", etcRoot: "/etc")
        return snapshot(try SysctlFacts.built(view, knowledge: try knowledge.get(), context: context), .built)
    }

    static func built(_ files: [String: String]) throws -> Snapshot { try built(MemoryTree(system(files))) }

    static func snapshot(_ batch: FactBatch, _ kind: SourceKind) -> Snapshot {
        Snapshot(source: kind, identity: Identity(), collectedAt: 0, batch: batch)
    }

    /// The layers of an unpacked fixture.
    static func fixture(_ name: String) throws -> (declared: Snapshot, built: Snapshot) {
        let directory = Repository.fixtures.appendingPathComponent(name)
        let tree = DirectoryTree(root: directory.appendingPathComponent("system").path)
        let view = SystemView(tree: tree, toplevel: try tree.resolve("/run/current-system"), etcRoot: "/etc")
        let context = SystemFacts.built(view).context
        let built = try SysctlFacts.built(view, knowledge: try knowledge.get(), context: context)
        let bytes = [UInt8](try Data(contentsOf: directory.appendingPathComponent("config.json")))
        let options = OptionTree(name: "config.json", values: try JSONParser.parse(bytes))
        let found = SystemFacts.declared(options, toplevel: nil, release: nil, system: nil).context
        let declared = try SysctlFacts.declared(options, knowledge: try knowledge.get(), context: found)
        return (snapshot(declared, .declared), snapshot(built, .built))
    }
}

extension Snapshot {
    /// The value of a setting, when it is known.
    func sysctl(_ key: String) -> FactValue? { fact(FactKey("sysctl." + key))?.value }

    /// Why a setting is not known.
    func why(_ key: String) -> String? {
        if case .unavailable(let reason, _)? = fact(FactKey("sysctl." + key)) { reason } else { nil }
    }

    /// Where a setting comes from: the file and line of the first evidence.
    func origin(_ key: String) -> String? {
        fact(FactKey("sysctl." + key))?.evidence.first.map { "\($0.path):\($0.line ?? 0)" }
    }
}
