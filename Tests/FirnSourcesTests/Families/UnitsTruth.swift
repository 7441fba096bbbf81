import FirnModel

/// What is known of the real systems for the family `units`, written by hand.
enum UnitsTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "units.ambient-capabilities", outcome: .fail,
            shows: "courier.service CAP_SYS_ADMIN", why: "courier.service has CAP_SYS_ADMIN as ambient capability"),
        Trap(
            fixture: "current-d-insecure", rule: "units.umask", outcome: .fail, shows: "UMask=0000",
            why: "courier.service writes files for everybody"),
        Trap(
            fixture: "old-e-container-host", rule: "units.control-sockets.network", outcome: .pass, shows: "",
            why: "there Docker listens on its path only"),
        Trap(
            fixture: "old-e-container-host", rule: "units.control-sockets.writable", outcome: .pass, shows: "",
            why: "docker.sock is for its group only", sources: [.built]),
        Trap(
            fixture: "current-d-insecure", rule: "units.unconfined", outcome: .fail, shows: "xinetd.service 9.6 UNSAFE",
            why: "xinetd runs as root without any sandbox"),
        Trap(
            fixture: "modern-d-insecure", rule: "units.unconfined", outcome: .fail,
            shows: "backdoor.service 9.6 UNSAFE",
            why: "a custom unit that runs as root without any sandbox"),
        Trap(
            fixture: "current-g-testvm", rule: "units.unconfined", outcome: .fail, shows: "backdoor.service",
            why: "a test VM is no role"),
        Trap(
            fixture: "current-c-hardserver", rule: "units.undone-protection", outcome: .fail,
            shows: "ledger-backup.service ReadWritePaths=/",
            why: "ReadWritePaths=/ undoes ProtectSystem=full"),
        Trap(
            fixture: "current-c-hardserver", rule: "units.unconfined", outcome: .pass, shows: "",
            why: "ledger.service is well confined, ledger-backup.service ends"),
        Trap(
            fixture: "current-c-hardserver", rule: "units.ambient-capabilities", outcome: .pass, shows: "",
            why: "systemd's own units and dhcpcd have what they need"),
        Trap(
            fixture: "current-o-overlay", rule: "units.packaged.ambient-capabilities", outcome: .pass, shows: "",
            why: "systemd-networkd has CAP_SYS_ADMIN from systemd itself", sources: [.built]),
        Trap(
            fixture: "modern-d-insecure", rule: "units.root-listeners", outcome: .pass, shows: "",
            why: "docker.service is root by nature, and its open API is another rule's finding", sources: [.built]),
        Trap(
            fixture: "modern-d-insecure", rule: "units.missing-executables", outcome: .unknown, shows: "partial copy",
            why: "the target lacks the programs of systemd itself", sources: [.built]),
    ]

    static let untold: Set<String> = [
        // These exports name docker.socket but hold no systemd.sockets: its mode may have been set to anything.
        "declared units.control-sockets.writable"
    ]
}
