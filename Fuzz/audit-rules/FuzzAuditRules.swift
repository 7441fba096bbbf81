import FirnParsing

private let names = AuditNames(
    syscalls: [
        .x86_64: ["open": 2, "mount": 165, "execve": 59, "ptrace": 101], .i386: ["open": 5, "mount": 21, "execve": 11],
    ], errors: ["EACCES": 13, "EPERM": 1], messageTypes: ["SYSCALL": 1300, "CWD": 1307], ringOperations: ["openat": 18])

/// Audit rules must be read or refused with a reason, never trap; what is read is read again from its own spelling.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for statement in try AuditRules.parse(bytes, names: names) {
            precondition(statement.line >= 1)
            if statement.refusal != nil { continue }
            guard case .append(let rule)? = statement.change else { continue }
            precondition(rule.isSame(as: rule))
            let text = rule.text(names)
            let isPlain = text.utf8.allSatisfy { $0 != 0x5c && $0 > 0x20 || $0 == 0x20 }
            // Blanks in paths and numbers of file types have no spelling that auditctl reads back.
            guard isPlain, rule.fields.allSatisfy({ hasSpelling($0) }),
                rule.keys.allSatisfy({ !$0.contains(" ") && !$0.isEmpty })
            else { continue }
            guard case .append(let again)? = AuditRules.statement(text, line: 1, names: names)?.change else { continue }
            precondition(again.list == rule.list && again.action == rule.action && again.keys == rule.keys)
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}

private func hasSpelling(_ field: AuditRule.Field) -> Bool {
    switch field.value {
    case .text(let text), .account(let text): !text.contains(" ")
    case .number: field.name != "filetype"
    }
}
