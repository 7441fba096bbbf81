public import FirnModel
import FirnReportCore

extension ReportFormat {
    /// XCCDF 1.2 results, for SCAP tools.
    public static let xccdf = ReportFormat(
        name: "xccdf", summary: "XCCDF 1.2 results, for SCAP tools", fileEnding: "xccdf.xml", needsBenchmarks: true
    ) { report, options in
        Array(XCCDFReporter.render(report, options: options).utf8)
    }
}

/// XCCDF 1.2 (NISTIR 7275 Rev. 4): one `Benchmark` that holds the controls of published benchmarks under their
/// publisher's ids and the rules of the report under ours, and the results.
///
/// There is one `TestResult` a target, with every rule of the profile, and one a system and benchmark, with every
/// control. A waived failure stays `fail`; a message names the waiver.
public enum XCCDFReporter {
    /// Renders a report.
    public static func render(_ report: Report, options: RenderOptions) -> String {
        XCCDFPage(report, options: options).document()
    }
}

/// What goes into a document.
private struct XCCDFPage {
    private typealias Attributes = [(name: StaticString, value: String)]

    let report: Report
    let options: RenderOptions
    let groups: [RuleGroup]
    let names: [String: String]

    /// The weight of a rule of ours, and of a control (as DISA writes it), in tenths.
    private static let ruleWeight = 10
    private static let controlWeight = 100
    private static let benchmarkID = "xccdf_firn_benchmark_report"
    private static let limit = 300
    private static let evidenceLimit = 8
    /// What judged: Firn. There is no check in another language to refer to.
    private static let checkSystem = "urn:firn:check"
    private static let ownGroup = "xccdf_firn_group_rules"

    init(_ report: Report, options: RenderOptions) {
        self.report = report
        self.options = options
        groups = RuleGroup.of(report.results).sorted { $0.rule < $1.rule }
        names = XCCDFText.names(groups.map(\.rule))
    }

    private func shown(_ text: String) -> String {
        VisibleText.escape(text, limit: Self.limit)
    }

    private func ruleID(_ rule: String) -> String {
        "xccdf_firn_rule_" + (names[rule] ?? "none")
    }

    private func controlID(_ control: Control) -> String {
        "xccdf_mil.disa.stig_rule_" + XCCDFText.name(control.ruleID)
    }

    private func profileID(_ benchmark: Benchmark) -> String {
        "xccdf_firn_profile_benchmark-" + XCCDFText.name(benchmark.id)
    }

    private var ownProfileID: String {
        "xccdf_firn_profile_rules-" + XCCDFText.name(report.profile)
    }

    func document() -> String {
        var writer = XMLWriter()
        let time = Timestamp.text(report.collectedAt)
        writer.element(
            "Benchmark",
            [
                ("xmlns", "http://checklists.nist.gov/xccdf/1.2"), ("id", Self.benchmarkID),
                ("resolved", "true"), ("xml:lang", "en"),
            ]
        ) { writer in
            writer.element("status", [("date", String(time.prefix(10)))], lines: ["draft"])
            writer.element("title", lines: ["Hardening of NixOS systems, as Firn found it"])
            writer.element("description", lines: description)
            writer.element("platform", [("idref", "cpe:/o:nixos:nixos")])
            writer.element("version", lines: [shown(report.catalogueDigest.isEmpty ? "0" : report.catalogueDigest)])
            writer.element("metadata", [("xmlns:dc", "http://purl.org/dc/elements/1.1/")]) { writer in
                writer.element("dc:creator", lines: [shown(report.tool)])
                writer.element("dc:date", lines: [String(time.prefix(10))])
            }
            for model in ["default", "flat", "flat-unweighted"] {
                writer.element("model", [("system", "urn:xccdf:scoring:\(model)")])
            }
            profiles(&writer)
            for benchmark in options.benchmarks { controls(of: benchmark, &writer) }
            rules(&writer)
            results(&writer)
        }
        return writer.text
    }

    private var description: [String] {
        var lines = [
            "Rules of the profile \(shown(report.profile)), judged by \(shown(report.tool)). XCCDF's severities end at "
                + "high: rules that are critical are high here.",
            "Results of one target are of one source: the declared configuration, the built closure or the live host.",
        ]
        for benchmark in options.benchmarks {
            lines.append(
                "\(benchmark.title), Version \(benchmark.version) Release \(benchmark.release) (\(benchmark.publisher), "
                    + "\(benchmark.url)). \(benchmark.note ?? "")")
        }
        if options.benchmarks.isEmpty {
            lines.append("The benchmarks of the catalogue this report was made with were not at hand.")
        }
        return lines
    }

