import FirnModel
import FirnReportCore

/// Drift in Markdown: a table with a column a layer.
enum MarkdownDrift {
    /// The table, cut after some bytes with a count of what is left out; empty where nothing differs.
    static func table(_ rows: [DriftRow], bytes: Int) -> String {
        guard let first = rows.first else { return "" }
        let sources = first.cells.map(\.source.rawValue)
        var text = "| severity | rule | \(sources.joined(separator: " | ")) | layer | likely cause |\n"
        text += String(repeating: "|---", count: sources.count + 4) + "|\n"
        var left = bytes - 120
        for (index, row) in rows.enumerated() {
            let line = self.row(row)
            left -= line.utf8.count
            if left < 0 {
                text += "\n\(rows.count - index) more differences, see the HTML or JSON report\n"
                break
            }
            text += line
        }
        return text + "\n"
    }

    private static func row(_ row: DriftRow) -> String {
        let drift = row.drift
        var cells = [drift.severity.rawValue, MarkdownText.cell(drift.rule)]
        cells += row.cells.map { cell in
            let text = cell.text.isEmpty ? "" : MarkdownText.cell(cell.text, limit: 60)
            return cell.isMarked ? "**\(text)**" : text
        }
        cells.append(
            drift.layer.rawValue + " " + drift.effect.rawValue
                + (row.since.map { ", since \(Timestamp.text($0))" } ?? ""))
        cells.append(drift.causes.first.map { MarkdownText.cell($0, limit: 300) } ?? "")
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    /// Hosts of another generation, as a list.
    static func generations(_ report: Report) -> String {
        let hosts = HostGeneration.of(report.targets)
        if hosts.isEmpty { return "" }
        return hosts.prefix(20).map { "- \(MarkdownText.inline($0.message, limit: 600))\n" }.joined() + "\n"
    }
}
