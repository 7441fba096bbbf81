import FirnEvaluation
import FirnModel
import Testing

/// The builtin `enforced-rule`: a value that lost is a finding only where its rule does not pass all the same.
@Suite struct EnforcedRuleTests {
    private static let number = Rule(
        id: "a.number", title: "n", severity: .medium, fact: "a.number", expect: .test(.atLeast(.integer(1))),
        appliesWhen: .of("a.on", .test(.equals(.boolean(true)))),
        levels: [.strict: LevelOverride(expect: .test(.atLeast(.integer(2))))], rationale: "r", sideEffects: "s")
    private static let overrides = Rule(
        id: "a.overrides", title: "o", severity: .medium, fact: "a.overrides",
        expect: .test(.every(.test(.builtin(name: "enforced-rule", argument: [:])))), rationale: "r", sideEffects: "s")

    private func outcome(
        _ line: String, number: Fact? = nil, isOn: Bool = true, rules: [Rule] = [number, overrides]
    ) throws -> Outcome {
        var facts: [FactKey: Fact] = [
            "a.overrides": .known(.strings([line]), []), "a.on": .known(.boolean(isOn), []),
        ]
        facts["a.number"] = number
        return try Evaluator(knowledge: Knowledge(), rules: rules).outcome(
            of: Self.overrides, expect: Self.overrides.expect, facts: facts)
    }

    private func known(_ value: Int64) -> Fact { .known(.integer(value), []) }

    @Test func theValueInForceDecidesAtTheLevelOfTheModule() throws {
        #expect(try outcome("standard a.number x", number: known(0)) == .fail)
        #expect(try outcome("standard a.number x", number: known(1)) == .pass)
        #expect(try outcome("strict a.number x", number: known(1)) == .fail)
        #expect(try outcome("strict a.number x", number: known(7)) == .pass)
    }

    @Test func withoutALevelOnlyWhatAllLevelsAgreeOnIsSaid() throws {
        #expect(try outcome("? a.number x", number: known(0)) == .fail)
        #expect(try outcome("? a.number x", number: known(1)) == .unknown)
        #expect(try outcome("? a.number x", number: known(2)) == .pass)
    }

    @Test func whatCannotBeToldIsUnknown() throws {
        #expect(try outcome("strict a.number x", number: .unavailable(reason: "r", [])) == .unknown)
        #expect(try outcome("strict a.number x") == .unknown)
        #expect(try outcome("strict a.other x", number: known(7)) == .unknown)
        #expect(try outcome("strict", number: known(7)) == .unknown)
    }

    @Test func aRuleThatDoesNotApplyLosesNothing() throws {
        #expect(try outcome("strict a.number x", number: known(0), isOn: false) == .pass)
    }

    @Test func aRuleThatNamesItselfEnds() throws {
        #expect(try outcome("strict a.overrides x") == .unknown)
    }

    @Test func withoutRulesItIsAnError() throws {
        #expect(try outcome("strict a.number x", number: known(7), rules: []) == .error)
    }
}
