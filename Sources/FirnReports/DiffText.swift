import FirnModel
import FirnReportCore

/// A diff as text for a terminal: the matrix first, then what got worse, what got better, and why.
enum DiffText {
    static func render(_ diff: ReportDiff, options: RenderOptions) -> String {
        var page = DiffPage(diff: diff, options: options)
        page.head()
        page.matrix()
        page.results("GOT WORSE", .worse, .high)
        page.results("GOT BETTER", .better, .good)
        page.results("OTHER", .other, .quiet)
        page.values()
        page.waivers()
        page.severities()
        page.drift()
        page.optionChanges()
        page.facts()
        page.end()
        return page.canvas.text
    }
}

/// The page while it is written.
struct DiffPage {
    let diff: ReportDiff
    let options: RenderOptions
    var canvas: TextCanvas

    /// How many of a long list are shown without being asked.
    static let limit = 20
    /// The most characters of one value; JSON has the rest.
    static let valueLimit = 300

    init(diff: ReportDiff, options: RenderOptions) {
        self.diff = diff
        self.options = options
        canvas = TextCanvas(width: max(options.width, 40), hasColour: options.colour)
    }

    private static func cut(_ text: String) -> String { VisibleText.escape(text, limit: valueLimit) }

    private func colour(_ severity: Severity) -> TextStyle {
        switch severity {
        case .critical: .critical
        case .high: .high
        case .medium: .medium
        case .low: .low
        case .info: .quiet
        }
    }

    private func shown<Element>(_ list: [Element]) -> ArraySlice<Element> {
        options.verbosity == .all ? list[...] : list.prefix(Self.limit)
    }

    private mutating func rest(_ count: Int) {
        guard options.verbosity != .all, count > Self.limit else { return }
        canvas.flow([TextSpan("\(count - Self.limit) more: --all shows them", .quiet)], column: 2)
    }

    /// The name of a pair where there are several.
    private func place(_ pair: Int) -> String {
        guard diff.pairs.count > 1, diff.pairs.indices.contains(pair) else { return "" }
        return " (\(diff.pairs[pair].name), \(diff.pairs[pair].source.rawValue))"
    }

    // MARK: - Head

    mutating func head() {
        for (label, head) in [("old", diff.old), ("new", diff.new)] {
            canvas.flow(
                [
                    TextSpan(Timestamp.text(head.collectedAt)),
                    TextSpan("  \(Self.cut(head.tool)), profile \(Self.cut(head.profile))", .quiet),
                ], label: TextSpan(label, .quiet), column: 6)
        }
        for note in diff.notes { canvas.flow([TextSpan(Self.cut(note), .medium)], column: 6) }
        for pair in diff.pairs {
            if let words = DiffWords.lone(pair) { canvas.flow([TextSpan(Self.cut(words), .medium)], column: 6) }
        }
    }

    /// Old outcomes down, new ones across; a row and a column without a result are left out.
    mutating func matrix() {
        let all = Outcome.allCases
        let rows = all.filter { old in all.contains { diff.matrix[old]?[$0] ?? 0 > 0 } }
        let columns = all.filter { new in all.contains { diff.matrix[$0]?[new] ?? 0 > 0 } }
        guard !rows.isEmpty else { return }
        canvas.blank()
        canvas.heading("OUTCOMES", "old down, new across", .strong)
        canvas.blank()
        let first = rows.map { DiffWords.outcome($0).count }.max() ?? 0
        let widths = columns.map { new in
            max(
                DiffWords.outcome(new).count,
                rows.map { String(diff.matrix[$0]?[new] ?? 0).count }.max() ?? 1)
        }
        let gap = "   "
        var line = [TextSpan(String(repeating: " ", count: first + 2))]
        for (index, new) in columns.enumerated() {
            line.append(TextSpan(gap + TextCanvas.rightAligned(DiffWords.outcome(new), widths[index]), .quiet))
        }
        canvas.line(line)
        for old in rows {
            line = [TextSpan("  " + TextCanvas.padded(DiffWords.outcome(old), first), .quiet)]
            for (index, new) in columns.enumerated() {
                let count = diff.matrix[old]?[new] ?? 0
                let text = count == 0 ? "·" : String(count)
                line.append(TextSpan(gap + TextCanvas.rightAligned(text, widths[index]), style(old, new, count)))
            }
            canvas.line(line)
        }
    }

