import FirnModel

/// `profiles/knowledge/end-of-life.toml`, decoded.
struct EndOfLifeTable: Sendable {
    /// A date of one release.
    struct Entry: Sendable, Hashable {
        var date: BoundedDate
        /// Whether it is expected and may still be moved.
        var isPlanned: Bool
    }

    /// One product's releases.
    struct Product: Sendable {
        var asOf: CalendarDate
        var newest: DottedVersion
        /// Releases by their number.
        var entries: [DottedVersion: Entry]
        /// Releases whose name is more than a number (`9.9p2`).
        var named: [String: Entry]
        /// Below this release, what is not listed had its day by this date.
        var unlisted: (below: DottedVersion, date: CalendarDate)?
        /// Before this day no release newer than the newest has its day.
        var newerDate: CalendarDate?
        /// For releases named by year and month: the months after its name in which one cannot end, and how many months
        /// ahead of the table a name is believed.
        var newerMonths: (months: Int, limit: Int)?
    }

    /// A patch release of a branch of Linux and its day.
    struct Patch: Sendable, Hashable {
        var number: Int
        var date: CalendarDate
    }

    var nixos: Product
    var linux: Product
    var openssh: Product
    /// Patch releases by branch, ascending.
    var patches: [DottedVersion: [Patch]] = [:]

