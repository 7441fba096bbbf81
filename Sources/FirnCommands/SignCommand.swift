import ArgumentParser

/// `firn sign`.
struct SignCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a statement, a report or a bundle.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
