import FirnModel
import FirnParsing

/// The facts of sudo and sudo-rs, from a resolved policy.
enum SudoFactSet {
    typealias Hit = SudoAnswers.Hit

    static let policyKeys: [FactKey] = [
        "sudo.nopasswd", "sudo.nopasswd.all", "sudo.nopasswd.escapes", "sudo.escapes", "sudo.writable-commands",
        "sudo.wildcards", "sudo.exclusions", "sudo.setenv-commands", "sudo.authenticate", "sudo.env_keep.dangerous",
        "sudo.env_reset", "sudo.setenv", "sudo.use_pty", "sudo.timestamp_timeout", "sudo.timestamp_type",
        "sudo.passwd_tries", "sudo.log", "sudo.log_output", "sudo.secure_path", "sudo.password-of", "sudo.visiblepw",
        "sudo.pwfeedback", "sudo.noexec", "sudo.runas_allow_unknown_id", "sudo.ignored-settings",
    ]

    /// All of them for one reason.
    static func unavailable(_ reason: String, _ evidence: [Evidence]) -> [FactKey: Fact] {
        Dictionary(uniqueKeysWithValues: policyKeys.map { ($0, .unavailable(reason: reason, evidence)) })
    }

    static func facts(_ answers: SudoAnswers, base: [Evidence]) -> [FactKey: Fact] {
        var facts: [FactKey: Fact] = [:]
        func list(_ key: FactKey, _ hits: [Hit]) {
            var seen: Set<String> = []
            let unique = hits.filter { seen.insert($0.text).inserted }.sorted { $0.text < $1.text }
            facts[key] = .known(.strings(unique.map(\.text)), unique.isEmpty ? base : unique.map(\.evidence))
        }
        if let uncertain = commands(answers, list) {
            facts["sudo.writable-commands"] = .unavailable(reason: uncertain.reason, [uncertain.evidence])
        }
        list("sudo.authenticate", answers.unauthenticated())
        list(
            "sudo.env_keep.dangerous",
            answers.list("env_keep").filter { answers.knowledge.isDangerous($0.text) }
                .map { Hit(text: String($0.text.prefix { $0 != "=" }), evidence: $0.evidence) })
        if let setting = answers.policy.settings.first(where: { treatment($0, answers) == .uncertain }) {
            facts["sudo.ignored-settings"] = .unavailable(
                reason: "whether \(answers.program.name) has \(setting.setting.name) depends on its version, which is "
                    + "not known", [setting.evidence])
        } else {
            list(
                "sudo.ignored-settings",
                answers.policy.settings.filter { treatment($0, answers) == .ignores }
                    .map { Hit(text: $0.setting.name, evidence: $0.evidence) })
        }
        for (name, weak) in [
            ("env_reset", false), ("setenv", true), ("use_pty", false), ("visiblepw", true), ("pwfeedback", true),
            ("noexec", false), ("log_output", false), ("runas_allow_unknown_id", true),
        ] {
            facts[FactKey("sudo." + name)] = flag(answers, name, weak: weak, base)
        }
        facts["sudo.log"] = log(answers, base)
        facts["sudo.timestamp_timeout"] = timeout(answers, base)
        facts["sudo.timestamp_type"] = timestampType(answers, base)
        facts["sudo.passwd_tries"] = tries(answers, base)
        facts["sudo.secure_path"] = securePath(answers, base)
        list(
            "sudo.password-of",
            ["rootpw", "targetpw", "runaspw"].compactMap { name in
                guard let found = answers.flag(name, weak: true), found.value else { return nil }
                return Hit(text: name, evidence: found.evidence ?? base.first ?? Evidence(path: "/etc/sudoers"))
            })
        return facts
    }

    // MARK: Commands

