public import ArgumentParser

/// `firn`: the whole command line.
public struct FirnCommand: ParsableCommand {
    /// The name and version every report carries.
    public static let version = "0.1.0"

    /// Its name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "firn",
        abstract: "The hardening auditor for NixOS: before the build, in the finished system.",
        discussion: """
            Examples:
              firn check config.json                       the evaluated options, before a build
              firn check /mnt --profile strict             a system closure or a mounted root
              firn check config.json result --format sarif=firn.sarif
              firn explain sysctl.kernel.kptr_restrict

            Exit codes: 0 pass, 1 findings, 2 tool or input error, 3 incomplete (something required could not be \
            told), 64 usage.
            """,
        version: version,
        subcommands: [
            CheckCommand.self, GateCommand.self, ReportCommand.self, DriftCommand.self, DiffCommand.self,
            HistoryCommand.self,
            FixCommand.self, WaiverCommand.self, SignCommand.self, VerifyCommand.self, UpdatesCommand.self,
            RulesCommand.self, ProfilesCommand.self, ExplainCommand.self, DoctorCommand.self,
        ]
    )

    /// Creates the command.
    public init() {}

    /// Runs a command line in a console and returns its exit code. The process's own main is this, and tests call it.
    public static func run(_ arguments: [String], console: Console) -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var consoleCommand = command as? any ConsoleCommand {
                let code = try consoleCommand.run(console)
                // A report that did not arrive says nothing, whatever its exit code would have said.
                if let reason = console.outputFailure() { throw CommandFailure(reason) }
                return code
            }
            try command.run()
            return 0
        } catch let failure as CommandFailure {
            console.err("firn: \(failure.message)\n")
            return 2
        } catch {
            let code = exitCode(for: error).rawValue
            let message = fullMessage(for: error)
            if code == 0 {
                console.out(message + "\n")
            } else {
                console.err(message + "\n")
            }
            return code
        }
    }
}

/// A command that writes to a console and returns its exit code.
protocol ConsoleCommand {
    mutating func run(_ console: Console) throws -> Int32
}
