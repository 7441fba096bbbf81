import FirnModel

/// What is known of the real systems for the family `wrappers`, written by hand.
enum WrappersTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "wrappers.dangerous", outcome: .fail, shows: "find",
            why: "a setuid wrapper find"),
        Trap(
            fixture: "current-d-insecure", rule: "wrappers.dangerous", outcome: .fail, shows: "python",
            why: "a wrapper python with capabilities"),
        Trap(
            fixture: "current-d-insecure", rule: "wrappers.root-capabilities", outcome: .fail, shows: "cap_setuid",
            why: "python has cap_setuid"),
        Trap(
            fixture: "modern-d-insecure", rule: "wrappers.dangerous", outcome: .fail, shows: "nmap (env)",
            why: "a setuid wrapper nmap around coreutils' env"),
        Trap(
            fixture: "old-d-insecure", rule: "wrappers.dangerous", outcome: .fail, shows: "nmap (env)",
            why: "a setuid wrapper nmap around coreutils' env"),
        Trap(
            fixture: "old-d-insecure", rule: "wrappers.setuid.others", outcome: .fail, shows: "nmap nobody",
            why: "20.09 makes nobody the owner where none is named"),
        Trap(
            fixture: "current-a-default", rule: "wrappers.root-capabilities", outcome: .pass, shows: "",
            why: "newuidmap and newgidmap have their capability by their module"),
        Trap(
            fixture: "current-a-default", rule: "wrappers.unexpected", outcome: .pass, shows: "", why: "stock wrappers"),
        Trap(
            fixture: "old-a-default", rule: "wrappers.unexpected", outcome: .pass, shows: "", why: "stock wrappers"),
        Trap(
            fixture: "modern-c-hardserver", rule: "wrappers.unexpected", outcome: .pass, shows: "",
            why: "stock wrappers"),
    ]

    static let untold: Set<String> = []
}
