public import FirnModel
import FirnReportCore

extension TextReporter {
    /// The gate's decision for people: the answer first, in one line; then what speaks against it, the worst first, each
    /// with what to do; then what to know, what is open, and what it rests on. Empty without a verdict.
    public static func renderVerdict(_ report: Report, options: RenderOptions) -> String {
        guard let verdict = report.verdict else { return "" }
        var page = TextPage(report, options: options)
        page.verdict(verdict)
        return page.canvas.text
    }

    /// Why a kept verdict does not hold, or that it does.
    public static func renderKeptVerdict(
        _ verdict: Verdict, reasons: [Verdict.Reason], options: RenderOptions
    ) -> String {
        let report = Report(
            tool: "firn", targets: [], profile: verdict.profile, profileDigest: verdict.profileDigest, dropped: [],
            catalogueDigest: verdict.catalogueDigest, collectedAt: verdict.judgedAt, snapshots: [], results: [],
            drift: [], notes: [])
        var shown = verdict
        shown.decision = reasons.isEmpty ? .pass : .blocked
        shown.reasons = reasons
        var page = TextPage(report, options: options)
        page.verdict(shown, isKept: true)
        return page.canvas.text
    }
}

extension TextPage {
    /// How many lines of one kind show where not everything was asked for.
    private static let lineLimit = 15

    mutating func verdict(_ verdict: Verdict, isKept: Bool = false) {
        // A name in it may be long: no line after the first begins where our own headings do.
        canvas.flow(Self.answer(verdict), column: 0, wrapped: 2)
        var kinds: [Verdict.ReasonKind] = []
        for reason in verdict.reasons where kinds.last != reason.kind && !kinds.contains(reason.kind) {
            kinds.append(reason.kind)
        }
        for kind in kinds {
            group(kind, verdict.reasons.filter { $0.kind == kind }, advice: isKept ? kind.keptAdvice : kind.advice)
        }
        list("warnings", "!", .medium, verdict.warnings.map { Self.cut($0) })
        open(verdict)
        inputs(verdict)
        canvas.blank()
    }

    /// `✗ BLOCKED  policy build, profile standard: 3 failures, 1 could not be told`.
    static func answer(_ verdict: Verdict) -> [TextSpan] {
        let isPass = verdict.decision == .pass
        var counts: [(kind: Verdict.ReasonKind, count: Int)] = []
        for reason in verdict.reasons {
            if let index = counts.firstIndex(where: { $0.kind == reason.kind }) {
                counts[index].count += 1
            } else {
                counts.append((reason.kind, 1))
            }
        }
        var spans = [
            TextSpan(isPass ? "✓ PASS" : "✗ BLOCKED", isPass ? .good : .critical),
            TextSpan("  policy "), TextSpan(cut(verdict.policy), .strong), TextSpan(", profile "),
            TextSpan(cut(verdict.profile), .strong),
        ]
        if isPass {
            if !verdict.open.isEmpty { spans.append(TextSpan(", \(verdict.open.count) open until live")) }
            spans.append(TextSpan(", valid until \(Timestamp.text(verdict.validUntil))"))
        } else {
            spans.append(TextSpan(": " + counts.map { $0.kind.counted($0.count) }.joined(separator: ", ")))
        }
        return spans
    }

    private mutating func group(_ kind: Verdict.ReasonKind, _ reasons: [Verdict.Reason], advice: String) {
        canvas.blank()
        canvas.heading(kind.title, "\(reasons.count)", kind.rank <= 11 ? .critical : .medium)
        var byRule: [(rule: String?, reasons: [Verdict.Reason])] = []
        for reason in reasons {
            if let rule = reason.rule, let index = byRule.firstIndex(where: { $0.rule == rule }) {
                byRule[index].reasons.append(reason)
            } else {
                byRule.append((reason.rule, [reason]))
            }
        }
        let limit = options.verbosity == .findings ? Self.lineLimit : Int.max
        for entry in byRule.prefix(limit) { line(kind, entry.rule, entry.reasons) }
        if byRule.count > limit {
            canvas.flow([TextSpan("and \(byRule.count - limit) more (--details)", .quiet)], column: 4)
        }
        canvas.flow([TextSpan(advice, .quiet)], label: TextSpan("→", .quiet), indent: 2, column: 4)
    }

