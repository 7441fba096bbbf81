import FirnModel
import FirnParsing

/// `profiles/knowledge/pam-modules.toml` and `pam-services.toml`.
struct PamKnowledge: Sendable {
    /// What kind of module it is; see the table.
    enum Kind: String, Sendable {
        case builtin, helper, gate, directory, proof, quality
    }

    struct Module: Sendable {
        var kind: Kind
        var isInLinuxPam: Bool
        var results: [UInt8]
        /// What it says in stacks of one type, where that differs.
        var special: [PamType: [UInt8]]
        var optionalArguments: [String]
        var optionalResults: [UInt8]
    }

    enum ServiceClass: String, Sendable {
        case remote, console, locker, change, tool
        case switching = "switch"
    }

    struct Service: Sendable {
        var name: String
        var kind: ServiceClass
        var isCalledByRoot: Bool
        var opensSessions: Bool
        var isForAdministrators: Bool
    }

    var modules: [String: Module] = [:]
    var services: [Service] = []
    /// Services that let everybody in, and may.
    var openByDesign: Set<String> = []

    init(_ knowledge: Knowledge) throws(DataError) {
        for node in try Self.elements(knowledge, "pam-modules", "module") {
            guard let name = node["name"]?.string, let kind = node["kind"]?.string.flatMap(Kind.init(rawValue:)) else {
                throw Self.error("pam-modules", node.line, "a module needs a name and a known kind")
            }
            modules[name] = Module(
                kind: kind, isInLinuxPam: node["linux-pam"]?.boolean ?? false,
                results: try Self.results(node["results"]), special: try Self.special(node),
                optionalArguments: node["optional-arguments"]?.strings ?? [],
                optionalResults: try Self.results(node["optional-results"]))
            if [.helper, .gate, .directory, .proof].contains(kind), modules[name]?.results.isEmpty != false {
                throw Self.error("pam-modules", node.line, "\(name) needs results")
            }
        }
        for node in try Self.elements(knowledge, "pam-services", "open-by-design") {
            guard let name = node["name"]?.string, node["why"]?.string != nil else {
                throw Self.error("pam-services", node.line, "a service needs a name and a why")
            }
            openByDesign.insert(name)
        }
        for node in try Self.elements(knowledge, "pam-services", "service") {
            guard let name = node["name"]?.string,
                let kind = node["class"]?.string.flatMap(ServiceClass.init(rawValue:)),
                let caller = node["caller"]?.string, ["root", "user"].contains(caller)
            else {
                throw Self.error("pam-services", node.line, "a service needs a name, a known class and a caller")
            }
            services.append(
                Service(
                    name: name, kind: kind, isCalledByRoot: caller == "root",
                    opensSessions: node["session"]?.boolean ?? false,
                    isForAdministrators: node["wheel"]?.boolean ?? false))
        }
    }

    private static func elements(
        _ knowledge: Knowledge, _ table: String, _ key: String
    ) throws(DataError) -> [DataNode] {
        guard let elements = knowledge.tables[table]?[key]?.elements, !elements.isEmpty else {
            throw error(table, 0, "the table is missing or empty")
        }
        return elements
    }

    private static func special(_ node: DataNode) throws(DataError) -> [PamType: [UInt8]] {
        var special: [PamType: [UInt8]] = [:]
        for type in PamType.allCases {
            if let list = node[type.rawValue] { special[type] = try results(list) }
        }
        return special
    }

    private static func results(_ node: DataNode?) throws(DataError) -> [UInt8] {
        guard let node else { return [] }
        guard let names = node.strings else { throw error("pam-modules", node.line, "results must be a list") }
        var results: [UInt8] = []
        for name in names {
            guard let result = PamResult.number(name) else {
                throw error("pam-modules", node.line, "\(name) is no result of a module")
            }
            results.append(result)
        }
        return results
    }

    private static func error(_ table: String, _ line: Int, _ message: String) -> DataError {
        DataError(file: "profiles/knowledge/\(table).toml", line: line, message: message)
    }
}
