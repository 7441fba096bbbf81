import FirnModel

extension ReportFormat {
    /// OpenMetrics, for Prometheus.
    public static let openmetrics = ReportFormat(
        name: "openmetrics", summary: "OpenMetrics, for Prometheus", fileEnding: "prom"
    ) { _, _ in
        []
    }
}
