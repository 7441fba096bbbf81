import FirnModel

/// How one version of the kernel, systemd or the stage 1 script reads one parameter: a `[[parameter]]` of
/// `profiles/knowledge/cmdline.toml`. Several entries of one name are the handlers of different kernels.
struct CmdlineParameter: Sendable, Hashable {
    /// What the handler makes of its values.
    enum Kind: String, Sendable, CaseIterable {
        /// Present is true; a value is ignored.
        case flag = "switch"
        /// A word `kstrtobool` knows.
        case boolean
        /// A word systemd's `parse_boolean` knows.
        case userspaceBoolean = "userspace-boolean"
        /// One of `values`; a later one replaces an earlier one whole.
        case replace
        /// Any text; a later one replaces an earlier one whole.
        case text
        /// A whole number.
        case integer
        /// A whole number, which may be negative.
        case signed
        /// A whole number of which only zero or not counts.
        case nonzero
        /// A comma-separated list; a later one replaces an earlier one whole.
        case list
        /// Every occurrence adds a value.
        case accumulate
        /// Every occurrence adds its values, which commas divide.
        case options
        /// A boolean that cannot be unset once it is set (`param_set_bool_enable_only`).
        case enableOnly = "enable-only"
        /// One of `values`, weakest first; a weaker one never replaces a stronger one.
        case raiseOnly = "raise-only"
        /// `mitigations=` with attack vectors, of which a later one takes nothing back.
        case attackVectors = "attack-vectors"
        /// A variable of init's environment, given plainly or through `systemd.setenv=`.
        case environment
        /// Every occurrence adds `NAME=value`; only the names are shown, since the values may be secrets.
        case assignments
    }

    /// Which reader splits the line for this handler.
    enum Reader: String, Sendable {
        /// `parse_args`: before `--`, `-` and `_` are the same in names.
        case kernel
        /// `cmdline_find_option` of the early x86 code and NixOS' stage 1 script: raw words of the whole line.
        case literal
        /// Both of the above, where different stages of the boot read it.
        case either
        /// systemd.
        case systemd
    }

    /// What a value outside the handler's own words does.
    enum Invalid: Sendable, Hashable {
        /// Nothing: an earlier value stays.
        case keep
        /// The table does not say, or it depends on the kernel's configuration.
        case unclear
        /// It counts as this value.
        case becomes(String)
    }

    /// Who wins between the parameter and the other words that set the same thing.
    enum Combination: String, Sendable {
        /// The later one.
        case last
        /// The parameter.
        case own = "beats-aliases"
        /// The other word.
        case alias = "beaten-by-aliases"
    }

    /// What `mitigations=off` does to it.
    enum GlobalOff: String, Sendable {
        /// Nothing.
        case none
        /// Switches it off whatever it says.
        case overrides
        /// Switches it off unless it is set on its own to something else than `auto`.
        case byDefault = "by-default"
    }

    var name: String
    var kind: Kind
    var reader: Reader
    var since: KernelVersion?
    var until: KernelVersion?
    var values: [String]
    /// The value is known by its beginning only (`strncmp`).
    var valuesArePrefixes: Bool
    var invalid: Invalid
    var bare: Invalid
    var aliases: [String: String]
    var combination: Combination
    /// Registered by `__setup` without `=`: everything that begins like it is it.
    var isPrefix: Bool
    var globalOff: GlobalOff
    /// The value that means "off", where it is not `off` (or true for a switch, false for a boolean).
    var offValue: String?
    /// The attack vectors of which one must be mitigated for the kernel to mitigate it by default (6.17).
    var vectors: [String]
    var supersededBy: [String]
    var defaultKconfig: String?
    /// What the kernel's configuration makes of it when it is not on the line.
    var configured = CmdlineConfigured()
    /// An option without which the kernel ignores the parameter.
    var neededOption: String?
    /// Stable kernels older than `since` may have it too.
    var isBackported: Bool
}

/// A kernel version as far as it decides anything: `6.18.37` is 6, 18, 37.
struct KernelVersion: Sendable, Hashable, Comparable {
    var parts: [Int]

