public import FirnModel
import FirnParsing

/// The family `sudo`: sudo, sudo-rs and doas.
///
/// Supplied by both sources with the same values. Source: sudoers(5), doas.conf(5), nixos/modules/security/sudo.nix,
/// sudo-rs.nix, doas.nix. Subjects are written as in sudoers: `alice`, `%wheel`, `#1000`, `+netgroup`, `ALL`; root's own
/// rights are no finding and are left out. Where there is no sudo, its facts are absent.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `sudo.enabled` | boolean | there is a setuid wrapper `sudo` |
/// | `sudo.implementation`, `sudo.version` | string | `sudo` or `sudo-rs`, and its version |
/// | `sudo.config-valid` | boolean | sudo understands every line, include and setting |
/// | `sudo.undefined-aliases` | list | aliases that are used and not defined |
/// | `sudo.executable-by` | string | the group that alone may run the wrapper; `everyone` |
/// | `sudo.file-mode` | string | mode of /etc/sudoers as it is installed |
/// | `sudo.file-owner` | string | its owner and group: `root:root` |
/// | `sudo.nopasswd` | list | what runs without a password: `%wheel: /bin/reboot`, `alice as postgres: ALL` |
/// | `sudo.nopasswd.all` | list | subjects that run everything as root without a password |
/// | `sudo.nopasswd.escapes` | list | commands without a password that let their user run anything |
/// | `sudo.escapes` | list | the same with a password, for subjects who may not run everything anyway |
/// | `sudo.writable-commands` | list | commands whose file users can change |
/// | `sudo.wildcards` | list | commands with wildcards or regular expressions |
/// | `sudo.exclusions` | list | commands forbidden to somebody who may run everything else |
/// | `sudo.setenv-commands` | list | single commands whose caller may set any variable |
/// | `sudo.authenticate` | list | what needs no password by `Defaults !authenticate` or `exempt_group`: `*` is everything |
/// | `sudo.env_keep.dangerous` | list | variables kept that decide what a program loads or runs |
/// | `sudo.<setting>` | as the setting | weakest effective value for anybody; `timestamp_timeout` in seconds, -1 is for ever |
/// | `sudo.password-of` | list | `rootpw`, `targetpw`, `runaspw`: another's password is asked for |
/// | `sudo.log` | boolean | commands are logged by syslog or to a file |
/// | `sudo.ignored-settings` | list | settings this implementation does not have |
/// | `sudo.doas.enabled` | boolean | there is a setuid wrapper `doas` |
/// | `sudo.doas.nopass`, `.nopass.all`, `.nopass.escapes` | list | as for sudo |
/// | `sudo.doas.keepenv`, `.persist`, `.nolog` | list | identities with that option |
/// | `sudo.doas.setenv.dangerous` | list | `alice LD_PRELOAD` |
public enum SudoFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let accounts = try AccountsKnowledge(knowledge)
        var source = SudoBuilt(
            system: system, knowledge: try SudoKnowledge(knowledge),
            homes: { SudoHomes.built(system, accounts, release: context.release) })
        return source.facts()
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let accounts = try AccountsKnowledge(knowledge)
        let source = SudoDeclared(
            options: options, knowledge: try SudoKnowledge(knowledge),
            homes: { SudoHomes.declared(options, accounts, release: context.release) })
        return source.facts()
    }
}

/// What both sources make of the wrappers and the texts they found.
enum SudoAssembly {
    /// The text of a configuration.
    enum Text {
        case bytes([UInt8], file: String)
        case unavailable(String, [Evidence])
    }

    static let stateKeys: [FactKey] = [
        "sudo.implementation", "sudo.version", "sudo.config-valid", "sudo.undefined-aliases", "sudo.executable-by",
        "sudo.file-mode", "sudo.file-owner",
    ]

    /// A name, or a number as `environment.etc` writes it: `+0`.
    static func owner(_ text: String) -> String {
        ["+0", "0", "root"].contains(text) ? "root" : text
    }

    /// Whether a wrapper is there; its evidence.
    static func wrapperFact(_ name: String, _ wrappers: WrapperReading) -> (fact: Fact, wrapper: Wrapper?) {
        switch wrappers {
        case .unavailable(let reason, let evidence): return (.unavailable(reason: reason, evidence), nil)
        case .wrappers(_, let base):
            guard let wrapper = wrappers.wrapper(name), wrapper.isSetuid else {
                return (.known(.boolean(false), base), nil)
            }
            return (.known(.boolean(true), [wrapper.evidence]), wrapper)
        }
    }

