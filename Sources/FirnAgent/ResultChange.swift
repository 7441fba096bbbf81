import FirnModel

/// A rule whose outcome is another than in the run before.
struct ResultChange {
    /// What it gives now.
    var result: Result
    /// What it gave.
    var before: Outcome

    /// The changes, in the order of the results. A rule that was not judged before is none: it is new.
    static func between(_ before: [String: Outcome], _ results: [Result]) -> [ResultChange] {
        results.compactMap { result in
            guard let old = before[result.rule], old != result.outcome else { return nil }
            return ResultChange(result: result, before: old)
        }
    }

    /// Whether the machine became worse, or less is known of it.
    var isWorse: Bool { Self.rank(result.outcome) > Self.rank(before) }

    private static func rank(_ outcome: Outcome) -> Int {
        switch outcome {
        case .pass: 0
        case .notApplicable, .notChecked: 1
        case .unknown: 2
        case .error: 3
        case .fail: 4
        }
    }
}
