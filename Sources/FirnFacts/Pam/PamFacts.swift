public import FirnModel
import FirnParsing

/// What PAM's stacks decide, found by running them as libpam would (`PamExecutor`).
///
/// Supplied by both sources, with the same values. The services are those of `profiles/knowledge/pam-services.toml` that
/// have a file in `/etc/pam.d`; a list names the services it is true of. The account that is asked for is one of
/// `/etc/shadow`; accounts of a directory are not judged.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `pam.services` | list | the services that are judged |
/// | `pam.open` | list | anybody gets in without any proof |
/// | `pam.open-unlisted` | list | services outside that table into which anybody gets without a proof |
/// | `pam.open-to-some` | list | some users, groups, places or times need no proof |
/// | `pam.null-password` | list | an account without a password gets in at the console, or by su, sudo, doas, polkit |
/// | `pam.null-password.remote` | list | the same from the network, where the daemon itself allows it |
/// | `pam.lockout-missing.remote`, `.console`, `.switch` | list | the right password alone lets in, and failures never lock the account, or not those of a group (`admin_group`) |
/// | `pam.lockout.services` | list | failures lock the account |
/// | `pam.lockout.never-counts` | list | a module that counts failures is there and counts none |
/// | `pam.lockout.skipped` | list | the module that refuses has a bound, and the right password of an account beyond it still gets in |
/// | `pam.lockout.root-exempt` | list | failures never lock root |
/// | `pam.lockout.deny` | integer | failures before the lock, the most over the services; absent where none locks |
/// | `pam.lockout.unlock-time` | integer | seconds until the lock ends, the least; 0: never |
/// | `pam.lockout.fail-interval` | integer | seconds in which failures add up, the least |
/// | `pam.su-unrestricted` | list | su for everybody who knows root's password, in no group of administrators |
/// | `pam.quality-missing` | list | a weak new password is taken |
/// | `pam.quality.minlen` | integer | the length a new password needs, credits for kinds of characters taken off |
/// | `pam.history.remember` | integer | old passwords that may not come back; 0: none |
/// | `pam.hash` | list | the hashes of new passwords, names of pam_unix(8); empty where passwd changes no local password |
/// | `pam.account-unchecked` | list | an expired account gets in |
/// | `pam.no-delay` | list | a wrong password can be followed by the next at once |
/// | `pam.loginuid-missing` | list | sessions may begin without a pam_loginuid line being run, whatever its control |
/// | `pam.sessions-refused` | list | no session can ever be opened |
/// | `pam.other-denies` | boolean | a service without a file of its own is refused everything |
/// | `pam.malformed` | list | there are lines that libpam cannot use: it cannot read them, or they name a known module by a bare name that it does not find; whether a path in the store leads to a module is not asked |
/// | `pam.agent-user-files` | list | keys of an SSH agent count that the user may add by himself |
/// | `pam.second-factor-optional` | list | who never set up the second factor passes without it |
/// | `pam.password-to-programs` | list | passwords are handed to a program (pam_exec expose_authtok) |
/// | `pam.limits.core-allowed` | list | domains of limits.conf(5) whose sessions may dump core; `*` is everybody |
/// | `pam.limits.maxlogins` | integer | logins of one user at a time, the most over the services; absent where one has no limit |
public enum PamFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        PamFactSet.facts(
            PamBuilt(system: system), knowledge: try PamKnowledge(knowledge), base: [Evidence(path: "/etc/pam.d")])
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        PamFactSet.facts(
            PamDeclared(options), knowledge: try PamKnowledge(knowledge),
            base: [options.evidence(["security", "pam", "services"])])
    }
}
