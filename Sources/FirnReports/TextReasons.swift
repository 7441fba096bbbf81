import FirnModel

extension TextPage {
    /// Results of one outcome by their reason: one file that cannot be read takes many rules with it.
    mutating func reasons(_ title: String, _ word: String, _ outcome: Outcome, _ style: TextStyle) {
        let results = report.results.filter { $0.outcome == outcome }
        if results.isEmpty { return }
        canvas.blank()
        canvas.heading(title, Self.plural(Set(results.map(\.rule)).count, "rule"), style)
        canvas.blank()
        for (reason, results) in Self.byReason(results) {
            canvas.flow([TextSpan(Self.cut(reason))], label: TextSpan(word, style), column: ruleColumn)
            for (names, rules) in Self.byTargets(results, label) {
                let suffix = names.count < report.targets.count ? "  (\(names.joined(separator: ", ")))" : ""
                canvas.flow(
                    [TextSpan(rules.map(Self.cut).joined(separator: ", "), .strong), TextSpan(suffix, .quiet)],
                    column: ruleColumn)
            }
        }
    }

    /// Rules by the targets they have this outcome on: mostly all of them.
    private static func byTargets(_ results: [Result], _ label: (Int) -> String) -> [([String], [String])] {
        var targets: [String: Set<Int>] = [:]
        for result in results { targets[result.rule, default: []].insert(result.target) }
        var rules: [[Int]: [String]] = [:]
        for (rule, own) in targets { rules[own.sorted(), default: []].append(rule) }
        return rules.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key.map(label), $0.value.sorted()) }
    }

    /// Results by reason, the reason with the most rules first.
    static func byReason(_ results: [Result]) -> [(String, [Result])] {
        var byReason: [String: [Result]] = [:]
        for result in results {
            let reason =
                result.outcome == .notChecked
                ? result.message ?? "the source does not supply the fact"
                : result.message ?? "no reason was given"
            byReason[reason, default: []].append(result)
        }
        return byReason.sorted { left, right in
            left.value.count == right.value.count ? left.key < right.key : left.value.count > right.value.count
        }
        .map { ($0.key, $0.value) }
    }
}
