import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

struct RuleReferenceTests {
    /// docs/rules is what the catalogue says; `make catalogue` writes it.
    @Test func thePagesAreNotStale() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        let selected = Dictionary(uniqueKeysWithValues: Level.allCases.map { ($0, catalogue.rules(selectedAt: $0)) })
        let pages = RuleReference.pages(rules: catalogue.orderedRules, selected: selected)
        let stored = try FileManager.default.contentsOfDirectory(atPath: Repository.path("docs/rules"))
        #expect(Set(stored) == Set(pages.keys), "run make catalogue")
        for (name, text) in pages {
            let page = String(decoding: try Repository.bytes("docs/rules/\(name)"), as: UTF8.self)
            #expect(page == text, "docs/rules/\(name) is stale: run make catalogue")
        }
    }

    @Test func everyRuleIsOnItsPage() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        #expect(catalogue.orderedRules.count >= 237)
        for rule in catalogue.orderedRules {
            let page = String(decoding: try Repository.bytes("docs/rules/\(rule.family).md"), as: UTF8.self)
            #expect(page.contains("## `\(rule.id)`\n"), "\(rule.id)")
        }
    }

    @Test func textStaysText() {
        let rule = Rule(
            id: "x.`y`", title: "*bold* <script> [a](b) | c", severity: .low, fact: "x.y", expect: .test(.present),
            fixes: [Fix(manual: "`rm`\n# not a heading")], rationale: "1 < 2", sideEffects: "None known.",
            file: "x.toml", line: 1)
        let page = RuleReference.pages(rules: [rule], selected: [:])["x.md"] ?? ""
        #expect(page.contains(#"\*bold\* \<script\> \[a\](b) \| c"#))
        #expect(page.contains("## `` x.`y` ``"))
        #expect(!page.contains("\n# not a heading"))
        #expect(page.contains("- **in no built-in profile** set"))
    }
}
