import FirnModel
import FirnParsing

/// What a source found out about auditing, before it becomes facts.
struct AuditFindings {
    /// The rules.
    enum Rules {
        /// Nothing loads rules, or auditing is off; why.
        case off([Evidence])
        /// They are loaded; where that is ordered.
        case loaded(AuditLoad, [Evidence])
        /// It cannot be told.
        case unavailable(String, [Evidence])
    }

    var rules: Rules
    /// Whether the daemon runs.
    var daemon: Fact
    /// The daemon's configuration; nil where it does not run.
    var daemonConf: AuditdReading?
    /// The setuid programs, or why they cannot be told.
    var wrappers: Fact
    /// What switches auditing off again when it starts: journald's `Audit=no`, auditd's `-s disable`; or why that
    /// cannot be told.
    var switchedOffBy: (reason: String, evidence: Evidence)?
    /// Where the unit that loads rules says that it starts before its default dependencies and not behind the unit that
    /// fills /run/wrappers; nil where the order is right.
    var startsBeforeWrappers: Evidence?
    /// The command that switches auditing off when the load fails (`ExecStopPost` of audit-rules-nixos.service, since
    /// 25.11); nil where a failed load leaves what was loaded.
    var offOnFailure: Evidence?
    /// Whether a service of a rule set is there.
    var services: [String: Fact]
    var paths: AuditPaths
}

extension AuditFindings {
    /// Loaded rules on what lies below /run/wrappers, where nothing orders the load behind the unit that fills it.
    func early(_ load: AuditLoad) -> [AuditLoad.Loaded] {
        guard startsBeforeWrappers != nil else { return [] }
        return load.rules.filter { loaded in
            loaded.rule.path.map { AuditPath.isAtOrBelow($0, "/run/wrappers") } ?? false
        }
    }

    /// Why all that was loaded is undone again; nil where it stays. A locked kernel keeps it.
    func undone(_ load: AuditLoad) -> [Evidence]? {
        guard let offOnFailure, load.hasFailed, load.enabled != 2 else { return nil }
        return load.refused.prefix(1).map { refusal in
            var place = refusal.evidence
            place.text = (place.text.map { $0 + ": " } ?? "") + refusal.reason
            return place
        } + [offOnFailure]
    }
}

extension AuditLoad {
    /// Whether the unit fails when the kernel refuses a line: all but `-i` makes it.
    var failsWhenRefused: Bool { !goesOn || reportsErrors }
}

