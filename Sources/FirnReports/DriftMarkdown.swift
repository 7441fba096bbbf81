import FirnModel
import FirnReportCore

/// The page of `firn drift` for a pull request.
enum DriftMarkdown {
    static func render(_ report: Report, _ findings: DriftFindings) -> String {
        let words = DriftWords(report, findings)
        var text = "## Firn: \(words.word)\n\n\(words.phrases.joined(separator: ", ")).\n\n"
        text += MarkdownDrift.generations(report)
        text += "| system | layer | target | collected |\n|---|---|---|---|\n"
        let rows = ReportSystem.of(report).flatMap { system in system.targets.map { (system.name, $0) } }
        for (name, target) in rows.prefix(100) {
            let time = report.snapshots.indices.contains(target) ? report.snapshots[target].collectedAt : nil
            text += "| \(MarkdownText.cell(name)) | \(report.targets[target].source.rawValue) | "
            text += "\(MarkdownText.cell(report.targets[target].name)) | \(time.map(Timestamp.text) ?? "") |\n"
        }
        if rows.count > 100 { text += "\n\(rows.count - 100) more targets\n" }
        text += "\n" + MarkdownDrift.table(DriftRow.of(report), bytes: 40_000)
        if !findings.untold.isEmpty {
            text += "### Could not be compared\n\n"
            let rules = findings.untold.prefix(200).map { MarkdownText.inline($0.rule, limit: 100) }
            text += rules.joined(separator: ", ")
            text += findings.untold.count > 200 ? " and \(findings.untold.count - 200) more\n\n" : "\n\n"
        }
        let hosts = Set(HostGeneration.of(report.targets).map(\.message))
        for note in report.notes.prefix(30) where !hosts.contains(note) {
            text += "- \(MarkdownText.inline(note, limit: 400))\n"
        }
        return text
    }
}
