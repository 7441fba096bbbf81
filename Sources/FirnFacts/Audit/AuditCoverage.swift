import FirnModel
import FirnParsing

/// Whether events are audited: the kernel asks the rules of a list in order, and the first that matches decides.
struct AuditCoverage {
    /// One kind of event: a system call of a machine under conditions.
    struct Event: Sendable, Hashable {
        var machine: AuditMachine
        /// The system call; nil where the conditions alone pick the event.
        var syscall: Int?
        var fields: [AuditRule.Field]
        /// The program that is run, by its name in the store; then `fields` has no path.
        var program: String?
    }

    /// What becomes of an event.
    enum Verdict: Sendable, Hashable {
        case audited(AuditLoad.Loaded)
        case suppressed(AuditLoad.Loaded)
        case missing
    }

    let rules: [AuditLoad.Loaded]
    let knowledge: AuditKnowledge

    init(_ rules: [AuditLoad.Loaded], _ knowledge: AuditKnowledge) {
        self.rules = rules
        self.knowledge = knowledge
    }

    private var names: AuditNames { knowledge.names }

    private func isDirectory(_ path: String) -> Bool { knowledge.directories.contains(path) }

    /// Whether `perm=` can mean a system call; yes where it is not told.
    private func means(_ bits: UInt32, _ call: String) -> Bool {
        knowledge.permissions.contains { bits & $0.bit != 0 && $0.calls.contains(call) }
    }

    /// The events a rule asks for, over the machines it names or all of them.
    func events(_ rule: AuditRule, program: String? = nil) -> [Event] {
        let machines = rule.machine.map { [$0] } ?? [names.native, names.native.narrow]
        var result: [Event] = []
        for machine in machines {
            switch rule.syscalls {
            case .all: result.append(Event(machine: machine, syscall: nil, fields: rule.fields, program: program))
            case .some(let numbers):
                result += numbers.sorted().map {
                    Event(machine: machine, syscall: $0, fields: rule.fields, program: program)
                }
            }
        }
        return result
    }

    func verdict(_ event: Event) -> Verdict {
        let recorder = rules.firstIndex {
            $0.rule.list == .exit && $0.rule.action == .always && covers($0.rule, event)
        }
        guard let recorder else { return .missing }
        for loaded in rules where loaded.rule.list == .task && loaded.rule.action == .never {
            if !isDisjoint(event.fields, loaded.rule.fields) { return .suppressed(loaded) }
        }
        for loaded in rules where loaded.rule.list == .exclude {
            if drops(loaded.rule, event) { return .suppressed(loaded) }
        }
        for loaded in rules[..<recorder] where loaded.rule.list == .exit && loaded.rule.action == .never {
            if touches(loaded.rule, event), !Self.isForDaemon(loaded.rule) { return .suppressed(loaded) }
        }
        return .audited(rules[recorder])
    }

    /// An earlier rule that takes everything from a later one; nil where some of it is left.
    func shadow(of index: Int) -> AuditLoad.Loaded? {
        let own = rules[index].rule
        guard own.list == .exit, own.action == .always else { return nil }
        let events = events(own)
        for loaded in rules where loaded.rule.list == .task && loaded.rule.action == .never {
            if loaded.rule.fields.isEmpty { return loaded }
        }
        for loaded in rules where loaded.rule.list == .exclude {
            let others = loaded.rule.fields.filter { $0.name != "msgtype" }
            if hasMessage(loaded.rule, 1300), others.allSatisfy({ implies(own.fields, $0, event: nil) }) {
                return loaded
            }
        }
        for loaded in rules[..<index] where loaded.rule.list == .exit && loaded.rule.action == .never {
            if events.allSatisfy({ covers(loaded.rule, $0) }) { return loaded }
        }
        return nil
    }

    /// A rule that keeps a known service quiet: nobody who logged in, one account of a service or one program.
    private static func isForDaemon(_ rule: AuditRule) -> Bool {
        let noLogin = rule.fields.contains {
            $0.name == "auid" && $0.comparison == .equal && $0.value == .number(.max)
        }
        return noLogin
            && rule.fields.contains { field in
                switch field.name {
                case "uid", "euid": field.comparison == .equal && field.value != .number(0)
                case "exe": field.comparison == .equal
                default: false
                }
            }
    }

    // MARK: Comparing

    /// Whether a rule matches every such event.
    func covers(_ rule: AuditRule, _ event: Event) -> Bool {
        guard matchesMachine(rule, event) else { return false }
        switch (rule.syscalls, event.syscall) {
        case (.all, _): break
        case (.some(let numbers), let number?): guard numbers.contains(number) else { return false }
        case (.some(let numbers), nil):
            // A watch for execution is the system calls that execute.
            let table = names.syscalls[event.machine] ?? [:]
            let bits = AuditRule(list: .exit, action: .always, fields: event.fields).permissions
            guard bits == 1, let execve = table["execve"], let execveat = table["execveat"],
                numbers.isSuperset(of: [execve, execveat])
            else { return false }
        }
        return rule.fields.allSatisfy { implies(event.fields, $0, event: event) }
    }