    private static func commands(
        _ answers: SudoAnswers, _ list: (FactKey, [Hit]) -> Void
    ) -> (reason: String, evidence: Evidence)? {
        let commands = SudoCommands(knowledge: answers.knowledge, homes: answers.homes)
        var uncertain: (reason: String, evidence: Evidence)?
        let effective = answers.effective()
        let isNoExec = answers.flag("noexec", weak: false)?.value ?? false
        // A sudo that does not know the setting does nothing for the tag NOEXEC either.
        let hasNoExec = answers.knowledge.treatment("noexec", answers.program) == .acts
        // Who may run everything with a password gains nothing from an editor.
        let full = Set(
            effective.filter { $0.grant.command == nil && $0.grant.runas.isPrivileged && $0.grant.hosts.isEmpty }
                .map(\.grant.subject))
        var found: [FactKey: [Hit]] = [:]
        func note(_ key: FactKey, _ text: String, _ grant: SudoAnswers.Grant) {
            found[key, default: []].append(
                Hit(
                    text: text,
                    evidence: Evidence(path: grant.evidence.path, line: grant.evidence.line, text: text)))
        }
        for (grant, isFree) in effective {
            let subject = subject(grant)
            let text = "\(subject)\(runas(grant.runas)): \(SudoCommands.shown(grant.command))"
            if isFree { note("sudo.nopasswd", text, grant) }
            guard let command = grant.command else {
                if isFree, grant.runas.isPrivileged { note("sudo.nopasswd.all", subject, grant) }
                continue
            }
            switch commands.writability(command.path) {
            case .writable: note("sudo.writable-commands", text, grant)
            case .fixed: break
            case .unknown(let reason): uncertain = (reason, grant.evidence)
            }
            if SudoCommands.hasWildcard(command.path) || SudoCommands.hasWildcard(command.arguments ?? "") {
                note("sudo.wildcards", text, grant)
            }
            if grant.tags.setEnvironment == true, !full.contains(grant.subject) || isFree {
                note("sudo.setenv-commands", text, grant)
            }
            let isNoExecHere = hasNoExec && (grant.tags.noExec ?? isNoExec)
            guard grant.runas.isPrivileged, commands.isEscape(command, noExec: isNoExecHere) else { continue }
            if isFree { note("sudo.nopasswd.escapes", text, grant) }
            if !full.contains(grant.subject), !full.contains("ALL") { note("sudo.escapes", text, grant) }
        }
        for grant in answers.policy.grants where grant.isDenied && full.contains(grant.subject) {
            guard let command = grant.command else { continue }
            note("sudo.exclusions", "\(subject(grant)): !\(SudoCommands.shown(command))", grant)
        }
        for key: FactKey in [
            "sudo.nopasswd", "sudo.nopasswd.all", "sudo.nopasswd.escapes", "sudo.escapes", "sudo.writable-commands",
            "sudo.wildcards", "sudo.exclusions", "sudo.setenv-commands",
        ] {
            list(key, found[key] ?? [])
        }
        return found["sudo.writable-commands"] == nil ? uncertain : nil
    }

    private static func subject(_ grant: SudoAnswers.Grant) -> String {
        var text = grant.subject
        if !grant.exclusions.isEmpty { text += " except " + grant.exclusions.joined(separator: ",") }
        if !grant.hosts.isEmpty { text += " on " + grant.hosts.joined(separator: ",") }
        return text
    }

    private static func runas(_ runas: SudoPolicy.Runas) -> String {
        if runas.isPrivileged, runas.exclusions.isEmpty { return "" }
        let users = runas.users.joined(separator: ",")
        let groups = runas.groups.isEmpty ? "" : ":" + runas.groups.joined(separator: ",")
        let except = runas.exclusions.isEmpty ? "" : " except " + runas.exclusions.joined(separator: ",")
        return " as \(users)\(groups)\(except)"
    }

    private static func treatment(
        _ setting: SudoPolicy.Setting, _ answers: SudoAnswers
    ) -> SudoKnowledge.Treatment {
        answers.knowledge.treatment(setting.setting.name, answers.program)
    }

    // MARK: Settings

    private static func flag(_ answers: SudoAnswers, _ name: String, weak: Bool, _ base: [Evidence]) -> Fact {
        guard let found = answers.flag(name, weak: weak) else { return noDefault(name, answers, base) }
        return .known(.boolean(found.value), found.evidence.map { [$0] } ?? base)
    }

    private static func noDefault(_ name: String, _ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        let version = answers.program.versionText ?? "of an unknown version"
        return .unavailable(
            reason: "\(name) is not set, and what \(answers.program.name) \(version) does then is not known", base)
    }

