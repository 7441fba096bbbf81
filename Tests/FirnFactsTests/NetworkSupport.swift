import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnTestSupport

@testable import FirnFacts

/// Small systems of both sources for the families network, tls and secrets.
enum NetworkSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["network", "network-services", "tls", "secrets"] {
            let file = "profiles/knowledge/\(name).toml"
            tables[name] = try TOMLDocument.parse(
                String(decoding: try Repository.bytes(file), as: UTF8.self), file: file)
        }
        return Knowledge(tables: tables)
    }

    static let store = "/nix/store/00000000000000000000000000000000-"
    static let top = store + "nixos-system-test-26.11"

    /// A closure: paths below `/etc` go to the toplevel's etc, others stand as they are.
    static func view(_ files: [String: String]) -> SystemView {
        var all = [top + "/activate": "#!/bin/sh\n", top + "/nixos-version": "26.11"]
        for (path, text) in files { all[path.hasPrefix("/etc/") ? top + path : path] = text }
        return SystemView(tree: MemoryTree(all), toplevel: top, etcRoot: top + "/etc")
    }

    /// Started services and their unit texts.
    static func units(_ units: [String: String]) -> [String: String] {
        var files: [String: String] = ["/etc/systemd/system/multi-user.target.wants/none.service": ""]
        for (name, text) in units {
            files["/etc/systemd/system/" + name] = text
            files["/etc/systemd/system/multi-user.target.wants/" + name] = "-> ../" + name
        }
        return files
    }

    static func network(_ files: [String: String]) throws -> [FactKey: Fact] {
        try NetworkFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext()).facts
    }

    static func tls(_ files: [String: String]) throws -> [FactKey: Fact] {
        try TlsFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext()).facts
    }

    static func secrets(_ files: [String: String]) throws -> [FactKey: Fact] {
        try SecretsFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext()).facts
    }

    static func options(_ json: String) throws -> OptionTree {
        OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
    }
}

extension Fact {
    /// The texts of a list.
    var texts: [String]? {
        guard case .known(.list(let values), _) = self else { return nil }
        return values.map(\.description)
    }

    var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }
}
