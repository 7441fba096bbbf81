import FirnParsing

extension SystemView {
    /// The units that pull a unit in when they start: by links in `.wants`, `.requires` or `.upholds` directories of units
    /// of any kind, or, where there are none, by lines of the units themselves (systemd.unit(5)).
    public func pulled(_ name: String) throws(TreeError) -> [String] {
        let entries = try unitEntries()
        var units: [String] = []
        for entry in entries {
            guard let suffix = [".wants", ".requires", ".upholds"].first(where: entry.hasSuffix) else { continue }
            let puller = String(entry.dropLast(suffix.count))
            guard !Self.targetsBesideTheBoot.contains(puller) else { continue }
            if try unitEntries(of: entry).contains(name) { units.append(puller) }
        }
        if !units.isEmpty { return units }
        for entry in Set(entries.map { $0.hasSuffix(".d") ? String($0.dropLast(2)) : $0 }).sorted()
        where entry != name && !Self.targetsBesideTheBoot.contains(entry) {
            guard case .unit(let unit, _) = unit(entry) else { continue }
            let words = ["Wants", "Requires", "BindsTo", "Upholds"].flatMap { unit.values("Unit", $0) }
                .flatMap { $0.value.split(whereSeparator: { $0 == " " || $0 == "\t" }) }
            if words.contains(where: { $0 == name }) { units.append(entry) }
        }
        return units
    }
}
