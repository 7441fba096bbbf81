public import FirnModel
import FirnReportCore

/// SARIF 2.1.0 with errata 01 (OASIS), one run a report.
///
/// | outcome | SARIF |
/// |---|---|
/// | fail | kind `fail`, level by severity; a waiver becomes an accepted external suppression |
/// | unknown | kind `open`: not enough information to decide (section 3.27.9), level `none` |
/// | pass, notApplicable | with verbosity `all`: kinds of the same name, level `none` |
/// | notChecked | with verbosity `all`: kind `open`; `properties.outcome` tells it from unknown |
/// | error | no result but a notification of the invocation, which then was not successful |
/// | drift | kind `fail` with `properties.drift` |
/// | verdict | `properties.verdict` of the run |
///
/// Controls of published benchmarks are the taxa of a taxonomy; a result names its own. The repair stands in messages
/// and help: a SARIF `fix` would have to name bytes of a file, and the configuration is not the file that was seen.
///
/// GitHub takes 25,000 results a run and 5,000 of them show. More than `resultLimit` are cut, the least severe first;
/// a notification says how many, and the run's `omittedResults`.
///
/// Passes are left out by default because GitHub's code scanning does not read `kind` and shows each result as an alert
/// (microsoft/PSRule#955); the counts of all outcomes are in the properties of the run. It also refuses a whole
/// document for one result without a location, so each has one.
public enum SARIFReporter {
    /// The schema's address, as SARIF documents name it.
    public static let schema =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

    /// The most results of a run, and the most rules.
    public static let resultLimit = 25_000

    /// Renders a report.
    public static func render(_ report: Report, options: RenderOptions) -> String {
        let log = SARIFLog(report, options: options)
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member("$schema", schema)
                writer.member("version", "2.1.0")
                writer.member("runs") { $0.array([log]) { $1.run(to: &$0) } }
            }
        }
    }
}

/// A report with what its SARIF run refers to by position.
private struct SARIFLog {
    let report: Report
    let results: [Result]
    let rules: [RuleGroup]
    let positions: [String: Int]
    /// A name for each target that stays the same from build to build: source and host.
    let targetNames: [String]
    /// The catalogue's texts of the rules, where they are at hand.
    let texts: [String: Rule]
    /// The controls that results name, by id.
    let controls: [String]
    let controlPositions: [String: Int]
    /// How many results the limit leaves out.
    let omitted: Int

    init(_ report: Report, options: RenderOptions) {
        self.report = report
        texts = options.rules
        let shown = report.results.filter { result in
            switch result.outcome {
            case .fail, .unknown: true
            case .pass, .notApplicable, .notChecked: options.verbosity == .all
            case .error: false
            }
        }
        let room = max(SARIFReporter.resultLimit - report.drift.count, 0)
        results = shown.count <= room ? shown : Self.worst(shown, room)
        omitted = shown.count - results.count + max(report.drift.count - SARIFReporter.resultLimit, 0)
        controls = Set(report.results.lazy.flatMap(\.controls)).sorted()
        controlPositions = Dictionary(uniqueKeysWithValues: controls.enumerated().map { ($0.element, $0.offset) })
        var rules = RuleGroup.of(report.results)
        let known = Set(rules.map(\.rule))
        for rule in Set(report.drift.map(\.rule)).subtracting(known) {
            rules.append(RuleGroup(rule: rule, title: "", severity: .medium, results: []))
        }
        self.rules = rules.sorted { $0.rule < $1.rule }
        positions = Dictionary(uniqueKeysWithValues: self.rules.enumerated().map { ($0.element.rule, $0.offset) })
        var seen: [String: Int] = [:]
        targetNames = report.targets.map { target in
            let host = target.identity.hostName ?? target.name
            let name = target.source.rawValue + "/" + PercentEncoding.component(host)
            let count = seen[name, default: 0] + 1
            seen[name] = count
            return count == 1 ? name : "\(name)/\(count)"
        }
    }

    /// The worst of many, in the order of the report: failures by severity, then what could not be told, then the rest.
    private static func worst(_ results: [Result], _ count: Int) -> [Result] {
        func rank(_ result: Result) -> (Int, Severity) {
            switch result.outcome {
            case .fail: (result.waiver == nil ? 3 : 1, result.severity)
            case .unknown: (2, result.severity)
            case .pass, .notApplicable, .notChecked, .error: (0, result.severity)
            }
        }
        return results.enumerated().sorted { left, right in
            let (one, two) = (rank(left.element), rank(right.element))
            return one == two ? left.offset < right.offset : one > two
        }
        .prefix(count).sorted { $0.offset < $1.offset }.map(\.element)
    }

