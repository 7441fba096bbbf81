public import FirnModel
import FirnReportCore

/// JUnit XML as the Jenkins xUnit schema describes it: a suite a system and source, a case a rule, and suites for drift
/// and for the gate's verdict.
///
/// | outcome | test case |
/// |---|---|
/// | pass | passes |
/// | fail | `failure`, its type the severity; waived: `skipped` with owner, expiry, ticket, scope and reason |
/// | unknown | `error` of type `unknown`: a reader of test reports must not take it for a pass |
/// | error | `error` of type `error` |
/// | notApplicable, notChecked | `skipped` with the reason |
/// | drift | `failure` of type `drift` |
/// | verdict | one case that passes, or a `failure` for each reason, its type the kind |
///
/// `time` is 0: a duration would make two renderings of one report differ.
public enum JUnitReporter {
    /// Renders a report.
    public static func render(_ report: Report) -> String {
        var byTarget = [[TestCase]](repeating: [], count: report.targets.count)
        // A result must not vanish because its target is not listed.
        var stray: [TestCase] = []
        for result in report.results {
            if byTarget.indices.contains(result.target) {
                byTarget[result.target].append(TestCase(result))
            } else {
                stray.append(TestCase(result))
            }
        }
        var suites: [TestSuite] = []
        for system in ReportSystem.of(report) {
            for index in system.targets {
                let target = report.targets[index]
                // Several targets of one system and source, such as specialisations, are told apart by their names.
                let isOnly = system.targets.count { report.targets[$0].source == target.source } == 1
                let name = "\(system.name) \(target.source.rawValue)" + (isOnly ? "" : " \(target.name)")
                suites.append(TestSuite(name: name, properties: properties(target), cases: byTarget[index]))
            }
        }
        if !stray.isEmpty { suites.append(TestSuite(name: "target not listed", cases: stray)) }
        if !report.drift.isEmpty {
            suites.append(TestSuite(name: "drift", cases: report.drift.map(TestCase.init)))
        }
        if let verdict = report.verdict { suites.append(gate(verdict)) }
        var writer = XMLWriter()
        let cases = suites.flatMap(\.cases)
        // The schema knows no count of skipped cases for the whole document.
        let total = counts(cases).filter { $0.name.description != "skipped" }
        writer.element("testsuites", [("name", "\(report.tool) \(report.profile)")] + total) { writer in
            for suite in suites {
                writer.element("testsuite", [("name", suite.name)] + counts(suite.cases)) { writer in
                    if !suite.properties.isEmpty {
                        writer.element("properties") { writer in
                            for property in suite.properties {
                                writer.element(
                                    "property", [("name", property.name), ("value", property.value)])
                            }
                        }
                    }
                    for test in suite.cases { test.write(to: &writer) }
                }
            }
        }
        return writer.text
    }

