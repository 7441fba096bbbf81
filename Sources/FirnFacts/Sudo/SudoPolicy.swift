import FirnModel
import FirnParsing

/// A policy of sudoers with its aliases resolved: who may run what as whom, in the order in which the last match wins.
struct SudoPolicy: Sendable {
    /// A user specification broken up into one subject and one command.
    struct Grant: Sendable, Hashable {
        /// `alice`, `%wheel`, `#1000`, `+netgroup`, `ALL`.
        var subject: String
        /// Subjects that the list takes out.
        var exclusions: [String]
        /// Hosts it is limited to; empty is every host.
        var hosts: [String]
        var runas: Runas
        /// The command; nil is every command.
        var command: SudoersCommand?
        /// Whether it forbids the command.
        var isDenied: Bool
        var tags: SudoersTags
        /// Whether it holds only for a time.
        var isTimed: Bool
        var evidence: Evidence
    }

    /// Whom a command may run as.
    struct Runas: Sendable, Hashable {
        /// Names of users; `ALL` is any.
        var users: [String]
        /// Users taken out.
        var exclusions: [String]
        /// Groups; a command with groups and no users runs as the caller.
        var groups: [String]

        /// Whether root is among them, or any user but some.
        var isPrivileged: Bool {
            if users.contains("ALL") { return true }
            return users.contains { $0 == "root" || $0 == "#0" }
        }
    }

    /// A setting with what it applies to.
    struct Setting: Sendable, Hashable {
        enum Scope: Sendable, Hashable {
            case global
            case user(String)
            case host(String)
            case runas(String)
            case command(String)
        }

        var scope: Scope
        var setting: SudoersSetting
        var evidence: Evidence
    }

    private(set) var grants: [Grant] = []
    private(set) var settings: [Setting] = []
    /// What sudo or visudo would refuse.
    private(set) var problems: [(reason: String, evidence: Evidence)] = []
    /// Aliases that are used and not defined; they match nothing.
    private(set) var undefined: [(name: String, evidence: Evidence)] = []

    private var aliases: [AliasName: [SudoersMember]] = [:]
    /// Whom a command runs as when nothing else is said (`runas_default`).
    private var defaultUser = "root"

    private struct AliasName: Hashable {
        var kind: SudoersAliasKind
        var name: String
    }

    /// Leaves out settings that sudo refuses; each becomes what the caller is told of.
    mutating func removeSettings(_ refused: (SudoersSetting) -> String?) -> [(reason: String, evidence: Evidence)] {
        var seen: [(reason: String, evidence: Evidence)] = []
        settings.removeAll { setting in
            guard let reason = refused(setting.setting) else { return false }
            seen.append((reason, setting.evidence))
            return true
        }
        return seen
    }

    /// More single grants than a real policy has.
    static let grantLimit = 5000
    private static let depthLimit = 32

    /// An entry and the file it stands in.
    struct Source: Sendable {
        var entry: SudoersEntry
        var file: String

        var evidence: Evidence { Evidence(path: file, line: entry.line) }
    }

    init(_ sources: [Source], problems: [(reason: String, evidence: Evidence)] = []) {
        self.problems = problems
        for source in sources {
            guard case .alias(let kind, let name, let members) = source.entry.kind else { continue }
            if aliases.updateValue(members, forKey: AliasName(kind: kind, name: name)) != nil {
                self.problems.append(("the alias \(name) is defined twice", source.evidence))
            }
        }
        for source in sources {
            guard case .defaults(let defaults) = source.entry.kind, case .global = defaults.scope else { continue }
            for setting in defaults.settings where setting.name == "runas_default" {
                if case .set(let user) = setting.operation { defaultUser = user }
            }
        }
        for source in sources {
            switch source.entry.kind {
            case .alias, .include: continue
            case .defaults(let defaults): add(defaults, source)
            case .specification(let users, let privileges): add(users, privileges, source)
            }
        }
    }

    // MARK: Flattening

