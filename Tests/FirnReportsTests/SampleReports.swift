import FirnModel

/// Reports made by hand, for all tests of this target.
enum SampleReports {
    static let all: [(name: String, report: Report)] = [
        ("full", full), ("single", single), ("hosts", hosts), ("empty", empty), ("hostile", hostile("\u{1b}[31m")),
        ("release", release),
    ]

    static let toplevel = "/nix/store/0c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-nixos-system-hardserver-26.11"

    static let identity = Identity(
        toplevel: toplevel, hostName: "hardserver", release: "26.11", system: "x86_64-linux")

    /// One system as options and as closure, with every outcome, a waiver and drift.
    static let full = Report(
        tool: "firn 0.1.0",
        targets: [
            ReportTarget(
                kind: "evaluated-configuration", name: "hardserver/config.json", size: 1_290_240, source: .declared,
                identity: identity),
            ReportTarget(
                kind: "system-closure", name: "hardserver/system", size: nil, source: .built, identity: identity),
        ],
        profile: "strict", profileDigest: String(repeating: "ab", count: 32),
        dropped: [
            DroppedRule(id: "sysctl.net.ipv4.ip_forward", reason: "this machine is the office's router"),
            DroppedRule(id: "cmdline.nosmt", reason: "the batch jobs need both threads"),
        ],
        catalogueDigest: String(repeating: "cd", count: 32), collectedAt: 1_795_245_180,
        snapshots: [snapshot(.declared), snapshot(.built)],
        results: results(0, .declared) + results(1, .built),
        drift: [
            Drift(
                rule: "sysctl.kernel.kptr_restrict", fact: "sysctl.kernel.kptr_restrict", severity: .medium,
                values: [
                    Drift.LayerValue(source: .declared, target: 0, outcome: .pass, observed: "2"),
                    Drift.LayerValue(source: .built, target: 1, outcome: .fail, observed: "0"),
                ], layer: .built, effect: .broke,
                message: "the closure sets 0 where the configuration asks for 2",
                causes: ["A package override writes it.", "The options were exported from another revision."])
        ],
        notes: ["hardserver/config.json and hardserver/system name the same toplevel and were compared"])

    private static func snapshot(_ source: SourceKind) -> Snapshot {
        Snapshot(
            source: source, identity: identity, collectedAt: 1_795_245_179,
            batch: FactBatch(
                facts: [
                    "sysctl.kernel.kptr_restrict": .known(
                        .integer(source == .built ? 0 : 2),
                        [Evidence(path: "/etc/sysctl.d/60-nixos.conf", line: 12, text: "kernel.kptr_restrict=0")]),
                    "ssh.Ciphers": .known(.strings(["aes256-gcm@openssh.com", "3des-cbc"]), []),
                    "ssh.none": .known(.list([]), []),
                    "ssh.nested": .known(.list([.list([.boolean(true), .integer(-1)]), .string("")]), []),
                    "ssh.PermitRootLogin": .known(.string("yes"), [Evidence(path: "/etc/ssh/sshd_config")]),
                    "firewall.enabled": .known(.boolean(false), []),
                    "cmdline.nosmt": .absent([Evidence(path: "/kernel-params", text: "loglevel=4")]),
                    "ssh.Banner": .unavailable(reason: "Permission denied", []),
                    "limits.least": .known(.integer(.min), []), "limits.most": .known(.integer(.max), []),
                ],
                families: [
                    FactFamily(prefix: "sysctl.", missing: .absent([])),
                    FactFamily(prefix: "ssh.", missing: .unavailable(reason: "an Include is missing", [])),
                ]))
    }

