import FirnModel

/// `profiles/knowledge/wrappers.toml`: the wrappers that modules of nixpkgs make, programs that must never be one, and
/// capabilities that amount to root.
struct WrappersKnowledge: Sendable {
    /// A wrapper that belongs to a module.
    struct Allowed: Sendable {
        var programs: [String]
        /// Whether set-user-ID or set-group-ID is part of it.
        var isSetuid: Bool
        var capabilities: Set<String>
        /// Whom it makes its user where it is set-user-ID.
        var owner: String
        /// The groups it may be set-group-ID of.
        var groups: Set<String>
    }

    var allowed: [String: Allowed] = [:]
    var dangerous: Set<String> = []
    var rootCapabilities: Set<String> = []

    private static let file = "profiles/knowledge/wrappers.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["wrappers"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        for node in table["wrapper"]?.elements ?? [] {
            guard let name = node["name"]?.string, node["why"]?.string != nil else {
                throw DataError(file: Self.file, line: node.line, message: "a wrapper needs a name and a why")
            }
            allowed[name] = Allowed(
                programs: node["programs"]?.strings ?? [name], isSetuid: node["setuid"]?.boolean ?? false,
                capabilities: Set(node["capabilities"]?.strings ?? []), owner: node["owner"]?.string ?? "root",
                groups: Set(node["setgid"]?.strings ?? []))
        }
        for node in table["dangerous"]?.elements ?? [] {
            guard let names = node["names"]?.strings, node["why"]?.string != nil else {
                throw DataError(file: Self.file, line: node.line, message: "dangerous programs need names and a why")
            }
            dangerous.formUnion(names)
        }
        for node in table["capability"]?.elements ?? [] {
            guard let name = node["name"]?.string, node["why"]?.string != nil else {
                throw DataError(file: Self.file, line: node.line, message: "a capability needs a name and a why")
            }
            rootCapabilities.insert(name)
        }
        guard !allowed.isEmpty, !dangerous.isEmpty, !rootCapabilities.isEmpty else {
            throw DataError(
                file: Self.file, line: 0, message: "wrappers, dangerous programs or capabilities are missing")
        }
    }

    /// Whether a name is a dangerous program, with a version at its end or not (`python3.12`, `gdb-14`).
    func isDangerous(_ name: String) -> Bool {
        if dangerous.contains(name) { return true }
        let bare = name.hasPrefix(".") && name.hasSuffix("-wrapped") ? String(name.dropFirst().dropLast(8)) : name
        var stem = bare[...]
        while let last = stem.last, last.isNumber || last == "." || last == "-" { stem = stem.dropLast() }
        return dangerous.contains(String(stem)) || dangerous.contains(bare)
    }
}
