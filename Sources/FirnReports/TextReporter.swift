public import FirnModel
import FirnReportCore

/// The report for people: the gate's verdict where there is one, then a line a finding, the worst first, then where each was seen and what to set; then what
/// could not be told; then the counts and one line with the answer.
///
/// The words `FAIL`, `UNKN`, `ERR `, `DRFT`, `WAIV` carry the meaning; colour repeats it.
public enum TextReporter {
    /// Renders a report.
    public static func render(_ report: Report, options: RenderOptions) -> String {
        var page = TextPage(report, options: options)
        if let verdict = report.verdict { page.verdict(verdict) }
        page.header()
        page.overview()
        page.details()
        page.generations()
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
    static func time(_ seconds: Int64) -> String {
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

    static func bytes(_ count: Int64) -> String {
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
