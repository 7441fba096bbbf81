public import FirnModel

/// Everything that is wrong with a catalogue, each with its file and line.
public struct CatalogueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errors, in the order they were found; never empty.
    public var errors: [DataError]

    /// Creates an error of several.
    public init(_ errors: [DataError]) {
        self.errors = errors
    }

    /// One error a line.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
