public import FirnModel
import FirnReportCore

extension ReportFormat {
    /// CSV (RFC 4180), for a spreadsheet.
    public static let csv = ReportFormat(
        name: "csv", summary: "CSV (RFC 4180), for a spreadsheet", fileEnding: "csv"
    ) { report, _ in
        CSVReporter.render(report)
    }
}

/// CSV as RFC 4180 describes it: a header, a row a result, lines end with CR LF, every cell in quotes, UTF-8 without a
/// byte order mark.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula (OWASP, "CSV Injection"). Such a cell,
/// also behind blanks, quotes and apostrophes, begins with an apostrophe here; so does one that began with an
/// apostrophe. A reader that drops one leading apostrophe of each cell has the text back.
public enum CSVReporter {
    /// The names of the columns.
    public static let columns = [
        "system", "source", "target", "kind", "toplevel", "outcome", "severity", "waived", "rule", "title", "observed",
        "expected", "message", "evidence", "evidence_text", "fix", "controls", "waiver_owner", "waiver_reason",
        "waiver_ticket", "waiver_expires", "waiver_hosts", "waiver_images", "waiver_sources",
        "waiver_maximum_severity",
    ]

    /// Renders a report as UTF-8.
    public static func render(_ report: Report) -> [UInt8] {
        var names = [String](repeating: "", count: report.targets.count)
        for system in ReportSystem.of(report) {
            for target in system.targets { names[target] = system.name }
        }
        var bytes: [UInt8] = []
        row(columns, to: &bytes)
        for result in report.results {
            let isListed = report.targets.indices.contains(result.target)
            let target = isListed ? report.targets[result.target] : nil
            let waiver = result.outcome == .fail ? result.waiver : nil
            let fix = [result.fix.flatMap(NixDefinition.render), result.fix?.manual].compactMap(\.self)
            row(
                [
                    isListed ? names[result.target] : "target not listed", result.source.rawValue, target?.name ?? "",
                    target?.kind ?? "", target?.identity.toplevel ?? "", result.outcome.rawValue,
                    result.severity.rawValue, waiver == nil ? "no" : "yes", result.rule, result.title,
                    result.observed ?? "", result.expected, result.message ?? "",
                    result.evidence.map(place).joined(separator: "; "),
                    result.evidence.compactMap(\.text).joined(separator: "; "), fix.joined(separator: " or "),
                    result.controls.joined(separator: " "), waiver?.owner ?? "", waiver?.reason ?? "",
                    waiver?.ticket ?? "", waiver?.expires ?? "", waiver?.scope.hosts.joined(separator: " ") ?? "",
                    waiver?.scope.images.joined(separator: " ") ?? "",
                    waiver?.scope.sources.map(\.rawValue).joined(separator: " ") ?? "",
                    waiver?.maximumSeverity?.rawValue ?? "",
                ], to: &bytes)
        }
        return bytes
    }

    private static func place(_ evidence: Evidence) -> String {
        evidence.path + (evidence.line.map { ":\($0)" } ?? "")
    }

    private static func row(_ cells: [String], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            let text = VisibleText.escape(cell)
            if needsApostrophe(text) { bytes.append(UInt8(ascii: "'")) }
            for byte in text.utf8 {
                bytes.append(byte)
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: [13, 10])
    }

    /// Whether a spreadsheet could take visible text for a formula, or a reader our apostrophe for the text's own.
    static func needsApostrophe(_ text: String) -> Bool {
        if text.utf8.first == UInt8(ascii: "'") { return true }
        let first = text.unicodeScalars.first { scalar in
            !scalar.properties.isWhitespace && scalar != "\"" && scalar != "'"
        }
        return switch first {
        // The last four are the full-width forms, which some programs read as the plain ones.
        case "=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}": true
        default: false
        }
    }
}
