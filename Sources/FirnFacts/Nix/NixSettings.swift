import FirnModel
import FirnParsing

/// `profiles/knowledge/nix-defaults.toml`.
struct NixKnowledge: Sendable {
    enum Kind: String, Sendable {
        case boolean, list, string, sandbox, hidden
    }

    struct Setting: Sendable {
        var name: String
        var kind: Kind
        var fallback: String
        var isAppendable: Bool
    }

    var settings: [Setting] = []
    /// The present name of each older one.
    var aliases: [String: String] = [:]
    var appendable: Set<String> = []
    var officialKeys: Set<String> = []
    var harmlessPaths: Set<String> = []

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/nix-defaults.toml"
        guard let table = knowledge.tables["nix-defaults"] else {
            throw DataError(file: file, line: 0, message: "the table is missing")
        }
        for node in table["setting"]?.elements ?? [] {
            guard let name = node["name"]?.string, let fallback = node["default"]?.string,
                let kind = node["type"]?.string.flatMap(Kind.init(rawValue:))
            else {
                throw DataError(file: file, line: node.line, message: "a setting needs a name, a type and a default")
            }
            let isAppendable = node["append"]?.boolean ?? false
            settings.append(Setting(name: name, kind: kind, fallback: fallback, isAppendable: isAppendable))
            if isAppendable { appendable.insert(name) }
            for alias in node["aliases"]?.strings ?? [] {
                aliases[alias] = name
                if isAppendable { appendable.insert(alias) }
            }
        }
        officialKeys = Set(table["official-keys"]?.strings ?? [])
        harmlessPaths = Set(table["harmless-sandbox-paths"]?.strings ?? [])
        guard !settings.isEmpty, !officialKeys.isEmpty else {
            throw DataError(file: file, line: 0, message: "settings or official keys are missing")
        }
    }
}

extension NixKnowledge {
    /// What evidence shows of a line: the value only where it holds no secret, addresses without passwords.
    func text(_ name: String, _ value: String) -> String {
        guard isShown(name) else { return name }
        let words = value.split(separator: " ").map { $0.contains("://") ? NixFactSet.shown(String($0)) : String($0) }
        return "\(name) = \(words.joined(separator: " "))"
    }

    /// Whether reports may show the value of a setting: only of those that are known to hold no secret.
    func isShown(_ name: String) -> Bool {
        let plain = name.hasPrefix("extra-") ? String(name.dropFirst(6)) : name
        let canonical = aliases[plain] ?? plain
        return settings.contains { $0.name == canonical && $0.kind != .hidden }
    }
}

/// The settings Nix ends up with after reading statements in order.
struct NixSettings: Sendable {
    struct Value: Sendable {
        var text: String
        var evidence: [Evidence]
    }

    let knowledge: NixKnowledge
    private(set) var values: [String: Value] = [:]
    /// Why a setting, or all of them (`*`), cannot be told.
    var unknown: [String: (reason: String, evidence: Evidence)] = [:]
    /// What evidence names where nothing is set.
    var base: Evidence

    init(knowledge: NixKnowledge, base: Evidence) {
        self.knowledge = knowledge
        self.base = base
    }

    /// Sets a setting; `extra-NAME` adds to a list (nix.conf(5), "extra- prefix").
    mutating func set(_ name: String, _ text: String, _ evidence: Evidence) {
        if name.hasPrefix("extra-"), knowledge.appendable.contains(String(name.dropFirst(6))) {
            let base = canonical(String(name.dropFirst(6)))
            let fallback = knowledge.settings.first { $0.name == base }?.fallback ?? ""
            let present = values[base] ?? Value(text: fallback, evidence: [])
            guard !text.isEmpty else { return }
            values[base] = Value(
                text: present.text.isEmpty ? text : present.text + " " + text,
                evidence: present.evidence + [evidence])
            return
        }
        let key = canonical(name)
        values[key] = Value(text: text, evidence: [evidence])
        unknown[key] = nil
    }

    /// Notes that something unseen may have set anything: what is set before it is no longer known.
    mutating func lose(_ reason: String, _ evidence: Evidence) {
        for setting in knowledge.settings { unknown[setting.name] = (reason, evidence) }
    }

    private func canonical(_ name: String) -> String { knowledge.aliases[name] ?? name }

    /// The words of a setting, each once, in order.
    func words(_ name: String) -> [String] {
        let setting = knowledge.settings.first { $0.name == name }
        let text = values[name]?.text ?? setting?.fallback ?? ""
        var seen: Set<Substring> = []
        return text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).filter { seen.insert($0).inserted }
            .map(String.init)
    }

    /// Where a setting stands, without its value.
    func places(_ name: String) -> [Evidence] {
        if let value = values[name] {
            return value.evidence.map { Evidence(path: $0.path, line: $0.line, text: "\(name) is set here") }
        }
        return [Evidence(path: base.path, text: "\(name) is not set: Nix's own default")]
    }

    /// Why it cannot be told, if so.
    func problem(_ name: String) -> Fact? {
        guard let problem = unknown["*"] ?? unknown[name] else { return nil }
        return .unavailable(reason: problem.reason, [problem.evidence])
    }

    /// The fact of a setting whose value may be shown.
    func fact(_ setting: NixKnowledge.Setting) -> Fact {
        if let problem = problem(setting.name) { return problem }
        let text = values[setting.name]?.text ?? setting.fallback
        let evidence =
            values[setting.name]?.evidence
            ?? [Evidence(path: base.path, text: "\(setting.name) is not set: \(setting.fallback) is Nix's default")]
        switch setting.kind {
        case .boolean:
            guard let truth = NixConf.boolean(text) else {
                return .unavailable(reason: "\(setting.name) is neither true nor false, which Nix refuses", evidence)
            }
            return .known(.boolean(truth), evidence)
        case .sandbox:
            if text == "relaxed" { return .known(.string(text), evidence) }
            guard let truth = NixConf.boolean(text) else {
                return .unavailable(reason: "sandbox is neither true, false nor relaxed", evidence)
            }
            return .known(.string(truth ? "true" : "false"), evidence)
        case .string: return .known(.string(NixFactSet.shown(text)), evidence)
        case .list: return .known(.strings(words(setting.name)), evidence)
        case .hidden: return .absent([])
        }
    }
}
