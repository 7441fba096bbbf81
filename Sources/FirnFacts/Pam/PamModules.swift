import FirnParsing

/// What each module of a stack may say in a scenario.
struct PamModules {
    var knowledge: PamKnowledge
    /// How each pam_faillock line works; nil where its file cannot be read.
    var faillock: (PamHandler) -> PamFaillockReading
    /// Whether a file that a module cannot do without is there; nil where that cannot be told.
    var hasFile: (String) -> Bool?
    /// Whether pam_pwquality refuses what it dislikes (`enforcing` of pwquality.conf); nil where that cannot be told.
    var enforcesQuality: Bool?

    func outcomes(_ handler: PamHandler, _ type: PamType, _ scenario: PamScenario) -> PamOutcomes {
        guard let module = knowledge.modules[handler.module] else { return .anything }
        if !handler.isAbsolute, !module.isInLinuxPam { return .exactly(PamResult.moduleUnknown) }
        if let results = module.special[type] { return PamOutcomes(results: results) }
        switch module.kind {
        case .builtin: return builtin(handler, type, scenario)
        case .helper, .gate: return PamOutcomes(results: module.results)
        case .directory, .proof:
            guard type == .auth else {
                // A directory does not know a local account; a second proof has nothing to say about it.
                let isDirectory = module.kind == .directory && type != .session
                return PamOutcomes(
                    results: [isDirectory ? PamResult.userUnknown : PamResult.success, PamResult.ignore])
            }
            if module.optionalArguments.contains(where: handler.arguments.contains) {
                return PamOutcomes(results: module.optionalResults)
            }
            return PamOutcomes(results: module.results)
        case .quality: return quality(handler, type, scenario)
        }
    }

    private func builtin(_ handler: PamHandler, _ type: PamType, _ scenario: PamScenario) -> PamOutcomes {
        switch handler.module {
        case "pam_permit": .success
        case "pam_deny": Self.denied(type)
        case "pam_unix": unix(handler, type, scenario)
        case "pam_rootok":
            scenario.isCallerRoot ? .success : .refused
        case "pam_wheel": wheel(handler, scenario)
        case "pam_faillock": faillock(handler, type, scenario)
        case "pam_tally", "pam_tally2":
            Self.isLocked(Self.tallyDeny(handler), scenario) && type == .auth ? .refused : .success
        case "pam_succeed_if": Self.succeedIf(handler, scenario)
        case "pam_limits": limits(handler, type)
        case "pam_localuser": .success
        case "pam_pwhistory": PamOutcomes(results: [PamResult.success, PamResult.ignore])
        case "pam_debug": Self.debug(handler, type)
        default: .anything
        }
    }

    private static func denied(_ type: PamType) -> PamOutcomes {
        switch type {
        case .auth, .account: .refused
        case .password: .exactly(PamResult.tokenError)
        case .session: .exactly(14)
        }
    }

    private func unix(_ handler: PamHandler, _ type: PamType, _ scenario: PamScenario) -> PamOutcomes {
        switch type {
        case .auth:
            switch scenario.password {
            case .right: .success
            case .wrong: .refused
            case .empty: PamUnix(handler.arguments).allowsEmpty ? .success : .refused
            }
        case .account: .exactly(scenario.isExpired ? PamResult.accountExpired : PamResult.success)
        case .password, .session: .success
        }
    }

    private func wheel(_ handler: PamHandler, _ scenario: PamScenario) -> PamOutcomes {
        let arguments = handler.arguments
        if arguments.contains("root_only"), !scenario.isForRoot { return .ignore }
        let trusts = arguments.contains("trust")
        let isReversed = arguments.contains("deny")
        let member: UInt8 =
            isReversed ? PamResult.permissionDenied : trusts ? PamResult.success : PamResult.ignore
        let other: UInt8 =
            isReversed ? (trusts ? PamResult.success : PamResult.ignore) : PamResult.permissionDenied
        switch scenario.isCallerMember {
        case true?: return .exactly(member)
        case false?: return .exactly(other)
        case nil: return PamOutcomes(results: [member, other])
        }
    }

