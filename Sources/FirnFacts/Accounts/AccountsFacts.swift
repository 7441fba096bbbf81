public import FirnModel
import FirnParsing

/// The family `accounts`: accounts, groups, forms of passwords, login.defs, autologin, authorized keys.
///
/// Lists name the offenders. No password, hash or key ever stands in a fact or in evidence, only what kind it is.
///
/// | key (`accounts.`…) | type | meaning | source |
/// |---|---|---|---|
/// | `empty-password` | list | accounts that need no password: an empty field in shadow, an empty password or hash declared | shadow(5) |
/// | `clear-text-in-store` | list | accounts whose password stands in clear text in the world-readable store | users-groups.nix |
/// | `hash-in-store` | list | accounts whose hash stands there | users-groups.nix |
/// | `weak-hash`, `cheap-hash` | list | `name: md5`; `name: sha512, cost 1000`: rated in profiles/knowledge/accounts.toml | crypt(5) |
/// | `unusable-hash` | list | accounts whose field has the form of neither hash nor lock (mark, lengths, characters; crypt(3) may refuse more): perhaps a password in clear text | crypt(5) |
/// | `root-password` | string | the form of root's password: `locked`, `empty`, `yescrypt`, ... | shadow(5) |
/// | `uid0`, `gid0` | list | accounts with uid 0; accounts other than `root` in group root, a second one with uid 0 included | passwd(5) |
/// | `duplicate-uids`, `-gids`, `-names` | list | `0: root, toor` | passwd(5), group(5) |
/// | `enforce-id-uniqueness` | boolean | NixOS refuses shared ids; declared only | users-groups.nix |
/// | `mutable-users` | boolean | accounts can be changed beside the configuration | users-groups.nix |
/// | `wheel`, `wheel.count` | list, integer | members of wheel | group(5) |
/// | `groups.root`, `.raw`, `.secrets`, `.devices`, `.logs` | list | `docker: bob`: members of the groups of that class | profiles/knowledge/accounts.toml |
/// | `system-logins`, `system-shells` | list | accounts of services (uid 0 is `uid0`'s matter) with a login shell (and a password) | passwd(5) |
/// | `in-passwd` | list | accounts whose password stands in passwd itself | passwd(5) |
/// | `nis-entries` | list | lines such as `+::::::` that name another source | nsswitch.conf(5) |
/// | `home.world-writable`, `.world-readable` | list | accounts whose home others may write, read | `homeMode` |
/// | `subordinate-ids.overlap`, `.accounts` | list | users who share ids; ranges that hold a real account | subuid(5) |
/// | `login-defs.*` | string, integer | login.defs, or the shadow suite's default; modes in three octal digits | login.defs(5) |
/// | `autologin`, `autologin.root` | list | `console: kim`, `display-manager: kim`, `greetd: kim` | agetty(8) |
/// | `getty.bypass` | list | what opens a shell on a terminal without asking; from the options where they hold `services.getty.loginProgram` or the command lines of all gettys | agetty(8), login(1) |
/// | `keys.root` | list | keys that log in as root: `root: ssh-ed25519 256` | sshd(8) |
/// | `keys.small`, `.short-rsa` | list | DSA, or RSA below 2048 bits; RSA below 3072 | NIST SP 800-57 |
/// | `keys.types` | list | the algorithms of all keys; RSA counts as rsa-sha2-512 | sshd(8) |
/// | `keys.refused` | list | accounts with a line that sshd skips | sshd(8) |
/// | `keys.forced-unrestricted` | list | accounts with a forced command that may still forward ports | sshd(8) |
/// | `keys.cert-authority` | list | accounts with an authority that names no principals | sshd(8) |
/// | `files-opened` | list | `/etc/shadow 0644`: account files that tmpfiles.d opens; from the options the rules and settings, not the files of `systemd.tmpfiles.packages` | tmpfiles.d(5) |
///
/// Where the root was activated, shadow is the truth and the configuration the intention: with mutable users the real
/// entry counts alone, with immutable ones both do, since the next activation writes the declared one anew. Without
/// real files the intention counts. A password in a file outside the store is known to the running system only, and is
/// no finding here.
public enum AccountsFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try AccountsKnowledge(knowledge)
        var batch: FactBatch
        var accounts: [Account]?
        var rootNames: Set<String> = ["root"]
        do {
            let model = try AccountsBuilt(system: system, knowledge: table, release: context.release).model()
            accounts = model.accounts
            rootNames = model.rootNames
            batch = AccountsFactSet(model: model, knowledge: table).facts()
        } catch {
            batch = AccountsFactSet.unavailable(error)
        }
        batch.merge(AccountsLoginDefs(knowledge: table).built(system))
        var autologin = AccountsAutologin(knowledge: table, rootNames: rootNames)
        batch.merge(autologin.built(system))
        batch.merge(AccountsKeys.built(system, accounts: accounts, rootNames: rootNames))
        batch.merge(AccountsFileModes.built(system))
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try AccountsKnowledge(knowledge)
        var batch: FactBatch
        var rootNames: Set<String> = ["root"]
        do {
            let model = try AccountsDeclared(options: options, knowledge: table, release: context.release).model()
            rootNames = model.rootNames
            batch = AccountsFactSet(model: model, knowledge: table).facts()
            // Only files can hold these.
            batch.facts["accounts.in-passwd"] = nil
            batch.facts["accounts.nis-entries"] = nil
        } catch {
            batch = AccountsFactSet.unavailable(error)
        }
        let uniqueness = ["users", "enforceIdUniqueness"]
        batch.facts["accounts.enforce-id-uniqueness"] = options.readBoolean(uniqueness).fact(
            null: .unavailable(reason: "users.enforceIdUniqueness is null", [options.evidence(uniqueness)]),
            missing: .unavailable(
                reason: "the export does not hold users.enforceIdUniqueness", [options.evidence(uniqueness)])
        ) { .boolean($0) }
        batch.merge(AccountsLoginDefs(knowledge: table).declared(options, release: context.release))
        var autologin = AccountsAutologin(knowledge: table, rootNames: rootNames)
        batch.merge(autologin.declared(options))
        batch.merge(AccountsKeys.declared(options, rootNames: rootNames))
        batch.merge(AccountsFileModes.declared(options))
        return batch
    }
}
