import FirnModel

extension ReportFormat {
    /// one self-contained page, for people.
    public static let html = ReportFormat(
        name: "html", summary: "one self-contained page, for people", fileEnding: "html"
    ) { _, _ in
        []
    }
}
