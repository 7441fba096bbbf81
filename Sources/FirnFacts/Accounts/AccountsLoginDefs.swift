import FirnModel
import FirnParsing

/// The facts of login.defs: what the shadow suite takes, its own defaults where the file is silent.
struct AccountsLoginDefs {
    let knowledge: AccountsKnowledge

    private enum Kind { case word, mask, number }
    private static let settings: [(name: String, kind: Kind)] = [
        ("ENCRYPT_METHOD", .word), ("UMASK", .mask), ("HOME_MODE", .mask), ("PASS_MAX_DAYS", .number),
        ("PASS_MIN_DAYS", .number), ("FAIL_DELAY", .number), ("SHA_CRYPT_MIN_ROUNDS", .number),
        ("YESCRYPT_COST_FACTOR", .number),
    ]

    private func key(_ name: String) -> FactKey { FactKey("accounts.login-defs." + name) }

    private func all(_ fact: Fact) -> FactBatch {
        FactBatch(
            facts: Dictionary(uniqueKeysWithValues: Self.settings.map { (key($0.name), fact) }))
    }

    /// Facts of a closure.
    func built(_ system: SystemView) -> FactBatch {
        let shown = system.shownEtcPath("login.defs")
        do {
            let file = try LoginDefs.parse(try system.readEtc("login.defs", limit: 1 << 20))
            return facts(
                file.settings.mapValues { ($0.value, Evidence(path: shown, line: $0.line)) },
                base: Evidence(path: shown))
        } catch let error as TreeError {
            // Without the shadow suite nothing reads it (security.shadow.enable).
            return all(
                error.isAbsence
                    ? .absent([Evidence(path: shown, text: "not there")])
                    : .unavailable(reason: error.description, [Evidence(path: shown)]))
        } catch {
            return all(.unavailable(reason: "\(shown): \(error)", [Evidence(path: shown)]))
        }
    }

    /// Facts of options.
    func declared(_ options: OptionTree, release: String?) -> FactBatch {
        let path = ["security", "loginDefs", "settings"]
        if case .value(let text, let evidence) = options.readString(["environment", "etc", "login.defs", "text"]) {
            do {
                let file = try LoginDefs.parse(Array(text.utf8))
                return facts(file.settings.mapValues { ($0.value, evidence) }, base: evidence)
            } catch {
                return all(.unavailable(reason: "login.defs: \(error)", [evidence]))
            }
        }
        if options.boolean(["security", "shadow", "enable"]) == false {
            return all(.absent([options.evidence(["security", "shadow", "enable"], text: "false")]))
        }
        switch options.readMembers(path) {
        case .value(let members, let evidence):
            var settings: [String: (String, Evidence)] = [:]
            for member in members {
                guard
                    let text = member.node.string ?? member.node.integer.map({ String($0) })
                        ?? member.node.boolean.map({ $0 ? "true" : "false" })
                else { continue }
                settings[member.key] = (text, options.evidence(path + [member.key]))
            }
            return facts(settings, base: evidence)
        case .unavailable(let reason, let evidence): return all(.unavailable(reason: reason, [evidence]))
        case .null(let evidence), .missing(let evidence):
            guard let version = release.flatMap(DottedVersion.init), version < knowledge.loginDefsFixedUntil else {
                return all(
                    .unavailable(reason: "the export does not hold security.loginDefs.settings", [evidence]))
            }
            let place = Evidence(path: "/etc/login.defs", text: "written by the module of this release")
            return facts(knowledge.fixedLoginDefs.mapValues { ($0, place) }, base: place)
        }
    }

    private func facts(_ settings: [String: (value: String, evidence: Evidence)], base: Evidence) -> FactBatch {
        var batch = FactBatch()
        for (name, kind) in Self.settings {
            var found = settings[name]
            if found == nil, let value = knowledge.loginDefs[name] {
                found = (value, Evidence(path: base.path, text: "\(name) is not set: the default of the shadow suite"))
            }
            if name == "HOME_MODE", found == nil {
                batch.facts[key(name)] = homeMode(settings["UMASK"], base)
                continue
            }
            guard let (value, evidence) = found else { continue }
            let place = Evidence(
                path: evidence.path, line: evidence.line, text: evidence.text ?? "\(name) \(value)")
            switch kind {
            case .word: batch.facts[key(name)] = .known(.string(value.uppercased()), [place])
            case .number:
                batch.facts[key(name)] =
                    LoginDefs.number(value).map { .known(.integer($0), [place]) }
                    ?? .unavailable(reason: "\(name) is no number: the program's default counts", [place])
            case .mask:
                batch.facts[key(name)] =
                    Self.octal(value).map { .known(.string($0), [place]) }
                    ?? .unavailable(reason: "\(name) is no mode", [place])
            }
        }
        return batch
    }

    /// useradd makes homes with HOME_MODE, or with what UMASK leaves of 0777.
    private func homeMode(_ umask: (value: String, evidence: Evidence)?, _ base: Evidence) -> Fact {
        let text = umask?.value ?? knowledge.loginDefs["UMASK"] ?? ""
        let evidence = umask?.evidence ?? base
        let place = Evidence(
            path: evidence.path, line: evidence.line, text: "HOME_MODE is not set: 0777 without UMASK \(text)")
        guard let mask = LoginDefs.number(text), (0...0o777).contains(mask) else {
            return .unavailable(reason: "UMASK is no mode", [place])
        }
        return .known(.string(Self.threeDigits(0o777 & ~mask)), [place])
    }

    /// The value as C reads it, in three octal digits: `022`, but a bare `22` is a decimal number, 026.
    private static func octal(_ text: String) -> String? {
        guard let number = LoginDefs.number(text), (0...0o777).contains(number) else { return nil }
        return threeDigits(number)
    }

    private static func threeDigits(_ number: Int64) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, 3 - text.utf8.count)) + text
    }
}
