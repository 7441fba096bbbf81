public import FirnModel

/// How often each outcome came.
public struct Tally: Sendable, Hashable {
    /// Results by outcome, all six; waived failures are among the fails.
    public var outcomes: [Outcome: Int]
    /// Failures without a waiver by severity, all five.
    public var fails: [Severity: Int]
    /// Failures with a waiver.
    public var waived: Int

    /// Creates a tally.
    public init(outcomes: [Outcome: Int], fails: [Severity: Int], waived: Int) {
        self.outcomes = outcomes
        self.fails = fails
        self.waived = waived
    }

    /// Counts results.
    public init(_ results: some Sequence<Result>) {
        outcomes = Dictionary(uniqueKeysWithValues: Outcome.allCases.map { ($0, 0) })
        fails = Dictionary(uniqueKeysWithValues: Severity.allCases.map { ($0, 0) })
        waived = 0
        for result in results {
            outcomes[result.outcome, default: 0] += 1
            guard result.outcome == .fail else { continue }
            if result.waiver == nil {
                fails[result.severity, default: 0] += 1
            } else {
                waived += 1
            }
        }
    }

    /// The results with an outcome.
    public func count(_ outcome: Outcome) -> Int {
        outcomes[outcome] ?? 0
    }
}

/// The counts of a report, derived from its results alone.
public struct ReportSummary: Sendable, Hashable {
    /// The counts of each target, in the order of the targets.
    public var targets: [Tally]
    /// The counts of all results.
    public var total: Tally
    /// The rules for which every result is `notChecked`, by id: nobody looked, and that is no pass.
    public var notCheckedByAnySource: [String]

    /// Creates a summary.
    public init(targets: [Tally], total: Tally, notCheckedByAnySource: [String]) {
        self.targets = targets
        self.total = total
        self.notCheckedByAnySource = notCheckedByAnySource
    }

    /// Counts a report's results.
    public init(_ report: Report) {
        targets = report.targets.indices.map { index in Tally(report.results.lazy.filter { $0.target == index }) }
        total = Tally(report.results)
        var checked: [String: Bool] = [:]
        for result in report.results {
            checked[result.rule] = checked[result.rule, default: false] || result.outcome != .notChecked
        }
        notCheckedByAnySource = checked.filter { !$0.value }.keys.sorted()
    }
}

/// Which of the selected rules one source could look at.
public struct SourceCoverage: Sendable, Hashable {
    /// The source.
    public var source: SourceKind
    /// The rules it answered on some target, by id, whatever the answer; rules that do not apply are among them.
    public var supplied: [String]
    /// The rules that are `notChecked` on all its targets, by id.
    public var notSupplied: [String]

    /// Creates a coverage.
    public init(source: SourceKind, supplied: [String], notSupplied: [String]) {
        self.source = source
        self.supplied = supplied
        self.notSupplied = notSupplied
    }

    /// The coverage of each source that a report has results of, from declared to live.
    public static func of(_ report: Report) -> [SourceCoverage] {
        SourceKind.allCases.sorted().compactMap { source in
            var supplied: [String: Bool] = [:]
            for result in report.results where result.source == source {
                supplied[result.rule] = supplied[result.rule, default: false] || result.outcome != .notChecked
            }
            if supplied.isEmpty { return nil }
            return SourceCoverage(
                source: source, supplied: supplied.filter(\.value).keys.sorted(),
                notSupplied: supplied.filter { !$0.value }.keys.sorted())
        }
    }
}
