import FirnModel

extension ReportFormat {
    /// CSV (RFC 4180), for a spreadsheet.
    public static let csv = ReportFormat(
        name: "csv", summary: "CSV (RFC 4180), for a spreadsheet", fileEnding: "csv"
    ) { _, _ in
        []
    }
}
