import FirnCommands
import FirnManual
import FirnParsing
import Synchronization
import Testing

/// What the command line says about itself.
enum CommandLineText {
    /// All that a run writes to standard output.
    static func output(_ arguments: String...) throws -> String {
        let buffer = Buffer()
        let console = Console(
            out: { buffer.append($0) }, err: { buffer.append($0) }, isTerminal: false, columns: 80, environment: [:],
            now: { 0 })
        let code = FirnCommand.run(arguments, console: console)
        try #require(code == 0, "\(arguments): \(buffer.text.withLock { $0 })")
        return buffer.text.withLock { $0 }
    }

    /// The tree of commands.
    static func commands() throws -> CommandDescription {
        let dump = try JSONParser.parse(Array(output("--experimental-dump-help").utf8))
        return try #require(CommandDescription(dump: dump))
    }

    private final class Buffer: Sendable {
        let text = Mutex("")
        func append(_ more: String) { text.withLock { $0 += more } }
    }
}
