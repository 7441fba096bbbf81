/// Times as RFC 3339 text in UTC (`2026-11-21T07:13:00Z`), with whole seconds.
///
/// The calendar is the proleptic Gregorian one, computed here: the agent has no Foundation, and a report must read the
/// same wherever it is rendered.
public enum Timestamp {
    /// The first second RFC 3339 can write: 0000-01-01T00:00:00Z.
    public static let earliest: Int64 = -62_167_219_200
    /// The last second RFC 3339 can write: 9999-12-31T23:59:59Z.
    public static let latest: Int64 = 253_402_300_799

    /// The text of a time in seconds since 1970. Times that four-digit years cannot write become the nearest that can.
    public static func text(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, earliest), latest)
        let days = seconds.floorDivided(by: 86_400)
        let time = seconds - days * 86_400
        let date = civil(days)
        return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
            + padded(time / 3600, 2) + ":" + padded(time / 60 % 60, 2) + ":" + padded(time % 60, 2) + "Z"
    }

    /// The seconds since 1970 of a text as `text` writes it, or nil when it is none. A leap second is none.
    public static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        let pattern = Array("0000-00-00T00:00:00Z".utf8)
        guard bytes.count == pattern.count else { return nil }
        var fields: [Int64] = []
        var field: Int64 = 0
        for (byte, expected) in zip(bytes, pattern) {
            if expected == UInt8(ascii: "0") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                field = field * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard byte == expected else { return nil }
                fields.append(field)
                field = 0
            }
        }
        let (year, month, day) = (fields[0], fields[1], fields[2])
        let (hour, minute, second) = (fields[3], fields[4], fields[5])
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        // A day the month does not have comes back as another date.
        guard civil(days) == CivilDate(year: year, month: month, day: day) else { return nil }
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    private struct CivilDate: Equatable {
        var year: Int64
        var month: Int64
        var day: Int64
    }

    /// The date of a day. Years are counted from March in eras of 400 years (146,097 days), so that the leap day is
    /// the last of its year and month lengths follow one formula.
    private static func civil(_ days: Int64) -> CivilDate {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return CivilDate(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.floorDivided(by: 400)
        let yearOfEra = year - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}

extension Int64 {
    /// Division that rounds down; the divisor is a positive constant.
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
