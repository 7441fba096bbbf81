import FirnModel
import FirnReportCore

/// Makes a trend of the judgements of one host's reports, the oldest first.
struct HistoryBuilder {
    /// One way in which a report judged a rule.
    struct Judged {
        var rule: String
        var outcome: Outcome
        var severity: Severity
        var isWaived: Bool

        var state: HistoryTrend.State {
            switch outcome {
            case .fail: isWaived ? .waived : .fails
            case .unknown, .error: .untold
            case .pass: .passes
            case .notApplicable, .notChecked: .silent
            }
        }
    }

    private var points: [HistoryTrend.Point] = []
    private var rules: [String: HistoryTrend.Rule] = [:]

    mutating func add(_ judged: [Judged], at time: Int64, profile: String) {
        var worst: [String: (state: HistoryTrend.State, severity: Severity)] = [:]
        for one in judged {
            let known = worst[one.rule]
            worst[one.rule] = (
                max(known?.state ?? .silent, one.state), max(known?.severity ?? .info, one.severity)
            )
        }
        var point = HistoryTrend.Point(
            collectedAt: time, profile: profile,
            fails: Dictionary(uniqueKeysWithValues: Severity.allCases.map { ($0, 0) }), waived: 0, untold: 0)
        for (id, one) in worst {
            switch one.state {
            case .fails: point.fails[one.severity, default: 0] += 1
            case .waived: point.waived += 1
            case .untold: point.untold += 1
            case .passes, .silent: break
            }
            var rule = rules[id] ?? HistoryTrend.Rule(id: id, severity: one.severity, states: [])
            rule.severity = one.severity
            while rule.states.count < points.count { rule.states.append(.silent) }
            rule.states.append(one.state)
            rules[id] = rule
        }
        points.append(point)
    }

    /// The trend; with every rule, or those that failed or could not be told at some point.
    func trend(host: String, sources: [SourceKind], isWhole: Bool) -> HistoryTrend {
        let shown = rules.values.filter { rule in isWhole || rule.states.contains { $0 >= .waived } }.map { rule in
            var rule = rule
            while rule.states.count < points.count { rule.states.append(.silent) }
            return rule
        }
        return HistoryTrend(
            host: host, sources: sources, points: points,
            rules: shown.sorted { $0.severity == $1.severity ? $0.id < $1.id : $0.severity > $1.severity })
    }
}
