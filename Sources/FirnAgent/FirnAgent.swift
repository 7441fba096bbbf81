import FirnCatalogue
import FirnHost
public import FirnModel
import FirnReportCore
import FirnSigning
import Glibc

/// The agent: the commands of `firn-agent`.
public enum FirnAgent {
    /// The version, that of the command line (a test compares both).
    public static let version = "0.1.0"

    /// The facts of the host whose root is given, now.
    public static func facts(root: String, now: Int64) throws -> Snapshot {
        let catalogue = try Catalogue.embedded()
        return try LiveHost.open(root: root, knowledge: catalogue.knowledge).collect(now: now)
    }

    /// Runs a command and gives its exit code.
    ///
    /// - Parameter words: The words after the program's name.
    public static func main(_ words: [String]) -> Int32 {
        do throws(AgentFailure) {
            let options = try AgentOptions.parse(words, stateDirectory: environment("STATE_DIRECTORY"))
            switch options.command {
            case .help: return out(AgentOptions.help)
            case .version: return out("firn-agent \(version)\n")
            case .facts: return try facts(options)
            case .once: return try once(options)
            case .enroll: return try enroll(options)
            case .run: return try run(options)
            }
        } catch {
            err("firn-agent: \(VisibleText.escape(error.message))\n")
            return error.code
        }
    }

    private static func facts(_ options: AgentOptions) throws(AgentFailure) -> Int32 {
        let snapshot: Snapshot
        do {
            snapshot = try facts(root: options.root, now: AgentClock.machine.wall())
        } catch {
            throw AgentFailure("\(error)")
        }
        return out(SnapshotJSON.bytes(snapshot))
    }

    private static func once(_ options: AgentOptions) throws(AgentFailure) -> Int32 {
        let isSigned = options.isSigned || options.challenge != nil
        try refuseToSign(isSigned, root: options.root)
        let state = try StateDirectory(options.state)
        let key = isSigned ? try AgentKey.open(state) : nil
        let auditor = try AgentAuditor(profile: options.profile, root: options.root)
        let report = try auditor.report(now: AgentClock.machine.wall(), challenge: options.challenge)
        try ReportFiles.write(report, signedBy: key, in: state)
        var text = state.shown(ReportFiles.report) + "\n"
        if key != nil { text += state.shown(ReportFiles.signed) + "\n" }
        let code = out(text)
        let tally = Tally(report.results)
        let counts = Outcome.allCases.filter { tally.count($0) > 0 }.map { "\(tally.count($0)) \($0.rawValue)" }
        err("firn-agent: \(counts.joined(separator: ", ")); profile \(report.profile)\n")
        if let key { err("firn-agent: signed with \(key.publicKey.fingerprint)\n") }
        return code == 0 ? ExitCode.of(results: report.results, failOn: options.failOn) : code
    }

    private static func enroll(_ options: AgentOptions) throws(AgentFailure) -> Int32 {
        let state = try StateDirectory(options.state)
        let key = try AgentKey.open(state)
        err("firn-agent: \(state.shown(AgentKey.name)) is \(key.publicKey.fingerprint)\n")
        return out(AgentKey.policyLines(key.publicKey, host: options.name ?? hostName()))
    }

    private static func run(_ options: AgentOptions) throws(AgentFailure) -> Int32 {
        let signals = try SignalPipe()
        let reload = { () throws(AgentFailure) -> AgentSettings in
            let settings = try Self.settings(options)
            // A profile that is not there must not be found out by the next run.
            _ = try AgentAuditor(profile: settings.profile, root: options.root)
            return settings
        }
        let settings = try reload()
        let state = try StateDirectory(options.state)
        guard let held = try state.lock("run.lock") else {
            throw AgentFailure("\(options.state): another firn-agent runs with this state")
        }
        let key = options.root == "/" ? try AgentKey.open(state) : nil
        let root = options.root
        var service = try AgentService(
            settings: settings, state: state, key: key,
            journal: AgentJournal(socket: options.journal ?? JournalSocket.path),
            manager: ServiceManager(environment: environment), metricsPath: options.metrics, clock: .machine,
            audit: options.followsAudit ? try AuditStream.open() : nil
        ) { settings, now throws(AgentFailure) in
            try AgentAuditor(profile: settings.profile, root: root).report(now: now)
        }
        service.serve(signals, reload: reload)
        _ = consume held
        return 0
    }

    private static func settings(_ options: AgentOptions) throws(AgentFailure) -> AgentSettings {
        let settings = AgentSettings(options)
        guard let path = options.configuration else { return settings }
        return try settings.reading(try SettingsFile.read(path), file: path)
    }

    private static func refuseToSign(_ isSigned: Bool, root: String) throws(AgentFailure) {
        guard isSigned, root != "/" else { return }
        throw AgentFailure("a report of \(root) is not this machine's, and its key signs none", code: 64)
    }

    // MARK: - The process

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "host" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func out(_ text: String) -> Int32 { out(Array(text.utf8)) }

    /// Writes to standard output; 2 where that fails, but not for a reader that has seen enough.
    private static func out(_ bytes: [UInt8]) -> Int32 {
        let code = FileReplacement.append(bytes, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return ExitCode.pass }
        err("firn-agent: standard output: \(String(cString: strerror(code)))\n")
        return ExitCode.error
    }

    private static func err(_ text: String) {
        _ = FileReplacement.append(Array(text.utf8), to: STDERR_FILENO)
    }
}
