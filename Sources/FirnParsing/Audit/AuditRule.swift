/// An audit rule as the kernel gets it (`struct audit_rule_data`, linux/audit.h): a watch is a rule like any other.
public struct AuditRule: Sendable, Hashable {
    /// The filter list it stands in.
    public enum List: String, Sendable, Hashable, CaseIterable {
        /// Messages of user space.
        case user
        /// Creation of tasks.
        case task
        /// The end of a system call.
        case exit
        /// Records that are dropped.
        case exclude
        /// Names on a file system.
        case filesystem
        /// Operations of io_uring.
        case ring = "io_uring"
    }

    /// What a match does.
    public enum Action: String, Sendable, Hashable {
        /// No record, and no later rule is asked.
        case never
        /// A record, and no later rule is asked.
        case always
    }

    /// How a field is compared.
    public enum Operator: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        /// Some of the bits are set.
        case mask = "&"
        /// All of the bits are set.
        case test = "&="
    }

    /// What a field is compared with.
    public enum Value: Sendable, Hashable {
        /// A number; negative ones are kept as the kernel does, in 32 bits.
        case number(UInt32)
        /// A path, a label.
        case text(String)
        /// The name of a user or group that only the running system can turn into a number.
        case account(String)
    }

    /// One condition.
    public struct Field: Sendable, Hashable {
        /// The name as auditctl prints it (`auid`, not `loginuid`); a comparison of two fields is `uid:euid`.
        public var name: String
        /// How it is compared.
        public var comparison: Operator
        /// With what.
        public var value: Value

        /// Creates a condition.
        public init(_ name: String, _ comparison: Operator, _ value: Value) {
            self.name = name
            self.comparison = comparison
            self.value = value
        }
    }

    /// The system calls, by number.
    public enum Syscalls: Sendable, Hashable {
        /// Every one.
        case all
        /// These.
        case some(Set<Int>)
    }

    /// Permissions in `perm`: bits of linux/audit.h.
    public static let permissionLetters: [(letter: Character, bit: UInt32)] = [("r", 4), ("w", 2), ("x", 1), ("a", 8)]

    /// The list.
    public var list: List
    /// The action.
    public var action: Action
    /// The machine of `-F arch=`; nil where the rule names none.
    public var machine: AuditMachine?
    /// Whether it is every machine but that one.
    public var isOtherMachine: Bool
    /// The system calls.
    public var syscalls: Syscalls
    /// The other conditions in their order, `arch` and `key` left out.
    public var fields: [Field]
    /// The keys.
    public var keys: [String]
    /// Whether it was written as `-w`: then auditctl looks at load time whether its path is a directory.
    public var isWatch: Bool

    /// Creates a rule.
    public init(
        list: List, action: Action, machine: AuditMachine? = nil, isOtherMachine: Bool = false,
        syscalls: Syscalls = .all, fields: [Field] = [], keys: [String] = [], isWatch: Bool = false
    ) {
        self.list = list
        self.action = action
        self.machine = machine
        self.isOtherMachine = isOtherMachine
        self.syscalls = syscalls
        self.fields = fields
        self.keys = keys
        self.isWatch = isWatch
    }

    /// The path it watches, by `-w`, `path=` or `dir=`.
    public var path: String? {
        for field in fields where field.name == "path" || field.name == "dir" {
            if case .text(let path) = field.value { return path }
        }
        return nil
    }

    /// The permissions in `perm`; nil where it names none.
    public var permissions: UInt32? {
        for field in fields where field.name == "perm" {
            if case .number(let bits) = field.value { return bits }
        }
        return nil
    }

    /// Whether the kernel holds the two for the same rule and refuses the second (kernel/auditfilter.c,
    /// audit_compare_rule): the order of fields counts there.
    public func isSame(as other: AuditRule) -> Bool {
        var (one, two) = (self, other)
        one.isWatch = false
        two.isWatch = false
        return one == two
    }

    // MARK: Text

    /// Whether auditctl prints it as a watch.
    public var isPrintedAsWatch: Bool {
        list == .exit && syscalls == .all && machine == nil && permissions != nil
            && fields.allSatisfy { ["path", "dir", "perm"].contains($0.name) }
    }

    /// One spelling for all spellings of the rule: system calls by name, `unset` for -1, keys last.
    public func text(_ names: AuditNames) -> String {
        if isPrintedAsWatch, let path, let permissions {
            return "-w \(path) -p \(Self.letters(permissions))" + keys.map { " -k \($0)" }.joined()
        }
        var words = ["-a \(action.rawValue),\(list.rawValue)"]
        if let machine {
            words.append("-F arch\(isOtherMachine ? "!=" : "=")\(machine.is64Bit ? "b64" : "b32")")
        }
        if case .some(let numbers) = syscalls {
            let spoken: [String] =
                list == .ring
                ? numbers.map { number in
                    names.ringOperations.first { $0.value == number }?.key ?? String(number)
                } : numbers.map { names.syscallName($0, machine ?? names.native) }
            words.append("-S " + spoken.sorted().joined(separator: ","))
        } else if list == .exit || list == .ring {
            if path == nil { words.append("-S all") }
        }
        words += fields.map { Self.text($0, names) }
        words += keys.map { "-k \($0)" }
        return words.joined(separator: " ")
    }

    private static func text(_ field: Field, _ names: AuditNames) -> String {
        if let colon = field.name.firstIndex(of: ":") {
            let other = field.name[field.name.index(after: colon)...]
            return "-C \(field.name[..<colon])\(field.comparison.rawValue)\(other)"
        }
        let value: String
        switch field.value {
        case .text(let text), .account(let text): value = text
        case .number(let number):
            switch field.name {
            case "perm": value = letters(number)
            case "auid", "sessionid": value = number == .max ? "unset" : String(number)
            case "exit":
                let signed = Int(Int32(bitPattern: number))
                let name = names.errors.first { $0.value == -signed }?.key
                value = signed < 0 ? name.map { "-" + $0 } ?? String(signed) : String(signed)
            case "a0", "a1", "a2", "a3": value = "0x" + String(number, radix: 16)
            case "msgtype": value = names.messageTypes.first { $0.value == Int(number) }?.key ?? String(number)
            default: value = String(Int32(bitPattern: number))
            }
        }
        return "-F \(field.name)\(field.comparison.rawValue)\(value)"
    }

    private static func letters(_ bits: UInt32) -> String {
        String(permissionLetters.filter { bits & $0.bit != 0 }.map(\.letter))
    }
}
