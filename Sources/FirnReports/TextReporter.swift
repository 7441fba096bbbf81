public import FirnModel
import FirnReportCore

/// The report for people: findings first, by severity, each with where it was seen and what to set; then what could
/// not be told; then the counts and one line with the answer.
///
/// The words `FAIL`, `UNKN`, `ERR `, `DRFT`, `WAIV` carry the meaning; colour repeats it.
public enum TextReporter {
    /// Renders a report.
    public static func render(_ report: Report, options: RenderOptions) -> String {
        var page = TextPage(report, options: options)
        page.header()
        page.findings()
        page.drift()
        page.reasons("COULD NOT BE TOLD", "UNKN", .unknown, .medium)
        page.reasons("ERRORS", "ERR ", .error, .critical)
        if options.verbosity == .all {
            page.reasons("NOT APPLICABLE", "N/A ", .notApplicable, .quiet)
            page.reasons("NOT CHECKED", "NCHK", .notChecked, .quiet)
            page.passes()
        }
        page.summary()
        return page.canvas.text
    }
}

/// A text report while it is written.
struct TextPage {
    let report: Report
    let options: RenderOptions
    let groups: [RuleGroup]
    var canvas: TextCanvas
    /// What each target is called beside its results: its source, with its number where a source has several.
    let labels: [String]
    /// The column of a finding's rule id.
    let ruleColumn = 6
    /// The column of what a source says.
    let bodyColumn: Int

    /// The most characters of one value or evidence; JSON has the rest.
    static let valueLimit = 600

    init(_ report: Report, options: RenderOptions) {
        self.report = report
        self.options = options
        groups = RuleGroup.of(report.results)
        canvas = TextCanvas(width: min(max(options.width, 40), 1000), hasColour: options.colour)
        let sources = report.targets.map(\.source)
        labels =
            Set(sources).count == sources.count
            ? sources.map(\.rawValue)
            : sources.enumerated().map { "\($0.offset + 1) \($0.element.rawValue)" }
        bodyColumn = ruleColumn + max(labels.map(TextCanvas.columns).max() ?? 0, 8) + 2
    }

    func label(_ target: Int) -> String {
        labels.indices.contains(target) ? labels[target] : "\(target + 1)"
    }

    static func colour(_ severity: Severity) -> TextStyle {
        switch severity {
        case .critical: .critical
        case .high: .high
        case .medium: .medium
        case .low: .low
        case .info: .plain
        }
    }

    static func cut(_ text: String) -> String {
        VisibleText.escape(text, limit: valueLimit)
    }

    /// What was seen. A long list is cut early where the message names the elements that matter.
    static func observed(_ result: Result) -> String {
        VisibleText.escape(result.observed ?? "not set", limit: result.message == nil ? valueLimit : 120)
    }