    func run(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tool") { $0.object { $0.member("driver") { driver(to: &$0) } } }
            writer.member("invocations") { $0.array([report]) { writer, _ in invocation(to: &writer) } }
            writer.member("originalUriBaseIds") { writer in
                writer.object { writer in
                    for (index, target) in report.targets.enumerated() {
                        writer.member("TARGET\(index + 1)") { writer in
                            writer.object { writer in
                                text("description", "The root of \(target.name), a \(target.kind)", to: &writer)
                            }
                        }
                    }
                }
            }
            writer.member("columnKind", "unicodeCodePoints")
            if !controls.isEmpty { writer.member("taxonomies") { $0.array([controls]) { taxonomy($1, to: &$0) } } }
            writer.member("results") { writer in
                writer.array(
                    results.map(Entry.result) + report.drift.prefix(SARIFReporter.resultLimit).map(Entry.drift)
                ) { writer, entry in
                    switch entry {
                    case .result(let result): self.result(result, to: &writer)
                    case .drift(let drift): self.drift(drift, to: &writer)
                    }
                }
            }
            writer.member("properties") { writer in
                writer.object { writer in
                    writer.member("profile", VisibleText.escape(report.profile))
                    writer.member("profileDigest", VisibleText.escape(report.profileDigest))
                    writer.member("catalogueDigest", VisibleText.escape(report.catalogueDigest))
                    writer.member("collectedAt", Timestamp.text(report.collectedAt))
                    writer.member("droppedRules") { writer in
                        writer.strings(report.dropped.map { VisibleText.escape($0.id + ": " + $0.reason) })
                    }
                    writer.member("outcomes") { writer in
                        let total = ReportSummary(report).total
                        writer.object { writer in
                            for outcome in Outcome.allCases { writer.member(outcome.rawValue, total.count(outcome)) }
                        }
                    }
                    writer.member("notes") { $0.strings(report.notes.map(VisibleText.escape)) }
                    writer.member("omittedResults", omitted)
                    writer.member("systems") { writer in
                        writer.array(ReportSystem.of(report)) { writer, system in
                            writer.object { writer in
                                writer.member("name", VisibleText.escape(system.name))
                                writer.member("toplevel", system.identity.toplevel.map(VisibleText.escape))
                                writer.member("targets") { $0.strings(system.targets.map(name)) }
                            }
                        }
                    }
                    if let verdict = report.verdict { writer.member("verdict") { self.verdict(verdict, to: &$0) } }
                }
            }
        }
    }

    private func verdict(_ verdict: Verdict, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("decision", verdict.decision.rawValue)
            writer.member("policy", VisibleText.escape(verdict.policy))
            writer.member("policyDigest", VisibleText.escape(verdict.policyDigest))
            writer.member("judgedAt", Timestamp.text(verdict.judgedAt))
            writer.member("validUntil", Timestamp.text(verdict.validUntil))
            writer.member("reasons") { writer in
                writer.strings(verdict.reasons.map { VisibleText.escape("\($0.kind.rawValue): \($0.message)") })
            }
            writer.member("warnings") { $0.strings(verdict.warnings.map(VisibleText.escape)) }
            writer.member("open") { $0.strings(verdict.open.map(VisibleText.escape)) }
        }
    }

    /// The controls as taxa (section 3.19.3). Ids are unique over the benchmarks, so that one taxonomy holds them.
    private static let taxonomyName = "controls"

    private func taxonomy(_ controls: [String], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", Self.taxonomyName)
            text("shortDescription", "Controls of published benchmarks", to: &writer)
            writer.member("taxa") { writer in
                writer.array(controls) { writer, control in
                    writer.object { $0.member("id", VisibleText.escape(control)) }
                }
            }
        }
    }

    private func taxon(_ control: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", VisibleText.escape(control))
            if let position = controlPositions[control] { writer.member("index", position) }
            writer.member("toolComponent") { writer in
                writer.object { writer in
                    writer.member("name", Self.taxonomyName)
                    writer.member("index", 0)
                }
            }
        }
    }

    private enum Entry {
        case result(Result)
        case drift(Drift)
    }

    // MARK: Tool

    private func driver(to writer: inout JSONWriter) {
        let words = report.tool.unicodeScalars.split(separator: " ").map(String.init)
        writer.object { writer in
            writer.member("name", VisibleText.escape(words.first ?? "firn"))
            if words.count > 1, let version = words.last {
                writer.member("version", VisibleText.escape(version))
            }
            if !controls.isEmpty {
                writer.member("supportedTaxonomies") { writer in
                    writer.array([Self.taxonomyName]) { writer, name in
                        writer.object { writer in
                            writer.member("name", name)
                            writer.member("index", 0)
                        }
                    }
                }
            }
            writer.member("rules") { $0.array(rules) { rule($1, to: &$0) } }
        }
    }

    private func rule(_ rule: RuleGroup, to writer: inout JSONWriter) {
        let title = rule.title.isEmpty ? rule.rule : rule.title
        var help = title + "."
        if let expected = rule.results.first?.expected { help += " Expected: \(expected)." }
        let fixes = rule.fixes.flatMap(Self.repair)
        if !fixes.isEmpty { help += " To repair: " + fixes.joined(separator: " or ") }
        writer.object { writer in
            writer.member("id", VisibleText.escape(rule.rule))
            text("shortDescription", title, to: &writer)
            let rationale = texts[rule.rule]?.rationale ?? ""
            text("fullDescription", rationale.isEmpty ? title : rationale, to: &writer)
            if let address = texts[rule.rule]?.references.first(where: Self.isAddress) {
                writer.member("helpUri", address)
            }
            writer.member("defaultConfiguration") { $0.object { $0.member("level", Self.level(rule.severity)) } }
            writer.member("help") { writer in
                writer.object { writer in
                    writer.member("text", VisibleText.escape(help))
                    writer.member("markdown", markdown(rule, title))
                }
            }
            let answered = Set(rule.results.flatMap(\.controls)).sorted()
            if !answered.isEmpty {
                writer.member("relationships") { writer in
                    writer.array(answered) { writer, control in
                        writer.object { writer in
                            writer.member("target") { taxon(control, to: &$0) }
                            writer.member("kinds") { $0.strings(["relevant"]) }
                        }
                    }
                }
            }
            writer.member("properties") { writer in
                writer.object { writer in
                    writer.member("tags") { $0.strings(["security"]) }
                    writer.member("severity", rule.severity.rawValue)
                    if let score = Self.score(rule.severity) { writer.member("security-severity", score) }
                }
            }
        }
    }

    /// Help as code scanning shows it beside an alert.
    private func markdown(_ rule: RuleGroup, _ title: String) -> String {
        var text = "**\(MarkdownText.inline(title))**\n"
        if let expected = rule.results.first?.expected {
            text += "\n- expected: \(MarkdownText.code(VisibleText.escape(expected, limit: 400)))\n"
        }
        for repair in rule.fixes.flatMap(Self.repair).prefix(4) {
            text += "- to repair: \(MarkdownText.code(VisibleText.escape(repair, limit: 1000)))\n"
        }
        guard let known = texts[rule.rule] else { return text }
        text += "\n**Why**: \(MarkdownText.escape(known.rationale))\n"
        text += "\n**Side effects**: \(MarkdownText.escape(known.sideEffects))\n"
        let references = known.references.filter(Self.isAddress)
        if !references.isEmpty { text += "\n**See**: " + references.map { "<\($0)>" }.joined(separator: ", ") + "\n" }
        return text
    }

    /// Whether text is an address of the web without a character that ends it in Markdown (RFC 3986, section 2).
    private static func isAddress(_ text: String) -> Bool {
        let punctuation = Set("-._~:/?#@!$&'()*+,;=%".utf8)
        return text.hasPrefix("https://")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || punctuation.contains(byte)
            }
    }

    private func invocation(to writer: inout JSONWriter) {
        let errors = report.results.filter { $0.outcome == .error }
        writer.object { writer in
            writer.member("executionSuccessful", errors.isEmpty)
            if omitted > 0 {
                writer.member("toolConfigurationNotifications") { writer in
                    writer.array([omitted]) { writer, omitted in
                        writer.object { writer in
                            writer.member("level", "warning")
                            text(
                                "message",
                                "\(omitted) results, the least severe, are left out: a run has at most "
                                    + "\(SARIFReporter.resultLimit); the JSON report has them all.", to: &writer)
                        }
                    }
                }
            }
            writer.member("toolExecutionNotifications") { writer in
                writer.array(errors) { writer, error in
                    writer.object { writer in
                        reference(error.rule, "associatedRule", to: &writer)
                        writer.member("level", "error")
                        let reason = error.message ?? "the rule could not be evaluated"
                        text("message", "\(error.rule) on \(name(error.target)): \(reason)", to: &writer)
                    }
                }
            }
        }
    }

    private func reference(_ rule: String, _ key: String, to writer: inout JSONWriter) {
        writer.member(key) { writer in
            writer.object { writer in
                writer.member("id", VisibleText.escape(rule))
                if let position = positions[rule] { writer.member("index", position) }
            }
        }
    }

    // MARK: Results

    private func result(_ result: Result, to writer: inout JSONWriter) {
        let kind =
            switch result.outcome {
            case .fail: "fail"
            case .pass: "pass"
            case .notApplicable: "notApplicable"
            case .unknown, .notChecked, .error: "open"
            }
        writer.object { writer in
            writer.member("ruleId", VisibleText.escape(result.rule))
            if let position = positions[result.rule] { writer.member("ruleIndex", position) }
            writer.member("kind", kind)
            writer.member("level", result.outcome == .fail ? Self.level(result.severity) : "none")
            text("message", Self.message(result), to: &writer)
            writer.member("locations") { writer in
                if result.evidence.isEmpty {
                    writer.array([0]) { writer, _ in targetLocation(result.target, nil, to: &writer) }
                } else {
                    // GitHub takes 1,000 locations of a result.
                    writer.array(result.evidence.prefix(100)) { location($1, result.target, to: &$0) }
                }
            }
            fingerprint(PercentEncoding.component(result.rule) + "/" + name(result.target), to: &writer)
            if !result.controls.isEmpty {
                var seen: Set<String> = []
                writer.member("taxa") { writer in
                    writer.array(result.controls.filter { seen.insert($0).inserted }) { taxon($1, to: &$0) }
                }
            }
            if let waiver = result.waiver, result.outcome == .fail {
                writer.member("suppressions") { writer in
                    writer.array([waiver]) { writer, waiver in
                        writer.object { writer in
                            writer.member("kind", "external")
                            writer.member("status", "accepted")
                            let conditions = WaiverText.conditions(waiver).map { "; " + $0 } ?? ""
                            let text = "\(waiver.reason) (\(waiver.owner), until \(waiver.expires)\(conditions))"
                            writer.member("justification", VisibleText.escape(text))
                            writer.member("properties") { writer in
                                writer.object { writer in
                                    writer.member("owner", VisibleText.escape(waiver.owner))
                                    writer.member("expires", VisibleText.escape(waiver.expires))
                                    writer.member("ticket", waiver.ticket.map(VisibleText.escape))
                                    writer.member("scope", VisibleText.escape(WaiverText.scope(waiver)))
                                    writer.member("maximumSeverity", waiver.maximumSeverity?.rawValue)
                                }
                            }
                        }
                    }
                }
            }
            writer.member("properties") { writer in
                writer.object { writer in
                    writer.member("outcome", result.outcome.rawValue)
                    writer.member("severity", result.severity.rawValue)
                    writer.member("source", result.source.rawValue)
                    writer.member("target", name(result.target))
                    writer.member("observed", result.observed.map(VisibleText.escape))
                    writer.member("expected", VisibleText.escape(result.expected))
                    writer.member("controls") { $0.strings(result.controls.map(VisibleText.escape)) }
                }
            }
        }
    }

    private func drift(_ drift: Drift, to writer: inout JSONWriter) {
        let target = drift.values.last { $0.source == drift.layer }?.target ?? 0
        writer.object { writer in
            writer.member("ruleId", VisibleText.escape(drift.rule))
            if let position = positions[drift.rule] { writer.member("ruleIndex", position) }
            writer.member("kind", "fail")
            writer.member("level", Self.level(drift.severity))
            let likely = drift.causes.first.map { ". Likely: " + $0 } ?? ""
            text("message", "Drift: " + drift.message + likely, to: &writer)
            writer.member("locations") { writer in
                writer.array([target]) { targetLocation($1, nil, to: &$0) }
            }
            fingerprint(
                [drift.rule, drift.fact.rawValue].map(PercentEncoding.component).joined(separator: "/") + "/drift/"
                    + drift.layer.rawValue + "/" + (targetNames.indices.contains(target) ? targetNames[target] : ""),
                to: &writer)
            writer.member("properties") { writer in
                writer.object { writer in
                    writer.member("drift", true)
                    writer.member("fact", VisibleText.escape(drift.fact.rawValue))
                    writer.member("layer", drift.layer.rawValue)
                    writer.member("effect", drift.effect.rawValue)
                    writer.member("causes") { $0.strings(drift.causes.map(VisibleText.escape)) }
                    writer.member("values") { writer in
                        writer.strings(
                            drift.values.map { value in
                                let observed = value.observed ?? "not set"
                                return VisibleText.escape(
                                    "\(value.source.rawValue): \(value.outcome.rawValue), \(observed)")
                            })
                    }
                }
            }
        }
    }

    /// A place as a physical location inside the target, or, for an option, a logical one in the target's document.
    private func location(_ evidence: Evidence, _ target: Int, to writer: inout JSONWriter) {
        guard evidence.path.utf8.first == UInt8(ascii: "/") else {
            return targetLocation(target, evidence, to: &writer)
        }
        writer.object { writer in
            writer.member("physicalLocation") { writer in
                writer.object { writer in
                    writer.member("artifactLocation") { writer in
                        writer.object { writer in
                            writer.member("uri", PercentEncoding.rootedPath(evidence.path))
                            writer.member("uriBaseId", "TARGET\(target + 1)")
                        }
                    }
                    if let line = evidence.line, line > 0 {
                        writer.member("region") { writer in
                            writer.object { writer in
                                writer.member("startLine", line)
                                if let content = evidence.text { text("snippet", content, to: &writer) }
                            }
                        }
                    }
                }
            }
        }
    }

    private func targetLocation(_ target: Int, _ evidence: Evidence?, to writer: inout JSONWriter) {
        let document = report.targets.indices.contains(target) ? report.targets[target].name : ""
        writer.object { writer in
            writer.member("physicalLocation") { writer in
                writer.object { writer in
                    writer.member("artifactLocation") { writer in
                        writer.object { $0.member("uri", PercentEncoding.path(document)) }
                    }
                }
            }
            if let evidence {
                writer.member("logicalLocations") { writer in
                    writer.array([evidence]) { writer, evidence in
                        writer.object { writer in
                            writer.member("fullyQualifiedName", VisibleText.escape(evidence.path))
                            writer.member("kind", "member")
                        }
                    }
                }
                if let content = evidence.text { text("message", content, to: &writer) }
            }
        }
    }

    private func fingerprint(_ text: String, to writer: inout JSONWriter) {
        writer.member("partialFingerprints") { $0.object { $0.member("firnResult/v1", text) } }
    }

    private func name(_ target: Int) -> String {
        targetNames.indices.contains(target) ? targetNames[target] : "target\(target + 1)"
    }

    /// A `multiformatMessageString` or `message`: an object with plain text.
    private func text(_ key: String, _ content: String, to writer: inout JSONWriter) {
        writer.member(key) { $0.object { $0.member("text", VisibleText.escape(content)) } }
    }

    private static func message(_ result: Result) -> String {
        let observed = result.observed ?? "not set"
        switch result.outcome {
        case .fail:
            var text = "\(result.title): is \(observed), should be \(result.expected)."
            if let message = result.message { text += " \(message)." }
            let fixes = result.fix.map(repair) ?? []
            if !fixes.isEmpty { text += " To repair: " + fixes.joined(separator: " or ") }
            return text
        case .pass: return "\(result.title): is \(observed)."
        case .notApplicable: return "\(result.title): does not apply: \(result.message ?? "no reason was given")."
        case .notChecked: return "\(result.title): not checked, this source does not supply the fact."
        case .unknown, .error:
            return "\(result.title): could not be told: \(result.message ?? "no reason was given")."
        }
    }

    private static func repair(_ fix: Fix) -> [String] {
        [NixDefinition.render(fix), fix.manual].compactMap { $0 }
    }

    private static func level(_ severity: Severity) -> String {
        switch severity {
        case .critical, .high: "error"
        case .medium: "warning"
        case .low, .info: "note"
        }
    }

    /// A score in the middle of the band that code scanning shows under our word; `info` has no band.
    private static func score(_ severity: Severity) -> String? {
        switch severity {
        case .critical: "9.5"
        case .high: "8.0"
        case .medium: "5.5"
        case .low: "2.0"
        case .info: nil
        }
    }
}

/// Paths as URI references (RFC 3986): all but unreserved characters is percent-encoded UTF-8.
enum PercentEncoding {
    /// One segment of a path.
    static func component(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var result = String.UnicodeScalarView()
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(Unicode.Scalar(byte))
            default:
                result.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(result)
    }

    /// A path as given; several leading slashes would name a host and become one.
    static func path(_ text: String) -> String {
        let segments = text.utf8.split(separator: UInt8(ascii: "/")).map {
            component(String(decoding: $0, as: UTF8.self))
        }
        let joined = segments.joined(separator: "/")
        let isAbsolute = text.utf8.first == UInt8(ascii: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "target" : joined
    }

    /// A path inside a root, relative to it; `..` cannot leave the root.
    static func rootedPath(_ text: String) -> String {
        var segments: [String] = []
        for segment in text.utf8.split(separator: UInt8(ascii: "/")) {
            let name = String(decoding: segment, as: UTF8.self)
            switch name {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(component(name))
            }
        }
        return segments.isEmpty ? "." : segments.joined(separator: "/")
    }
}
