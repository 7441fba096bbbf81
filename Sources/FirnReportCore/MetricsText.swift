/// Lines of metrics. Names and help are ours; values of labels are escaped here.
package struct MetricsText {
    private var text = ""

    /// Creates an empty text.
    package init() {}

    /// One metric and its samples.
    package struct Gauge {
        let name: StaticString
        var lines = ""

        /// Adds a sample.
        package mutating func sample(_ labels: [(String, String)], _ value: some BinaryInteger) {
            lines += "\(name)"
            if !labels.isEmpty {
                lines += "{"
                for (index, label) in labels.enumerated() {
                    lines += (index > 0 ? "," : "") + label.0 + "=\"" + Self.escape(label.1) + "\""
                }
                lines += "}"
            }
            lines += " \(value)\n"
        }

        /// A label's value: backslash, quote and line feed are escaped (OpenMetrics 1.0, "escaped-string"); visible text
        /// has no line feed.
        private static func escape(_ text: String) -> String {
            var result = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                if scalar == "\\" || scalar == "\"" { result.append("\\") }
                result.append(scalar)
            }
            return String(result)
        }
    }

    /// A gauge; one without samples is left out with its head.
    package mutating func gauge(_ name: StaticString, _ help: StaticString, _ body: (inout Gauge) -> Void) {
        var gauge = Gauge(name: name)
        body(&gauge)
        if gauge.lines.isEmpty { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" + gauge.lines
    }

    /// The whole text.
    package func end() -> String { text + "# EOF\n" }
}
