import FirnEvaluation
import FirnModel
import FirnTestSupport
import Testing

/// Every operator of the `expect` language against a value that holds, one that does not, one of another kind, an absent
/// fact, one that could not be read, and one that nobody supplies.
@Suite struct ExpectLanguageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var condition: Condition
        var holds: FactValue
        var fails: FactValue
        /// A value of another kind, where the operator can tell.
        var other: FactValue?
        var absent: Outcome
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "equals", condition: .test(.equals(.integer(1))), holds: .integer(1), fails: .integer(2),
            other: .string("1"), absent: .fail),
        Case(
            name: "not-equals", condition: .test(.notEquals(.string("off"))), holds: .string("auto"),
            fails: .string("off"), other: .integer(0), absent: .pass),
        Case(
            name: "at-least", condition: .test(.atLeast(.integer(2))), holds: .integer(2), fails: .integer(1),
            other: .string("many"), absent: .fail),
        Case(
            name: "at-most", condition: .test(.atMost(.integer(4))), holds: .integer(4), fails: .integer(5),
            other: .boolean(true), absent: .fail),
        Case(
            name: "at-least of versions", condition: .test(.atLeast(.string("6.2"))), holds: .string("6.18.37"),
            fails: .string("5.4.53"), other: .string("abc"), absent: .fail),
        Case(
            name: "in", condition: .test(.oneOf([.integer(1), .integer(2)])), holds: .integer(2), fails: .integer(0),
            other: .string("1"), absent: .fail),
        Case(
            name: "subset-of", condition: .test(.subsetOf([.string("lo")])), holds: .strings(["lo"]),
            fails: .strings(["lo", "wg0"]), other: nil, absent: .fail),
        Case(
            name: "subset-of an empty list", condition: .test(.subsetOf([])), holds: .list([]),
            fails: .strings(["x"]), other: nil, absent: .fail),
        Case(
            name: "superset-of", condition: .test(.supersetOf([.string("a"), .string("b")])),
            holds: .strings(["b", "c", "a"]), fails: .strings(["a"]), other: nil, absent: .fail),
        Case(
            name: "contains", condition: .test(.contains(.string("apparmor"))), holds: .strings(["yama", "apparmor"]),
            fails: .strings(["yama"]), other: nil, absent: .fail),
        Case(
            name: "contains-none", condition: .test(.containsNone([.string("23")])), holds: .strings(["22"]),
            fails: .strings(["22", "23"]), other: nil, absent: .pass),
        Case(
            name: "matches", condition: .test(.matches("[0-9]+(:[0-9]+)*")), holds: .string("10:30:100"),
            fails: .string("10:30:"), other: .integer(10), absent: .fail),
        Case(
            name: "present", condition: .test(.present), holds: .boolean(false), fails: .boolean(false), other: nil,
            absent: .fail),
        Case(
            name: "every", condition: .test(.every(.test(.equals(.string("no"))))), holds: .strings(["no", "no"]),
            fails: .strings(["no", "yes"]), other: nil, absent: .fail),
        Case(
            name: "none", condition: .test(.none(.test(.equals(.string("yes"))))), holds: .strings(["no"]),
            fails: .strings(["no", "yes"]), other: nil, absent: .pass),
        Case(
            name: "not", condition: .not(.test(.equals(.integer(0)))), holds: .integer(1), fails: .integer(0),
            other: .string("x"), absent: .pass),
        Case(
            name: "all", condition: .all([.test(.atLeast(.integer(1))), .test(.atMost(.integer(3)))]),
            holds: .integer(3), fails: .integer(4), other: .string("x"), absent: .fail),
        Case(
            name: "any", condition: .any([.test(.absent), .test(.equals(.integer(0)))]), holds: .integer(0),
            fails: .integer(1), other: .string("x"), absent: .pass),
    ]

    static func rule(_ condition: Condition, appliesWhen: Condition? = nil) -> Rule {
        Rule(
            id: "t.x", title: "t", severity: .low, fact: "t.x", expect: condition, appliesWhen: appliesWhen,
            rationale: "r", sideEffects: "s")
    }

    func outcome(_ condition: Condition, _ fact: Fact?, others: [FactKey: Fact] = [:]) throws -> Outcome {
        var facts = others
        facts["t.x"] = fact
        return try Evaluator(knowledge: Knowledge(), now: Evaluator.exampleTime).outcome(
            of: Self.rule(condition), expect: condition, facts: facts)
    }

    @Test(arguments: cases)
    func operatorHolds(one: Case) throws {
        #expect(try outcome(one.condition, .known(one.holds, [])) == .pass)
    }

    @Test(arguments: cases.filter { $0.name != "present" })
    func operatorFails(one: Case) throws {
        #expect(try outcome(one.condition, .known(one.fails, [])) == .fail)
    }

    @Test(arguments: cases)
    func anAbsentFactIsDecidedByTheOperator(one: Case) throws {
        #expect(try outcome(one.condition, .absent([])) == one.absent)
    }

    @Test(arguments: cases)
    func anUnavailableFactIsUnknownWhateverTheOperator(one: Case) throws {
        #expect(try outcome(one.condition, .unavailable(reason: "unreadable", [])) == .unknown)
    }

    @Test(arguments: cases)
    func aFactNobodySuppliesIsNotChecked(one: Case) throws {
        #expect(try outcome(one.condition, nil) == .notChecked)
    }

    @Test(arguments: cases.filter { $0.other != nil })
    func aValueOfAnotherKindIsUnknown(one: Case) throws {
        let other = try #require(one.other)
        #expect(try outcome(one.condition, .known(other, [])) == .unknown)
    }

    @Test func anotherFactIsAsked() throws {
        let condition = Condition.any([.test(.equals(.integer(1))), .of("t.y", .test(.equals(.boolean(true))))])
        let yes: [FactKey: Fact] = ["t.y": .known(.boolean(true), [])]
        let lost: [FactKey: Fact] = ["t.y": .unavailable(reason: "gone", [])]
        #expect(try outcome(condition, .known(.integer(0), []), others: yes) == .pass)
        #expect(try outcome(condition, .known(.integer(0), []), others: lost) == .unknown)
        #expect(try outcome(condition, .known(.integer(1), []), others: lost) == .pass)
        #expect(try outcome(condition, .known(.integer(0), [])) == .notChecked)
    }

    @Test func noneIsNotFooledByAnElementItCannotCompare() throws {
        // "none equals 1" over a text cannot be answered.
        let condition = Condition.test(.none(.test(.equals(.integer(1)))))
        #expect(try outcome(condition, .known(.list([.string("1")]), [])) == .unknown)
    }

    @Test func aLongTextIsNotMatched() throws {
        let long = String(repeating: "a", count: 5000)
        #expect(try outcome(.test(.matches("a*")), .known(.string(long), [])) == .unknown)
    }

    @Test func aBuiltinNobodyKnowsIsAnError() throws {
        let condition = Condition.test(.builtin(name: "nonsense", argument: [:]))
        #expect(try outcome(condition, .known(.string("x"), [])) == .error)
    }
}
