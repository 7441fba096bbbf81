import FirnModel

/// The named builtins of the `expect` language: what operators cannot say, judged by a knowledge table.
struct Builtins: Sendable {
    private let algorithms: SSHAlgorithmRatings?

    init(knowledge: Knowledge) throws(DataError) {
        algorithms = try SSHAlgorithmRatings(knowledge: knowledge)
    }

    func evaluate(_ name: String, argument: [String: FactValue], value: FactValue) -> Judgement {
        switch name {
        case "ssh-algorithm":
            return sshAlgorithm(argument, value)
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
}
