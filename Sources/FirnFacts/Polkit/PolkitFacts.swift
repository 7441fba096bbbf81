public import FirnModel
import FirnParsing

/// The family `polkit`: the authorization service of the desktop and of systemd.
///
/// Supplied by both sources with the same values, from the files that the configuration writes to
/// /etc/polkit-1/rules.d (polkit(8); nixos/modules/security/polkit.nix). Subjects are written `everyone`, `local users`
/// (who sit at the machine), `%group`, `name`; actions by their name, `prefix*`, `/pattern/`, or `*` for every action, with
/// what limits them in brackets: `%wheel: org.freedesktop.systemd1.manage-units (unit=nginx.service)`.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `polkit.enabled` | boolean | polkitd is there |
/// | `polkit.pkexec` | boolean | the setuid program pkexec is there |
/// | `polkit.yes` | list | what is allowed without a password |
/// | `polkit.yes.everyone` | list | actions allowed to everyone without a password |
/// | `polkit.yes.broad` | list | of `polkit.yes`, what amounts to root by `profiles/knowledge/polkit.toml` |
/// | `polkit.yes.unexpected` | list | of `polkit.yes`, what no module of nixpkgs writes |
/// | `polkit.auth-self` | list | of the broad actions, those for which one's own password is enough |
/// | `polkit.admins` | list | identities whose password counts as the administrator's |
///
/// Only from a closure, since packages bring them: `polkit.packages.yes.broad`, what the rules of packages in the system's
/// path give that amounts to root: without a password, with one's own (`... (with one's own password)`), or by naming other
/// administrators before NixOS does (`administrators: unix-group:users`).
public enum PolkitFacts {
    static let ruleKeys: [FactKey] = [
        "polkit.yes", "polkit.yes.everyone", "polkit.yes.broad", "polkit.yes.unexpected", "polkit.auth-self",
        "polkit.admins",
    ]
    static let packagesKey: FactKey = "polkit.packages.yes.broad"

    /// A file of rules.
    struct File {
        var name: String
        var shown: String
        var bytes: [UInt8]
    }

