public import FirnReportCore

/// Numbers, and what reports say of a rule, as one line of characters.
public enum Sparkline {
    /// Eight heights; in ASCII five that go up on most fonts.
    private static let blocks: [Unicode.Scalar] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Unicode.Scalar] = ["_", ".", "-", "=", "#"]

    /// A character a number, from 0 at the bottom to the greatest at the top. Zero is always the lowest and no other
    /// number is, so that one failure never looks like none.
    public static func text(_ values: [Int], isASCII: Bool = false) -> String {
        let levels = isASCII ? ascii : blocks
        let top = max(values.max() ?? 0, 1)
        var result = String.UnicodeScalarView()
        for value in values {
            let height = value <= 0 ? 0 : max(1, (value * (levels.count - 1) + top / 2) / top)
            result.append(levels[min(height, levels.count - 1)])
        }
        return String(result)
    }

    /// A character a report: fails, waived, passes, could not be told, nothing said.
    public static func text(_ states: [HistoryTrend.State], isASCII: Bool = false) -> String {
        String(
            String.UnicodeScalarView(
                states.map { state in
                    switch state {
                    case .fails: isASCII ? "#" : "█"
                    case .waived: isASCII ? "w" : "▄"
                    case .passes: isASCII ? "_" : "▁"
                    case .untold: "?"
                    case .silent: isASCII ? "." : "·"
                    }
                }))
    }
}
