import FirnModel
import FirnParsing

/// The answers for one service.
struct PamService {
    var service: PamKnowledge.Service
    var stacks: PamStacks
    var modules: PamModules

    var name: String { service.name }

    /// What was found for a question, with the words and places that show it.
    struct Finding {
        var answer: PamAnswer
        var evidence: [Evidence] = []
    }

    func stack(_ type: PamType) -> [PamHandler] { stacks.isRefused ? [] : stacks.stacks[type] ?? [] }

    func run(
        _ type: PamType, _ scenario: PamScenario, watching isWatched: (PamHandler) -> Bool = { _ in false }
    ) -> PamEndings? {
        var scenario = scenario
        scenario.isCallerRoot = scenario.isCallerRoot || service.isCalledByRoot
        return PamExecutor.run(stack(type), isWatched: isWatched) { modules.outcomes($0, type, scenario) }
    }

    private func some(_ type: PamType, _ scenario: PamScenario) -> PamAnswer {
        run(type, scenario)?.some(\.isSuccess) ?? .unknown
    }

    /// The evidence of a line.
    func evidence(_ handler: PamHandler, _ words: String) -> Evidence {
        var evidence = handler.evidence
        evidence.text = [evidence.text, words].compactMap { $0 }.joined(separator: " (") + ")"
        return evidence
    }

    /// The entries of a stack whose module is not known, for the reason of an `unavailable`.
    func unknowns(_ type: PamType) -> [PamHandler] {
        stack(type).filter { handler in
            handler.kind == .module && modules.outcomes(handler, type, PamScenario()).isGuess
        }
    }

    // MARK: Getting in

    /// Whether the service lets anybody in at all.
    var isUsable: Bool { some(.account, PamScenario()) != .no }

    /// Whether everybody (`every`) or somebody gets in with a wrong password and nothing else.
    func open() -> (everybody: PamAnswer, somebody: PamAnswer) {
        guard isUsable else { return (.no, .no) }
        guard let endings = run(.auth, PamScenario(password: .wrong)) else { return (.unknown, .unknown) }
        switch endings.some(\.isSuccess) {
        case .no: return (.no, .no)
        case .unknown: return (.unknown, .unknown)
        case .yes:
            let every = endings.every(\.isSuccess)
            return (every, every == .yes ? .no : every == .no ? .yes : .unknown)
        }
    }

    /// The lines that let somebody in without a proof.
    func grantors() -> [Evidence] {
        let scenario = PamScenario(password: .wrong, isCallerRoot: service.isCalledByRoot)
        return stack(.auth).filter { handler in
            handler.kind == .module && modules.outcomes(handler, .auth, scenario).results.contains(PamResult.success)
                && handler.actions[PamResult.success] != .ignore && handler.module != "pam_faillock"
                && modules.knowledge.modules[handler.module]?.kind != .helper
        }.map { evidence($0, "succeeds without a proof") }
    }

    /// Whether the right password alone lets in.
    var takesPassword: PamAnswer { isUsable ? some(.auth, PamScenario(password: .right)) : .no }

    /// Whether an account without a password gets in.
    func takesEmpty() -> Finding {
        guard isUsable, open().everybody != .yes else { return Finding(answer: .no) }
        let lines = stack(.auth).filter {
            $0.kind == .module && $0.module == "pam_unix" && PamUnix($0.arguments).allowsEmpty
        }
        // Without nullok the answer can only come from modules that need no password anyway.
        guard !lines.isEmpty else { return Finding(answer: .no) }
        return Finding(
            answer: some(.auth, PamScenario(password: .empty)),
            evidence: lines.map { evidence($0, "nullok lets accounts without a password in") })
    }

    // MARK: After the stacks

    /// Whether an expired account still gets in.
    func takesExpired() -> Finding {
        guard takesPassword != .no else { return Finding(answer: .no) }
        let lines = stack(.account).map { evidence($0, "account") }
        return Finding(answer: some(.account, PamScenario(isExpired: true)), evidence: lines)
    }

