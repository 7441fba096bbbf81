public import FirnModel
import FirnReportCore

extension ReportFormat {
    /// OSCAL assessment results 1.1.3.
    public static let oscal = ReportFormat(
        name: "oscal", summary: "OSCAL assessment results 1.1.3", fileEnding: "oscal.json"
    ) { report, _ in
        Array(OSCALReporter.render(report).utf8)
    }
}

/// OSCAL assessment results 1.1.3 (NIST) as JSON: a `result` for each system.
///
/// Every result of a report is an observation. A rule that some source of the system judged is a finding, with one of
/// OSCAL's two states:
///
/// | results of the rule | `status.state` | `status.reason` |
/// |---|---|---|
/// | a `fail`, waived or not | `not-satisfied` | `fail` |
/// | an `error` or `unknown`, no `fail` | `not-satisfied` | `other`, with the reason in remarks |
/// | at least one `pass`, the rest `pass`, `notApplicable`, `notChecked` | `satisfied` | `pass` |
/// | only `notApplicable` and `notChecked` | no finding: nothing is claimed | |
///
/// Each `fail` is a risk: `open`, or `deviation-approved` where a waiver accepts it.
public enum OSCALReporter {
    /// The namespace of the properties OSCAL does not define.
    public static let namespace = "https://firn.invalid/ns/oscal"
    /// The version of OSCAL.
    public static let oscalVersion = "1.1.3"

    /// Renders a report.
    public static func render(_ report: Report) -> String {
        OSCALDocument(report).text()
    }
}

/// One document while it is written.
private struct OSCALDocument {
    private static let limit = 1000

    let report: Report
    let time: String
    let seed: String
    let tokens: [String: String]
    let controlTokens: [String: String]

    init(_ report: Report) {
        self.report = report
        time = Timestamp.text(report.collectedAt)
        var parts = [report.tool, report.profileDigest, report.catalogueDigest, time]
        parts += report.targets.flatMap { [$0.kind, $0.name, $0.identity.toplevel ?? "", $0.identity.hostName ?? ""] }
        parts += report.results.flatMap {
            [
                String($0.target), $0.rule, $0.outcome.rawValue, $0.severity.rawValue, $0.observed ?? "",
                $0.waiver?.owner ?? "", $0.waiver?.expires ?? "",
            ]
        }
        if let verdict = report.verdict { parts += [verdict.decision.rawValue, String(verdict.judgedAt)] }
        // The content is part of the name: OSCAL wants a new UUID for a new document.
        seed = NameUUID.of("oscal", parts.map { "\($0.utf8.count):\($0)" }.joined())
        tokens = Self.tokens(report.results.map(\.rule))
        controlTokens = Self.tokens(report.results.flatMap(\.controls))
    }

    // MARK: Words

    /// OSCAL's tokens are NCNames: ids of ours are, hostile ones are written out.
    private static func tokens(_ texts: [String]) -> [String: String] {
        XCCDFText.names(texts).mapValues { name in
            let first = name.unicodeScalars.first
            let isLetter = first.map { ("a"..."z").contains($0) || ("A"..."Z").contains($0) || $0 == "_" } ?? false
            return isLetter ? name : "_" + name
        }
    }

    /// Prose of OSCAL is Markdown: text of a target stays text. Never empty.
    private static func prose(_ text: String) -> String {
        let shown = MarkdownText.escape(VisibleText.escape(text, limit: limit))
        return shown.unicodeScalars.contains { $0 != " " } ? shown : "(empty)"
    }

    /// The value of a property: one line without blanks at its ends, or nil where nothing is left.
    private static func value(_ text: String) -> String? {
        var scalars = Substring(VisibleText.escape(text, limit: limit)).unicodeScalars
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars.isEmpty ? nil : String(scalars)
    }

    private func id(_ kind: String, _ parts: String...) -> String {
        NameUUID.of(kind, seed, parts.map { "\($0.utf8.count):\($0)" }.joined())
    }

    private static func props(_ pairs: [(String, String?)], to writer: inout JSONWriter) {
        let known = pairs.compactMap { name, text in text.flatMap(value).map { (name, $0) } }
        guard !known.isEmpty else { return }
        writer.member("props") { writer in
            writer.array(known) { writer, pair in
                writer.object { writer in
                    writer.member("name", pair.0)
                    writer.member("ns", OSCALReporter.namespace)
                    writer.member("value", pair.1)
                }
            }
        }
    }

    /// OSCAL has no empty arrays: a member without elements is left out.
    private static func list<Element>(
        _ key: String, _ elements: [Element], to writer: inout JSONWriter,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        guard !elements.isEmpty else { return }
        writer.member(key) { $0.array(elements, body) }
    }

    // MARK: The document

    private struct Section {
        var name: String
        var identity: Identity
        var targets: [Int]
        var results: [(index: Int, result: Result)]
    }

