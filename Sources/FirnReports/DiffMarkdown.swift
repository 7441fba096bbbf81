import FirnModel
import FirnReportCore

/// A diff as Markdown (GitHub's tables), for a pull request.
enum DiffMarkdown {
    /// How many rows a table has at most; JSON has the rest.
    static let limit = 100

    static func render(_ diff: ReportDiff) -> String {
        var text = "## Firn: " + (diff.hasWorse ? "something got worse" : "nothing got worse") + "\n\n"
        text += MarkdownText.escape(DiffWords.verdict(diff)) + "\n\n"
        text += "| | collected | tool | profile |\n|---|---|---|---|\n"
        for (label, head) in [("old", diff.old), ("new", diff.new)] {
            text += row([label, Timestamp.text(head.collectedAt), cell(head.tool), cell(head.profile)])
        }
        let notes = diff.notes + diff.pairs.compactMap(DiffWords.lone)
        if !notes.isEmpty {
            text += "\n" + notes.map { "- " + MarkdownText.escape($0) + "\n" }.joined()
        }
        text += matrix(diff)
        text += results("Got worse", diff.results(.worse), diff)
        text += results("Got better", diff.results(.better), diff)
        text += results("Other", diff.results(.other), diff)
        text += results("Still failing, otherwise", diff.values, diff)
        text += table(
            "Waivers", ["rule", "target", "change"],
            diff.waivers.map { [code($0.rule), place($0.pair, diff), cell(DiffWords.waiver($0))] })
        text += table(
            "Severity", ["rule", "target", "old", "new"],
            diff.severities.map {
                [
                    code($0.rule), place($0.pair, diff), $0.old?.severity.rawValue ?? "",
                    $0.new?.severity.rawValue ?? "",
                ]
            })
        text += table(
            "Drift", ["rule", "change", "what"],
            diff.drift.map { change in
                let drift = change.new ?? change.old
                let word =
                    switch change.direction {
                    case .worse: "new"
                    case .better: "gone"
                    case .other: "other"
                    }
                return [code(drift?.rule ?? ""), word, cell(drift?.message ?? "")]
            })
        text += table(
            "Options", ["option", "target", "only old", "only new"],
            diff.options.map { [code($0.path), place($0.pair, diff), list($0.old), list($0.new)] })
        text += table(
            "Facts", ["fact", "target", "old", "new"],
            diff.facts.map { change in
                let name = [code(change.key.rawValue), place(change.pair, diff)]
                guard let elements = change.elements else {
                    return name + [cell(DiffWords.fact(change.old)), cell(DiffWords.fact(change.new))]
                }
                if elements.removed.isEmpty && elements.added.isEmpty { return name + ["", "in another order"] }
                return name + [list(elements.removed.map(\.description)), list(elements.added.map(\.description))]
            })
        return text
    }

    private static func matrix(_ diff: ReportDiff) -> String {
        let all = Outcome.allCases
        let rows = all.filter { old in all.contains { diff.matrix[old]?[$0] ?? 0 > 0 } }
        let columns = all.filter { new in all.contains { diff.matrix[$0]?[new] ?? 0 > 0 } }
        guard !rows.isEmpty else { return "" }
        var text = "\n### Outcomes\n\n" + row(["old, new"] + columns.map(DiffWords.outcome))
        text += "|---|" + String(repeating: "---:|", count: columns.count) + "\n"
        for old in rows {
            let cells = columns.map { new -> String in
                let count = diff.matrix[old]?[new] ?? 0
                if count == 0 { return "" }
                return old != new && ReportDiff.direction(old, new) == .worse ? "**\(count)**" : String(count)
            }
            text += row([DiffWords.outcome(old)] + cells)
        }
        return text
    }

    private static func results(_ title: String, _ changes: [ReportDiff.ResultChange], _ diff: ReportDiff) -> String {
        table(
            title, ["severity", "rule", "target", "outcome", "old", "new"],
            changes.map { change in
                let outcome =
                    DiffWords.outcome(change.old, absent: "not asked") + " → "
                    + DiffWords.outcome(change.new, absent: "not asked")
                return [
                    change.either?.severity.rawValue ?? "", code(change.rule), place(change.pair, diff), outcome,
                    cell(DiffWords.observed(change.old)), cell(DiffWords.observed(change.new)),
                ]
            })
    }

    private static func table(_ title: String, _ columns: [String], _ rows: [[String]]) -> String {
        if rows.isEmpty { return "" }
        var text =
            "\n<details" + (title == "Got worse" ? " open" : "") + "><summary>\(title): \(rows.count)</summary>\n\n"
        text += row(columns) + "|" + String(repeating: "---|", count: columns.count) + "\n"
        for cells in rows.prefix(limit) { text += row(cells) }
        if rows.count > limit { text += "\n\(rows.count - limit) more.\n" }
        return text + "\n</details>\n"
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

    private static func cell(_ text: String) -> String {
        MarkdownText.escape(VisibleText.escape(text, limit: DiffPage.valueLimit))
    }

    /// A code span in a table; there a bar ends the cell even inside code, unless a backslash stands before it.
    private static func code(_ text: String) -> String {
        let text = VisibleText.escape(text, limit: DiffPage.valueLimit)
        return text.contains("|") || text.isEmpty ? MarkdownText.escape(text) : MarkdownText.code(text)
    }

    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(6).map(cell)
        return (shown + (texts.count > 6 ? ["and \(texts.count - 6) more"] : [])).joined(separator: "<br>")
    }

    private static func place(_ pair: Int, _ diff: ReportDiff) -> String {
        guard diff.pairs.indices.contains(pair) else { return "" }
        return cell("\(diff.pairs[pair].name), \(diff.pairs[pair].source.rawValue)")
    }
}
