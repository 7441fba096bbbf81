import FirnModel
import FirnParsing

/// What a policy means for those who run sudo: the questions of the rules.
struct SudoAnswers: Sendable {
    let policy: SudoPolicy
    let knowledge: SudoKnowledge
    let program: SudoProgram

    typealias Grant = SudoPolicy.Grant
    typealias Setting = SudoPolicy.Setting

    /// Homes of accounts.
    let homes: @Sendable () -> SudoHomes

    init(
        policy: SudoPolicy, knowledge: SudoKnowledge, program: SudoProgram, homes: @escaping @Sendable () -> SudoHomes
    ) {
        self.policy = policy
        self.knowledge = knowledge
        self.program = program
        self.homes = homes
    }

    /// A finding with its place.
    struct Hit: Hashable, Sendable {
        var text: String
        var evidence: Evidence
    }

    // MARK: Settings

    /// Settings of a name that this implementation acts on, in order; those for root alone change nothing for others.
    /// Where the version that decides is not known, they count.
    func settings(_ name: String) -> [Setting] {
        switch knowledge.treatment(name, program) {
        case .takes, .ignores: return []
        case .acts, .uncertain: break
        }
        return policy.settings.filter { $0.setting.name == name && !Self.isRootOnly($0.scope) }
    }

    private static func isRootOnly(_ scope: Setting.Scope) -> Bool {
        if case .user(let name) = scope { name == "root" || name == "#0" } else { false }
    }

    /// The weakest value a flag has for anybody, with the place that sets it: later settings of everything override
    /// earlier ones; those of single commands come after all others (sudoers(5), "Defaults").
    func flag(_ name: String, weak: Bool) -> (value: Bool, evidence: Evidence?)? {
        var value = knowledge.value(name, program)?.boolean
        var evidence: Evidence?
        var weakPlace: Evidence?
        for setting in settings(name) {
            let isOn = setting.setting.operation != .off
            switch setting.scope {
            case .global:
                value = isOn
                evidence = setting.evidence
                if isOn != weak, let place = weakPlace, place.text != "command" { weakPlace = nil }
            case .command where isOn == weak:
                weakPlace = Evidence(path: setting.evidence.path, line: setting.evidence.line, text: "command")
            default:
                if isOn == weak, weakPlace == nil { weakPlace = setting.evidence }
            }
        }
        if let weakPlace { return (weak, Evidence(path: weakPlace.path, line: weakPlace.line)) }
        return value.map { ($0, evidence) }
    }

    /// The texts a setting may have, the global one first: nil means it is off, or the default.
    func values(_ name: String) -> [(text: String?, evidence: Evidence)] {
        var global: (String?, Evidence)?
        var others: [(String?, Evidence)] = []
        for setting in settings(name) {
            let text: String?
            switch setting.setting.operation {
            case .set(let value): text = value
            default: text = setting.setting.operation == .off ? nil : ""
            }
            if case .global = setting.scope {
                global = (text, setting.evidence)
                others = []
            } else {
                others.append((text, setting.evidence))
            }
        }
        return (global.map { [$0] } ?? []) + others
    }

    /// Members of a list setting that is built up with `=`, `+=`, `-=`, for anybody.
    func list(_ name: String) -> [Hit] {
        var hits: [Hit] = []
        for setting in settings(name) {
            func words(_ text: String) -> [Hit] {
                text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map {
                    Hit(text: String($0), evidence: setting.evidence)
                }
            }
            let isGlobal = setting.scope == .global
            switch setting.setting.operation {
            case .set(let text): hits = (isGlobal ? [] : hits) + words(text)
            case .add(let text): hits += words(text)
            case .remove(let text):
                if isGlobal {
                    let removed = Set(words(text).map(\.text))
                    hits.removeAll { removed.contains($0.text) }
                }
            case .off: if isGlobal { hits = [] }
            case .on: break
            }
        }
        return hits
    }

    /// What needs no password by a setting: `*`, a user, `on HOST`, `as USER`, or a command.
    func unauthenticated() -> [Hit] {
        var hits: [Hit] = []
        for setting in settings("authenticate") {
            let text: String
            switch setting.scope {
            case .global: text = "*"
            case .user(let name): text = name
            case .host(let name): text = "on \(name)"
            case .runas(let name): text = "as \(name)"
            case .command(let name): text = "command \(name)"
            }
            if setting.setting.operation == .off {
                hits.removeAll { $0.text == text }
                hits.append(Hit(text: text, evidence: setting.evidence))
            } else if setting.scope == .global {
                hits.removeAll { !$0.text.hasPrefix("command ") }
            } else {
                hits.removeAll { $0.text == text }
            }
        }
        if let exempt = values("exempt_group").last(where: { $0.text?.isEmpty == false }), let name = exempt.text {
            hits.append(Hit(text: "%" + name, evidence: exempt.evidence))
        }
        return hits
    }

    // MARK: Passwords

    /// Whether a grant is used without a password, as far as its own line and the settings go.
    private func asksNoPassword(_ grant: Grant, _ off: [String: Evidence]) -> Bool {
        if let tag = grant.tags.noPassword { return tag }
        if off["*"] != nil || off[grant.subject] != nil { return true }
        if grant.runas.users.contains(where: { off["as " + $0] != nil }) { return true }
        if let command = grant.command, off["command " + command.path] != nil { return true }
        return off.keys.contains { $0.hasPrefix("on ") }
    }

    /// Whether a later grant decides for everything that an earlier one is about.
    private static func covers(_ later: Grant, _ earlier: Grant) -> Bool {
        guard !later.isTimed, later.subject == earlier.subject || later.subject == "ALL" else { return false }
        guard later.exclusions.isEmpty || later.exclusions == earlier.exclusions else { return false }
        guard later.hosts.isEmpty || later.hosts == earlier.hosts else { return false }
        let isAnyUser = later.runas.users.contains("ALL") && later.runas.exclusions.isEmpty
        guard isAnyUser || later.runas == earlier.runas else { return false }
        guard earlier.runas.groups.isEmpty || later.runas.groups.contains("ALL") || later.runas == earlier.runas else {
            return false
        }
        guard let command = later.command else { return true }
        guard let other = earlier.command, !command.hasDigest, command.path == other.path else { return false }
        return command.arguments == nil || command.arguments == other.arguments
    }

    /// Grants for others than root that no later line takes back, each with whether it asks for no password.
    func effective() -> [(grant: Grant, isFree: Bool)] {
        let off = Dictionary(unauthenticated().map { ($0.text, $0.evidence) }, uniquingKeysWith: { $1 })
        var bySubject: [String: [Int]] = [:]
        for (index, grant) in policy.grants.enumerated() { bySubject[grant.subject, default: []].append(index) }
        var result: [(Grant, Bool)] = []
        for (index, grant) in policy.grants.enumerated() where !grant.isDenied {
            guard grant.subject != "root", grant.subject != "#0" else { continue }
            let isFree = asksNoPassword(grant, off)
            var isDecided = false
            let subjects = grant.subject == "ALL" ? ["ALL"] : [grant.subject, "ALL"]
            for later in subjects.flatMap({ bySubject[$0] ?? [] }) where later > index {
                let other = policy.grants[later]
                guard other.isDenied || (isFree && !asksNoPassword(other, off)) || other == grant else { continue }
                if Self.covers(other, grant) {
                    isDecided = true
                    break
                }
            }
            if !isDecided { result.append((grant, isFree)) }
        }
        return result
    }
}
