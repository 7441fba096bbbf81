import FirnModel

/// Who may do what, from the conditions of one answer.
struct PolkitGrant: Sendable, Hashable {
    var who: String
    /// The action, `prefix*`, `/pattern/`, `*text*` or `*`.
    var action: String
    /// What the action is limited to.
    var details: [String]

    init(_ term: PolkitMeaning.Term) {
        var subjects: [String] = []
        var isPresent = false
        var exact: String?
        var pattern: String?
        var details: [String] = []
        for atom in term where !atom.isNegated {
            switch atom.kind {
            case .action(let name): exact = name
            case .actions(let text): pattern = text
            case .group(let name): subjects.append("%" + name)
            case .user(let name): subjects.append(name)
            case .present: isPresent = true
            case .detail(let text): details.append(text)
            }
        }
        if !subjects.isEmpty {
            who = subjects.sorted().joined(separator: " and ")
        } else {
            who = isPresent ? "local users" : "everyone"
        }
        action = exact ?? pattern ?? "*"
        self.details = details.sorted()
    }

    /// The action with its limits.
    var what: String { details.isEmpty ? action : "\(action) (\(details.joined(separator: ", ")))" }

    var text: String { "\(who): \(what)" }
}

/// `profiles/knowledge/polkit.toml`: actions that amount to root, and what modules of nixpkgs allow.
struct PolkitKnowledge: Sendable {
    private var broad: [String] = []
    private var expected: Set<String> = []
    /// Identities that are administrators by NixOS.
    private(set) var admins: Set<String> = []

    private static let file = "profiles/knowledge/polkit.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["polkit"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        for node in table["broad"]?.elements ?? [] {
            guard let action = node["action"]?.string, node["why"]?.string != nil else {
                throw DataError(file: Self.file, line: node.line, message: "a broad action needs an action and a why")
            }
            broad.append(action)
        }
        for node in table["expected"]?.elements ?? [] {
            guard let who = node["who"]?.string, let actions = node["actions"]?.strings, node["why"]?.string != nil
            else {
                throw DataError(
                    file: Self.file, line: node.line, message: "an expected rule needs who, actions and a why")
            }
            for action in actions { expected.insert("\(who): \(action)") }
        }
        admins = Set(table["administrators"]?["identities"]?.strings ?? [])
        guard !broad.isEmpty, !expected.isEmpty, !admins.isEmpty else {
            throw DataError(
                file: Self.file, line: 0, message: "broad actions, expected rules or administrators are missing")
        }
    }

    /// Whether the action is one that amounts to root, or covers one. A detail limits it to one unit or program.
    func isBroad(_ grant: PolkitGrant) -> Bool {
        guard grant.details.isEmpty, grant.who != "root" else { return false }
        let action = grant.action
        if action == "*" { return true }
        if action.hasPrefix("/") {
            // The fixed text that a pattern begins with decides; a pattern that begins with none may cover anything.
            var fixed = ""
            var rest = action.dropFirst().dropLast()
            if rest.first == "^" { rest = rest.dropFirst() } else { return true }
            while let character = rest.first {
                if character == "\\", rest.dropFirst().first == "." {
                    fixed += "."
                    rest = rest.dropFirst(2)
                } else if "*+?[](){}|$^\\".contains(character) {
                    break
                } else {
                    fixed.append(character)
                    rest = rest.dropFirst()
                }
            }
            return broad.contains { covers(prefix: fixed, $0) }
        }
        if action.hasPrefix("*") {
            let text = action.dropFirst().dropLast()
            return broad.contains { $0.contains(text) }
        }
        if action.hasSuffix("*") { return broad.contains { covers(prefix: String(action.dropLast()), $0) } }
        return broad.contains { $0 == action || ($0.hasSuffix("*") && action.hasPrefix($0.dropLast())) }
    }

    private func covers(prefix: String, _ entry: String) -> Bool {
        let stem = entry.hasSuffix("*") ? String(entry.dropLast()) : entry
        return stem.hasPrefix(prefix) || (entry.hasSuffix("*") && prefix.hasPrefix(stem))
    }

    /// Whether a module of nixpkgs writes this rule.
    func isExpected(_ grant: PolkitGrant) -> Bool { grant.who == "root" || expected.contains(grant.text) }
}
