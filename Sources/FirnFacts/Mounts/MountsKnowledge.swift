import FirnModel

/// `profiles/knowledge/mounts.toml`: kinds of file systems, areas, and what NixOS gives the special ones.
struct MountsKnowledge: Sendable {
    var network: Set<String>
    var hypervisor: Set<String>
    var pseudo: Set<String>
    var memory: Set<String>
    var selfEncrypting: Set<String>
    var vmTags: Set<String>
    var shown: Set<String>
    var areas: Set<String>
    var programs: Set<String>
    var containers: [String]
    var loader: Set<String>
    var ownUnits: Set<String>
    /// The words each special file system must have.
    var special: [(target: String, words: [String])]
    /// What systemd mounts itself.
    var systemd: [(target: String, options: String)]

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/mounts.toml"
        guard let table = knowledge.tables["mounts"] else {
            throw DataError(file: file, line: 0, message: "the table is missing")
        }
        func set(_ key: String) throws(DataError) -> Set<String> {
            guard let words = table[key]?.strings, !words.isEmpty else {
                throw DataError(file: file, line: table[key]?.line ?? 0, message: "\(key) must be a list of texts")
            }
            return Set(words)
        }
        network = try set("network")
        hypervisor = try set("hypervisor")
        pseudo = try set("pseudo")
        memory = try set("memory")
        selfEncrypting = try set("self-encrypting")
        vmTags = try set("vm-tags")
        shown = try set("shown")
        areas = try set("areas")
        programs = try set("programs")
        containers = try set("containers").sorted()
        loader = try set("loader")
        ownUnits = try set("own-units")
        special = []
        for entry in table["special"]?.entries ?? [] {
            guard let words = entry.node.strings else {
                throw DataError(file: file, line: entry.node.line, message: "\(entry.key) must be a list of texts")
            }
            special.append((entry.key, words))
        }
        systemd = []
        for entry in table["systemd"]?.entries ?? [] {
            guard let options = entry.node.string else {
                throw DataError(file: file, line: entry.node.line, message: "\(entry.key) must be a text")
            }
            systemd.append((entry.key, options))
        }
        guard !special.isEmpty, !systemd.isEmpty else {
            throw DataError(file: file, line: 0, message: "special or systemd is missing")
        }
    }
}
