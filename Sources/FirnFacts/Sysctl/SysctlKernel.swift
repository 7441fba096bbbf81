import FirnModel
import FirnParsing

/// A kernel's settings while they are written, one write after the other.
///
/// Some writes change other settings (`net.ipv4.ip_forward` turns `accept_redirects` round), some are refused, and some
/// cannot be taken back; so the state after all writes is found by making them, in order.
struct SysctlKernel: Sendable {
    /// The value of one setting.
    enum Value: Sendable, Hashable {
        case known(String)
        case unknown(String)

        var isKnown: Bool {
            if case .known = self { true } else { false }
        }
    }

    /// A value and where it comes from.
    struct Slot: Sendable, Hashable {
        var value: Value
        var evidence: [Evidence]
        /// Whether nothing has written it.
        var isDefault = false
    }

    /// What is known of the kernel.
    struct Identity: Sendable {
        var version: DottedVersion?
        var versionText: String?
        /// Why its defaults are not the mainline constants; nil when they are.
        var distrust: String?
        /// Whether it is another system's kernel, so that its version is nobody's business here.
        var isForeign = false
        /// The words on its command line.
        var parameters: [String] = []
        /// Its configuration, where the target holds it.
        var configuration: KernelConfiguration?
    }

    let table: SysctlTable
    let identity: Identity
    private(set) var slots: [String: Slot] = [:]
    /// Settings of the command line, which a glob may reach though the table does not know them.
    private var extra: Set<String> = []

    /// Creates a kernel as it is before the first write.
    init(table: SysctlTable, identity: Identity) {
        self.table = table.resolved(identity.version)
        self.identity = identity
        for (path, key) in table.keys { slots[path] = initial(key) }
    }

    // MARK: - Before the first write

    private func initial(_ key: SysctlTable.Key) -> Slot {
        let name = SysctlSpelling.key(key.path)
        func unknown(_ reason: String) -> Slot { Slot(value: .unknown(reason), evidence: [], isDefault: true) }
        let unset = "\(name) is set in no file"
        if let distrust = identity.distrust { return unknown("\(unset), and \(distrust)") }
        if let reason = missingReason(key) { return unknown(reason) }
        if let parameter = key.parameters.first(where: { parameter in
            identity.parameters.contains { $0 == parameter || $0.hasPrefix(parameter + "=") }
        }) {
            return unknown("\(unset), and \(parameter) on the kernel's command line changes the default")
        }
        for step in key.defaults {
            guard isWithin(step.since, step.until) == true else { continue }
            let kernel = identity.versionText.map { "Linux \($0)" } ?? "Linux"
            return Slot(
                value: .known(step.value),
                evidence: [Evidence(path: kernel, text: "\(name) = \(step.value): kernel default, set in no file")],
                isDefault: true)
        }
        if let configuration = key.configuration {
            if let slot = configured(key, configuration) { return slot }
            return unknown("\(unset); the default depends on \(configuration), which this target does not show")
        }
        return unknown("\(unset), and its default in this kernel is not known")
    }

    /// The default that the kernel's configuration gives; nil where it is not there or does not decide.
    private func configured(_ key: SysctlTable.Key, _ option: String) -> Slot? {
        guard let configuration = identity.configuration else { return nil }
        let text: String?
        switch configuration.value(option) {
        case .integer(let number) where key.takesConfiguration: text = String(number)
        case .string(let word) where key.takesConfiguration && key.kind == .text: text = word
        case .string(let word) where word == "y" || word == "m": text = key.configurationValues[word]
        case nil: text = key.configurationValues["off"]
        default: text = nil
        }
        guard let text else { return nil }
        var evidence = configuration.evidence(option)
        let name = SysctlSpelling.key(key.path)
        evidence.text = "\(evidence.text ?? option): \(name) = \(text) by default, set in no file"
        return Slot(value: .known(text), evidence: [evidence], isDefault: true)
    }

    /// Why the kernel may not have the setting at all; nil when it has.
    private func missingReason(_ key: SysctlTable.Key) -> String? {
        if identity.isForeign { return nil }
        if let module = key.lsm, let list = identity.parameters.last(where: { $0.hasPrefix("lsm=") }),
            !list.dropFirst(4).split(separator: ",").contains(module[...])
        {
            return
                "\(list) on the kernel's command line leaves out \(module), which owns \(SysctlSpelling.key(key.path))"
        }
        switch isWithin(key.since, key.until) {
        case true?: return nil
        case nil: return "the kernel's version is not known, and not every version has \(SysctlSpelling.key(key.path))"
        case false?:
            let version = identity.versionText ?? "?"
            return "Linux \(version) has no \(SysctlSpelling.key(key.path)), or only as a backport"
        }
    }

    private func isWithin(_ since: DottedVersion?, _ until: DottedVersion?) -> Bool? {
        KernelPeriod.contains(identity.version, since, until)
    }

    // MARK: - Interfaces

