import FirnModel
import FirnParsing

/// `profiles/knowledge/units.toml`: the names, places and capabilities that the facts of the family speak of.
struct UnitKnowledge: Sendable {
    var rootCapabilities: [String]
    var writablePlaces: [String]
    var shells: Set<String>
    var consoleShells: Set<String>
    var rescueUnits: [String]
    var undoingPaths: Set<String>
    var guards: Set<String>
    var controlSockets: [String: String] = [:]
    private var natureNames: Set<String> = []
    private var naturePrefixes: [String] = []
    var unsafe: Int

    init(_ knowledge: Knowledge) throws(DataError) {
        let table = try UnitTableReader(knowledge, "units")
        let root = table.root
        try root.allow([
            "root-capabilities", "writable-places", "shells", "console-shells", "rescue-units", "undoing-paths",
            "unsafe", "guards", "control-socket", "by-nature",
        ])
        func list(_ key: String) throws(DataError) -> [String] {
            let texts = try root.texts(key)
            guard !texts.isEmpty else { throw root.error("\(key) is missing") }
            return texts
        }
        rootCapabilities = try list("root-capabilities")
        writablePlaces = try list("writable-places")
        shells = Set(try list("shells"))
        consoleShells = Set(try list("console-shells"))
        rescueUnits = try list("rescue-units")
        undoingPaths = Set(try list("undoing-paths"))
        guards = Set(try list("guards"))
        unsafe = try root.integer("unsafe")
        for row in try root.rows("control-socket") {
            try row.allow(["unit", "why"])
            controlSockets[try row.text("unit")] = try row.text("why")
        }
        for row in try root.rows("by-nature") {
            try row.allow(["units", "why"])
            guard try !row.text("why").isEmpty else { throw row.error("a reason is missing") }
            for unit in try row.texts("units") {
                if unit.hasSuffix("*") {
                    naturePrefixes.append(String(unit.dropLast()))
                } else if !natureNames.insert(unit).inserted {
                    throw row.error("\(unit) stands twice")
                }
            }
        }
        guard !controlSockets.isEmpty else { throw root.error("control-socket is missing") }
    }

    /// Whether a service needs what it has.
    func isByNature(_ name: String) -> Bool {
        natureNames.contains(name) || naturePrefixes.contains { name.hasPrefix($0) }
    }
}
