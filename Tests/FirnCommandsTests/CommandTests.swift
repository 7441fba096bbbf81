import FirnCatalogue
import FirnReports
import FirnTestSupport
import Foundation
import Testing

@Suite struct CommandTests {
    @Test func checkWithoutATargetExplainsItself() {
        let run = CommandLineRun("check")
        #expect(run.code == 64)
        #expect(run.err.contains("USAGE: firn check"))
        #expect(run.err.contains("Examples:"))
    }

    @Test(arguments: [
        ["--help"], ["check", "--help"], ["rules", "--help"], ["rules", "list", "--help"], ["rules", "show", "--help"],
        ["rules", "search", "--help"], ["profiles", "--help"], ["profiles", "list", "--help"],
        ["profiles", "show", "--help"], ["profiles", "diff", "--help"], ["explain", "--help"],
    ])
    func helpOfEachCommandHasAnExample(arguments: [String]) {
        let run = CommandLineRun(arguments)
        #expect(run.code == 0)
        #expect(run.out.contains("Example"), "\(arguments) has no example")
        #expect(run.out.contains("firn "))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsGenerate(shell: String) {
        let run = CommandLineRun("--generate-completion-script", shell)
        #expect(run.code == 0)
        #expect(run.out.contains("profile"))
    }

    @Test(arguments: [
        ["check", "x", "--fail-on", "terrible"], ["check", "x", "--format", "pdf"], ["nonsense"],
        ["check", "x", "--format", "json", "--format", "text"], ["check", "x", "--format", "json="],
        ["check", "x", "--as", "teapot"], ["explain"],
    ])
    func usageErrorsAre64(arguments: [String]) {
        #expect(CommandLineRun(arguments).code == 64)
    }

    @Test func usageWinsOverAMissingTarget() {
        #expect(CommandLineRun("check", "/nonexistent", "--fail-on", "terrible").code == 64)
    }

    @Test func anUnknownProfileIsAnInputError() {
        let run = CommandLineRun("check", Fixture.config("current-a-default"), "--profile", "paranoid")
        #expect(run.code == 2)
        #expect(run.err.contains("minimal, standard, strict"))
    }

    @Test func severalFormatsInOneRun() throws {
        let directory = try TemporaryDirectory()
        let run = CommandLineRun(
            "check", Fixture.config("current-d-insecure"), Fixture.system("current-d-insecure"), "--format", "text",
            "--format", "json=\(directory("r.json"))", "--format", "sarif=\(directory("r.sarif"))", "--format",
            "junit=\(directory("r.xml"))", "--format", "markdown=\(directory("r.md"))", "--format",
            "csv=\(directory("r.csv"))", "--format", "openmetrics=\(directory("r.prom"))")
        #expect(run.code == 1 || run.code == 3, "\(run.err)")
        #expect(run.out.contains("ssh.PermitRootLogin"))
        for name in ["r.json", "r.sarif", "r.xml", "r.md", "r.csv", "r.prom"] {
            let text = try String(contentsOfFile: directory(name), encoding: .utf8)
            #expect(text.contains("ssh.PermitRootLogin"), "\(name)")
        }
    }

    @Test func helpNamesEveryFormat() {
        let help = CommandLineRun("check", "--help").out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(help.contains(ReportFormat.all.map(\.name).joined(separator: ", ")))
    }

    @Test func failOnDecidesWhatCountsAsAFinding() {
        // The same findings, none of them critical enough: only what could not be told is left.
        let all = CommandLineRun("check", Fixture.config("current-k-firewalld"), "--profile", "minimal")
        let critical = CommandLineRun(
            "check", Fixture.config("current-k-firewalld"), "--profile", "minimal", "--fail-on", "critical")
        #expect(all.out.contains("FAIL") || all.code != 1)
        #expect(critical.code != 1, "\(critical.out)")
    }

    @Test func colourOnATerminalOnly() {
        let arguments = ["check", Fixture.config("current-a-default")]
        #expect(!CommandLineRun(arguments).out.contains("\u{1b}["))
        #expect(CommandLineRun(arguments, isTerminal: true).out.contains("\u{1b}["))
        #expect(!CommandLineRun(arguments, isTerminal: true, environment: ["NO_COLOR": "1"]).out.contains("\u{1b}["))
        #expect(!CommandLineRun(arguments, isTerminal: true, environment: ["TERM": "dumb"]).out.contains("\u{1b}["))
        #expect(CommandLineRun(arguments + ["--color", "always"]).out.contains("\u{1b}["))
    }

    @Test func theSameInputGivesTheSameBytes() {
        let arguments = ["check", Fixture.system("current-c-hardserver"), "--format", "json"]
        let environment = ["SOURCE_DATE_EPOCH": "1700000000"]
        let first = CommandLineRun(arguments, environment: environment)
        #expect(first.out == CommandLineRun(arguments, environment: environment).out)
        #expect(first.out.contains("2023-11-14T22:13:20Z"))
    }

    @Test func specialisationsAreAuditedToo() {
        let run = CommandLineRun("check", Fixture.system("current-s-specialisation"), "--profile", "strict")
        // A long path of the checkout moves the end of the line between the two words.
        let words = run.out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("specialisation rescue"))
        #expect(run.out.contains("cmdline.mitigations"))
    }

    @Test func rulesCanBeListedShownAndSearched() {
        let list = CommandLineRun("rules", "list")
        #expect(list.code == 0)
        #expect(list.out.split(separator: "\n").count >= 120)
        let family = CommandLineRun("rules", "list", "--family", "ssh")
        #expect(family.out.split(separator: "\n").allSatisfy { $0.hasPrefix("ssh.") || $0.hasPrefix(" ") })
        #expect(CommandLineRun("rules", "search", "kernel", "pointer").out.contains("sysctl.kernel.kptr_restrict"))
        #expect(CommandLineRun("rules", "search", "xyzzy").code == 1)
        #expect(CommandLineRun("rules", "list", "--family", "xyzzy").code == 2)
        let shown = CommandLineRun("rules", "show", "ssh.PermitRootLogin")
        #expect(shown.out == CommandLineRun("explain", "ssh.PermitRootLogin").out)
        #expect(CommandLineRun("explain", "ssh.PermitRoot").err.contains("do you mean ssh.PermitRootLogin"))
        #expect(CommandLineRun("explain", "xyzzy").code == 2)
    }

    @Test func profilesCanBeListedShownAndCompared() {
        let list = CommandLineRun("profiles", "list")
        #expect(
            list.out.split(separator: "\n").map { String($0.prefix { $0 != " " }) } == [
                "minimal", "standard", "strict",
            ])
        let difference = CommandLineRun("profiles", "diff", "standard", "strict")
        #expect(difference.out.contains("~  sysctl.kernel.kptr_restrict"))
        #expect(!difference.out.contains("\n-"), "strict must not lose a rule of standard")
        #expect(CommandLineRun("profiles", "show", "minimal").out.contains("digest"))
    }
}

extension CommandLineRun {
    init(_ arguments: [String], isTerminal: Bool = false, environment: [String: String] = [:]) {
        self.init(arguments: arguments, isTerminal: isTerminal, columns: 100, environment: environment)
    }
}