    private mutating func line(_ kind: Verdict.ReasonKind, _ rule: String?, _ reasons: [Verdict.Reason]) {
        let results = reasons.compactMap { reason in
            report.results.first { $0.rule == rule && $0.target == reason.target }
        }
        if kind == .unknown || kind == .error, let rule, !results.isEmpty, results.count == reasons.count {
            var told: [(message: String, labels: [String])] = []
            for result in results {
                let message = result.message ?? "no reason is given"
                if let index = told.firstIndex(where: { $0.message == message }) {
                    told[index].labels.append(label(result.target))
                } else {
                    told.append((message, [label(result.target)]))
                }
            }
            for (message, labels) in told {
                canvas.flow(
                    [
                        TextSpan(Self.cut(rule), .strong),
                        TextSpan("  \(labels.joined(separator: ", ")): \(Self.cut(message))"),
                    ], label: TextSpan("✗"), indent: 2, column: 4)
            }
            return
        }
        guard kind == .fail, let rule, let first = results.first, results.count == reasons.count else {
            for reason in reasons {
                canvas.flow([TextSpan(Self.cut(reason.message))], label: TextSpan("✗"), indent: 2, column: 4)
            }
            return
        }
        let seen = results.map { $0.observed ?? "not set" }
        let isSame = Set(seen).count == 1
        let values =
            isSame
            ? results.map { label($0.target) }.joined(separator: ", ") + ": "
                + VisibleText.escape(seen[0], limit: 160)
            : zip(results, seen).map { label($0.target) + ": " + VisibleText.escape($1, limit: 160) }
                .joined(separator: "; ")
        canvas.flow(
            [
                TextSpan(Self.cut(rule), .strong), TextSpan("  " + values + "; wanted: "),
                TextSpan(VisibleText.escape(first.expected, limit: 160)),
            ], label: TextSpan("✗ " + first.severity.rawValue, Self.colour(first.severity)), indent: 2, column: 13)
    }

    private mutating func list(_ title: String, _ symbol: String, _ style: TextStyle, _ lines: [String]) {
        if lines.isEmpty { return }
        canvas.blank()
        canvas.heading(title, "\(lines.count)", style)
        for line in lines { canvas.flow([TextSpan(line)], label: TextSpan(symbol, style), indent: 2, column: 4) }
    }

    /// Rules by name, a family of many by its count.
    private mutating func open(_ verdict: Verdict) {
        if verdict.open.isEmpty { return }
        canvas.blank()
        canvas.heading("open until live", "\(verdict.open.count)", .low)
        let families = Dictionary(grouping: verdict.open) { String($0.prefix { $0 != "." }) }
        let isShort = options.verbosity == .findings
        let names = families.sorted { $0.key < $1.key }.map { family, rules in
            isShort && rules.count > 4
                ? "\(rules.count) of \(Self.cut(family))" : rules.map(Self.cut).joined(separator: ", ")
        }
        canvas.flow([TextSpan(names.joined(separator: ", "))], label: TextSpan("○"), indent: 2, column: 4)
    }

    private mutating func inputs(_ verdict: Verdict) {
        canvas.blank()
        canvas.heading("rests on", "", .strong)
        func row(_ label: String, _ text: String) {
            canvas.flow([TextSpan(text)], label: TextSpan(label, .quiet), indent: 2, column: 16)
        }
        for input in verdict.inputs {
            row(
                "report",
                "\(Self.cut(input.name))  sha256 \(String(input.digest.prefix(12)))  "
                    + (input.signer.map { "signed by " + Self.cut($0) } ?? "not signed"))
        }
        if let artifact = verdict.artifact {
            row(
                "artifact",
                "\(Self.cut(artifact.name))  \(Self.cut(artifact.kind)), \(artifact.size) bytes  "
                    + (artifact.digest.map { "sha256 " + String($0.prefix(12)) } ?? "a build result"))
        }
        row("system", verdict.toplevel.map(Self.cut) ?? "none")
        if let digest = verdict.waiversDigest { row("waivers", "sha256 " + String(digest.prefix(12))) }
        if let digest = verdict.baselineDigest { row("baseline", "sha256 " + String(digest.prefix(12))) }
        row("decided", Timestamp.text(verdict.judgedAt))
        if verdict.decision == .pass { row("valid until", Timestamp.text(verdict.validUntil)) }
    }
}
