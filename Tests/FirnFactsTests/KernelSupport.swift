import FirnCatalogue
import FirnCatalogueFiles
import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport

/// What the tests of the families kconfig, modules and age share: all knowledge, and small systems made of texts.
enum KernelSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        try Catalogue.load(directory: Repository.path("profiles")).knowledge
    }

    static let kernel = "/nix/store/00000000000000000000000000000000-linux-6.18.37"

    /// A system that boots Linux 6.18.37, whose systemd-sysctl runs.
    static func system(_ files: [String: String], parameters: String = "loglevel=4") -> [String: String] {
        SysctlSupport.system(["/toplevel/nixos-version": "26.05.20260701.abcdef"], parameters: parameters)
            .merging(files) { $1 }
    }

    static let context = SystemContext(release: "26.05", kernelVersion: "6.18.37", hasOwnKernel: true)

    static func built(
        _ files: [String: String], parameters: String = "loglevel=4", context: SystemContext = context
    ) throws -> Snapshot {
        let tree = MemoryTree(system(files, parameters: parameters))
        let view = SystemView(tree: tree, toplevel: "/toplevel", etcRoot: "/etc")
        let batch = try FactFamilies.built(view, knowledge: try knowledge.get(), context: context)
        return Snapshot(source: .built, identity: Identity(), collectedAt: 0, batch: batch)
    }

    static func declared(
        _ json: String, unavailable: [String: String] = [:], context: SystemContext = context
    ) throws -> Snapshot {
        let options = OptionTree(
            name: "config.json", values: try JSONParser.parse(Array(json.utf8)), unavailable: unavailable)
        let batch = try FactFamilies.declared(options, knowledge: try knowledge.get(), context: context)
        return Snapshot(source: .declared, identity: Identity(), collectedAt: 0, batch: batch)
    }
}

extension Snapshot {
    /// The value of a fact, when it is known.
    func known(_ key: String) -> FactValue? { fact(FactKey(key))?.value }

    /// Why a fact is not known.
    func reason(_ key: String) -> String? {
        if case .unavailable(let reason, _)? = fact(FactKey(key)) { reason } else { nil }
    }

    /// Whether a fact was looked for and is not there.
    func isAbsent(_ key: String) -> Bool {
        if case .absent? = fact(FactKey(key)) { true } else { false }
    }

    /// What the evidence of a fact says.
    func shown(_ key: String) -> String {
        (fact(FactKey(key))?.evidence ?? []).map { "\($0.path):\($0.line ?? 0) \($0.text ?? "")" }
            .joined(separator: "\n")
    }
}
