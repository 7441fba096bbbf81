import FirnModel
import FirnParsing

/// `profiles/knowledge/sudo.toml` and `sudo-escapes.toml`: the settings sudo knows, their defaults, variables that must
/// not pass, directories that users can write, and programs that give a shell.
struct SudoKnowledge: Sendable {
    /// What a setting takes.
    enum Kind: String, Sendable {
        /// On or off.
        case flag
        /// A text, which cannot be switched off.
        case text
        /// A text or off.
        case optionalText = "optional-text"
        /// A path, which cannot be switched off.
        case path
        /// A path or off.
        case optionalPath = "optional-path"
        /// Permissions.
        case mode
        /// Permissions or off.
        case optionalMode = "optional-mode"
        /// A limit of resources, or off.
        case limit
        /// One of some words, or off.
        case word
        /// A number.
        case number
        /// A number or off.
        case optionalNumber = "optional-number"
        /// A list.
        case list
        /// One of some words, which may also be switched on and off.
        case choice
    }

    /// A default of one implementation.
    struct Default: Sendable {
        var program: String
        var name: String
        var since: SudoVersion?
        var value: DataNode
    }

    /// Settings an implementation has from a version on.
    struct Implementation: Sendable {
        var since: SudoVersion?
        /// Settings it acts on.
        var settings: Set<String>
        /// Settings it reads and does not act on.
        var taken: Set<String>
    }

    /// A program that gives its user more than the command says.
    struct Escape: Sendable {
        var names: Set<String>
        /// Whether it does so whatever its arguments.
        var always: Bool
        /// First words of the arguments with which it does.
        var subcommands: Set<String>
        /// Words with which it does, whatever stands beside them.
        var open: Set<String>
        /// Arguments with which it does not.
        var unless: Set<String>
        /// Whether it does when it gets no argument at all.
        var bare: Bool
        /// Whether NOEXEC keeps it from doing so.
        var noExecHelps: Bool
    }

    var settings: [String: Kind] = [:]
    /// The words that a setting of that kind takes.
    private var words: [String: Set<String>] = [:]
    private var implemented: [String: [Implementation]] = [:]
    var defaults: [Default] = []
    var dangerousVariables: [String] = []
    var writableDirectories: [String] = []
    var systemDirectories: [String] = []
    private var escapes: [String: Escape] = [:]

