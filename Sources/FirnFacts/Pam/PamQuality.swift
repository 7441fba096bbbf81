import FirnModel
import FirnParsing

/// What becomes of new passwords: pwquality.conf(5) and the password stacks.
struct PamQuality {
    private enum Settings {
        case known(PamSettings?, PamPlace?)
        case unavailable(String)
    }

    private var settings: Settings
    private var problem: PamProblem?

    static func read(_ source: some PamSource) -> PamQuality {
        if case .unavailable(let reason) = source.file("/etc/security/pwquality.conf.d") {
            // A directory of further files, which count as well.
            return PamQuality(settings: .unavailable(reason))
        }
        switch source.file("/etc/security/pwquality.conf") {
        case .absent: return PamQuality(settings: .known(nil, nil))
        case .unavailable(let reason): return PamQuality(settings: .unavailable(reason))
        case .bytes(let bytes, let place):
            do {
                return PamQuality(settings: .known(try PamSettings.parse(bytes), place))
            } catch {
                return PamQuality(settings: .unavailable("/etc/security/pwquality.conf: \(error)"))
            }
        }
    }

    /// Whether pam_pwquality refuses what it dislikes; nil where its file cannot be read.
    var isEnforced: Bool? {
        guard case .known(let settings, _) = settings else { return nil }
        return settings?["enforcing"].flatMap { PamFaillock.number($0.value) } != 0
    }

    mutating func cannotTell(_ found: PamProblem) { problem = problem ?? found }

    func facts(_ services: [PamService], _ source: some PamSource, _ base: [Evidence]) -> [(String, Fact)] {
        if let problem {
            let fact = Fact.unavailable(reason: problem.reason, problem.evidence.isEmpty ? base : problem.evidence)
            return [("quality.minlen", fact), ("history.remember", fact), ("hash", fact)]
        }
        return [
            ("quality.minlen", minlen(services, base)), ("history.remember", history(services, base)),
            ("hash", hash(services, source, base)),
        ]
    }

    private func minlen(_ services: [PamService], _ base: [Evidence]) -> Fact {
        var least: Int?
        var evidence: [Evidence] = []
        for service in services {
            guard let lines = service.used(.password, ["pam_pwquality", "pam_passwdqc", "pam_cracklib"]) else {
                return .unavailable(reason: "\(service.name): the stack has too many ways through it", base)
            }
            guard !lines.isEmpty else {
                let evidence = service.stack(.password).prefix(4).map(\.evidence)
                guard service.run(.password, PamScenario())?.some(\.isSuccess) != .no else {
                    return .unavailable(reason: "\(service.name): no password can ever be changed", evidence)
                }
                return .absent(evidence)
            }
            guard let line = lines.last(where: { $0.module == "pam_pwquality" }) else {
                return .unavailable(
                    reason: "\(lines[0].shown): what \(lines[0].module) demands is not read", lines.map(\.evidence))
            }
            guard case .known(let settings, let place) = settings else {
                return .unavailable(reason: "pwquality.conf cannot be read", [line.evidence])
            }
            func value(_ name: String, _ standard: Int) -> Int {
                let argument = PamModules.value(name, line).flatMap { PamFaillock.number($0) }
                return argument ?? settings?[name].flatMap { PamFaillock.number($0.value) } ?? standard
            }
            let credits = ["dcredit", "ucredit", "lcredit", "ocredit"].reduce(0) { $0 + max(value($1, 0), 0) }
            // libpwquality never goes below six characters.
            let length = max(max(value("minlen", 8), 6) - credits, 1)
            least = min(least ?? length, length)
            evidence.append(line.evidence)
            if let place, let entry = settings?["minlen"] {
                evidence.append(place.evidence(entry.line, "minlen = \(entry.value)"))
            }
        }
        return least.map { .known(.integer(Int64($0)), evidence) } ?? .absent(base)
    }

    private func history(_ services: [PamService], _ base: [Evidence]) -> Fact {
        var least: Int?
        var evidence: [Evidence] = []
        for service in services {
            guard let lines = service.used(.password, ["pam_pwhistory", "pam_unix"]) else {
                return .unavailable(reason: "\(service.name): the stack has too many ways through it", base)
            }
            var remembered = 0
            for line in lines {
                let count: Int
                if line.module == "pam_unix" {
                    count = PamUnix(line.arguments).remember
                } else if let argument = PamModules.value("remember", line).flatMap({ PamFaillock.number($0) }) {
                    count = argument
                } else if line.arguments.contains(where: { $0.hasPrefix("conf=") }) {
                    return .unavailable(reason: "\(line.shown): the file of pam_pwhistory is not read", [line.evidence])
                } else {
                    // pam_pwhistory(8).
                    count = 10
                }
                remembered = max(remembered, count)
                evidence.append(line.evidence)
            }
            least = min(least ?? remembered, remembered)
        }
        return least.map { .known(.integer(Int64($0)), evidence) } ?? .absent(base)
    }

    private func hash(_ services: [PamService], _ source: some PamSource, _ base: [Evidence]) -> Fact {
        var hashes: Set<String> = []
        var evidence: [Evidence] = []
        for service in services {
            guard let lines = service.used(.password, ["pam_unix"]) else {
                return .unavailable(reason: "\(service.name): the stack has too many ways through it", base)
            }
            for line in lines {
                evidence.append(line.evidence)
                if let hash = PamUnix(line.arguments).hash {
                    hashes.insert(hash)
                    continue
                }
                do throws(PamProblem) {
                    // The word that the value begins with, in either case; without any, pam_unix falls back to DES.
                    let method = try source.encryptMethod()?.lowercased() ?? ""
                    hashes.insert(PamUnix.hashes.first(where: method.hasPrefix) ?? "des")
                } catch {
                    return .unavailable(reason: "\(line.shown) names no hash, and \(error.reason)", [line.evidence])
                }
            }
        }
        return .known(.strings(hashes.sorted()), evidence.isEmpty ? base : evidence)
    }
}