    /// Whether somebody outside the group becomes root with root's password.
    func isForEverybody() -> Finding {
        guard isUsable else { return Finding(answer: .no) }
        let scenario = PamScenario(password: .right, isCallerMember: false, isForRoot: true)
        let lines = stack(.auth).filter { $0.module == "pam_wheel" || $0.module == "pam_unix" }
        return Finding(
            answer: some(.auth, scenario),
            evidence: lines.map { line in
                evidence(line, line.module == "pam_unix" ? "the password is enough" : "does not keep outsiders away")
            })
    }

    /// Whether a weak new password is taken.
    func takesWeakPassword() -> Finding {
        let scenario = PamScenario(isNewPasswordWeak: true)
        let lines = stack(.password).map { handler in
            evidence(handler, isLost(handler) ? "a bare name finds only the modules of linux-pam" : "password stack")
        }
        return Finding(answer: some(.password, scenario), evidence: lines)
    }

    func isLost(_ handler: PamHandler) -> Bool {
        guard handler.kind == .module, let module = modules.knowledge.modules[handler.module] else { return false }
        return !handler.isAbsolute && !module.isInLinuxPam
    }

    /// The lines whose module libpam does not find.
    func lost() -> [Evidence] {
        PamType.allCases.flatMap { type in
            stack(type).filter(isLost).map { evidence($0, "a bare name finds only the modules of linux-pam") }
        }
    }

    /// Whether a wrong password can be followed by the next at once.
    func hasNoDelay() -> Finding {
        guard takesPassword != .no else { return Finding(answer: .no) }
        let watched = { (handler: PamHandler) in ["pam_unix", "pam_faildelay", "pam_faillock"].contains(handler.module)
        }
        guard let endings = run(.auth, PamScenario(password: .wrong), watching: watched) else {
            return Finding(answer: .unknown)
        }
        let stack = stack(.auth)
        var lines: [Evidence] = []
        let answer = endings.some { ending in
            guard !ending.isSuccess else { return false }
            let handlers = ending.visited.map { stack[$0] }
            let unix = handlers.filter { $0.module == "pam_unix" }
            let isDelayed = handlers.contains { handler in
                switch handler.module {
                case "pam_unix": PamUnix(handler.arguments).hasDelay
                case "pam_faildelay": true
                default: if case .options(let options) = modules.faillock(handler) { options.hasDelay } else { false }
                }
            }
            if !unix.isEmpty, !isDelayed { lines = unix.map { evidence($0, "no delay after a failure") } }
            return !unix.isEmpty && !isDelayed
        }
        return Finding(answer: answer, evidence: lines)
    }

    /// Whether no session can be opened.
    func refusesSessions() -> Finding {
        guard takesPassword != .no, let endings = run(.session, PamScenario()) else { return Finding(answer: .no) }
        var lines: [Evidence] = []
        for handler in stack(.session) {
            let results = modules.outcomes(handler, .session, PamScenario()).results
            guard handler.kind == .mustFail || results.allSatisfy({ $0 != PamResult.success && $0 != PamResult.ignore })
            else { continue }
            switch handler.actions[results.first ?? PamResult.permissionDenied] {
            case .bad, .die: lines.append(evidence(handler, "always fails"))
            default: continue
            }
        }
        let answer = endings.every { !$0.isSuccess }
        return Finding(answer: answer, evidence: lines)
    }

    /// Whether a session may begin without the audit login id.
    func skipsLoginUid() -> Finding {
        guard takesPassword != .no || service.name == "sshd" else { return Finding(answer: .no) }
        let watched = { (handler: PamHandler) in handler.module == "pam_loginuid" }
        guard let endings = run(.session, PamScenario(), watching: watched) else { return Finding(answer: .unknown) }
        return Finding(
            answer: endings.some { $0.isSuccess && $0.visited.isEmpty },
            evidence: stack(.session).prefix(1).map {
                evidence($0, "the session stack has no pam_loginuid that is reached")
            })
    }

    /// The entries of modules that run on a way to success, or nil where there are too many ways.
    func used(_ type: PamType, _ names: Set<String>) -> [PamHandler]? {
        guard let endings = run(type, PamScenario(), watching: { names.contains($0.module) }) else { return nil }
        let places = endings.endings.filter(\.isSuccess).reduce(into: Set<Int>()) { $0.formUnion($1.visited) }
        let stack = stack(type)
        return places.sorted().map { stack[$0] }
    }
}
