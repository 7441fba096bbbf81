import FirnModel

extension ReportFormat {
    /// OSCAL assessment results 1.1.3.
    public static let oscal = ReportFormat(
        name: "oscal", summary: "OSCAL assessment results 1.1.3", fileEnding: "oscal.json"
    ) { _, _ in
        []
    }
}
