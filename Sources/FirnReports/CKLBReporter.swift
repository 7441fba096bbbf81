import FirnModel

extension ReportFormat {
    /// CKLB 1.0, for STIG Viewer.
    public static let cklb = ReportFormat(
        name: "cklb", summary: "CKLB 1.0, for STIG Viewer", fileEnding: "cklb"
    ) { _, _ in
        []
    }
}
