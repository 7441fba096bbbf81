import Testing

/// `firn check --now`: what has ended is judged at a time that can be chosen.
@Suite struct JudgementTimeTests {
    private func run(_ arguments: String...) -> CommandLineRun {
        CommandLineRun(["check", Fixture.system("modern-a-default"), "--profile", "minimal", "--all"] + arguments)
    }

    @Test func aReleaseEndsWithTime() {
        let before = run("--now", "2025-06-01")
        let after = run("--now", "2026-01-01T00:00:00Z")
        #expect(!before.out.contains("2025-12-31 is"))
        #expect(after.out.contains("2025-12-31 is 1 days ago"))
        #expect(before.out.contains("judged at 2025-06-01T00:00:00Z"))
    }

    /// The time that reports print is no time to judge at, and neither is a clock that was never set.
    @Test func printedTimesDoNotBringTheDeadBack() {
        let arguments = ["check", Fixture.system("modern-a-default"), "--profile", "minimal"]
        let run = CommandLineRun(arguments, environment: ["SOURCE_DATE_EPOCH": "315532800"])
        #expect(run.out.contains("age.nixos"))
    }

    @Test(arguments: ["yesterday", "2026-13-01", "2026-11-24T12:00", "2026-02-29", "1795478400"])
    func whatIsNoTimeIsRefused(text: String) {
        let run = run("--now", text)
        #expect(run.code == 64)
        #expect(run.err.contains("'\(text)' is no time"))
    }
}
