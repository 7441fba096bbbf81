public import FirnModel

/// Metrics of a report in one text that is OpenMetrics 1.0 and Prometheus text 0.0.4 (which node_exporter's textfile
/// collector reads) at once: gauges only, HELP before TYPE, no UNIT, no timestamps, `# EOF` last, a comment in 0.0.4.
///
/// The number of series is bounded whatever the report holds: systems beyond `systemLimit` are one, and failed rules
/// beyond `ruleLimit` are counted in `firn_rules_failed_omitted`. A label value is cut after `labelLimit` characters.
public enum OpenMetrics {
    /// How many systems have series of their own.
    public static let systemLimit = 200
    /// How many failed rules have a series of their own, the most severe first.
    public static let ruleLimit = 500
    /// The most characters of a label's value.
    public static let labelLimit = 200

    private struct Series: Hashable, Comparable {
        var system: String
        var source: SourceKind

        static func < (left: Series, right: Series) -> Bool {
            (left.system, left.source) < (right.system, right.source)
        }
    }

    private struct FailedRule: Hashable, Comparable {
        var severity: Severity
        var rule: String
        var series: Series

        static func < (left: FailedRule, right: FailedRule) -> Bool {
            if left.severity != right.severity { return left.severity > right.severity }
            return (left.rule, left.series) < (right.rule, right.series)
        }
    }

    /// Renders a report.
    public static func render(_ report: Report) -> String {
        text(report).end()
    }

    /// The metrics of a report, to which its maker may add its own.
    package static func text(_ report: Report) -> MetricsText {
        let names = systemNames(report)
        func series(_ result: Result) -> Series {
            let isListed = names.indices.contains(result.target)
            return Series(system: isListed ? names[result.target] : "target not listed", source: result.source)
        }
        var tallies: [Series: Tally] = [:]
        // A target without a result has its zeros, so that nobody takes its silence for an old file.
        for (index, target) in report.targets.enumerated() {
            tallies[Series(system: names[index], source: target.source)] = Tally([])
        }
        var failed: Set<FailedRule> = []
        for result in report.results {
            let key = series(result)
            tallies[key, default: Tally([])].outcomes[result.outcome, default: 0] += 1
            guard result.outcome == .fail else { continue }
            if result.waiver == nil {
                tallies[key]?.fails[result.severity, default: 0] += 1
                failed.insert(FailedRule(severity: result.severity, rule: value(result.rule), series: key))
            } else {
                tallies[key]?.waived += 1
            }
        }
        var text = MetricsText()
        let ordered = tallies.sorted { $0.key < $1.key }
        text.gauge("firn_results", "Results by outcome; waived failures are among the fails.") { gauge in
            for (key, tally) in ordered {
                for outcome in Outcome.allCases {
                    gauge.sample(labels(key) + [("outcome", outcome.rawValue)], tally.count(outcome))
                }
            }
        }
        text.gauge("firn_findings", "Failures without a waiver by severity.") { gauge in
            for (key, tally) in ordered {
                for severity in Severity.allCases {
                    gauge.sample(labels(key) + [("severity", severity.rawValue)], tally.fails[severity] ?? 0)
                }
            }
        }
        text.gauge("firn_waived", "Failures with a waiver.") { gauge in
            for (key, tally) in ordered { gauge.sample(labels(key), tally.waived) }
        }
        let rules = failed.sorted()
        text.gauge("firn_rule_failed", "1 for each rule that failed without a waiver, the most severe ones.") { gauge in
            for rule in rules.prefix(ruleLimit) {
                gauge.sample(
                    labels(rule.series) + [("severity", rule.severity.rawValue), ("rule", rule.rule)], 1)
            }
        }
        text.gauge("firn_rules_failed_omitted", "Failed rules without a series of their own in firn_rule_failed.") {
            $0.sample([], max(rules.count - ruleLimit, 0))
        }
        text.gauge("firn_drift", "Differences between layers by the layer from which they differ.") { gauge in
            for source in SourceKind.allCases {
                gauge.sample([("source", source.rawValue)], report.drift.count { $0.layer == source })
            }
        }
        text.gauge("firn_report_collected_timestamp_seconds", "When the facts were collected, since 1970.") {
            $0.sample([], report.collectedAt)
        }
        if let verdict = report.verdict {
            let policy = [("policy", value(verdict.policy))]
            text.gauge("firn_gate_pass", "1 when the gate let it pass, 0 when it is blocked.") {
                $0.sample(policy, verdict.decision == .pass ? 1 : 0)
            }
            text.gauge("firn_gate_valid_until_timestamp_seconds", "The last second the verdict holds, since 1970.") {
                $0.sample(policy, verdict.validUntil)
            }
        }
        text.gauge("firn_info", "What made the report.") {
            $0.sample(
                [
                    ("tool", value(report.tool)), ("profile", value(report.profile)),
                    ("profile_digest", value(report.profileDigest)),
                    ("catalogue_digest", value(report.catalogueDigest)),
                ], 1)
        }
        return text
    }

    /// The name of each target's system as a label has it.
    private static func systemNames(_ report: Report) -> [String] {
        var names = [String](repeating: "", count: report.targets.count)
        for (index, system) in ReportSystem.of(report).enumerated() {
            let name = index < systemLimit ? value(system.name) : "other systems"
            for target in system.targets { names[target] = name }
        }
        return names
    }

    private static func labels(_ series: Series) -> [(String, String)] {
        [("system", series.system), ("source", series.source.rawValue)]
    }

    private static func value(_ text: String) -> String {
        VisibleText.escape(text, limit: labelLimit)
    }
}
