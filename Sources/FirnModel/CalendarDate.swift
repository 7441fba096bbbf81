/// A day of the Gregorian calendar, as `2026-11-24` (RFC 3339, `full-date`).
public struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The days since 1970-01-01.
    public let days: Int64
    private let text: String

    /// Reads a date; nil when the text is none, or names a day the month does not have.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var result: Int64 = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                result = result * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return result
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            year >= 1, (1...12).contains(month), day >= 1
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        // Years are counted from March, so that the leap day is the last of its year.
        let counted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        days = counted * 365 + counted / 4 - counted / 100 + counted / 400 + dayOfYear - 719_468
        self.text = text
    }

    /// The first second of the day in UTC, since 1970.
    public var seconds: Int64 { days * 86_400 }

    /// The date as it was written.
    public var description: String { text }

    /// Orders by day.
    public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }
}