    /// What an IPv4 interface gets that no file names, by path (`net/ipv4/conf/*/rp_filter`).
    ///
    /// A glob over all interfaces is written to those that are there at boot, and udev has it written to each new one
    /// (99-systemd.rules). Without such a glob an interface takes the value of `default`, the moment that is written
    /// (net/ipv4/devinet.c, `devinet_copy_dflt_conf`). Forwarding goes by `all` and is left out.
    func interfaces(_ plan: SysctlPlan) -> [String: Slot] {
        var globs: [(glob: SysctlGlob, setting: SysctlPlan.Setting, value: String)] = []
        var isClear = !plan.hasHidden
        for case .setting(let setting) in plan.steps where setting.isGlob {
            guard let value = setting.value else { continue }
            if let glob = SysctlGlob(setting.path) {
                globs.append((glob, setting, value))
            } else {
                isClear = false
            }
        }
        var result: [String: Slot] = [:]
        for (path, slot) in slots {
            let prefix = "net/ipv4/conf/default/"
            guard path.hasPrefix(prefix), !table.entangled.contains(path) else { continue }
            let any = "net/ipv4/conf/*/" + path.dropFirst(prefix.utf8.count)
            var values: Set<SysctlValue.Reading> = []
            result[any] = slot
            for (glob, setting, value) in globs {
                let isForAny = glob.matches(any)
                guard isForAny || (glob.matches(path) && !plan.isExplicit(path)) else { continue }
                values.insert(SysctlValue.parsed(value, table.keys[path]))
                guard isForAny, case .accepted(let accepted)? = values.first else { continue }
                result[any] = Slot(value: .known(accepted), evidence: [setting.evidence])
            }
            // Several globs with several values reach early and late interfaces in different order.
            let isAccepted = values.allSatisfy { if case .accepted = $0 { true } else { false } }
            if !isClear || values.count > 1 || !isAccepted {
                result[any] = Slot(
                    value: .unknown("what the files set for an interface depends on when it appears, or is not known"),
                    evidence: result[any]?.evidence ?? [])
            }
        }
        return result
    }

    // MARK: - Writes

    /// Makes all writes of a plan, as one run of systemd-sysctl.
    mutating func apply(_ plan: SysctlPlan) {
        for step in plan.steps {
            switch step {
            case .hidden(let reason, let evidence): hide(reason, evidence)
            case .untold(let paths, let reason, let evidence):
                for path in paths { forget(path, reason, [evidence]) }
            case .setting(let setting): apply(setting, plan)
            }
        }
        guard plan.hasHidden else { return }
        // The unreadable file may have written either side of these in any order.
        for path in table.entangled {
            forget(path, "a file that cannot be read may set it or what it depends on", slots[path]?.evidence ?? [])
        }
    }

    private mutating func apply(_ setting: SysctlPlan.Setting, _ plan: SysctlPlan) {
        guard let value = setting.value else { return }
        let evidence = [setting.evidence] + setting.replaced.map(Self.replaced)
        guard setting.isGlob else {
            write(setting.path, value, evidence)
            return
        }
        guard let glob = SysctlGlob(setting.path) else {
            hide("a glob is not understood", setting.evidence)
            return
        }
        let paths = Set(table.paths).union(extra).filter { !plan.isExplicit($0) && glob.matches($0) }
        // The kernel lists a directory in byte order, and systemd writes in the order of the listing.
        for path in paths.sorted(by: Self.precedes) { write(path, value, evidence) }
    }

    private static func replaced(_ evidence: Evidence) -> Evidence {
        Evidence(
            path: evidence.path, line: evidence.line, text: (evidence.text ?? "") + " (replaced by a later assignment)")
    }

