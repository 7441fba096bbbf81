import FirnTestSupport
import Foundation
import Testing

/// A user's own rules and profiles, in our format and validated as ours are.
@Suite struct UserCatalogueTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let rule = """
        [[rule]]
        id = "house.hostname"
        title = "The release is the one we support"
        severity = "high"
        fact = "system.release"
        expect = { equals = "26.11" }
        rationale = "We support one release."
        side-effects = "None known."
        example = [
            { facts = { "system.release" = "26.11" }, outcome = "pass" },
            { facts = { "system.release" = "20.09" }, outcome = "fail" },
            { facts = { "system.release" = { state = "unavailable", reason = "r" } }, outcome = "unknown" },
        ]
        """
    private static let profile = """
        id = "house"
        title = "Our house rules"
        rules = ["house"]
        """

    @Test func rulesAndProfileOfTheUserAreUsed() throws {
        try directory.write("rules/house.toml", Self.rule)
        let profile = try directory.write("house.toml", Self.profile)
        let arguments = ["--rules", directory("rules"), "--profile", profile]
        let good = CommandLineRun(["check", Fixture.config("current-a-default")] + arguments)
        #expect(good.code == 0, "\(good.err)\(good.out)")
        let bad = CommandLineRun(["check", Fixture.config("old-a-default")] + arguments)
        #expect(bad.code == 1, "\(bad.err)\(bad.out)")
        #expect(bad.out.contains("house.hostname"))
    }

    @Test func aProfileMayInheritAndTighten() throws {
        let profile = try directory.write(
            "mine.toml",
            """
            id = "mine"
            title = "Standard and a bit"
            inherits = "standard"
            rules = []
            [set]
            "sysctl.kernel.kptr_restrict" = { expect = { equals = 2 } }
            [drop]
            "ssh.PermitRootLogin" = { reason = "tested here" }
            """)
        let run = CommandLineRun("profiles", "diff", "standard", profile)
        #expect(run.code == 0, "\(run.err)")
        #expect(run.out.contains("~  sysctl.kernel.kptr_restrict"))
        #expect(run.out.contains("-  ssh.PermitRootLogin"))
    }

    @Test func aProfileMayNotLoosen() throws {
        let profile = try directory.write(
            "mine.toml",
            """
            id = "mine"
            title = "Looser"
            inherits = "strict"
            rules = []
            [set]
            "sysctl.kernel.kptr_restrict" = { expect = { at-least = 0 } }
            """)
        let run = CommandLineRun("profiles", "show", profile)
        #expect(run.code == 2)
        #expect(run.err.contains("cannot be shown to be tighter"))
    }

    @Test func errorsNameFileAndLine() throws {
        try directory.write("rules/house.toml", Self.rule.replacing("severity = \"high\"", with: "severty = \"high\""))
        let run = CommandLineRun("rules", "list", "--rules", directory("rules"))
        #expect(run.code == 2)
        #expect(run.err.contains("house.toml:4: the key \"severty\" is not known here; do you mean \"severity\"?"))
        #expect(run.err.contains("house.toml:1: \"severity\" is missing"))
    }

    @Test func anEmptySelectionIsAnError() throws {
        let profile = try directory.write("empty.toml", "id = \"empty\"\ntitle = \"Nothing\"\nrules = []\n")
        let run = CommandLineRun("check", Fixture.config("current-a-default"), "--profile", profile)
        #expect(run.code == 2)
        #expect(run.err.contains("selects no rule"))
    }

    @Test func aTakenIDIsAnError() throws {
        let text = Self.rule.replacing("house.hostname", with: "ssh.PermitRootLogin")
        try directory.write("rules/ssh.toml", text)
        let run = CommandLineRun("rules", "list", "--rules", directory("rules"))
        #expect(run.code == 2)
        #expect(run.err.contains("the id ssh.PermitRootLogin is also at profiles/rules/ssh.toml:"))
    }

    @Test func aMissingDirectoryIsAnError() {
        #expect(CommandLineRun("rules", "list", "--rules", "/nonexistent").code == 2)
        #expect(CommandLineRun("rules", "list", "--profiles", "/nonexistent").code == 2)
    }
}
