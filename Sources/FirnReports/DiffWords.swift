import FirnModel
import FirnReportCore

/// The words of a diff that text and Markdown share. None of them are escaped.
enum DiffWords {
    /// An outcome as people read it.
    static func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "pass"
        case .fail: "fail"
        case .notApplicable: "not applicable"
        case .notChecked: "not checked"
        case .unknown: "unknown"
        case .error: "error"
        }
    }

    /// A result's outcome, with its waiver.
    static func outcome(_ result: Result?, absent: String) -> String {
        guard let result else { return absent }
        return outcome(result.outcome) + (result.outcome == .fail && result.waiver != nil ? ", waived" : "")
    }

    /// What was seen, or why nothing was.
    static func observed(_ result: Result?) -> String {
        guard let result else { return "-" }
        switch result.outcome {
        case .pass, .fail: return result.observed ?? "not set"
        case .notChecked: return "not checked"
        case .notApplicable, .unknown, .error: return result.message ?? outcome(result.outcome)
        }
    }

    /// What two printed lists lost and won, where one of them is long; nil where they are short, or no lists.
    static func elements(_ old: String, _ new: String) -> (old: [String], new: [String])? {
        func split(_ text: String) -> [String] { text.split(separator: ", ").map(String.init) }
        let (before, after) = (split(old), split(new))
        guard max(before.count, after.count) >= 4 else { return nil }
        let removed = before.filter { !after.contains($0) }
        let added = after.filter { !before.contains($0) }
        return removed.isEmpty && added.isEmpty ? nil : (removed, added)
    }

    /// A fact.
    static func fact(_ fact: Fact?) -> String {
        switch fact {
        case .known(let value, _): value.description
        case .absent: "absent"
        case .unavailable(let reason, _): "could not be told: " + reason
        case nil: "not supplied"
        }
    }

    /// `1 rule`, `2 rules`.
    static func plural(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    /// A target that only one report has.
    static func lone(_ pair: ReportDiff.Pair) -> String? {
        switch (pair.old, pair.new) {
        case (nil, _?): "\(pair.name) (\(pair.source.rawValue)) is only in the new report."
        case (_?, nil): "\(pair.name) (\(pair.source.rawValue)) is only in the old report: nobody looked at it again."
        default: nil
        }
    }

    /// The sentence at the end.
    static func verdict(_ diff: ReportDiff) -> String {
        if diff.isEmpty { return "Nothing changed." }
        let worse =
            diff.results(.worse).count + diff.waivers.count { $0.direction == .worse }
            + diff.severities.count { $0.direction == .worse } + diff.drift.count { $0.direction == .worse }
        let better = diff.results(.better).count + diff.drift.count { $0.direction == .better }
        let first =
            worse > 0 ? "\(worse) got worse" : diff.hasWorse ? "targets changed for the worse" : "nothing got worse"
        return first + ", \(better) got better."
    }

    /// The waiver of a change, in words.
    static func waiver(_ change: ReportDiff.ResultChange) -> String {
        func words(_ waiver: Waiver?) -> String {
            waiver.map { "waived by \($0.owner) until \($0.expires)" } ?? "not waived"
        }
        return words(change.old?.waiver) + " -> " + words(change.new?.waiver)
    }
}
