import Glibc
import Synchronization

/// Where a command writes, and what it knows of the terminal. Tests give it buffers.
public struct Console: Sendable {
    /// Writes to standard output.
    public var out: @Sendable (String) -> Void
    /// Writes to standard error.
    public var err: @Sendable (String) -> Void
    /// Whether standard output is a terminal.
    public var isTerminal: Bool
    /// The width of the terminal in columns.
    public var columns: Int
    /// The environment.
    public var environment: [String: String]
    /// The current time in seconds since 1970.
    public var now: @Sendable () -> Int64
    /// Why something written to standard output did not arrive; nil when all did.
    public var outputFailure: @Sendable () -> String? = { nil }

    /// Creates a console.
    public init(
        out: @escaping @Sendable (String) -> Void, err: @escaping @Sendable (String) -> Void, isTerminal: Bool,
        columns: Int, environment: [String: String], now: @escaping @Sendable () -> Int64
    ) {
        self.out = out
        self.err = err
        self.isTerminal = isTerminal
        self.columns = columns
        self.environment = environment
        self.now = now
    }

    /// The console of this process.
    public static var process: Console {
        let failure = OutputFailure()
        var console = Console(
            out: { failure.note(FileOutput.writeAll($0, to: STDOUT_FILENO)) },
            err: { FileOutput.writeAll($0, to: STDERR_FILENO) },
            isTerminal: isatty(STDOUT_FILENO) == 1,
            columns: terminalColumns(),
            environment: processEnvironment(),
            now: { Int64(time(nil)) })
        console.outputFailure = { failure.reason }
        return console
    }

    /// The first error of standard output.
    private final class OutputFailure: Sendable {
        private let code = Mutex<Int32>(0)

        func note(_ new: Int32) {
            code.withLock { if $0 == 0 { $0 = new } }
        }

        var reason: String? {
            let code = code.withLock { $0 }
            return code == 0 ? nil : "standard output: \(String(cString: strerror(code)))"
        }
    }

    private static func terminalColumns() -> Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    private static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        for name in [
            "NO_COLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS", "SOURCE_DATE_EPOCH", "LC_ALL", "LC_CTYPE", "LANG",
        ] {
            if let value = getenv(name) { result[name] = String(cString: value) }
        }
        return result
    }

    /// Whether the locale names a character set other than UTF-8, so that block characters would be rubbish.
    var isASCII: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        guard let locale = locale?.lowercased() else { return false }
        return !locale.contains("utf-8") && !locale.contains("utf8")
    }

    /// The time reports print: SOURCE_DATE_EPOCH where it is set, else the real clock.
    var reportTime: Int64 {
        environment["SOURCE_DATE_EPOCH"].flatMap(Int64.init) ?? now()
    }
}

/// When colour is used.
public enum ColorChoice: String, Sendable, CaseIterable {
    /// On a terminal, unless NO_COLOR is set.
    case auto
    /// Always.
    case always
    /// Never.
    case never

    /// Whether to colour what goes to this console (no-color.org, CLICOLOR_FORCE, TERM=dumb).
    func isOn(_ console: Console) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            if let value = console.environment["NO_COLOR"], !value.isEmpty { return false }
            if let value = console.environment["CLICOLOR_FORCE"], !value.isEmpty, value != "0" { return true }
            return console.isTerminal && console.environment["TERM"] != "dumb"
        }
    }
}