/// Facts about auditing.
///
/// | fact | value |
/// |---|---|
/// | `audit.enabled` | whether rules are loaded and the kernel audits (auditctl(8), `-e`) |
/// | `audit.intended` | the same, without asking whether a rule that may be refused makes the unit undo all |
/// | `audit.immutable` | whether nothing can be changed until the next boot (`-e 2`) |
/// | `audit.failure-mode` | 0 silent, 1 printk, 2 panic (`-f`) |
/// | `audit.backlog-limit` | records that may wait in the kernel (`-b`, `audit_backlog_limit=`) |
/// | `audit.rate-limit` | records a second, 0 without limit (`-r`) |
/// | `audit.loginuid-immutable` | whether a login user id is fixed once it is set |
/// | `audit.continues-on-error` | whether a refused line costs that line alone (`-i`; `-c` where the failure of the unit undoes nothing) |
/// | `audit.rules` | the rules the kernel has, in one spelling and in their order |
/// | `audit.rules.refused` | lines that auditctl or the kernel refuses |
/// | `audit.rules.not-loaded` | lines behind a refused one |
/// | `audit.rules.shadowed` | rules of which an earlier `never` leaves nothing |
/// | `audit.rules.dead-watches` | watched paths at which nothing is on NixOS, or links to programs in the store |
/// | `audit.rules.outside-wrappers` | watched paths of setuid programs that have no privilege there |
/// | `audit.rules.too-early` | watched paths in /run/wrappers, when nothing orders the load behind the unit that makes it |
/// | `audit.rules.without-key` | rules that record without a key |
/// | `audit.covers.<set>` | whether every event of a set of audit-rulesets.toml is audited; absent where its service is off |
enum AuditFactSet {
    static func facts(_ findings: AuditFindings, _ knowledge: AuditKnowledge) -> FactBatch {
        var batch = FactBatch()
        func supply(_ name: String, _ fact: Fact) { batch.facts[FactKey("audit." + name)] = fact }
        supply("auditd.enabled", findings.daemon)
        for (name, fact) in AuditdFacts.facts(findings.daemon, findings.daemonConf, knowledge) {
            supply("auditd." + name, fact)
        }
        let lists = [
            "refused", "not-loaded", "shadowed", "dead-watches", "outside-wrappers", "too-early", "without-key",
        ]
        switch findings.rules {
        case .unavailable(let reason, let evidence):
            let unknown = Fact.unavailable(reason: reason, evidence)
            for name in [
                "enabled", "intended", "immutable", "failure-mode", "backlog-limit", "rate-limit", "loginuid-immutable",
                "continues-on-error", "rules",
            ] {
                supply(name, unknown)
            }
            for name in lists { supply("rules." + name, unknown) }
            for set in knowledge.sets { supply("covers." + set.id, unknown) }
        case .off(let evidence):
            for name in ["enabled", "intended", "immutable", "loginuid-immutable", "continues-on-error"] {
                supply(name, .known(.boolean(false), evidence))
            }
            for name in ["failure-mode", "backlog-limit", "rate-limit"] { supply(name, .absent(evidence)) }
            supply("rules", .known(.list([]), evidence))
            for name in lists { supply("rules." + name, .known(.list([]), evidence)) }
            for set in knowledge.sets {
                supply(
                    "covers." + set.id, applies(set, findings) ?? .known(.boolean(false), evidence))
            }
        case .loaded(let load, let evidence):
            for (name, fact) in controls(load, evidence, findings) { supply(name, fact) }
            if let off = findings.switchedOffBy, load.enabled != 2 || load.doubt != nil {
                for name in ["enabled", "intended"] {
                    supply(name, .unavailable(reason: off.reason, [off.evidence]))
                }
            }
            for (name, fact) in ruleFacts(load, evidence, findings, knowledge) { supply(name, fact) }
            if let off = findings.undone(load) {
                // The rules are deleted again; what was refused stays told.
                for name in ["enabled", "intended"] { supply(name, .known(.boolean(false), off)) }
                supply("rules", .known(.list([]), off))
                for set in knowledge.sets {
                    supply("covers." + set.id, applies(set, findings) ?? .known(.boolean(false), off))
                }
                return batch
            }
            let isOn = (load.enabled ?? 0) > 0
            let answers = AuditSetAnswers(load: load, knowledge: knowledge)
            for set in knowledge.sets {
                if let fact = applies(set, findings) {
                    supply("covers." + set.id, fact)
                } else if !isOn {
                    supply("covers." + set.id, .known(.boolean(false), evidence))
                } else {
                    var set = set
                    // The set names the usual path; sudoers says which one it is.
                    if case .known(.string(let path), _)? = set.service.flatMap({ findings.services[$0] }) {
                        set.wanted = set.wanted.map { $0.replacing("/var/log/sudo.log", with: path) }
                    }
                    supply("covers." + set.id, answers.fact(set, wrappers: findings.wrappers, evidence))
                }
            }
        }
        return batch
    }

