public import FirnModel
public import FirnParsing

/// How exposed a service is, scored as `systemd-analyze security` scores it.
public struct UnitExposure: Sendable, Hashable {
    /// A score.
    public struct Score: Sendable, Hashable, CustomStringConvertible {
        /// 0 (perfect) to 100 (nothing is restricted); a tenth of it is shown.
        public var exposure: Int
        /// The word for it: UNSAFE, EXPOSED, MEDIUM, OK, ...
        public var level: String
        /// What each setting adds, in the order of the table: its name, how bad it is, of how much; nil where the
        /// setting says nothing about the service.
        public var rows: [Row]

        /// `9.6 UNSAFE`.
        public var description: String { "\(exposure / 10).\(exposure % 10) \(level)" }
    }

    /// What one setting adds.
    public struct Row: Sendable, Hashable {
        /// The setting, as systemd-analyze names it.
        public var id: String
        /// How bad it is, 0 to `range`; nil where the setting says nothing about the service.
        public var badness: Int?
        /// The worst it can be.
        public var range: Int
        /// Its weight.
        public var weight: Int
    }

    private struct Setting: Sendable, Hashable {
        var id: String
        var assessment: UnitAssessment
        var weight: Int
        var range: Int
        var defaultDependenciesOnly: Bool
    }

    private struct Implied: Sendable, Hashable {
        var setting: String
        var removes: UInt64
        var sets: [String]
    }

    /// The names that values are made of.
    public let vocabulary: SandboxVocabulary
    private let settings: [Setting]
    private let implied: [Implied]
    private let levels: [(atLeast: Int, name: String)]
    private let numbersOfClass: [SandboxVocabulary.FamilyClass: Set<Int>]

    /// Decodes `profiles/knowledge/unit-exposure.toml`. `systemd` is the first number of the target's version; without
    /// one, all values that any systemd knows count.
    public init(_ knowledge: Knowledge, systemd: Int? = nil) throws(DataError) {
        let table = try KnowledgeTable(knowledge, "unit-exposure")
        let root = table.root
        try root.allow([
            "total-weight", "level", "capabilities", "setting", "value", "implied", "families", "native", "calls",
        ])
        var words = SandboxVocabulary()
        for (number, name) in try root.texts("capabilities").enumerated() {
            guard words.capabilities.updateValue(number, forKey: name) == nil, number < 63 else {
                throw root.error("\(name) stands twice")
            }
        }
        numbersOfClass = try Self.readFamilies(root, into: &words)
        try Self.readCalls(root, into: &words)
        var native = CallSet()
        for name in try root.table("native").texts("x86_64") {
            guard let place = words.calls[name] else { throw root.error("\(name) is in no set of calls") }
            native.insert(place)
        }

        var settings: [Setting] = []
        for row in try root.rows("setting") {
            try row.allow([
                "id", "assess", "weight", "range", "default-dependencies-only", "setting", "capabilities", "families",
                "namespace", "calls",
            ])
            let assessment = try Self.assessment(row, words: words, native: native)
            if case .on(let directive) = assessment { words.switches.insert(directive) }
            settings.append(
                Setting(
                    id: try row.text("id"), assessment: assessment, weight: try row.integer("weight"),
                    range: try row.integer("range"),
                    defaultDependenciesOnly: row.node["default-dependencies-only"]?.boolean ?? false))
        }
        words.switches.formUnion(["DynamicUser", "RemoveIPC"])
        guard settings.reduce(0, { $0 + $1.weight }) == (try root.integer("total-weight")),
            settings.allSatisfy({ $0.weight > 0 && $0.range > 0 })
        else { throw root.error("the weights do not add up to total-weight") }
        for row in try root.rows("value") {
            try row.allow(["setting", "name", "since"])
            if let systemd, try row.integer("since") > systemd { continue }
            words.switchValues[try row.text("setting"), default: []].insert(try row.text("name"))
        }
        var implied: [Implied] = []
        for row in try root.rows("implied") {
            try row.allow(["setting", "removes", "sets"])
            let removes = try Self.capabilities(row, "removes", words)
            implied.append(
                Implied(setting: try row.text("setting"), removes: removes, sets: try row.texts("sets")))
        }
        var levels: [(atLeast: Int, name: String)] = []
        for row in try root.rows("level") {
            try row.allow(["at-least", "name"])
            levels.append((try row.integer("at-least"), try row.text("name")))
        }
        guard levels.last?.atLeast == 0, zip(levels, levels.dropFirst()).allSatisfy({ $0.atLeast > $1.atLeast }) else {
            throw root.error("the levels must fall to 0")
        }
        self.settings = settings
        self.implied = implied
        self.levels = levels
        vocabulary = words
    }

