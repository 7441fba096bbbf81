/// A day that is known, or only on one side: `2026-12-31`, `2026-12-31 or later`, `2026-12-31 or earlier`.
public struct BoundedDate: Sendable, Hashable, CustomStringConvertible {
    /// What is known of the day.
    public enum Kind: Sendable, Hashable {
        /// It is that day.
        case exact
        /// It is that day or a later one.
        case orLater
        /// It is that day or an earlier one.
        case orEarlier
    }

    /// The day.
    public var date: CalendarDate
    /// What is known of it.
    public var kind: Kind

    private static let later = " or later"
    private static let earlier = " or earlier"

    /// Creates one.
    public init(_ date: CalendarDate, _ kind: Kind = .exact) {
        self.date = date
        self.kind = kind
    }

    /// Reads one; nil when the text is none.
    public init?(_ text: String) {
        let kind: Kind = text.hasSuffix(Self.later) ? .orLater : text.hasSuffix(Self.earlier) ? .orEarlier : .exact
        let length =
            switch kind {
            case .exact: 0
            case .orLater: Self.later.count
            case .orEarlier: Self.earlier.count
            }
        guard let date = CalendarDate(String(text.dropLast(length))) else { return nil }
        self.init(date, kind)
    }

    /// As it is written in a fact.
    public var description: String {
        switch kind {
        case .exact: date.description
        case .orLater: date.description + Self.later
        case .orEarlier: date.description + Self.earlier
        }
    }
}
