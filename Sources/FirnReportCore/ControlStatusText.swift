import FirnModel

extension ControlAssessment {
    /// How much of one value, message or evidence is written.
    private static let limit = 300
    /// How many pieces of evidence of one result are written.
    private static let evidenceLimit = 8

    /// What was found, line by line: the reason, what each rule saw and where, and what is left for a person. Each
    /// line is harmless to print.
    public var findingDetails: [String] {
        var lines = [reason]
        for result in results { lines += Self.lines(result) }
        if let remains = control.remains { lines.append("Not looked at: \(remains)") }
        if let question = control.question { lines.append("For a person: \(question)") }
        return lines
    }

    /// The waivers of its failures, a line each, and what is odd about the control's text.
    public var comments: [String] {
        var seen: Set<Waiver> = []
        var lines: [String] = []
        for waiver in results.compactMap(\.waiver) where seen.insert(waiver).inserted {
            lines.append(Self.line(waiver))
        }
        if let note = control.note { lines.append("On the text of the control: \(Self.shown(note))") }
        return lines
    }

    private static func shown(_ text: String) -> String {
        VisibleText.escape(text, limit: limit)
    }

    /// A result as lines: what it says, then where it was seen, indented.
    private static func lines(_ result: Result) -> [String] {
        var first =
            "\(result.outcome.rawValue) (\(result.source.rawValue)) \(shown(result.rule)): \(shown(result.title))."
        if result.waiver != nil { first += " Waived." }
        var lines = [first]
        if result.outcome == .pass || result.outcome == .fail || result.outcome == .unknown {
            lines.append("  observed: \(shown(result.observed ?? "not known")); expected: \(shown(result.expected))")
        }
        if let message = result.message { lines.append("  \(shown(message))") }
        for evidence in result.evidence.prefix(evidenceLimit) {
            let place = shown(evidence.path) + (evidence.line.map { ":\($0)" } ?? "")
            lines.append("  at \(place)" + (evidence.text.map { ": \(shown($0))" } ?? ""))
        }
        if result.evidence.count > evidenceLimit {
            lines.append("  and \(result.evidence.count - evidenceLimit) places more")
        }
        return lines
    }

    private static func line(_ waiver: Waiver) -> String {
        var text = "Waived until \(shown(waiver.expires)) by \(shown(waiver.owner)): \(shown(waiver.reason))"
        if let ticket = waiver.ticket { text += " (\(shown(ticket)))" }
        return text + " [\(shown(waiver.rule))]"
    }
}
