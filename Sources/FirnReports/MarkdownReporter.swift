import FirnModel

extension ReportFormat {
    /// Markdown, for a pull request.
    public static let markdown = ReportFormat(
        name: "markdown", summary: "Markdown, for a pull request", fileEnding: "md"
    ) { _, _ in
        []
    }
}
