/// Why a history cannot be read or written: one sentence, after the file's name.
public struct HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
