public import FirnModel

/// A drift as a row of layers: one cell for each layer that was given, also of those that gave no answer.
public struct DriftRow: Sendable, Hashable {
    /// What one layer says.
    public struct Cell: Sendable, Hashable {
        /// The layer.
        public var source: SourceKind
        /// The outcome; nil where the layer was not given of this system.
        public var outcome: Outcome?
        /// What was seen.
        public var observed: String?
        /// Whether it is the layer that broke the rule, or the first that differs.
        public var isMarked: Bool
    }

    /// The drift.
    public var drift: Drift
    /// The rule's title; its id where no result has one.
    public var title: String
    /// The layers, in their order.
    public var cells: [Cell]
    /// The collection time of the oldest live report since which the newest one's answer has been the same, in seconds since
    /// 1970; nil where there is only one live report.
    public var since: Int64?

    /// The rows of a report, the gravest first.
    public static func of(_ report: Report) -> [DriftRow] {
        of(report.drift, report)
    }

    /// The rows of some of a report's drift, the gravest first.
    public static func of(_ drift: [Drift], _ report: Report) -> [DriftRow] {
        guard !drift.isEmpty else { return [] }
        let rules = Set(drift.map(\.rule))
        var byRule: [String: [Result]] = [:]
        for result in report.results where rules.contains(result.rule) {
            byRule[result.rule, default: []].append(result)
        }
        let systems = ReportSystem.of(report)
        let sources = Set(report.targets.map(\.source)).union(drift.flatMap { $0.values.map(\.source) }).sorted()
        return drift.map { one in
            let results = byRule[one.rule] ?? []
            let own = Set(one.values.map(\.target))
            let system = systems.first { !own.isDisjoint(with: $0.targets) }?.targets ?? []
            let cells = sources.map { source in
                // Of several live reports the newest, which is the last.
                if let value = one.values.last(where: { $0.source == source }) {
                    return Cell(
                        source: source, outcome: value.outcome, observed: value.observed,
                        isMarked: source == one.layer)
                }
                let other = results.last { $0.source == source && system.contains($0.target) }
                return Cell(source: source, outcome: other?.outcome, observed: nil, isMarked: false)
            }
            return DriftRow(
                drift: one, title: results.first?.title ?? one.rule, cells: cells, since: since(one, report))
        }.sorted { left, right in
            left.drift.severity == right.drift.severity
                ? left.drift.rule < right.drift.rule : left.drift.severity > right.drift.severity
        }
    }

    private static func since(_ drift: Drift, _ report: Report) -> Int64? {
        let live = drift.values.filter { $0.source == .live }
        guard drift.layer == .live, live.count > 1, let newest = live.last else { return nil }
        let same = live.reversed().prefix { $0.outcome == newest.outcome && $0.observed == newest.observed }
        guard let oldest = same.last, report.snapshots.indices.contains(oldest.target) else { return nil }
        return report.snapshots[oldest.target].collectedAt
    }

    /// What the layer did, in words: `broken by the live layer`.
    public var did: String {
        let layer = drift.layer.rawValue
        return switch drift.effect {
        case .broke: "broken by the \(layer) layer"
        case .repaired: "failed before, and passes in the \(layer) layer"
        case .changed: "changed by the \(layer) layer"
        }
    }
}

extension DriftRow.Cell {
    /// The outcome in a word: `pass`, `FAIL`, `n/a`, `not told`; `-` where the layer never supplies it.
    public var word: String {
        switch outcome {
        case .pass: "pass"
        case .fail: "FAIL"
        case .notApplicable: "n/a"
        case .unknown: "not told"
        case .error: "error"
        case .notChecked: "-"
        case nil: ""
        }
    }

    /// The outcome and what was seen.
    public var text: String {
        guard let outcome else { return "" }
        switch outcome {
        case .pass, .fail: return word + " " + (observed ?? "not set")
        case .notApplicable, .unknown, .error, .notChecked: return word
        }
    }
}
