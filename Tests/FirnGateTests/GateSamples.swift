import FirnCatalogue
import FirnEvaluation
import FirnModel

@testable import FirnGate

/// A small catalogue by hand, two clean reports of one system, and changes to them.
enum GateSamples {
    static let now: Int64 = 1_800_000_000
    static let collected = now - 3600
    static let toplevel = "/nix/store/0c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-nixos-system-web-26.11"
    static let otherToplevel = "/nix/store/1c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-nixos-system-db-26.11"
    static let catalogueDigest = String(repeating: "c", count: 64)

    static func digest(_ character: Character) -> String { String(repeating: character, count: 64) }

    static func rule(
        _ id: String, _ severity: Severity, _ expect: Condition, appliesWhen: Condition? = nil
    ) -> SelectedRule {
        let rule = Rule(
            id: id, title: "\(id) is right", severity: severity, fact: FactKey(id), expect: expect,
            appliesWhen: appliesWhen, rationale: "It matters.", sideEffects: "None known.")
        return SelectedRule(rule: rule, expect: expect, severity: severity, fixes: [])
    }

    static let rules: [SelectedRule] = [
        rule("age.end", .high, .test(.builtin(name: "date-ahead", argument: ["days": .integer(0)]))),
        rule("audit.enabled", .medium, .test(.equals(.boolean(true)))),
        rule("live.booted", .low, .test(.equals(.boolean(true)))),
        rule("ssh.PermitRootLogin", .critical, .test(.equals(.string("no")))),
        rule(
            "wsl.interop", .low, .test(.equals(.boolean(false))),
            appliesWhen: .of("role.wsl", .test(.equals(.boolean(true))))),
    ]

    static let profile = ResolvedProfile(
        id: "standard", title: "Standard", level: .standard, rules: rules, dropped: [], digest: digest("a"))

    /// Inherits from `profile`.
    static let strict = ResolvedProfile(
        id: "strict", title: "Strict", level: .strict, rules: rules, dropped: [], digest: digest("b"))

    static let policy = GatePolicy(
        id: "build", title: "Build", profile: "standard", sources: [.declared, .built],
        maximumAge: [.declared: 86_400, .built: 86_400], digest: digest("d"))

    static let knowledge = knowledge(built: [])

    /// Knowledge in which built reports answer these rules of every system.
    static func knowledge(built rules: [String]) -> Knowledge {
        Knowledge(tables: [
            "coverage": DataNode(
                .table([
                    .init(key: "built", node: DataNode(.array(rules.map { DataNode(.string($0)) })))
                ]))
        ])
    }

    static var facts: [FactKey: Fact] {
        [
            "age.end": .known(.string("2030-01-01"), []), "audit.enabled": .known(.boolean(true), []),
            "ssh.PermitRootLogin": .known(.string("no"), [Evidence(path: "/etc/ssh/sshd_config", line: 3)]),
            "role.wsl": .known(.boolean(false), []),
        ]
    }

    /// A report as `firn check` makes it.
    static func report(
        _ source: SourceKind, toplevel: String? = toplevel, host: String? = "web", facts: [FactKey: Fact] = facts,
        collectedAt: Int64 = collected, profile: ResolvedProfile = profile, kind: String? = nil,
        digest: String? = nil, size: Int64? = nil, challenge: String? = nil
    ) throws -> Report {
        let identity = Identity(toplevel: toplevel, hostName: host, release: "26.11", system: "x86_64-linux")
        let target = ReportTarget(
            kind: kind ?? "\(source.rawValue)-target", name: source.rawValue, size: size, source: source,
            digest: digest, identity: identity)
        let snapshot = Snapshot(
            source: source, identity: identity, collectedAt: collectedAt, batch: FactBatch(facts: facts))
        let evaluator = try Evaluator(knowledge: knowledge, now: collectedAt)
        return Report(
            tool: "firn 0.1.0", targets: [target], profile: profile.id, profileDigest: profile.digest,
            dropped: profile.dropped, catalogueDigest: catalogueDigest, collectedAt: collectedAt,
            snapshots: [snapshot], results: profile.rules.map { evaluator.evaluate($0, on: snapshot, target: 0) },
            drift: [], notes: [], challenge: challenge)
    }

    static func given(_ report: Report, _ signature: ReportSignature = .unsigned) -> GateReport {
        let name = report.targets.first?.source.rawValue ?? "empty"
        let digest = Self.digest(["declared": "1", "built": "2", "live": "3"][name] ?? "4")
        return GateReport(name: name + ".json", digest: digest, report: report, signature: signature)
    }

    /// Two clean reports; it passes.
    static func clean() throws -> GateInput {
        input([given(try report(.declared)), given(try report(.built))])
    }

    static func input(_ reports: [GateReport], policy: GatePolicy = policy) -> GateInput {
        GateInput(
            reports: reports, policy: policy, profiles: [profile, strict], catalogueDigest: catalogueDigest,
            knowledge: knowledge, knownRules: Set(rules.map(\.rule.id)), now: now)
    }
}
