/// A tool or input error: one line for a person, exit code 2.
public struct CommandFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong: file, line and reason.
    public var message: String

    /// Creates a failure.
    public init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