    static func precedes(_ left: String, _ right: String) -> Bool {
        let left = left.split(separator: "/").map(String.init)
        let right = right.split(separator: "/").map(String.init)
        return left.lexicographicallyPrecedes(right) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A write by the kernel itself, from its command line.
    mutating func writeParameter(_ path: String, _ text: String, _ evidence: [Evidence]) {
        extra.insert(path)
        write(path, text, evidence)
    }

    /// One write to `/proc/sys`.
    mutating func write(_ path: String, _ text: String, _ evidence: [Evidence]) {
        let storage = table.storage(path)
        let key = table.keys[storage] ?? table.keys[path]
        let old = slots[storage]
        if let key, let reason = missingReason(key) {
            slots[storage] = Slot(value: .unknown(reason), evidence: evidence)
            return
        }
        let name = SysctlSpelling.key(path)
        switch SysctlValue.parsed(text, key) {
        case .accepted(let value):
            if let key, let latch = key.latch, case .known(let current)? = old?.value, current == String(latch),
                value != current
            {
                // The first of the two writes holds; the evidence shows both.
                slots[storage]?.evidence += evidence
                return
            }
            slots[storage] = Slot(value: .known(value), evidence: evidence)
            propagate(from: storage, old: old?.value, new: value, evidence)
        case .refused(let value, let why):
            // A refused value that the setting has anyway changes nothing.
            if case .known(let current)? = old?.value, let value, current == value {
                slots[storage] = Slot(value: .known(value), evidence: evidence)
                return
            }
            var kept = "what it has"
            if case .known(let current)? = old?.value { kept = current }
            slots[storage] = Slot(
                value: .unknown("the kernel refuses \"\(text.prefix(80))\" for \(name), \(why), and keeps \(kept)"),
                evidence: evidence)
        }
    }

    private mutating func propagate(from source: String, old: Value?, new: String, _ evidence: [Evidence]) {
        for effect in table.effects where effect.source == source {
            let target = table.storage(effect.target)
            let value = effect.isInverted ? (new == "0" ? "1" : "0") : new
            let isChange: Bool?
            if case .known(let before)? = old { isChange = before != new } else { isChange = nil }
            if case .known(let current)? = slots[target]?.value, current == value {
                // Whether or not the kernel acts, it stays what it is.
                continue
            }
            switch isChange {
            case true?: slots[target] = Slot(value: .known(value), evidence: evidence)
            case false? where !effect.onEveryWrite: continue
            default:
                // systemd since 247 leaves out a write of the value that is there; the kernel acts on each write.
                let reason =
                    "whether writing \(SysctlSpelling.key(source)) changes \(SysctlSpelling.key(target)) depends on "
                    + "what was there before"
                forget(target, reason, evidence)
            }
        }
    }

    /// Sets a value without asking the kernel: the setting stands for something else.
    mutating func override(_ path: String, _ value: String, _ evidence: [Evidence]) {
        slots[table.storage(path)] = Slot(value: .known(value), evidence: evidence)
    }

    private mutating func hide(_ reason: String, _ evidence: Evidence) {
        for path in slots.keys { forget(path, reason, [evidence]) }
    }

    /// Marks a setting as not known from here on.
    mutating func forget(_ path: String, _ reason: String, _ evidence: [Evidence]) {
        slots[table.storage(path)] = Slot(value: .unknown(reason), evidence: evidence)
    }
}

/// A value as the kernel would understand it.
enum SysctlValue {
    /// What the kernel does with a text.
    enum Reading: Sendable, Hashable {
        /// It keeps this value.
        case accepted(String)
        /// It refuses, and why; with the number where it was one.
        case refused(String?, String)
    }

    /// Reads a text for a setting; for a setting that is not in the table only plain decimal numbers are normalised.
    static func parsed(_ text: String, _ key: SysctlTable.Key?) -> Reading {
        guard let key else { return .accepted(blanksJoined(text)) }
        switch key.kind {
        case .text: return .accepted(text)
        case .integer:
            // The kernel reads one number and leaves what follows a blank.
            guard let word = words(text).first else { return .refused(nil, "which is no number") }
            return number(word, key.range).map { .accepted(String($0)) } ?? refusal(word, key.range)
        case .list:
            var numbers: [String] = []
            for word in words(text) {
                guard let value = number(word, key.range) else { return refusal(word, key.range) }
                numbers.append(String(value))
            }
            return numbers.isEmpty ? .refused(nil, "which is no number") : .accepted(numbers.joined(separator: " "))
        }
    }

    private static func refusal(_ word: Substring, _ range: ClosedRange<Int64>?) -> Reading {
        guard let value = number(word, nil) else { return .refused(nil, "which is no number") }
        let shown = range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "32 bits"
        return .refused(String(value), "which is outside \(shown)")
    }

    /// A number as `proc_dointvec` reads it: decimal, 0x hexadecimal or 0 octal, 32 bits with a sign, at most 21
    /// characters (kernel/sysctl.c, `proc_get_long`).
    static func number(_ word: some StringProtocol, _ range: ClosedRange<Int64>?) -> Int64? {
        var digits = Array(word.utf8)
        guard digits.count <= 21 else { return nil }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        var radix: Int64 = 10
        if digits.count > 2, digits[0] == UInt8(ascii: "0"),
            digits[1] == UInt8(ascii: "x") || digits[1] == UInt8(ascii: "X")
        {
            radix = 16
            digits.removeFirst(2)
        } else if digits.count > 1, digits[0] == UInt8(ascii: "0") {
            radix = 8
        }
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            let digit: Int64
            switch byte {
            case 0x30...0x39: digit = Int64(byte) - 0x30
            case 0x41...0x46: digit = Int64(byte) - 0x41 + 10
            case 0x61...0x66: digit = Int64(byte) - 0x61 + 10
            default: return nil
            }
            guard digit < radix else { return nil }
            value = value * radix + digit
            guard value <= Int64(UInt32.max) else { return nil }
        }
        if isNegative { value = -value }
        // Without a table entry's range an unsigned 32-bit setting is still a number.
        guard let range else { return value >= Int64(Int32.min) ? value : nil }
        return range.contains(value) ? value : nil
    }

    private static func words(_ text: String) -> [Substring] {
        text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
    }

    private static func blanksJoined(_ text: String) -> String {
        let words = words(text)
        guard words.count > 1, words.allSatisfy({ Int64($0) != nil }) else { return text }
        return words.joined(separator: " ")
    }
}
