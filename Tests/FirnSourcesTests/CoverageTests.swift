import FirnCatalogue
import FirnModel
import FirnTestSupport
import Foundation
import Testing

/// Which source answers which rule: a reviewed page, made from all real systems. The gate's "open until live" rests on it.
@Suite struct CoverageTests {
    /// What a source does with a rule over all systems.
    private struct Tally {
        var checked = 0
        var notChecked = 0

        var word: String {
            if checked == 0 { return "no" }
            return notChecked == 0 ? "yes" : "partly"
        }
    }

    static func page() throws -> String {
        var tallies: [String: [SourceKind: Tally]] = [:]
        for fixture in Audit.fixtures {
            var snapshots = [try Audit.declared(fixture)]
            snapshots += try Audit.built(fixture).map(\.snapshot)
            for snapshot in snapshots {
                for (id, result) in try Audit.allOutcomes(snapshot) {
                    if result.outcome == .notChecked {
                        tallies[id, default: [:]][snapshot.source, default: Tally()].notChecked += 1
                    } else {
                        tallies[id, default: [:]][snapshot.source, default: Tally()].checked += 1
                    }
                }
            }
        }
        // What only a scan of the whole closure answers.
        var deep: Set<String> = []
        for snapshot in try Audit.built("current-a-default", isDeep: true).map(\.snapshot) {
            for (id, result) in try Audit.allOutcomes(snapshot) where result.outcome != .notChecked { deep.insert(id) }
        }
        var text = "<!-- Generated from all real systems by `make coverage`. Review each difference. -->\n"
        text += """
            # Coverage: which source answers which rule

            *yes*: on every system of `Tests/Fixtures/nixos`. *partly*: on some; the others lack what the rule asks (another
            release's options, an export that does not name the platform). *with --deep*: only in a scan of the whole closure.
            *no*: never, the source does not supply the fact.
            A rule that neither source answers waits for the live host.


            """
        let rules = try Audit.catalogue.get().orderedRules
        for (family, rules) in Dictionary(grouping: rules, by: \.family).sorted(by: { $0.key < $1.key }) {
            text += "## \(family)\n\n| rule | declared | built |\n|---|---|---|\n"
            for rule in rules {
                let tally = tallies[rule.id] ?? [:]
                var built = tally[.built]?.word ?? "no"
                if built == "no", deep.contains(rule.id) { built = "with --deep" }
                text += "| `\(rule.id)` | \(tally[.declared]?.word ?? "no") | \(built) |\n"
            }
            text += "\n"
        }
        return text
    }

    @Test func thePageIsWhatTheSourcesDo() throws {
        let page = try Self.page()
        let path = Repository.path("docs/coverage.md")
        if ProcessInfo.processInfo.environment["RECORD_COVERAGE"] == "1" {
            try Data(page.utf8).write(to: URL(fileURLWithPath: path))
        }
        let stored = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let changed = zip(stored.split(separator: "\n"), page.split(separator: "\n")).first { $0 != $1 }
        #expect(
            stored == page, "docs/coverage.md is stale, from \(changed?.1 ?? "its end"): run make coverage and review")
    }

    /// A rule nobody can answer is dead weight in a profile.
    @Test func everyRuleIsAnsweredBySomeSource() throws {
        for line in try Self.page().split(separator: "\n") where line.hasSuffix("| no | no |") {
            let rule = line.split(separator: "`").dropFirst().first.map(String.init) ?? ""
            #expect(Self.liveOnly.contains(rule), "\(rule) is answered by no source")
        }
    }

    /// Rules that only the live host will answer, with the reason.
    static let liveOnly: Set<String> = []
}
