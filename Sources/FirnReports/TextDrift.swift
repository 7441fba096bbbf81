import FirnModel
import FirnReportCore

extension TextPage {
    /// Hosts that run, or were booted from, another generation.
    mutating func generations() {
        let hosts = HostGeneration.of(report.targets)
        if hosts.isEmpty { return }
        canvas.blank()
        canvas.heading("ANOTHER GENERATION", Self.plural(hosts.count, "finding"), .high)
        canvas.blank()
        for host in hosts {
            canvas.flow([TextSpan(Self.cut(host.message))], label: TextSpan("GEN", .high), column: ruleColumn)
        }
    }

    /// A line a rule with a column a layer, the gravest first, and below it which layer broke it and what is likely to have
    /// caused it.
    mutating func drift() {
        let rows = DriftRow.of(report)
        if rows.isEmpty { return }
        canvas.blank()
        canvas.heading("DRIFT", Self.plural(rows.count, "difference"), .high)
        canvas.blank()
        let sources = rows[0].cells.map(\.source)
        let rules = rows.map { TextCanvas.columns(Self.cut($0.drift.rule)) }.max() ?? 0
        // The rule has two fifths at most; the layers share the rest.
        let rule = max(min(rules, canvas.width * 2 / 5), 4)
        let room = (canvas.width - ruleColumn - rule - 2 * sources.count) / max(sources.count, 1)
        let widths = sources.indices.map { index in
            let longest = rows.map { TextCanvas.columns(Self.cut($0.cells[index].text)) }.max() ?? 0
            return max(min(longest, room), sources[index].rawValue.utf8.count)
        }
        var head = [TextSpan(TextCanvas.padded("", ruleColumn) + TextCanvas.padded("rule", rule), .quiet)]
        for (source, width) in zip(sources, widths) {
            head.append(TextSpan("  " + TextCanvas.padded(source.rawValue, width), .quiet))
        }
        canvas.line(trimmed(head))
        for row in rows { self.drift(row, rule: rule, widths: widths) }
    }

    private mutating func drift(_ row: DriftRow, rule: Int, widths: [Int]) {
        canvas.blank()
        let style = Self.colour(row.drift.severity)
        let name = Self.cut(row.drift.rule)
        var spans = [
            TextSpan(TextCanvas.padded("DRFT", ruleColumn), style), TextSpan(TextCanvas.padded(name, rule), .strong),
        ]
        // A longer name takes a line of its own, and the layers keep their columns.
        if TextCanvas.columns(name) > rule {
            canvas.line(spans)
            spans = [TextSpan(TextCanvas.padded("", ruleColumn + rule))]
        }
        var isWhole = true
        for (cell, width) in zip(row.cells, widths) {
            let text = Self.cut(cell.text)
            let shown = TextCanvas.clipped(text, width)
            if shown != text { isWhole = false }
            spans.append(TextSpan("  "))
            spans.append(TextSpan(shown, cell.isMarked ? Self.mark(row.drift) : cell.observed == nil ? .quiet : .plain))
            spans.append(TextSpan(String(repeating: " ", count: max(width - TextCanvas.columns(shown), 0))))
        }
        canvas.line(trimmed(spans))
        if row.title != row.drift.rule { canvas.flow([TextSpan(Self.cut(row.title), .quiet)], column: ruleColumn) }
        if !isWhole {
            for cell in row.cells where cell.outcome != nil {
                canvas.flow(
                    [TextSpan(Self.cut(cell.text), cell.isMarked ? Self.mark(row.drift) : .plain)],
                    label: TextSpan(cell.source.rawValue), indent: ruleColumn, column: bodyColumn)
            }
        }
        let since = row.since.map { ", seen since \(Self.time($0))" } ?? ""
        canvas.flow(
            [
                TextSpan("\(row.drift.severity.rawValue), "), TextSpan(row.did, Self.mark(row.drift)), TextSpan(since),
            ], column: ruleColumn)
        for (index, cause) in row.drift.causes.enumerated() {
            canvas.flow(
                [TextSpan(Self.cut(cause))], label: TextSpan(index == 0 ? "likely" : "or", .quiet),
                indent: ruleColumn, column: bodyColumn)
        }
    }

    private static func mark(_ drift: Drift) -> TextStyle {
        switch drift.effect {
        case .broke: colour(drift.severity) == .plain ? .strong : colour(drift.severity)
        case .repaired: .good
        case .changed: .medium
        }
    }

    /// Without blanks at the end of the line.
    private func trimmed(_ spans: [TextSpan]) -> [TextSpan] {
        var spans = spans
        while let last = spans.last {
            var text = last.text
            while text.last == " " { text.removeLast() }
            if !text.isEmpty {
                spans[spans.count - 1].text = text
                break
            }
            spans.removeLast()
        }
        return spans
    }
}
