/// Reads the options of one call of auditctl in the order and with the strictness of auditctl itself (auditctl(8),
/// getopt_long(3)), up to the first refusal.
struct AuditOptionReader {
    let names: AuditNames
    private(set) var controls: [AuditStatement.Control] = []
    private(set) var change: AuditStatement.Change?
    private(set) var refusal: String?

    private enum Mode {
        case append
        case prepend
        case delete
    }

    private var list: AuditRule.List?
    private var action = AuditRule.Action.always
    private var mode: Mode?
    private var setups = 0
    private var machine: AuditMachine?
    private var isOtherMachine = false
    private var syscalls: AuditRule.Syscalls?
    private var fields: [AuditRule.Field] = []
    private var keys: [String] = []
    private var isWatch = false
    /// Whether something stands in the rule that a key may follow.
    private var allowsKey = false
    /// Set by options that answer at once: nothing may follow them.
    private var isOver = false

    /// Limits of linux/audit.h: fields of a rule, bytes of a key, numbers of system calls.
    private static let fieldLimit = 63
    private static let keyLimit = 256
    private static let syscallLimit = 2047

    init(names: AuditNames) {
        self.names = names
    }

    // MARK: getopt

    private static let flags: Set<Character> = ["h", "i", "c", "s", "l", "D", "v", "t"]
    private static let options: Set<Character> = [
        "C", "e", "f", "r", "b", "a", "A", "d", "S", "F", "m", "R", "w", "W", "k", "p", "q",
    ]
    private static let longFlags = ["help", "loginuid-immutable", "reset-lost", "reset_backlog_wait_time_actual"]
    private static let longOptions = ["backlog_wait_time", "signal"]

    mutating func read(_ arguments: [String]) {
        var pending = arguments[...]
        var hasLoose = false
        while refusal == nil, !isOver, let word = pending.popFirst() {
            if word == "--" {
                hasLoose = hasLoose || !pending.isEmpty
                break
            }
            if word.hasPrefix("--") {
                long(word.dropFirst(2), &pending, count: arguments.count)
            } else if word.hasPrefix("-"), word.utf8.count > 1 {
                short(word.dropFirst(), &pending, arguments)
            } else {
                // getopt moves it behind all options; auditctl then refuses it.
                hasLoose = true
            }
        }
        if refusal == nil, hasLoose || (isOver && !pending.isEmpty) {
            refuse("a word stands without an option")
        }
        if refusal == nil { finish() }
    }

    private mutating func short(_ word: Substring, _ pending: inout ArraySlice<String>, _ all: [String]) {
        var rest = word
        while let letter = rest.popFirst() {
            if Self.flags.contains(letter) {
                flag(letter, &pending, all)
                // auditctl stops at once; what is left of the word then counts as a word of its own.
                if isOver, !rest.isEmpty { refuse("a word stands without an option") }
                if refusal != nil || isOver { return }
            } else if Self.options.contains(letter) {
                if !rest.isEmpty {
                    option(letter, String(rest))
                } else if let value = pending.popFirst() {
                    option(letter, value)
                } else {
                    refuse("option -\(letter) has no value")
                }
                return
            } else {
                return refuse("option -\(letter) is not known")
            }
        }
    }

