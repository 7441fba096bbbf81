public import FirnModel
import FirnParsing

/// The family `nix`: the package manager, what it trusts, how the system is kept up to date.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `nix.enabled` | boolean | Nix is set up on the machine |
/// | `nix.<setting>` | by its type | the setting in force: of nix.conf with its includes, `extra-` lines and older names, or Nix's own default. Which ones: `profiles/knowledge/nix-defaults.toml` |
/// | `nix.substituters` | list | binary caches, without passwords and queries |
/// | `nix.substituters.insecure` | list | caches over http or ftp that are not on the machine itself, users' choices included |
/// | `nix.substituters.trusted` | list | caches whose paths are taken unsigned (`?trusted=1`) |
/// | `nix.trusted-public-keys.unknown` | list | names of keys beside that of cache.nixos.org |
/// | `nix.trusted-users.beyond-wheel` | list | trusted users and groups other than root and wheel |
/// | `nix.sandbox-paths.wide` | list | paths of the host in every sandbox, beyond harmless ones and the store |
/// | `nix.secrets` | list | settings that hold a token or password, or name a secret in the store |
/// | `nix.hooks` | list | programs the daemon runs beside builds |
/// | `nix.registry.unlocked` | list | flake names that lead to something that may change |
/// | `nix.auto-upgrade`, `nix.auto-upgrade.reboot` | boolean | the system updates itself; and restarts for a new kernel |
/// | `nix.upgrade-sources.insecure` | list | channels and flakes of updates over http or git |
/// | `nix.gc`, `nix.optimised` | boolean | old generations are collected; equal files are joined |
/// | `nix.ssh-serve` | string | `off`, `read`, `write`: the store over ssh |
/// | `nix.enforced`, `nix.silent-overrides` | boolean, list | the hardening module sets something; what is not in force of that (OptionDefinitions.swift) |
/// | `nix.daemon.listen` | list | addresses of the daemon that are no local socket |
///
/// Sources: nix.conf(5), nixpkgs' nixos/modules/config/nix.nix, nix-flakes.nix, services/system/nix-daemon.nix,
/// services/misc/nix-ssh-serve.nix, tasks/auto-upgrade.nix.
public enum NixFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        NixBuilt(system: system, knowledge: try NixKnowledge(knowledge)).facts()
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        NixDeclared(options: options, knowledge: try NixKnowledge(knowledge), context: context).facts()
    }

    /// Variables that change what Nix reads (nix.conf(5), "Configuration file").
    static let environment = ["NIX_CONFIG", "NIX_CONF_DIR", "NIX_USER_CONF_FILES"]

    /// Addresses in a text that anybody on the way can answer for.
    static func insecureSources(_ text: some StringProtocol) -> [String] {
        guard text.contains("http://") || text.contains("git://") else { return [] }
        return text.split(whereSeparator: { " \t\n\"'()=,;".contains($0) }).compactMap { word in
            let url = word.firstRange(of: "http://") ?? word.firstRange(of: "git://")
            guard let start = url?.lowerBound else { return nil }
            let found = String(word[start...])
            return found.hasPrefix("http://") && !NixFactSet.isInsecure(found) ? nil : NixFactSet.shown(found)
        }
    }

    /// Whether a flake reference may lead to something else tomorrow.
    static func isUnlocked(_ reference: JSONNode) -> Bool {
        switch reference["type"]?.string {
        case "path": return reference["path"]?.string?.hasPrefix("/nix/store/") != true
        case "indirect": return reference["rev"]?.string == nil
        default:
            return ["rev", "narHash"].allSatisfy { reference[$0]?.string == nil }
                && reference["url"]?.string?.contains("rev=") != true
        }
    }
}
