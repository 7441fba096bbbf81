import FirnModel

/// What is known of the real systems for the family `mounts`, written by hand.
enum MountsTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "mounts.tmp.noexec", outcome: .fail, shows: "/tmp type tmpfs",
            why: "the tmpfs of tmp.mount has nosuid and nodev, no noexec", sources: [.built]),
        Trap(
            fixture: "current-c-hardserver", rule: "mounts.tmp.nosuid", outcome: .pass, shows: "nosuid",
            why: "tmp.mount gives /tmp nosuid"),
        Trap(
            fixture: "current-c-hardserver", rule: "mounts.var-tmp.noexec", outcome: .pass, shows: "noexec",
            why: "the bind mount of /tmp asks for noexec itself"),
        Trap(
            fixture: "current-c-hardserver", rule: "mounts.swap.encrypted", outcome: .pass, shows: "",
            why: "swap is opened with a random key: fstab shows only the mapping, the unit the rest"),
        Trap(
            fixture: "modern-c-hardserver", rule: "mounts.swap.encrypted", outcome: .pass,
            shows: "dev-disk-byx2dpartuuid", why: "swap is encrypted with a random key", sources: [.built]),
        Trap(
            fixture: "modern-c-hardserver", rule: "mounts.dev-shm.noexec", outcome: .pass, shows: "noexec",
            why: "boot.specialFileSystems adds noexec to /dev/shm"),
        Trap(
            fixture: "current-a-default", rule: "mounts.swap.encrypted", outcome: .fail,
            shows: "/dev/disk/by-label/swap",
            why: "no volume is opened in the initrd: the label lies on a plain partition",
            sources: [.declared]),
        Trap(
            fixture: "current-a-default", rule: "mounts.swap.encrypted", outcome: .unknown, shows: "initrd",
            why: "the closure alone does not tell what a label lies on", sources: [.built]),
        Trap(
            fixture: "current-a-default", rule: "mounts.loader.private", outcome: .fail, shows: "fmask=0022",
            why: "the masks let everybody read the partition of the loader"),
        Trap(
            fixture: "current-b-hardened-profile", rule: "mounts.loader.private", outcome: .pass, shows: "",
            why: "the masks are 0077"),
        Trap(
            fixture: "old-e-container-host", rule: "mounts.loader.private", outcome: .fail, shows: "/boot type vfat",
            why: "defaults mean umask 022"),
        Trap(
            fixture: "current-d-insecure", rule: "mounts.network.guest", outcome: .fail, shows: "//192.0.2.10/share",
            why: "a share without any credential"),
        Trap(
            fixture: "current-d-insecure", rule: "mounts.network.nosuid", outcome: .fail, shows: "/srv/share",
            why: "suid is asked for"),
        Trap(
            fixture: "modern-d-insecure", rule: "mounts.network.guest", outcome: .fail, shows: "//10.0.0.5/share",
            why: "a share without any credential"),
        Trap(
            fixture: "old-d-insecure", rule: "mounts.network.nodev", outcome: .fail, shows: "/mnt/share",
            why: "dev is asked for"),
        Trap(
            fixture: "old-d-insecure", rule: "mounts.swap.encrypted", outcome: .fail, shows: "/dev/vda2",
            why: "swap on a partition"),
        Trap(
            fixture: "current-f-iso", rule: "mounts.tmp.volatile", outcome: .pass, shows: "tmpfs on / type tmpfs",
            why: "the root file system is in memory"),
        Trap(
            fixture: "old-f-iso", rule: "mounts.tmp.volatile", outcome: .pass, shows: "tmpfs on / type tmpfs",
            why: "the root file system is in memory"),
        Trap(
            fixture: "current-f-iso", rule: "mounts.encrypted", outcome: .notApplicable,
            shows: "role.installer is true", why: "an installer has no disk of its own", sources: [.declared]),
        Trap(
            fixture: "current-g-testvm", rule: "mounts.vm-shares", outcome: .fail, shows: "/tmp/xchg",
            why: "shares of the test's host; a test VM is no role"),
        Trap(
            fixture: "modern-g-testvm", rule: "mounts.vm-shares", outcome: .fail, shows: "/tmp/shared",
            why: "shares of the test's host"),
        Trap(
            fixture: "old-g-testvm", rule: "mounts.vm-shares", outcome: .fail, shows: "/tmp/xchg",
            why: "shares of the test's host"),
        Trap(
            fixture: "current-o-overlay", rule: "mounts.special", outcome: .pass, shows: "nixos-init",
            why: "activation scripts are not run there: systemd's own mounts count"),
        Trap(
            fixture: "current-s-specialisation", rule: "mounts.other.nosuid", outcome: .pass, shows: "",
            why: "/srv has all three options"),
        Trap(
            fixture: "current-w-container", rule: "mounts.swap.encrypted", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "a container has no swap of its own"),
    ]

    static let untold: Set<String> = [
        // A label or UUID may lie within an encrypted volume, which only the initrd knows.
        "built mounts.swap.unencrypted",
        // The exports of 20.09 and 25.05 lack nix.readOnlyStore and boot.readOnlyNixStore.
        "declared mounts.nix-store.read-only",
        // Rules of tmpfiles that packages bring empty /tmp too: those of 20.09 and 25.05 in the fixtures do.
        "declared mounts.tmp.volatile",
    ]
}
