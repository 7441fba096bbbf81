/// A stream of audit records that the agent's loop follows beside its other work.
///
/// The loop polls the descriptor and calls `drain` when it can be read; both return at once, so that neither the host nor
/// the agent ever waits for the other.
public protocol AuditEvents {
    /// What is polled for input.
    var descriptor: Int32 { get }
    /// Reads what is there, at most as much as a bounded number of system calls gives.
    mutating func drain() -> AuditTally
}

/// What was read of an audit stream.
public struct AuditTally: Sendable, Hashable {
    /// How many records.
    public var records: Int64
    /// How many records, at least, were lost on the way: the socket overflowed, or the kernel says so.
    public var lost: Int64
    /// Why the stream has ended; nil while it goes on.
    public var failure: String?

    /// Creates a tally.
    public init(records: Int64 = 0, lost: Int64 = 0, failure: String? = nil) {
        self.records = records
        self.lost = lost
        self.failure = failure
    }

    /// Adds another one; the first reason stays.
    public mutating func add(_ other: AuditTally) {
        records += other.records
        lost += other.lost
        failure = failure ?? other.failure
    }
}
