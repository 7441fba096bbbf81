import FirnParsing

extension SystemView {
    /// The units that pull a unit in when they start: by links in `.wants`, `.requires` or `.upholds` directories of units
    /// of any kind, or, where there are none, by lines of the units themselves (systemd.unit(5)).
    public func pulled(_ name: String) throws(TreeError) -> [String] {
        let units = try linkingUnits()[name]?.compactMap(Self.puller) ?? []
        if !units.isEmpty { return units }
        return try namingUnits()[name] ?? []
    }

    /// The targets that pull a unit in at boot through `.wants` and `.requires` links, or why that cannot be told.
    public func wanted(_ name: String) throws(TreeError) -> [String] {
        try linkingUnits()[name]?.compactMap { directory in
            guard directory.hasSuffix(".target.wants") || directory.hasSuffix(".target.requires") else { return nil }
            return Self.puller(directory)
        } ?? []
    }

    private static let dependencySuffixes = [".wants", ".requires", ".upholds"]

    /// The unit that a directory of dependencies belongs to.
    private static func puller(_ directory: String) -> String? {
        directory.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(directory[..<$0]) }
    }

    /// The directories of dependencies that hold each unit, all read once, because many families ask who starts what.
    private func linkingUnits() throws(TreeError) -> [String: [String]] {
        try cache.linked { () throws(TreeError) in
            var found: [String: [String]] = [:]
            for entry in try unitEntries() {
                guard Self.dependencySuffixes.contains(where: entry.hasSuffix), let puller = Self.puller(entry),
                    !Self.targetsBesideTheBoot.contains(puller)
                else { continue }
                for name in try unitEntries(of: entry) { found[name, default: []].append(entry) }
            }
            return found
        }
    }

    /// The units whose own lines name each unit, one name each.
    private func namingUnits() throws(TreeError) -> [String: [String]] {
        try cache.named { () throws(TreeError) in
            var found: [String: [String]] = [:]
            let entries = try unitEntries()
            for entry in Set(entries.map { $0.hasSuffix(".d") ? String($0.dropLast(2)) : $0 }).sorted()
            where !Self.targetsBesideTheBoot.contains(entry) {
                guard case .unit(let unit, _) = unit(entry) else { continue }
                for key in ["Wants", "Requires", "BindsTo", "Upholds"] {
                    for assignment in unit.values("Unit", key) {
                        for word in assignment.value.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                            let name = String(word)
                            if name != entry, found[name]?.last != entry { found[name, default: []].append(entry) }
                        }
                    }
                }
            }
            return found
        }
    }
}