    init?(_ text: String) {
        var parts: [Int] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false).prefix(3) {
            let digits = part.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), number <= 1_000_000 else { break }
            parts.append(number)
            if digits.count != part.count { break }
        }
        guard parts.count >= 2 else { return nil }
        self.parts = parts
    }

    static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        for position in 0..<max(left.parts.count, right.parts.count) {
            let first = position < left.parts.count ? left.parts[position] : 0
            let second = position < right.parts.count ? right.parts[position] : 0
            if first != second { return first < second }
        }
        return false
    }
}

/// `profiles/knowledge/cmdline.toml`, decoded.
struct CmdlineTable: Sendable {
    /// The handlers by the table's spelling of the name, in the order of the table.
    var parameters: [String: [CmdlineParameter]] = [:]
    /// The names in the order of the table.
    var names: [String] = []
    /// Bytes at the end of `COMMAND_LINE_SIZE` that the boot loader may need for what it puts in front.
    var loaderReserve = 0
    /// Values of parameters that disable sibling threads only where the processor needs it: `name=value`.
    var conditionalSMT: [String: [String]] = [:]
    /// The security modules of which only one can be active.
    var exclusiveModules: [String] = []
    /// Parameters that bring in further parameters from a place that is not read.
    var unseenSources: [String] = []
    /// The mitigations that `cmdline.disabled-mitigations` lists.
    var mitigations: [String] = []

    /// Decodes the table; throws for broken knowledge only.
    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "knowledge/cmdline.toml"
        guard let root = knowledge.tables["cmdline"] else {
            throw DataError(file: file, line: 0, message: "the table is missing")
        }
        let decoder = CmdlineDecoder(file: file)
        let top = try decoder.fields(
            root,
            known: [
                "parameter", "loader-reserve", "conditional-smt", "exclusive-modules", "listed-mitigations",
                "unseen-sources",
            ])
        loaderReserve = Int(clamping: try decoder.integer(top["loader-reserve"], in: root, "loader-reserve"))
        exclusiveModules = try decoder.strings(top["exclusive-modules"], in: root, "exclusive-modules")
        unseenSources = try decoder.strings(top["unseen-sources"], in: root, "unseen-sources")
        mitigations = try decoder.strings(top["listed-mitigations"], in: root, "listed-mitigations")
        for entry in top["conditional-smt"]?.entries ?? [] {
            conditionalSMT[entry.key] = try decoder.strings(entry.node, in: root, entry.key)
        }
        for node in top["parameter"]?.elements ?? [] {
            let parameter = try decoder.parameter(node)
            if parameters[parameter.name] == nil { names.append(parameter.name) }
            parameters[parameter.name, default: []].append(parameter)
        }
        for name in mitigations + Array(conditionalSMT.keys) where parameters[name] == nil {
            throw DataError(file: file, line: root.line, message: "\(name) is used and has no [[parameter]]")
        }
    }
}

/// Decodes one entry; every key it does not know is an error.
private struct CmdlineDecoder {
    let file: String

    func fields(_ node: DataNode, known: Set<String>) throws(DataError) -> [String: DataNode] {
        guard let entries = node.entries else { throw error(node, "a table is expected") }
        var result: [String: DataNode] = [:]
        for entry in entries {
            guard known.contains(entry.key) else { throw error(entry.node, "unknown key \(entry.key)") }
            result[entry.key] = entry.node
        }
        return result
    }

    func error(_ node: DataNode, _ message: String) -> DataError {
        DataError(file: file, line: node.line, message: message)
    }

    func integer(_ node: DataNode?, in parent: DataNode, _ key: String) throws(DataError) -> Int64 {
        guard let number = node?.integer else { throw error(node ?? parent, "\(key) must be a whole number") }
        return number
    }

    func strings(_ node: DataNode?, in parent: DataNode, _ key: String) throws(DataError) -> [String] {
        guard let strings = node?.strings else { throw error(node ?? parent, "\(key) must be a list of strings") }
        return strings
    }

    private func text(_ node: DataNode?) throws(DataError) -> String? {
        guard let node else { return nil }
        guard let text = node.string else { throw error(node, "a string is expected") }
        return text
    }

    private func truth(_ node: DataNode?) throws(DataError) -> Bool {
        guard let node else { return false }
        guard let truth = node.boolean else { throw error(node, "true or false is expected") }
        return truth
    }

    private func choice<Choice: RawRepresentable<String>>(
        _ node: DataNode?, default fallback: Choice
    ) throws(DataError) -> Choice {
        guard let node else { return fallback }
        guard let text = node.string, let choice = Choice(rawValue: text) else {
            throw error(node, "\(node.string ?? "the value") is none of the words the table knows here")
        }
        return choice
    }

