import FirnCatalogue
import FirnGate
import FirnModel
import Testing

/// What is said of waivers before the gate asks.
@Suite struct WaiverLintTests {
    typealias Samples = WaiverSamples

    static let rules = WaiverLint.Rules(
        severities: [
            "ssh.PermitRootLogin": .high ... .critical, "ssh.X11Forwarding": .low ... .medium,
            "sysctl.kernel.sysrq": .low ... .low,
        ], retired: ["units.old": "the same as units.new"],
        suggestion: { $0 == "ssh.X11Forward" ? "ssh.X11Forwarding" : nil })

    /// A waiver about which nothing can be said: narrow, long enough, of a mild rule.
    static let quiet = Samples.waiver("ssh.X11Forwarding", scope: WaiverScope(hosts: ["web1"]))

    func lint(
        _ waivers: LocatedWaiver..., errors: [DataError] = [], reports: [Report] = [], within: Int64 = 30
    ) -> [WaiverFinding] {
        WaiverLint(rules: Self.rules, now: Samples.now, within: within)
            .findings(set: WaiverSet(waivers: waivers, digest: nil), errors: errors, reports: reports)
    }

    func kinds(_ findings: [WaiverFinding]) -> [WaiverFinding.Kind] { findings.map(\.kind) }

    @Test func nothingIsSaidOfAGoodWaiver() {
        #expect(lint(Self.quiet).isEmpty)
        let report = Samples.report([Samples.target("a", host: "web1")], [Samples.result("ssh.X11Forwarding")])
        #expect(lint(Self.quiet, reports: [report]).isEmpty)
    }

