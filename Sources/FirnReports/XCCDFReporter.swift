import FirnModel

extension ReportFormat {
    /// XCCDF 1.2 results, for SCAP tools.
    public static let xccdf = ReportFormat(
        name: "xccdf", summary: "XCCDF 1.2 results, for SCAP tools", fileEnding: "xccdf.xml"
    ) { _, _ in
        []
    }
}
