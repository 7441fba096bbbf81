import FirnModel
import FirnParsing

/// "After N bad passwords, what happens?" for one service.
struct PamLockout {
    enum State {
        /// The right password alone does not let in: there is nothing to guess.
        case notNeeded
        /// After `deny` failures the right password is refused.
        case locked(deny: Int)
        /// Failures are not recorded, or the tally is not asked.
        case missing
        case unknown
    }

    var state: State
    /// Whether a module that counts is there and wrong passwords are not counted.
    var neverCounts = PamAnswer.no
    /// Whether a locked account gets in because the module that refuses is never asked.
    var isSkipped = PamAnswer.no
    /// Whether root is never locked.
    var exemptsRoot = PamAnswer.no
    /// In seconds; 0: never. The shortest of the lines.
    var unlockTime: Int?
    /// In seconds, the shortest of the lines.
    var failInterval: Int?
    var evidence: [Evidence] = []
    var lines: [PamHandler] = []

    private static let counters: Set<String> = ["pam_faillock", "pam_tally", "pam_tally2"]

    static func of(_ service: PamService) -> PamLockout {
        switch service.takesPassword {
        case .no: return PamLockout(state: .notNeeded)
        case .unknown: return PamLockout(state: .unknown)
        case .yes: break
        }
        let stack = service.stack(.auth)
        let lines = stack.filter { $0.kind == .module && counters.contains($0.module) }
        let passwords = stack.filter { $0.kind == .module && $0.module == "pam_unix" }
        guard !lines.isEmpty else {
            return PamLockout(
                state: service.unknowns(.auth).isEmpty ? .missing : .unknown,
                evidence: passwords.map { service.evidence($0, "failures are not counted") })
        }
        var lockout = PamLockout(state: .unknown, lines: lines)
        let (counted, most) = lockout.counts(service, stack)
        lockout.neverCounts = counted == .no ? .yes : counted == .yes ? .no : .unknown
        let passes = gets(in: service, after: most)
        // Without any bound there is nothing to skip.
        lockout.isSkipped = lockout.hasBound(service) ? passes : .no
        switch (counted, passes) {
        case (.no, _), (_, .yes): lockout.state = .missing
        case (.yes, .no): lockout.settle(service, most)
        default: lockout.state = .unknown
        }
        lockout.explain(service, passwords)
        return lockout
    }

    private static func gets(in service: PamService, after failures: Int, isForRoot: Bool = false) -> PamAnswer {
        service.run(.auth, PamScenario(password: .right, isForRoot: isForRoot, failures: failures))?
            .some(\.isSuccess) ?? .unknown
    }

    /// More failures than any bound.
    private static let countless = Int(UInt16.max)

    /// Whether every wrong password is recorded and stays so, and up to how many are: a pam_faillock line records no
    /// more than its own `deny`, since it then finds the account locked.
    private func counts(_ service: PamService, _ stack: [PamHandler]) -> (PamAnswer, most: Int) {
        let watched = { (handler: PamHandler) in
            handler.module == "pam_unix" || Self.counters.contains(handler.module)
        }
        guard let endings = service.run(.auth, PamScenario(password: .wrong), watching: watched) else {
            return (.unknown, Self.countless)
        }
        var most = Self.countless
        let answer = endings.every { ending in
            let handlers = ending.visited.map { stack[$0] }
            guard handlers.contains(where: { $0.module == "pam_unix" }) else { return true }
            var bound = 0
            for handler in handlers where handler.module != "pam_unix" {
                guard handler.module == "pam_faillock" else {
                    bound = Self.countless
                    continue
                }
                guard case .options(let options) = service.modules.faillock(handler) else { continue }
                if options.action == .authfail {
                    bound = max(bound, options.deny > 0 ? options.deny : Self.countless)
                }
                // On the way of a wrong password this clears what was counted.
                if options.action == .authsucc { return false }
            }
            if bound > 0 { most = min(most, bound) }
            return bound > 0
        }
        return (answer, most)
    }

    private func hasBound(_ service: PamService) -> Bool {
        lines.contains { line in
            guard line.module == "pam_faillock" else { return PamModules.tallyDeny(line) > 0 }
            if case .options(let options) = service.modules.faillock(line) { return options.deny > 0 }
            return true
        }
    }

    private mutating func settle(_ service: PamService, _ most: Int) {
        var candidates: Set<Int> = []
        var times: [Int] = []
        for line in lines {
            if case .options(let options) = service.modules.faillock(line), line.module == "pam_faillock" {
                candidates.insert(options.deny)
                if options.deny > 0 {
                    times.append(options.unlockTime)
                    failInterval = min(failInterval ?? options.failInterval, options.failInterval)
                }
            } else {
                candidates.insert(PamModules.tallyDeny(line))
                times.append(
                    PamModules.value("unlock_time", line).flatMap { PamFaillock.number($0) } ?? 0)
            }
        }
        unlockTime = times.filter { $0 > 0 }.min() ?? (times.isEmpty ? nil : 0)
        for deny in candidates.sorted() where deny > 0 && deny <= most {
            switch Self.gets(in: service, after: deny) {
            case .no:
                if let exempt = exemptGroup(service) {
                    state = .missing
                    evidence.append(exempt)
                    return
                }
                state = .locked(deny: deny)
                exemptsRoot = Self.gets(in: service, after: Self.countless, isForRoot: true)
                return
            case .yes: continue
            case .unknown: return
            }
        }
    }

    /// A line that never locks the members of a group (faillock.conf(5), admin_group).
    private func exemptGroup(_ service: PamService) -> Evidence? {
        for line in lines where line.module == "pam_faillock" {
            if case .options(let options) = service.modules.faillock(line), let group = options.adminGroup,
                !options.deniesRoot
            {
                return service.evidence(line, "members of \(group) are never locked")
            }
        }
        return nil
    }

    private mutating func explain(_ service: PamService, _ passwords: [PamHandler]) {
        if isSkipped == .yes, let first = passwords.first, let line = lines.first {
            evidence.append(
                service.evidence(
                    first, "a right password of a locked account passes here; \(line.shown) is not asked or not heeded")
            )
        }
        for line in lines {
            guard line.module == "pam_faillock" else {
                evidence.append(service.evidence(line, "deny is \(PamModules.tallyDeny(line))"))
                continue
            }
            switch service.modules.faillock(line) {
            case .options(let options) where !options.isActionGiven && neverCounts == .yes:
                evidence.append(
                    service.evidence(
                        line,
                        "without preauth, authfail or authsucc it looks at the tally and never counts, nixpkgs#486259"))
            case .options(let options):
                evidence.append(service.evidence(line, "\(options.action), deny is \(options.deny)"))
            case .missing: evidence.append(service.evidence(line, "its file is not there: it fails"))
            case .unreadable: evidence.append(service.evidence(line, "its file cannot be read"))
            }
        }
    }
}
