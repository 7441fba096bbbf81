import FirnModel
import FirnParsing

/// What pam_limits allows in the sessions of people.
struct PamLimits {
    private var allowed: Set<String> = []
    private var allowedEvidence: [Evidence] = []
    private var logins: Int?
    private var hasUnlimited = false
    private var loginsEvidence: [Evidence] = []
    private var problem: PamProblem?
    private var hasService = false

    mutating func cannotTell(_ found: PamProblem) { problem = problem ?? found }

    mutating func add(_ service: PamService, _ source: some PamSource) {
        guard service.isUsable else { return }
        hasService = true
        let refused = service.refusesSessions()
        guard refused.answer != .yes else {
            let reason = "\(service.name): no session can be opened, so its limits are never set"
            return cannotTell(PamProblem(reason: reason, evidence: refused.evidence))
        }
        guard let lines = service.used(.session, ["pam_limits"]) else {
            cannotTell(PamProblem(reason: "\(service.name): the session stack has too many ways through it"))
            return
        }
        guard let line = lines.last else {
            let first = service.stack(.session).prefix(1).map { service.evidence($0, "no pam_limits in this stack") }
            unlimited(first)
            return
        }
        let path = PamModules.value("conf", line)
        let reading = source.limits(path ?? "/etc/security/limits.conf", service: service.name)
        if path == nil, case .unavailable(let reason) = source.file("/etc/security/limits.d") {
            return cannotTell(PamProblem(reason: "further limits: \(reason)", evidence: [line.evidence]))
        }
        switch reading {
        case .absent: unlimited([service.evidence(line, "its file is not there")])
        case .unavailable(let reason): cannotTell(PamProblem(reason: reason, evidence: [line.evidence]))
        case .bytes(let bytes, let place):
            do {
                add(try LimitsFile.parse(bytes), place, line)
            } catch {
                cannotTell(PamProblem(reason: "\(line.shown): limits: \(error)", evidence: [line.evidence]))
            }
        }
    }

    private mutating func unlimited(_ evidence: [Evidence]) {
        allowed.insert("*")
        allowedEvidence += evidence
        hasUnlimited = true
        loginsEvidence += evidence
    }

    private mutating func add(_ file: LimitsFile, _ place: PamPlace, _ line: PamHandler) {
        var core: [String: (String, Int)] = [:]
        var most: (Int, Int)?
        for entry in file.entries {
            if entry.item.isEmpty {
                core[entry.domain] = ("unlimited", entry.line)
            } else if entry.item == "core", entry.type != "soft" {
                core[entry.domain] = (entry.value, entry.line)
            } else if entry.item == "maxlogins", entry.domain == "*", let number = PamFaillock.number(entry.value) {
                most = (number, entry.line)
            }
        }
        if core["*"] == nil {
            allowed.insert("*")
            allowedEvidence.append(line.evidence)
        }
        for (domain, (value, number)) in core.sorted(by: { $0.value.1 < $1.value.1 }) {
            allowedEvidence.append(place.evidence(number, "\(domain) core \(value)"))
            // root may always lift its own limits.
            if PamFaillock.number(value) != 0, domain != "root" { allowed.insert(domain) }
        }
        if let (number, place_) = most, number >= 0 {
            logins = max(logins ?? number, number)
            loginsEvidence.append(place.evidence(place_, "* maxlogins \(number)"))
        } else {
            hasUnlimited = true
            loginsEvidence.append(line.evidence)
        }
    }

    func facts(_ base: [Evidence]) -> [(String, Fact)] {
        let unknown = problem.map { Fact.unavailable(reason: $0.reason, $0.evidence.isEmpty ? base : $0.evidence) }
        let core: Fact =
            if !hasService {
                unknown ?? .absent(base)
            } else if allowed.isEmpty {
                unknown ?? .known(.list([]), allowedEvidence.isEmpty ? base : allowedEvidence)
            } else {
                .known(.strings(allowed.sorted()), allowedEvidence)
            }
        let most: Fact =
            if hasUnlimited || (logins == nil && unknown == nil) {
                .absent(loginsEvidence.isEmpty ? base : loginsEvidence)
            } else if let unknown {
                unknown
            } else {
                .known(.integer(Int64(logins ?? 0)), loginsEvidence)
            }
        return [("limits.core-allowed", core), ("limits.maxlogins", most)]
    }
}
