/// The machines whose system calls an audit rule can name, as far as NixOS runs on them.
public enum AuditMachine: String, Sendable, Hashable, CaseIterable {
    /// 64-bit x86.
    case x86_64
    /// 32-bit x86.
    case i386
    /// 64-bit ARM.
    case aarch64
    /// 32-bit ARM.
    case arm

    /// The number in `-F arch=` (linux/audit.h, AUDIT_ARCH_*).
    public var number: UInt32 {
        switch self {
        case .x86_64: 0xC000_003E
        case .i386: 0x4000_0003
        case .aarch64: 0xC000_00B7
        case .arm: 0x4000_0028
        }
    }

    /// Whether its word is 64 bits wide: `b64` in rules.
    public var is64Bit: Bool { self == .x86_64 || self == .aarch64 }

    /// The 32-bit machine that programs see beside this one: `b32` in rules.
    public var narrow: AuditMachine {
        switch self {
        case .x86_64, .i386: .i386
        case .aarch64, .arm: .arm
        }
    }
}

/// The names auditctl can resolve: what is not among them, it refuses.
public struct AuditNames: Sendable, Hashable {
    /// Numbers of system calls by name, per machine.
    public let syscalls: [AuditMachine: [String: Int]]
    /// Numbers of errors by name (`EACCES`).
    public var errors: [String: Int]
    /// Numbers of record types by name (`SYSCALL`).
    public var messageTypes: [String: Int]
    /// Numbers of io_uring operations by name.
    public var ringOperations: [String: Int]
    /// The machine the rules are loaded on.
    public var native: AuditMachine
    private var spoken: [AuditMachine: [Int: String]]

    /// Creates the names.
    public init(
        syscalls: [AuditMachine: [String: Int]], errors: [String: Int] = [:], messageTypes: [String: Int] = [:],
        ringOperations: [String: Int] = [:], native: AuditMachine = .x86_64
    ) {
        self.syscalls = syscalls
        self.errors = errors
        self.messageTypes = messageTypes
        self.ringOperations = ringOperations
        self.native = native
        spoken = syscalls.mapValues { table in
            Dictionary(table.map { ($0.value, $0.key) }, uniquingKeysWith: { min($0, $1) })
        }
    }

    /// The name of a number, or the number as text.
    public func syscallName(_ number: Int, _ machine: AuditMachine) -> String {
        spoken[machine]?[number] ?? String(number)
    }
}
