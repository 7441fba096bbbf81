/// Why a store path could not be read as a whole. There is no partial result: what was not read is not hashed.
public struct IntegrityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path inside the root, as far as it is known.
    public var path: String
    /// What is wrong, in one sentence without a full stop.
    public var reason: String

    /// Creates an error.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// `path: reason`.
    public var description: String { path + ": " + reason }
}