    private func faillock(_ handler: PamHandler, _ type: PamType, _ scenario: PamScenario) -> PamOutcomes {
        switch faillock(handler) {
        case .unreadable: return PamOutcomes(results: [PamResult.success, PamResult.serviceError], isGuess: true)
        case .missing: return .exactly(PamResult.serviceError)
        case .options(let options):
            // As an account module it clears the tally and never refuses. It has no pam_sm_chauthtok and no session.
            guard type == .auth else {
                return .exactly(type == .account ? PamResult.success : PamResult.moduleUnknown)
            }
            let isExempt = scenario.isForRoot && !options.deniesRoot
            if !isExempt, Self.isLocked(options.deny, scenario) { return .refused }
            return options.action == .authfail ? .ignore : .success
        }
    }

    static func isLocked(_ deny: Int, _ scenario: PamScenario) -> Bool {
        deny > 0 && scenario.failures >= deny
    }

    /// pam_tally(8) and pam_tally2(8): `deny=`, off by default.
    static func tallyDeny(_ handler: PamHandler) -> Int {
        handler.arguments.last { $0.hasPrefix("deny=") }.flatMap { PamFaillock.number(String($0.dropFirst(5))) } ?? 0
    }

    private static let quiet: Set<String> = ["debug", "use_uid", "quiet", "quiet_fail", "quiet_success", "audit"]

    private static func succeedIf(_ handler: PamHandler, _ scenario: PamScenario) -> PamOutcomes {
        let words = handler.arguments.filter { !quiet.contains($0) }
        if words.isEmpty { return .success }
        guard words.count.isMultiple(of: 3) else { return .exactly(PamResult.serviceError) }
        for start in stride(from: 0, to: words.count, by: 3) {
            let isGroup = words[start] == "user" && words[start + 1].lowercased() == "ingroup"
            if isGroup, handler.arguments.contains("use_uid"), scenario.isCallerMember == false { return .refused }
        }
        return PamOutcomes(results: [PamResult.success, PamResult.authenticationError])
    }

    private func limits(_ handler: PamHandler, _ type: PamType) -> PamOutcomes {
        guard type == .session else { return .exactly(PamResult.moduleUnknown) }
        // A file that is named must be there; the default one need not.
        guard let file = Self.value("conf", handler) else { return .success }
        switch hasFile(file) {
        case true?: return .success
        case false?: return .exactly(PamResult.serviceError)
        case nil: return PamOutcomes(results: [PamResult.success, PamResult.serviceError], isGuess: true)
        }
    }

    private func quality(_ handler: PamHandler, _ type: PamType, _ scenario: PamScenario) -> PamOutcomes {
        guard type == .password else { return .exactly(PamResult.moduleUnknown) }
        guard scenario.isNewPasswordWeak else { return .success }
        if handler.module == "pam_passwdqc", Self.value("enforce", handler) == "none" { return .success }
        guard handler.module == "pam_pwquality" else { return .exactly(PamResult.tokenError) }
        if let word = Self.value("enforcing", handler) {
            return .exactly(PamFaillock.number(word) == 0 ? PamResult.success : PamResult.tokenError)
        }
        switch enforcesQuality {
        case true?: return .exactly(PamResult.tokenError)
        case false?: return .success
        case nil: return PamOutcomes(results: [PamResult.success, PamResult.tokenError], isGuess: true)
        }
    }

    /// The value of the last argument `name=value`.
    static func value(_ name: String, _ handler: PamHandler) -> String? {
        handler.arguments.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// pam_debug(8): the first argument for the phase counts, a word it does not know leaves `success`.
    private static func debug(_ handler: PamHandler, _ type: PamType) -> PamOutcomes {
        let phase =
            switch type {
            case .auth: "auth="
            case .account: "acct="
            case .password: "chauthtok="
            case .session: "open_session="
            }
        let word = handler.arguments.first { $0.hasPrefix(phase) }.map { String($0.dropFirst(phase.count)) }
        return .exactly(word.flatMap(PamResult.number) ?? PamResult.success)
    }
}

/// What is known of a pam_faillock line.
enum PamFaillockReading {
    case options(PamFaillock)
    /// The file it names is not there: the module fails.
    case missing
    /// Whether the file says something cannot be told.
    case unreadable
}
