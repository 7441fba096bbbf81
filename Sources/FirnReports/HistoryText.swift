import FirnModel
import FirnReportCore

/// Trends as text for a terminal.
enum HistoryText {
    /// How many rules are shown without being asked.
    static let limit = 30

    static func render(_ trends: [HistoryTrend], options: RenderOptions, isASCII: Bool) -> String {
        guard !trends.isEmpty else { return "no reports\n" }
        var text = ""
        for (index, trend) in trends.enumerated() {
            if index > 0 { text += "\n" }
            text += host(trend, options, isASCII)
        }
        return text
    }

    private static func host(_ trend: HistoryTrend, _ options: RenderOptions, _ isASCII: Bool) -> String {
        // The newest points, as many as leave room for a rule's name beside them.
        let room = min(max(options.width - 50, 10), 60)
        let points = Array(trend.points.suffix(room))
        guard let first = points.first, let last = points.last else { return "" }
        func day(_ point: HistoryTrend.Point) -> String { String(Timestamp.text(point.collectedAt).prefix(10)) }
        let left = trend.points.count - points.count
        let dates = first.collectedAt == last.collectedAt ? day(last) : "\(day(first)) to \(day(last))"
        let profiles = Set(points.map(\.profile)).sorted().joined(separator: ", ")
        var canvas = TextCanvas(width: options.width, hasColour: options.colour)
        canvas.flow(
            [
                TextSpan(VisibleText.escape(trend.name, limit: 80), .strong),
                TextSpan(
                    "  \(DiffWords.plural(points.count, "report")), \(dates), profile \(profiles)"
                        + (left > 0 ? ", \(left) older not shown" : ""), .quiet),
            ], column: 0, wrapped: 2)
        canvas.blank()
        var table = TextTable(width: options.width, colour: options.colour)
        table.header(
            TextTable.Cell("rules that"), TextTable.Cell("first", isNumber: true),
            TextTable.Cell("last", isNumber: true),
            TextTable.Cell(""))
        func row(_ name: String, _ tone: TextTable.Tone, _ value: (HistoryTrend.Point) -> Int) {
            let values = points.map(value)
            guard let before = values.first, let after = values.last, values.contains(where: { $0 > 0 }) else { return }
            table.add(
                TextTable.Cell(name, tone), TextTable.Cell(String(before), isNumber: true),
                TextTable.Cell(String(after), after > before ? .bad : after < before ? .good : .plain, isNumber: true),
                TextTable.Cell(Sparkline.text(values, isASCII: isASCII)))
        }
        for severity in Severity.allCases.sorted(by: >) {
            row("fail, " + severity.rawValue, severity >= .high ? .bad : .plain) { $0.fails[severity] ?? 0 }
        }
        row("fail, all", .strong) { $0.total }
        row("are waived", .quiet) { $0.waived }
        row("cannot be told", .quiet) { $0.untold }
        let isQuiet = points.allSatisfy { $0.total == 0 && $0.waived == 0 && $0.untold == 0 }
        var text = canvas.text + (isQuiet ? "" : table.render())
        let rules = trend.rules.map { rule in (rule, Array(rule.states.suffix(points.count))) }
            .filter { trend.rules.count == 1 || $0.1.contains { $0 >= .waived } }
        if rules.isEmpty { return text + "No rule failed.\n" }
        var list = TextTable(width: options.width, colour: options.colour)
        let shown = options.verbosity == .all ? rules[...] : rules.prefix(limit)
        for (rule, states) in shown {
            let now = states.last ?? .silent
            let tone: TextTable.Tone =
                now == .fails ? .bad : now == .passes ? .good : now == .untold ? .warning : .quiet
            list.add(
                TextTable.Cell(rule.severity.rawValue, .quiet),
                TextTable.Cell(VisibleText.escape(rule.id, limit: 60), .strong), TextTable.Cell(word(now), tone),
                TextTable.Cell(Sparkline.text(states, isASCII: isASCII)))
        }
        text += (isQuiet ? "" : "\n") + list.render()
        if shown.count < rules.count { text += "\(rules.count - shown.count) more: --all shows them\n" }
        let signs: [(HistoryTrend.State, String)] = [
            (.fails, "fails"), (.waived, "waived"), (.untold, "not told"), (.passes, "passes"), (.silent, "not asked"),
        ]
        let legend = signs.map { "\(Sparkline.text([$0.0], isASCII: isASCII)) \($0.1)" }.joined(separator: "  ")
        return text + "\n" + legend + "\n"
    }

    static func word(_ state: HistoryTrend.State) -> String {
        switch state {
        case .fails: "fails"
        case .waived: "waived"
        case .untold: "not told"
        case .passes: "passes"
        case .silent: "not asked"
        }
    }
}
