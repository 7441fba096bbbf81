public import FirnModel
import FirnParsing

/// The family `boot`: the boot loader, the initrd, shells without a login, and what else can be booted.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `boot.loader` | string | `systemd-boot`, `grub`, `lanzaboote`, `limine`, `extlinux`, `external`, `none`; `parent` for a specialisation |
/// | `boot.loader.editor` | boolean | the menu lets anybody at the console change the kernel's parameters |
/// | `boot.loader.timeout` | integer | seconds the menu waits; -1 for ever |
/// | `boot.loader.plain-passwords` | list | users of GRUB whose password is kept in clear text |
/// | `boot.secure-boot` | boolean | kernel and initrd are signed for UEFI Secure Boot; absent where the machine does not start by UEFI |
/// | `boot.initrd.emergency-access` | string | the initrd's shell when the boot fails: `none`, `password`, `open`; declared only |
/// | `boot.initrd.secrets-in-store` | list | secrets of the initrd that are readable in the store |
/// | `boot.initrd.luks-keys` | list | volumes opened by a key file that comes with the initrd; declared only |
/// | `boot.initrd.luks-empty-passphrase` | list | volumes for which an empty passphrase is tried; declared only |
/// | `boot.debug-shell` | boolean | `debug-shell.service` is started, by a unit or a kernel parameter |
/// | `boot.test-backdoor` | boolean | the root shell of NixOS' tests is started |
/// | `boot.console-shells` | list | other services that give a root shell on a terminal without a login |
/// | `boot.sulogin-force` | list | rescue and emergency shells that ask for no password when root has none |
/// | `boot.emergency-mode` | boolean | a failed mount stops the boot in a shell |
/// | `boot.ctrl-alt-del` | string | the unit the keys start; empty when none |
/// | `boot.apparmor` | boolean | AppArmor is on and at least one profile is loaded at boot |
/// | `boot.apparmor.profiles`, `boot.apparmor.complaining` | list | own profiles that are loaded; those that only complain |
/// | `boot.microcode` | boolean | the processor's microcode is updated at boot; declared only |
/// | `boot.usbguard` | boolean | USB devices need permission |
/// | `boot.installer-leftovers` | list | what an installer image left behind |
/// | `boot.entries.dangling` | list | generations and loader entries whose system is gone; absent where the root has neither; roots only |
/// | `boot.nested-systems` | list | containers and microVMs with systems of their own, all of them readable; built only |
///
/// Sources: systemd-boot(7), loader.conf(5), systemd-debug-generator(8), sulogin(8), the manual of GRUB, and nixpkgs'
/// nixos/modules/system/boot/loader, system/boot/systemd, testing/test-instrumentation.nix, security/apparmor.nix.
public enum BootFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = LoaderBuilt(system: system, context: context).facts()
        batch.merge(BootServicesBuilt(system: system).facts())
        batch.merge(BootEntriesBuilt(system: system).facts())
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = LoaderDeclared(options: options, context: context).facts()
        batch.merge(BootServicesDeclared(options: options, context: context).facts())
        return batch
    }

    /// What an installer's profile is called among the leftovers.
    static let installerProfile = "the profile of an installer"

    /// Whether a file system may be the EFI system partition.
    static func mayBeESP(type: String, target: String) -> Bool {
        ["vfat", "msdos", "fat", "auto"].contains(type) && ["/boot", "/boot/efi", "/efi", "/esp"].contains(target)
    }

    /// Whether the menu can be edited, from GRUB's users and the text pasted into its configuration.
    static func grubEditor(
        users: [String], extra: GrubConfiguration
    ) -> (isOpen: Bool?, reason: String?, line: Int?) {
        if let unclear = extra.unclear { return (nil, unclear.reason, unclear.line) }
        // The module writes its own users first, so that a later `set superusers=` wins.
        let superusers = extra.superusers?.names ?? users
        // Without superusers there is no authentication; with them, only they may edit, passwords or not.
        return (superusers.isEmpty, nil, extra.superusers?.line)
    }
}
