/// Numbers and permissions as auditctl reads them (strtoul(3) with base 0).
enum AuditNumber {
    /// The number a text begins with, in decimal, octal or hexadecimal; nil when it begins with no digit.
    static func leading(_ text: String) -> UInt64? {
        var digits = Array(text.utf8)[...]
        guard let first = digits.first, (0x30...0x39).contains(first) else { return nil }
        var base: UInt64 = 10
        if first == UInt8(ascii: "0") {
            base = 8
            if digits.count > 2, digits[1] | 0x20 == UInt8(ascii: "x"), digit(digits[2]) < 16 {
                base = 16
                digits = digits.dropFirst(2)
            }
        }
        var result: UInt64 = 0
        for byte in digits {
            let value = digit(byte)
            guard value < base else { break }
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            let (sum, carry) = product.addingReportingOverflow(value)
            if overflow || carry { return .max }
            result = sum
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt64 {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x61...0x66: UInt64(byte - 0x61 + 10)
        case 0x41...0x46: UInt64(byte - 0x41 + 10)
        default: 99
        }
    }

    /// A number as the kernel keeps it; nil when the text begins with no digit.
    static func unsigned(_ text: String) -> UInt32? {
        leading(text).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// A number that may be negative.
    static func signed(_ text: String) -> UInt32? {
        if text.hasPrefix("-") { return unsigned(String(text.dropFirst())).map { 0 &- $0 } }
        return unsigned(text)
    }

    /// The bits of `rwxa` in any order and case; nil for other letters and for more than four.
    static func permissions(_ text: String) -> UInt32? {
        guard text.utf8.count <= 4 else { return nil }
        var bits: UInt32 = 0
        for letter in text.lowercased() {
            guard let known = AuditRule.permissionLetters.first(where: { $0.letter == letter }) else { return nil }
            bits |= known.bit
        }
        return bits
    }
}

/// Why a field is refused.
struct AuditFieldError: Error {
    var reason: String
}

/// Reads `-F name=value` with the checks of auditctl (libaudit) and of the kernel (kernel/auditfilter.c).
struct AuditFieldReader {
    let names: AuditNames
    let list: AuditRule.List

    /// What a field is.
    enum Reading {
        case machine(AuditMachine, isOther: Bool)
        case field(AuditRule.Field)
    }

    private static let users: Set<String> = ["uid", "euid", "suid", "fsuid", "auid", "obj_uid"]
    private static let groups: Set<String> = ["gid", "egid", "sgid", "fsgid", "obj_gid"]
    private static let labels: Set<String> = [
        "subj_user", "subj_role", "subj_type", "subj_sen", "subj_clr", "obj_user", "obj_role", "obj_type",
        "obj_lev_low", "obj_lev_high",
    ]
    private static let plain: Set<String> = [
        "pid", "pers", "ppid", "sessionid", "devmajor", "devminor", "inode", "success", "saddr_fam", "exit", "msgtype",
        "perm", "filetype", "fstype", "a0", "a1", "a2", "a3", "path", "dir", "exe", "arch",
    ]
    /// stat(2), S_IFMT.
    private static let fileTypes: [String: UInt32] = [
        "socket": 0o140000, "link": 0o120000, "file": 0o100000, "block": 0o060000, "dir": 0o040000,
        "character": 0o020000, "fifo": 0o010000,
    ]
    /// linux/magic.h.
    private static let fileSystems: [String: UInt32] = [
        "tracefs": 0x7472_6163, "debugfs": 0x6462_6720, "cgroup": 0x27e0eb, "cgroup2": 0x6367_7270,
    ]

    /// The name in one spelling.
    static func canonical(_ name: String) -> String {
        let lower = name.lowercased()
        return lower == "loginuid" ? "auid" : lower
    }

    mutating func read(_ text: String, hasSyscalls: Bool) throws(AuditFieldError) -> Reading {
        guard let (name, comparison, value) = Self.split(text) else {
            throw AuditFieldError(reason: "a field without a comparison: \(text)")
        }
        guard !name.isEmpty, !value.isEmpty else { throw AuditFieldError(reason: "a field without a value: \(text)") }
        guard
            Self.users.contains(name) || Self.groups.contains(name) || Self.labels.contains(name)
                || Self.plain.contains(name)
        else { throw AuditFieldError(reason: "the field \(name) is not known") }
        if list == .exclude {
            let allowed: Set<String> = ["pid", "uid", "gid", "auid", "msgtype", "exe"]
            guard allowed.contains(name) || name.hasPrefix("subj_") else {
                throw AuditFieldError(reason: "the exclude list does not know \(name)")
            }
        }
        if name == "arch" {
            guard !hasSyscalls else { throw AuditFieldError(reason: "arch stands behind the system calls") }
            guard comparison == .equal || comparison == .notEqual else {
                throw AuditFieldError(reason: "arch is compared with = or !=")
            }
            return .machine(try machine(value), isOther: comparison == .notEqual)
        }
        return .field(AuditRule.Field(name, comparison, try self.value(name, comparison, value)))
    }

    /// Splits at the operator auditctl finds first: it looks for the long ones first, anywhere in the text.
    private static func split(_ text: String) -> (name: String, comparison: AuditRule.Operator, value: String)? {
        let order: [AuditRule.Operator] = [
            .notEqual, .greaterOrEqual, .lessOrEqual, .test, .equal, .greater, .less, .mask,
        ]
        for comparison in order {
            if let range = text.firstRange(of: comparison.rawValue) {
                return (canonical(String(text[..<range.lowerBound])), comparison, String(text[range.upperBound...]))
            }
        }
        return nil
    }

    private func machine(_ text: String) throws(AuditFieldError) -> AuditMachine {
        switch text.lowercased() {
        case "b64" where names.native.is64Bit: return names.native
        case "b32": return names.native.narrow
        case "x86_64": return .x86_64
        case "i386", "i486", "i586", "i686": return .i386
        case "aarch64": return .aarch64
        case "arm", "armeb", "armv5tejl", "armv5tel", "armv6l", "armv7l": return .arm
        default:
            let number = AuditNumber.unsigned(text)
            guard let known = AuditMachine.allCases.first(where: { $0.number == number }) else {
                throw AuditFieldError(reason: "the machine \(text) is not known")
            }
            return known
        }
    }

    private func onlyExit(_ name: String) throws(AuditFieldError) {
        guard list == .exit || (list == .ring && (name == "path" || name == "dir" || name == "exit")) else {
            throw AuditFieldError(reason: "\(name) is known in the exit list only")
        }
    }

    /// A name to look up; none begins with a dash.
    private func account(_ text: String) throws(AuditFieldError) -> AuditRule.Value {
        if text.hasPrefix("-") { throw AuditFieldError(reason: "the account \(text) is not known") }
        return text == "root" ? .number(0) : .account(text)
    }

    private func value(
        _ name: String, _ comparison: AuditRule.Operator, _ text: String
    ) throws(AuditFieldError) -> AuditRule.Value {
        if Self.users.contains(name) {
            if let number = AuditNumber.signed(text) { return .number(number) }
            if text == "unset" { return .number(.max) }
            return try account(text)
        }
        if Self.groups.contains(name) {
            if let number = AuditNumber.unsigned(text) { return .number(number) }
            return try account(text)
        }
        if Self.labels.contains(name) {
            if name.hasPrefix("obj_") { try onlyExit(name) }
            return .text(text)
        }
        switch name {
        case "path", "dir", "exe":
            if name != "exe" { try onlyExit(name) }
            guard text.utf8.count < 4096 else { throw AuditFieldError(reason: "\(name) is too long") }
            var path = text
            // The kernel keeps a tree without the slash at its end.
            while name == "dir", path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
            return .text(path)
        case "perm":
            try onlyExit(name)
            guard comparison == .equal, let bits = AuditNumber.permissions(text) else {
                throw AuditFieldError(reason: "perm is = and letters of rwxa: \(text)")
            }
            return .number(bits)
        case "exit":
            try onlyExit(name)
            if let number = AuditNumber.signed(text) { return .number(number) }
            let isNegative = text.hasPrefix("-")
            guard let number = names.errors[(isNegative ? String(text.dropFirst()) : text).uppercased()] else {
                throw AuditFieldError(reason: "the error \(text) is not known")
            }
            return .number(UInt32(bitPattern: Int32(isNegative ? -number : number)))
        case "msgtype":
            guard list == .exclude || list == .user else {
                throw AuditFieldError(reason: "msgtype is known in the lists exclude and user only")
            }
            if let number = AuditNumber.unsigned(text) { return .number(number) }
            guard let number = names.messageTypes[text.uppercased()] else {
                throw AuditFieldError(reason: "the record type \(text) is not known")
            }
            return .number(UInt32(number))
        case "filetype":
            try onlyExit(name)
            guard let number = Self.fileTypes[text.lowercased()] else {
                throw AuditFieldError(reason: "the file type \(text) is not known")
            }
            return .number(number)
        case "fstype":
            guard list == .filesystem else {
                throw AuditFieldError(reason: "fstype is known in the filesystem list only")
            }
            guard let number = AuditNumber.unsigned(text) ?? Self.fileSystems[text.lowercased()] else {
                throw AuditFieldError(reason: "the file system \(text) is not known")
            }
            return .number(number)
        case "a0", "a1", "a2", "a3":
            guard let number = AuditNumber.signed(text) else {
                throw AuditFieldError(reason: "\(name) is compared with a number, not \(text)")
            }
            return .number(number)
        case "sessionid":
            guard list == .exclude || list == .user || list == .exit else {
                throw AuditFieldError(reason: "sessionid is not known in the list \(list.rawValue)")
            }
            if text == "unset" { return .number(.max) }
            return .number(AuditNumber.signed(text) ?? 0)
        case "saddr_fam":
            let number = AuditNumber.unsigned(text) ?? 0
            guard number < 46 else { throw AuditFieldError(reason: "saddr_fam is too large") }
            return .number(number)
        case "devmajor", "devminor", "inode", "success", "ppid":
            try onlyExit(name)
            fallthrough
        default:
            guard let number = AuditNumber.unsigned(text) else {
                throw AuditFieldError(reason: "\(name) is compared with a number, not \(text)")
            }
            return .number(number)
        }
    }

    // MARK: The kernel's own checks

    /// What the kernel refuses although auditctl sends it (audit_field_valid, audit_data_to_entry).
    func kernelAccepts(_ field: AuditRule.Field, among others: [AuditRule.Field]) throws(AuditFieldError) {
        let isEquality = field.comparison == .equal || field.comparison == .notEqual
        let isBitwise = field.comparison == .mask || field.comparison == .test
        let hasObject = others.contains { $0.name == "path" || $0.name == "dir" || $0.name == "inode" }
        func refuse(_ reason: String) -> AuditFieldError { AuditFieldError(reason: "the kernel refuses \(reason)") }
        switch field.name {
        case "a0", "a1", "a2", "a3", "pers", "devminor": return
        case "path", "dir":
            guard field.comparison == .equal, !hasObject else {
                throw refuse("a second path, or one that is not compared with =")
            }
            guard case .text(let path) = field.value, path.hasPrefix("/"),
                field.name == "dir" || !path.hasSuffix("/")
            else { throw refuse("a path that is not absolute or ends in /") }
        case "exe":
            guard isEquality, !others.contains(where: { $0.name == "exe" }) else { throw refuse("a second exe") }
            guard case .text(let path) = field.value, path.hasPrefix("/"), !path.hasSuffix("/") else {
                throw refuse("an exe that is not absolute or ends in /")
            }
        case "inode":
            guard isEquality, !hasObject else { throw refuse("a second path, or an inode that is not compared with =") }
        case "subj_user", "subj_role", "subj_type", "obj_user", "obj_role", "obj_type", "fstype", "perm", "filetype":
            guard isEquality else { throw refuse("\(field.name) compared otherwise than with = and !=") }
        default:
            guard !isBitwise else { throw refuse("\(field.name) compared by bits") }
            if case .number(.max) = field.value {
                if field.name == "auid" {
                    guard isEquality else { throw refuse("auid compared with unset otherwise than with = and !=") }
                } else if Self.users.contains(field.name) || Self.groups.contains(field.name) {
                    throw refuse("\(field.name) compared with -1")
                }
            }
        }
    }
}
