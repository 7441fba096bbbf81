public import FirnModel
import FirnReportCore

/// What a caller may choose about a rendering. The target never decides any of it.
public struct RenderOptions: Sendable, Hashable {
    /// How much the reports show that may leave something out: text and SARIF.
    public enum Verbosity: Sendable, Hashable {
        /// Failures, the details of the worst, errors, what could not be told, drift, and the summary.
        case findings
        /// The details of every failure.
        case details
        /// Passes too, and what does not apply or was not checked.
        case all
    }

    /// Whether text may hold colours; formats for machines never do.
    public var colour: Bool
    /// The width of text in columns; at least 40 are used.
    public var width: Int
    /// How much shows.
    public var verbosity: Verbosity
    /// The severity from which a failure decides the exit code.
    public var failOn: Severity
    /// The rules of the catalogue the report was made with, by id: rationale, side effects and references. Empty where
    /// that catalogue is not at hand; another catalogue's texts would explain other rules.
    public var rules: [String: Rule]
    /// The benchmarks of that catalogue, for the formats that need them (`ReportFormat.needsBenchmarks`).
    public var benchmarks: [Benchmark]

    /// Creates options.
    public init(
        colour: Bool = false, width: Int = 100, verbosity: Verbosity = .findings, failOn: Severity = .low,
        rules: [String: Rule] = [:], benchmarks: [Benchmark] = []
    ) {
        self.colour = colour
        self.width = width
        self.verbosity = verbosity
        self.failOn = failOn
        self.rules = rules
        self.benchmarks = benchmarks
    }
}

/// A format a report can be rendered in.
///
/// Rendering is pure: no clock, no random numbers, no environment; the same report and options give the same bytes.
public struct ReportFormat: Sendable {
    /// The name on the command line.
    public var name: String
    /// What it is for, in one line of help.
    public var summary: String
    /// The usual ending of a file, without its dot.
    public var fileEnding: String
    /// Whether it shows the controls of published benchmarks, so that `RenderOptions.benchmarks` should hold them.
    public var needsBenchmarks: Bool
    /// Why a report cannot be told in this format, as a sentence without its full stop; nil where it can. A command
    /// refuses with it. Rendering such a report still gives a document of the format, which says the same.
    public var objection: @Sendable (Report) -> String?
    /// Renders a report as UTF-8.
    public var render: @Sendable (Report, RenderOptions) -> [UInt8]

    /// Creates a format.
    public init(
        name: String, summary: String, fileEnding: String, needsBenchmarks: Bool = false,
        objection: @escaping @Sendable (Report) -> String? = { _ in nil },
        render: @escaping @Sendable (Report, RenderOptions) -> [UInt8]
    ) {
        self.name = name
        self.summary = summary
        self.fileEnding = fileEnding
        self.needsBenchmarks = needsBenchmarks
        self.objection = objection
        self.render = render
    }

    /// Text for people.
    public static let text = ReportFormat(name: "text", summary: "for people", fileEnding: "txt") { report, options in
        Array(TextReporter.render(report, options: options).utf8)
    }

    /// The report document, complete enough to be judged again.
    public static let json = ReportFormat(
        name: "json", summary: "the whole report, for the gate and other programs", fileEnding: "json"
    ) { report, _ in
        Array(ReportJSON.encode(report).utf8)
    }

    /// SARIF 2.1.0 (OASIS).
    public static let sarif = ReportFormat(
        name: "sarif", summary: "SARIF 2.1.0, for code scanning", fileEnding: "sarif"
    ) { report, options in
        Array(SARIFReporter.render(report, options: options).utf8)
    }

    /// JUnit XML as Jenkins reads it.
    public static let junit = ReportFormat(
        name: "junit", summary: "JUnit XML, for test reports in CI", fileEnding: "xml"
    ) { report, _ in
        Array(JUnitReporter.render(report).utf8)
    }

    /// All formats, in the order help lists them.
    public static let all: [ReportFormat] = [
        text, json, sarif, junit, html, markdown, csv, xccdf, cklb, oscal, openmetrics,
    ]

    /// The format of a name.
    public static func named(_ name: String) -> ReportFormat? {
        all.first { $0.name == name }
    }
}
