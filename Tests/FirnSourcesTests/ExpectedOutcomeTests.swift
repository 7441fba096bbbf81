import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

/// Outcomes of real systems against those written by hand in Tests/Fixtures/expected.
@Suite struct ExpectedOutcomeTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        var file: String
        /// The families of rules the file speaks of.
        var families: Set<String>
        var fixture: String
        var specialisation: String
        var strict: [Entry]
        var standard: [Entry]
        var minimal: [Entry]
        /// Facts that the declared source does not supply for this system: rules that ask them are not checked there.
        var notSupplied: Set<String>
        var testDescription: String { file }

        struct Entry: Sendable {
            var rule: String
            var outcome: Outcome
            var source: SourceKind?
            var line: Int
        }

        /// What the file says of a rule at a level; nil where it says nothing.
        func outcome(_ rule: String, _ source: SourceKind, _ level: Level) -> Outcome? {
            let lists: [[Entry]] =
                switch level {
                case .strict: [strict]
                case .standard: [standard, strict]
                case .minimal: [minimal, standard, strict]
                }
            let wildcard = rule.prefix { $0 != "." } + ".*"
            for list in lists {
                let own = list.filter { $0.source == nil || $0.source == source }
                if let entry = own.first(where: { $0.rule == rule }) ?? own.first(where: { $0.rule == wildcard }) {
                    return entry.outcome
                }
            }
            return nil
        }
    }

    /// `<system>/<name>.toml` for all files.
    static let files: [String] = {
        let directory = Repository.path("Tests/Fixtures/expected")
        return ((try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [])
            .filter { $0.hasSuffix(".toml") }.sorted()
    }()

    static func read(_ file: String) throws -> Expectation {
        let path = "Tests/Fixtures/expected/" + file
        let text = String(decoding: try Repository.bytes(path), as: UTF8.self)
        let node = try TOMLDocument.parse(text, file: path)
        func entries(_ key: String) throws -> [Expectation.Entry] {
            try (node[key]?.elements ?? []).map { element in
                let rule = try #require(element["rule"]?.string, "\(path):\(element.line) names no rule")
                let word = try #require(element["outcome"]?.string)
                let reason = try #require(element["reason"]?.string, "\(path):\(element.line) gives no reason")
                #expect(!reason.isEmpty)
                let outcome = try #require(Outcome(rawValue: word), "\(path):\(element.line): \(word)")
                let source = element["source"]?.string
                return .init(
                    rule: rule, outcome: outcome, source: source == "both" ? nil : source.flatMap(SourceKind.init),
                    line: element.line)
            }
        }
        return Expectation(
            file: file, families: Set(try #require(node["families"]?.strings)),
            fixture: try #require(node["fixture"]?.string),
            specialisation: node["specialisation"]?.string ?? "", strict: try entries("strict"),
            standard: try entries("standard"), minimal: try entries("minimal"),
            notSupplied: Set(node["not-supplied"]?.strings ?? []))
    }

    @Test func atLeastEightSystemsOfAllGenerationsHaveTheirTruthWrittenDown() {
        let systems = Set(Self.files.map { $0.split(separator: "/")[0] })
        #expect(systems.count >= 8)
        for generation in ["old-", "modern-", "current-"] {
            #expect(systems.contains { $0.hasPrefix(generation) })
        }
    }

    @Test(arguments: files, Level.allCases)
    func outcomesAreAsWritten(file: String, level: Level) throws {
        let expected = try Self.read(file)
        var snapshots: [Snapshot] = []
        if expected.specialisation.isEmpty { snapshots.append(try Audit.declared(expected.fixture)) }
        let built = try Audit.built(expected.fixture).first { $0.specialisation == expected.specialisation }
        snapshots.append(try #require(built?.snapshot))
        for snapshot in snapshots {
            let results = try Audit.outcomes(snapshot, profile: level.rawValue)
            for (id, result) in results.sorted(by: { $0.key < $1.key })
            where expected.families.contains(String(id.prefix { $0 != "." })) {
                let asked = try Audit.catalogue.get().rule(id)?.appliesWhen?.facts(subject: "") ?? []
                let isNotSupplied =
                    snapshot.source == .declared && asked.contains { expected.notSupplied.contains($0.rawValue) }
                let wanted = expected.outcome(id, snapshot.source, level) ?? (isNotSupplied ? .notChecked : .pass)
                #expect(
                    result.outcome == wanted,
                    """
                    \(expected.fixture) \(snapshot.source.rawValue) \(level.rawValue) \(id): is \(result.outcome.rawValue), \
                    should be \(wanted.rawValue); observed \(result.observed ?? "nothing"); \(result.message ?? "")
                    """)
            }
        }
    }

    @Test func everySystemHasItsTruthForEveryFamily() throws {
        let known = Set(try Audit.catalogue.get().orderedRules.map(\.family))
        var covered: [String: Set<String>] = [:]
        for file in Self.files {
            covered[String(file.split(separator: "/")[0]), default: []].formUnion(try Self.read(file).families)
        }
        for (system, families) in covered.sorted(by: { $0.key < $1.key }) {
            #expect(known.subtracting(families).isEmpty, "\(system) lacks \(known.subtracting(families).sorted())")
        }
    }

    @Test(arguments: files)
    func everyRuleNamedExists(file: String) throws {
        let expected = try Self.read(file)
        let known = Set(try Audit.catalogue.get().orderedRules.flatMap { [$0.id, $0.family + ".*"] })
        for entry in expected.strict + expected.standard + expected.minimal {
            #expect(known.contains(entry.rule), "\(file):\(entry.line): there is no rule \(entry.rule)")
        }
    }
}
