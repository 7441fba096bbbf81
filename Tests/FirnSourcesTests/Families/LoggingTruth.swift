import FirnModel

/// What is known by hand of the real systems for the family `logging`.
enum LoggingTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "logging.journald.Storage", outcome: .fail, shows: "volatile",
            why: "the journal is gone with a reboot"),
        Trap(
            fixture: "current-d-insecure", rule: "logging.journald.rate-limit", outcome: .fail,
            shows: "RateLimitBurst=0", why: "a burst of 0 switches the limit off"),
        Trap(
            fixture: "current-d-insecure", rule: "logging.coredump.Storage", outcome: .fail, shows: "external",
            why: "cores are kept"),
        Trap(
            fixture: "modern-d-insecure", rule: "logging.journald.Storage", outcome: .fail, shows: "volatile",
            why: "extraConfig and the option say so"),
        Trap(
            fixture: "old-d-insecure", rule: "logging.journald.Storage", outcome: .fail, shows: "volatile",
            why: "Storage=persistent stands first, extraConfig's volatile comes last"),
        Trap(
            fixture: "current-c-hardserver", rule: "logging.coredump.Storage", outcome: .fail, shows: "file",
            why: "without systemd-coredump the kernel writes a file named core"),
        Trap(
            fixture: "current-c-hardserver", rule: "logging.journald.SystemMaxUse", outcome: .pass,
            shows: "SystemMaxUse=2G", why: "2 GiB"),
        Trap(
            fixture: "current-g-testvm", rule: "logging.journald.ForwardToConsole", outcome: .fail,
            shows: "ForwardToConsole=yes", why: "a test VM is no role"),
        Trap(
            fixture: "old-g-testvm", rule: "logging.journald.ForwardToConsole", outcome: .fail,
            shows: "ForwardToConsole=yes", why: "a test VM is no role"),
    ]
    static let untold: Set<String> = []
}
