import FirnModel
import FirnReportCore

extension TextPage {
    /// The counts, everything that is no answer, and the answer in one line.
    mutating func summary() {
        let summary = ReportSummary(report)
        canvas.blank()
        canvas.heading("SUMMARY", "", .strong)
        if !report.targets.isEmpty { table(summary) }
        severities(summary)
        rows(report.results.filter { $0.outcome == .notApplicable }, "not applicable")
        notChecked(summary)
        row("dropped", report.dropped.map { "\(Self.cut($0.id)): \(Self.cut($0.reason))" })
        canvas.blank()
        answer(summary)
    }

    private mutating func table(_ summary: ReportSummary) {
        canvas.blank()
        let heads = ["pass", "fail", "waived", "unknown", "error", "not applicable", "not checked"]
        let labelWidth = bodyColumn - ruleColumn
        var head = String(repeating: " ", count: labelWidth)
        for text in heads { head += "  " + text }
        canvas.line([TextSpan(head, .quiet)], indent: 2)
        for (index, tally) in summary.targets.enumerated() {
            let counts = [
                tally.count(.pass), tally.count(.fail) - tally.waived, tally.waived, tally.count(.unknown),
                tally.count(.error), tally.count(.notApplicable), tally.count(.notChecked),
            ]
            let styles: [TextStyle] = [.good, .high, .plain, .medium, .critical, .plain, .plain]
            var spans = [TextSpan(TextCanvas.padded(label(index), labelWidth))]
            for (column, count) in counts.enumerated() {
                let text = "  " + TextCanvas.rightAligned(count == 0 ? "-" : String(count), heads[column].utf8.count)
                spans.append(TextSpan(text, count == 0 ? .quiet : styles[column]))
            }
            canvas.line(spans, indent: 2)
        }
        canvas.blank()
    }

    private mutating func severities(_ summary: ReportSummary) {
        var counts: [String] = []
        for severity in Severity.allCases.sorted(by: >) {
            let count = groups.count { $0.isFinding && $0.severity == severity }
            if count > 0 { counts.append("\(count) \(severity.rawValue)") }
        }
        if !counts.isEmpty { row("findings", [counts.joined(separator: ", ")]) }
    }

    /// One row a reason, the most frequent ones; `--all` names the rules of each.
    private mutating func rows(_ results: [Result], _ title: String) {
        let limit = 6
        let reasons = Self.byReason(results)
        var lines = reasons.prefix(limit).map { reason, results in
            "\(Self.plural(Set(results.map(\.rule)).count, "rule")): \(Self.cut(reason))"
        }
        let others = reasons.dropFirst(limit).flatMap(\.1)
        if !others.isEmpty {
            lines.append("\(Self.plural(Set(others.map(\.rule)).count, "rule")) for other reasons (--all)")
        }
        row(title, lines)
    }

    private mutating func row(_ title: String, _ lines: [String]) {
        for (index, line) in lines.enumerated() {
            canvas.flow([TextSpan(line)], label: TextSpan(index == 0 ? title : "", .quiet), indent: 2, column: 18)
        }
    }

    private mutating func notChecked(_ summary: ReportSummary) {
        let none = summary.notCheckedByAnySource
        var lines: [String] = []
        for (index, tally) in summary.targets.enumerated() {
            let count = tally.count(.notChecked)
            guard count > 0 else { continue }
            lines.append("\(Self.plural(count, "rule")) by \(label(index))")
        }
        if !none.isEmpty {
            lines.append("by no source: " + Self.byFamily(none))
        }
        row("not checked", lines)
    }

    /// The rules by name, a family of many by its count: one file that a target lacks takes a whole family with it.
    private static func byFamily(_ rules: [String]) -> String {
        let families = Dictionary(grouping: rules) { String($0.prefix { $0 != "." }) }
        return families.sorted { $0.key < $1.key }.map { family, rules in
            rules.count > 4 ? "\(rules.count) of \(cut(family))" : rules.map(cut).joined(separator: ", ")
        }.joined(separator: ", ")
    }

    /// `27 findings, 3 could not be told: incomplete`.
    private mutating func answer(_ summary: ReportSummary) {
        if let verdict = report.verdict {
            // The gate may accept what a check would not, and the other way round: its answer is the answer.
            canvas.flow(Self.answer(verdict), indent: 2, column: 4)
            return
        }
        let code = ExitCode.of(results: report.results, failOn: options.failOn)
        let findings = groups.filter(\.isFinding)
        let below = findings.count { group in
            !group.results.contains { $0.outcome == .fail && $0.waiver == nil && $0.severity >= options.failOn }
        }
        var parts: [String] = []
        if report.results.isEmpty {
            parts.append("nothing was judged")
        } else {
            parts.append(
                findings.isEmpty ? "no findings" : Self.plural(findings.count, "finding"))
            if below > 0 { parts[0] += " (\(below) below \(options.failOn.rawValue))" }
        }
        let phrases: [(Int, String)] = [
            (groups.count(where: \.isWaived), "waived"),
            (rules(.unknown), "could not be told"),
            (rules(.error), "in error"),
            (report.drift.count, report.drift.count == 1 ? "differs between layers" : "differ between layers"),
            (summary.notCheckedByAnySource.count, "not checked by any source"),
        ]
        parts += phrases.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if code == ExitCode.incomplete && rules(.unknown) == 0 && !report.results.isEmpty {
            parts.append("nothing could be judged on some target")
        }
        let (word, style): (String, TextStyle) =
            switch code {
            case ExitCode.pass: ("pass", .good)
            case ExitCode.findings: ("fail", .critical)
            case ExitCode.error: ("error", .critical)
            default: ("incomplete", .medium)
            }
        canvas.flow([TextSpan(parts.joined(separator: ", ") + ": "), TextSpan(word, style)], indent: 2, column: 2)
    }

    private func rules(_ outcome: Outcome) -> Int {
        Set(report.results.filter { $0.outcome == outcome }.map(\.rule)).count
    }
}
