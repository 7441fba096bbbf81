import FirnEvaluation
import FirnModel

/// Compares what a configuration declares with the repair of a rule that fails.
///
/// A rule may ask several facts, and fail by another than its own. Its own may then be stricter than the repair: a
/// declared 3, where at least 2 is wanted and the repair writes 2.
enum FixStrictness {
    /// The rules of a report whose declared value already is what the rule asks of it, and stricter than the repair.
    static func rules(_ report: Report, targets: [Int], profile: ResolvedProfile, evaluator: Evaluator) -> Set<String> {
        let selected = Dictionary(profile.rules.map { ($0.rule.id, $0) }, uniquingKeysWith: { first, _ in first })
        var found: Set<String> = []
        for result in report.results where result.source == .declared && targets.contains(result.target) {
            guard result.outcome != .pass, report.snapshots.indices.contains(result.target),
                let rule = selected[result.rule], let repair = result.fix?.value,
                case .known(let value, _) = report.snapshots[result.target].fact(rule.rule.fact)
            else { continue }
            if isStricter(value, than: repair, rule: rule, evaluator: evaluator) { found.insert(result.rule) }
        }
        return found
    }

    /// Whether a value satisfies all that a rule asks of it, and is beyond the repair in the direction of the rule.
    static func isStricter(
        _ value: FactValue, than repair: FactValue, rule selected: SelectedRule, evaluator: Evaluator
    ) -> Bool {
        let parts = parts(selected.expect).filter { $0.facts(subject: selected.rule.fact) == [selected.rule.fact] }
        guard !parts.isEmpty else { return false }
        let isBeyond: Bool
        switch (value, repair) {
        case (.integer(let value), .integer(let repair)):
            isBeyond = parts.contains { part in
                switch part {
                case .test(.atLeast(.integer)): value > repair
                case .test(.atMost(.integer)): value < repair
                default: false
                }
            }
        case (.list(let value), .list(let repair)):
            isBeyond = !value.isEmpty && Set(value).isStrictSubset(of: repair)
        case (.boolean, _), (.integer, _), (.string, _), (.list, _):
            isBeyond = false
        }
        guard isBeyond else { return false }
        var rule = selected.rule
        rule.appliesWhen = nil
        return evaluator.outcome(of: rule, expect: .all(parts), facts: [rule.fact: .known(value, [])]) == .pass
    }

    private static func parts(_ condition: Condition) -> [Condition] {
        if case .all(let parts) = condition { parts.flatMap(Self.parts) } else { [condition] }
    }
}
