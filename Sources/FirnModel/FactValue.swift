/// The value of a fact, in the four shapes a rule can compare.
public enum FactValue: Sendable, Hashable {
    /// True or false.
    case boolean(Bool)
    /// A whole number; the unit is part of the fact's definition (seconds, bytes, a port).
    case integer(Int64)
    /// Text, already in the canonical form its fact defines.
    case string(String)
    /// Several values, in the order that matters to the program which reads them.
    case list([FactValue])

    /// A list of strings.
    public static func strings(_ values: some Sequence<String>) -> FactValue {
        .list(values.map { .string($0) })
    }
}

extension FactValue: CustomStringConvertible {
    /// The value as a report prints it: `yes`/`no` text stays as it is, lists are joined by ", ".
    public var description: String {
        switch self {
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .string(let value): value.isEmpty ? "\"\"" : value
        case .list(let values):
            values.isEmpty ? "(none)" : values.map(\.description).joined(separator: ", ")
        }
    }
}
