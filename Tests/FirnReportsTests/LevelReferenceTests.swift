import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

struct LevelReferenceTests {
    static let page = "docs/hardening-levels.md"

    /// docs/hardening-levels.md is what the catalogue says; `make catalogue` writes it.
    @Test func thePageIsNotStale() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        let selected = Dictionary(uniqueKeysWithValues: Level.allCases.map { ($0, catalogue.rules(selectedAt: $0)) })
        let stored = String(decoding: try Repository.bytes(Self.page), as: UTF8.self)
        let fresh = LevelReference.page(from: stored, rules: catalogue.orderedRules, selected: selected)
        #expect(fresh == stored, "\(Self.page) is stale: run make catalogue")
        // By hand: what the profiles select is on the page with its side effect.
        #expect(stored.contains("(rules/sysctl.md)"))
        #expect(stored.contains("None known") == false)
    }

    /// Every family of the catalogue is introduced by hand, before the tables.
    @Test func everyFamilyIsIntroduced() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        let stored = String(decoding: try Repository.bytes(Self.page), as: UTF8.self)
        let hand = try #require(stored.components(separatedBy: LevelReference.marker).first)
        for family in Set(catalogue.orderedRules.map(\.family)) {
            #expect(hand.contains("| \(family) |") || hand.contains("| [\(family)](rules/\(family).md) |"), "\(family)")
        }
    }

    /// What the page says of a level by hand is about rules that are new or stricter in that level, and that an option sets.
    @Test func whatBreaksFirstIsOfItsLevel() throws {
        let stored = String(decoding: try Repository.bytes(Self.page), as: UTF8.self)
        let parts = stored.components(separatedBy: LevelReference.marker)
        let hand = try #require(parts.first)
        let tables = try #require(parts.last)
        for level in Level.allCases {
            let after = try #require(hand.components(separatedBy: "### At \(level.rawValue)\n").dropFirst().first)
            let section = after.components(separatedBy: "\n#")[0]
            let table = try #require(tables.components(separatedBy: "\n## \(level.rawValue)\n").dropFirst().first)
                .components(separatedBy: "\n## ")[0].split(separator: "\n")
            // The last column names the rules.
            let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            #expect(rows.count >= 5, "\(level)")
            for row in rows {
                let column = row.split(separator: "|").dropLast(row.hasSuffix(" ") ? 1 : 0).last ?? ""
                for match in column.matches(of: /`([^`]+)`/) {
                    let rule = match.output.1
                    #expect(
                        table.contains { $0.contains("[`\(rule)`]") && $0.hasSuffix("| option |") },
                        "\(level): \(rule)")
                }
            }
        }
    }

    private func rule(
        _ id: String, _ sideEffects: String, strict: Condition? = nil, path: [String] = ["a", "b"]
    ) -> Rule {
        Rule(
            id: id, title: "T", severity: .low, fact: "x.y", expect: .test(.present),
            fixes: path.isEmpty ? [Fix(manual: "Do it.")] : [Fix(path: path, value: .boolean(true))],
            levels: strict.map { [.strict: LevelOverride(expect: $0)] } ?? [:],
            rationale: "R", sideEffects: sideEffects, file: "x.toml", line: 1)
    }

    @Test func whatIsNewStricterAndQuiet() {
        let rules = [
            rule("x.a", "Slow | pipes."), rule("x.b", "None known."),
            rule("x.c", "Old clients.", strict: .test(.absent)), rule("x.d", "Old clients.", path: []),
            rule("y.e", "In no profile."),
        ]
        let selected: [Level: Set<String>] = [
            .minimal: ["x.a"], .standard: ["x.a", "x.b", "x.c"], .strict: ["x.a", "x.b", "x.c", "x.d"],
        ]
        let text = LevelReference.page(from: "# By hand\n\n", rules: rules, selected: selected)
        #expect(text.hasPrefix("# By hand\n\n\(LevelReference.marker)\n"))
        let parts = text.components(separatedBy: "\n## ")
        #expect(parts.count == 4)
        // A level names what it adds, not what the one before did.
        #expect(parts[1].contains(#"| Slow \| pipes. | [`x.a`](rules/x.md) | option |"#))
        #expect(parts[1].hasPrefix("minimal\n\n1 rule, 1 of them new. Of what changes here, 0 have no"))
        #expect(
            parts[2].contains("3 rules, 2 of them new, and 0 that ask for more than before. Of what changes here, 1 "))
        #expect(parts[2].contains("| Old clients. | [`x.c`](rules/x.md) | option |"))
        #expect(!parts[2].contains("x.a") && !parts[2].contains("x.b"))
        #expect(parts[3].contains("| Old clients. | [`x.d`](rules/x.md) | by hand |"))
        #expect(parts[3].contains("| Old clients. | [`x.c`](rules/x.md) (stricter) | option |"))
        #expect(!text.contains("y.e"))
        // Written again it stays as it is.
        #expect(LevelReference.page(from: text, rules: rules, selected: selected) == text)
        for hand in ["", "one line", "\n"] {
            let page = LevelReference.page(from: hand, rules: rules, selected: selected)
            #expect(LevelReference.page(from: page, rules: rules, selected: selected) == page, "\(hand)")
        }
    }
}
