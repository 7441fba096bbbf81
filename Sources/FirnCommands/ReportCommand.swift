import ArgumentParser

/// `firn report`.
struct ReportCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Render saved reports in other formats.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
