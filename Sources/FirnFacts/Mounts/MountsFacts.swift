public import FirnModel
import FirnParsing

/// The family `mounts`: file systems, their options, swap.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `mounts.options.<mount point>` | list | flags in force (`nodev`, `noexec`, `nosuid`, `nosymfollow`, `ro`) and the options that may be shown (`mode=1777`); absent where nothing is mounted of its own |
/// | `mounts.points` | list | all mount points of fstab and mount units, file systems of the kernel left out |
/// | `mounts.special.weak` | list | special file systems that lack a word NixOS gives them: `/proc nosuid` |
/// | `mounts.nix-store.read-only` | boolean | the boot makes /nix/store read-only |
/// | `mounts.network.without-nodev`, `-nosuid`, `-noexec` | list | network file systems that lack it |
/// | `mounts.network.guest` | list | shares mounted without any credential |
/// | `mounts.network.credentials` | list | mount points whose password stands in the world-readable fstab |
/// | `mounts.network.smb1` | list | shares mounted with SMB 1 |
/// | `mounts.network.unauthenticated` | list | NFS mounts whose server believes any client's user numbers (`sec=sys`) |
/// | `mounts.other.without-nodev`, `-nosuid`, `-noexec` | list | file systems outside the areas that have keys of their own; where containers are kept is not among them |
/// | `mounts.loader.without-nodev`, `-nosuid`, `-noexec` | list | file systems of the boot loader that lack it, those of FAT only for noexec; absent where there is none |
/// | `mounts.user-mountable` | list | what users may mount with device files or set-user-id programs in force |
/// | `mounts.loader.readable` | list | FAT partitions of the boot loader that everybody can read |
/// | `mounts.vm-shares` | list | shares of a test machine's host that users can write |
/// | `mounts.tmp.volatile` | boolean | /tmp is empty after a boot |
/// | `mounts.swap.unencrypted` | list | swap devices that keep memory readable on disk |
/// | `mounts.unencrypted` | list | file systems on plain partitions, without those of the loader; declared only |
///
/// Sources: fstab(5), mount(8), systemd.mount(5), systemd-fstab-generator(8), proc(5), and nixpkgs'
/// nixos/modules/tasks/filesystems.nix, system/boot/tmp.nix and config/swap.nix.
public enum MountsFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try MountsKnowledge(knowledge)
        return MountFactSet(model: MountsBuilt(system: system, knowledge: table).model(), knowledge: table).facts()
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try MountsKnowledge(knowledge)
        let reader = MountsDeclared(options: options, knowledge: table, context: context)
        let model = reader.model()
        var batch = MountFactSet(model: model, knowledge: table).facts()
        batch.facts["mounts.unencrypted"] = reader.unencrypted(model)
        return batch
    }
}
