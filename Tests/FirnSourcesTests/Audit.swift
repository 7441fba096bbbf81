import FirnCatalogue
import FirnCatalogueFiles
import FirnEvaluation
import FirnFacts
import FirnModel
import FirnSources
import FirnTestSupport
import Foundation
import Synchronization

/// Audits a fixture as `firn check` does, for tests.
enum Audit {
    static let catalogue: Swift.Result<Catalogue, any Error> = Swift.Result {
        try Catalogue.load(directory: Repository.path("profiles"))
    }

    /// All fixtures, ordered by name.
    static let fixtures: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }()

    /// What was collected, so that hundreds of tests collect each system once.
    private static let declaredSnapshots = Mutex<[String: Snapshot]>([:])
    private static let builtSnapshots = Mutex<[String: [(specialisation: String, snapshot: Snapshot)]]>([:])

    static func declared(_ fixture: String) throws -> Snapshot {
        if let known = declaredSnapshots.withLock({ $0[fixture] }) { return known }
        let path = Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("config.json")
        let bytes = [UInt8](try Data(contentsOf: path))
        let knowledge = try catalogue.get().knowledge
        let snapshot = try EvaluatedConfiguration(json: bytes, name: "config.json", knowledge: knowledge)
            .collect(now: 0)
        declaredSnapshots.withLock { $0[fixture] = snapshot }
        return snapshot
    }

    /// The system that boots and its specialisations, by name; the first is named "".
    static func built(_ fixture: String, isDeep: Bool = false) throws -> [(specialisation: String, snapshot: Snapshot)]
    {
        let key = isDeep ? fixture + " deep" : fixture
        if let known = builtSnapshots.withLock({ $0[key] }) { return known }
        let path = Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("system").path
        let found = try SystemClosure.find(
            directory: path, name: "system", knowledge: try catalogue.get().knowledge
        ).map { found in
            let name = found.name.split(separator: " ").last.map { String($0.dropLast()) } ?? ""
            var closure = found
            if isDeep { closure.deepScan = { _ in } }
            return (specialisation: found.name == "system" ? "" : name, snapshot: try closure.collect(now: 0))
        }
        builtSnapshots.withLock { $0[key] = found }
        return found
    }

    static func outcomes(_ snapshot: Snapshot, profile: String) throws -> [String: Result] {
        let catalogue = try catalogue.get()
        let evaluator = try Evaluator(
            knowledge: catalogue.knowledge, now: Evaluator.exampleTime, rules: catalogue.orderedRules)
        let rules = try catalogue.resolve(profile: profile).rules
        return Dictionary(
            uniqueKeysWithValues: rules.map { ($0.rule.id, evaluator.evaluate($0, on: snapshot, target: 0)) })
    }

    /// Every rule of the catalogue, selected by a profile or not.
    static func allOutcomes(_ snapshot: Snapshot) throws -> [String: Result] {
        let catalogue = try catalogue.get()
        let evaluator = try Evaluator(
            knowledge: catalogue.knowledge, now: Evaluator.exampleTime, rules: catalogue.orderedRules)
        return Dictionary(
            uniqueKeysWithValues: catalogue.orderedRules.map { rule in
                let selected = SelectedRule(
                    rule: rule, expect: rule.expect, severity: rule.severity, fixes: rule.fixes)
                return (rule.id, evaluator.evaluate(selected, on: snapshot, target: 0))
            })
    }
}
