import FirnModel

/// Which rules a source answers of every system: the table `coverage` of the knowledge.
///
/// Without it a report whose facts were cut away would leave its rules open, as if only a running host could answer
/// them.
struct SourceAnswers {
    private let rules: [SourceKind: Set<String>]

    /// - Throws: `DataError` without the table, or when it is no table of lists by source: with nothing required, a
    ///   report without facts would pass.
    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "knowledge/coverage.toml"
        guard let entries = knowledge.tables["coverage"]?.entries else {
            throw DataError(
                file: file, line: 0, message: "the table is missing, and it says which rules each source must answer")
        }
        var rules: [SourceKind: Set<String>] = [:]
        for entry in entries {
            guard let source = SourceKind(rawValue: entry.key), let list = entry.node.strings else {
                throw DataError(
                    file: file, line: entry.node.line,
                    message: "\"\(entry.key)\" must be declared, built or live with a list of rules")
            }
            rules[source] = Set(list)
        }
        self.rules = rules
    }

    /// Whether the source answers the rule of every system.
    func always(_ rule: String, _ source: SourceKind) -> Bool {
        rules[source]?.contains(rule) ?? false
    }
}
