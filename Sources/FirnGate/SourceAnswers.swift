import FirnModel

/// Which rules a source answers of every system: the table `coverage` of the knowledge.
///
/// Without it a report whose facts were cut away would leave its rules open, as if only a running host could answer
/// them.
struct SourceAnswers {
    private let rules: [SourceKind: Set<String>]

    init(_ knowledge: Knowledge) {
        let table = knowledge.tables["coverage"]
        var rules: [SourceKind: Set<String>] = [:]
        for source in SourceKind.allCases { rules[source] = Set(table?[source.rawValue]?.strings ?? []) }
        self.rules = rules
    }

    /// Whether the source answers the rule of every system.
    func always(_ rule: String, _ source: SourceKind) -> Bool {
        rules[source]?.contains(rule) ?? false
    }
}
