public import FirnModel
import FirnReportCore

/// How long waivers hold.
public enum WaiverTerm {
    /// The last second of a waiver's last day in UTC, since 1970; nil when its date is none.
    public static func lastSecond(_ waiver: Waiver) -> Int64? {
        CalendarDate(waiver.expires).map { $0.seconds + 86_399 }
    }

    /// The last day a waiver may name at `now` (seconds since 1970): the same date of the next year, and from 29 February
    /// the 28th. A later date is refused, so that nothing is accepted for ever; a clock that was set back to make an
    /// expired waiver hold again mostly trips over this too.
    public static func latestDay(now: Int64) -> CalendarDate? {
        let today = String(Timestamp.text(now).prefix(10))
        guard let year = Int(today.prefix(4)), year < 9999 else { return nil }
        let digits = String(year + 1)
        let next = String(repeating: "0", count: 4 - digits.utf8.count) + digits
        return CalendarDate(next + today.dropFirst(4)) ?? CalendarDate(next + "-02-28")
    }

    /// The whole days a waiver still holds at `now`: 0 on its last day, negative after it; nil when its date is none.
    public static func daysLeft(_ waiver: Waiver, now: Int64) -> Int64? {
        guard let last = CalendarDate(waiver.expires), let today = CalendarDate(String(Timestamp.text(now).prefix(10)))
        else { return nil }
        return last.days - today.days
    }
}