    static func sudo(
        _ wrappers: WrapperReading, program: (Wrapper) -> (SudoProgram?, [Evidence]), fileMode: () -> Fact,
        fileOwner: () -> Fact, policy: () -> (Text, SudoersReader), knowledge: SudoKnowledge,
        homes: @escaping @Sendable () -> SudoHomes
    ) -> [FactKey: Fact] {
        var facts: [FactKey: Fact] = [:]
        let (enabled, wrapper) = wrapperFact("sudo", wrappers)
        facts["sudo.enabled"] = enabled
        guard let wrapper else {
            for key in stateKeys + SudoFactSet.policyKeys {
                if case .unavailable = enabled { facts[key] = enabled } else { facts[key] = .absent(enabled.evidence) }
            }
            return facts
        }
        facts["sudo.executable-by"] = .known(
            .string(wrapper.isForEveryone ? "everyone" : wrapper.group), [wrapper.evidence])
        facts["sudo.file-mode"] = fileMode()
        facts["sudo.file-owner"] = fileOwner()
        let (found, programEvidence) = program(wrapper)
        if let found {
            facts["sudo.implementation"] = .known(.string(found.name), programEvidence)
            facts["sudo.version"] =
                found.versionText.map { .known(.string($0), programEvidence) }
                ?? .unavailable(reason: "the version of \(found.name) is not in its store path", programEvidence)
        } else {
            let unknown = Fact.unavailable(reason: "the package behind sudo cannot be told", programEvidence)
            facts["sudo.implementation"] = unknown
            facts["sudo.version"] = unknown
        }
        facts.merge(policyFacts(policy(), found ?? SudoProgram(name: "sudo"), knowledge, homes)) { $1 }
        if found == nil {
            // Without the program the meaning of a setting is not certain.
            for key in SudoFactSet.policyKeys where facts[key] != nil {
                facts[key] = .unavailable(reason: "the package behind sudo cannot be told", programEvidence)
            }
        }
        return facts
    }

    private static func policyFacts(
        _ input: (Text, SudoersReader), _ program: SudoProgram, _ knowledge: SudoKnowledge,
        _ homes: @escaping @Sendable () -> SudoHomes
    ) -> [FactKey: Fact] {
        var reader = input.1
        let file: String
        switch input.0 {
        case .unavailable(let reason, let evidence):
            return unknown(reason, evidence)
        case .bytes(let bytes, let name):
            file = name
            reader.add(bytes, file: name)
        }
        if let problem = reader.unavailable { return unknown(problem.reason, problem.evidence) }
        let base = [Evidence(path: file)]
        var policy = SudoPolicy(reader.sources, problems: reader.problems)
        let syntax = policy.problems
        let refused = policy.removeSettings { setting in
            program.name == "sudo" ? knowledge.objection(setting) : nil
        }
        var facts: [FactKey: Fact] = [:]
        let problems = syntax + refused
        facts["sudo.config-valid"] = .known(
            .boolean(problems.isEmpty),
            problems.isEmpty
                ? base
                : problems.map { Evidence(path: $0.evidence.path, line: $0.evidence.line, text: $0.reason) })
        let undefined = Set(policy.undefined.map(\.name)).sorted()
        facts["sudo.undefined-aliases"] = .known(
            .strings(undefined), policy.undefined.isEmpty ? base : policy.undefined.map(\.evidence))
        if let problem = syntax.first {
            let place = problem.evidence.line.map { "\(problem.evidence.path):\($0)" } ?? problem.evidence.path
            facts.merge(
                SudoFactSet.unavailable("\(place): \(problem.reason); sudo leaves this out", [problem.evidence])
            ) { $1 }
            return facts
        }
        let answers = SudoAnswers(policy: policy, knowledge: knowledge, program: program, homes: homes)
        facts.merge(SudoFactSet.facts(answers, base: base)) { $1 }
        return facts
    }

    private static func unknown(_ reason: String, _ evidence: [Evidence]) -> [FactKey: Fact] {
        var facts = SudoFactSet.unavailable(reason, evidence)
        facts["sudo.config-valid"] = .unavailable(reason: reason, evidence)
        facts["sudo.undefined-aliases"] = .unavailable(reason: reason, evidence)
        return facts
    }

    static func doas(
        _ wrappers: WrapperReading, knowledge: SudoKnowledge, homes: @escaping @Sendable () -> SudoHomes,
        rules: () -> Swift.Result<[(rule: DoasRule, evidence: Evidence)], DoasProblem>
    ) -> [FactKey: Fact] {
        let (enabled, wrapper) = wrapperFact("doas", wrappers)
        var facts: [FactKey: Fact] = ["sudo.doas.enabled": enabled]
        guard wrapper != nil else {
            for key in DoasFactSet.keys {
                if case .unavailable = enabled { facts[key] = enabled } else { facts[key] = .absent(enabled.evidence) }
            }
            return facts
        }
        switch rules() {
        case .success(let found):
            facts.merge(
                DoasFactSet.facts(found, SudoCommands(knowledge: knowledge, homes: homes), base: enabled.evidence)
            ) { $1 }
        case .failure(let problem):
            facts.merge(DoasFactSet.unavailable(problem.reason, problem.evidence)) { $1 }
        }
        return facts
    }

    /// Why the rules of doas cannot be told.
    struct DoasProblem: Error {
        var reason: String
        var evidence: [Evidence]
    }
}