    private static let file = "profiles/knowledge/sudo.toml"
    private static let escapesFile = "profiles/knowledge/sudo-escapes.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["sudo"], let escapeTable = knowledge.tables["sudo-escapes"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        for entry in table["settings"]?.entries ?? [] {
            guard let kind = Kind(rawValue: entry.key), let names = entry.node.strings else {
                throw DataError(file: Self.file, line: entry.node.line, message: "\(entry.key) is no kind of setting")
            }
            for name in names { settings[name] = kind }
        }
        for entry in table["words"]?.entries ?? [] { words[entry.key] = Set(entry.node.strings ?? []) }
        for (name, kind) in settings where [.choice, .word].contains(kind) && words[name]?.isEmpty != false {
            throw DataError(file: Self.file, line: 0, message: "the setting \(name) has no words")
        }
        for node in table["implementation"]?.elements ?? [] {
            guard let name = node["name"]?.string, let known = node["settings"]?.strings else {
                throw DataError(
                    file: Self.file, line: node.line, message: "an implementation needs a name and its settings")
            }
            let since = node["since"]?.string
            implemented[name, default: []].append(
                Implementation(
                    since: since.flatMap { SudoVersion($0) }, settings: Set(known),
                    taken: Set(node["taken"]?.strings ?? [])))
        }
        for node in table["default"]?.elements ?? [] {
            guard let program = node["program"]?.string, let name = node["name"]?.string, let value = node["value"]
            else {
                throw DataError(file: Self.file, line: node.line, message: "a default needs program, name and value")
            }
            defaults.append(
                Default(
                    program: program, name: name, since: node["since"]?.string.flatMap { SudoVersion($0) }, value: value
                ))
        }
        dangerousVariables = table["variables"]?["dangerous"]?.strings ?? []
        writableDirectories = table["directories"]?["writable"]?.strings ?? []
        systemDirectories = table["directories"]?["system"]?.strings ?? []
        for node in escapeTable["escape"]?.elements ?? [] {
            guard let names = node["names"]?.strings, node["why"]?.string != nil else {
                throw DataError(file: Self.escapesFile, line: node.line, message: "an escape needs names and a why")
            }
            let escape = Escape(
                names: Set(names), always: node["always"]?.boolean ?? false,
                subcommands: Set(node["subcommands"]?.strings ?? []), open: Set(node["open"]?.strings ?? []),
                unless: Set(node["unless"]?.strings ?? []),
                bare: node["bare"]?.boolean ?? false, noExecHelps: node["noexec-helps"]?.boolean ?? false)
            for name in names { escapes[name] = escape }
        }
        guard !settings.isEmpty, !escapes.isEmpty, !dangerousVariables.isEmpty, !writableDirectories.isEmpty else {
            throw DataError(
                file: Self.file, line: 0, message: "settings, escapes, variables or directories are missing")
        }
    }

    /// The default of a setting; nil when it depends on a version that is not known, or is not in the table.
    func value(_ name: String, _ program: SudoProgram) -> DataNode? {
        var best: Default?
        var isUncertain = false
        for candidate in defaults where candidate.name == name && candidate.program == program.name {
            if let since = candidate.since {
                guard let version = program.version else {
                    isUncertain = true
                    continue
                }
                if version < since { continue }
                if let old = best?.since, since < old { continue }
            } else if best != nil {
                continue
            }
            best = candidate
        }
        return isUncertain ? nil : best?.value
    }

    /// What sudo says against a setting; such a setting has no effect.
    func objection(_ setting: SudoersSetting) -> String? {
        guard let kind = settings[setting.name] else { return "the setting \(setting.name), which sudo does not know" }
        let wrong = "a form that the setting \(setting.name) does not have"
        switch setting.operation {
        case .on: return [.flag, .choice].contains(kind) ? nil : wrong
        case .off: return [.text, .path, .mode, .number].contains(kind) ? wrong : nil
        case .add, .remove: return kind == .list ? nil : wrong
        case .set(let value):
            let isFit: Bool
            switch kind {
            case .flag: isFit = false
            case .text, .optionalText, .list: isFit = true
            case .path, .optionalPath:
                isFit =
                    value.hasPrefix("/") || (setting.name == "runcwd" && value == "*")
                    || (setting.name == "runchroot" && value == "*") || value.hasPrefix("~")
            case .mode, .optionalMode: isFit = UInt16(value, radix: 8).map { $0 <= 0o777 } ?? false
            case .limit: isFit = value.first?.isLetter == true ? Self.limits.contains(value) : Self.isLimit(value)
            case .number, .optionalNumber: isFit = Double(value).map(\.isFinite) ?? false
            case .choice, .word: isFit = words[setting.name]?.contains(value) ?? false
            }
            return isFit ? nil : wrong
        }
    }

    private static let limits: Set<String> = ["infinity", "default", "user"]

    /// One number, or two with a comma.
    private static func isLimit(_ text: String) -> Bool {
        text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
            UInt64($0) != nil || limits.contains(String($0))
        }
    }

    /// What an implementation does with a setting.
    enum Treatment: Sendable {
        case acts
        /// Takes it and does what it always does.
        case takes
        /// Leaves it out.
        case ignores
        /// It depends on the version, which is not known.
        case uncertain
    }

    func treatment(_ name: String, _ program: SudoProgram) -> Treatment {
        guard let parts = implemented[program.name] else { return settings[name] == nil ? .ignores : .acts }
        for part in parts where part.settings.contains(name) || part.taken.contains(name) {
            if let since = part.since {
                guard let version = program.version else { return .uncertain }
                if version < since { continue }
            }
            return part.settings.contains(name) ? .acts : .takes
        }
        return .ignores
    }

    /// The program of an escape table for a base name, with a version at its end or not.
    func escape(_ base: String) -> Escape? {
        if let found = escapes[base] { return found }
        var stem = base[...]
        while let last = stem.last, last.isNumber || last == "." || last == "-" { stem = stem.dropLast() }
        return escapes[String(stem)]
    }

    /// Whether a variable is one that changes what a program runs; names may end in `*` on both sides.
    func isDangerous(_ variable: String) -> Bool {
        let name = variable.prefix { $0 != "=" }
        return dangerousVariables.contains { pattern in
            if pattern.hasSuffix("*") {
                let stem = pattern.dropLast()
                if name.hasPrefix(stem) { return true }
                return name.hasSuffix("*") && stem.hasPrefix(name.dropLast())
            }
            if name.hasSuffix("*") { return pattern.hasPrefix(name.dropLast()) }
            return name == pattern
        }
    }
}
