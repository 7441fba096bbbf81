import FirnModel

/// Findings that have one cause: rules of one family and severity that failed on the very same evidence, as all rules
/// about open ports do when the firewall is off. People read the cause once.
struct FindingCluster {
    /// The rules, ordered by id; mostly one.
    let groups: [RuleGroup]

    /// From how many rules on one cause is said once; below, a line each reads better.
    static let least = 4

    /// The severity they share.
    var severity: Severity { groups.first?.severity ?? .info }

    /// Whether it is folded.
    var isFolded: Bool { groups.count >= Self.least }

    /// The family of the rules: all before the first dot of the id.
    var family: String { groups.first.map { Self.family($0.rule) } ?? "" }

    private static func family(_ rule: String) -> String { String(rule.prefix { $0 != "." }) }

    /// What makes findings one: severity, family, and per target the places they were seen at.
    private struct Cause: Hashable {
        var severity: Severity
        var family: String
        var places: [Int: [Evidence]]
    }

    /// The clusters of findings, which are ordered by severity, in the order of their first rule.
    static func of(_ groups: [RuleGroup]) -> [FindingCluster] {
        var order: [Cause] = []
        var byCause: [Cause: [RuleGroup]] = [:]
        for group in groups {
            var places: [Int: [Evidence]] = [:]
            for result in group.results where result.outcome == .fail { places[result.target] = result.evidence }
            let isSeen = places.values.allSatisfy { !$0.isEmpty }
            // Without evidence nothing says that the cause is the same.
            if !isSeen { places[-1] = [Evidence(path: group.rule)] }
            let cause = Cause(severity: group.severity, family: family(group.rule), places: places)
            if byCause[cause] == nil { order.append(cause) }
            byCause[cause, default: []].append(group)
        }
        return order.flatMap { cause -> [FindingCluster] in
            let groups = byCause[cause] ?? []
            if groups.count >= least { return [FindingCluster(groups: groups)] }
            return groups.map { FindingCluster(groups: [$0]) }
        }
        .sorted { left, right in
            if left.severity != right.severity { return left.severity > right.severity }
            return (left.groups.first?.rule ?? "") < (right.groups.first?.rule ?? "")
        }
    }
}
