import FirnModel

/// An outcome with the sentences that explain it.
struct Judgement: Sendable, Hashable {
    var outcome: Outcome
    /// Why, where the values alone do not say: the reason a fact is unavailable, the elements that do not hold.
    var details: [String]

    init(_ outcome: Outcome, _ details: [String] = []) {
        self.outcome = outcome
        self.details = details
    }

    init(holds: Bool) {
        self.init(holds ? .pass : .fail)
    }

    /// Both must hold; the details are those of the side that decides.
    func and(_ other: Judgement) -> Judgement {
        combined(with: other, outcome: outcome.and(other.outcome))
    }

    /// One must hold; the details are those of the side that decides.
    func or(_ other: Judgement) -> Judgement {
        combined(with: other, outcome: outcome.or(other.outcome))
    }

    /// The opposite. Details explain why something did not hold, so they do not survive being turned round.
    var negated: Judgement {
        switch outcome {
        case .pass, .fail: Judgement(outcome.negated)
        case .notApplicable, .notChecked, .unknown, .error: self
        }
    }

    private func combined(with other: Judgement, outcome: Outcome) -> Judgement {
        var result = Judgement(outcome)
        for side in [self, other] where side.outcome == outcome {
            for detail in side.details where !result.details.contains(detail) {
                result.details.append(detail)
            }
        }
        return result
    }
}
