public import FirnModel

/// What may have made a layer differ: the table `knowledge/drift-causes.toml`.
///
/// A cause is likely, never certain: an entry says which facts it is about, between which layers, and what the facts of
/// those layers must look like.
public struct DriftCauses: Sendable {
    /// One layer's answer, with all that layer says.
    struct Side: Sendable {
        var source: SourceKind
        var outcome: Outcome
        var observed: String?
        /// Nil where a report holds no facts.
        var snapshot: Snapshot?
    }

    private let entries: [DriftCause]
    /// Facts whose lists mean something else in another order: what comes first is preferred.
    private let ordered: Set<FactKey>

    /// The most causes offered for one rule: a longer list tells a person nothing.
    static let limit = 3

    /// Reads the table; without it no cause is known.
    public init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/drift-causes.toml"
        guard let root = knowledge.tables["drift-causes"] else {
            entries = []
            ordered = []
            return
        }
        guard let top = root.entries else {
            throw DataError(file: file, line: root.line, message: "this must be a table")
        }
        for entry in top where entry.key != "ordered" && entry.key != "cause" {
            throw DataError(file: file, line: entry.node.line, message: "unknown key \"\(entry.key)\"")
        }
        guard let ordered = (root["ordered"] ?? DataNode(.array([]))).strings else {
            throw DataError(file: file, line: root["ordered"]?.line ?? 0, message: "ordered must be an array of texts")
        }
        self.ordered = Set(ordered.map { FactKey($0) })
        guard let rows = (root["cause"] ?? DataNode(.array([]))).elements else {
            throw DataError(file: file, line: root["cause"]?.line ?? 0, message: "cause must be an array of tables")
        }
        var entries: [DriftCause] = []
        for row in rows { entries.append(try DriftCause(row, file: file)) }
        self.entries = entries
    }

    /// Whether two layers say the same of a fact in other words: a list without an order, in another order.
    func isSame(_ fact: FactKey, _ one: Snapshot?, _ other: Snapshot?) -> Bool {
        guard !ordered.contains(fact), case .list(let left) = one?.fact(fact)?.value,
            case .list(let right) = other?.fact(fact)?.value, left.count == right.count
        else { return false }
        return left.map(\.description).sorted() == right.map(\.description).sorted()
    }

    /// The causes that fit, the likeliest first.
    func causes(_ fact: FactKey, effect: Drift.Effect, from: Side, to side: Side) -> [String] {
        var found: [String] = []
        for entry in entries where found.count < Self.limit {
            if entry.isFallback, !found.isEmpty { continue }
            guard let text = entry.text(fact, effect: effect, from: from, to: side), !found.contains(text) else {
                continue
            }
            found.append(text)
        }
        return found
    }
}
