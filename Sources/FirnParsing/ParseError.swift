/// Why bytes could not be read as a format.
public struct ParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; new kinds may be added.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The name of the kind.
        public var rawValue: String

        /// Creates a kind from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The bytes are not of the format.
        public static let malformed = Code(rawValue: "malformed")
        /// The bytes end too early.
        public static let truncated = Code(rawValue: "truncated")
        /// A length, depth or count is over the parser's bound.
        public static let limit = Code(rawValue: "limit")
        /// The bytes are not UTF-8.
        public static let encoding = Code(rawValue: "encoding")
    }

    /// The kind of failure.
    public var code: Code
    /// The line it was found on, counted from 1.
    public var line: Int
    /// What is wrong, in one sentence without a full stop.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, line: Int, _ message: String) {
        self.code = code
        self.line = line
        self.message = message
    }

    /// `line N: message`.
    public var description: String {
        "line \(line): \(message)"
    }
}
