import FirnEvaluation
import FirnModel
import FirnTestSupport
import Testing

@Suite struct ApplicabilityTests {
    let rule = ExpectLanguageTests.rule(
        .test(.equals(.integer(1))), appliesWhen: .of("system.has-own-kernel", .test(.equals(.boolean(true)))))

    func result(_ facts: [FactKey: Fact]) throws -> Result {
        let snapshot = Snapshot(
            source: .built, identity: Identity(release: "26.11"), collectedAt: 0, batch: FactBatch(facts: facts))
        let selected = SelectedRule(rule: rule, expect: rule.expect, severity: .low, fixes: rule.fixes)
        return try Evaluator(knowledge: Knowledge(), now: Evaluator.exampleTime).evaluate(
            selected, on: snapshot, target: 0)
    }

    @Test func knownFalseIsNotApplicableWithTheReason() throws {
        let result = try result([
            "t.x": .known(.integer(0), []), "system.has-own-kernel": .known(.boolean(false), []),
        ])
        #expect(result.outcome == .notApplicable)
        #expect(result.message == "system.has-own-kernel is false")
    }

    @Test(arguments: [("sudo", "b"), ("sudo-rs", "a"), (nil, "a")] as [(String?, String)])
    func aFixIsForTheProgramThatIsThere(program: String?, expected: String) throws {
        let fixes = [
            Fix(path: ["a"], value: .boolean(true), when: .of("t.program", .test(.equals(.string("sudo-rs"))))),
            Fix(path: ["b"], value: .boolean(true)),
        ]
        let selected = SelectedRule(rule: rule, expect: rule.expect, severity: .low, fixes: fixes)
        var facts: [FactKey: Fact] = ["t.x": .known(.integer(0), [])]
        facts["t.program"] = program.map { .known(.string($0), []) }
        let snapshot = Snapshot(
            source: .built, identity: Identity(release: "26.11"), collectedAt: 0, batch: FactBatch(facts: facts))
        let result = try Evaluator(knowledge: Knowledge(), now: Evaluator.exampleTime).evaluate(
            selected, on: snapshot, target: 0)
        #expect(result.fix?.path == [expected])
    }

    @Test func aRoleThatCouldNotBeToldDoesNotSilenceTheRule() throws {
        let result = try result([
            "t.x": .known(.integer(1), []), "system.has-own-kernel": .unavailable(reason: "the link dangles", []),
        ])
        #expect(result.outcome == .unknown)
        #expect(result.message == "the link dangles")
    }

    @Test func aRoleNobodySuppliesLeavesTheRuleUnchecked() throws {
        #expect(try result(["t.x": .known(.integer(1), [])]).outcome == .notChecked)
    }

    @Test func whenItAppliesTheExpectationDecides() throws {
        let own: [FactKey: Fact] = ["system.has-own-kernel": .known(.boolean(true), [])]
        #expect(try result(own.merging(["t.x": .known(.integer(1), [])]) { $1 }).outcome == .pass)
        #expect(try result(own.merging(["t.x": .known(.integer(0), [])]) { $1 }).outcome == .fail)
    }
}