    private func style(_ old: Outcome, _ new: Outcome, _ count: Int) -> TextStyle {
        if count == 0 { return .quiet }
        if old == new { return .plain }
        switch ReportDiff.direction(old, new) {
        case .worse: return .critical
        case .better: return .good
        case .other: return .medium
        }
    }

    // MARK: - Results

    mutating func results(_ title: String, _ direction: ReportDiff.Direction, _ style: TextStyle) {
        let changes = diff.results(direction)
        guard !changes.isEmpty else { return }
        canvas.blank()
        canvas.heading(title, DiffWords.plural(changes.count, "result"), style)
        switch direction {
        case .worse:
            // All of them: this is what the reader came for.
            for change in changes { result(change) }
        case .better:
            for change in shown(changes) { result(change) }
            rest(changes.count)
        case .other:
            // Rules that began or ceased to apply are many and ask nothing of anybody; failures are never left out.
            let list = changes.filter { change in
                options.verbosity == .all || change.old?.outcome == .fail || change.new?.outcome == .fail
            }
            for change in list { result(change) }
            let left = changes.count - list.count
            if left > 0 {
                let more = list.isEmpty ? "" : " more"
                canvas.flow(
                    [TextSpan("\(left)\(more), such as rules that began to apply: --all shows them", .quiet)], column: 2
                )
            }
        }
    }

    private mutating func result(_ change: ReportDiff.ResultChange) {
        let severity = change.either?.severity ?? .info
        let isWorse = change.direction == .worse
        let word = TextCanvas.padded(severity.rawValue, 8)
        canvas.flow(
            [
                TextSpan(Self.cut(change.rule), .strong), TextSpan("  "),
                TextSpan(DiffWords.outcome(change.old, absent: "not asked")),
                TextSpan(" -> "),
                TextSpan(
                    DiffWords.outcome(change.new, absent: "not asked"),
                    isWorse ? .high : change.direction == .better ? .good : .medium),
                TextSpan(place(change.pair), .quiet),
            ], label: TextSpan(word, isWorse ? colour(severity) : .quiet), indent: 2, column: 12)
        let before = Self.cut(DiffWords.observed(change.old))
        let after = Self.cut(DiffWords.observed(change.new))
        let isFailure = change.new?.outcome == .fail
        guard before != after || isFailure else { return }
        var spans = before == after ? [] : [TextSpan(before, .quiet), TextSpan(" -> ", .quiet)]
        spans.append(TextSpan(after))
        if isFailure, let expected = change.new?.expected {
            spans += [TextSpan(", should be ", .quiet), TextSpan(Self.cut(expected))]
        }
        canvas.flow(spans, column: 12)
    }

    mutating func values() {
        guard !diff.values.isEmpty else { return }
        canvas.blank()
        canvas.heading("STILL FAILING, OTHERWISE", DiffWords.plural(diff.values.count, "result"), .strong)
        for change in shown(diff.values) {
            canvas.flow(
                [TextSpan(Self.cut(change.rule), .strong), TextSpan(place(change.pair), .quiet)], indent: 2, column: 2)
            let (before, after) = (DiffWords.observed(change.old), DiffWords.observed(change.new))
            if let elements = DiffWords.elements(before, after) {
                sides(elements.old, elements.new)
                continue
            }
            canvas.flow(
                [TextSpan(Self.cut(before), .quiet), TextSpan(" -> ", .quiet), TextSpan(Self.cut(after))], column: 12)
        }
        rest(diff.values.count)
    }

