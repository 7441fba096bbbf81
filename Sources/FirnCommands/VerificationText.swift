import FirnReportCore

/// The lines of `firn verify`.
enum VerificationText {
    static func render(_ verification: Verification, name: String, _ console: Console) -> String {
        let colour = ColorChoice.auto.isOn(console)
        func painted(_ text: String, _ code: String) -> String { colour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
        var text = VisibleText.escape(name) + "\n\n"
        let width = verification.checks.map(\.name.count).max() ?? 0
        for check in verification.checks {
            let symbol =
                switch check.state {
                case .holds: painted("✓", "32")
                case .broken: painted("✗", "31")
                case .notCompared: painted("–", "33")
                }
            let label = check.name + String(repeating: " ", count: width - check.name.count)
            let lines = Columns.wrap(VisibleText.escape(check.text), width: max(console.columns - width - 6, 30))
            text += "  \(symbol) \(label)  "
            text += lines.joined(separator: "\n" + String(repeating: " ", count: width + 6)) + "\n"
        }
        let broken = verification.checks.count { $0.state == .broken }
        let open = verification.checks.count { $0.state == .notCompared }
        text += "\n"
        switch verification.exitCode {
        case ExitCode.pass:
            text += painted("Verified.", "32")
            text += open > 0 ? " \(open) not compared.\n" : "\n"
        case ExitCode.incomplete:
            text += painted("Incomplete:", "33")
            text += " what was asked for, or all the statement is about, was not compared.\n"
        default:
            text +=
                painted("Not accepted:", "31") + " \(broken) \(broken == 1 ? "check does" : "checks do") not hold.\n"
        }
        return text
    }
}