    private static let file = "profiles/knowledge/end-of-life.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["end-of-life"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        nixos = try Self.product(table, "nixos", "ends")
        linux = try Self.product(table, "linux", "ends")
        openssh = try Self.product(table, "openssh", "released")
        for node in table["linux-patches"]?.elements ?? [] {
            guard let branch = node["branch"]?.string.flatMap({ DottedVersion($0) }),
                let elements = node["released"]?.elements
            else {
                throw DataError(file: Self.file, line: node.line, message: "a branch and its releases are expected")
            }
            var list: [Patch] = []
            for element in elements {
                guard let number = element["patch"]?.integer, let date = Self.date(element, "date") else {
                    throw DataError(file: Self.file, line: element.line, message: "a patch and a date are expected")
                }
                let patch = Patch(number: Int(number), date: date)
                guard list.last.map({ $0.number < patch.number && $0.date <= patch.date }) ?? true else {
                    throw DataError(file: Self.file, line: element.line, message: "patches must ascend")
                }
                list.append(patch)
            }
            patches[branch] = list
        }
    }

    private static func date(_ node: DataNode, _ key: String) -> CalendarDate? {
        node[key]?.string.flatMap { CalendarDate($0) }
    }

    private static func product(_ table: DataNode, _ name: String, _ list: String) throws(DataError) -> Product {
        guard let node = table[name], let newest = node["newest"]?.string.flatMap({ DottedVersion($0) }),
            let asOf = date(node, "as-of"), let elements = node[list]?.elements
        else { throw DataError(file: file, line: table.line, message: "\(name) needs as-of, newest and \(list)") }
        var product = Product(asOf: asOf, newest: newest, entries: [:], named: [:])
        for element in elements {
            guard let release = element["release"]?.string, let version = DottedVersion(release),
                let date = date(element, "date")
            else { throw DataError(file: file, line: element.line, message: "a release and a date are expected") }
            let isOpen = element["open"]?.boolean == true
            let entry = Entry(
                date: BoundedDate(date, isOpen ? .orLater : .exact), isPlanned: element["planned"]?.boolean == true)
            let isNumber = release.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            let former =
                isNumber
                ? product.entries.updateValue(entry, forKey: version)
                : product.named.updateValue(entry, forKey: release)
            guard former == nil else {
                throw DataError(file: file, line: element.line, message: "the release stands twice")
            }
        }
        guard product.entries[newest] != nil else {
            throw DataError(file: file, line: node.line, message: "newest is not in the list")
        }
        if let below = node["unlisted-below"]?.string.flatMap({ DottedVersion($0) }),
            let date = date(node, "unlisted-date")
        {
            product.unlisted = (below, date)
        }
        product.newerDate = date(node, "newer-date")
        if let months = node["newer-months"]?.integer, let limit = node["newer-limit"]?.integer {
            product.newerMonths = (Int(months), Int(limit))
        }
        return product
    }

    /// The date of a release as a fact. `release` may have more than a number (`9.9p2`).
    func fact(_ product: Product, _ name: String, _ release: String, _ places: [Evidence], word: String) -> Fact {
        guard let version = DottedVersion(release) else {
            return .unavailable(reason: "\(release) is no release of \(name)", places)
        }
        if let entry = product.named[release] ?? product.entries[version] {
            let note = entry.isPlanned ? ", as expected on \(product.asOf)" : ""
            return Self.known(entry.date, places, "\(name) \(release)", "\(word) \(entry.date)\(note)")
        }
        if version > product.newest {
            if let date = product.newerDate ?? product.earliestEnd(ofNewer: version) {
                let bounded = BoundedDate(date, .orLater)
                return Self.known(
                    bounded, places, "\(name) \(release)", "\(word) \(bounded): newer than the table of \(product.asOf)"
                )
            }
            return .unavailable(reason: "\(name) \(release) is newer than the table of \(product.asOf)", places)
        }
        if let unlisted = product.unlisted, version < unlisted.below {
            let bounded = BoundedDate(unlisted.date, .orEarlier)
            return Self.known(
                bounded, places, "\(name) \(release)", "\(word) \(bounded): older than what the table lists")
        }
        return .unavailable(reason: "\(name) \(release) is not in the table of \(product.asOf)", places)
    }

    private static func known(_ date: BoundedDate, _ places: [Evidence], _ path: String, _ text: String) -> Fact {
        .known(.string(date.description), places + [Evidence(path: path, text: text)])
    }

    /// The day a patch release of Linux came out: that of the next one the table knows, at the latest. Absent where the
    /// branch gets no updates any more.
    func patchDate(_ branch: String, patch: Int, _ places: [Evidence]) -> Fact {
        guard let version = DottedVersion(branch), let list = patches[version], let last = list.last else {
            // A branch that is newer than the newest came out after it; one that is not listed gets no updates any more.
            guard let version = DottedVersion(branch), version > linux.newest, let newest = patches[linux.newest]?.first
            else { return .absent(places) }
            let date = BoundedDate(newest.date, .orLater)
            return Self.known(
                date, places, "Linux \(branch)", "released \(date): newer than the table of \(linux.asOf)")
        }
        if patch >= last.number {
            let date = BoundedDate(last.date, patch == last.number ? .exact : .orLater)
            return Self.known(
                date, places, "Linux \(branch).\(patch)",
                "released \(date): the newest known is \(branch).\(last.number)")
        }
        let next = list.first { $0.number >= patch } ?? last
        let word = next.number == patch ? "released" : "released by"
        return Self.known(
            BoundedDate(next.date), places, "Linux \(branch).\(patch)",
            "\(word) \(next.date); \(branch).\(last.number) is of \(last.date)")
    }

    /// The end of the release before one, which ends a channel's pre-release of it.
    func endOfPreRelease(_ release: String) -> CalendarDate? {
        guard let version = DottedVersion(release) else { return nil }
        let before = nixos.entries.keys.filter { $0 < version }.max()
        guard version <= nixos.newest, let before else { return nil }
        return nixos.entries[before]?.date.date
    }
}

extension EndOfLifeTable.Product {
    /// The day before which a release named by year and month (`27.05`), newer than the table, cannot end.
    func earliestEnd(ofNewer version: DottedVersion) -> CalendarDate? {
        guard let (months, limit) = newerMonths, version.numbers.count == 2 else { return nil }
        let (year, month) = (version.numbers[0], version.numbers[1])
        let parts = asOf.description.split(separator: "-").compactMap { Int($0) }
        guard (0...99).contains(year), (1...12).contains(month), parts.count == 3 else { return nil }
        let named = (2000 + year) * 12 + month - 1
        guard named - (parts[0] * 12 + parts[1] - 1) <= limit else { return nil }
        let end = named + months
        let digits = String(end % 12 + 1)
        return CalendarDate("\(end / 12)-\(digits.count == 1 ? "0" + digits : digits)-01")
    }
}
