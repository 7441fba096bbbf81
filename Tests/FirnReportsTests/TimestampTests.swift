import FirnReportCore
import Testing

struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (1_795_245_180, "2026-11-21T07:13:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (Timestamp.earliest, "0000-01-01T00:00:00Z"),
        (Timestamp.latest, "9999-12-31T23:59:59Z"),
    ])
    func knownTimes(_ seconds: Int64, _ text: String) {
        #expect(Timestamp.text(seconds) == text)
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test func timesBeyondFourDigitYearsAreTheNearest() {
        #expect(Timestamp.text(.max) == "9999-12-31T23:59:59Z")
        #expect(Timestamp.text(.min) == "0000-01-01T00:00:00Z")
    }

    /// Every day of 1200 years, counted up with the rule of leap years.
    @Test func everyDay() {
        let start: Int64 = 1500
        var seconds = Timestamp.seconds("1500-01-01T12:34:56Z") ?? 0
        for year in start..<(start + 1200) {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (index, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...days {
                    let (month, date) = (index + 1, day)
                    let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(date < 10 ? "0" : "")\(date)T12:34:56Z"
                    guard Timestamp.text(seconds) == text, Timestamp.seconds(text) == seconds else {
                        Issue.record("\(text) is \(Timestamp.text(seconds))")
                        return
                    }
                    seconds += 86_400
                }
            }
        }
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T07:13:00", "2026-11-21T07:13:00+00:00", "2026-11-21t07:13:00z",
        "2026-11-21 07:13:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z", "-026-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
        "2026-11-21T07:13:00Zx", "2026-11-21T07:13:00.5Z",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(Timestamp.seconds(text) == nil)
    }
}
