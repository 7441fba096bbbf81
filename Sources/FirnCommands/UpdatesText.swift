import FirnModel
import FirnReportCore
import FirnUpdates

/// A judgement for people.
enum UpdatesText {
    static func render(_ judgement: UpdateJudgement, colour: Bool, isASCII: Bool, width: Int) -> String {
        func visible(_ text: String) -> String { VisibleText.escape(text, limit: 400) }
        let subject = judgement.subject
        var columns = Columns()
        columns.add("  ", "system", visible(subject.target))
        columns.add("  ", "version", subject.version.map(visible) ?? "not known")
        var revision = subject.revision?.text ?? "not known"
        if let date = subject.date {
            revision += " of \(date)"
            if let days = judgement.ageDays { revision += ", \(days) \(days == 1 ? "day" : "days") ago" }
        }
        columns.add("  ", "revision", revision)
        for (name, part) in [("support", judgement.support), ("currency", judgement.currency)] {
            columns.add("  ", name, symbol(part.outcome, isASCII) + " " + visible(part.text))
        }
        for reply in judgement.replies {
            let answer =
                switch reply.answer {
                case .revision(let revision, _, let published):
                    revision.text + (published.map { " of \($0)" } ?? "")
                case .noChannel: "no such channel"
                case .unusable(let reason): reason
                }
            columns.add("  ", "asked", visible("\(reply.address): \(answer)"))
        }
        if judgement.replies.isEmpty { columns.add("  ", "asked", "nothing") }
        let headline = symbol(judgement.outcome, isASCII) + " " + visible(judgement.headline)
        let lines = Columns.wrap(headline, width: max(width, 24)).joined(separator: "\n")
        return paint(lines, judgement.outcome, colour) + "\n\n" + columns.render(width: width)
    }

    private static func symbol(_ outcome: Outcome, _ isASCII: Bool) -> String {
        switch outcome {
        case .pass: isASCII ? "+" : "✓"
        case .fail: isASCII ? "x" : "✗"
        case .error: "!"
        case .notApplicable, .notChecked, .unknown: "?"
        }
    }

    private static func paint(_ text: String, _ outcome: Outcome, _ colour: Bool) -> String {
        guard colour else { return text }
        let code =
            switch outcome {
            case .pass: "32"
            case .fail, .error: "31"
            case .notApplicable, .notChecked, .unknown: "33"
            }
        return "\u{1b}[1;\(code)m\(text)\u{1b}[0m"
    }
}