    private static func log(_ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        if let allowed = answers.flag("log_allowed", weak: false), !allowed.value {
            return .known(.boolean(false), allowed.evidence.map { [$0] } ?? base)
        }
        // sudo-rs has none of these settings, and always logs to syslog.
        guard let syslog = answers.flag("syslog", weak: false), !syslog.value else {
            return .known(.boolean(true), base)
        }
        // A file is enough where those have it for whom syslog is off.
        let files = answers.settings("logfile")
        let areAllOn = files.allSatisfy {
            if case .set(let text) = $0.setting.operation { !text.isEmpty } else { false }
        }
        let isCovered = answers.settings("syslog").filter { $0.setting.operation == .off }.allSatisfy { off in
            files.contains { $0.scope == .global || $0.scope == off.scope }
        }
        if areAllOn, isCovered { return .known(.boolean(true), files.map(\.evidence)) }
        return .known(.boolean(false), syslog.evidence.map { [$0] } ?? base)
    }

    /// Seconds; -1 means that one password is enough until the next boot.
    private static func timeout(_ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        let values = answers.values("timestamp_timeout")
        var worst: (seconds: Int64, evidence: [Evidence])?
        func take(_ seconds: Int64, _ evidence: [Evidence]) {
            let isWorse = worst.map { $0.seconds >= 0 && (seconds < 0 || seconds > $0.seconds) } ?? true
            if isWorse { worst = (seconds, evidence) }
        }
        let hasGlobal = answers.settings("timestamp_timeout").contains { $0.scope == .global }
        if !hasGlobal {
            guard let minutes = answers.knowledge.value("timestamp_timeout", answers.program)?.integer else {
                return noDefault("timestamp_timeout", answers, base)
            }
            take(minutes * 60, base)
        }
        for (text, evidence) in values {
            guard let text else {
                take(0, [evidence])
                continue
            }
            guard let seconds = seconds(text) else {
                return .unavailable(reason: "timestamp_timeout is not a number", [evidence])
            }
            take(seconds, [evidence])
        }
        guard let worst else { return noDefault("timestamp_timeout", answers, base) }
        return .known(.integer(worst.seconds), worst.evidence)
    }

    /// Minutes with a fraction, as seconds rounded up.
    static func seconds(_ text: String) -> Int64? {
        guard let minutes = Double(text), minutes.isFinite, minutes.magnitude < 1e9 else { return nil }
        if minutes < 0 { return -1 }
        return Int64((minutes * 60).rounded(.up))
    }

    private static func timestampType(_ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        let order = ["kernel", "tty", "ppid", "global"]
        var worst = answers.knowledge.value("timestamp_type", answers.program)?.string
        var evidence = base
        if let tickets = answers.flag("tty_tickets", weak: false), !tickets.value {
            return .known(.string("global"), tickets.evidence.map { [$0] } ?? base)
        }
        for (index, value) in answers.values("timestamp_type").enumerated() {
            guard let text = value.text, let rank = order.firstIndex(of: text) else {
                return .unavailable(reason: "timestamp_type has a value that is not known", [value.evidence])
            }
            if index == 0 || (worst.flatMap { order.firstIndex(of: $0) } ?? -1) < rank {
                worst = text
                evidence = [value.evidence]
            }
        }
        return worst.map { .known(.string($0), evidence) } ?? noDefault("timestamp_type", answers, base)
    }

    private static func tries(_ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        let values = answers.values("passwd_tries")
        guard !values.isEmpty else {
            guard let number = answers.knowledge.value("passwd_tries", answers.program)?.integer else {
                return noDefault("passwd_tries", answers, base)
            }
            return .known(.integer(number), base)
        }
        var worst: Int64 = 0
        var evidence = base
        for value in values {
            guard let number = value.text.flatMap({ Int64($0) }), number >= 0 else {
                return .unavailable(reason: "passwd_tries is not a number", [value.evidence])
            }
            // sudo-rs took 0 for no limit (its change log, 0.2.10).
            if number == 0 { return .known(.integer(0), [value.evidence]) }
            if number >= worst {
                worst = number
                evidence = [value.evidence]
            }
        }
        return .known(.integer(worst), evidence)
    }

    private static func securePath(_ answers: SudoAnswers, _ base: [Evidence]) -> Fact {
        let values = answers.values("secure_path")
        guard answers.settings("secure_path").contains(where: { $0.scope == .global }) else { return .absent(base) }
        if let off = values.first(where: { $0.text?.isEmpty != false }) { return .absent([off.evidence]) }
        // The weakest for anybody: every directory that anybody has.
        var seen: Set<Substring> = []
        let directories = values.flatMap { ($0.text ?? "").split(separator: ":", omittingEmptySubsequences: false) }
            .filter { seen.insert($0).inserted }
        return .known(.strings(directories.map(String.init)), values.map(\.evidence))
    }
}
