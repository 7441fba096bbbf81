public import FirnModel

/// What the command line says.
public struct AgentOptions: Sendable, Hashable {
    /// The commands.
    public enum Command: String, Sendable, Hashable, CaseIterable {
        case run, once, facts, enroll, help, version
    }

    /// Which command.
    public var command: Command
    /// The directory that is the root of the machine looked at.
    public var root = "/"
    /// The id of the profile.
    public var profile = "standard"
    /// The directory of the agent's state.
    public var state = AgentOptions.defaultState
    /// The nonce of the question that the report answers.
    public var challenge: String?
    /// Whether the report is signed; a challenge asks for it too.
    public var isSigned = false
    /// The lowest severity that makes `once` end with 1.
    public var failOn = Severity.low
    /// How often `run` collects, in seconds.
    public var interval: Int64 = 900
    /// By how much an interval may be shorter, at random, in seconds.
    public var jitter: Int64 = 60
    /// Where the metrics go.
    public var metrics = "/run/firn/firn.prom"
    /// The file with settings that a reload reads again.
    public var configuration: String?
    /// Whether the audit stream is followed.
    public var followsAudit = false
    /// The socket of journald.
    public var journal: String?
    /// The name `enroll` gives the key; the host's without one.
    public var name: String?

    /// Where the state lies when neither the command line nor systemd says so.
    public static let defaultState = "/var/lib/firn"
    /// The longest interval, in seconds: a week.
    public static let longestInterval: Int64 = 604_800
    /// The longest nonce, in bytes.
    public static let challengeLimit = 256

    /// Creates the options of a command.
    public init(_ command: Command) {
        self.command = command
    }

    /// What each command takes.
    static let known: [Command: [String]] = [
        .run: [
            "profile", "interval", "jitter", "state", "metrics", "config", "audit-stream", "root", "journal-socket",
        ],
        .once: ["profile", "state", "challenge", "sign", "fail-on", "root"],
        .facts: ["root"],
        .enroll: ["state", "name"],
        .help: [],
        .version: [],
    ]

    /// Reads the words after the program's name.
    ///
    /// An own reader, since swift-argument-parser brings ICU Foundation and with it some 40 MB.
    ///
    /// - Parameters:
    ///   - words: `run --interval 900`, `run --interval=900`.
    ///   - stateDirectory: What systemd says in `STATE_DIRECTORY` (systemd.exec(5)): the first of several.
    /// - Throws: `AgentFailure` with the code 64.
    public static func parse(_ words: [String], stateDirectory: String? = nil) throws(AgentFailure) -> AgentOptions {
        guard let first = words.first else { throw usage("a command is missing") }
        if ["-h", "--help", "help"].contains(first) { return AgentOptions(.help) }
        if first == "--version" { return AgentOptions(.version) }
        guard let command = Command(rawValue: first) else { throw usage("'\(shown(first))' is no command") }
        var options = AgentOptions(command)
        if let directory = stateDirectory?.split(separator: ":").first { options.state = String(directory) }
        var rest = words.dropFirst()
        var seen: Set<String> = []
        while let word = rest.popFirst() {
            if word == "-h" || word == "--help" { return AgentOptions(.help) }
            guard word.hasPrefix("--") else { throw usage("'\(shown(word))' is no option") }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard known[command]?.contains(name) == true else {
                throw usage("\(command.rawValue) has no option '--\(shown(name))'")
            }
            guard seen.insert(name).inserted else { throw usage("--\(name) is given twice") }
            if name == "sign" || name == "audit-stream" {
                guard parts.count == 1 else { throw usage("--\(name) takes no value") }
                if name == "sign" { options.isSigned = true } else { options.followsAudit = true }
                continue
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
                throw usage("--\(name) needs a value")
            }
            guard value.utf8.count <= 4096, !value.utf8.contains(0) else { throw usage("--\(name) is too long") }
            try options.set(name, value)
        }
        guard options.jitter < options.interval else {
            // By default the jitter follows a short interval.
            guard !seen.contains("jitter") else { throw usage("--jitter must be shorter than --interval") }
            options.jitter = options.interval / 10
            return options
        }
        return options
    }

    private mutating func set(_ name: String, _ value: String) throws(AgentFailure) {
        switch name {
        case "root": root = value
        case "profile": profile = value
        case "state": state = value
        case "metrics": metrics = value
        case "config": configuration = value
        case "journal-socket": journal = value
        case "name": self.name = value
        case "challenge":
            guard value.utf8.count <= Self.challengeLimit else {
                throw Self.usage("--challenge is longer than \(Self.challengeLimit) bytes")
            }
            challenge = value
        case "fail-on":
            guard let severity = Severity(rawValue: value) else {
                let words = Severity.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.usage("--fail-on is one of \(words)")
            }
            failOn = severity
        case "interval":
            guard let seconds = Self.seconds(value, from: 1) else {
                throw Self.usage("--interval is a number of seconds from 1 to \(Self.longestInterval)")
            }
            interval = seconds
        default:
            guard let seconds = Self.seconds(value, from: 0) else {
                throw Self.usage("--jitter is a number of seconds from 0 to \(Self.longestInterval)")
            }
            jitter = seconds
        }
    }

    /// A number of seconds in its one spelling.
    static func seconds(_ text: some StringProtocol, from least: Int64) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text),
            (least...longestInterval).contains(number)
        else { return nil }
        return number
    }

    private static func usage(_ message: String) -> AgentFailure {
        AgentFailure(message + "; see firn-agent --help", code: 64)
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(40).map { $0.isASCII && !$0.isNewline && $0 >= " " ? $0 : "?" })
    }

    /// What `--help` prints.
    public static let help = """
        firn-agent: the hardening auditor inside a running image.

          firn-agent run [--profile ID] [--interval SECONDS] [--jitter SECONDS] [--state DIR] [--metrics FILE]
                         [--config FILE] [--audit-stream] [--root DIR] [--journal-socket PATH]
              Collects and judges again and again, and reports what changed. Reloads on SIGHUP, ends on SIGTERM.
          firn-agent once [--profile ID] [--state DIR] [--sign] [--challenge NONCE] [--fail-on SEVERITY] [--root DIR]
              Collects and judges once. --challenge binds the report to one question, and signs it.
          firn-agent facts [--root DIR]
              Prints the facts as JSON.
          firn-agent enroll [--state DIR] [--name NAME]
              Makes the key if there is none, and prints its public half for the policy of the gate.

        Profiles: minimal, standard (default), strict. State: /var/lib/firn, or what systemd's STATE_DIRECTORY says.
        Exit codes: 0 pass, 1 findings at or above --fail-on, 2 error, 3 incomplete, 64 usage.

        """
}