    /// The fact of a set whose service is off or not told; nil where the set applies.
    private static func applies(_ set: AuditKnowledge.RuleSet, _ findings: AuditFindings) -> Fact? {
        guard let service = set.service, let fact = findings.services[service] else { return nil }
        switch fact {
        case .known(.boolean(true), _), .known(.string, _): return nil
        case .known(_, let evidence), .absent(let evidence): return .absent(evidence)
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, evidence)
        }
    }

    private static func controls(
        _ load: AuditLoad, _ evidence: [Evidence], _ findings: AuditFindings
    ) -> [(String, Fact)] {
        let now = load.settings
        let then = load.settingsAtDoubt ?? now
        let reason = load.doubt.map { doubt in
            let place = doubt.evidence.line.map { "\(doubt.evidence.path):\($0)" } ?? doubt.evidence.path
            return "\(place): \(doubt.reason), and auditctl stops at what is refused"
        }
        func fact(_ key: String, _ value: FactValue, isCertain: Bool) -> Fact {
            let places = load.places[key].map { [$0] } ?? evidence
            if !isCertain, let reason {
                return .unavailable(reason: reason, (load.doubt.map { [$0.evidence] } ?? []) + places)
            }
            return .known(value, places)
        }
        let isOn = (now.enabled ?? 0) > 0
        let race = findings.early(load).first?.evidence
        let raceReason =
            "whether the kernel takes the rule on /run/wrappers cannot be told: nothing orders the load behind \(AuditOrder.wrappersUnit)"
        let undoing = " and when it is refused the unit switches auditing off (ExecStopPost)"
        let isUndone: (reason: String, evidence: [Evidence])?
        if let stop = findings.offOnFailure, let race, now.enabled != 2 ? load.failsWhenRefused : !load.goesOn {
            isUndone = (raceReason + "," + undoing, [race, stop])
        } else if let stop = findings.offOnFailure, let reason, let doubt = load.doubt, then.enabled != 2 {
            isUndone = (reason + "," + undoing, [doubt.evidence, stop])
        } else {
            isUndone = nil
        }
        let isLocked = now.enabled == 2
        // -c makes auditctl fail in the end: that helps where the lock keeps the unit from undoing the load.
        let continues = load.goesOn && (!load.reportsErrors || findings.offOnFailure == nil || isLocked)
        let intended =
            now.enabled == nil
            ? Fact.unavailable(reason: "no rule file says -e, and audit=1 is not on the command line", evidence)
            : fact("enabled", .boolean(isOn), isCertain: isOn == ((then.enabled ?? 0) > 0))
        return [
            ("enabled", isUndone.map { .unavailable(reason: $0.reason, $0.evidence) } ?? intended),
            ("intended", intended),
            (
                "immutable",
                race.flatMap { isLocked && !load.goesOn ? .unavailable(reason: raceReason, [$0]) : nil }
                    ?? fact("enabled", .boolean(isLocked), isCertain: isLocked == (then.enabled == 2))
            ),
            ("failure-mode", fact("failure", .integer(Int64(now.failure)), isCertain: now.failure == then.failure)),
            ("backlog-limit", fact("backlog", .integer(Int64(now.backlog)), isCertain: now.backlog == then.backlog)),
            ("rate-limit", fact("rate", .integer(Int64(now.rate)), isCertain: now.rate == then.rate)),
            (
                "loginuid-immutable",
                fact(
                    "loginuid", .boolean(now.hasLoginuidLock), isCertain: now.hasLoginuidLock == then.hasLoginuidLock)
            ),
            ("continues-on-error", fact("continue", .boolean(continues), isCertain: true)),
        ]
    }

    private static func ruleFacts(
        _ load: AuditLoad, _ evidence: [Evidence], _ findings: AuditFindings, _ knowledge: AuditKnowledge
    ) -> [(String, Fact)] {
        let names = knowledge.names
        func list(_ entries: [(String, Evidence, String?)]) -> Fact {
            .known(
                .strings(entries.map(\.0)),
                entries.isEmpty
                    ? evidence
                    : entries.map { entry in
                        var place = entry.1
                        if let why = entry.2 { place.text = (place.text.map { $0 + ": " } ?? "") + why }
                        return place
                    })
        }
        var result: [(String, Fact)] = []
        result.append(("rules", list(load.rules.map { ($0.rule.text(names), $0.evidence, nil) })))
        result.append(("rules.refused", list(load.refused.map { ($0.text, $0.evidence, $0.reason) })))
        result.append(("rules.not-loaded", list(load.unread.map { ($0.text, $0.evidence, $0.reason) })))
        let coverage = AuditCoverage(load.rules, knowledge)
        var shadowed: [(String, Evidence, String?)] = []
        for (index, loaded) in load.rules.enumerated() {
            guard let by = coverage.shadow(of: index) else { continue }
            let place = by.evidence.line.map { "\(by.evidence.path):\($0)" } ?? by.evidence.path
            shadowed.append((loaded.rule.text(names), loaded.evidence, "\(place) comes first: \(by.rule.text(names))"))
        }
        result.append(("rules.shadowed", list(shadowed)))
        var dead: [(String, Evidence, String?)] = []
        var outside: [(String, Evidence, String?)] = []
        let all =
            load.rules.map { ($0.rule, $0.evidence) }
            + load.refused.compactMap { one in one.rule.map { ($0, one.evidence) } }
        for (rule, place) in all where rule.action == .always {
            guard let path = rule.path else { continue }
            if let reason = findings.paths.deadness(rule) { dead.append((path, place, reason)) }
            if findings.paths.missesWrapper(rule) {
                outside.append((path, place, "it has privileges in /run/wrappers/bin only"))
            }
        }
        result.append(("rules.dead-watches", list(dead)))
        result.append(("rules.outside-wrappers", list(outside)))
        let order = findings.startsBeforeWrappers?.path ?? ""
        let early = findings.early(load).map { loaded in
            (loaded.rule.path ?? "", loaded.evidence, "\(order) starts before /run/wrappers is filled")
        }
        result.append(("rules.too-early", list(early)))
        let bare = load.rules.filter { $0.rule.action == .always && $0.rule.list == .exit && $0.rule.keys.isEmpty }
        result.append(("rules.without-key", list(bare.map { ($0.rule.text(names), $0.evidence, nil) })))
        return result
    }
}

/// Whether the sets of rules are covered.
struct AuditSetAnswers {
    let load: AuditLoad
    let knowledge: AuditKnowledge

    private func coverage(_ rules: [AuditLoad.Loaded]) -> AuditCoverage {
        AuditCoverage(rules, knowledge)
    }