    @Test func whatCannotBeReadIsAnError() {
        let findings = lint(errors: [DataError(file: "w.toml", line: 3, message: "\"owner\" is missing")])
        #expect(
            findings == [
                WaiverFinding(
                    kind: .invalid, isError: true, file: "w.toml", line: 3, rule: nil, message: "\"owner\" is missing")
            ])
    }

    @Test(arguments: [
        ("ssh.X11Forward", WaiverFinding.Kind.unknownRule, "do you mean ssh.X11Forwarding?"),
        ("nothing.alike", .unknownRule, "no rule of the catalogue has that id"),
        ("units.old", .unknownRule, "was retired: the same as units.new"),
        ("ssh.*", .tooBroad, "a waiver is for one rule"), ("ssh", .tooBroad, "a waiver is for one rule"),
        ("*", .tooBroad, "a waiver is for one rule"), ("ssh.[PX]*", .tooBroad, "a waiver is for one rule"),
    ])
    func rulesThatAreNone(_ rule: String, _ kind: WaiverFinding.Kind, _ message: String) {
        let findings = lint(Samples.waiver(rule))
        #expect(kinds(findings) == [kind])
        #expect(findings.allSatisfy { $0.isError && $0.message.contains(message) })
    }

    /// Asked at 2026-11-24.
    @Test(arguments: [
        ("2026-11-23", [WaiverFinding.Kind.expired]), ("2026-11-24", [.expiringSoon]), ("2026-12-24", [.expiringSoon]),
        ("2026-12-25", []), ("2027-11-24", []), ("2027-11-25", [.tooLong]),
    ])
    func dates(_ expires: String, _ expected: [WaiverFinding.Kind]) {
        var waiver = Self.quiet
        waiver.waiver.expires = expires
        let findings = lint(waiver)
        #expect(kinds(findings) == expected)
        #expect(findings.allSatisfy { $0.isError == ($0.kind != .expiringSoon) })
        #expect(kinds(lint(waiver, within: 0)) == expected.filter { $0 != .expiringSoon || expires == "2026-11-24" })
    }

    @Test func saysHowLong() {
        var waiver = Self.quiet
        waiver.waiver.expires = "2026-11-25"
        #expect(lint(waiver)[0].message == "it holds 1 day more, until 2026-11-25")
        waiver.waiver.expires = "2026-11-24"
        #expect(lint(waiver)[0].message == "today is its last day")
        // From 2026-02-28 to 2026-11-24: 1 + 30 (to 31 March) ... = 269 days.
        waiver.waiver.expires = "2026-02-28"
        #expect(lint(waiver)[0].message.hasPrefix("its last day was 2026-02-28, 269 days ago"))
    }

    @Test func tooBroad() {
        let everywhere = Samples.waiver("ssh.X11Forwarding")
        let one = Samples.report([Samples.target("a", host: "web1")], [Samples.result("ssh.X11Forwarding")])
        let two = Samples.report([Samples.target("b", host: "web2")], [Samples.result("ssh.X11Forwarding")])
        #expect(lint(everywhere, reports: [one]).isEmpty)
        #expect(kinds(lint(everywhere, reports: [one, two])) == [.tooBroad])
        #expect(lint(everywhere, reports: [one, two])[0].message.contains("all 2 systems"))
        // Options and closure of one toplevel are one system.
        let layers = Samples.report(
            [
                Samples.target("c", host: "web1", toplevel: "/nix/store/a"),
                Samples.target("d", host: nil, toplevel: "/nix/store/a", source: .built),
            ], [Samples.result("ssh.X11Forwarding")])
        #expect(lint(everywhere, reports: [layers]).isEmpty)
        // High without a host or image, whatever the reports show.
        #expect(kinds(lint(Samples.waiver(maximum: .critical))) == [.tooBroad])
        #expect(lint(Samples.waiver(scope: WaiverScope(images: ["a.iso"]), maximum: .critical)).isEmpty)
        // A layer is no system.
        #expect(kinds(lint(Samples.waiver(scope: WaiverScope(sources: [.built]), maximum: .critical))) == [.tooBroad])
        // A critical failure must be named.
        let silent = lint(Samples.waiver(scope: WaiverScope(hosts: ["web1"])))
        #expect(kinds(silent) == [.tooBroad])
        #expect(silent[0].message.contains("max-severity = \"critical\""))
    }

    @Test func tooSevere() {
        // The rule is high at least.
        #expect(kinds(lint(Samples.waiver(scope: WaiverScope(hosts: ["web1"]), maximum: .medium))) == [.tooSevere])
        let report = Samples.report(
            [Samples.target("a", host: "web1")], [Samples.result("ssh.PermitRootLogin", severity: .critical)])
        let high = Samples.waiver(scope: WaiverScope(hosts: ["web1"]), maximum: .high)
        #expect(lint(high).isEmpty)
        #expect(kinds(lint(high, reports: [report])) == [.tooSevere])
        #expect(lint(high, reports: [report])[0].isError)
    }

    /// Outcomes of the waiver's rule in its scope, and what is said.
    @Test(arguments: [
        ([Outcome.fail], []), ([.pass, .fail], []), ([.unknown], []), ([.pass, .error], []),
        ([.pass], [WaiverFinding.Kind.alreadyFixed]), ([.pass, .notChecked], [.alreadyFixed]),
        ([.notApplicable], [.unused]), ([.notChecked], [.unused]), ([], [.unused]),
    ])
    func use(_ outcomes: [Outcome], _ expected: [WaiverFinding.Kind]) {
        let report = Samples.report(
            [Samples.target("a", host: "web1"), Samples.target("b", host: "web2")],
            outcomes.map { Samples.result("ssh.X11Forwarding", $0) }
                // Outside the scope, and of another rule.
                + [Samples.result("ssh.X11Forwarding", .fail, target: 1), Samples.result("sysctl.kernel.sysrq")])
        let findings = lint(Self.quiet, reports: [report])
        #expect(kinds(findings) == expected)
        #expect(findings.allSatisfy { !$0.isError })
    }

    @Test func duplicates() {
        func waiver(_ scope: WaiverScope, _ line: Int) -> LocatedWaiver {
            Samples.waiver("ssh.X11Forwarding", scope: scope, line: line)
        }
        let web1 = waiver(WaiverScope(hosts: ["web1"]), 1)
        #expect(lint(web1, waiver(WaiverScope(hosts: ["web2"]), 9)).isEmpty)
        #expect(lint(web1, waiver(WaiverScope(hosts: ["web1"], sources: [.built]), 9)).map(\.line) == [9])
        #expect(kinds(lint(web1, waiver(WaiverScope(), 9))) == [.duplicate])
        #expect(lint(web1, waiver(WaiverScope(), 9))[0].message.hasPrefix("w.toml:1 is for the same rule"))
        let image = waiver(WaiverScope(images: ["out/a.iso"]), 1)
        #expect(kinds(lint(image, waiver(WaiverScope(images: ["a.iso"]), 9))) == [.duplicate])
        #expect(lint(image, waiver(WaiverScope(images: ["b.iso"]), 9)).isEmpty)
        // One that has expired is no duplicate of its renewal.
        var expired = web1
        expired.waiver.expires = "2026-01-01"
        #expect(kinds(lint(expired, waiver(WaiverScope(hosts: ["web1"]), 9))) == [.expired])
    }

    @Test func isOrderedByFileAndLine() {
        var later = Samples.waiver("nothing.alike", line: 2)
        later.file = "b.toml"
        let findings = lint(
            later, Samples.waiver("nothing.alike", line: 9), Samples.waiver("nothing.alike", line: 3),
            errors: [DataError(file: "b.toml", line: 1, message: "x")])
        #expect(findings.map { "\($0.file):\($0.line)" } == ["b.toml:1", "b.toml:2", "w.toml:3", "w.toml:9"])
    }
}