    /// The members with aliases replaced by what they stand for; a `!` before an alias turns every member round.
    mutating func flat(
        _ members: [SudoersMember], _ kind: SudoersAliasKind, _ evidence: Evidence, depth: Int = 0
    ) -> [SudoersMember] {
        var result: [SudoersMember] = []
        for member in members {
            guard case .alias(let name) = member.kind else {
                result.append(member)
                continue
            }
            guard let inner = aliases[AliasName(kind: kind, name: name)] else {
                undefined.append((name, evidence))
                continue
            }
            guard depth < Self.depthLimit, result.count < Self.grantLimit else {
                problems.append(("the alias \(name) leads back to itself", evidence))
                continue
            }
            for other in flat(inner, kind, evidence, depth: depth + 1) {
                result.append(SudoersMember(other.kind, isNegated: other.isNegated != member.isNegated))
            }
        }
        return result
    }

    /// The name of a user, host or group.
    static func text(_ kind: SudoersMember.Kind) -> String {
        switch kind {
        case .all: "ALL"
        case .alias(let name), .name(let name), .id(let name), .group(let name), .netgroup(let name),
            .network(let name):
            name
        case .myself: "self"
        case .command(let command): command.text
        }
    }

    /// Names that a list lets in, and names it takes out. The last member that matches decides, so what is taken out
    /// before a later `ALL` is in again.
    private static func split(_ members: [SudoersMember]) -> (names: [String], exclusions: [String]) {
        var names: [String] = []
        var exclusions: [String] = []
        for member in members {
            let text = text(member.kind)
            if member.isNegated {
                names.removeAll { $0 == text }
                if text == "ALL" { names = [] }
                exclusions.append(text)
            } else {
                exclusions.removeAll { $0 == text }
                if text == "ALL" { exclusions = [] }
                if !names.contains(text) { names.append(text) }
            }
        }
        return (names, exclusions)
    }

    private mutating func add(_ defaults: SudoersDefaults, _ source: Source) {
        let scopes: [Setting.Scope]
        switch defaults.scope {
        case .global: scopes = [.global]
        case .users(let members):
            scopes = Self.split(flat(members, .user, source.evidence)).names.map { $0 == "ALL" ? .global : .user($0) }
        case .hosts(let members):
            scopes = Self.split(flat(members, .host, source.evidence)).names.map { $0 == "ALL" ? .global : .host($0) }
        case .runas(let members):
            scopes = Self.split(flat(members, .runas, source.evidence)).names.map { $0 == "ALL" ? .global : .runas($0) }
        case .commands(let members):
            scopes = Self.split(flat(members, .command, source.evidence)).names.map { .command($0) }
        }
        for setting in defaults.settings {
            for scope in scopes {
                settings.append(
                    Setting(
                        scope: scope, setting: setting, evidence: Evidence(path: source.file, line: setting.line)))
            }
        }
    }

    private mutating func add(_ users: [SudoersMember], _ privileges: [SudoersPrivilege], _ source: Source) {
        let (subjects, exclusions) = Self.split(flat(users, .user, source.evidence))
        for privilege in privileges {
            let hosts = Self.split(flat(privilege.hosts, .host, source.evidence))
            guard !hosts.names.isEmpty else { continue }
            let hostNames =
                hosts.names.contains("ALL") ? hosts.exclusions.map { "!" + $0 } : hosts.names
            for spec in privilege.commands {
                let evidence = Evidence(path: source.file, line: spec.line)
                let runas = runas(spec, evidence)
                for member in flat([spec.command], .command, evidence) {
                    let command: SudoersCommand?
                    switch member.kind {
                    case .command(let found): command = found
                    default: command = nil
                    }
                    for subject in subjects {
                        guard grants.count < Self.grantLimit else {
                            problems.append(("more than \(Self.grantLimit) single rules", evidence))
                            return
                        }
                        grants.append(
                            Grant(
                                subject: subject, exclusions: exclusions, hosts: hostNames, runas: runas,
                                command: command, isDenied: member.isNegated, tags: spec.tags,
                                isTimed: spec.options["NOTBEFORE"] != nil || spec.options["NOTAFTER"] != nil,
                                evidence: evidence))
                    }
                }
            }
        }
    }

    private mutating func runas(_ spec: SudoersCommandSpec, _ evidence: Evidence) -> Runas {
        let groups = spec.runasGroups.map { Self.split(flat($0, .runas, evidence)).names } ?? []
        guard let users = spec.runasUsers else {
            return Runas(users: spec.runasGroups == nil ? [defaultUser] : ["self"], exclusions: [], groups: groups)
        }
        let (names, exclusions) = Self.split(flat(users, .runas, evidence))
        return Runas(users: names, exclusions: exclusions, groups: groups)
    }
}