    // MARK: What is asked

    private func profiles(_ writer: inout XMLWriter) {
        func select(_ id: String, _ writer: inout XMLWriter) {
            writer.element("select", [("idref", id), ("selected", "true")])
        }
        for benchmark in options.benchmarks {
            writer.element("Profile", [("id", profileID(benchmark))]) { writer in
                writer.element("title", lines: [shown(benchmark.title)])
                for control in benchmark.controls { select(controlID(control), &writer) }
            }
        }
        writer.element("Profile", [("id", ownProfileID)]) { writer in
            writer.element("title", lines: ["Firn profile \(shown(report.profile))"])
            for group in groups { select(ruleID(group.rule), &writer) }
        }
    }

    private func controls(of benchmark: Benchmark, _ writer: inout XMLWriter) {
        for control in benchmark.controls {
            writer.element("Group", [("id", "xccdf_mil.disa.stig_group_" + XCCDFText.name(control.id))]) { writer in
                writer.element("title", lines: [control.group])
                let attributes: Attributes = [
                    ("id", controlID(control)), ("selected", "false"), ("weight", "10.0"),
                    ("severity", XCCDFText.severity(control.severity)),
                ]
                writer.element("Rule", attributes) { writer in
                    writer.element("version", lines: [control.version])
                    writer.element("title", lines: [control.title])
                    if let note = control.note { writer.element("warning", lines: ["On the text: \(note)"]) }
                    if let question = control.question { writer.element("question", lines: [question]) }
                    for cci in control.ccis {
                        writer.element("ident", [("system", "http://cyber.mil/cci")], lines: [cci])
                    }
                    writer.element("fixtext", lines: Self.lines(control.fix))
                    writer.element("check", [("system", Self.checkSystem)]) { writer in
                        writer.element("check-content", lines: Self.lines(control.check))
                    }
                }
            }
        }
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func rules(_ writer: inout XMLWriter) {
        guard !groups.isEmpty else { return }
        writer.element("Group", [("id", Self.ownGroup)]) { writer in
            writer.element("title", lines: ["Rules of Firn"])
            for group in groups {
                let attributes: Attributes = [
                    ("id", ruleID(group.rule)), ("selected", "false"), ("weight", "1.0"),
                    ("severity", XCCDFText.severity(group.severity)),
                ]
                writer.element("Rule", attributes) { writer in
                    writer.element("title", lines: [shown(group.title)])
                    let rule = options.rules[group.rule]
                    if let rule { writer.element("rationale", lines: [rule.rationale]) }
                    writer.element("ident", [("system", "urn:firn:rule")], lines: [shown(group.rule)])
                    if let fix = group.results.lazy.compactMap(\.fix).first, let text = Self.text(fix) {
                        writer.element("fixtext", lines: [text])
                    }
                    writer.element("check", [("system", Self.checkSystem)])
                }
            }
        }
    }

    private static func text(_ fix: Fix) -> String? {
        NixDefinition.render(fix) ?? fix.manual
    }

    // MARK: What was found

    private func results(_ writer: inout XMLWriter) {
        for (index, target) in report.targets.enumerated() {
            ownResults(
                "target-\(index + 1)", target: target.identity.hostName ?? target.name,
                facts: SystemFacts.of(target, in: report), report.results.filter { $0.target == index }, &writer)
        }
        // A result must not vanish because its target is not listed.
        let stray = report.results.filter { !report.targets.indices.contains($0.target) }
        if !stray.isEmpty { ownResults("target-none", target: "target not listed", facts: [], stray, &writer) }
        // Last, since a tool that is not told which result to show takes the last one.
        let systems = ReportSystem.of(report)
        for (number, system) in systems.enumerated() {
            for benchmark in options.benchmarks {
                let id = "system-\(number + 1)-" + XCCDFText.name(benchmark.id)
                testResult(
                    id, title: benchmark.title, profile: profileID(benchmark), target: system.name,
                    facts: SystemFacts.of(system, in: report), &writer
                ) { writer in
                    var score = XCCDFScore(weight: Self.controlWeight)
                    for assessment in ControlStatus.of(report, system: system, benchmark: benchmark) {
                        score.add(control(assessment, &writer))
                    }
                    return score
                }
            }
        }
    }

    private func ownResults(
        _ id: String, target: String, facts: [(name: String, value: String)], _ results: [Result],
        _ writer: inout XMLWriter
    ) {
        testResult(
            id, title: "Firn profile \(report.profile)", profile: ownProfileID, target: target, facts: facts, &writer
        ) { writer in
            var score = XCCDFScore(weight: Self.ruleWeight)
            for result in results { score.add(rule(result, &writer)) }
            return score
        }
    }

    private func testResult(
        _ id: String, title: String, profile: String, target: String, facts: [(name: String, value: String)],
        _ writer: inout XMLWriter, results: (inout XMLWriter) -> XCCDFScore
    ) {
        let time = Timestamp.text(report.collectedAt)
        let attributes: Attributes = [
            ("id", "xccdf_firn_testresult_" + id), ("start-time", time), ("end-time", time),
            ("test-system", shown(report.tool)),
        ]
        withoutActuallyEscaping(results) { results in
            writer.element("TestResult", attributes) { writer in
                // The one around it; openscap-report reads no result without it.
                writer.element("benchmark", [("href", "#" + Self.benchmarkID), ("id", Self.benchmarkID)])
                writer.element("title", lines: [shown(title)])
                writer.element("profile", [("idref", profile)])
                writer.element("target", lines: [shown(target)])
                if !facts.isEmpty {
                    writer.element("target-facts") { writer in
                        for fact in facts {
                            writer.element(
                                "fact", [("name", "urn:firn:fact:\(fact.name)"), ("type", "string")],
                                lines: [fact.value])
                        }
                    }
                }
                let score = results(&writer)
                writer.element(
                    "score", [("system", "urn:xccdf:scoring:default"), ("maximum", "100.0")], lines: [score.share])
                writer.element(
                    "score", [("system", "urn:xccdf:scoring:flat"), ("maximum", score.weighed(score.counted))],
                    lines: [score.weighed(score.passed)])
                writer.element(
                    "score",
                    [("system", "urn:xccdf:scoring:flat-unweighted"), ("maximum", String(score.counted))],
                    lines: [String(score.passed)])
            }
        }
    }

    private func control(_ assessment: ControlAssessment, _ writer: inout XMLWriter) -> String {
        let control = assessment.control
        let word = XCCDFText.result(assessment)
        let attributes: Attributes = [
            ("idref", controlID(control)), ("severity", XCCDFText.severity(control.severity)), ("weight", "10.0"),
        ]
        writer.element("rule-result", attributes) { writer in
            writer.element("result", lines: [word])
            for cci in control.ccis { writer.element("ident", [("system", "http://cyber.mil/cci")], lines: [cci]) }
            message(assessment.findingDetails, word, &writer)
            let waivers = assessment.comments
            if !waivers.isEmpty { message(waivers, "info", &writer) }
            writer.element("check", [("system", Self.checkSystem)])
        }
        return word
    }

    private func rule(_ result: Result, _ writer: inout XMLWriter) -> String {
        let word = XCCDFText.result(result.outcome)
        let attributes: Attributes = [
            ("idref", ruleID(result.rule)), ("severity", XCCDFText.severity(result.severity)), ("weight", "1.0"),
        ]
        writer.element("rule-result", attributes) { writer in
            writer.element("result", lines: [word])
            for control in result.controls {
                writer.element("ident", [("system", "urn:firn:control")], lines: [shown(control)])
            }
            if let text = result.message { message([shown(text)], word, &writer) }
            if [.pass, .fail, .unknown].contains(result.outcome) {
                message(
                    ["observed: \(shown(result.observed ?? "not known")); expected: \(shown(result.expected))"], word,
                    &writer)
            }
            for evidence in result.evidence.prefix(Self.evidenceLimit) {
                let place = shown(evidence.path) + (evidence.line.map { ":\($0)" } ?? "")
                message(["at \(place)" + (evidence.text.map { ": \(shown($0))" } ?? "")], word, &writer)
            }
            if result.evidence.count > Self.evidenceLimit {
                message(["and \(result.evidence.count - Self.evidenceLimit) places more"], word, &writer)
            }
            if let waiver = result.waiver {
                var text = "Waived until \(shown(waiver.expires)) by \(shown(waiver.owner)): \(shown(waiver.reason))"
                if let ticket = waiver.ticket { text += " (\(shown(ticket)))" }
                message([text], "info", &writer)
            }
            if result.outcome == .fail, let fix = result.fix, let text = Self.text(fix) {
                writer.element("fix", [("system", "urn:firn:fix:nix")], lines: [text])
            }
            writer.element("check", [("system", Self.checkSystem)])
        }
        return word
    }

    private func message(_ lines: [String], _ result: String, _ writer: inout XMLWriter) {
        let severity =
            switch result {
            case "error": "error"
            case "unknown": "warning"
            default: "info"
            }
        writer.element("message", [("severity", severity)], lines: lines)
    }
}
