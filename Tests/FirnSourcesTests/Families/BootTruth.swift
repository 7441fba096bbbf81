import FirnModel

/// What is known of the real systems for the family `boot`, written by hand.
enum BootTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "boot.initrd.emergency-access", outcome: .fail, shows: "open",
            why: "a root shell without password in a failed initrd, known from the options only", sources: [.declared]),
        Trap(
            fixture: "current-f-iso", rule: "boot.initrd.emergency-access", outcome: .fail, shows: "open",
            why: "an installer's role silences nothing that gives root", sources: [.declared]),
        Trap(
            fixture: "current-d-insecure", rule: "boot.loader.editor", outcome: .fail, shows: "users:",
            why: "superusers are set to nobody: everybody may edit the entries of GRUB"),
        Trap(
            fixture: "current-d-insecure", rule: "boot.loader.timeout", outcome: .fail, shows: "30",
            why: "the menu waits for 30 seconds"),
        Trap(
            fixture: "current-c-hardserver", rule: "boot.loader.editor", outcome: .pass, shows: "",
            why: "EDITOR = \"\" == \"1\" in the installer's text is off"),
        Trap(
            fixture: "current-a-default", rule: "boot.loader.editor", outcome: .fail, shows: "EDITOR = \"1\" == \"1\"",
            why: "the editor is on by default", sources: [.built]),
        Trap(
            fixture: "old-e-container-host", rule: "boot.loader.editor", outcome: .unknown, shows: "not in the closure",
            why: "the installer's text is not in this closure", sources: [.built]),
        Trap(
            fixture: "current-c-hardserver", rule: "boot.apparmor.enforced", outcome: .fail, shows: "notes",
            why: "AppArmor is on, but its only own profile complains"),
        Trap(
            fixture: "old-b-hardened-profile", rule: "boot.apparmor.enforced", outcome: .pass, shows: "apparmor_parser",
            why: "the profile of ping is loaded without --complain", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "boot.apparmor", outcome: .fail, shows: "false",
            why: "the rescue entry has no AppArmor", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "boot.apparmor", outcome: .fail, shows: "no profile is loaded",
            why: "the service is there and loads nothing"),
        Trap(
            fixture: "modern-c-hardserver", rule: "boot.apparmor", outcome: .fail, shows: "no profile is loaded",
            why: "the service is there and loads nothing"),
        Trap(
            fixture: "current-c-hardserver", rule: "boot.apparmor", outcome: .pass, shows: "notes",
            why: "one profile is loaded", sources: [.built]),
        Trap(
            fixture: "current-g-testvm", rule: "boot.test-backdoor", outcome: .fail, shows: "dev-hvc0.device",
            why: "the root shell of the tests; a test VM is no role", sources: [.declared]),
        Trap(
            fixture: "current-g-testvm", rule: "boot.test-backdoor", outcome: .fail, shows: "/dev/hvc0",
            why: "the root shell of the tests; a test VM is no role", sources: [.built]),
        Trap(
            fixture: "modern-g-testvm", rule: "boot.test-backdoor", outcome: .fail, shows: "hvc0",
            why: "the root shell of the tests"),
        Trap(
            fixture: "old-g-testvm", rule: "boot.test-backdoor", outcome: .fail, shows: "hvc0",
            why: "the root shell of the tests"),
        Trap(
            fixture: "modern-d-insecure", rule: "boot.test-backdoor", outcome: .pass, shows: "",
            why: "backdoor.service is a unit of the user's own there, and no shell"),
        Trap(
            fixture: "old-d-insecure", rule: "boot.test-backdoor", outcome: .pass, shows: "",
            why: "backdoor.service is a unit of the user's own there, and no shell"),
        Trap(
            fixture: "current-d-insecure", rule: "boot.debug-shell", outcome: .fail, shows: "systemd.debug-shell=1",
            why: "no unit starts it, but systemd-debug-generator does for the kernel parameter"),
        Trap(
            fixture: "current-s-specialisation", rule: "boot.debug-shell", outcome: .fail,
            shows: "systemd.debug-shell=1", why: "the rescue entry asks for it on the kernel's command line",
            specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-a-default", rule: "boot.debug-shell", outcome: .pass, shows: "nothing starts it",
            why: "the unit is there in every system"),
        Trap(
            fixture: "current-s-specialisation", rule: "boot.loader.editor", outcome: .notApplicable,
            shows: "boot.loader is parent", why: "the loader is judged once, with the system that installs it",
            specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-d-insecure", rule: "boot.secure-boot", outcome: .notApplicable, shows: "",
            why: "GRUB for the BIOS knows no Secure Boot"),
        Trap(
            fixture: "old-f-iso", rule: "boot.initrd.emergency-access", outcome: .fail, shows: "boot.shell_on_fail",
            why: "the scripted initrd opens a shell for the kernel parameter", sources: [.declared]),
        Trap(
            fixture: "current-f-iso", rule: "boot.loader.editor", outcome: .notApplicable, shows: "boot.loader is none",
            why: "an installer installs no loader; that of the image is not in the toplevel"),
        Trap(
            fixture: "current-f-iso", rule: "boot.installer-leftovers", outcome: .notApplicable,
            shows: "role.installer is true", why: "an installer is one"),
        Trap(
            fixture: "current-w-container", rule: "boot.loader.editor", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "a container has no loader"),
        Trap(
            fixture: "current-w-container", rule: "boot.secure-boot", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "a container has no kernel to sign"),
        Trap(
            fixture: "current-c-hardserver", rule: "boot.ctrl-alt-del", outcome: .pass, shows: "",
            why: "the unit is set to nothing"),
    ]

    static let untold: Set<String> = [
        // The installers of 20.09 and 25.05 are packages that the fixtures lack.
        "built boot.loader.editor", "built boot.loader.timeout", "built boot.loader.plain-passwords",
        // The exports of 20.09 and 25.05 lack boot.initrd.secrets.
        "declared boot.initrd.secrets-in-store",
        // 20.09 had a list of files, security.apparmor.profiles, which its exports lack.
        "declared boot.apparmor", "declared boot.apparmor.profiles", "declared boot.apparmor.complaining",
        // The exports of 20.09 and 25.05 lack the loaders beside GRUB and systemd-boot, which an installer image has not.
        "declared boot.loader", "declared boot.secure-boot",
    ]
}
