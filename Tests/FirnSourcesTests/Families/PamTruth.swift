import FirnModel

/// What is known of the real systems for the family `pam`, written by hand.
enum PamTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.lockout.order", outcome: .fail, shows: "login",
            why: "mkDefault text lands behind the default stack: sufficient pam_unix comes first"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.lockout.console", outcome: .fail, shows: "login",
            why: "the faillock of login is not effective"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.lockout.remote", outcome: .pass, shows: "",
            why: "the same text with mkBefore comes first for sshd and is effective"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.lockout.deny", outcome: .pass, shows: "3",
            why: "sshd's lock has deny=3"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.lockout.unlock-time", outcome: .pass, shows: "0",
            why: "unlock_time=0 is never"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.sessions", outcome: .fail, shows: "limits.conf",
            why: "conf=/etc/security/limits.conf is not there, and the line is required"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.malformed", outcome: .fail, shows: "a bare name",
            why: "pwquality stands in login and sshd by its bare name, which libpam does not find"),
        Trap(
            fixture: "modern-c-hardserver", rule: "pam.su.wheel", outcome: .pass, shows: "", why: "su.requireWheel"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.lockout.console", outcome: .pass, shows: "",
            why: "preauth and authfail surround pam_unix of login"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.lockout.remote", outcome: .pass, shows: "",
            why: "sshd has no pam_unix: passwords are off there"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.lockout.counts", outcome: .fail, shows: "nixpkgs#486259",
            why: "su has the bare pam_faillock of logFailures"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.lockout.root", outcome: .fail, shows: "login",
            why: "no even_deny_root"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.limits.core", outcome: .pass, shows: "core 0",
            why: "loginLimits"),
        Trap(
            fixture: "current-c-hardserver", rule: "pam.limits.maxlogins", outcome: .pass, shows: "8",
            why: "loginLimits"),
        Trap(
            fixture: "current-a-default", rule: "pam.lockout.counts", outcome: .fail, shows: "su",
            why: "the same on a plain 26.11"),
        Trap(
            fixture: "current-a-default", rule: "pam.null-password", outcome: .fail, shows: "login",
            why: "login allows null passwords by default"),
        Trap(
            fixture: "current-k-firewalld", rule: "pam.null-password", outcome: .fail, shows: "doas",
            why: "doas and login allow null passwords"),
        Trap(
            fixture: "current-k-firewalld", rule: "pam.lockout.counts", outcome: .fail, shows: "su-l",
            why: "logFailures on su and su-l"),
        Trap(
            fixture: "current-d-insecure", rule: "pam.null-password.remote", outcome: .fail, shows: "sshd",
            why: "allowNullPassword for sshd, and PermitEmptyPasswords yes"),
        Trap(
            fixture: "current-d-insecure", rule: "pam.null-password", outcome: .fail, shows: "login, su",
            why: "allowNullPassword for su"),
        Trap(
            fixture: "current-d-insecure", rule: "pam.hash", outcome: .pass, shows: "yescrypt",
            why: "ENCRYPT_METHOD DES of login.defs yields to the word on the line"),
        Trap(
            fixture: "modern-d-insecure", rule: "pam.null-password.remote", outcome: .fail, shows: "sshd",
            why: "allowNullPassword for sshd"),
        Trap(
            fixture: "old-d-insecure", rule: "pam.null-password.remote", outcome: .fail, shows: "sshd",
            why: "allowNullPassword for sshd"),
        Trap(
            fixture: "old-a-default", rule: "pam.lockout.counts", outcome: .pass, shows: "",
            why: "pam_tally counts, only it never locks without deny="),
        Trap(
            fixture: "old-a-default", rule: "pam.lockout.switch", outcome: .fail, shows: "deny is 0",
            why: "pam_tally without deny= never locks"),
        Trap(
            fixture: "old-a-default", rule: "pam.hash", outcome: .pass, shows: "sha512", why: "20.09 writes sha512"),
        Trap(
            fixture: "current-w-container", rule: "pam.loginuid", outcome: .pass, shows: "",
            why: "optional in a container, and still asked"),
        Trap(
            fixture: "current-f-iso", rule: "pam.open", outcome: .pass, shows: "",
            why: "the installer's accounts are empty, its stacks are not open"),
    ]

    static let untold: Set<String> = []
}
