import FirnCatalogue
import FirnModel

/// Reports and waivers made by hand, for the tests of waivers.
enum WaiverSamples {
    /// 2026-11-24T12:00:00Z: 20,781 days after 1970-01-01, and half a day.
    static let now: Int64 = 20_781 * 86_400 + 43_200

    static let rules: Set<String> = ["ssh.PermitRootLogin", "ssh.X11Forwarding", "sysctl.kernel.sysrq"]

    static func target(
        _ name: String, host: String?, toplevel: String? = nil, source: SourceKind = .declared
    ) -> ReportTarget {
        ReportTarget(
            kind: "system-closure", name: name, size: nil, source: source,
            identity: Identity(toplevel: toplevel, hostName: host))
    }

    static func result(
        _ rule: String, _ outcome: Outcome = .fail, target: Int = 0, source: SourceKind = .declared,
        severity: Severity = .medium, waiver: Waiver? = nil
    ) -> Result {
        Result(
            rule: rule, title: rule, target: target, source: source, outcome: outcome, severity: severity,
            observed: "yes", expected: "no", evidence: [], waiver: waiver)
    }

    static func report(_ targets: [ReportTarget], _ results: [Result]) -> Report {
        Report(
            tool: "firn 0.1.0", targets: targets, profile: "standard", profileDigest: "aa", dropped: [],
            catalogueDigest: "bb", collectedAt: now, snapshots: [], results: results, drift: [], notes: [])
    }

    /// One host on which root may log in.
    static let one = report([target("config.json", host: "web1")], [result("ssh.PermitRootLogin")])

    static func waiver(
        _ rule: String = "ssh.PermitRootLogin", scope: WaiverScope = WaiverScope(), expires: String = "2027-03-31",
        maximum: Severity? = nil, line: Int = 1
    ) -> LocatedWaiver {
        LocatedWaiver(
            Waiver(
                rule: rule, scope: scope, owner: "mira", reason: "decided in the meeting", expires: expires,
                maximumSeverity: maximum), file: "w.toml", line: line)
    }

    static func set(_ waivers: LocatedWaiver...) -> WaiverSet {
        WaiverSet(waivers: waivers, digest: "cc")
    }
}