    private static func results(_ target: Int, _ source: SourceKind) -> [Result] {
        let isBuilt = source == .built
        let config = Evidence(path: "/etc/ssh/sshd_config", line: 12, text: "PermitRootLogin yes")
        let option = Evidence(path: "services.openssh.settings.PermitRootLogin", text: "\"yes\"")
        let ciphers = [
            "aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr", "3des-cbc",
        ]
        return [
            Result(
                rule: "audit.rules.time-change", title: "Changes of the clock are audited", target: target,
                source: source, outcome: .notChecked, severity: .low, observed: nil, expected: "present",
                evidence: []),
            Result(
                rule: "boot.shell_on_fail", title: "A failed boot does not open a root shell", target: target,
                source: source, outcome: isBuilt ? .pass : .notChecked, severity: .critical, observed: "absent",
                expected: "absent", evidence: [], controls: ["V-268168"]),
            Result(
                rule: "cmdline.mitigations", title: "Mitigations of processor flaws are on", target: target,
                source: source, outcome: .notApplicable, severity: .high, observed: nil, expected: "not off",
                evidence: [], message: "the system has no kernel of its own (WSL)"),
            Result(
                rule: "firewall.default-policy", title: "Incoming packets are refused unless allowed", target: target,
                source: source, outcome: isBuilt ? .error : .pass, severity: .high, observed: isBuilt ? nil : "drop",
                expected: "drop or reject", evidence: [],
                message: isBuilt ? "the builtin 'firewall-policy' was given no ruleset" : nil),
            Result(
                rule: "ssh.Banner", title: "A banner is shown before the login", target: target, source: source,
                outcome: isBuilt ? .unknown : .fail, severity: .info, observed: nil, expected: "present",
                evidence: [],
                fix: Fix(manual: "Write the banner your lawyers want to services.openssh.banner."),
                message: isBuilt ? "/etc/ssh/banner: Permission denied" : nil),
            Result(
                rule: "ssh.Ciphers", title: "Only strong ciphers are offered", target: target, source: source,
                outcome: .fail, severity: .high, observed: ciphers.joined(separator: ", "),
                expected: "each cipher rated good by the table of SSH algorithms",
                evidence: [
                    Evidence(
                        path: "/etc/ssh/sshd_config", line: 31, text: "Ciphers " + ciphers.joined(separator: ","))
                ],
                fix: Fix(
                    path: ["services", "openssh", "settings", "Ciphers"],
                    value: .strings(["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr"]),
                    merge: .replace),
                controls: ["V-268089", "R-22"]),
            Result(
                rule: "ssh.PermitRootLogin", title: "Root cannot log in over SSH", target: target, source: source,
                outcome: .fail, severity: .critical, observed: "yes", expected: "no",
                evidence: [isBuilt ? config : option],
                fix: Fix(
                    path: ["services", "openssh", "settings", "PermitRootLogin"], value: .string("no"), merge: .replace)
            ),
            Result(
                rule: "ssh.X11Forwarding", title: "X11 is not forwarded", target: target, source: source,
                outcome: .unknown, severity: .medium, observed: nil, expected: "no", evidence: [],
                message: "/etc/ssh/sshd_config.d/10-extra.conf is a dangling link"),
            Result(
                rule: "ssh.Port", title: "sshd listens on a port of the list", target: target, source: source,
                outcome: .unknown, severity: .low, observed: nil, expected: "one of 22, 2222", evidence: [],
                message: "/etc/ssh/sshd_config.d/10-extra.conf is a dangling link"),
            Result(
                rule: "sysctl.kernel.kptr_restrict", title: "Kernel pointers are hidden from unprivileged users",
                target: target, source: source, outcome: isBuilt ? .fail : .pass, severity: .medium,
                observed: isBuilt ? "0" : "2", expected: "2",
                evidence: [
                    isBuilt
                        ? Evidence(path: "/etc/sysctl.d/60-nixos.conf", line: 12, text: "kernel.kptr_restrict=0")
                        : Evidence(path: #"boot.kernel.sysctl."kernel.kptr_restrict""#, text: "2")
                ],
                fix: Fix(
                    path: ["boot", "kernel", "sysctl", "kernel.kptr_restrict"], value: .integer(2), merge: .replace),
                message: isBuilt ? "a later file sets it again" : nil),
            Result(
                rule: "sysctl.kernel.sysrq", title: "The magic SysRq key is off", target: target, source: source,
                outcome: .fail, severity: .low, observed: "16", expected: "0", evidence: [],
                waiver: Waiver(
                    rule: "sysctl.kernel.sysrq", owner: "mira@example.org",
                    reason: "the console server sends the sync key before it cuts the power", expires: "2027-03-31")),
        ]
    }

    /// One closure without a finding, all of whose rules pass or do not apply.
    static let single = Report(
        tool: "firn",
        targets: [
            ReportTarget(
                kind: "system-closure", name: ".", size: nil, source: .built, identity: Identity())
        ],
        profile: "minimal", profileDigest: "00", dropped: [], catalogueDigest: "11", collectedAt: 0, snapshots: [],
        results: [
            Result(
                rule: "ssh.PermitEmptyPasswords", title: "sshd refuses empty passwords", target: 0, source: .built,
                outcome: .pass, severity: .critical, observed: "no", expected: "no", evidence: []),
            Result(
                rule: "sysctl.kernel.sysrq", title: "The magic SysRq key is off", target: 0, source: .built,
                outcome: .notApplicable, severity: .low, observed: nil, expected: "0", evidence: [],
                message: "the system has no kernel of its own"),
        ], drift: [], notes: [])

    /// Two machines of one source, one of which fails.
    static let hosts = Report(
        tool: "firn 0.1.0",
        targets: ["alpha", "beta"].map { name in
            ReportTarget(
                kind: "evaluated-configuration", name: name + ".json", size: 512, source: .declared,
                identity: Identity(hostName: name, release: "20.09"))
        },
        profile: "standard", profileDigest: "00", dropped: [], catalogueDigest: "11", collectedAt: 951_782_400,
        snapshots: [],
        results: [(0, Outcome.fail, "yes"), (1, Outcome.pass, "no")].map { target, outcome, observed in
            Result(
                rule: "ssh.PasswordAuthentication", title: "sshd takes no passwords", target: target, source: .declared,
                outcome: outcome, severity: .high, observed: observed, expected: "no",
                evidence: [Evidence(path: "services.openssh.passwordAuthentication", text: observed)],
                fix: Fix(
                    path: ["services", "openssh", "passwordAuthentication"], value: .boolean(false), until: "22.11"))
        }, drift: [], notes: ["alpha.json and beta.json are different systems and were not compared"])

    /// Two systems that the gate blocked: one as options and closure, one as running host; every outcome, waivers with
    /// all they can say.
    static let release: Report = {
        func result(
            _ target: Int, _ rule: String, _ outcome: Outcome, _ severity: Severity, waived: Bool = false
        ) -> Result {
            let waiver = Waiver(
                rule: rule, scope: WaiverScope(hosts: ["beta"], images: ["beta.iso"], sources: [.declared, .live]),
                owner: "mira@example.org", reason: "the probe needs it until it is replaced", ticket: "OPS-1234",
                expires: "2027-03-31", maximumSeverity: .high)
            return Result(
                rule: rule, title: "\(rule) is as it should be", target: target,
                source: [.declared, .built, .live][target], outcome: outcome, severity: severity,
                observed: outcome == .pass || outcome == .fail ? "1" : nil, expected: "0",
                evidence: outcome == .fail ? [Evidence(path: "/etc/x.conf", line: 3, text: "x=1")] : [],
                controls: outcome == .fail ? ["V-268089"] : [], waiver: waived ? waiver : nil,
                message: outcome == .pass || outcome == .fail ? nil : "the reason of \(rule)")
        }
        let digest = String(repeating: "ab", count: 32)
        let closureDigest = ClosureDigest(value: digest, origin: .recomputed)
        let alpha = Identity(
            toplevel: toplevel, hostName: "alpha", release: "26.11", system: "x86_64-linux",
            closureDigest: closureDigest)
        let beta = Identity(hostName: "beta", release: "26.11")
        return Report(
            tool: "firn 0.1.0",
            targets: [
                ReportTarget(
                    kind: "evaluated-configuration", name: "alpha.json", size: 512, source: .declared, digest: digest,
                    identity: alpha),
                ReportTarget(kind: "system-closure", name: "alpha", size: nil, source: .built, identity: alpha),
                ReportTarget(kind: "live-host", name: "beta", size: nil, source: .live, identity: beta),
            ],
            profile: "standard", profileDigest: digest, dropped: [], catalogueDigest: digest,
            collectedAt: 1_795_245_180, snapshots: [],
            results: [
                result(0, "a.pass1", .pass, .high), result(0, "a.pass2", .pass, .low),
                result(0, "a.high", .fail, .high), result(0, "a.waived", .fail, .medium, waived: true),
                result(0, "a.never", .notApplicable, .medium), result(0, "a.closed", .notChecked, .medium),
                result(1, "a.closed", .pass, .medium), result(1, "a.pass1", .pass, .high),
                result(1, "a.pass2", .pass, .low), result(1, "b.critical1", .fail, .critical),
                result(1, "b.critical2", .fail, .critical), result(1, "b.low", .fail, .low),
                result(1, "b.unknown", .unknown, .high), result(2, "a.pass1", .pass, .high),
                result(2, "c.info", .fail, .info), result(2, "c.waived", .fail, .high, waived: true),
                result(2, "c.error", .error, .high), result(2, "c.closed1", .notChecked, .low),
                result(2, "c.closed2", .notChecked, .low), result(2, "c.unknown1", .unknown, .low),
                result(2, "c.unknown2", .unknown, .low),
            ], drift: [], notes: ["alpha and beta are different systems and were not compared"],
            challenge: "0123456789abcdef",
            verdict: Verdict(
                decision: .blocked, policy: "release", policyDigest: digest,
                reasons: [
                    Verdict.Reason(kind: .error, rule: "c.error", target: 2, message: "c.error is in error on beta"),
                    Verdict.Reason(
                        kind: .fail, rule: "b.critical1", target: 1, message: "b.critical1 fails on alpha (critical)"),
                ], warnings: ["the image has 92 % of the size it may have"], open: ["c.closed1", "c.closed2"],
                judgedAt: 1_795_245_200, validUntil: 1_795_850_000,
                inputs: [Verdict.Input(name: "alpha.report.json", digest: digest, signer: nil)],
                artifact: Verdict.Artifact(
                    name: "alpha.iso", kind: "iso", digest: digest, size: 2_900_000_000, limit: 3_221_225_472,
                    isVerified: true), toplevel: toplevel, closureDigest: closureDigest, waiversDigest: digest,
                baselineDigest: nil, profile: "standard", profileDigest: digest, catalogueDigest: digest))
    }()

    /// Nothing selected.
    static let empty = Report(
        tool: "firn 0.1.0", targets: [], profile: "nothing", profileDigest: "", dropped: [], catalogueDigest: "",
        collectedAt: 0, snapshots: [], results: [], drift: [], notes: [])

    /// A report in which every text holds `text`.
    static func hostile(_ text: String) -> Report {
        let digest = String(repeating: "ef", count: 32)
        let closureDigest = ClosureDigest(value: digest, origin: .registered)
        let identity = Identity(
            toplevel: text, hostName: text, release: text, system: text, closureDigest: closureDigest)
        let evidence = [Evidence(path: "/" + text, line: 1, text: text), Evidence(path: text, line: 2, text: text)]
        let fact = Fact.known(.list([.string(text)]), evidence)
        let fix = Fix(
            path: [text, text], value: .strings([text, text]), merge: .replace, since: text, until: text, manual: text)
        let waiver = Waiver(
            rule: text, scope: WaiverScope(hosts: [text], images: [text], sources: [.live]), owner: text, reason: text,
            ticket: text, expires: text, maximumSeverity: .high)
        let verdict = Verdict(
            decision: .blocked, policy: text, policyDigest: digest,
            reasons: [Verdict.Reason(kind: .fail, rule: text, target: 0, message: text)], warnings: [text],
            open: [text], judgedAt: 1, validUntil: 2, inputs: [Verdict.Input(name: text, digest: digest, signer: text)],
            artifact: Verdict.Artifact(
                name: text, kind: "iso", digest: digest, size: 1, limit: 2, isVerified: false), toplevel: text,
            closureDigest: closureDigest, waiversDigest: digest, baselineDigest: digest, profile: text,
            profileDigest: digest, catalogueDigest: digest)
        let results = Outcome.allCases.flatMap { outcome in
            [nil, waiver].map { waiver in
                Result(
                    rule: "\(outcome.rawValue)\(waiver == nil ? "" : "-waived").\(text)", title: text, target: 0,
                    source: .live, outcome: outcome, severity: .high, observed: text, expected: text,
                    evidence: evidence, fix: fix, controls: [text], waiver: waiver, message: text)
            }
        }
        return Report(
            tool: text,
            targets: [
                ReportTarget(
                    kind: text, name: text, size: 1, source: .live, digest: digest, identity: identity)
            ],
            profile: text, profileDigest: text, dropped: [DroppedRule(id: text, reason: text)], catalogueDigest: text,
            collectedAt: 1,
            snapshots: [
                Snapshot(
                    source: .live, identity: identity, collectedAt: 1,
                    batch: FactBatch(
                        facts: [FactKey(text): fact, "b": .unavailable(reason: text, evidence)],
                        families: [FactFamily(prefix: text, missing: .absent(evidence))]))
            ], results: results,
            drift: [
                Drift(
                    rule: text, fact: FactKey(text), severity: .high,
                    values: [Drift.LayerValue(source: .live, target: 0, outcome: .fail, observed: text)],
                    layer: .live, effect: .broke, message: text, causes: [text, text])
            ], notes: [text], challenge: text, verdict: verdict)
    }
}
