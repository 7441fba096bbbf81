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
        let isRefused = service.refusesSessions().answer == .yes
        // Where no session can be opened (pam.sessions) there is nothing to limit yet; what is written counts once one can.
        let written = service.stack(.session).filter { $0.kind == .module && $0.module == "pam_limits" }
        if isRefused, written.isEmpty { return }
        hasService = true
        guard let lines = isRefused ? written : service.used(.session, ["pam_limits"]) else {
            cannotTell(PamProblem(reason: "\(service.name): the session stack has too many ways through it"))
            return
        }
        guard !lines.isEmpty else {
            let first = service.stack(.session).prefix(1).map { service.evidence($0, "no pam_limits in this stack") }
            unlimited(first)
            return
        }
        // Each line adds to what those before it set.
        var found: [(LimitsFile.Entry, PamPlace)] = []
        for line in lines {
            let path = PamModules.value("conf", line)
            if path == nil, case .unavailable(let reason) = source.file("/etc/security/limits.d") {
                return cannotTell(PamProblem(reason: "further limits: \(reason)", evidence: [line.evidence]))
            }
            switch source.limits(path ?? "/etc/security/limits.conf", service: service.name) {
            case .absent: continue
            case .unavailable(let reason): return cannotTell(PamProblem(reason: reason, evidence: [line.evidence]))
            case .bytes(let bytes, let place):
                do {
                    found += try LimitsFile.parse(bytes).entries.map { ($0, place) }
                } catch {
                    let reason = "\(line.shown): limits: \(error)"
                    return cannotTell(PamProblem(reason: reason, evidence: [line.evidence]))
                }
            }
        }
        add(found, lines.map(\.evidence))
    }

    private mutating func unlimited(_ evidence: [Evidence]) {
        allowed.insert("*")
        allowedEvidence += evidence
        hasUnlimited = true
        loginsEvidence += evidence
    }

    private mutating func add(_ entries: [(LimitsFile.Entry, PamPlace)], _ lines: [Evidence]) {
        var core: [String: (value: String, evidence: Evidence)] = [:]
        var most: (number: Int, evidence: Evidence)?
        for (entry, place) in entries {
            if entry.item.isEmpty {
                core[entry.domain] = ("unlimited", place.evidence(entry.line, "\(entry.domain) - lifts all limits"))
            } else if entry.item == "core", entry.type != "soft" {
                core[entry.domain] = (
                    entry.value, place.evidence(entry.line, "\(entry.domain) core \(entry.value)")
                )
            } else if entry.item == "maxlogins", entry.domain == "*", let number = PamFaillock.number(entry.value) {
                most = (number, place.evidence(entry.line, "* maxlogins \(number)"))
            }
        }
        if core["*"] == nil {
            allowed.insert("*")
            allowedEvidence += lines
        }
        for (domain, limit) in core.sorted(by: { $0.key < $1.key }) {
            allowedEvidence.append(limit.evidence)
            // root may always lift its own limits.
            if PamFaillock.number(limit.value) != 0, domain != "root" { allowed.insert(domain) }
        }
        if let most, most.number >= 0 {
            logins = max(logins ?? most.number, most.number)
            loginsEvidence.append(most.evidence)
        } else {
            hasUnlimited = true
            loginsEvidence += lines
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