    static func plural(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    // MARK: Header

    mutating func header() {
        canvas.flow(
            [
                TextSpan(report.tool, .strong), TextSpan("  profile "), TextSpan(report.profile, .strong),
                TextSpan(", \(Self.plural(groups.count, "rule")), collected \(Self.time(report.collectedAt))"),
            ], column: 0)
        canvas.blank()
        let column = bodyColumn - ruleColumn + 2
        for (index, target) in report.targets.enumerated() {
            let size = target.size.map { ", " + Self.bytes($0) } ?? ""
            canvas.flow(
                [TextSpan(Self.cut(target.name), .strong), TextSpan("  " + target.kind + size, .quiet)],
                label: TextSpan(label(index)), indent: 2, column: column)
            canvas.flow([TextSpan(Self.identity(target.identity))], column: column)
            let toplevel = target.identity.toplevel.map(Self.storeHash) ?? "not known"
            canvas.flow([TextSpan("toplevel " + toplevel, .quiet)], column: column)
        }
        for note in report.notes {
            canvas.flow([TextSpan(Self.cut(note), .quiet)], label: TextSpan("note", .quiet), indent: 2, column: column)
        }
    }

    /// `2026-11-21 07:13:00 UTC`.
    private static func time(_ seconds: Int64) -> String {
        let parts = Timestamp.text(seconds).unicodeScalars.split { $0 == "T" || $0 == "Z" }.map(String.init)
        return parts.joined(separator: " ") + " UTC"
    }

    private static func identity(_ identity: Identity) -> String {
        var parts: [String] = []
        if let name = identity.hostName { parts.append(cut(name)) }
        parts.append(identity.release.map { "NixOS " + cut($0) } ?? "release not known")
        if let system = identity.system { parts.append(cut(system)) }
        return parts.joined(separator: ", ")
    }

    /// The hash part of a store path (32 characters of Nix' base 32), or the path when it is of another form.
    private static func storeHash(_ path: String) -> String {
        guard path.hasPrefix("/nix/store/") else { return cut(path) }
        let hash = path.dropFirst("/nix/store/".count).prefix { $0 != "-" && $0 != "/" }
        return hash.utf8.count == 32 ? String(hash) : cut(path)
    }

    private static func bytes(_ count: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var unit = 0
        var size = count
        var rest: Int64 = 0
        while size >= 1024 && unit + 1 < units.count {
            rest = size % 1024 * 10 / 1024
            size /= 1024
            unit += 1
        }
        return unit == 0 || size >= 100 ? "\(size) \(units[unit])" : "\(size).\(rest) \(units[unit])"
    }

    // MARK: Findings

    mutating func findings() {
        for severity in Severity.allCases.sorted(by: >) {
            let open = groups.filter { $0.severity == severity && $0.isFinding }
            let waived = groups.filter { $0.severity == severity && $0.isWaived }
            if open.isEmpty && waived.isEmpty { continue }
            var counts: [String] = []
            if !open.isEmpty { counts.append(Self.plural(open.count, "finding")) }
            if !waived.isEmpty { counts.append("\(waived.count) waived") }
            canvas.blank()
            canvas.heading(
                severity.rawValue.uppercased(), counts.joined(separator: ", "), Self.colour(severity))
            for group in open { finding(group, "FAIL", Self.colour(severity)) }
            for group in waived { finding(group, "WAIV", .quiet) }
        }
    }

    private mutating func finding(_ group: RuleGroup, _ word: String, _ style: TextStyle) {
        canvas.blank()
        title(group, word, style)
        // A long value hides what stands behind it: then what is wanted gets a line of its own, said once.
        let isShort = fits(group)
        for result in group.results { line(result, isShort: isShort) }
        if !isShort {
            for expected in group.expectations {
                canvas.flow(
                    [TextSpan(Self.cut(expected), .strong)], label: TextSpan("should be"), indent: ruleColumn,
                    column: bodyColumn)
            }
        }
        for waiver in group.waivers {
            canvas.flow(
                [
                    TextSpan("by \(Self.cut(waiver.owner)) until \(Self.cut(waiver.expires)): ", .strong),
                    TextSpan(Self.cut(waiver.reason)),
                ], label: TextSpan("waived", .quiet), indent: ruleColumn, column: bodyColumn)
        }
        for fix in group.fixes {
            let lines = NixDefinition.lines(fix, width: canvas.width - bodyColumn)
            for (index, line) in lines.enumerated() {
                let label = index == 0 ? TextCanvas.padded("set", bodyColumn - ruleColumn) : ""
                let indent = index == 0 ? ruleColumn : bodyColumn
                canvas.line([TextSpan(label, .quiet), TextSpan(line, .code)], indent: indent)
            }
            if case .list = fix.value, fix.merge == .replace, !lines.isEmpty {
                canvas.flow([TextSpan("# in place of other definitions of this option", .quiet)], column: bodyColumn)
            }
            if let manual = fix.manual {
                canvas.flow(
                    [TextSpan(Self.cut(manual), .code)], label: TextSpan("do", .quiet), indent: ruleColumn,
                    column: bodyColumn)
            }
        }
    }

    /// The rule and its title: beside each other where there is room, else below.
    private mutating func title(_ group: RuleGroup, _ word: String, _ style: TextStyle) {
        let ruleWidth = 42
        if canvas.width >= 110 && TextCanvas.columns(VisibleText.escape(group.rule)) < ruleWidth {
            let rule = TextCanvas.padded(VisibleText.escape(group.rule), ruleWidth - 2)
            // The label keeps its style for the word alone; the rule follows as text.
            canvas.flow(
                [TextSpan(rule, .strong), TextSpan("  "), TextSpan(Self.cut(group.title))],
                label: TextSpan(word, style), column: ruleColumn)
        } else {
            canvas.flow([TextSpan(Self.cut(group.rule), .strong)], label: TextSpan(word, style), column: ruleColumn)
            canvas.flow([TextSpan(Self.cut(group.title))], column: ruleColumn)
        }
    }

    /// What one source says about a rule that failed somewhere.
    private mutating func line(_ result: Result, isShort: Bool) {
        let label = TextSpan(label(result.target))
        let reason = Self.cut(result.message ?? "no reason was given")
        let spans: [TextSpan] =
            switch result.outcome {
            case .fail: observation(result) + (isShort ? [TextSpan(", ")] + expectation(result) : [])
            case .pass: [TextSpan("passes: is "), TextSpan(Self.cut(result.observed ?? "not set"))]
            case .unknown: [TextSpan("could not be told: ", .medium), TextSpan(reason)]
            case .error: [TextSpan("error: ", .critical), TextSpan(reason)]
            case .notApplicable: [TextSpan("does not apply: " + reason, .quiet)]
            case .notChecked: [TextSpan("not checked: this source does not supply the fact", .quiet)]
            }
        canvas.flow(spans, label: label, indent: ruleColumn, column: bodyColumn)
        guard result.outcome == .fail else { return }
        for place in result.evidence {
            canvas.flow([TextSpan(Self.place(place), .quiet)], column: bodyColumn)
        }
        if let message = result.message {
            canvas.flow([TextSpan(Self.cut(message))], column: bodyColumn)
        }
    }

    private func observation(_ result: Result) -> [TextSpan] {
        [
            TextSpan("is "), TextSpan(Self.observed(result), .strong),
            TextSpan(result.waiver == nil ? "" : " (waived)"),
        ]
    }

    private func expectation(_ result: Result) -> [TextSpan] {
        [TextSpan("should be "), TextSpan(Self.cut(result.expected), .strong)]
    }

    /// Whether "is X, should be Y" fits a line for all failures of a rule.
    private func fits(_ group: RuleGroup) -> Bool {
        group.results.allSatisfy { result in
            let spans = observation(result) + expectation(result)
            let columns = spans.reduce(2) { $0 + TextCanvas.columns($1.text) }
            return result.outcome != .fail || bodyColumn + columns <= canvas.width
        }
    }

    /// `path:line: text`.
    static func place(_ evidence: Evidence) -> String {
        var text = cut(evidence.path)
        if let line = evidence.line { text += ":\(line)" }
        if let content = evidence.text { text += ": " + cut(content) }
        return text
    }

    // MARK: Drift

    mutating func drift() {
        if report.drift.isEmpty { return }
        canvas.blank()
        canvas.heading("DRIFT", Self.plural(report.drift.count, "difference"), .high)
        for drift in report.drift {
            canvas.blank()
            canvas.flow([TextSpan(Self.cut(drift.rule), .strong)], label: TextSpan("DRFT", .high), column: ruleColumn)
            canvas.flow([TextSpan(Self.cut(drift.message))], column: ruleColumn)
            for value in drift.values {
                let isFirst = value.source == drift.layer
                let outcome = TextCanvas.padded(value.outcome.rawValue, 6)
                canvas.flow(
                    [
                        TextSpan(outcome + " ", isFirst ? .high : .plain),
                        TextSpan(Self.cut(value.observed ?? "not set"), .strong),
                        TextSpan(isFirst ? "  (differs from here on)" : "", .quiet),
                    ], label: TextSpan(value.source.rawValue), indent: ruleColumn, column: bodyColumn)
            }
        }
    }

    // MARK: Outcomes with a reason

    /// Results of one outcome by their reason: one file that cannot be read takes many rules with it.
    mutating func reasons(_ title: String, _ word: String, _ outcome: Outcome, _ style: TextStyle) {
        let results = report.results.filter { $0.outcome == outcome }
        if results.isEmpty { return }
        canvas.blank()
        canvas.heading(title, Self.plural(Set(results.map(\.rule)).count, "rule"), style)
        for (reason, results) in Self.byReason(results) {
            canvas.blank()
            canvas.flow([TextSpan(Self.cut(reason))], label: TextSpan(word, style), column: ruleColumn)
            for target in Set(results.map(\.target)).sorted() {
                var name = label(target)
                for severity in Severity.allCases.sorted(by: >) {
                    let rules = Set(results.filter { $0.target == target && $0.severity == severity }.map(\.rule))
                    if rules.isEmpty { continue }
                    let words = TextCanvas.padded(severity.rawValue, 8)
                    let names = rules.sorted().map(Self.cut).joined(separator: ", ")
                    canvas.flow(
                        [TextSpan(names)], label: TextSpan(TextCanvas.padded(name, bodyColumn - ruleColumn) + words),
                        indent: ruleColumn, column: bodyColumn + 10)
                    name = ""
                }
            }
        }
    }

    /// Results by reason, the reason with the most results first.
    static func byReason(_ results: [Result]) -> [(String, [Result])] {
        var byReason: [String: [Result]] = [:]
        for result in results {
            let reason =
                result.outcome == .notChecked
                ? result.message ?? "the source does not supply the fact"
                : result.message ?? "no reason was given"
            byReason[reason, default: []].append(result)
        }
        return byReason.sorted { left, right in
            left.value.count == right.value.count ? left.key < right.key : left.value.count > right.value.count
        }
        .map { ($0.key, $0.value) }
    }

    // MARK: Passes

    mutating func passes() {
        let passing = groups.compactMap { group -> (RuleGroup, [Result])? in
            let results = group.results.filter { $0.outcome == .pass }
            return results.isEmpty ? nil : (group, results)
        }
        if passing.isEmpty { return }
        canvas.blank()
        canvas.heading("PASSED", Self.plural(passing.count, "rule"), .good)
        canvas.blank()
        let isWide = canvas.width >= 110
        let longest = passing.map { TextCanvas.columns(Self.cut($0.0.rule)) }.max() ?? 0
        let longestTitle = passing.map { TextCanvas.columns(Self.cut($0.0.title)) }.max() ?? 0
        let column = ruleColumn + min(longest, canvas.width / 2) + 2
        for (group, results) in passing.sorted(by: { $0.0.rule < $1.0.rule }) {
            let rule = TextCanvas.padded(Self.cut(group.rule), column - ruleColumn - 2)
            let values = results.map { result in
                let value = Self.cut(result.observed ?? "not set")
                return report.targets.count == 1 ? value : "\(label(result.target)): \(value)"
            }
            let value = values.joined(separator: ", ")
            let spans =
                isWide
                ? [
                    TextSpan(TextCanvas.padded(Self.cut(group.title), min(longestTitle, 60))),
                    TextSpan("  " + value, .quiet),
                ]
                : [TextSpan(value, .quiet)]
            canvas.flow(spans, label: TextSpan("PASS  " + rule), column: column)
        }
    }
}
