import FirnModel
import FirnReportCore

extension HTMLPage {
    /// What passed: a row a rule, folded.
    func passed(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let passed = system.groups.compactMap { group -> (RuleGroup, [Result])? in
            let results = group.results.filter { $0.outcome == .pass }
            return results.isEmpty ? nil : (group, results)
        }
        .sorted { $0.0.rule < $1.0.rule }
        if passed.isEmpty { return }
        let isOne = system.system.targets.count == 1
        html.element(.section, [.id(system.places.passed), .group]) { html in
            html.element(Self.heading(level), "Passed (\(passed.count))")
            html.element(
                .p, [.style(.quiet)], "On at least one source; where another fails, the rule is a finding too.")
            html.element(.details, [.style(.fold), .fold]) { html in
                html.element(.summary, "Show \(TextPage.plural(passed.count, "rule"))")
                html.element(.div, [.style(.scroll), .focusable, .region, .label("Rules that passed")]) { html in
                    html.element(.table, [.style(.passes)]) { html in
                        html.element(.caption, "Rules that passed, on at least one source, with what was seen")
                        Self.head(["Rule", "Seen"], &html)
                        html.element(.tbody) { html in
                            for (group, results) in passed {
                                let entry = HTMLEntry(
                                    "pass", group.severity.rawValue, Self.sources(results), HTMLWords.family(group.rule)
                                )
                                html.element(.tr, [.entry(entry)]) { html in
                                    html.element(.th, [.rowHead]) { html in
                                        html.element(.code) { $0.whole(group.rule) }
                                        html.gap()
                                        html.text(group.title)
                                    }
                                    html.element(.td) { html in self.values(results, isOne: isOne, &html) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What each source saw; sources that saw the same, once.
    private func values(_ results: [Result], isOne: Bool, _ html: inout HTMLWriter) {
        var order: [String] = []
        var targets: [String: [Int]] = [:]
        for result in results {
            let value = result.observed ?? "not set"
            if targets[value] == nil { order.append(value) }
            targets[value, default: []].append(result.target)
        }
        for (index, value) in order.enumerated() {
            if index > 0 { html.text("; ") }
            html.element(.code, value)
            if isOne { continue }
            html.gap()
            html.element(.span, [.style(.source)], (targets[value] ?? []).map(label).joined(separator: ", "))
        }
    }
}