    /// What the directives of a service come to.
    public func sandbox(_ unit: SystemdUnit, instance: String = "", isOneFile: Bool = false) -> ServiceSandbox {
        ServiceSandbox(unit, vocabulary: vocabulary, instance: instance, isOneFile: isOneFile)
    }

    /// The score of a unit, its drop-ins merged.
    public func score(_ unit: SystemdUnit) -> Score {
        score(sandbox(unit))
    }

    /// The score of what a service's directives come to.
    public func score(_ sandbox: ServiceSandbox) -> Score {
        let effective = patched(sandbox)
        var sum = 0
        var weights = 0
        var rows: [Row] = []
        rows.reserveCapacity(settings.count)
        for setting in settings {
            var badness = setting.assessment.badness(effective, numbersOfClass: numbersOfClass)
            if setting.defaultDependenciesOnly, !effective.defaultDependencies { badness = nil }
            if let badness {
                sum += Self.ceil(badness * setting.weight, setting.range)
                weights += setting.weight
            }
            rows.append(Row(id: setting.id, badness: badness, range: setting.range, weight: setting.weight))
        }
        let exposure = weights == 0 ? 0 : Self.ceil(sum * 100, weights)
        let level = levels.first { exposure >= $0.atLeast }?.name ?? ""
        return Score(exposure: exposure, level: level, rows: rows)
    }

    private static func ceil(_ number: Int, _ divisor: Int) -> Int { (number + divisor - 1) / divisor }

    /// What some settings do to others before anything is assessed (unit_patch_contexts in unit.c of systemd).
    private func patched(_ sandbox: ServiceSandbox) -> ServiceSandbox {
        var result = sandbox
        for rule in implied where sandbox.isOn(rule.setting) {
            result.boundingSet &= ~rule.removes
            for name in rule.sets { result.switches[name] = true }
        }
        if sandbox.isOn("DynamicUser") {
            result.protectSystem = .strict
            if result.protectHome == .no { result.protectHome = .readOnly }
            if result.user.isEmpty { result.user = "(dynamic)" }
        }
        if sandbox.isOn("PrivateDevices"), result.devicePolicy == .auto { result.devicePolicy = .closed }
        if result.devicePolicy != .auto || !result.devices.isEmpty,
            sandbox.isOn("ProtectClock") || !sandbox.rootImage.isEmpty || sandbox.mountsImages
                || sandbox.hasEncryptedCredential
        {
            result.devices.append("(implied)")
        }
        return result
    }

    /// Two tables are the same where all that was decoded is.
    public static func == (left: UnitExposure, right: UnitExposure) -> Bool {
        left.settings == right.settings && left.implied == right.implied && left.vocabulary == right.vocabulary
    }

    /// Hashes what is decoded.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(settings)
        hasher.combine(implied)
    }
}

extension UnitExposure {
    private static func capabilities(
        _ row: KnowledgeTable.Row, _ key: String, _ words: SandboxVocabulary
    ) throws(DataError) -> UInt64 {
        var set: UInt64 = 0
        for name in try row.texts(key) {
            guard let number = words.capabilities[name] else { throw row.error("\(name) is no capability") }
            set |= 1 << UInt64(number)
        }
        return set
    }

