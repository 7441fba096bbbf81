import ArgumentParser
import FirnReportCore

/// `firn doctor`: what this machine has and lacks for which command.
struct DoctorCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this machine lacks for which command.",
        discussion: """
            ✓ is there; ! a command or option that needs it will not work; ✗ Firn itself is broken.

            Example:
              firn doctor --format json

            Exit codes: 0 Firn works (whatever optional is missing), 2 something Firn itself needs is broken.
            """)

    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text

    mutating func run(_ console: Console) throws -> Int32 {
        Self.run(console, machine: .process, format: format)
    }

    /// Writes what a machine has and lacks, and returns the exit code.
    static func run(_ console: Console, machine: DoctorMachine, format: ListFormat) -> Int32 {
        let checks = DoctorCheck.all(console, machine)
        switch format {
        case .text: console.out(text(checks, console))
        case .json:
            console.out(
                JSONWriter.document { writer in
                    writer.array(checks) { writer, check in
                        writer.object { writer in
                            writer.member("name", check.name)
                            writer.member("state", check.state.rawValue)
                            writer.member("neededBy", check.neededBy)
                            writer.member("found", check.found)
                            writer.member("help", check.help)
                        }
                    }
                })
        }
        return checks.contains { $0.state == .broken } ? 2 : 0
    }

    private static func text(_ checks: [DoctorCheck], _ console: Console) -> String {
        var columns = Columns()
        for check in checks {
            // A digest has no place to break a line; its beginning tells catalogues apart, and JSON has all of it.
            let found = VisibleText.escape(check.found).split(separator: " ").map {
                $0.count == 64 && $0.allSatisfy(\.isHexDigit) ? $0.prefix(12) + "..." : $0
            }.joined(separator: " ")
            let help = check.state == .good ? "" : check.help.map { "; " + $0 } ?? ""
            columns.add(
                console.isASCII ? check.state.asciiSymbol : check.state.symbol, check.name, check.neededBy,
                found + help)
        }
        let lacking = checks.filter { $0.state == .missing }.count
        let broken = checks.filter { $0.state == .broken }.count
        let end =
            broken > 0
            ? "\(broken) broken: firn does not work"
            : "firn works" + (lacking == 0 ? "" : "; \(lacking) \(lacking == 1 ? "thing is" : "things are") missing")
        return columns.render(width: console.columns) + "\n" + end + "\n"
    }
}
