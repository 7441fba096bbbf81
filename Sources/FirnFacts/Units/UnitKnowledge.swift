import FirnModel
import FirnParsing

/// `profiles/knowledge/units.toml`: the names, places and capabilities that the facts of the family speak of.
struct UnitKnowledge: Sendable {
    /// Capabilities of which all in an entry together amount to root.
    var rootCapabilities: [[String]]
    var writablePlaces: [String]
    var shells: Set<String>
    /// Programs that run the file that their first argument names, shells left out.
    var interpreters: Set<String>
    /// Programs that run the program that their arguments name.
    var wrappers: Set<String>
    var rescueUnits: [String]
    var undoingPaths: Set<String>
    var undoingPathsOfFull: Set<String>
    var guards: UnitNames
    var upkeep: UnitNames
    var controlSockets: [String: String] = [:]
    /// The control sockets whose network addresses another family judges.
    var socketsJudgedElsewhere: Set<String> = []
    private var nature = UnitNames()
    var unsafe: Int

    init(_ knowledge: Knowledge) throws(DataError) {
        let table = try KnowledgeTable(knowledge, "units")
        let root = table.root
        try root.allow([
            "root-capabilities", "writable-places", "shells", "interpreters", "wrappers", "rescue-units",
            "undoing-paths", "undoing-paths-of-full", "unsafe", "guards", "upkeep", "control-socket", "by-nature",
        ])
        func list(_ key: String) throws(DataError) -> [String] {
            let texts = try root.texts(key)
            guard !texts.isEmpty else { throw root.error("\(key) is missing") }
            return texts
        }
        rootCapabilities = try list("root-capabilities").map { $0.split(separator: " ").map(String.init) }
        writablePlaces = try list("writable-places")
        shells = Set(try list("shells"))
        interpreters = Set(try list("interpreters"))
        wrappers = Set(try list("wrappers"))
        rescueUnits = try list("rescue-units")
        undoingPaths = Set(try list("undoing-paths"))
        undoingPathsOfFull = Set(try list("undoing-paths-of-full"))
        guards = UnitNames(try list("guards"))
        upkeep = UnitNames(try list("upkeep"))
        unsafe = try root.integer("unsafe")
        for row in try root.rows("control-socket") {
            try row.allow(["unit", "why", "network"])
            let unit = try row.text("unit")
            controlSockets[unit] = try row.text("why")
            if try row.optionalText("network") != nil { socketsJudgedElsewhere.insert(unit) }
        }
        for row in try root.rows("by-nature") {
            try row.allow(["units", "why"])
            guard try !row.text("why").isEmpty else { throw row.error("a reason is missing") }
            for unit in try row.texts("units") {
                if !nature.insert(unit) { throw row.error("\(unit) stands twice") }
            }
        }
        guard !controlSockets.isEmpty else { throw root.error("control-socket is missing") }
    }

    /// Whether a service needs what it has; an instance with a unit of its own is what its template is.
    func isByNature(_ name: String) -> Bool {
        nature.contains(name) || SystemView.template(of: name).map(nature.contains) == true
    }
}

/// Names of units, and beginnings of names (`acme-renew-*`).
struct UnitNames: Sendable {
    private var names: Set<String> = []
    private var prefixes: [String] = []

    init(_ names: [String] = []) {
        for name in names { insert(name) }
    }

    /// Takes a name in; false where it is there already.
    @discardableResult mutating func insert(_ name: String) -> Bool {
        guard name.hasSuffix("*") else { return names.insert(name).inserted }
        let prefix = String(name.dropLast())
        if prefixes.contains(prefix) { return false }
        prefixes.append(prefix)
        return true
    }

    func contains(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}
