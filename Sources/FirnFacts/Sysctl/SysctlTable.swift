import FirnModel

/// What the kernel makes of each setting: `profiles/knowledge/sysctl-defaults.toml` and `sysctl-kernel.toml`.
struct SysctlTable: Sendable {
    /// How the kernel parses a write.
    enum Kind: String, Sendable {
        /// One signed 32-bit number (`proc_dointvec`).
        case integer
        /// Several numbers; those left out keep their value (`kernel.printk`).
        case list
        /// Text as it stands.
        case text
    }

    /// A default that is a constant of the kernel's source from one version to another.
    struct Default: Sendable {
        var value: String
        var since: DottedVersion?
        var until: DottedVersion?
    }

    /// What the kernel accepts from one version to another.
    struct Bounds: Sendable {
        var range: ClosedRange<Int64>
        var since: DottedVersion?
        var until: DottedVersion?
    }

    /// One setting.
    struct Key: Sendable {
        var path: String
        var kind: Kind
        var range: ClosedRange<Int64>?
        /// Ranges by kernel version, where they changed; `range` holds what applies once a version is chosen.
        var bounds: [Bounds] = []
        var defaults: [Default]
        /// The kernel option the default depends on, where it is no constant.
        var configuration: String?
        /// The default by what that option is (`y`, `m`, `off`); empty where the option's own value is the default.
        var configurationValues: [String: String] = [:]
        /// Whether the option's own value is the default.
        var takesConfiguration = false
        /// Words on the kernel's command line that change the default.
        var parameters: [String]
        /// The first and the first missing kernel version that has the setting.
        var since: DottedVersion?
        var until: DottedVersion?
        /// A value that the kernel never takes back.
        var latch: Int64?
        /// The security module that owns the setting.
        var lsm: String?
    }

    /// What a write to one setting does to another.
    struct Effect: Sendable {
        var source: String
        var target: String
        var isInverted: Bool
        /// Whether the kernel also does it when the write changed nothing.
        var onEveryWrite: Bool
    }

    /// A parameter that decides a setting whatever is written.
    struct Switch: Sendable {
        var parameter: String
        var path: String
        var value: String
    }

    /// A service that writes a setting after systemd-sysctl.
    struct Service: Sendable {
        var unit: String
        var option: [String]
        var path: String
        var value: String
    }

    private(set) var keys: [String: Key] = [:]
    private(set) var aliases: [String: String] = [:]
    private(set) var effects: [Effect] = []
    private(set) var parameterNames: [String: String] = [:]
    private(set) var switches: [Switch] = []
    private(set) var services: [Service] = []
    private(set) var flavours: Set<String> = []
    /// Directives of systemd-sysctl.service that do not keep it from its work, and its conditions that hold.
    private var harmlessDirectives: Set<String> = []
    private var harmlessConditions: Set<String> = []
    /// The first kernel that reads `sysctl.*` on its command line.
    private(set) var parametersSince: DottedVersion?

    /// The settings whose value depends on the order of writes to others.
    private(set) var entangled: Set<String> = []

    /// Decodes the two tables.
    init(_ knowledge: Knowledge) throws(DataError) {
        let defaults = try KnowledgeTable(knowledge, "sysctl-defaults")
        try defaults.root.allow(["setting"])
        for row in try defaults.rows("setting") {
            let key = try Self.key(row)
            for path in Self.paths(try row.text("name")) {
                var key = key
                key.path = path
                guard keys.updateValue(key, forKey: path) == nil else {
                    throw row.error("\(SysctlSpelling.key(path)) stands twice")
                }
            }
        }
        let kernel = try KnowledgeTable(knowledge, "sysctl-kernel")
        try kernel.root.allow(
            [
                "flavours", "parameters-since", "unit-directives", "unit-conditions", "alias", "effect", "parameter",
                "switch", "service",
            ])
        flavours = Set(try kernel.root.texts("flavours"))
        harmlessDirectives = Set(try kernel.root.texts("unit-directives"))
        harmlessConditions = Set(try kernel.root.texts("unit-conditions"))
        parametersSince = try kernel.root.version("parameters-since")
        for row in try kernel.rows("alias") {
            try row.allow(["name", "same-as", "source"])
            aliases[SysctlSpelling.path(try row.text("name"))] = SysctlSpelling.path(try row.text("same-as"))
        }
        for row in try kernel.rows("effect") {
            try row.allow(["name", "sets", "to", "on", "source"])
            let effect = Effect(
                source: SysctlSpelling.path(try row.text("name")), target: SysctlSpelling.path(try row.text("sets")),
                isInverted: try row.choice("to", ["same": false, "inverse": true]),
                onEveryWrite: try row.choice("on", ["change": false, "write": true]))
            effects.append(effect)
            entangled.formUnion([effect.source, effect.target])
        }
        entangled.formUnion(aliases.values)
        for row in try kernel.rows("parameter") {
            try row.allow(["name", "sets"])
            parameterNames[try row.text("name")] = SysctlSpelling.path(try row.text("sets"))
        }
        for row in try kernel.rows("switch") {
            try row.allow(["parameter", "sets", "value", "source"])
            switches.append(
                Switch(
                    parameter: try row.text("parameter"), path: SysctlSpelling.path(try row.text("sets")),
                    value: try row.text("value")))
        }
        for row in try kernel.rows("service") {
            try row.allow(["unit", "option", "sets", "value", "source"])
            services.append(
                Service(
                    unit: try row.text("unit"), option: try row.texts("option"),
                    path: SysctlSpelling.path(try row.text("sets")), value: try row.text("value")))
        }
    }

