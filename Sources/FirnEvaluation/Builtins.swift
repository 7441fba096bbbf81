import FirnModel

/// The named builtins of the `expect` language: what operators cannot say, judged by a knowledge table.
struct Builtins: Sendable {
    private let algorithms: SSHAlgorithmRatings?
    /// The time to judge at, in seconds since 1970; nil where none was given.
    private let now: Int64?

    init(knowledge: Knowledge, now: Int64?) throws(DataError) {
        algorithms = try SSHAlgorithmRatings(knowledge: knowledge)
        self.now = now
    }

    func evaluate(_ name: String, argument: [String: FactValue], value: FactValue) -> Judgement {
        switch name {
        case "ssh-algorithm":
            return sshAlgorithm(argument, value)
        case "date-ahead":
            return dateAhead(argument, value)
        default:
            return Judgement(.error, ["there is no builtin named \(name)"])
        }
    }

    private func sshAlgorithm(_ argument: [String: FactValue], _ value: FactValue) -> Judgement {
        guard let algorithms else {
            return Judgement(.error, ["the table of SSH algorithms is not loaded"])
        }
        guard case .string(let kind) = argument["kind"], case .string(let word) = argument["worst"],
            let worst = SSHAlgorithmRatings.Rating(rawValue: word)
        else {
            return Judgement(.error, ["ssh-algorithm needs kind and worst"])
        }
        guard case .string(let algorithm) = value else {
            return Judgement(.unknown, ["\(value) is no algorithm name"])
        }
        guard let entry = algorithms.entry(kind: kind, name: algorithm) else {
            return Judgement(.unknown, ["this algorithm is not in the table"])
        }
        if entry.rating <= worst { return Judgement(.pass) }
        return Judgement(.fail, [entry.reasons.isEmpty ? entry.rating.rawValue : entry.reasons.joined(separator: ", ")])
    }

    /// Whether a date (`2026-12-31`) is not over, counted from `days` after the time of judgement; negative days look
    /// back. The day itself still counts. Of `2026-12-31 or later` it is known until then, and unknown after.
    private func dateAhead(_ argument: [String: FactValue], _ value: FactValue) -> Judgement {
        guard case .integer(let days) = argument["days"], (-100_000...100_000).contains(days) else {
            return Judgement(.error, ["date-ahead needs a number of days"])
        }
        guard let now else {
            return Judgement(.error, ["no time to judge at was given"])
        }
        guard case .string(let text) = value, let bounded = BoundedDate(text) else {
            return Judgement(.unknown, ["\(value) is no date"])
        }
        let today = now / 86_400 - (now % 86_400 < 0 ? 1 : 0)
        let left = bounded.date.days - today
        // A day that is known on one side only decides on that side only.
        if left >= days {
            if bounded.kind != .orEarlier { return Judgement(.pass) }
            return Judgement(.unknown, ["it is \(text), and no more is known"])
        }
        if bounded.kind == .orLater { return Judgement(.unknown, ["it is \(text), and no more is known"]) }
        let distance = left < 0 ? "\(-left) days ago" : left == 0 ? "today" : "in \(left) days"
        return Judgement(.fail, ["\(text) is \(distance)"])
    }
}
