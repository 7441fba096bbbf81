import ArgumentParser

/// `firn doctor`.
struct DoctorCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this machine lacks for which command.", shouldDisplay: false)

    mutating func run(_ console: Console) throws -> Int32 {
        throw CommandFailure("not there yet")
    }
}
