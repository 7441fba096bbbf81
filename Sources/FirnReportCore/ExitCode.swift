public import FirnModel

/// The exit codes of the command line, and what a run's results give.
public enum ExitCode {
    /// Everything that was judged is as the profile wants it.
    public static let pass: Int32 = 0
    /// There are findings at or above `--fail-on`.
    public static let findings: Int32 = 1
    /// The tool, a rule or the input is in error.
    public static let error: Int32 = 2
    /// Something required could not be told.
    public static let incomplete: Int32 = 3
    /// The command line is wrong (`EX_USAGE` of sysexits.h).
    public static let usage: Int32 = 64

    /// The exit code of results. Precedence: 2, 3, 1, 0.
    ///
    /// - 2 when an outcome is `error`
    /// - 3 when an outcome is `unknown`, when there are no results, or when nothing of some target was judged: all its
    ///   results are `notApplicable` or `notChecked`. That is asked of each target, since the passes of one target say
    ///   nothing about another.
    /// - 1 when a `fail` without a waiver is at or above `failOn`
    /// - 0 else
    public static func of(results: [Result], failOn: Severity) -> Int32 {
        if results.contains(where: { $0.outcome == .error }) { return error }
        if results.isEmpty || results.contains(where: { $0.outcome == .unknown }) { return incomplete }
        var judged: [Int: Bool] = [:]
        for result in results {
            let isJudged = result.outcome != .notApplicable && result.outcome != .notChecked
            judged[result.target] = judged[result.target, default: false] || isJudged
        }
        if judged.values.contains(false) { return incomplete }
        let isFinding = results.contains { $0.outcome == .fail && $0.waiver == nil && $0.severity >= failOn }
        return isFinding ? findings : pass
    }
}
