import FirnModel

/// `profiles/knowledge/end-of-life.toml`, decoded.
struct EndOfLifeTable: Sendable {
    /// A date of one release.
    struct Entry: Sendable, Hashable {
        var date: CalendarDate
        /// Whether it is announced and may still be moved.
        var isPlanned: Bool
    }

    /// One product's releases.
    struct Product: Sendable {
        var newest: DottedVersion
        var entries: [DottedVersion: Entry]
    }

    var nixos: Product
    var linux: Product
    var openssh: Product
    var asOf: CalendarDate

    private static let file = "profiles/knowledge/end-of-life.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["end-of-life"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        guard let date = table["as-of"]?.string.flatMap({ CalendarDate($0) }) else {
            throw DataError(file: Self.file, line: table.line, message: "as-of must be a date")
        }
        asOf = date
        nixos = try Self.product(table, "nixos", "ends")
        linux = try Self.product(table, "linux", "ends")
        openssh = try Self.product(table, "openssh", "released")
    }

    private static func product(_ table: DataNode, _ name: String, _ list: String) throws(DataError) -> Product {
        guard let node = table[name], let newest = node["newest"]?.string.flatMap({ DottedVersion($0) }),
            let elements = node[list]?.elements
        else { throw DataError(file: file, line: table.line, message: "\(name) needs newest and \(list)") }
        var entries: [DottedVersion: Entry] = [:]
        for element in elements {
            guard let release = element["release"]?.string.flatMap({ DottedVersion($0) }),
                let date = element["date"]?.string.flatMap({ CalendarDate($0) })
            else { throw DataError(file: file, line: element.line, message: "a release and a date are expected") }
            let isPlanned = element["planned"]?.boolean == true
            guard entries.updateValue(Entry(date: date, isPlanned: isPlanned), forKey: release) == nil else {
                throw DataError(file: file, line: element.line, message: "the release stands twice")
            }
        }
        guard entries[newest] != nil else {
            throw DataError(file: file, line: node.line, message: "newest is not in the list")
        }
        return Product(newest: newest, entries: entries)
    }

    /// The date of a release as a fact.
    func fact(_ product: Product, _ name: String, _ release: String, _ places: [Evidence], word: String) -> Fact {
        guard let version = DottedVersion(release) else {
            return .unavailable(reason: "\(release) is no release of \(name)", places)
        }
        guard let entry = product.entries[version] else {
            let reason =
                version > product.newest
                ? "\(name) \(release) is newer than the table of \(asOf)"
                : "\(name) \(release) is not in the table of \(asOf)"
            return .unavailable(reason: reason, places)
        }
        let note = entry.isPlanned ? ", as announced by \(asOf)" : ""
        var evidence = places
        evidence.append(Evidence(path: "\(name) \(release)", text: "\(word) \(entry.date)\(note)"))
        return .known(.string(entry.date.description), evidence)
    }
}
