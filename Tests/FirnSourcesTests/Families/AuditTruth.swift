import FirnModel

/// What is known by hand of the real systems for the family `audit`.
enum AuditTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "audit.stig-backlog", outcome: .fail, shows: "4096",
            why: "the user's audit_backlog_limit=8192 loses to the module's -b 4096"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.rules.shadowed", outcome: .pass, shows: "",
            why: "-a never,exit -F dir=/etc -F perm=r excludes reads only; the -p wa watches stay effective"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.aud-sudoers", outcome: .pass, shows: "/etc/sudoers",
            why: "the watch on /etc/sudoers is not shadowed"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.immutable", outcome: .unknown,
            shows: "/run/wrappers/bin/sudo",
            why: "-e 2 stands behind a rule that is refused where /run/wrappers is not filled yet"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.rules.outside-wrappers", outcome: .pass, shows: "",
            why: "sudo is watched in /run/wrappers/bin"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.auditd.disk_full_action", outcome: .fail, shows: "suspend",
            why: "recording stops and the machine goes on"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.stig-execpriv", outcome: .fail, shows: "egid",
            why: "only uid!=euid is audited, gid!=egid is not"),
        Trap(
            fixture: "current-c-hardserver", rule: "audit.rules.too-early", outcome: .fail,
            shows: "/run/wrappers/bin/sudo",
            why: "audit-rules-nixos.service has no order behind suid-sgid-wrappers.service"),
        Trap(
            fixture: "modern-c-hardserver", rule: "audit.rules.too-early", outcome: .pass, shows: "",
            why: "audit.service of 25.05 starts behind sysinit.target"),
        Trap(
            fixture: "current-d-insecure", rule: "audit.enabled", outcome: .fail, shows: "audit=0", why: "audit=0"),
        Trap(
            fixture: "modern-c-hardserver", rule: "audit.failure-mode", outcome: .pass, shows: "-e 2",
            why: "the kernel is locked before -f 2 of the same call: printk stays", sources: [.built]),
        Trap(
            fixture: "modern-c-hardserver", rule: "audit.stig-delete", outcome: .fail, shows: "i386",
            why: "32-bit programs are not audited"),
        Trap(
            fixture: "modern-c-hardserver", rule: "audit.immutable", outcome: .pass, shows: "-e 2", why: "locked",
            sources: [.built]),
        Trap(
            fixture: "modern-a-default", rule: "audit.enabled", outcome: .fail, shows: "",
            why: "audit.service is there and wanted, and its script switches auditing off"),
        Trap(
            fixture: "old-a-default", rule: "audit.enabled", outcome: .fail, shows: "auditctl -e 0",
            why: "the Exec line says audit-start, the script is audit-disable", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "audit.enabled", outcome: .pass, shows: "", why: "on"),
        Trap(
            fixture: "current-s-specialisation", rule: "audit.enabled", outcome: .fail, shows: "",
            why: "the rescue entry has no audit", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-w-container", rule: "audit.enabled", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "a container has no audit of its own"),
    ]
    static let untold: Set<String> = []
}
