import FirnModel

/// What is known of the real systems for the family `age`, written by hand; judged at 2026-11-24.
enum AgeTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "old-a-default", rule: "age.nixos", outcome: .fail, shows: "2021-06-30", why: "20.09 has ended"),
        Trap(
            fixture: "old-a-default", rule: "age.kernel", outcome: .fail, shows: "2025-12-03", why: "5.4 has ended"),
        Trap(
            fixture: "old-e-container-host", rule: "age.openssh", outcome: .fail, shows: "2020-02-14",
            why: "OpenSSH 8.2 is of 2020"),
        Trap(
            fixture: "old-f-iso", rule: "age.openssh", outcome: .notApplicable, shows: "ssh.enabled is false",
            why: "sshd is not started at boot there"),
        Trap(
            fixture: "modern-b-hardened-profile", rule: "age.nixos", outcome: .fail, shows: "2025-12-31",
            why: "25.05 has ended"),
        Trap(
            fixture: "modern-b-hardened-profile", rule: "age.kernel", outcome: .pass, shows: "2028-12-31",
            why: "linux-hardened 6.12 is of the branch 6.12"),
        Trap(
            fixture: "current-a-default", rule: "age.nixos", outcome: .pass, shows: "2027-06-30",
            why: "26.11 is about to come out"),
        Trap(
            fixture: "current-a-default", rule: "age.openssh", outcome: .pass, shows: "2026-04-02",
            why: "OpenSSH 10.3"),
        Trap(
            fixture: "current-s-specialisation", rule: "age.nixos", outcome: .pass, shows: "VERSION_ID",
            why: "the tag of the rescue entry stands before the version in nixos-version", specialisation: "rescue",
            sources: [.built]),
        Trap(
            fixture: "current-w-container", rule: "age.kernel", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "no kernel of its own"),
    ]

    static let untold: Set<String> = []
}
