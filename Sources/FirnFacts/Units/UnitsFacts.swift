public import FirnModel

/// The family `units`: what services may do, what starts them, and what systemd makes of their files.
///
/// Each list names offenders; none is an empty list. "Started" is what a target of the boot, a socket, a timer, a path, another
/// started unit or a bus name starts. What only a package wrote is told apart from what the configuration wrote, because only
/// the latter is known from options: nixpkgs puts it into a unit of its own or into a drop-in `overrides.conf`.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `units.ambient-capabilities` | list | started services to which the configuration gives capabilities that amount to root |
/// | `units.umask` | list | started services whose new files anybody may write, by the configuration |
/// | `units.packaged.ambient-capabilities`, `units.packaged.umask` | list | the same by a package other than systemd (built) |
/// | `units.writable-executables` | list | programs that root runs from places where other users can put files |
/// | `units.root-shells` | list | started services that connect a root shell to whoever opens a connection to their socket |
/// | `units.rescue-shells` | list | rescue and emergency services that open a shell without sulogin, or with its `--force` |
/// | `units.undone-protection` | list | services whose ReadWritePaths= takes back what ProtectSystem= gives |
/// | `units.ignored-settings` | list | sandbox settings of the configuration that systemd ignores |
/// | `units.idle-filters` | list | system call filters that let everything pass |
/// | `units.unconfined` | list | long-running services of the configuration with an exposure of 9.0 and more |
/// | `units.masked-guards` | list | units that watch the machine (`profiles/knowledge/units.toml`) and never start |
/// | `units.idle-upkeep` | list | units that keep the machine up to date, or report from it, and never start |
/// | `units.outside` | list | units and drop-ins put beside those of the configuration (built) |
/// | `units.control-sockets.network` | list | sockets that command root services, open to other machines, Docker's left out |
/// | `units.control-sockets.writable` | list | sockets that command root services, open to every local user |
/// | `units.root-listeners` | list | network sockets whose service runs as root (built) |
/// | `units.missing-executables` | list | started services whose program is not there (built) |
/// | `units.score.NAME` | integer | the exposure of a service in tenths, as `systemd-analyze security` scores it |
///
/// Sources: systemd.unit(5), systemd.exec(5), systemd.socket(5), systemd-analyze(1), capabilities(7), and
/// nixos/lib/systemd-lib.nix of nixpkgs for what NixOS writes.
public enum UnitsFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try UnitKnowledge(knowledge)
        let exposure = try UnitExposure(knowledge, systemd: BuiltUnits.systemdVersion(system))
        return BuiltUnits(system: system, knowledge: table, exposure: exposure).facts()
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try UnitKnowledge(knowledge)
        let exposure = try UnitExposure(knowledge)
        var reader = DeclaredUnits(options: options, knowledge: table, exposure: exposure)
        return reader.facts()
    }

    /// The keys of the lists that both sources supply.
    static let lists: [FactKey] = [
        "units.ambient-capabilities", "units.umask", "units.writable-executables", "units.root-shells",
        "units.rescue-shells", "units.undone-protection", "units.ignored-settings", "units.idle-filters",
        "units.unconfined", "units.masked-guards", "units.idle-upkeep", "units.control-sockets.network",
        "units.control-sockets.writable",
    ]
}
