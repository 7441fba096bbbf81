import ArgumentParser

/// `firn fix`.
struct FixCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix", abstract: "Write a NixOS module that repairs findings.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