    mutating func waivers() {
        guard !diff.waivers.isEmpty else { return }
        canvas.blank()
        canvas.heading("WAIVERS", String(diff.waivers.count), .strong)
        for change in diff.waivers {
            canvas.flow(
                [TextSpan(Self.cut(change.rule), .strong), TextSpan(place(change.pair), .quiet)], indent: 2, column: 2)
            canvas.flow(
                [TextSpan(Self.cut(DiffWords.waiver(change)), change.direction == .worse ? .high : .plain)], column: 12)
        }
    }

    mutating func severities() {
        guard !diff.severities.isEmpty else { return }
        canvas.blank()
        canvas.heading("SEVERITY", DiffWords.plural(diff.severities.count, "rule"), .strong)
        for change in shown(diff.severities) {
            guard let old = change.old, let new = change.new else { continue }
            canvas.flow(
                [
                    TextSpan(Self.cut(change.rule), .strong), TextSpan("  \(old.severity.rawValue) -> "),
                    TextSpan(new.severity.rawValue, colour(new.severity)), TextSpan(place(change.pair), .quiet),
                ], indent: 2, column: 2)
        }
        rest(diff.severities.count)
    }

    mutating func drift() {
        guard !diff.drift.isEmpty else { return }
        canvas.blank()
        canvas.heading("DRIFT", String(diff.drift.count), .strong)
        for change in diff.drift {
            guard let drift = change.new ?? change.old else { continue }
            let (word, style): (String, TextStyle) =
                switch change.direction {
                case .worse: ("new", .high)
                case .better: ("gone", .good)
                case .other: ("other", .medium)
                }
            canvas.flow(
                [TextSpan(Self.cut(drift.rule), .strong), TextSpan("  "), TextSpan(Self.cut(drift.message))],
                label: TextSpan(word, style), indent: 2, column: 12)
        }
    }

    // MARK: - Causes

    mutating func optionChanges() {
        guard !diff.options.isEmpty else { return }
        canvas.blank()
        canvas.heading("OPTIONS", "\(diff.options.count) of which the evidence changed", .strong)
        for change in shown(diff.options) {
            canvas.flow(
                [TextSpan(Self.cut(change.path), .strong), TextSpan(place(change.pair), .quiet)], indent: 2, column: 2)
            sides(change.old, change.new)
        }
        rest(diff.options.count)
    }

    mutating func facts() {
        guard !diff.facts.isEmpty else { return }
        canvas.blank()
        canvas.heading("FACTS", "\(diff.facts.count) changed", .strong)
        for change in shown(diff.facts) {
            let name = [TextSpan(Self.cut(change.key.rawValue), .strong), TextSpan(place(change.pair), .quiet)]
            guard let elements = change.elements else {
                canvas.flow(
                    name + [
                        TextSpan("  "), TextSpan(Self.cut(DiffWords.fact(change.old)), .quiet),
                        TextSpan(" -> ", .quiet), TextSpan(Self.cut(DiffWords.fact(change.new))),
                    ], indent: 2, column: 2, wrapped: 12)
                continue
            }
            let isOrder = elements.removed.isEmpty && elements.added.isEmpty
            canvas.flow(name + [TextSpan(isOrder ? "  in another order" : "")], indent: 2, column: 2)
            sides(elements.removed.map(\.description), elements.added.map(\.description))
        }
        rest(diff.facts.count)
    }

    private mutating func sides(_ old: [String], _ new: [String]) {
        let limit = 6
        for (sign, list) in [("-", old), ("+", new)] {
            let shown = options.verbosity == .all ? list[...] : list.prefix(limit)
            for text in shown {
                canvas.flow(
                    [TextSpan(Self.cut(text), sign == "-" ? .quiet : .plain)],
                    label: TextSpan(sign, sign == "-" ? .high : .good), indent: 6, column: 8)
            }
            if shown.count < list.count {
                canvas.flow([TextSpan("and \(list.count - shown.count) more", .quiet)], indent: 6, column: 8)
            }
        }
    }

    mutating func end() {
        canvas.blank()
        canvas.flow([TextSpan(DiffWords.verdict(diff), diff.hasWorse ? .critical : .good)], column: 0)
    }
}
