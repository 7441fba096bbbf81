public import FirnModel

/// Why a source could not be collected at all.
public struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The target, as the user named it.
    public var target: String
    /// The line, where there is one.
    public var line: Int?
    /// What is wrong, in one sentence.
    public var reason: String

    /// Creates an error.
    public init(target: String, line: Int? = nil, reason: String) {
        self.target = target
        self.line = line
        self.reason = reason
    }

    /// `target:line: reason`.
    public var description: String {
        if let line { "\(target):\(line): \(reason)" } else { "\(target): \(reason)" }
    }
}

/// A layer that facts can be collected from.
public protocol FactSource: Sendable {
    /// The layer.
    var kind: SourceKind { get }
    /// Collects every fact this source supplies. `now` is the collection time in seconds since 1970.
    func collect(now: Int64) throws(SourceError) -> Snapshot
}
