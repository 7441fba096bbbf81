import FirnModel
import Testing

@Suite struct RuleTests {
    let rule = Rule(
        id: "sysctl.kernel.kptr_restrict", title: "t", severity: .medium, fact: "sysctl.kernel.kptr_restrict",
        expect: .test(.atLeast(.integer(1))),
        fixes: [Fix(path: ["boot", "kernel", "sysctl", "kernel.kptr_restrict"], value: .integer(1), merge: .replace)],
        levels: [
            .standard: LevelOverride(severity: .high),
            .strict: LevelOverride(expect: .test(.equals(.integer(2))), fixValue: .integer(2)),
        ], rationale: "r", sideEffects: "s")

    @Test func aLevelAddsItsOwnChangesToThoseBelow() {
        #expect(rule.expectation(at: nil) == .test(.atLeast(.integer(1))))
        #expect(rule.expectation(at: .minimal) == .test(.atLeast(.integer(1))))
        #expect(rule.expectation(at: .strict) == .test(.equals(.integer(2))))
        #expect(rule.severity(at: .minimal) == .medium)
        #expect(rule.severity(at: .strict) == .high)
        #expect(rule.fixes(at: .standard).first?.value == .integer(1))
        #expect(rule.fixes(at: .strict).first?.value == .integer(2))
    }

    @Test func factsOfAConditionIncludeThoseItAsksElsewhere() {
        let condition = Condition.any([
            .test(.present), .of("cmdline.lsm", .all([.test(.absent), .of("cmdline.security", .test(.present))])),
        ])
        #expect(condition.facts(subject: "x.y") == ["x.y", "cmdline.lsm", "cmdline.security"])
    }
}
