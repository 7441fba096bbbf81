import ArgumentParser

/// `firn waiver`.
struct WaiverCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiver", abstract: "Check waivers.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
