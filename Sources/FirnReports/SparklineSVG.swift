import FirnModel
import FirnReportCore

/// Trends as one SVG 1.1 drawing: a chart a host with a line a severity, light and dark by the reader's choice, with a
/// title and a description for screen readers, and no script. All numbers are whole, so that the bytes are the same
/// everywhere.
enum SparklineSVG {
    private static let width = 720
    private static let left = 44
    private static let right = 160
    private static let plot = 120
    private static let band = 200

    static func render(_ trends: [HistoryTrend]) -> String {
        let height = max(trends.count, 1) * band
        var writer = XMLWriter()
        writer.element(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 \(width) \(height)"), ("role", "img"),
                ("aria-labelledby", "firn-title firn-description"),
            ]
        ) { writer in
            writer.element("title", [("id", "firn-title")], lines: ["Failing rules over time"])
            writer.element("desc", [("id", "firn-description")], lines: [description(trends)])
            writer.element("style", [], lines: style)
            writer.element(
                "rect", [("class", "ground"), ("width", String(width)), ("height", String(height))])
            if trends.isEmpty {
                text(&writer, "No reports", x: left, y: 40, "strong")
            }
            for (index, trend) in trends.enumerated() { chart(&writer, trend, top: index * band) }
        }
        return writer.text
    }

    /// No child selectors or quotes, which XML escapes. Lines differ in dashes too, for those who see no colours.
    private static let style = [
        "",
        "text { font: 12px system-ui, sans-serif; fill: #1f2328 }",
        ".strong { font-weight: 600; font-size: 14px }",
        ".quiet { fill: #59636e }",
        ".ground { fill: #ffffff }",
        ".axis { stroke: #d1d9e0; stroke-width: 1 }",
        ".line { fill: none; stroke-width: 2 }",
        ".critical { stroke: #8e1519 } .high { stroke: #d1242f; stroke-dasharray: 8 3 }",
        ".medium { stroke: #9a6700; stroke-dasharray: 5 3 } .low { stroke: #0969da; stroke-dasharray: 3 3 }",
        ".info { stroke: #59636e; stroke-dasharray: 1 3 }",
        "@media (prefers-color-scheme: dark) {",
        "text { fill: #f0f6fc } .quiet { fill: #9198a1 } .ground { fill: #0d1117 } .axis { stroke: #3d444d }",
        ".critical { stroke: #ff7b72 } .high { stroke: #f85149 } .medium { stroke: #d29922 } .low { stroke: #58a6ff }",
        ".info { stroke: #9198a1 }",
        "}",
        "",
    ]

    private static func description(_ trends: [HistoryTrend]) -> String {
        trends.map { trend in
            guard let first = trend.points.first, let last = trend.points.last else { return trend.name }
            return "\(name(trend)): \(first.total) failing rules on \(day(first)), \(last.total) on \(day(last)), "
                + "of them \(last.fails[.critical] ?? 0) critical and \(last.fails[.high] ?? 0) high, in "
                + "\(DiffWords.plural(trend.points.count, "report"))."
        }.joined(separator: " ")
    }

    private static func name(_ trend: HistoryTrend) -> String { VisibleText.escape(trend.name, limit: 60) }

    private static func day(_ point: HistoryTrend.Point) -> String {
        String(Timestamp.text(point.collectedAt).prefix(10))
    }

    private static func text(
        _ writer: inout XMLWriter, _ text: String, x: Int, y: Int, _ kind: String, anchor: String = "start"
    ) {
        writer.element(
            "text", [("class", kind), ("x", String(x)), ("y", String(y)), ("text-anchor", anchor)], lines: [text])
    }

    private static func line(_ writer: inout XMLWriter, _ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ kind: String) {
        writer.element(
            "line",
            [
                ("class", kind), ("x1", String(x1)), ("y1", String(y1)), ("x2", String(x2)), ("y2", String(y2)),
            ])
    }

    private static func chart(_ writer: inout XMLWriter, _ trend: HistoryTrend, top: Int) {
        guard let first = trend.points.first, let last = trend.points.last else { return }
        let base = top + 40 + plot
        let end = width - right
        let greatest = max(trend.points.flatMap { $0.fails.values }.max() ?? 0, 1)
        text(&writer, name(trend), x: left, y: top + 24, "strong")
        line(&writer, left, base, end, base, "axis")
        line(&writer, left, base - plot, end, base - plot, "axis")
        text(&writer, "0", x: left - 8, y: base + 4, "quiet", anchor: "end")
        text(&writer, String(greatest), x: left - 8, y: base - plot + 4, "quiet", anchor: "end")
        text(&writer, day(first), x: left, y: base + 18, "quiet")
        if first.collectedAt != last.collectedAt {
            text(&writer, day(last), x: end, y: base + 18, "quiet", anchor: "end")
        }
        // Where lines meet, their labels stand below each other.
        var labels: [(y: Int, text: String)] = []
        for severity in Severity.allCases.sorted(by: >) {
            let values = trend.points.map { $0.fails[severity] ?? 0 }
            guard values.contains(where: { $0 > 0 }) else { continue }
            let places = values.enumerated().map { index, value in
                (x: x(trend.points, index, end), y: base - value * plot / greatest)
            }
            var points = places.map { "\($0.x),\($0.y)" }
            // One report is a line too, not an invisible dot.
            if let only = places.first, places.count == 1 { points = ["\(only.x),\(only.y)", "\(end),\(only.y)"] }
            writer.element(
                "polyline", [("class", "line \(severity.rawValue)"), ("points", points.joined(separator: " "))])
            labels.append((places.last?.y ?? base, "\(severity.rawValue) \(values.last ?? 0)"))
        }
        var next = Int.min
        for label in labels.sorted(by: { $0.y < $1.y }) {
            let y = max(label.y + 4, next)
            text(&writer, label.text, x: end + 8, y: y, "")
            next = y + 14
        }
    }

    /// Where a point stands: by its time, or by its number where all times are one.
    private static func x(_ points: [HistoryTrend.Point], _ index: Int, _ end: Int) -> Int {
        let (first, last) = (points[0].collectedAt, points[points.count - 1].collectedAt)
        let room = Int64(end - left)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        guard !overflow, span > 0, let scaled = Int(exactly: (points[index].collectedAt - first) / max(span / room, 1))
        else { return left + index * (end - left) / max(points.count - 1, 1) }
        return left + min(scaled, end - left)
    }
}
