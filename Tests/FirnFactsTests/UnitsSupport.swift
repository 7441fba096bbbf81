import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the tests of units share.
enum UnitsSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        try Catalogue.load(directory: Repository.path("profiles")).knowledge
    }

    static func exposure(systemd: Int? = nil) throws -> UnitExposure {
        try UnitExposure(try knowledge.get(), systemd: systemd)
    }

    static let fixtures: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }()

    static func system(_ fixture: String) throws -> SystemView {
        let path = Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("system").path
        let found = try SystemClosure.find(directory: path, name: fixture, knowledge: try knowledge.get())
        return found[0].system
    }

    static func view(_ files: [String: String]) -> SystemView {
        let base = "/etc/systemd/system/"
        return SystemView(
            tree: MemoryTree(Dictionary(uniqueKeysWithValues: files.map { ($0.hasPrefix("/") ? $0 : base + $0, $1) })),
            toplevel: "/nix/store/t", etcRoot: "/etc")
    }

    static func built(_ files: [String: String]) throws -> FactBatch {
        try UnitsFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext())
    }

    static func declared(_ json: String) throws -> FactBatch {
        let tree = OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
        return try UnitsFacts.declared(tree, knowledge: try knowledge.get(), context: SystemContext())
    }

    /// `list` of a known list, or what else the fact is.
    static func list(_ batch: FactBatch, _ key: FactKey) -> [String] {
        switch batch.facts[key] {
        case .known(.list(let values), _): values.map(\.description)
        case .known(let value, _): ["other: \(value)"]
        case .absent: ["absent"]
        case .unavailable(let reason, _): ["unavailable: \(reason)"]
        case nil: ["not supplied"]
        }
    }
}