    /// Why the rules cannot be told.
    struct Problem: Error {
        var reason: String
        var evidence: [Evidence]
    }

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try PolkitKnowledge(knowledge)
        var batch = FactBatch()
        let path = "/etc/systemd/system/polkit.service"
        let enabled: Fact
        switch system.unit("polkit.service") {
        case .missing: enabled = .known(.boolean(false), [Evidence(path: path, text: "not there")])
        case .masked: enabled = .known(.boolean(false), [Evidence(path: path, text: "masked")])
        case .unit(_, let path): enabled = .known(.boolean(true), [Evidence(path: path)])
        case .unavailable(let reason): enabled = .unavailable(reason: reason, [Evidence(path: path)])
        }
        fill(&batch, enabled, .built(system), table, keys: ruleKeys + [packagesKey]) { () throws(Problem) in
            try files(system, system.etcPath("polkit-1/rules.d"), "/etc/polkit-1/rules.d")
        }
        if enabled.value == .boolean(true) { batch.facts[packagesKey] = packages(system, table) }
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try PolkitKnowledge(knowledge)
        var batch = FactBatch()
        let path = ["security", "polkit", "enable"]
        let enabled = options.readBoolean(path).fact(
            null: .known(.boolean(false), [options.evidence(path)]),
            missing: .unavailable(reason: "security.polkit.enable is not in the export", [options.evidence(path)]),
            FactValue.boolean)
        fill(&batch, enabled, .declared(options), table, keys: ruleKeys) { () throws(Problem) in
            try declaredFiles(options)
        }
        return batch
    }

    private static func fill(
        _ batch: inout FactBatch, _ enabled: Fact, _ wrappers: WrapperReading, _ table: PolkitKnowledge,
        keys: [FactKey],
        files: () throws(Problem) -> [File]
    ) {
        batch.facts["polkit.enabled"] = enabled
        batch.facts["polkit.pkexec"] = SudoAssembly.wrapperFact("pkexec", wrappers).fact
        guard enabled.value == .boolean(true) else {
            for key in keys {
                if case .unavailable = enabled {
                    batch.facts[key] = enabled
                } else {
                    batch.facts[key] = .absent(enabled.evidence)
                }
            }
            return
        }
        let known: [FactKey: Fact]
        do {
            known = facts(try meaning(try files()), table, base: enabled.evidence)
        } catch {
            known = Dictionary(
                uniqueKeysWithValues: ruleKeys.map { ($0, .unavailable(reason: error.reason, error.evidence)) })
        }
        batch.facts.merge(known) { $1 }
    }

    // MARK: Files

    private static func files(_ system: SystemView, _ directory: String, _ shown: String) throws(Problem) -> [File] {
        let names: [String]
        do {
            names = try system.tree.list(directory)
        } catch {
            if error.isAbsence { return [] }
            throw Problem(reason: error.description, evidence: [Evidence(path: shown)])
        }
        var files: [File] = []
        for name in names where name.hasSuffix(".rules") {
            do {
                let bytes = try system.tree.read(directory + "/" + name, limit: 1 << 20)
                files.append(File(name: name, shown: shown + "/" + name, bytes: bytes))
            } catch {
                throw Problem(reason: error.description, evidence: [Evidence(path: shown + "/" + name)])
            }
        }
        return files
    }

    /// Rules that packages put into the system's path.
    private static func packages(_ system: SystemView, _ table: PolkitKnowledge) -> Fact {
        let shown = "/run/current-system/sw/share/polkit-1/rules.d"
        do {
            let found = try files(system, system.toplevel + "/sw/share/polkit-1/rules.d", shown)
            let facts = facts(try meaning(found), table, base: [Evidence(path: shown)])
            var texts: [String] = []
            var evidence: [Evidence] = []
            func take(_ key: FactKey, _ words: String) {
                guard case .known(.list(let values), let places)? = facts[key], !values.isEmpty else { return }
                texts += values.map { $0.description + words }
                evidence += places
            }
            take("polkit.yes.broad", "")
            take("polkit.auth-self", " (with one's own password)")
            // Files are read in the order of their names, wherever they lie, and the first that names administrators
            // decides: the one of NixOS does.
            let before = found.filter { $0.name.utf8.lexicographicallyPrecedes("10-nixos.rules".utf8) }
            for admin in try meaning(before).admins where !table.admins.contains(admin.identity) {
                texts.append("administrators: \(admin.identity)")
                evidence.append(admin.evidence)
            }
            return .known(.strings(texts), evidence.isEmpty ? [Evidence(path: shown)] : evidence)
        } catch {
            return .unavailable(reason: error.reason, error.evidence)
        }
    }

    private static func declaredFiles(_ options: OptionTree) throws(Problem) -> [File] {
        let path = ["environment", "etc"]
        guard case .value(let members, _) = options.readMembers(path) else {
            throw Problem(reason: "the export does not hold environment.etc", evidence: [options.evidence(path)])
        }
        let prefix = "polkit-1/rules.d/"
        var files: [File] = []
        for member in members where member.node["enable"]?.boolean != false {
            let target = member.node["target"]?.string ?? member.key
            let evidence = options.evidence(path + [member.key])
            if target == "polkit-1" || target == "polkit-1/rules.d" {
                throw Problem(reason: "\(evidence.path) is a directory the options do not show", evidence: [evidence])
            }
            guard target.hasPrefix(prefix), target.hasSuffix(".rules") else { continue }
            guard let text = member.node["text"]?.string else {
                throw Problem(
                    reason: "\(evidence.path) comes from a file the options do not show", evidence: [evidence])
            }
            files.append(
                File(name: String(target.dropFirst(prefix.count)), shown: evidence.path, bytes: Array(text.utf8)))
        }
        return files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    // MARK: Facts

    static func meaning(_ files: [File]) throws(Problem) -> PolkitMeaning {
        var meaning = PolkitMeaning()
        for file in files {
            do {
                try meaning.add(try PolkitScript.parse(file.bytes), file: file.shown)
            } catch let error as ParseError {
                throw Problem(
                    reason: "\(file.shown):\(error.line): \(error.message)",
                    evidence: [Evidence(path: file.shown, line: error.line)])
            } catch let error as PolkitMeaning.Unknown {
                throw Problem(
                    reason: "\(file.shown):\(error.line): \(error.reason)",
                    evidence: [Evidence(path: file.shown, line: error.line)])
            } catch {
                throw Problem(reason: "\(file.shown): \(error)", evidence: [Evidence(path: file.shown)])
            }
        }
        return meaning
    }

    static func facts(_ meaning: PolkitMeaning, _ table: PolkitKnowledge, base: [Evidence]) -> [FactKey: Fact] {
        var found: [FactKey: [(text: String, evidence: Evidence)]] = [:]
        func note(_ key: FactKey, _ text: String, _ evidence: Evidence) {
            found[key, default: []].append((text, Evidence(path: evidence.path, line: evidence.line, text: text)))
        }
        for answer in meaning.answers {
            let grant = PolkitGrant(answer.term)
            let isBroad = table.isBroad(grant)
            if answer.result == "yes" {
                note("polkit.yes", grant.text, answer.evidence)
                if grant.who == "everyone" { note("polkit.yes.everyone", grant.what, answer.evidence) }
                if isBroad, !table.isExpected(grant) { note("polkit.yes.broad", grant.text, answer.evidence) }
                if !table.isExpected(grant) { note("polkit.yes.unexpected", grant.text, answer.evidence) }
            } else if answer.result.hasPrefix("auth_self"), isBroad {
                note("polkit.auth-self", grant.text, answer.evidence)
            }
        }
        for admin in meaning.admins { note("polkit.admins", admin.identity, admin.evidence) }
        // Without a rule polkit asks for the password of root (polkit(8)).
        if meaning.admins.isEmpty {
            note("polkit.admins", "unix-user:0", base.first ?? Evidence(path: "/etc/polkit-1"))
        }
        var facts: [FactKey: Fact] = [:]
        for key in ruleKeys {
            var seen: Set<String> = []
            let unique = (found[key] ?? []).filter { seen.insert($0.text).inserted }.sorted { $0.text < $1.text }
            facts[key] = .known(.strings(unique.map(\.text)), unique.isEmpty ? base : unique.map(\.evidence))
        }
        return facts
    }
}
