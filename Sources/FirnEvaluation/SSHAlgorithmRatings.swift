import FirnModel

/// The knowledge table of SSH algorithms: how each is rated, and why.
struct SSHAlgorithmRatings: Sendable {
    /// A rating; `good` is the best.
    enum Rating: String, Sendable, Comparable {
        case good
        case warn
        case fail

        private var rank: Int {
            switch self {
            case .good: 0
            case .warn: 1
            case .fail: 2
            }
        }

        static func < (left: Rating, right: Rating) -> Bool { left.rank < right.rank }
    }

    struct Entry: Sendable {
        var rating: Rating
        var reasons: [String]
    }

    private var entries: [String: [String: Entry]] = [:]

    /// Reads `knowledge/ssh-algorithms.toml`; nil when the knowledge does not have that table.
    init?(knowledge: Knowledge) throws(DataError) {
        let file = "knowledge/ssh-algorithms.toml"
        guard let table = knowledge.tables["ssh-algorithms"] else { return nil }
        guard let kinds = table["algorithms"]?.entries else {
            throw DataError(file: file, line: table.line, message: "the table \"algorithms\" is missing")
        }
        var meanings: [String: String] = [:]
        for code in table["codes"]?.entries ?? [] {
            meanings[code.key] = code.node.string
        }
        for kind in kinds {
            var byName: [String: Entry] = [:]
            for algorithm in kind.node.elements ?? [] {
                guard let name = algorithm["name"]?.string, let word = algorithm["rating"]?.string else {
                    throw DataError(file: file, line: algorithm.line, message: "an algorithm needs name and rating")
                }
                // A marker in a key exchange list is no algorithm, and nothing is wrong with it.
                guard let rating = Rating(rawValue: word == "pseudo" ? "good" : word) else {
                    throw DataError(file: file, line: algorithm.line, message: "\(word) is no rating")
                }
                let codes = (algorithm["fail"]?.strings ?? []) + (algorithm["warn"]?.strings ?? [])
                byName[name] = Entry(rating: rating, reasons: codes.map { meanings[$0] ?? $0 })
            }
            entries[kind.key] = byName
        }
    }

    /// The entry of an algorithm; `kind` is cipher, mac, kex or hostkey.
    func entry(kind: String, name: String) -> Entry? {
        entries[kind]?[name]
    }
}
