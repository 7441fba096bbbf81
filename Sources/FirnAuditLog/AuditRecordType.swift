/// The number of an audit record's type (`linux/audit.h`, `libaudit.h`): 1100 is USER_AUTH.
public struct AuditRecordType: RawRepresentable, Sendable, Hashable {
    /// The number.
    public var rawValue: UInt16

    /// Creates a type from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
