import FirnCatalogue
import FirnModel
import Testing

@Suite("Tightening")
struct TighteningTests {
    private static func rated(_ worst: String, kind: String = "cipher") -> Condition {
        .test(.builtin(name: "ssh-algorithm", argument: ["kind": .string(kind), "worst": .string(worst)]))
    }
    private static func atLeast(_ number: Int64) -> Condition { .test(.atLeast(.integer(number))) }
    private static func equals(_ text: String) -> Condition { .test(.equals(.string(text))) }
    private static func number(_ number: Int64) -> Condition { .test(.equals(.integer(number))) }
    private static let ab: [FactValue] = [.string("a"), .string("b")]
    private static let a: [FactValue] = [.string("a")]

    /// The new condition, the old one, and whether the new one is not looser.
    @Test(
        arguments: [
            // The same
            (Condition.test(.matches("x")), Condition.test(.matches("x")), true),
            (.test(.matches("x")), .test(.matches("y")), nil),
            // Values within ranges and lists
            (number(2), atLeast(1), true), (number(0), atLeast(1), false),
            (number(2), .test(.atMost(.integer(2))), true), (number(3), .test(.atMost(.integer(2))), false),
            (equals("a"), .test(.oneOf(ab)), true), (equals("c"), .test(.oneOf(ab)), false),
            (equals("a"), equals("b"), false), (equals("a"), .test(.notEquals(.string("b"))), true),
            (equals("b"), .test(.notEquals(.string("b"))), false), (equals("a"), atLeast(1), nil),
            (.test(.oneOf(a)), .test(.oneOf(ab)), true), (.test(.oneOf(ab)), .test(.oneOf(a)), false),
            (.test(.oneOf([.integer(1), .integer(5)])), atLeast(1), true),
            (.test(.oneOf([.integer(0), .integer(5)])), atLeast(1), false),
            (.test(.equals(.list(a))), .test(.subsetOf(ab)), true),
            (.test(.equals(.list(ab))), .test(.subsetOf(a)), false),
            (.test(.equals(.list(ab))), .test(.contains(.string("b"))), true),
            (.test(.equals(.list(a))), .test(.supersetOf(ab)), false),
            (.test(.equals(.list(a))), .test(.containsNone(ab)), false),
            (equals("a"), .test(.matches("a")), nil),
            // Bounds
            (atLeast(2), atLeast(1), true), (atLeast(1), atLeast(2), false),
            (atLeast(1), .test(.atMost(.integer(1))), nil),
            (.test(.atMost(.integer(1))), .test(.atMost(.integer(2))), true),
            (.test(.atMost(.integer(2))), .test(.atMost(.integer(1))), false),
            (.test(.atLeast(.string("6.12"))), .test(.atLeast(.string("6.6"))), true),
            (.test(.atLeast(.string("6.6"))), .test(.atLeast(.string("6.12"))), false),
            (.test(.atLeast(.string("6"))), atLeast(6), nil), (atLeast(1), number(1), nil),
            // Lists
            (.test(.subsetOf(a)), .test(.subsetOf(ab)), true), (.test(.subsetOf(ab)), .test(.subsetOf(a)), false),
            (.test(.supersetOf(ab)), .test(.supersetOf(a)), true),
            (.test(.supersetOf(a)), .test(.supersetOf(ab)), false),
            (.test(.supersetOf(ab)), .test(.contains(.string("a"))), true),
            (.test(.containsNone(ab)), .test(.containsNone(a)), true),
            (.test(.containsNone(a)), .test(.containsNone(ab)), false),
            (.test(.subsetOf(a)), .test(.containsNone(ab)), nil),
            (.test(.subsetOf([])), .test(.containsNone(ab)), true),
            (.test(.subsetOf(a)), .test(.containsNone([.string("b")])), true),
            // Presence: what holds of an absent fact is looser than "present"
            (equals("a"), .test(.present), true), (atLeast(0), .test(.present), true),
            (.test(.every(number(1))), .test(.present), true), (.test(.notEquals(.integer(1))), .test(.present), false),
            (.test(.containsNone(a)), .test(.present), false), (.test(.none(number(1))), .test(.present), false),
            (.test(.absent), .test(.present), false), (.test(.present), .test(.absent), nil),
            (.test(.absent), .test(.notEquals(.integer(1))), true), (.test(.absent), number(1), false),
            (equals("a"), .test(.absent), false),
            // Elements
            (.test(.every(rated("good"))), .test(.every(rated("warn"))), true),
            (.test(.every(rated("warn"))), .test(.every(rated("good"))), false),
            (.test(.every(rated("good", kind: "mac"))), .test(.every(rated("warn"))), nil),
            (.test(.none(atLeast(1))), .test(.none(atLeast(2))), true),
            (.test(.none(atLeast(2))), .test(.none(atLeast(1))), false),
            (.test(.every(number(1))), .test(.none(number(2))), nil),
            // Combinations
            (.all([atLeast(1), .test(.atMost(.integer(2)))]), atLeast(1), true),
            (atLeast(1), .all([atLeast(1), .test(.atMost(.integer(2)))]), nil),
            (number(3), .all([atLeast(1), .test(.atMost(.integer(2)))]), false),
            (
                .all([atLeast(2), .test(.atMost(.integer(2))), number(2)]),
                .all([atLeast(1), .test(.atMost(.integer(3)))]),
                true
            ),
            (.any([number(1), number(2)]), atLeast(1), true), (.any([number(0), number(2)]), atLeast(1), false),
            (number(1), .any([number(1), number(2)]), true), (number(3), .any([number(1), number(2)]), nil),
            (.not(atLeast(1)), .not(atLeast(2)), true), (.not(atLeast(2)), .not(atLeast(1)), false),
            (.of("t.a", atLeast(2)), .of("t.a", atLeast(1)), true),
            (.of("t.a", atLeast(2)), .of("t.b", atLeast(1)), nil),
            (.of("t.a", atLeast(2)), atLeast(1), nil), (.not(atLeast(1)), atLeast(1), nil),
        ] as [(Condition, Condition, Bool?)])
    func table(new: Condition, old: Condition, expected: Bool?) {
        #expect(Tightening.isNotLooser(new, than: old) == expected)
    }
}
