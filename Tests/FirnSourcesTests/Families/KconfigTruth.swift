import FirnModel

/// What is known of the real systems for the family `kconfig`, written by hand. None of the closures holds its kernel's
/// configuration, as is usual; what Firn makes of one that does is tested with systems made of texts.
enum KconfigTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "kconfig.available", outcome: .fail, shows: "/etc/kernel/config",
            why: "a closure seldom holds it, and one rule says so", sources: [.built]),
        Trap(
            fixture: "current-c-hardserver", rule: "kconfig.CONFIG_SECURITY_LOCKDOWN_LSM", outcome: .notChecked,
            shows: "", why: "lockdown= does nothing on this kernel; without its configuration nobody can tell"),
        Trap(
            fixture: "current-c-hardserver", rule: "kconfig.CONFIG_MODULE_SIG", outcome: .notChecked, shows: "",
            why: "module.sig_enforce=1 does nothing on this kernel; without its configuration nobody can tell"),
        Trap(
            fixture: "current-w-container", rule: "kconfig.available", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "no kernel of its own"),
    ]

    static let untold: Set<String> = []
}
