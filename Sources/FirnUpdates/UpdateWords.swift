import FirnModel
import FirnReportCore

extension UpdateJudgement {
    /// One line that says it all.
    public var headline: String {
        let system = "NixOS" + (subject.release.map { " " + $0 } ?? "")
        switch outcome {
        case .pass: return "Up to date: \(system) gets updates, and \(currency.text)."
        case .fail where support.outcome == .fail:
            return "End of life: \(system) gets no updates any more (\(support.text))."
        case .fail:
            let distance = commitsBehind.map { ", \($0) \($0 == 1 ? "commit" : "commits") ahead" } ?? ""
            return "Behind: \(system) has updates to take; \(currency.text)\(distance)."
        case .notChecked: return "Not asked: \(system) gets updates; whether it has taken them, \(currency.text)."
        case .notApplicable, .unknown, .error:
            return "Unknown: " + (support.outcome == .pass ? currency.text : support.text) + "."
        }
    }

    /// The exit code: that of one question whose parts are joined as a rule's conditions are.
    public var exitCode: Int32 {
        switch outcome {
        case .pass: ExitCode.pass
        case .fail: ExitCode.findings
        case .error: ExitCode.error
        case .notApplicable, .notChecked, .unknown: ExitCode.incomplete
        }
    }
}
