import ArgumentParser

/// `firn history`.
struct HistoryCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Keep reports and show their trend.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
