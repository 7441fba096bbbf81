import FirnModel

/// What is known of the real systems for the family `sudo`, written by hand.
enum SudoTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-c-hardserver", rule: "sudo.nopasswd.escapes", outcome: .fail,
            shows: "%wheel: /run/current-system/sw/bin/journalctl", why: "a pager started by it runs a shell as root"),
        Trap(
            fixture: "current-c-hardserver", rule: "sudo.nopasswd.all", outcome: .pass, shows: "",
            why: "only journalctl is without a password"),
        Trap(
            fixture: "current-c-hardserver", rule: "sudo.execWheelOnly", outcome: .pass, shows: "wheel",
            why: "it is the group and mode of the wrapper, not a line of sudoers"),
        Trap(
            fixture: "current-c-hardserver", rule: "sudo.timestamp_timeout", outcome: .pass, shows: "300",
            why: "five minutes"),
        Trap(
            fixture: "current-d-insecure", rule: "sudo.nopasswd.all", outcome: .fail, shows: "porter",
            why: "wheel and porter"),
        Trap(
            fixture: "current-d-insecure", rule: "sudo.authenticate", outcome: .fail, shows: "*",
            why: "Defaults !authenticate after the rules"),
        Trap(
            fixture: "current-d-insecure", rule: "sudo.nopasswd.escapes", outcome: .fail, shows: "less",
            why: "less starts a shell"),
        Trap(
            fixture: "current-d-insecure", rule: "sudo.env_keep", outcome: .fail, shows: "LD_PRELOAD",
            why: "LD_PRELOAD and LD_LIBRARY_PATH are kept"),
        Trap(
            fixture: "current-d-insecure", rule: "sudo.use_pty", outcome: .fail, shows: "false",
            why: "sudo 1.9.17 would use one by itself"),
        Trap(
            fixture: "current-f-iso", rule: "sudo.nopasswd.all", outcome: .fail, shows: "%wheel",
            why: "the installer's wheel; the role silences nothing"),
        Trap(
            fixture: "old-f-iso", rule: "sudo.nopasswd.all", outcome: .fail, shows: "%wheel",
            why: "the installer's wheel; the role silences nothing"),
        Trap(
            fixture: "current-k-firewalld", rule: "sudo.doas.nopass.all", outcome: .fail, shows: "kim",
            why: "doas undoes the care taken with sudo"),
        Trap(
            fixture: "current-k-firewalld", rule: "sudo.doas.keepenv", outcome: .fail, shows: "kim", why: "keepenv"),
        Trap(
            fixture: "current-k-firewalld", rule: "sudo.timestamp_timeout", outcome: .fail, shows: "3600",
            why: "sudo-rs writes /etc/sudoers too: an hour"),
        Trap(
            fixture: "current-k-firewalld", rule: "sudo.nopasswd.all", outcome: .pass, shows: "", why: "sudo-rs asks"),
        Trap(
            fixture: "current-k-firewalld", rule: "sudo.use_pty", outcome: .pass, shows: "true",
            why: "sudo-rs does it by itself"),
        Trap(
            fixture: "current-w-container", rule: "sudo.nopasswd.all", outcome: .fail, shows: "%wheel",
            why: "wheel needs no password there"),
        Trap(
            fixture: "current-s-specialisation", rule: "sudo.nopasswd.all", outcome: .fail, shows: "%wheel",
            why: "the rescue entry has wheel without a password", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "sudo.nopasswd.all", outcome: .pass, shows: "",
            why: "the parent asks"),
        Trap(
            fixture: "current-a-default", rule: "sudo.use_pty", outcome: .pass, shows: "true",
            why: "the default since sudo 1.9.14"),
        Trap(
            fixture: "old-a-default", rule: "sudo.use_pty", outcome: .fail, shows: "false",
            why: "sudo 1.8.31 does not by itself"),
        Trap(
            fixture: "modern-c-hardserver", rule: "sudo.timestamp_timeout", outcome: .pass, shows: "0",
            why: "the password is asked for every time"),
        Trap(
            fixture: "modern-d-insecure", rule: "sudo.nopasswd.all", outcome: .fail, shows: "deploy",
            why: "deploy and wheel"),
        Trap(
            fixture: "modern-d-insecure", rule: "sudo.nopasswd.escapes", outcome: .fail, shows: "systemctl",
            why: "Defaults !authenticate takes the password from %dev's systemctl too"),
        Trap(
            fixture: "modern-d-insecure", rule: "sudo.authenticate", outcome: .fail, shows: "*",
            why: "Defaults !authenticate near the end"),
        Trap(
            fixture: "old-d-insecure", rule: "sudo.nopasswd.all", outcome: .fail, shows: "deploy",
            why: "guest is in wheel, and sudo needs no password"),
        Trap(
            fixture: "old-e-container-host", rule: "sudo.nopasswd", outcome: .fail, shows: "bin/reboot",
            why: "one command without a password"),
        Trap(
            fixture: "old-e-container-host", rule: "sudo.nopasswd.all", outcome: .pass, shows: "",
            why: "reboot only"),
        Trap(
            fixture: "old-e-container-host", rule: "sudo.nopasswd.escapes", outcome: .pass, shows: "",
            why: "reboot gives no shell"),
    ]

    static let untold: Set<String> = []
}
