/// Why a command of the agent cannot go on: one line, and the exit code of the command line.
public struct AgentFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, without a full stop.
    public var message: String
    /// The exit code (`ExitCode`): 2 for an error, 64 for a wrong command line.
    public var code: Int32

    /// Creates a failure; an error unless the code says otherwise.
    public init(_ message: String, code: Int32 = 2) {
        self.message = message
        self.code = code
    }

    /// The message.
    public var description: String { message }
}
