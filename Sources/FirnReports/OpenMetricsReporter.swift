import FirnModel
import FirnReportCore

extension ReportFormat {
    /// OpenMetrics, for Prometheus.
    public static let openmetrics = ReportFormat(
        name: "openmetrics", summary: "OpenMetrics, for Prometheus", fileEnding: "prom"
    ) { report, _ in
        Array(OpenMetrics.render(report).utf8)
    }
}