    private static func readFamilies(
        _ root: KnowledgeTable.Row, into words: inout SandboxVocabulary
    ) throws(DataError) -> [SandboxVocabulary.FamilyClass: Set<Int>] {
        let table = try root.table("families")
        let classes: [String: SandboxVocabulary.FamilyClass] = [
            "inet": .inet, "unix": .unix, "netlink": .netlink, "packet": .packet, "other": .other,
        ]
        try table.allow(Set(classes.keys))
        var numbers: [SandboxVocabulary.FamilyClass: Set<Int>] = [:]
        var number = 0
        for (key, familyClass) in classes.sorted(by: { $0.key < $1.key }) {
            let names = try table.texts(key)
            guard !names.isEmpty else { throw table.error("\(key) is missing") }
            // Other names of one family (AF_LOCAL, AF_UNIX) have its number; IPv4, IPv6 and the rest one each.
            let isOneFamily = familyClass != .inet && familyClass != .other
            for name in names {
                if !isOneFamily || name == names[0] { number += 1 }
                words.families[name] = SandboxVocabulary.Family(familyClass, number: number)
                numbers[familyClass, default: []].insert(number)
            }
        }
        return numbers
    }

    private static func readCalls(
        _ root: KnowledgeTable.Row, into words: inout SandboxVocabulary
    ) throws(DataError) {
        let table = try root.table("calls")
        var lists: [String: [String]] = [:]
        for entry in table.node.entries ?? [] {
            guard entry.key.hasPrefix("@") else { throw table.error("\(entry.key) is no set of calls") }
            lists[entry.key] = try table.texts(entry.key)
        }
        for name in lists.values.joined() where !name.hasPrefix("@") && words.calls[name] == nil {
            words.calls[name] = words.calls.count
        }
        func expand(_ name: String, _ depth: Int) throws(DataError) -> CallSet {
            if let done = words.callSets[name] { return done }
            guard let list = lists[name], depth < 8 else { throw table.error("there is no set \(name)") }
            var set = CallSet()
            for member in list {
                if member.hasPrefix("@") {
                    set.formUnion(try expand(member, depth + 1))
                } else if let place = words.calls[member] {
                    set.insert(place)
                }
            }
            words.callSets[name] = set
            return set
        }
        for name in lists.keys.sorted() { _ = try expand(name, 0) }
        guard words.callSets["@default"] != nil else { throw table.error("@default is missing") }
    }

    private static func assessment(
        _ row: KnowledgeTable.Row, words: SandboxVocabulary, native: CallSet
    ) throws(DataError) -> UnitAssessment {
        switch try row.text("assess") {
        case "bool": return .on(try row.text("setting"))
        case "bool-inverted":
            guard try row.text("setting") == "Delegate" else { throw row.error("only Delegate is bad when on") }
            return .delegation
        case "capability-bounding-set":
            let set = try capabilities(row, "capabilities", words)
            guard set != 0 else { throw row.error("capabilities is missing") }
            return .boundingSet(set)
        case "ambient-capabilities": return .ambientCapabilities
        case "device-allow": return .devices
        case "ip-address-allow": return .addresses
        case "keyring-mode": return .keyring
        case "notify-access": return .notifyAccess
        case "proc-subset": return .procSubset
        case "protect-proc": return .protectProc
        case "protect-home": return .protectHome
        case "protect-system": return .protectSystem
        case "remove-ipc": return .removeIPC
        case "restrict-address-families":
            return .families(
                try row.choice(
                    "families",
                    ["inet": .inet, "unix": .unix, "netlink": .netlink, "packet": .packet, "other": .other]))
        case "restrict-namespaces":
            let type = try row.text("namespace")
            guard ServiceSandbox.namespaceTypes.contains(type) else { throw row.error("\(type) is no namespace") }
            return .namespace(type)
        case "root-directory": return .rootDirectory
        case "supplementary-groups": return .supplementaryGroups
        case "system-call-architectures": return .architectures
        case "system-call-filter":
            let name = try row.text("calls")
            guard let set = words.callSets[name] else { throw row.error("there is no set \(name)") }
            return .calls(set.intersection(native))
        case "umask": return .umask
        case "user": return .user
        case let other: throw row.error("\(other) is no kind of assessment")
        }
    }
}
