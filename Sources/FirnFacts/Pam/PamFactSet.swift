import FirnModel
import FirnParsing

/// A list of services for which something holds.
struct PamOffenders {
    private var names: Set<String> = []
    private var evidence: [Evidence] = []
    private var problem: PamProblem?

    mutating func add(_ name: String, _ found: [Evidence]) {
        names.insert(name)
        evidence += found.prefix(8)
    }

    mutating func add(_ service: PamService, _ finding: PamService.Finding, unknowns type: PamType) {
        switch finding.answer {
        case .yes: add(service.name, finding.evidence)
        case .no: break
        case .unknown: cannotTell(service, type)
        }
    }

    mutating func cannotTell(_ service: PamService, _ type: PamType) {
        guard problem == nil else { return }
        let unknown = service.unknowns(type)
        guard let first = unknown.first else {
            problem = PamProblem(reason: "\(service.name): the stack has too many ways through it")
            return
        }
        problem = PamProblem(
            reason: "\(service.name): it hangs on \(first.module) at \(first.shown), whose answer cannot be told",
            evidence: unknown.map(\.evidence))
    }

    mutating func cannotTell(_ found: PamProblem) { problem = problem ?? found }

    /// A service that surely offends makes the list known, whatever else could not be told.
    func fact(_ base: [Evidence]) -> Fact {
        if !names.isEmpty { return .known(.strings(names.sorted()), evidence) }
        if let problem {
            return .unavailable(reason: problem.reason, problem.evidence.isEmpty ? base : problem.evidence)
        }
        return .known(.list([]), base)
    }
}

/// The facts of the family from the files of a system.
struct PamFactSet<Source: PamSource> {
    let source: Source
    let knowledge: PamKnowledge
    let base: [Evidence]
    /// What stands in for stacks that a service does not have.
    private let otherStacks: Swift.Result<PamStacks, PamProblem>
    private var faillock: [[String]: PamFaillockReading] = [:]
    private var quality: PamQuality
    private var lists: [String: PamOffenders] = [:]
    private var batch = FactBatch()
    private var lockouts: [(PamService, PamLockout)] = []
    private var limits = PamLimits()

    static func facts(_ source: Source, knowledge: PamKnowledge, base: [Evidence]) -> FactBatch {
        var set = PamFactSet(source: source, knowledge: knowledge, base: base)
        return set.collect()
    }

    private init(source: Source, knowledge: PamKnowledge, base: [Evidence]) {
        self.source = source
        self.knowledge = knowledge
        self.base = base
        quality = PamQuality.read(source)
        do throws(PamProblem) {
            otherStacks = .success(try PamStacks.load("other", from: source))
        } catch {
            otherStacks = .failure(error)
        }
        for key in Self.listKeys { lists[key] = PamOffenders() }
    }

    private static var listKeys: [String] {
        [
            "open", "open-to-some", "open-unlisted", "null-password", "null-password.remote", "lockout-missing.remote",
            "lockout-missing.console", "lockout-missing.switch", "lockout.services", "lockout.never-counts",
            "lockout.skipped", "lockout.root-exempt", "su-unrestricted", "quality-missing", "account-unchecked",
            "no-delay", "loginuid-missing", "sessions-refused", "malformed", "agent-user-files",
            "second-factor-optional", "password-to-programs",
        ]
    }

    /// The lists a service of this kind may be on.
    private static func keys(_ service: PamKnowledge.Service) -> [String] {
        let every = [
            "open", "open-to-some", "malformed", "agent-user-files", "second-factor-optional", "password-to-programs",
        ]
        switch service.kind {
        case .locker, .tool: return every
        case .change: return every + ["quality-missing"]
        case .remote, .console, .switching: return listKeys.filter { $0 != "quality-missing" && $0 != "open-unlisted" }
        }
    }

    private static var otherKeys: [String] {
        [
            "services", "lockout.deny", "lockout.unlock-time", "lockout.fail-interval", "quality.minlen",
            "history.remember", "hash", "other-denies", "limits.core-allowed", "limits.maxlogins",
        ]
    }

