import FirnModel
import FirnReportCore

/// A judgement as OpenMetrics, in the subset that node_exporter's textfile collector reads too.
public enum UpdateMetrics {
    /// The most characters of a label's value.
    public static let labelLimit = 200

    /// Renders it. `tool` is the name and version of what made it.
    public static func render(_ judgement: UpdateJudgement, tool: String) -> String {
        let subject = judgement.subject
        func value(_ text: String?) -> String { VisibleText.escape(text ?? "", limit: labelLimit) }
        func outcomes(_ gauge: inout MetricsText.Gauge, _ outcome: Outcome) {
            for one in Outcome.allCases { gauge.sample([("outcome", one.rawValue)], one == outcome ? 1 : 0) }
        }
        var text = MetricsText()
        text.gauge("firn_updates_outcome", "1 for the outcome of the whole question, 0 for the others.") {
            outcomes(&$0, judgement.outcome)
        }
        text.gauge("firn_updates_support", "1 for the outcome of: does the release still get updates?") {
            outcomes(&$0, judgement.support.outcome)
        }
        text.gauge("firn_updates_currency", "1 for the outcome of: has the system the newest revision of a channel?") {
            outcomes(&$0, judgement.currency.outcome)
        }
        text.gauge(
            "firn_updates_end_of_life_timestamp_seconds",
            "When the last day of updates begins, since 1970, where it is known or known to be no earlier."
        ) { gauge in
            guard let date = judgement.endOfLife.flatMap({ BoundedDate($0) }), date.kind != .orEarlier else { return }
            gauge.sample([], date.date.seconds)
        }
        text.gauge("firn_updates_revision_timestamp_seconds", "The day of the system's revision, since 1970.") {
            if let date = subject.date { $0.sample([], date.seconds) }
        }
        text.gauge("firn_updates_commits_behind", "How many commits the channel is ahead, where both count them.") {
            if let count = judgement.commitsBehind {
                $0.sample([], count)
            } else if judgement.currency.outcome == .pass {
                $0.sample([], 0)
            }
        }
        text.gauge("firn_updates_judged_timestamp_seconds", "When this was judged, since 1970.") {
            $0.sample([], judgement.now)
        }
        text.gauge("firn_updates_info", "The system and the channel it was compared with.") {
            $0.sample(
                [
                    ("tool", value(tool)), ("release", value(subject.release)), ("version", value(subject.version)),
                    ("revision", value(subject.revision?.text)), ("channel", value(judgement.channel?.channel)),
                ], 1)
        }
        return text.end()
    }
}
