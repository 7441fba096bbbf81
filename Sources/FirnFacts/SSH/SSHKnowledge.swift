import FirnModel
import FirnParsing

/// The tables about sshd, decoded: which keywords and algorithms each release knows, and how algorithms are rated.
struct SSHKnowledge {
    private let keywords: DataNode
    private let defaults: DataNode
    private let brokenHostKeys: [String: Bool]
    private let newest: SSHDVersion
    private let oldest: SSHDVersion
    /// Algorithms by the type of host key that can serve them.
    let keyTypes: [String: Set<String>]

    private static let keywordFile = "knowledge/ssh-keywords.toml"
    private static let defaultFile = "knowledge/ssh-defaults.toml"
    private static let algorithmFile = "knowledge/ssh-algorithms.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        func table(_ name: String) throws(DataError) -> DataNode {
            guard let node = knowledge.tables[name] else {
                throw DataError(file: "knowledge/\(name).toml", line: 0, message: "the table is missing")
            }
            return node
        }
        keywords = try table("ssh-keywords")
        defaults = try table("ssh-defaults")
        brokenHostKeys = try Self.broken(try table("ssh-algorithms"))
        newest = try Self.version(keywords["syntax"]?["newest"], Self.keywordFile)
        oldest = try Self.version(keywords["syntax"]?["oldest"], Self.keywordFile)
        var types: [String: Set<String>] = [:]
        for entry in defaults["key-types"]?.entries ?? [] {
            guard let names = entry.node.strings else {
                throw DataError(file: Self.defaultFile, line: entry.node.line, message: "a list of names is needed")
            }
            types[entry.key] = Set(names)
        }
        keyTypes = types
    }

    /// Whether a signature algorithm is practically broken, or nil when the table does not have it.
    func isBroken(_ algorithm: String) -> Bool? { brokenHostKeys[algorithm] }

    /// Whether the tables were read from this release or an older one.
    func covers(_ version: SSHDVersion) -> Bool { version <= newest && version >= oldest }

    /// A rating of "fail" for a reason that is more than distrust.
    private static func broken(_ table: DataNode) throws(DataError) -> [String: Bool] {
        let distrust = Set(table["distrust"]?.strings ?? [])
        guard let algorithms = table["algorithms"]?["hostkey"]?.elements else {
            throw DataError(file: algorithmFile, line: table.line, message: "algorithms.hostkey is missing")
        }
        var result: [String: Bool] = [:]
        for algorithm in algorithms {
            guard let name = algorithm["name"]?.string else {
                throw DataError(file: algorithmFile, line: algorithm.line, message: "an algorithm has no name")
            }
            result[name] = !Set(algorithm["fail"]?.strings ?? []).isSubset(of: distrust)
        }
        return result
    }

    private static func version(_ node: DataNode?, _ file: String) throws(DataError) -> SSHDVersion {
        guard let text = node?.string, let version = SSHDVersion(text[...]) else {
            throw DataError(file: file, line: node?.line ?? 0, message: "a release such as \"9.8\" is needed")
        }
        return version
    }

    private static func optionalVersion(_ entry: DataNode, _ key: String) throws(DataError) -> SSHDVersion? {
        guard let node = entry[key] else { return nil }
        return try version(node, keywordFile)
    }

    /// The dialect of a release; without one, the newest, whose algorithms are then not known.
    func dialect(_ version: SSHDVersion?) throws(DataError) -> SSHDDialect {
        let release = version ?? newest
        var names: [String: SSHDDialect.Name] = [:]
        var byName: [String: SSHDKeyword] = [:]
        for entry in try list("keywords") where try isKnown(entry, release) {
            let keyword = try keyword(entry, release)
            byName[keyword.name] = keyword
            if let since = try Self.optionalVersion(entry, "spelled-since"), release < since { continue }
            if try Self.optionalVersion(entry, "misspelled-in") == release { continue }
            names[keyword.name.lowercased()] = SSHDDialect.Name(keyword: keyword, inMatch: keyword.inMatch)
        }
        for entry in try list("aliases") where try isKnown(entry, release) {
            guard let target = entry["keyword"]?.string, let keyword = byName[target] else {
                throw error(entry, "an alias needs the name of a keyword")
            }
            names[try name(entry).lowercased()] = SSHDDialect.Name(
                keyword: keyword, inMatch: entry["match"]?.boolean ?? false)
        }
        for entry in try list("ignored") where try isKnown(entry, release) {
            let text = try name(entry)
            let inMatch = entry["match"]?.boolean ?? false
            names[text.lowercased()] = SSHDDialect.Name(
                keyword: SSHDKeyword(name: text, kind: .ignored, inMatch: inMatch), inMatch: inMatch)
        }
        for text in keywords["patched"]?.strings ?? [] {
            names[text.lowercased()] = SSHDDialect.Name(
                keyword: SSHDKeyword(name: text, kind: .patched, inMatch: true), inMatch: true)
        }
        return SSHDDialect(
            version: version, names: names, syntax: try syntax(release),
            algorithms: version == nil ? [:] : try algorithms(release))
    }

    private func error(_ node: DataNode, _ message: String) -> DataError {
        DataError(file: Self.keywordFile, line: node.line, message: message)
    }

    private func list(_ key: String) throws(DataError) -> [DataNode] {
        guard let elements = keywords[key]?.elements else { throw error(keywords, "the list \"\(key)\" is missing") }
        return elements
    }

    private func name(_ entry: DataNode) throws(DataError) -> String {
        guard let name = entry["name"]?.string else { throw error(entry, "an entry has no name") }
        return name
    }

    private func isKnown(_ entry: DataNode, _ release: SSHDVersion) throws(DataError) -> Bool {
        if let since = try Self.optionalVersion(entry, "since"), release < since { return false }
        if let until = try Self.optionalVersion(entry, "until"), release >= until { return false }
        return true
    }

    private func keyword(_ entry: DataNode, _ release: SSHDVersion) throws(DataError) -> SSHDKeyword {
        guard let word = entry["kind"]?.string, let kind = SSHDKeyword.Kind(rawValue: word) else {
            throw error(entry, "a keyword needs a kind that is known")
        }
        var keyword = SSHDKeyword(name: try name(entry), kind: kind, inMatch: entry["match"]?.boolean ?? false)
        if let since = try Self.optionalVersion(entry, "match-since") { keyword.inMatch = release >= since }
        keyword.isCopied = entry["copied"]?.boolean ?? true
        keyword.standard = try standard(entry)
        for change in entry["later"]?.elements ?? [] {
            if try release >= Self.version(change["since"], Self.keywordFile) {
                keyword.standard = try standard(change)
            }
        }
        for choice in entry["values"]?.entries ?? [] { keyword.words[choice.key] = choice.node.string }
        if kind == .choice, keyword.words.isEmpty { throw error(entry, "a choice needs values") }
        if kind == .algorithms {
            guard let word = entry["algorithms"]?.string, let found = SSHDKeyword.AlgorithmClass(rawValue: word) else {
                throw error(entry, "a list of algorithms needs its class")
            }
            keyword.algorithms = found
        }
        try repetition(entry, release, &keyword)
        return keyword
    }

    private func repetition(
        _ entry: DataNode, _ release: SSHDVersion, _ keyword: inout SSHDKeyword
    ) throws(DataError) {
        switch entry["repeat"]?.string {
        case "append": keyword.repetition = .append
        case "last": keyword.repetition = .last
        case nil, "first": keyword.repetition = .first
        default: throw error(entry, "repeat is first, append or last")
        }
        keyword.yieldsTo = entry["yields-to"]?.string
        if let since = try Self.optionalVersion(entry, "first-since"), release >= since {
            keyword.repetition = .first
            keyword.yieldsTo = nil
        }
    }

    private func standard(_ entry: DataNode) throws(DataError) -> [String]? {
        guard let node = entry["default"] else { return nil }
        if let text = node.string { return [text] }
        guard let list = node.strings else { throw error(node, "a default is text or a list of texts") }
        return list
    }

    private func syntax(_ release: SSHDVersion) throws(DataError) -> SSHDDialect.Syntax {
        guard let table = keywords["syntax"] else { throw error(keywords, "the table \"syntax\" is missing") }
        func since(_ key: String) throws(DataError) -> Bool {
            try release >= Self.version(table[key], Self.keywordFile)
        }
        var syntax = SSHDDialect.Syntax()
        syntax.splitsArguments = try since("split-arguments-since")
        syntax.splitsMatch = try since("split-match-since")
        syntax.matchAssignment = try since("match-assignment-since")
        syntax.matchInInclude = try since("match-in-include-since")
        syntax.relativeInclude = try since("relative-include-since")
        syntax.plainSignatures = try since("plain-signatures-since")
        syntax.repeatedSubsystem = try since("repeated-subsystem-since")
        syntax.repeatedAnyMethod = try since("repeated-any-method-since")
        return syntax
    }

    private func algorithms(
        _ release: SSHDVersion
    ) throws(DataError) -> [SSHDKeyword.AlgorithmClass: SSHDDialect.Algorithms] {
        var result: [SSHDKeyword.AlgorithmClass: SSHDDialect.Algorithms] = [:]
        for algorithmClass in SSHDKeyword.AlgorithmClass.allCases {
            for group in defaults[algorithmClass.rawValue]?.elements ?? [] {
                guard let versions = group["versions"]?.strings, let standard = group["default"]?.strings else {
                    throw DataError(
                        file: Self.defaultFile, line: group.line, message: "a group needs versions and default")
                }
                guard versions.contains(release.description) else { continue }
                result[algorithmClass] = SSHDDialect.Algorithms(
                    supported: group["supported"]?.strings ?? [], standard: standard)
            }
        }
        return result
    }
}