    private mutating func long(_ word: Substring, _ pending: inout ArraySlice<String>, count: Int) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let given = parts.first.map(String.init) ?? ""
        let known = Self.longFlags + Self.longOptions
        let found = known.contains(given) ? [given] : known.filter { $0.hasPrefix(given) }
        guard found.count == 1, let name = found.first, !given.isEmpty else {
            return refuse("option --\(given) is not known")
        }
        if Self.longFlags.contains(name) {
            guard parts.count == 1 else { return refuse("option --\(name) takes no value") }
            if name == "help" { return refuse("it only prints help") }
            controls.append(name == "loginuid-immutable" ? .loginuidImmutable : .other("--" + name))
            isOver = true
            return
        }
        guard let value = parts.count == 2 ? String(parts[1]) : pending.popFirst() else {
            return refuse("option --\(name) has no value")
        }
        if name == "signal" { return refuse("it signals the daemon") }
        guard let number = AuditNumber.unsigned(value) else { return refuse("--\(name) is no number: \(value)") }
        controls.append(.backlogWaitTime(number))
    }

    private mutating func refuse(_ reason: String) {
        if refusal == nil { refusal = reason }
    }

    // MARK: Options

    private mutating func flag(_ letter: Character, _ pending: inout ArraySlice<String>, _ all: [String]) {
        switch letter {
        case "i":
            controls.append(.ignoreErrors)
            isOver = true
        case "c":
            controls.append(.continueOnError)
            isOver = true
        case "D":
            var key: String?
            if all.count == 3, pending.first == "-k", let last = all.last {
                key = last
                pending = []
            } else if all.count != 1 {
                return refuse("-D stands with other options")
            }
            controls.append(.deleteAll(key: key))
            isOver = true
        case "h": refuse("it only prints help")
        default:
            controls.append(.other("-\(letter)"))
            isOver = true
        }
    }

    private mutating func option(_ letter: Character, _ value: String) {
        switch letter {
        case "e", "f":
            guard let number = ["0", "1", "2"].firstIndex(of: value) else {
                return refuse("-\(letter) is 0, 1 or 2, not \(value)")
            }
            controls.append(letter == "e" ? .enabled(number) : .failure(number))
        case "r", "b":
            guard let number = AuditNumber.unsigned(value) else { return refuse("-\(letter) is no number: \(value)") }
            controls.append(letter == "r" ? .rate(number) : .backlog(number))
        case "a": setUp(value, .append)
        case "A": setUp(value, .prepend)
        case "d": setUp(value, .delete)
        case "S": addSyscalls(value)
        case "F": addField(value)
        case "C": addComparison(value)
        case "w": watch(value, isRemoval: false)
        case "W": watch(value, isRemoval: true)
        case "p": permissions(value)
        case "k":
            guard allowsKey, mode != nil else {
                return refuse("-k stands before a path, a system call or a permission")
            }
            addKey(value)
        case "R": refuse("rule files cannot be nested")
        case "m":
            controls.append(.other("-m"))
            isOver = true
        default:
            let parts = value.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, syscalls == nil else { return refuse("-q needs two paths") }
            controls.append(.other("-q"))
            isOver = true
        }
    }

    private mutating func setUp(_ value: String, _ newMode: Mode) {
        setups += 1
        guard setups == 1 else { return refuse("a line holds one rule") }
        let parts = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return refuse("list and action are not known: \(value)") }
        for (first, second) in [(parts[0], parts[1]), (parts[1], parts[0])] {
            guard let known = AuditRule.List(rawValue: first.lowercased()) else { continue }
            // `possible` is read and dropped, without an error.
            if second == "possible" {
                isOver = true
                mode = nil
                return
            }
            guard let knownAction = AuditRule.Action(rawValue: second) else { continue }
            if known == .task, syscalls != nil { return refuse("the task list has no system calls") }
            list = known
            action = knownAction
            mode = newMode
            return
        }
        refuse("list and action are not known: \(value)")
    }

    private mutating func watch(_ value: String, isRemoval: Bool) {
        guard isRemoval || mode == nil else { return refuse("-w stands with -a, -A or -d") }
        guard fields.isEmpty, syscalls == nil else { return refuse("a watch has no fields before it") }
        guard value.hasPrefix("/") else { return refuse("the path of a watch begins with /") }
        guard value.utf8.count < 4096, (value.split(separator: "/").last?.utf8.count ?? 0) <= 255 else {
            return refuse("the path of a watch is too long")
        }
        var path = value
        if path.utf8.count > 2 { while path.hasSuffix("/"), path.utf8.count > 1 { path.removeLast() } }
        list = .exit
        action = .always
        mode = isRemoval ? .delete : .append
        isWatch = true
        allowsKey = true
        syscalls = .all
        fields = [
            AuditRule.Field("path", .equal, .text(path)), AuditRule.Field("perm", .equal, .number(15)),
        ]
    }

    private mutating func permissions(_ value: String) {
        guard mode != nil else { return refuse("-p stands before its watch") }
        guard !fields.isEmpty || machine != nil else { return refuse("-p stands before its path") }
        guard let bits = AuditNumber.permissions(value) else { return refuse("permissions are r, w, x, a: \(value)") }
        if let index = fields.firstIndex(where: { $0.name == "perm" }) {
            fields[index].value = .number(bits)
        } else {
            guard room() else { return }
            fields.append(AuditRule.Field("perm", .equal, .number(bits)))
        }
        allowsKey = true
    }

    private mutating func addKey(_ value: String) {
        guard !value.utf8.contains(1) else { return refuse("a key holds the character that separates keys") }
        keys.append(value)
        if keys.reduce(keys.count - 1, { $0 + $1.utf8.count }) > Self.keyLimit { refuse("the keys are too long") }
    }

    private func fieldCount() -> Int { fields.count + (machine == nil ? 0 : 1) }

    private mutating func room() -> Bool {
        if fieldCount() >= Self.fieldLimit {
            refuse("the rule has too many fields")
            return false
        }
        return true
    }

    private mutating func addSyscalls(_ value: String) {
        switch list {
        case .task?, .user?, .filesystem?, .exclude?:
            return refuse("the list \(list?.rawValue ?? "") has no system calls")
        case .exit?, .ring?, nil: break
        }
        let isRing = list == .ring
        let table = isRing ? names.ringOperations : names.syscalls[machine ?? names.native] ?? [:]
        var numbers: Set<Int> = []
        if case .some(let before)? = syscalls { numbers = before }
        var isAll = syscalls == .all
        for word in value.split(separator: ",") {
            if word == "all" {
                isAll = true
            } else if let number = table[word.lowercased()] {
                numbers.insert(number)
            } else if let number = AuditNumber.leading(String(word)), number <= UInt64(Self.syscallLimit) {
                numbers.insert(Int(number))
            } else {
                return refuse("the \(isRing ? "operation" : "system call") \(word) is not known")
            }
        }
        syscalls = isAll ? .all : .some(numbers)
        allowsKey = true
    }

    private mutating func addComparison(_ value: String) {
        guard room() else { return }
        let isNot = value.firstRange(of: "!=")
        guard let range = isNot ?? value.firstRange(of: "=") else { return refuse("-C compares with = or !=") }
        let left = AuditFieldReader.canonical(String(value[..<range.lowerBound]))
        let right = AuditFieldReader.canonical(String(value[range.upperBound...]))
        let users: Set<String> = ["uid", "euid", "suid", "fsuid", "auid", "obj_uid"]
        let groups: Set<String> = ["gid", "egid", "sgid", "fsgid", "obj_gid"]
        guard list == .exit else { return refuse("fields are compared in the exit list only") }
        guard left != right, [users, groups].contains(where: { $0.contains(left) && $0.contains(right) }) else {
            return refuse("fields that cannot be compared: \(value)")
        }
        let pair = [left, right].sorted().joined(separator: ":")
        fields.append(AuditRule.Field(pair, isNot == nil ? .equal : .notEqual, .number(0)))
    }

    private mutating func addField(_ value: String) {
        guard let list else { return refuse("-F stands before its list") }
        if value.hasPrefix("key=") { return addKey(String(value.dropFirst(4))) }
        guard room() else { return }
        var reader = AuditFieldReader(names: names, list: list)
        do {
            switch try reader.read(value, hasSyscalls: syscalls != nil) {
            case .machine(let found, let isOther):
                machine = found
                isOtherMachine = isOther
            case .field(let field):
                try reader.kernelAccepts(field, among: fields)
                if ["path", "dir", "perm", "exe", "fstype"].contains(field.name) { allowsKey = true }
                fields.append(field)
            }
        } catch {
            refuse(error.reason)
        }
    }

    // MARK: End of the line

    private mutating func finish() {
        if setups > 0, mode == nil { return }
        guard let mode, let list else {
            if syscalls != nil { refuse("system calls without a list") }
            if !keys.isEmpty { refuse("a key without a rule") }
            return
        }
        if !keys.isEmpty {
            if !allowsKey { return refuse("a key needs a path, a system call or a permission") }
            if list == .exclude { return refuse("the exclude list has no keys") }
            guard fieldCount() < Self.fieldLimit else { return refuse("the rule has too many fields") }
        }
        if list == .filesystem, let other = fields.first(where: { $0.name != "fstype" }) {
            return refuse("the filesystem list knows only fstype, not \(other.name)")
        }
        if list == .filesystem, machine != nil { return refuse("the filesystem list knows only fstype, not arch") }
        let rule = AuditRule(
            list: list, action: action, machine: machine, isOtherMachine: isOtherMachine, syscalls: syscalls ?? .all,
            fields: fields, keys: keys, isWatch: isWatch)
        change =
            switch mode {
            case .append: .append(rule)
            case .prepend: .prepend(rule)
            case .delete: .delete(rule)
            }
    }
}
