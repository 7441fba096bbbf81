public import FirnModel
public import FirnParsing

/// Who defines the options of a configuration: the members `definitions` and `enforced` of an export.
public struct OptionDefinitions: Sendable, Hashable {
    /// One definition of an option.
    public struct Definition: Sendable, Hashable {
        /// The file of the module, as Nix names it.
        public var file: String
        /// The line, where Nix knows it.
        public var line: Int64?
        /// The priority; a lower number wins. 100 is that of a plain definition, 1500 that of a default.
        public var priority: Int64

        /// Where it stands.
        var place: String { line.map { "\(file):\($0)" } ?? file }
    }

    /// What the hardening module sets, and what became of it.
    public struct Enforcement: Sendable, Hashable {
        /// The rule that asks for it.
        public var rule: String
        /// The option, as Nix spells it.
        public var option: String
        /// The priority the module sets it at.
        public var priority: Int64
        /// Whether the value in force is the one that is set; nil where that could not be evaluated.
        public var holds: Bool?
        /// The priority of the definition in force, where it is known.
        public var highest: Int64?
        /// The definitions that win over it, as far as they still show.
        public var winners: [Definition]

        /// Whether another definition was taken in its place.
        public var isBeaten: Bool { !winners.isEmpty || highest.map { $0 < priority } == true }

        /// What happened, in one sentence that names both places.
        public var sentence: String {
            let ours = "security.hardening (rule \(rule)) sets \(option) at priority \(priority)"
            if !isBeaten { return ours + "; another value is in force, and Nix does not show where it is set" }
            if winners.isEmpty {
                return ours
                    + "; a definition at priority \(highest.map(String.init) ?? "?") wins, and Nix does not show its file"
            }
            let others = winners.map { "\($0.place) sets it at priority \($0.priority)" }
            return ours + "; " + others.joined(separator: ", ") + " and wins"
        }
    }

    /// The definitions in force, by option.
    public private(set) var definitions: [String: [Definition]] = [:]
    /// What the hardening module sets; nil where the export does not say.
    public private(set) var enforced: [Enforcement]?

    /// Creates none.
    public init() {}

    /// Reads the two members of an export. Throws the line and what is wrong there.
    public init(definitions: JSONNode?, enforced: JSONNode?) throws(OptionDefinitionsError) {
        for member in try Self.members(definitions) {
            self.definitions[member.key] = try Self.list(member.node)
        }
        guard let enforced else { return }
        guard let elements = enforced.array else {
            throw OptionDefinitionsError(line: enforced.line, message: "\"enforced\" must be a list")
        }
        var found: [Enforcement] = []
        for node in elements {
            guard let rule = node["rule"]?.string, let option = node["option"]?.string,
                let priority = node["priority"]?.integer
            else {
                throw OptionDefinitionsError(
                    line: node.line, message: "an element of \"enforced\" needs rule, option and priority")
            }
            found.append(
                Enforcement(
                    rule: rule, option: option, priority: priority, holds: node["holds"]?.boolean,
                    highest: node["highestPrio"]?.integer,
                    winners: try node["winners"].map { node throws(OptionDefinitionsError) in try Self.list(node) }
                        ?? []))
        }
        self.enforced = found
    }

    private static func members(_ node: JSONNode?) throws(OptionDefinitionsError) -> [JSONObject.Member] {
        guard let node else { return [] }
        guard let object = node.object else {
            throw OptionDefinitionsError(line: node.line, message: "\"definitions\" must be an object")
        }
        return object.members
    }

    private static func list(_ node: JSONNode) throws(OptionDefinitionsError) -> [Definition] {
        guard let elements = node.array else {
            throw OptionDefinitionsError(line: node.line, message: "definitions of an option must be a list")
        }
        var list: [Definition] = []
        for element in elements {
            guard let file = element["file"]?.string, let priority = element["priority"]?.integer else {
                throw OptionDefinitionsError(line: element.line, message: "a definition needs file and priority")
            }
            list.append(Definition(file: file, line: element["line"]?.integer, priority: priority))
        }
        return list
    }

