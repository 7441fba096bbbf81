import FirnModel
import Testing

@testable import FirnAgent

/// The command line of the agent.
@Suite struct AgentOptionsTests {
    @Test func everyOptionOfRunIsRead() throws {
        let options = try AgentOptions.parse(
            [
                "run", "--profile", "strict", "--interval=300", "--jitter", "20", "--state", "/s", "--metrics", "/m/f",
                "--config", "/c", "--audit-stream", "--root", "/r", "--journal-socket", "/j",
            ])
        #expect(options.command == .run)
        #expect(options.profile == "strict")
        #expect(options.interval == 300)
        #expect(options.jitter == 20)
        #expect(options.state == "/s")
        #expect(options.metrics == "/m/f")
        #expect(options.configuration == "/c")
        #expect(options.followsAudit)
        #expect(options.root == "/r")
        #expect(options.journal == "/j")
    }

    @Test func theStateIsThatOfSystemdUnlessItIsGiven() throws {
        #expect(try AgentOptions.parse(["enroll"]).state == "/var/lib/firn")
        #expect(try AgentOptions.parse(["enroll"], stateDirectory: "/var/lib/a:/var/lib/b").state == "/var/lib/a")
        #expect(try AgentOptions.parse(["enroll", "--state", "/s"], stateDirectory: "/var/lib/a").state == "/s")
    }

    @Test func aShortIntervalHasAShorterJitter() throws {
        let options = try AgentOptions.parse(["run", "--interval", "5"])
        #expect(options.interval == 5)
        #expect(options.jitter == 0)
    }

    @Test func onceKnowsItsQuestionAndItsSeverity() throws {
        let options = try AgentOptions.parse(["once", "--challenge", "n0nce", "--fail-on", "high", "--sign"])
        #expect(options.challenge == "n0nce")
        #expect(options.failOn == .high)
        #expect(options.isSigned)
    }

    @Test(
        arguments: [
            ([], "a command is missing"),
            (["check"], "'check' is no command"),
            (["once", "standard"], "'standard' is no option"),
            (["facts", "--state", "/s"], "facts has no option '--state'"),
            (["once", "--interval", "5"], "once has no option '--interval'"),
            (["run", "--interval"], "--interval needs a value"),
            (["run", "--interval", "0"], "--interval is a number of seconds from 1 to 604800"),
            (["run", "--interval", "-5"], "--interval is a number of seconds from 1 to 604800"),
            (["run", "--interval", "5m"], "--interval is a number of seconds from 1 to 604800"),
            (["run", "--jitter", "99999999999999999999"], "--jitter is a number of seconds from 0 to 604800"),
            (["run", "--interval", "60", "--jitter", "60"], "--jitter must be shorter than --interval"),
            (["run", "--profile", "a", "--profile", "b"], "--profile is given twice"),
            (["once", "--sign=yes"], "--sign takes no value"),
            (["once", "--fail-on", "bad"], "--fail-on is one of info, low, medium, high, critical"),
            (["once", "--challenge", ""], "--challenge needs a value"),
            (["once", "--challenge", String(repeating: "x", count: 257)], "--challenge is longer than 256 bytes"),
            (["\u{1b}[31m"], "'?[31m' is no command"),
        ] as [([String], String)])
    func whatIsWrongIsSaidWithCode64(_ words: [String], _ message: String) throws {
        let error = #expect(throws: AgentFailure.self) { try AgentOptions.parse(words) }
        #expect(error?.message == message + "; see firn-agent --help")
        #expect(error?.code == 64)
    }

    @Test func helpNamesEveryOption() throws {
        for (command, options) in AgentOptions.known {
            for option in options { #expect(AgentOptions.help.contains("--" + option), "\(command) \(option)") }
        }
        #expect(try AgentOptions.parse(["run", "--help"]).command == .help)
        #expect(try AgentOptions.parse(["--version"]).command == .version)
    }
}
