/// When rules are loaded during the boot.
enum AuditOrder {
    /// The unit that fills /run/wrappers.
    static let wrappersUnit = "suid-sgid-wrappers.service"

    /// Whether a command switches auditing off or deletes the rules.
    static func switchesOff(_ command: String) -> Bool {
        command.contains("auditctl") && (command.hasSuffix(" -e 0") || command.hasSuffix(" -D"))
    }

    /// Whether a unit that starts behind these finds /run/wrappers filled.
    static func isBehindWrappers(_ after: [String]) -> Bool {
        after.contains { [wrappersUnit, "sysinit.target", "basic.target"].contains($0) }
    }
}
