import FirnModel

/// The results of one rule over all targets, shown under one heading.
struct RuleGroup {
    /// The rule's id.
    let rule: String
    /// Its title.
    let title: String
    /// The highest severity among its results.
    let severity: Severity
    /// The results in the order of the report.
    let results: [Result]

    /// The groups of a report, ordered by severity (the highest first) and id.
    static func of(_ results: [Result]) -> [RuleGroup] {
        var byRule: [String: [Result]] = [:]
        for result in results { byRule[result.rule, default: []].append(result) }
        return byRule.map { rule, results in
            RuleGroup(
                rule: rule, title: results.first?.title ?? "", severity: results.map(\.severity).max() ?? .info,
                results: results)
        }
        .sorted { left, right in
            left.severity == right.severity ? left.rule < right.rule : left.severity > right.severity
        }
    }

    /// Whether a result is a failure nobody has accepted.
    var isFinding: Bool {
        results.contains { $0.outcome == .fail && $0.waiver == nil }
    }

    /// Whether all its failures, of which there is one, are accepted.
    var isWaived: Bool {
        !isFinding && results.contains { $0.outcome == .fail }
    }

    /// The different fixes of its failures, in the order of the report.
    var fixes: [Fix] {
        var seen: Set<Fix> = []
        return results.filter { $0.outcome == .fail }.compactMap(\.fix).filter { seen.insert($0).inserted }
    }

    /// The different things its failures should be, in the order of the report.
    var expectations: [String] {
        var seen: Set<String> = []
        return results.filter { $0.outcome == .fail }.map(\.expected).filter { seen.insert($0).inserted }
    }

    /// The different waivers of its failures, in the order of the report.
    var waivers: [Waiver] {
        var seen: Set<Waiver> = []
        return results.filter { $0.outcome == .fail }.compactMap(\.waiver).filter { seen.insert($0).inserted }
    }
}
