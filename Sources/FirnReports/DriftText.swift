import FirnModel
import FirnReportCore

/// The page of `firn drift` for a terminal: the layers, what differs, what could not be compared, and one line with the
/// answer.
enum DriftText {
    static func render(_ report: Report, _ findings: DriftFindings, options: RenderOptions) -> String {
        var page = TextPage(report, options: options)
        page.layers()
        page.generations()
        page.drift()
        page.untold(findings)
        let words = DriftWords(report, findings)
        page.canvas.blank()
        page.canvas.flow(
            [TextSpan(words.phrases.joined(separator: ", ") + ": "), TextSpan(words.word, words.style)],
            indent: 2, column: 2)
        return page.canvas.text
    }
}

extension TextPage {
    /// The systems with the layers of each.
    fileprivate mutating func layers() {
        let hosts = Set(HostGeneration.of(report.targets).map(\.message))
        for (number, system) in ReportSystem.of(report).enumerated() {
            if number > 0 { canvas.blank() }
            canvas.flow(
                [
                    TextSpan(Self.cut(system.name), .strong),
                    TextSpan("  " + Self.cut(system.identity.toplevel ?? "names no toplevel"), .quiet),
                ], column: 0)
            for target in system.targets.sorted(by: { report.targets[$0].source < report.targets[$1].source }) {
                let time = report.snapshots.indices.contains(target) ? report.snapshots[target].collectedAt : nil
                canvas.flow(
                    [
                        TextSpan(Self.cut(report.targets[target].name)),
                        TextSpan(time.map { "  collected " + Self.time($0) } ?? "", .quiet),
                    ], label: TextSpan(report.targets[target].source.rawValue), indent: 2, column: 12)
            }
        }
        // What is a finding of its own has its own place.
        for note in report.notes where !hosts.contains(note) {
            canvas.flow([TextSpan(Self.cut(note), .quiet)], label: TextSpan("note", .quiet), indent: 2, column: 12)
        }
    }

    /// Rules of which it is not known whether they drifted, by the reason.
    fileprivate mutating func untold(_ findings: DriftFindings) {
        if findings.untold.isEmpty { return }
        canvas.blank()
        canvas.heading("COULD NOT BE COMPARED", Self.plural(findings.untold.count, "rule"), .medium)
        canvas.blank()
        let wanted = Set(findings.untold)
        var order: [String] = []
        var rules: [String: [String]] = [:]
        for result in report.results
        where wanted.contains(DriftFindings.Untold(rule: result.rule, target: result.target)) {
            let reason = "\(label(result.target)): \(result.message ?? "no reason is given")"
            if rules[reason] == nil { order.append(reason) }
            rules[reason, default: []].append(result.rule)
        }
        let shown = options.verbosity == .all ? order[...] : order.prefix(10)
        for reason in shown {
            canvas.flow([TextSpan(Self.cut(reason))], label: TextSpan("UNKN", .medium), column: ruleColumn)
            canvas.flow(
                [TextSpan(Self.cut((rules[reason] ?? []).joined(separator: ", ")), .quiet)], column: ruleColumn)
        }
        if shown.count < order.count {
            canvas.flow(
                [TextSpan("\(order.count - shown.count) more reasons: --all shows them", .quiet)], column: ruleColumn)
        }
    }
}
