import FirnParsing

extension SystemView {
    /// The units that pull a unit in when they start: by links in `.wants`, `.requires` or `.upholds` directories of units
    /// of any kind, or, where there are none, by lines of the units themselves (systemd.unit(5)).
    public func pulled(_ name: String) throws(TreeError) -> [String] {
        let links = try pullCache.links { () throws(TreeError) in try linkPullers() }
        if let units = links[name] { return units }
        let lines = try pullCache.lines { () throws(TreeError) in try linePullers() }
        return (lines[name] ?? []).filter { $0 != name }
    }

    /// Who pulls by links, for each name.
    private func linkPullers() throws(TreeError) -> [String: [String]] {
        var pullers: [String: [String]] = [:]
        for entry in try unitEntries() {
            guard let suffix = [".wants", ".requires", ".upholds"].first(where: entry.hasSuffix) else { continue }
            let puller = String(entry.dropLast(suffix.utf8.count))
            guard !Self.targetsBesideTheBoot.contains(puller) else { continue }
            for name in try unitEntries(of: entry) { pullers[name, default: []].append(puller) }
        }
        return pullers
    }

    /// Who pulls by lines, for each name.
    private func linePullers() throws(TreeError) -> [String: [String]] {
        var pullers: [String: [String]] = [:]
        let entries = try unitEntries()
        for entry in Set(entries.map { $0.hasSuffix(".d") ? String($0.dropLast(2)) : $0 }).sorted()
        where !Self.targetsBesideTheBoot.contains(entry) {
            guard case .unit(let unit, _) = unit(entry) else { continue }
            for key in ["Wants", "Requires", "BindsTo", "Upholds"] {
                for value in unit.values("Unit", key) {
                    for word in value.value.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                        let name = String(word)
                        if pullers[name]?.last != entry { pullers[name, default: []].append(entry) }
                    }
                }
            }
        }
        return pullers
    }
}