    private func version(_ node: DataNode?) throws(DataError) -> KernelVersion? {
        guard let node, let text = try text(node) else { return nil }
        guard let version = KernelVersion(text) else { throw error(node, "\(text) is no kernel version") }
        return version
    }

    private func invalid(_ node: DataNode?, default fallback: CmdlineParameter.Invalid) throws(DataError)
        -> CmdlineParameter.Invalid
    {
        guard let text = try text(node) else { return fallback }
        if text == "keep" { return .keep }
        if text == "unclear" { return .unclear }
        guard text.hasPrefix("=") else { throw error(node ?? DataNode(.string(text)), "keep, unclear or =value") }
        return .becomes(String(text.dropFirst()))
    }

    private func configured(_ fields: [String: DataNode]) throws(DataError) -> CmdlineConfigured {
        var result = CmdlineConfigured(
            otherwise: try fields["default-otherwise"].map { (node) throws(DataError) in try value(node) },
            valueOf: try text(fields["default-value-of"]), isAbsentOtherwise: try truth(fields["default-absent"]))
        for node in fields["default-choices"]?.elements ?? [] {
            let choice = try self.fields(node, known: ["option", "value"])
            guard let option = try text(choice["option"]), let chosen = choice["value"] else {
                throw error(node, "a choice needs an option and a value")
            }
            result.choices.append(CmdlineConfigured.Choice(option: option, value: try value(chosen)))
        }
        return result
    }

    private func value(_ node: DataNode) throws(DataError) -> FactValue {
        if let truth = node.boolean { return .boolean(truth) }
        if let number = node.integer { return .integer(number) }
        guard let text = node.string else { throw error(node, "a truth value, a number or a text is expected") }
        return .string(text)
    }

    func parameter(_ node: DataNode) throws(DataError) -> CmdlineParameter {
        let fields = try fields(
            node,
            known: [
                "name", "kind", "reader", "since", "until", "values", "values-are-prefixes", "invalid", "bare",
                "aliases",
                "combination", "prefix", "mitigations-off", "off-value", "vectors", "superseded-by", "default-kconfig",
                "default-choices", "default-otherwise", "default-absent", "default-value-of", "needs-kconfig",
                "backported",
                "source", "note",
            ])
        guard let name = try text(fields["name"]), !name.isEmpty else { throw error(node, "a parameter needs a name") }
        guard let source = try text(fields["source"]), !source.isEmpty else {
            throw error(node, "\(name) needs the source of what is said about its handler")
        }
        guard let kindNode = fields["kind"] else { throw error(node, "\(name) needs a kind") }
        let kind = try choice(kindNode, default: CmdlineParameter.Kind.text)
        var aliases: [String: String] = [:]
        for entry in fields["aliases"]?.entries ?? [] {
            aliases[entry.key] = try text(entry.node)
        }
        let values =
            try fields["values"].map { (node) throws(DataError) in try strings(node, in: node, "values") } ?? []
        let needsValues = kind == .replace || kind == .raiseOnly
        guard needsValues != values.isEmpty else {
            throw error(node, "\(name): values belong to the kinds replace and raise-only")
        }
        return CmdlineParameter(
            name: name, kind: kind, reader: try choice(fields["reader"], default: .kernel),
            since: try version(fields["since"]), until: try version(fields["until"]), values: values,
            valuesArePrefixes: try truth(fields["values-are-prefixes"]),
            invalid: try invalid(fields["invalid"], default: .unclear),
            bare: try invalid(fields["bare"], default: .keep), aliases: aliases,
            combination: try choice(fields["combination"], default: .last), isPrefix: try truth(fields["prefix"]),
            globalOff: try choice(fields["mitigations-off"], default: .none),
            offValue: try text(fields["off-value"]),
            vectors: try fields["vectors"].map { (node) throws(DataError) in try strings(node, in: node, "vectors") }
                ?? [],
            supersededBy: try fields["superseded-by"].map { (node) throws(DataError) in
                try strings(node, in: node, "superseded-by")
            } ?? [], defaultKconfig: try text(fields["default-kconfig"]), configured: try configured(fields),
            neededOption: try text(fields["needs-kconfig"]), isBackported: try truth(fields["backported"]))
    }
}