    func fact(_ set: AuditKnowledge.RuleSet, wrappers: Fact, _ evidence: [Evidence]) -> Fact {
        var programs: [String] = []
        var set = set
        let wrapper = { (text: String) in text.split(separator: " ").first { $0.hasPrefix("path=/run/wrappers/bin/") } }
        if set.wanted.contains(where: { wrapper($0) != nil }), case .known(.list(let names), _) = wrappers {
            // A setuid program that the system does not have cannot be run.
            set.wanted.removeAll { text in
                wrapper(text).map { path in !names.contains(.string(AuditPath.name(String(path)))) } ?? false
            }
        }
        if set.wantsWrappers {
            switch wrappers {
            case .known(.list(let names), _):
                programs = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
            case .known, .absent: break
            case .unavailable(let reason, let places): return .unavailable(reason: reason, places)
            }
        }
        let (isCovered, places) = answer(set, programs, load.rules)
        guard isCovered, let doubt = load.doubt, let then = load.settingsAtDoubt else {
            return .known(.boolean(isCovered), places.isEmpty ? evidence : places)
        }
        // Rules that suppress everything may still come behind the line in doubt: they count in any case.
        let early = Set(load.rules.prefix(then.rules))
        let (isSure, sure) = answer(
            set, programs, load.rules.filter { early.contains($0) || $0.rule.list != .exit || $0.rule.action == .never }
        )
        if isSure { return .known(.boolean(true), sure.isEmpty ? evidence : sure) }
        let place = doubt.evidence.line.map { "\(doubt.evidence.path):\($0)" } ?? doubt.evidence.path
        return .unavailable(
            reason: "\(place): \(doubt.reason), and auditctl stops at what is refused", [doubt.evidence] + places)
    }

    private func answer(
        _ set: AuditKnowledge.RuleSet, _ wrappers: [String], _ rules: [AuditLoad.Loaded]
    ) -> (Bool, [Evidence]) {
        let coverage = coverage(rules)
        var found: [Evidence] = []
        var lacking: [Evidence] = []
        var wanted = set.wanted
        wanted += wrappers.map {
            "-a always,exit -F arch=b64 -F path=/run/wrappers/bin/\($0) -F perm=x -F auid>=1000 -F auid!=unset"
        }
        for text in wanted {
            guard let rule = self.rule(text) else { return (false, []) }
            for event in coverage.events(rule) {
                lacking += check(event, text, coverage, &found)
            }
        }
        for program in set.programs {
            let text = "-a always,exit -F perm=x -F auid>=1000 -F auid!=unset"
            guard let rule = self.rule(text) else { return (false, []) }
            for event in coverage.events(rule, program: program) where event.machine == knowledge.names.native {
                let wanted = "-F path=/nix/store/.../bin/\(program) -F perm=x -F auid>=1000 -F auid!=unset"
                lacking += check(event, wanted, coverage, &found)
            }
        }
        for text in set.present {
            guard let rule = self.rule(text) else { return (false, []) }
            guard
                let own = rules.first(where: {
                    $0.rule.list == rule.list && $0.rule.action == rule.action
                        && Set($0.rule.fields) == Set(rule.fields)
                })
            else {
                lacking.append(Evidence(path: "audit rules", text: "missing: \(text)"))
                continue
            }
            found.append(own.evidence)
        }
        var seen: Set<Evidence> = []
        if !lacking.isEmpty { return (false, Array(lacking.filter { seen.insert($0).inserted }.prefix(12))) }
        return (true, Array(found.filter { seen.insert($0).inserted }.prefix(12)))
    }

    private func rule(_ text: String) -> AuditRule? {
        guard case .append(let rule)? = AuditRules.statement(text, line: 1, names: knowledge.names)?.change else {
            return nil
        }
        return rule
    }

    /// What is missing of an event; empty when it is audited.
    private func check(
        _ event: AuditCoverage.Event, _ text: String, _ coverage: AuditCoverage, _ found: inout [Evidence]
    ) -> [Evidence] {
        switch coverage.verdict(event) {
        case .audited(let loaded):
            found.append(loaded.evidence)
            return []
        case .suppressed(let loaded):
            var place = loaded.evidence
            place.text = (place.text.map { $0 + ": " } ?? "") + "it comes first and takes events of \(text)"
            return [place]
        case .missing:
            let call = event.syscall.map {
                " (\(knowledge.names.syscallName($0, event.machine)), \(event.machine.rawValue))"
            }
            return [Evidence(path: "audit rules", text: "missing: \(text)\(call ?? " (\(event.machine.rawValue))")")]
        }
    }
}
