public import FirnModel

/// The family `secrets`: secrets in the world-readable store, and modes that give files away. No fact, evidence or
/// message ever holds a value: only where it stands, what it is called, and how it was recognised.
///
/// | key | meaning (all lists) | sources |
/// |---|---|---|
/// | `secrets.environment` | `unit VARIABLE` of `Environment=` and `SetCredential=` | both |
/// | `secrets.environment-files` | `unit VARIABLE` of an `EnvironmentFile=` in the store or `/etc` | both |
/// | `secrets.command-lines` | `unit name` of an `Exec...=` line | both |
/// | `secrets.service-scripts` | `unit-start name` of a script that the options wrote | both |
/// | `secrets.etc` | `/etc/path name` of a text that `environment.etc` wrote | both |
/// | `secrets.options` | options whose name says that they hold a secret, with a literal value | declared |
/// | `secrets.files` | the same for all other generated files, by path or store name | built |
/// | `secrets.hashes` | password hashes outside the users' own list | built |
/// | `secrets.scope` | `generated` or `deep` (string): what was searched | built |
/// | `secrets.scanned-files` | how many files were searched (integer) | built |
/// | `secrets.world-writable` | `path mode` of tmpfiles.d and `environment.etc`; packages' own tmpfiles.d are not in the options | both |
/// | `secrets.shadow-mode` | `path mode` wider than `profiles/knowledge/secrets.toml` allows | both |
/// | `secrets.deep.*` | what a scan of all text of the closure found (`--deep`) | built |
///
/// Values that come from elsewhere (`/run/secrets/...` of sops-nix, `/run/agenix/...`, `$VARIABLE`, `@TEMPLATE@`, `%d/...`)
/// are no secrets: what they are is not known until the system runs.
public enum SecretsFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var reader = SecretsBuilt(system: system, knowledge: try SecretKnowledge(knowledge))
        return FactBatch(facts: reader.facts())
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var reader = SecretsDeclared(
            options: options, knowledge: try SecretKnowledge(knowledge), release: context.release)
        return FactBatch(facts: reader.facts())
    }
}
