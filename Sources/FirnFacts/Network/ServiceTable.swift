import FirnModel

/// `profiles/knowledge/network-services.toml`: which units are which service, and how each says where it listens.
struct ServiceTable: Sendable, Hashable {
    /// How a configuration file spells a setting.
    enum Syntax: String, Sendable {
        /// `key value`.
        case words
        /// `key = value`, in any section.
        case equals
        /// `key: value`, indented or not.
        case colon
        /// `<key>value</key>`.
        case xml
        /// `"key": value` or `"key": [ ... ]` at the top of a JSON object.
        case json
    }

    /// One way in which a service is told where to listen.
    struct Recipe: Sendable, Hashable {
        /// A socket unit, whose addresses it inherits.
        var socket: String?
        /// Arguments of its command line.
        var flags: [String] = []
        /// Variables of its environment.
        var variables: [String] = []
        /// The end of the name of the configuration file that its unit or its scripts name.
        var file: String?
        /// Whether a service may well have no such file.
        var isOptional = false
        var syntax = Syntax.equals
        var keys: [String] = []
        /// The options that hold the same, `*` for any attribute.
        var options: [[String]] = []
    }

    /// One service.
    struct Service: Sendable, Hashable {
        var name: String
        /// Its units; a name may end in `*`.
        var units: [String]
        /// The list of `network.services.<presence>` it belongs to: its being there is what counts.
        var presence: String?
        /// The list of `network.listen.<kind>` it belongs to: where it listens is what counts.
        var kind: String?
        var recipes: [Recipe]
        /// Whether it listens beyond loopback when nothing says where.
        var isPublicByDefault: Bool
        /// The names under which a super-server starts it.
        var superServed: [String] = []
        /// What proves that it asks clients for a credential wherever it listens; then it does not belong to the list.
        var proofs: [Proof] = []
    }

    /// A flag or variable with one of some values; no values stand for any.
    struct Proof: Sendable, Hashable {
        var flags: [String]
        var variables: [String]
        var values: [String]
    }

    var services: [Service]
    var presences: [String]
    var kinds: [String]

    private static let file = "profiles/knowledge/network-services.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        services = []
        guard let table = knowledge.tables["network-services"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        for node in table["service"]?.elements ?? [] {
            guard let name = node["name"]?.string, let units = node["units"]?.strings, !units.isEmpty,
                node["why"]?.string != nil
            else { throw DataError(file: Self.file, line: node.line, message: "a service needs name, units and why") }
            var recipes: [Recipe] = []
            for part in node["listen"]?.elements ?? [] {
                var recipe = Recipe(socket: part["socket"]?.string, file: part["file"]?.string)
                recipe.flags = part["flags"]?.strings ?? []
                recipe.variables = part["variables"]?.strings ?? []
                recipe.isOptional = part["optional"]?.boolean ?? false
                recipe.keys = part["keys"]?.strings ?? []
                if let text = part["syntax"]?.string {
                    guard let syntax = Syntax(rawValue: text) else {
                        throw DataError(file: Self.file, line: part.line, message: "the syntax \(text) is not known")
                    }
                    recipe.syntax = syntax
                }
                recipe.options = (part["options"]?.elements ?? []).compactMap(\.strings)
                guard recipe.file == nil || !recipe.keys.isEmpty else {
                    throw DataError(file: Self.file, line: part.line, message: "a file needs keys")
                }
                recipes.append(recipe)
            }
            var service = Service(
                name: name, units: units, presence: node["presence"]?.string, kind: node["kind"]?.string,
                recipes: recipes, isPublicByDefault: node["default"]?.string != "loopback")
            service.superServed = node["super-served"]?.strings ?? []
            service.proofs = (node["authenticated"]?.elements ?? []).map {
                Proof(
                    flags: $0["flags"]?.strings ?? [], variables: $0["variables"]?.strings ?? [],
                    values: $0["values"]?.strings ?? [])
            }
            services.append(service)
        }
        presences = Set(services.compactMap(\.presence)).sorted()
        kinds = Set(services.compactMap(\.kind)).sorted()
        guard !presences.isEmpty, !kinds.isEmpty else {
            throw DataError(file: Self.file, line: 0, message: "services are missing")
        }
    }
}
