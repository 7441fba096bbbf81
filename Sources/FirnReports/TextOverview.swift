import FirnModel
import FirnReportCore

extension TextPage {
    /// The findings nobody has accepted, folded by cause, the worst first.
    var openClusters: [FindingCluster] { FindingCluster.of(groups.filter(\.isFinding)) }

    /// A line a finding, by severity: what a person reads to know where they stand.
    mutating func overview() {
        let clusters = openClusters
        let waived = groups.filter(\.isWaived)
        if clusters.isEmpty && waived.isEmpty { return }
        let count = clusters.reduce(0) { $0 + $1.groups.count }
        canvas.blank()
        canvas.heading(
            "FINDINGS", count == 0 ? "none open" : "\(count)",
            clusters.first.map { Self.colour($0.severity) } ?? .strong)
        let names = clusters.filter { !$0.isFolded }.flatMap(\.groups).map(\.rule) + waived.map(\.rule)
        let longest = names.map { TextCanvas.columns(Self.cut($0)) }.max() ?? 0
        let column = ruleColumn + min(longest, max(canvas.width * 45 / 100 - ruleColumn, 20)) + 2
        for severity in Severity.allCases.sorted(by: >) {
            let own = clusters.filter { $0.severity == severity }
            if own.isEmpty { continue }
            canvas.blank()
            let rules = own.reduce(0) { $0 + $1.groups.count }
            canvas.flow(
                [TextSpan("\(rules)", .quiet)],
                label: TextSpan(severity.rawValue.uppercased() + " ", Self.colour(severity)), column: 0)
            for cluster in own {
                if cluster.isFolded { folded(cluster) } else { lines(cluster, column) }
            }
        }
        if waived.isEmpty { return }
        canvas.blank()
        canvas.flow([TextSpan("\(waived.count)", .quiet)], label: TextSpan("WAIVED ", .quiet), column: 0)
        for group in waived { overviewLine(group, "WAIV", .quiet, column) }
    }

    private mutating func lines(_ cluster: FindingCluster, _ column: Int) {
        for group in cluster.groups { overviewLine(group, "FAIL", Self.colour(group.severity), column) }
    }

    /// `FAIL  rule  title`, cut at the right end so that it stays one line.
    private mutating func overviewLine(_ group: RuleGroup, _ word: String, _ style: TextStyle, _ column: Int) {
        let rule = Self.cut(group.rule)
        var spans = [
            TextSpan(word, style), TextSpan("  "), TextSpan(TextCanvas.padded(rule, column - ruleColumn - 2), .strong),
        ]
        var room = canvas.width - max(column, ruleColumn + TextCanvas.columns(rule) + 2)
        let failing = Set(group.results.filter { $0.outcome == .fail }.map(\.target))
        let isPartial = report.targets.count > 1 && failing.count < report.targets.count
        let suffix = isPartial ? "  (\(failing.sorted().map(label).joined(separator: ", ")))" : ""
        room -= TextCanvas.columns(suffix)
        if room >= 12 {
            spans += [TextSpan("  "), TextSpan(TextCanvas.clipped(Self.cut(group.title), room))]
        }
        if !suffix.isEmpty { spans.append(TextSpan(suffix, .quiet)) }
        canvas.line(spans)
    }

    /// Several rules with one cause: how many, the cause, their names.
    private mutating func folded(_ cluster: FindingCluster) {
        let place = Self.firstPlace(cluster).map { ": " + Self.place($0) } ?? ""
        canvas.flow(
            [
                TextSpan(Self.plural(cluster.groups.count, "\(cluster.family) rule"), .strong),
                TextSpan(" with one cause" + place),
            ], label: TextSpan("FAIL", Self.colour(cluster.severity)), column: ruleColumn)
        canvas.flow(
            [TextSpan(cluster.groups.map { Self.cut($0.rule) }.joined(separator: ", "), .quiet)], column: ruleColumn)
    }

    private static func firstPlace(_ cluster: FindingCluster) -> Evidence? {
        cluster.groups.first?.results.first { $0.outcome == .fail }?.evidence.first
    }
}