    /// Why a directive leaves it open whether systemd-sysctl.service does its work; nil where it does not matter.
    func objection(_ section: String, _ directive: String, _ value: String?) -> String? {
        if directive.hasPrefix("X-") || value?.isEmpty == true { return nil }
        switch section {
        case "Unit":
            guard directive.hasPrefix("Condition") || directive.hasPrefix("Assert") || directive == "Requisite" else {
                return nil
            }
            if let value, harmlessConditions.contains("\(directive)=\(value)") { return nil }
            return "starts on a condition that cannot be judged"
        case "Service":
            if harmlessDirectives.contains(directive) { return nil }
            return "has a directive that could keep it from writing below /proc/sys: \(directive)"
        default: return nil
        }
    }

    /// The path under which a setting's value is kept.
    func storage(_ path: String) -> String { aliases[path] ?? path }

    /// Every path that names a setting of the table, aliases included.
    var paths: [String] { Array(keys.keys) + aliases.keys.filter { keys[$0] == nil } }

    private static func key(_ row: KnowledgeTable.Row) throws(DataError) -> Key {
        try row.allow([
            "name", "kind", "range", "ranges", "default", "defaults", "kconfig", "kconfig-values", "kconfig-as-is",
            "lsm",
            "latch", "since", "until", "parameters",
            "source",
        ])
        var key = Key(
            path: "", kind: .integer, range: nil, defaults: [], configuration: try row.optionalText("kconfig"),
            parameters: try row.texts("parameters"), since: try row.version("since"), until: try row.version("until"),
            latch: nil, lsm: nil)
        if let kind = try row.optionalText("kind") {
            guard let known = Kind(rawValue: kind) else { throw row.error("kind is integer, list or text") }
            key.kind = known
        }
        key.lsm = try row.optionalText("lsm")
        if key.kind == .integer { key.range = Int64(Int32.min)...Int64(Int32.max) }
        if let range = try range(row, "range") { key.range = range }
        for step in try row.rows("ranges") {
            try step.allow(["range", "since", "until"])
            guard let range = try range(step, "range") else { throw step.error("a range is missing") }
            key.bounds.append(
                Bounds(range: range, since: try step.version("since"), until: try step.version("until")))
        }
        key.latch = try row.optionalInteger("latch")
        key.takesConfiguration = row.node["kconfig-as-is"]?.boolean == true
        for entry in row.node["kconfig-values"]?.entries ?? [] {
            guard ["y", "m", "off"].contains(entry.key), let number = entry.node.integer else {
                throw row.error("kconfig-values gives a number for y, m or off")
            }
            key.configurationValues[entry.key] = String(number)
        }
        guard key.configuration != nil || (key.configurationValues.isEmpty && !key.takesConfiguration) else {
            throw row.error("kconfig-values needs kconfig")
        }
        if let value = try row.optionalScalar("default") {
            key.defaults = [Default(value: value, since: nil, until: nil)]
        }
        for step in try row.rows("defaults") {
            try step.allow(["value", "since", "until"])
            guard let value = try step.optionalScalar("value") else { throw step.error("a default needs a value") }
            key.defaults.append(
                Default(value: value, since: try step.version("since"), until: try step.version("until")))
        }
        guard try row.optionalText("source") != nil else { throw row.error("a setting needs its source") }
        guard key.configuration == nil || key.defaults.allSatisfy({ $0.since != nil || $0.until != nil }) else {
            throw row.error("a default is a constant or depends on the configuration, not both for one version")
        }
        return key
    }

    private static func range(
        _ row: KnowledgeTable.Row, _ name: String
    ) throws(DataError) -> ClosedRange<Int64>? {
        let range = try row.integers(name)
        if range.isEmpty { return nil }
        guard range.count == 2, range[0] <= range[1] else { throw row.error("\(name) is [lowest, highest]") }
        return range[0]...range[1]
    }

    /// The table for one kernel: where its version is not known, only what every candidate accepts is accepted.
    func resolved(_ version: DottedVersion?) -> SysctlTable {
        var table = self
        for (path, key) in keys where !key.bounds.isEmpty {
            let candidates = key.bounds.filter { KernelPeriod.contains(version, $0.since, $0.until) != false }
            let lowest = candidates.map(\.range.lowerBound).max() ?? 0
            let highest = candidates.map(\.range.upperBound).min() ?? 0
            table.keys[path]?.range = lowest...max(lowest, highest)
        }
        return table
    }

    /// The paths of a name with one group of alternatives (`net.ipv4.conf.{all,default}.rp_filter`).
    private static func paths(_ name: String) -> [String] {
        guard let open = name.firstIndex(of: "{"), let close = name.firstIndex(of: "}"), open < close else {
            return [SysctlSpelling.path(name)]
        }
        return name[name.index(after: open)..<close].split(separator: ",").map { part in
            SysctlSpelling.path(String(name[..<open]) + part + name[name.index(after: close)...])
        }
    }
}

/// A span of kernel versions.
enum KernelPeriod {
    /// Whether a version lies from `since` up to, not including, `until`; nil when the version is not known.
    static func contains(_ version: DottedVersion?, _ since: DottedVersion?, _ until: DottedVersion?) -> Bool? {
        guard since != nil || until != nil else { return true }
        guard let version else { return nil }
        if let since, version < since { return false }
        if let until, version >= until { return false }
        return true
    }
}
