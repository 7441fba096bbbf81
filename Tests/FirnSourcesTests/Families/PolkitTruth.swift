import FirnModel

/// What is known of the real systems for the family `polkit`, written by hand.
enum PolkitTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "polkit.yes.everyone", outcome: .fail, shows: "*",
            why: "YES to everybody"),
        Trap(
            fixture: "current-d-insecure", rule: "polkit.admins", outcome: .fail, shows: "unix-group:users",
            why: "members of users are administrators"),
        Trap(
            fixture: "current-d-insecure", rule: "polkit.pkexec", outcome: .fail, shows: "true", why: "pkexec is on"),
        Trap(
            fixture: "modern-d-insecure", rule: "polkit.yes.broad", outcome: .fail, shows: "everyone: *",
            why: "YES to everybody"),
        Trap(
            fixture: "modern-d-insecure", rule: "polkit.admins", outcome: .pass, shows: "unix-group:wheel",
            why: "the administrators are wheel"),
        Trap(
            fixture: "old-d-insecure", rule: "polkit.yes.everyone", outcome: .fail, shows: "*", why: "YES to everybody"),
        Trap(
            fixture: "current-f-iso", rule: "polkit.yes.unexpected", outcome: .pass, shows: "",
            why: "the rules of NetworkManager's module"),
        Trap(
            fixture: "old-e-container-host", rule: "polkit.yes.unexpected", outcome: .pass, shows: "",
            why: "the rules of the modules of cups and NetworkManager"),
        Trap(
            fixture: "current-k-firewalld", rule: "polkit.yes.broad", outcome: .pass, shows: "",
            why: "dhcpcd may set the host name, no more"),
        Trap(
            fixture: "current-a-default", rule: "polkit.yes.everyone", outcome: .notApplicable,
            shows: "polkit.enabled is false", why: "polkit is off, though extraConfig is set"),
    ]

    static let untold: Set<String> = []
}
