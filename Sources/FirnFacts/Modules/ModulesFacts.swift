public import FirnModel

/// The family `modules`: what keeps kernel modules out, modules loaded at boot, locking.
///
/// | fact | value |
/// |---|---|
/// | `modules.autoloads.<group>` | modules of a group that the kernel, udev or the boot may load by themselves |
/// | `modules.loadable.<group>` | modules of a group that `modprobe` by their own name may load too |
/// | `modules.at-boot` | modules that systemd-modules-load.service loads, with `_`, sorted |
/// | `modules.install-commands` | `install` lines whose command does something, as `pattern: command` |
/// | `modules.locked` | whether NixOS' service shuts loading off after boot (`security.lockKernelModules`) |
///
/// A `blacklist` stops aliases only, which is how users and devices make the kernel load a module; an `install` line with
/// `false` or `true`, or `module_blacklist=`, stops the name too (modprobe.d(5), kernel-parameters). Groups are those of
/// `profiles/knowledge/modules.toml`; members that the kernel does not have, or that the configuration uses, are left out.
public enum ModulesFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try ModulesTable(knowledge)
        guard context.hasOwnKernel != false else { return FactBatch() }
        return ModulesBuilt(system: system, table: table).input(context).facts(table, context)
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try ModulesTable(knowledge)
        guard context.hasOwnKernel != false else { return FactBatch() }
        return ModulesDeclared(options: options, table: table).input().facts(table, context)
    }

    /// What settings of the kernel decide: with `dev.tty.ldisc_autoload = 0` only root has a line discipline loaded by
    /// opening a terminal (drivers/tty/tty_ldisc.c).
    static func finish(_ batch: inout FactBatch) {
        let key: FactKey = "modules.autoloads.line-disciplines"
        guard case .known(.list(let modules), let evidence) = batch.facts[key], !modules.isEmpty,
            case .known(.integer(0), let setting) = batch.facts["sysctl.dev.tty.ldisc_autoload"],
            case .known(.list(let atBoot), _) = batch.facts["modules.at-boot"]
        else { return }
        let loaded = modules.filter { atBoot.contains($0) }
        batch.facts[key] = .known(.list(loaded), loaded.isEmpty ? setting : evidence)
    }
}
