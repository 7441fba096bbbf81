/// One entry of the journal in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): lines `FIELD=value`.
///
/// Values come from files of the machine: what is below the space, or DEL, becomes `?`, so that no value can end its line
/// and begin a field of its own, and each is cut.
public struct JournalEntry: Sendable {
    /// How urgent an entry is (syslog(3)).
    public enum Priority: Int, Sendable, Hashable {
        case critical = 2
        case error = 3
        case warning = 4
        case notice = 5
        case information = 6
    }

    /// The most bytes of a value. With `fieldLimit` fields the datagram stays below 64 KiB, which every socket takes.
    public static let valueLimit = 1024
    /// The most fields of an entry.
    public static let fieldLimit = 32

    /// The sentence a person reads.
    public var message: String
    /// How urgent it is.
    public var priority: Priority
    private var fields: [(name: StaticString, value: String)]

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - message: The sentence.
    ///   - id: What this kind of entry is found by, 32 hex digits (`journalctl MESSAGE_ID=...`).
    ///   - priority: How urgent it is.
    ///   - identifier: The program (`SYSLOG_IDENTIFIER`).
    public init(_ message: String, id: StaticString, priority: Priority, identifier: StaticString) {
        self.message = message
        self.priority = priority
        fields = [("MESSAGE_ID", "\(id)"), ("SYSLOG_IDENTIFIER", "\(identifier)")]
    }

    /// Adds a field, whose name is upper case (journald drops others); one without a value, or beyond `fieldLimit`, is
    /// left out.
    public mutating func add(_ name: StaticString, _ value: String?) {
        guard let value, !value.isEmpty, fields.count < Self.fieldLimit - 2 else { return }
        fields.append((name, value))
    }

    /// The datagram.
    public var datagram: [UInt8] {
        var bytes: [UInt8] = []
        Self.write("MESSAGE", message, to: &bytes)
        Self.write("PRIORITY", String(priority.rawValue), to: &bytes)
        for field in fields { Self.write(field.name, field.value, to: &bytes) }
        return bytes
    }

    private static func write(_ name: StaticString, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\(name)=".utf8)
        var kept = 0
        for scalar in value.unicodeScalars {
            let width = UTF8.width(scalar)
            guard kept + width <= valueLimit else { break }
            kept += width
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            bytes.append(contentsOf: UTF8.encode(isControl ? "?" : scalar) ?? UTF8.encodedReplacementCharacter)
        }
        bytes.append(0x0a)
    }
}
