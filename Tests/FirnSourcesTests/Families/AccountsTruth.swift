import FirnModel

/// What is known of the real systems for the family `accounts`, written by hand.
enum AccountsTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "accounts.root-password", outcome: .pass, shows: "locked",
            why: "root is locked, and users are not mutable"),
        Trap(
            fixture: "current-c-hardserver", rule: "accounts.hash-in-store", outcome: .fail, shows: "keeper",
            why: "keeper's hash is in the store"),
        Trap(
            fixture: "current-c-hardserver", rule: "accounts.mutable-users", outcome: .pass, shows: "false",
            why: "mutableUsers is off"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.uid0", outcome: .fail, shows: "shadowroot",
            why: "a second account with uid 0"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.duplicate-uids", outcome: .fail,
            shows: "0: root, shadowroot",
            why: "the two share a uid"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.weak-hash", outcome: .fail, shows: "shadowroot: md5",
            why: "its hash is MD5"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.clear-text-in-store", outcome: .fail, shows: "porter",
            why: "porter's password stands in clear text"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.clear-text-in-store", outcome: .fail, shows: "root",
            why: "root's initial one too"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.empty-password", outcome: .fail, shows: "visitor",
            why: "visitor needs no password"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.groups.root", outcome: .fail, shows: "docker: visitor",
            why: "and is root through docker"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.groups.raw", outcome: .fail, shows: "disk: visitor",
            why: "and through disk"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.home.world-writable", outcome: .fail, shows: "visitor",
            why: "its home is 0777"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.autologin.root", outcome: .fail, shows: "console: root",
            why: "root is logged in on the consoles"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.login-defs.UMASK", outcome: .fail, shows: "000",
            why: "no mask at all"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.login-defs.ENCRYPT_METHOD", outcome: .fail, shows: "DES",
            why: "DES"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.keys.refused", outcome: .fail, shows: "porter",
            why: "porter's RSA key is damaged: sshd skips it"),
        Trap(
            fixture: "current-d-insecure", rule: "accounts.files-opened", outcome: .fail, shows: "/etc/shadow 0644",
            why: "a line of tmpfiles.d opens shadow"),
        Trap(
            fixture: "current-f-iso", rule: "accounts.empty-password", outcome: .fail, shows: "nixos",
            why: "an installer keeps this finding"),
        Trap(
            fixture: "current-f-iso", rule: "accounts.autologin", outcome: .fail, shows: "console: nixos",
            why: "and this one"),
        Trap(
            fixture: "current-f-iso", rule: "accounts.autologin.root", outcome: .pass, shows: "",
            why: "it is not root who is logged in"),
        Trap(
            fixture: "current-g-testvm", rule: "accounts.empty-password", outcome: .fail, shows: "root",
            why: "the declared file in the store is empty", sources: [.built]),
        Trap(
            fixture: "current-g-testvm", rule: "accounts.clear-text-in-store", outcome: .fail, shows: "tester",
            why: "a test machine is no role"),
        Trap(
            fixture: "current-k-firewalld", rule: "accounts.autologin", outcome: .fail, shows: "console: kim",
            why: "the generated script of getty@ logs kim in"),
        Trap(
            fixture: "current-k-firewalld", rule: "accounts.wheel.count", outcome: .pass, shows: "1",
            why: "users are in userborn's JSON"),
        Trap(
            fixture: "current-k-firewalld", rule: "accounts.mutable-users", outcome: .pass, shows: "false",
            why: "userborn is told so in its environment"),
        Trap(
            fixture: "current-o-overlay", rule: "accounts.empty-password", outcome: .fail, shows: "guest",
            why: "passwd and shadow are not made yet; the JSON has the empty hash"),
        Trap(
            fixture: "current-s-specialisation", rule: "accounts.autologin.root", outcome: .fail,
            shows: "console: root",
            why: "the rescue entry logs root in", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "accounts.autologin.root", outcome: .pass, shows: "",
            why: "quiet does not", specialisation: "quiet", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "accounts.autologin", outcome: .pass, shows: "",
            why: "nor does the parent"),
        Trap(
            fixture: "current-w-container", rule: "accounts.empty-password", outcome: .fail, shows: "nixos",
            why: "no role silences an empty password"),
        Trap(
            fixture: "modern-c-hardserver", rule: "accounts.root-password", outcome: .pass, shows: "locked",
            why: "root is locked"),
        Trap(
            fixture: "modern-d-insecure", rule: "accounts.uid0", outcome: .fail, shows: "toor",
            why: "a second account with uid 0"),
        Trap(
            fixture: "modern-d-insecure", rule: "accounts.unusable-hash", outcome: .fail, shows: "toor",
            why: "its SHA-512 hash is too short to be one"),
        Trap(
            fixture: "modern-d-insecure", rule: "accounts.clear-text-in-store", outcome: .fail, shows: "deploy",
            why: "clear text in users-groups.json"),
        Trap(
            fixture: "modern-d-insecure", rule: "accounts.empty-password", outcome: .fail, shows: "guest",
            why: "guest has an empty password and is in wheel"),
        Trap(
            fixture: "modern-d-insecure", rule: "accounts.autologin.root", outcome: .fail, shows: "console: root",
            why: "in the unit's line itself"),
        Trap(
            fixture: "modern-g-testvm", rule: "accounts.empty-password", outcome: .fail, shows: "root",
            why: "the declared file in the store is empty", sources: [.built]),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.uid0", outcome: .fail, shows: "toor",
            why: "a second account with uid 0"),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.clear-text-in-store", outcome: .fail, shows: "deploy",
            why: "clear text in users-groups.json"),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.empty-password", outcome: .fail, shows: "guest",
            why: "guest has an empty password"),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.groups.root", outcome: .fail, shows: "docker: guest",
            why: "options hold the members of groups under the users there"),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.login-defs.ENCRYPT_METHOD", outcome: .fail, shows: "DES",
            why: "20.09 writes no ENCRYPT_METHOD: the default of the shadow suite"),
        Trap(
            fixture: "old-d-insecure", rule: "accounts.login-defs.UMASK", outcome: .pass, shows: "077",
            why: "20.09 writes a fixed file"),
        Trap(
            fixture: "old-e-container-host", rule: "accounts.groups.root", outcome: .fail, shows: "docker: bob",
            why: "docker is root, on a container host too"),
        Trap(
            fixture: "old-f-iso", rule: "accounts.empty-password", outcome: .fail, shows: "root",
            why: "an installer keeps this finding"),
        Trap(
            fixture: "old-f-iso", rule: "accounts.autologin", outcome: .fail, shows: "console: nixos",
            why: "services.mingetty there"),
        Trap(
            fixture: "old-g-testvm", rule: "accounts.empty-password", outcome: .fail, shows: "root",
            why: "an initial empty hash"),
    ]

    static let untold: Set<String> = [
        // The test machines keep root's hash in a file of the store, which options name and do not hold.
        "declared accounts.empty-password", "declared accounts.root-password", "declared accounts.weak-hash",
        "declared accounts.cheap-hash", "declared accounts.unusable-hash", "declared accounts.hash-in-store",
        // A package's tmpfiles.d file is not in the fixtures' stores.
        "built accounts.files-opened",
    ]
}
