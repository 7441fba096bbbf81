import FirnModel

/// What is known of the real systems for the family `nix`, written by hand.
enum NixTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "nix.trusted-users.everyone", outcome: .fail, shows: "*",
            why: "everybody is trusted"),
        Trap(
            fixture: "current-d-insecure", rule: "nix.sandbox", outcome: .fail, shows: "sandbox = false",
            why: "no sandbox"),
        Trap(
            fixture: "current-d-insecure", rule: "nix.require-sigs", outcome: .fail, shows: "require-sigs = false",
            why: "no signatures"),
        Trap(
            fixture: "current-d-insecure", rule: "nix.substituters.insecure", outcome: .fail,
            shows: "http://cache.example.net", why: "a cache over http"),
        Trap(
            fixture: "current-d-insecure", rule: "nix.sandbox-paths", outcome: .fail, shows: "/",
            why: "the whole root is shown to builds"),
        Trap(
            fixture: "modern-d-insecure", rule: "nix.trusted-users", outcome: .fail, shows: "guest",
            why: "guest and wheel are trusted"),
        Trap(
            fixture: "modern-d-insecure", rule: "nix.substituters.insecure", outcome: .fail,
            shows: "http://cache.example.org", why: "a cache over http"),
        Trap(
            fixture: "old-d-insecure", rule: "nix.sandbox", outcome: .fail, shows: "false",
            why: "the older spelling nix.useSandbox"),
        Trap(
            fixture: "old-d-insecure", rule: "nix.require-sigs", outcome: .fail, shows: "false",
            why: "the older spelling nix.requireSignedBinaryCaches"),
        Trap(
            fixture: "old-e-container-host", rule: "nix.trusted-users", outcome: .fail, shows: "bob",
            why: "a user is trusted"),
        Trap(
            fixture: "current-f-iso", rule: "nix.trusted-users", outcome: .fail, shows: "nixos",
            why: "an installer's role does not make its user less of a root"),
        Trap(
            fixture: "current-f-iso", rule: "nix.registry", outcome: .pass, shows: "",
            why: "the registry leads into the store"),
        Trap(
            fixture: "current-c-hardserver", rule: "nix.trusted-users", outcome: .pass, shows: "root root",
            why: "root is named twice, which is once"),
        Trap(
            fixture: "modern-b-hardened-profile", rule: "nix.allowed-users", outcome: .pass, shows: "@users",
            why: "the profile narrows it"),
        Trap(
            fixture: "current-b-hardened-profile", rule: "nix.allowed-users", outcome: .fail, shows: "*",
            why: "the same import sets nothing any more"),
        Trap(
            fixture: "current-d-insecure", rule: "nix.auto-upgrade.reboot", outcome: .pass, shows: "",
            why: "the updates of this one restart the machine"),
        Trap(
            fixture: "current-a-default", rule: "nix.flake-registry", outcome: .notApplicable,
            shows: "nix.experimental-features", why: "without flakes no registry is loaded"),
    ]

    static let untold: Set<String> = [
        // The exports of 20.09 lack nix.autoOptimiseStore, binaryCachePublicKeys, sandboxPaths and trustedBinaryCaches.
        "declared nix.auto-optimise-store", "declared nix.sandbox-paths", "declared nix.sandbox-paths.wide",
        "declared nix.substituters.insecure", "declared nix.substituters.trusted",
        "declared nix.trusted-public-keys.unknown",
        // The address of a cache that is not shown may hold a password.
        "declared nix.secrets",
        // Those of 20.09 and 25.05 lack nix.optimise, nix.registry and nix.sshServe.
        "declared nix.optimised", "declared nix.registry.unlocked", "declared nix.ssh-serve",
        // The channel of root is system.defaultChannel there, which the exports of 20.09 lack.
        "declared nix.upgrade-sources.insecure",
    ]
}
