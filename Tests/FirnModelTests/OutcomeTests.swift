import FirnModel
import FirnTestSupport
import Testing

/// The truth tables of `all`, `any` and `not` (XCCDF 1.2, section 7.2.3.5, with "not checked" made visible).
@Suite struct OutcomeTests {
    static let pairs = Outcome.allCases.flatMap { left in Outcome.allCases.map { (left, $0) } }

    /// Written out by hand, row by row: P F N K U E against P F N K U E.
    /// P pass, F fail, N not applicable, K not checked, U unknown, E error.
    static let conjunction = [
        "P": ["P": "P", "F": "F", "N": "P", "K": "K", "U": "U", "E": "E"],
        "F": ["P": "F", "F": "F", "N": "F", "K": "F", "U": "F", "E": "F"],
        "N": ["P": "P", "F": "F", "N": "N", "K": "K", "U": "U", "E": "E"],
        "K": ["P": "K", "F": "F", "N": "K", "K": "K", "U": "U", "E": "E"],
        "U": ["P": "U", "F": "F", "N": "U", "K": "U", "U": "U", "E": "E"],
        "E": ["P": "E", "F": "F", "N": "E", "K": "E", "U": "E", "E": "E"],
    ]
    static let disjunction = [
        "P": ["P": "P", "F": "P", "N": "P", "K": "P", "U": "P", "E": "P"],
        "F": ["P": "P", "F": "F", "N": "F", "K": "K", "U": "U", "E": "E"],
        "N": ["P": "P", "F": "F", "N": "N", "K": "K", "U": "U", "E": "E"],
        "K": ["P": "P", "F": "K", "N": "K", "K": "K", "U": "U", "E": "E"],
        "U": ["P": "P", "F": "U", "N": "U", "K": "U", "U": "U", "E": "E"],
        "E": ["P": "P", "F": "E", "N": "E", "K": "E", "U": "E", "E": "E"],
    ]

    static func letter(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "P"
        case .fail: "F"
        case .notApplicable: "N"
        case .notChecked: "K"
        case .unknown: "U"
        case .error: "E"
        }
    }

    @Test(arguments: pairs)
    func tablesAreAsWritten(left: Outcome, right: Outcome) {
        let row = Self.letter(left)
        let column = Self.letter(right)
        #expect(Self.letter(left.and(right)) == Self.conjunction[row]?[column])
        #expect(Self.letter(left.or(right)) == Self.disjunction[row]?[column])
    }

    @Test(arguments: pairs)
    func tablesAreCommutative(left: Outcome, right: Outcome) {
        #expect(left.and(right) == right.and(left))
        #expect(left.or(right) == right.or(left))
    }

    @Test func tablesAreAssociative() {
        for a in Outcome.allCases {
            for b in Outcome.allCases {
                for c in Outcome.allCases {
                    #expect(a.and(b).and(c) == a.and(b.and(c)))
                    #expect(a.or(b).or(c) == a.or(b.or(c)))
                }
            }
        }
    }

    @Test(arguments: pairs)
    func deMorganHolds(left: Outcome, right: Outcome) {
        #expect(left.and(right).negated == left.negated.or(right.negated))
    }

    @Test func aPassNeedsEveryPartToPassOrNotToApply() {
        // The worst bug: no combination with a part that nobody could tell may pass.
        for outcome in [Outcome.unknown, .error, .notChecked, .fail] {
            #expect(Outcome.pass.and(outcome) != .pass)
            #expect(Outcome.notApplicable.and(outcome) != .pass)
            #expect(outcome.negated != .pass || outcome == .fail)
        }
    }
}
