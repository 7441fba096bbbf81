public import FirnModel
import FirnReportCore

/// JUnit XML as the Jenkins xUnit schema describes it: a suite a target, a case a rule, and a suite for drift.
///
/// | outcome | test case |
/// |---|---|
/// | pass | passes |
/// | fail | `failure`, its type the severity; waived: `skipped` |
/// | unknown | `error` of type `unknown`: a reader of test reports must not take it for a pass |
/// | error | `error` of type `error` |
/// | notApplicable, notChecked | `skipped` with the reason |
///
/// `time` is 0: a duration would make two renderings of one report differ.
public enum JUnitReporter {
    /// Renders a report.
    public static func render(_ report: Report) -> String {
        var suites = report.targets.enumerated().map { index, target in
            TestSuite(
                name: "\(target.source.rawValue) \(target.name)",
                cases: report.results.filter { $0.target == index }.map(TestCase.init))
        }
        // A result must not vanish because its target is not listed.
        let stray = report.results.filter { !report.targets.indices.contains($0.target) }
        if !stray.isEmpty {
            suites.append(TestSuite(name: "target not listed", cases: stray.map(TestCase.init)))
        }
        if !report.drift.isEmpty {
            suites.append(TestSuite(name: "drift", cases: report.drift.map(TestCase.init)))
        }
        var writer = XMLWriter()
        let cases = suites.flatMap(\.cases)
        // The schema knows no count of skipped cases for the whole document.
        let total = counts(cases).filter { $0.name.description != "skipped" }
        writer.element("testsuites", [("name", "\(report.tool) \(report.profile)")] + total) { writer in
            for suite in suites {
                writer.element("testsuite", [("name", suite.name)] + counts(suite.cases)) { writer in
                    for test in suite.cases { test.write(to: &writer) }
                }
            }
        }
        return writer.text
    }

    private struct TestSuite {
        var name: String
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
                state = .skipped(
                    message: "\(message); waived by \(waiver.owner) until \(waiver.expires): \(waiver.reason)")
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
        let lines = drift.values.map { "\($0.source.rawValue): \($0.outcome.rawValue), \($0.observed ?? "not set")" }
        state = .failure(type: "drift", message: drift.message, lines: lines)
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