    private mutating func collect() -> FactBatch {
        let present: Set<String>
        do {
            present = Set(try source.services())
        } catch {
            for key in Self.listKeys + Self.otherKeys {
                batch.facts[FactKey("pam." + key)] = .unavailable(
                    reason: error.reason, error.evidence.isEmpty ? base : error.evidence)
            }
            return batch
        }
        var judged: [String] = []
        var changing: [PamService] = []
        for service in knowledge.services where present.contains(service.name) {
            judged.append(service.name)
            do throws(PamProblem) {
                let stacks = try PamStacks.load(service.name, from: source, other: try otherStacks.get())
                let judge = PamService(service: service, stacks: stacks, modules: modules(stacks))
                collect(judge)
                if service.kind == .change { changing.append(judge) }
            } catch {
                for key in Self.keys(service) { lists[key]?.cannotTell(error) }
                if service.opensSessions { limits.cannotTell(error) }
                if service.kind == .change { quality.cannotTell(error) }
            }
        }
        unlisted(present)
        set("services", .known(.strings(judged.sorted()), base))
        for (key, list) in lists { set(key, list.fact(base)) }
        collectLockouts()
        for (key, fact) in quality.facts(changing, source, base) + limits.facts(base) { set(key, fact) }
        other()
        return batch
    }

    private mutating func set(_ key: String, _ fact: Fact) { batch.facts[FactKey("pam." + key)] = fact }

    /// Services we know nothing of but their stacks: whether they let everybody in is told all the same.
    private mutating func unlisted(_ present: Set<String>) {
        let known = Set(knowledge.services.map(\.name)).union(knowledge.openByDesign).union(["other"])
        for name in present.subtracting(known).sorted() {
            do throws(PamProblem) {
                let stacks = try PamStacks.load(name, from: source, other: try otherStacks.get())
                let service = PamService(
                    service: PamKnowledge.Service(
                        name: name, kind: .tool, isCalledByRoot: false, opensSessions: false,
                        isForAdministrators: false),
                    stacks: stacks, modules: modules(stacks))
                let open = service.open()
                let finding = PamService.Finding(answer: open.everybody, evidence: service.grantors())
                lists["open-unlisted"]?.add(service, finding, unknowns: .auth)
            } catch {
                lists["open-unlisted"]?.cannotTell(error)
            }
        }
    }

    // MARK: One service

    private mutating func modules(_ stacks: PamStacks) -> PamModules {
        for handler in stacks.stacks.values.joined() where handler.module == "pam_faillock" {
            if faillock[handler.arguments] == nil { faillock[handler.arguments] = readFaillock(handler) }
        }
        let known = faillock
        let source = source
        return PamModules(
            knowledge: knowledge, faillock: { known[$0.arguments] ?? .unreadable },
            hasFile: { path in
                switch source.file(path) {
                case .bytes: true
                case .absent: false
                // A store path that a file of the system names is part of its closure.
                case .unavailable: path.hasPrefix("/nix/store/") ? true : nil
                }
            }, enforcesQuality: quality.isEnforced)
    }

    private func readFaillock(_ handler: PamHandler) -> PamFaillockReading {
        let named = PamModules.value("conf", handler)
        let arguments = handler.arguments.filter { !$0.hasPrefix("conf=") }
        switch source.file(named ?? "/etc/security/faillock.conf") {
        case .absent where named == nil: return .options(PamFaillock(settings: nil, arguments: arguments))
        case .absent: return .missing
        case .unavailable: return .unreadable
        case .bytes(let bytes, _):
            do {
                return .options(PamFaillock(settings: try PamSettings.parse(bytes), arguments: arguments))
            } catch {
                return .unreadable
            }
        }
    }

    private mutating func collect(_ service: PamService) {
        let open = service.open()
        if open.everybody == .yes || open.somebody == .yes {
            lists[open.everybody == .yes ? "open" : "open-to-some"]?.add(service.name, service.grantors())
        } else if open.everybody == .unknown || open.somebody == .unknown {
            lists["open"]?.cannotTell(service, .auth)
            lists["open-to-some"]?.cannotTell(service, .auth)
        }
        let problems = service.stacks.problems + service.lost()
        if !problems.isEmpty { lists["malformed"]?.add(service.name, problems) }
        factors(service)
        let kind = service.service.kind
        if kind == .change {
            lists["quality-missing"]?.add(service, service.takesWeakPassword(), unknowns: .password)
        }
        guard kind == .remote || kind == .console || kind == .switching else { return }
        let empty = kind == .remote ? "null-password.remote" : "null-password"
        lists[empty]?.add(service, service.takesEmpty(), unknowns: .auth)
        lists["account-unchecked"]?.add(service, service.takesExpired(), unknowns: .account)
        if open.everybody != .yes { lockout(service) }
        if service.service.isForAdministrators {
            lists["su-unrestricted"]?.add(service, service.isForEverybody(), unknowns: .auth)
        }
        if kind != .switching { lists["no-delay"]?.add(service, service.hasNoDelay(), unknowns: .auth) }
        guard service.service.opensSessions else { return }
        lists["loginuid-missing"]?.add(service, service.skipsLoginUid(), unknowns: .session)
        let refused = service.refusesSessions()
        lists["sessions-refused"]?.add(service, refused, unknowns: .session)
        limits.add(service, source)
    }

