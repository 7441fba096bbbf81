import FirnModel
import FirnReportCore

extension TextPage {
    /// How many findings, folded ones counting once, are shown with all details without being asked.
    static let detailLimit = 10

    /// Where each finding was seen and what repairs it: of the worst ones, or of all.
    mutating func details() {
        let clusters = openClusters
        let isShort = options.verbosity == .findings
        let shown = isShort ? Array(clusters.prefix(Self.detailLimit)) : clusters
        if !shown.isEmpty {
            canvas.blank()
            canvas.heading(
                "DETAILS", shown.count < clusters.count ? "of the worst \(shown.count)" : "", .strong)
            for cluster in shown {
                if cluster.isFolded {
                    folded(cluster)
                } else {
                    for group in cluster.groups { finding(group, "FAIL", Self.colour(group.severity)) }
                }
            }
        }
        for group in groups where group.isWaived { finding(group, "WAIV", .quiet) }
        let left = clusters.dropFirst(shown.count).reduce(0) { $0 + $1.groups.count }
        if left > 0 {
            canvas.blank()
            canvas.flow(
                [
                    TextSpan(
                        "\(Self.plural(left, "more finding")): --details shows where and how to repair, "
                            + "firn explain RULE why", .quiet)
                ], column: ruleColumn)
        }
    }

    /// Rules with one cause: where, once; what each wants; the different repairs.
    private mutating func folded(_ cluster: FindingCluster) {
        canvas.blank()
        canvas.flow(
            [TextSpan("\(cluster.groups.count) \(cluster.family) rules have one cause", .strong)],
            label: TextSpan("FAIL", Self.colour(cluster.severity)), column: ruleColumn)
        for result in cluster.groups.first?.results ?? [] where result.outcome == .fail {
            for (index, place) in result.evidence.enumerated() {
                canvas.flow(
                    [TextSpan(Self.place(place))], label: TextSpan(index == 0 ? label(result.target) : ""),
                    indent: ruleColumn, column: bodyColumn)
            }
        }
        let longest = cluster.groups.map { TextCanvas.columns(Self.cut($0.rule)) }.max() ?? 0
        let column = ruleColumn + min(longest, canvas.width / 2) + 2
        for group in cluster.groups {
            canvas.flow(
                [TextSpan(Self.cut(group.title))], label: TextSpan(Self.cut(group.rule), .quiet), indent: ruleColumn,
                column: column)
        }
        var seen: Set<Fix> = []
        for fix in cluster.groups.flatMap(\.fixes) where seen.insert(fix).inserted { repair(fix) }
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
            if let conditions = WaiverText.conditions(waiver) {
                canvas.flow([TextSpan(Self.cut(conditions), .quiet)], column: bodyColumn)
            }
        }
        for fix in group.fixes { repair(fix) }
    }

    private mutating func repair(_ fix: Fix) {
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
}