    private static func properties(_ target: ReportTarget) -> [(name: String, value: String)] {
        [
            ("target", target.name), ("kind", target.kind), ("source", target.source.rawValue),
            ("digest", target.digest), ("toplevel", target.identity.toplevel),
            ("release", target.identity.release), ("closureDigest", target.identity.closureDigest?.value),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    private static func gate(_ verdict: Verdict) -> TestSuite {
        let properties: [(name: String, value: String)] =
            [
                ("decision", verdict.decision.rawValue), ("policy", verdict.policy),
                ("policyDigest", verdict.policyDigest), ("judgedAt", Timestamp.text(verdict.judgedAt)),
                ("validUntil", Timestamp.text(verdict.validUntil)),
            ] + verdict.warnings.map { ("warning", $0) } + verdict.open.map { ("open", $0) }
        var cases = verdict.reasons.map(TestCase.init)
        // A block without a reason is none the less no pass.
        if cases.isEmpty { cases = [TestCase(verdict)] }
        return TestSuite(name: "gate", properties: properties, cases: cases)
    }

    private struct TestSuite {
        var name: String
        var properties: [(name: String, value: String)] = []
        var cases: [TestCase]
    }

    private static func counts(_ cases: [TestCase]) -> [(name: StaticString, value: String)] {
        var (failures, errors, skipped) = (0, 0, 0)
        for test in cases {
            switch test.state {
            case .pass: break
            case .failure: failures += 1
            case .error: errors += 1
            case .skipped: skipped += 1
            }
        }
        return [
            ("tests", String(cases.count)), ("failures", String(failures)), ("errors", String(errors)),
            ("skipped", String(skipped)), ("time", "0"),
        ]
    }
}

/// One test case.
private struct TestCase {
    /// What it says.
    enum State {
        case pass
        case failure(type: String, message: String, lines: [String])
        case error(type: String, message: String)
        case skipped(message: String)
    }

    var family: String
    var name: String
    var state: State

    init(_ result: Result) {
        family = String(String.UnicodeScalarView(result.rule.unicodeScalars.prefix { $0 != "." }))
        name = result.rule
        let reason = result.message ?? "no reason was given"
        switch result.outcome {
        case .pass: state = .pass
        case .notApplicable: state = .skipped(message: "does not apply: \(reason)")
        case .notChecked: state = .skipped(message: "not checked: this source does not supply the fact")
        case .unknown: state = .error(type: "unknown", message: "could not tell: \(reason)")
        case .error: state = .error(type: "error", message: reason)
        case .fail:
            let message = "is \(result.observed ?? "not set"), should be \(result.expected)"
            if let waiver = result.waiver {
                let conditions = WaiverText.conditions(waiver).map { " (\($0))" } ?? ""
                state = .skipped(
                    message: "\(message); waived by \(waiver.owner) until \(waiver.expires)\(conditions): "
                        + waiver.reason)
                return
            }
            var lines = [result.title, message] + result.evidence.map(Self.place)
            if let message = result.message { lines.append(message) }
            if let definition = result.fix.flatMap(NixDefinition.render) { lines.append("set " + definition) }
            if let manual = result.fix?.manual { lines.append("do " + manual) }
            state = .failure(type: result.severity.rawValue, message: message, lines: lines)
        }
    }

    init(_ drift: Drift) {
        family = "drift"
        name = drift.rule + " (" + drift.fact.rawValue + ")"
        let lines =
            drift.values.map { "\($0.source.rawValue): \($0.outcome.rawValue), \($0.observed ?? "not set")" }
            + drift.causes.map { "likely: \($0)" }
        state = .failure(type: "drift", message: drift.message, lines: lines)
    }

    init(_ reason: Verdict.Reason) {
        family = "gate"
        name = reason.kind.rawValue + (reason.rule.map { " " + $0 } ?? "")
        state = .failure(type: reason.kind.rawValue, message: reason.message, lines: [])
    }

    /// A verdict without reasons.
    init(_ verdict: Verdict) {
        family = "gate"
        name = "policy " + verdict.policy
        switch verdict.decision {
        case .pass: state = .pass
        case .blocked: state = .failure(type: "blocked", message: "blocked without a reason", lines: [])
        }
    }

    private static func place(_ evidence: Evidence) -> String {
        evidence.path + (evidence.line.map { ":\($0)" } ?? "") + (evidence.text.map { ": " + $0 } ?? "")
    }

    func write(to writer: inout XMLWriter) {
        let attributes: [(name: StaticString, value: String)] = [
            ("classname", family), ("name", name), ("time", "0"),
        ]
        switch state {
        case .pass: writer.element("testcase", attributes)
        case .failure(let type, let message, let lines):
            writer.element("testcase", attributes) { writer in
                writer.element("failure", [("type", type), ("message", message)], lines: lines)
            }
        case .error(let type, let message):
            writer.element("testcase", attributes) { $0.element("error", [("type", type), ("message", message)]) }
        case .skipped(let message):
            writer.element("testcase", attributes) { $0.element("skipped", [("message", message)]) }
        }
    }
}