    private func matchesMachine(_ rule: AuditRule, _ event: Event) -> Bool {
        if let machine = rule.machine { return (machine == event.machine) != rule.isOtherMachine }
        // Without arch the numbers are those of the native machine, and mean other calls on the other.
        return rule.syscalls == .all || event.machine == names.native
    }

    /// Whether everything under some conditions meets one more.
    private func implies(_ given: [AuditRule.Field], _ field: AuditRule.Field, event: Event?) -> Bool {
        if given.contains(field) { return true }
        switch field.name {
        case "perm":
            guard case .number(let bits) = field.value else { return false }
            if let own = AuditRule(list: .exit, action: .always, fields: given).permissions {
                return own & ~bits == 0
            }
            guard bits & 1 != 0, let number = event?.syscall, let machine = event?.machine else { return false }
            return ["execve", "execveat"].contains(names.syscallName(number, machine))
        case "path", "dir":
            guard case .text(let path) = field.value else { return false }
            if let program = event?.program {
                return path.hasPrefix("/nix/store/") && AuditPath.name(path) == program && field.name == "path"
            }
            guard let own = AuditRule(list: .exit, action: .always, fields: given).path else { return false }
            if field.name == "dir" { return AuditPath.isAtOrBelow(own, path) }
            if AuditPath.normal(own) == AuditPath.normal(path) { return true }
            return isDirectory(AuditPath.normal(path)) && AuditPath.isAtOrBelow(own, path) && !path.hasSuffix("/")
        case "exe":
            guard case .text(let path) = field.value, let program = event?.program else { return false }
            return field.comparison == .equal && path.hasPrefix("/nix/store/") && AuditPath.name(path) == program
        case "success":
            // Errors are the last 4095 numbers (linux/err.h).
            let failed = AuditDomain("exit", in: given)
            if case .number(0) = field.value, field.comparison == .equal, failed.low >= 0xffff_f001 { return true }
            return AuditDomain(field.name, in: given).implies(field)
        default:
            return AuditDomain(field.name, in: given).implies(field)
        }
    }

    /// Whether a rule may match some of the events: anything but a proof of the contrary.
    func touches(_ rule: AuditRule, _ event: Event) -> Bool {
        guard matchesMachine(rule, event) else { return false }
        if case .some(let numbers) = rule.syscalls {
            if let number = event.syscall {
                if !numbers.contains(number) { return false }
            } else if AuditRule(list: .exit, action: .always, fields: event.fields).permissions == 1 {
                let table = names.syscalls[event.machine] ?? [:]
                if !["execve", "execveat"].contains(where: { table[$0].map(numbers.contains) ?? false }) {
                    return false
                }
            }
        }
        if let number = event.syscall {
            let call = names.syscallName(number, event.machine)
            if let bits = rule.permissions, !means(bits, call) { return false }
            if rule.path != nil, knowledge.withoutFiles.contains(call) { return false }
        }
        return !isDisjoint(event.fields, rule.fields, program: event.program)
    }

    private func isDisjoint(
        _ one: [AuditRule.Field], _ two: [AuditRule.Field], program: String? = nil
    ) -> Bool {
        let left = AuditRule(list: .exit, action: .always, fields: one)
        let right = AuditRule(list: .exit, action: .always, fields: two)
        if let first = left.permissions, let second = right.permissions, first & second == 0 { return true }
        if let first = left.path, let second = right.path {
            let isTree = { (rule: AuditRule, path: String) in
                rule.fields.contains { $0.name == "dir" } || (rule.isWatch && isDirectory(path)) || isDirectory(path)
            }
            let (first, second) = (AuditPath.normal(first), AuditPath.normal(second))
            let meets =
                first == second || (isTree(left, first) && AuditPath.isAtOrBelow(second, first))
                || (isTree(right, second) && AuditPath.isAtOrBelow(first, second))
            if !meets { return true }
        } else if let program, let second = right.path {
            let isTree = right.fields.contains { $0.name == "dir" }
            if isTree
                ? !AuditPath.isAtOrBelow("/nix/store", second) && !second.hasPrefix("/nix/store")
                : AuditPath.name(second) != program
            {
                return true
            }
        }
        let numbered = Set((one + two).map(\.name)).subtracting(["path", "dir", "exe", "perm"])
        for name in numbered where !name.contains(":") {
            guard !(AuditDomain(name, in: one).isEmpty || AuditDomain(name, in: two).isEmpty) else { return true }
            if AuditDomain(name, in: one + two).isEmpty { return true }
        }
        return false
    }

    // MARK: Records that are dropped

    private func hasMessage(_ rule: AuditRule, _ type: UInt32) -> Bool {
        rule.fields.filter { $0.name == "msgtype" }.allSatisfy { field in
            AuditDomain("msgtype", in: [AuditRule.Field("msgtype", .equal, .number(type))]).implies(field)
        }
    }

    private func drops(_ rule: AuditRule, _ event: Event) -> Bool {
        // SYSCALL says who and what; PATH says which file.
        let hasPath = event.fields.contains { ["path", "dir", "perm"].contains($0.name) } || event.program != nil
        guard hasMessage(rule, 1300) || (hasPath && hasMessage(rule, 1302)) else { return false }
        let others = rule.fields.filter { $0.name != "msgtype" }
        return !isDisjoint(event.fields, others) && !Self.isForDaemon(rule)
    }
}