    private mutating func lockout(_ service: PamService) {
        let lockout = PamLockout.of(service)
        lockouts.append((service, lockout))
        let missing =
            switch service.service.kind {
            case .remote: "lockout-missing.remote"
            case .console: "lockout-missing.console"
            default: "lockout-missing.switch"
            }
        switch lockout.state {
        case .notNeeded: return
        case .missing: lists[missing]?.add(service.name, lockout.evidence)
        case .locked: lists["lockout.services"]?.add(service.name, lockout.evidence)
        case .unknown:
            lists[missing]?.cannotTell(service, .auth)
            lists["lockout.services"]?.cannotTell(service, .auth)
        }
        for (key, answer) in [
            ("never-counts", lockout.neverCounts), ("skipped", lockout.isSkipped),
            ("root-exempt", lockout.exemptsRoot),
        ] {
            let finding = PamService.Finding(answer: answer, evidence: lockout.evidence)
            lists["lockout." + key]?.add(service, finding, unknowns: .auth)
        }
    }

    /// What stands in the lines, whatever is reached.
    private mutating func factors(_ service: PamService) {
        for handler in service.stack(.auth) where handler.kind == .module {
            let module = knowledge.modules[handler.module]
            if let module, module.kind == .proof, module.optionalArguments.contains(where: handler.arguments.contains),
                handler.actions[PamResult.success] != .done
            {
                lists["second-factor-optional"]?.add(
                    service.name, [service.evidence(handler, "passes for who never set it up")])
            }
            let keys =
                switch handler.module {
                case "pam_ssh_agent_auth": PamModules.value("file", handler)
                case "pam_rssh": PamModules.value("auth_key_file", handler)
                default: nil as String?
                }
            if let keys, ["%h", "~", "$HOME", "${HOME}"].contains(where: { keys.contains($0) }) {
                lists["agent-user-files"]?.add(
                    service.name, [service.evidence(handler, "the user's own file says which keys count")])
            }
            if handler.module == "pam_exec", handler.arguments.contains("expose_authtok") {
                lists["password-to-programs"]?.add(
                    service.name, [service.evidence(handler, "the program reads the password")])
            }
        }
    }

    // MARK: Over all services

    private mutating func collectLockouts() {
        var deny: Int?
        var unlock: Int?
        var interval: Int?
        var evidence: [Evidence] = []
        for (_, lockout) in lockouts {
            guard case .locked(let failures) = lockout.state else { continue }
            deny = max(deny ?? 0, failures)
            if let time = lockout.unlockTime {
                unlock = unlock.map { $0 == 0 ? time : time == 0 ? $0 : min($0, time) } ?? time
            }
            if let time = lockout.failInterval { interval = min(interval ?? time, time) }
            evidence += lockout.evidence
        }
        let unknown = lists["lockout.services"]?.fact(base)
        for (key, value) in [("deny", deny), ("unlock-time", unlock), ("fail-interval", interval)] {
            if let value {
                set("lockout." + key, .known(.integer(Int64(value)), evidence))
            } else if case .unavailable? = unknown {
                set("lockout." + key, unknown ?? .absent(base))
            } else {
                set("lockout." + key, .absent(base))
            }
        }
    }

    private mutating func other() {
        do throws(PamProblem) {
            let stacks = try otherStacks.get()
            let service = PamService(
                service: PamKnowledge.Service(
                    name: "other", kind: .tool, isCalledByRoot: true, opensSessions: false, isForAdministrators: false),
                stacks: stacks, modules: modules(stacks))
            var open: [Evidence] = []
            for type in PamType.allCases {
                guard let endings = service.run(type, PamScenario()) else {
                    throw PamProblem(reason: "other: the stack has too many ways through it")
                }
                switch endings.some(\.isSuccess) {
                case .yes: open += service.stack(type).map { service.evidence($0, "does not refuse") }
                case .no: continue
                case .unknown:
                    throw PamProblem(
                        reason: "other: it hangs on a module whose answer cannot be told",
                        evidence: service.unknowns(type).map(\.evidence))
                }
            }
            let evidence = service.stack(.auth).prefix(2).map(\.evidence)
            set(
                "other-denies",
                .known(.boolean(open.isEmpty), open.isEmpty ? evidence + (evidence.isEmpty ? base : []) : open))
        } catch {
            set("other-denies", .unavailable(reason: error.reason, error.evidence.isEmpty ? base : error.evidence))
        }
    }
}