    private var sections: [Section] {
        let indexed = report.results.enumerated().map { (index: $0.offset, result: $0.element) }
        var sections = ReportSystem.of(report).map { system in
            let targets = Set(system.targets)
            return Section(
                name: system.name, identity: system.identity, targets: system.targets,
                results: indexed.filter { targets.contains($0.result.target) })
        }
        // A result must not vanish because its target is not listed, and OSCAL wants at least one section.
        let stray = indexed.filter { !report.targets.indices.contains($0.result.target) }
        if !stray.isEmpty || sections.isEmpty {
            sections.append(Section(name: "no target", identity: Identity(), targets: [], results: stray))
        }
        return sections
    }

    func text() -> String {
        let plan = id("resource", "assessment-plan")
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member("assessment-results") { writer in
                    writer.object { writer in
                        writer.member("uuid", seed)
                        writer.member("metadata") { metadata(to: &$0) }
                        writer.member("import-ap") { writer in
                            writer.object { writer in
                                writer.member("href", "#" + plan)
                                writer.member(
                                    "remarks", "No assessment plan was supplied; the resource says what was assessed.")
                            }
                        }
                        writer.member("results") { writer in
                            writer.array(sections.enumerated()) { section($1.element, number: $1.offset, to: &$0) }
                        }
                        writer.member("back-matter") { backMatter(plan: plan, to: &$0) }
                    }
                }
            }
        }
    }

    private func metadata(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("title", "Hardening of NixOS systems: results of profile \(Self.prose(report.profile))")
            writer.member("last-modified", time)
            writer.member("version", time)
            writer.member("oscal-version", OSCALReporter.oscalVersion)
            Self.props(
                [
                    ("tool", report.tool), ("profile", report.profile), ("profile-digest", report.profileDigest),
                    ("catalogue-digest", report.catalogueDigest), ("challenge", report.challenge),
                    ("verdict", report.verdict?.decision.rawValue),
                    ("verdict-valid-until", report.verdict.map { Timestamp.text($0.validUntil) }),
                ], to: &writer)
        }
    }

    private func backMatter(plan: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("resources") { writer in
                writer.array([plan]) { writer, plan in
                    writer.object { writer in
                        writer.member("uuid", plan)
                        writer.member("title", "What stands for an assessment plan")
                        let dropped = report.dropped.map { "\(Self.prose($0.id)): \(Self.prose($0.reason))" }
                        writer.member(
                            "description",
                            "There is no OSCAL assessment plan. Every rule of the profile \(Self.prose(report.profile)) "
                                + "was asked of every target."
                                + (dropped.isEmpty
                                    ? "" : " The profile leaves out: " + dropped.joined(separator: "; ") + "."))
                    }
                }
            }
        }
    }

    // MARK: A system

    private func section(_ section: Section, number: Int, to writer: inout JSONWriter) {
        let tally = Tally(section.results.map(\.result))
        let tool = id("component", "tool", String(number))
        writer.object { writer in
            writer.member("uuid", id("result", String(number)))
            writer.member("title", Self.prose(section.name))
            writer.member(
                "description",
                "Rules of the profile \(Self.prose(report.profile)) on the system \(Self.prose(section.name)).")
            writer.member("start", time)
            writer.member("end", time)
            Self.props(
                [
                    ("toplevel", section.identity.toplevel), ("host-name", section.identity.hostName),
                    ("release", section.identity.release), ("system", section.identity.system),
                    ("closure-digest", section.identity.closureDigest?.value),
                    ("closure-digest-origin", section.identity.closureDigest?.origin.rawValue),
                ]
                    + Outcome.allCases.map { ("count-\($0.rawValue)", String(tally.count($0))) }
                    + [("count-waived", String(tally.waived))], to: &writer)
            writer.member("local-definitions") { definitions(section, tool: tool, to: &$0) }
            writer.member("reviewed-controls") { reviewed(section, to: &$0) }
            Self.list("observations", section.results, to: &writer) { observation($1.result, $1.index, to: &$0) }
            let fails = section.results.filter { $0.result.outcome == .fail }
            Self.list("risks", fails, to: &writer) { risk($1.result, $1.index, tool: tool, to: &$0) }
            Self.list("findings", findings(section), to: &writer) { finding($1, number: number, to: &$0) }
            let remarks = report.notes.map(Self.prose) + report.drift.map { "Drift: " + Self.prose($0.message) }
            if !remarks.isEmpty { writer.member("remarks", remarks.joined(separator: "\n\n")) }
        }
    }

    private func definitions(_ section: Section, tool: String, to writer: inout JSONWriter) {
        writer.object { writer in
            Self.list("inventory-items", section.targets, to: &writer) { writer, index in
                let target = report.targets[index]
                writer.object { writer in
                    writer.member("uuid", item(index))
                    writer.member(
                        "description",
                        "\(target.source.rawValue): \(Self.prose(target.kind)) \(Self.prose(target.name))")
                    Self.props(
                        [
                            ("source", target.source.rawValue), ("kind", target.kind), ("name", target.name),
                            ("size", target.size.map(String.init)), ("sha256", target.digest),
                        ], to: &writer)
                }
            }
            writer.member("assessment-assets") { writer in
                writer.object { writer in
                    Self.list("components", [tool], to: &writer) { writer, tool in
                        writer.object { writer in
                            writer.member("uuid", tool)
                            writer.member("type", "software")
                            writer.member("title", Self.prose(report.tool))
                            writer.member("description", "The program that judged the rules.")
                            writer.member("status") { $0.object { $0.member("state", "operational") } }
                        }
                    }
                    Self.list("assessment-platforms", [tool], to: &writer) { writer, tool in
                        writer.object { writer in
                            writer.member("uuid", id("platform", tool))
                            writer.member("title", "Firn")
                        }
                    }
                }
            }
        }
    }

    private func item(_ target: Int) -> String { id("inventory-item", String(target)) }

    private func reviewed(_ section: Section, to writer: inout JSONWriter) {
        let controls = Set(section.results.flatMap(\.result.controls).compactMap { controlTokens[$0] }).sorted()
        let rules = Set(section.results.compactMap { tokens[$0.result.rule] }).sorted()
        // OSCAL wants a choice. Where no published control is answered, the rules stand for controls.
        let (description, included) =
            controls.isEmpty
            ? ("No control of a published benchmark is answered by these rules: they stand for controls.", rules)
            : ("The controls of published benchmarks that these rules answer, in part or whole.", controls)
        writer.object { writer in
            writer.member("control-selections") { writer in
                writer.array([included]) { writer, included in
                    writer.object { writer in
                        if included.isEmpty {
                            writer.member("description", "No rule was asked: nothing was reviewed.")
                            writer.member("include-all") { $0.object { _ in } }
                        } else {
                            writer.member("description", description)
                            Self.list("include-controls", included, to: &writer) { writer, control in
                                writer.object { $0.member("control-id", control) }
                            }
                        }
                    }
                }
            }
            guard !rules.isEmpty else { return }
            writer.member("control-objective-selections") { writer in
                writer.array([rules]) { writer, rules in
                    writer.object { writer in
                        writer.member("description", "The rules of the profile; each is one objective.")
                        Self.list("include-objectives", rules, to: &writer) { writer, rule in
                            writer.object { $0.member("objective-id", rule) }
                        }
                    }
                }
            }
        }
    }

    // MARK: Observations, findings, risks

    private func observation(_ result: Result, _ index: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uuid", id("observation", String(index)))
            writer.member("title", Self.prose(result.title))
            var lines = ["Outcome: \(result.outcome.rawValue).", "Expected: \(Self.prose(result.expected))."]
            if let observed = result.observed { lines.append("Observed: \(Self.prose(observed)).") }
            if let message = result.message { lines.append(Self.prose(message)) }
            writer.member("description", lines.joined(separator: "\n\n"))
            Self.props(
                [
                    ("rule", result.rule), ("outcome", result.outcome.rawValue), ("source", result.source.rawValue),
                    ("severity", result.severity.rawValue), ("observed", result.observed),
                    ("expected", result.expected),
                ], to: &writer)
            // Nobody looked: that was no test.
            writer.member("methods") { $0.strings([result.outcome == .notChecked ? "UNKNOWN" : "TEST"]) }
            if report.targets.indices.contains(result.target) {
                Self.list("subjects", [result.target], to: &writer) { writer, target in
                    writer.object { writer in
                        writer.member("subject-uuid", item(target))
                        writer.member("type", "inventory-item")
                    }
                }
            }
            Self.list("relevant-evidence", result.evidence, to: &writer) { writer, evidence in
                writer.object { writer in
                    let line = evidence.line.map { ":\($0)" } ?? ""
                    let text = evidence.text.map { ": \($0)" } ?? ""
                    writer.member("description", Self.prose(evidence.path + line + text))
                }
            }
            writer.member("collected", time)
        }
    }

    private struct Finding {
        var rule: String
        var results: [(index: Int, result: Result)]
        var outcome: Outcome
    }

    /// The findings of a system, by rule. The worst result decides, and nothing is claimed where nothing was judged.
    private func findings(_ section: Section) -> [Finding] {
        var byRule: [String: [(index: Int, result: Result)]] = [:]
        for result in section.results { byRule[result.result.rule, default: []].append(result) }
        return byRule.keys.sorted().compactMap { rule in
            let results = byRule[rule] ?? []
            let outcomes = Set(results.map(\.result.outcome))
            let worst = [Outcome.fail, .error, .unknown, .pass].first(where: outcomes.contains)
            return worst.map { Finding(rule: rule, results: results, outcome: $0) }
        }
    }

    private func finding(_ finding: Finding, number: Int, to writer: inout JSONWriter) {
        let token = tokens[finding.rule] ?? "none"
        let title = Self.prose(finding.results.first?.result.title ?? finding.rule)
        writer.object { writer in
            writer.member("uuid", id("finding", String(number), finding.rule))
            writer.member("title", title)
            writer.member(
                "description",
                finding.results.map { "\($0.result.source.rawValue): \($0.result.outcome.rawValue)" }
                    .joined(separator: ", ") + ".")
            let waived = finding.results.filter { $0.result.outcome == .fail && $0.result.waiver != nil }.count
            Self.props(
                [("rule", finding.rule), ("waived", waived > 0 ? String(waived) : nil)]
                    + Set(finding.results.flatMap(\.result.controls)).sorted().map { ("control", $0) }, to: &writer)
            writer.member("target") { writer in
                writer.object { writer in
                    writer.member("type", "objective-id")
                    writer.member("target-id", token)
                    writer.member("status") { writer in
                        writer.object { writer in
                            writer.member("state", finding.outcome == .pass ? "satisfied" : "not-satisfied")
                            switch finding.outcome {
                            case .pass: writer.member("reason", "pass")
                            case .fail: writer.member("reason", "fail")
                            default:
                                writer.member("reason", "other")
                                let messages = finding.results.filter { $0.result.outcome == finding.outcome }
                                    .map { Self.prose($0.result.message ?? "no reason was given") }
                                writer.member(
                                    "remarks",
                                    (finding.outcome == .error ? "The rule is in error: " : "It could not be told: ")
                                        + messages.joined(separator: "; "))
                            }
                        }
                    }
                }
            }
            Self.list("related-observations", finding.results.map(\.index), to: &writer) { writer, index in
                writer.object { $0.member("observation-uuid", id("observation", String(index))) }
            }
            let fails = finding.results.filter { $0.result.outcome == .fail }.map(\.index)
            Self.list("related-risks", fails, to: &writer) { writer, index in
                writer.object { $0.member("risk-uuid", id("risk", String(index))) }
            }
        }
    }

    private func risk(_ result: Result, _ index: Int, tool: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uuid", id("risk", String(index)))
            writer.member("title", "Not so: \(Self.prose(result.title))")
            writer.member("description", Self.prose("\(result.rule) failed on the \(result.source.rawValue) system"))
            writer.member(
                "statement",
                "Expected \(Self.prose(result.expected)), observed \(Self.prose(result.observed ?? "nothing")).")
            Self.props([("rule", result.rule), ("severity", result.severity.rawValue)], to: &writer)
            // The severity is no facet: the facets OSCAL names are those of CVSS, which nobody has rated here.
            writer.member("status", result.waiver == nil ? "open" : "deviation-approved")
            Self.list("origins", [tool], to: &writer) { writer, tool in
                writer.object { writer in
                    Self.list("actors", [tool], to: &writer) { writer, tool in
                        writer.object { writer in
                            writer.member("type", "tool")
                            writer.member("actor-uuid", tool)
                        }
                    }
                }
            }
            if let waiver = result.waiver {
                Self.list("mitigating-factors", [waiver], to: &writer) { writer, waiver in
                    var lines = [
                        "Accepted by \(Self.prose(waiver.owner)) until \(Self.prose(waiver.expires)): "
                            + Self.prose(waiver.reason)
                    ]
                    if let more = WaiverText.conditions(waiver) { lines.append(Self.prose(more)) }
                    writer.object { writer in
                        writer.member("uuid", id("waiver", String(index)))
                        writer.member("description", lines.joined(separator: "\n\n"))
                        Self.props(
                            [
                                ("waiver-owner", waiver.owner), ("waiver-expires", waiver.expires),
                                ("waiver-ticket", waiver.ticket),
                            ], to: &writer)
                    }
                }
                if let date = CalendarDate(waiver.expires) {
                    // The last day it holds, whole.
                    writer.member("deadline", Timestamp.text(date.seconds + 86_399))
                }
            }
            if let fix = result.fix, let text = NixDefinition.render(fix) ?? fix.manual {
                Self.list("remediations", [text], to: &writer) { writer, text in
                    writer.object { writer in
                        writer.member("uuid", id("remediation", String(index)))
                        writer.member("lifecycle", "recommendation")
                        writer.member("title", "In the NixOS configuration")
                        writer.member("description", MarkdownText.code(VisibleText.escape(text, limit: Self.limit)))
                    }
                }
            }
            Self.list("related-observations", [index], to: &writer) { writer, index in
                writer.object { $0.member("observation-uuid", id("observation", String(index))) }
            }
        }
    }
}
