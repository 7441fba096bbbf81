/// What evaluating one rule against one source gave. The words are XCCDF's.
public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// The fact is known or absent, and is as the rule wants it.
    case pass
    /// The fact is known or absent, and is not as the rule wants it.
    case fail
    /// The rule does not apply to this system, for a known reason.
    case notApplicable
    /// This source never supplies the fact.
    case notChecked
    /// The source supplies the fact but could not read it.
    case unknown
    /// The rule or the engine failed.
    case error

    /// Conjunction, as in XCCDF 1.2 section 7.2.3.5: fail dominates, `notApplicable` is neutral.
    ///
    /// XCCDF leaves "not checked" neutral too; here it is not, since "one half passed, nobody looked at the other" is
    /// not a pass. The table is the maximum of a total order, so it is commutative and associative by construction.
    public func and(_ other: Outcome) -> Outcome {
        conjunctionRank >= other.conjunctionRank ? self : other
    }

    /// Disjunction: pass dominates, `notApplicable` is neutral.
    public func or(_ other: Outcome) -> Outcome {
        disjunctionRank >= other.disjunctionRank ? self : other
    }

    /// Negation: exchanges pass and fail and leaves the rest.
    public var negated: Outcome {
        switch self {
        case .pass: .fail
        case .fail: .pass
        case .notApplicable, .notChecked, .unknown, .error: self
        }
    }

    private var conjunctionRank: Int {
        switch self {
        case .fail: 5
        case .error: 4
        case .unknown: 3
        case .notChecked: 2
        case .pass: 1
        case .notApplicable: 0
        }
    }

    private var disjunctionRank: Int {
        switch self {
        case .pass: 5
        case .error: 4
        case .unknown: 3
        case .notChecked: 2
        case .fail: 1
        case .notApplicable: 0
        }
    }
}