    /// Who decides an option: those that beat the hardening module, else the files that define it. Nil where the export does
    /// not say.
    public func origin(of option: String) -> String? {
        // Several rules can set one option; the first that is beaten tells.
        if let beaten = enforced?.first(where: { $0.option == option && $0.isBeaten }) { return beaten.sentence }
        guard let list = definitions[option], !list.isEmpty else { return nil }
        var places: [String] = []
        for one in list where !places.contains(one.place) { places.append(one.place) }
        // An additive list has dozens of files.
        let shown = places.prefix(3).joined(separator: ", ")
        return "set in \(shown)" + (places.count > 3 ? " and \(places.count - 3) more" : "")
    }
}

/// What is wrong with the definitions of an export.
public struct OptionDefinitionsError: Error, Sendable, Hashable {
    /// The line.
    public var line: Int
    /// In one sentence.
    public var message: String
}

extension FactBatch {
    /// The facts about what the hardening module sets and another definition replaces: `nix.enforced`, whether the module
    /// sets anything, and `nix.silent-overrides`, what is no longer in force of that. An element is the level the module
    /// was set to (`?` where the export does not say), the rule, and a sentence, with a space between. Which of them are
    /// a loss is for the rules to say.
    ///
    /// A bare tree of options does not tell what the module sets. Where it shows that there is no such module, nothing is
    /// lost; else neither fact is supplied.
    public mutating func addEnforcements(_ definitions: OptionDefinitions, options: OptionTree) {
        let path = "security.hardening.enforced"
        if case .unavailable(let reason) = options.lookup(["security", "hardening", "enforced"]) {
            for key in ["nix.enforced", "nix.silent-overrides"] as [FactKey] {
                facts[key] = .unavailable(reason: "\(path): \(reason)", [])
            }
            return
        }
        guard let enforced = definitions.enforced else {
            guard case .value = options.lookup(["security"]), case .missing = options.lookup(["security", "hardening"])
            else { return }
            facts["nix.enforced"] = .known(
                .boolean(false), [Evidence(path: "security.hardening", text: "there is no such option")])
            return
        }
        let level: String? =
            if case .value(let node) = options.lookup(["security", "hardening", "level"]) { node.string } else { nil }
        facts["nix.enforced"] = .known(
            .boolean(!enforced.isEmpty),
            [Evidence(path: path, text: enforced.isEmpty ? "the hardening module sets nothing" : nil)])
        guard !enforced.isEmpty else { return }
        // The evidence is the option alone: which of the values lost are a loss, the finding says.
        var lost: [String] = []
        // Without a winner in sight the value can still be another: an outer option was replaced whole.
        for one in enforced where one.holds == false || (one.isBeaten && one.holds == nil) {
            lost.append("\(level ?? "?") \(one.rule) \(one.sentence)")
        }
        facts["nix.silent-overrides"] = .known(.strings(lost), [Evidence(path: path)])
    }

    /// Names both places beside each fact that a rule of the hardening module reads, where another definition won with another
    /// value. A rule's own fact has its name in most families; the others show who defines the option they read.
    public mutating func addOverridden(_ definitions: OptionDefinitions) {
        for one in definitions.enforced ?? [] where one.isBeaten && one.holds != true {
            let key = FactKey(one.rule)
            let evidence = Evidence(path: one.option, text: one.sentence)
            switch facts[key] {
            case .known(let value, let known) where !Self.names(known, one.sentence):
                facts[key] = .known(value, known + [evidence])
            case .absent(let known) where !Self.names(known, one.sentence):
                facts[key] = .absent(known + [evidence])
            case .unavailable(let reason, let known) where !Self.names(known, one.sentence):
                facts[key] = .unavailable(reason: reason, known + [evidence])
            default: continue
            }
        }
    }

    private static func names(_ evidence: [Evidence], _ sentence: String) -> Bool {
        evidence.contains { $0.text?.contains(sentence) == true }
    }
}
