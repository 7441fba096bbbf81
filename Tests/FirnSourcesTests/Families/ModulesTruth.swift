import FirnModel

/// What is known of the real systems for the family `modules`, written by hand.
enum ModulesTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "modules.network-protocols", outcome: .fail, shows: "blacklist tipc",
            why: "tipc is only blacklisted; rds has an install line with true, which loads nothing as well"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.network-protocols", outcome: .fail,
            shows: "modules.loadable.network-protocols is tipc",
            why: "sctp and rds are blocked, dccp left Linux in 6.16"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.file-systems", outcome: .fail, shows: "blacklist cramfs",
            why: "cramfs is blacklisted and can still be loaded by its name"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.firewire", outcome: .fail, shows: "blacklist firewire_core",
            why: "firewire-core is only blacklisted"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.thunderbolt", outcome: .fail,
            shows: "blacklist thunderbolt", why: "thunderbolt is only blacklisted"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.usb-storage", outcome: .fail,
            shows: "blacklist usb_storage", why: "usb-storage is only blacklisted; uas brings it in"),
        Trap(
            fixture: "current-c-hardserver", rule: "modules.locked", outcome: .pass, shows: "true",
            why: "lockKernelModules"),
        Trap(
            fixture: "modern-c-hardserver", rule: "modules.network-protocols", outcome: .fail, shows: "blacklist rds",
            why: "dccp and sctp have install lines, rds and tipc only a blacklist"),
        Trap(
            fixture: "current-b-hardened-profile", rule: "modules.file-systems", outcome: .fail,
            shows: "nothing keeps out", why: "the profile of 26.11 sets nothing"),
        Trap(
            fixture: "current-b-hardened-profile", rule: "modules.locked", outcome: .fail, shows: "",
            why: "the profile of 26.11 sets nothing"),
        Trap(
            fixture: "old-b-hardened-profile", rule: "modules.locked", outcome: .pass, shows: "true",
            why: "on 20.09 the same profile locks modules"),
        Trap(
            fixture: "modern-b-hardened-profile", rule: "modules.amateur-radio", outcome: .fail,
            shows: "blacklist ax25", why: "the profile of 25.05 blacklists, it does not block"),
        Trap(
            fixture: "old-e-container-host", rule: "modules.bluetooth", outcome: .pass, shows: "in use",
            why: "hardware.bluetooth.enable: it is used there"),
        Trap(
            fixture: "current-f-iso", rule: "modules.usb-storage", outcome: .notApplicable,
            shows: "role.installer is true", why: "an installer is started from a stick"),
        Trap(
            fixture: "current-w-container", rule: "modules.firewire", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "no kernel of its own"),
    ]

    static let untold: Set<String> = []
}
