import FirnCatalogue
import FirnGate
import FirnModel
import FirnReportCore
import Testing

/// Which failures a waiver accepts, and until when.
@Suite struct WaiverApplicationTests {
    typealias Samples = WaiverSamples

    func apply(
        _ set: WaiverSet, to report: Report = Samples.one, at time: String = "2026-11-24T12:00:00Z"
    ) throws -> WaiverApplication {
        set.apply(to: report, now: try #require(Timestamp.seconds(time)), knownRules: Samples.rules)
    }

    @Test func acceptsTheFailureAndLeavesItAFailure() throws {
        let waiver = Samples.waiver()
        let applied = try apply(Samples.set(waiver))
        #expect(applied.report.results[0].outcome == .fail)
        #expect(applied.report.results[0].waiver == waiver.waiver)
        #expect(applied.problems.isEmpty)
        #expect(applied.used == [waiver])
        // The last second of 31 March 2027.
        #expect(applied.validUntil == Timestamp.seconds("2027-03-31T23:59:59Z"))
    }

    /// A pass needs none, and what could not be told must not look accepted.
    @Test(arguments: Outcome.allCases.filter { $0 != .fail })
    func acceptsOnlyFailures(_ outcome: Outcome) throws {
        let report = Samples.report(
            [Samples.target("a", host: "web1")], [Samples.result("ssh.PermitRootLogin", outcome)])
        let applied = try apply(Samples.set(Samples.waiver()), to: report)
        #expect(applied.report.results[0].waiver == nil)
        #expect(applied.used.isEmpty)
        #expect(applied.validUntil == nil)
    }

    @Test func waiversOfTheReportItselfCountNothing() throws {
        var report = Samples.one
        report.results[0].waiver = Waiver(rule: "ssh.PermitRootLogin", owner: "me", reason: "x", expires: "2027-01-01")
        #expect(try apply(.none, to: report).report.results[0].waiver == nil)
        #expect(try apply(Samples.set(Samples.waiver("ssh.X11Forwarding")), to: report).report.results[0].waiver == nil)
    }

    @Test func aDropIsNoWaiver() throws {
        var report = Samples.one
        report.dropped = [DroppedRule(id: "ssh.PermitRootLogin", reason: "we need it")]
        #expect(try apply(.none, to: report).report.results[0].waiver == nil)
    }

    // MARK: - Dates

    /// The last day holds to its last second, in UTC.
    @Test(arguments: [
        ("2026-11-24", "2026-11-24T00:00:00Z", true), ("2026-11-24", "2026-11-24T23:59:59Z", true),
        ("2026-11-24", "2026-11-25T00:00:00Z", false),
        // Over the end of the year.
        ("2026-12-31", "2026-12-31T23:59:59Z", true), ("2026-12-31", "2027-01-01T00:00:00Z", false),
        ("2027-01-01", "2026-12-31T23:59:59Z", true),
        // 2028 is a leap year: 29 February is a day of its own.
        ("2028-02-28", "2028-02-29T00:00:00Z", false), ("2028-02-29", "2028-02-29T23:59:59Z", true),
        ("2028-02-29", "2028-03-01T00:00:00Z", false),
    ])
    func theLastDayIsInclusiveInUTC(_ expires: String, _ time: String, _ holds: Bool) throws {
        let applied = try apply(Samples.set(Samples.waiver(expires: expires)), at: time)
        #expect((applied.report.results[0].waiver != nil) == holds)
        #expect(applied.problems.map(\.kind) == (holds ? [] : [.expired]))
        if !holds {
            #expect(applied.problems[0].results == [0])
            #expect(
                applied.problems[0].message
                    == "w.toml:1: the waiver for ssh.PermitRootLogin expired: \(expires) was its last day")
        }
    }

    /// At most the same date of the next year.
    @Test(arguments: [
        ("2027-11-24", "2026-11-24T00:00:00Z", true), ("2027-11-25", "2026-11-24T23:59:59Z", false),
        // 365 days before 2028-02-29 is 2027-03-01; on 28 February 2027 the next year's date is 2028-02-28.
        ("2028-02-29", "2027-02-28T12:00:00Z", false), ("2028-02-29", "2027-03-01T00:00:00Z", true),
        // From a leap day the 28th.
        ("2029-02-28", "2028-02-29T12:00:00Z", true), ("2029-03-01", "2028-02-29T12:00:00Z", false),
        // A clock that was set back makes the term too long.
        ("2027-03-31", "2020-01-01T00:00:00Z", false),
    ])
    func atMostAYearAhead(_ expires: String, _ time: String, _ holds: Bool) throws {
        let applied = try apply(Samples.set(Samples.waiver(expires: expires)), at: time)
        #expect((applied.report.results[0].waiver != nil) == holds)
        #expect(applied.problems.map(\.kind) == (holds ? [] : [.tooLong]))
    }

    @Test func aClockOutsideTheCalendarAcceptsNothing() {
        for now in [Int64.min, Int64.max, Timestamp.latest] {
            let applied = Samples.set(Samples.waiver(expires: "9999-12-31")).apply(
                to: Samples.one, now: now, knownRules: Samples.rules)
            #expect(applied.report.results[0].waiver == nil)
            #expect(applied.problems.count == 1)
        }
    }

    @Test func theEarliestUsedWaiverBoundsTheDecision() throws {
        let report = Samples.report(
            [Samples.target("a", host: "web1")],
            [Samples.result("ssh.PermitRootLogin"), Samples.result("ssh.X11Forwarding")])
        let applied = try apply(
            Samples.set(
                Samples.waiver(expires: "2027-05-01"), Samples.waiver("ssh.X11Forwarding", expires: "2027-01-05"),
                // It accepts nothing, so it bounds nothing.
                Samples.waiver("sysctl.kernel.sysrq", expires: "2026-12-01")), to: report)
        #expect(applied.validUntil == Timestamp.seconds("2027-01-05T23:59:59Z"))
    }

    // MARK: - Scope

    static let farm = WaiverSamples.report(
        [
            Samples.target("/builds/7/web1.iso", host: "web1", source: .built),
            Samples.target("web2.json", host: "web2"),
            Samples.target("nameless", host: nil, source: .built),
        ],
        [
            Samples.result("ssh.PermitRootLogin", target: 0, source: .built),
            Samples.result("ssh.PermitRootLogin", target: 1),
            Samples.result("ssh.PermitRootLogin", target: 2, source: .built),
        ])

    @Test(arguments: [
        (WaiverScope(), [0, 1, 2]),
        (WaiverScope(hosts: ["web1"]), [0]),
        (WaiverScope(hosts: ["web1", "web2"]), [0, 1]),
        // Names are compared whole and as they are written.
        (WaiverScope(hosts: ["web"]), []), (WaiverScope(hosts: ["WEB1"]), []), (WaiverScope(hosts: ["*"]), []),
        (WaiverScope(images: ["/builds/7/web1.iso"]), [0]),
        (WaiverScope(images: ["web1.iso"]), [0]), (WaiverScope(images: ["7/web1.iso"]), []),
        (WaiverScope(images: ["eb1.iso"]), []), (WaiverScope(images: ["nameless"]), [2]),
        (WaiverScope(sources: [.built]), [0, 2]), (WaiverScope(sources: [.live]), []),
        // All parts must hold.
        (WaiverScope(hosts: ["web1"], sources: [.declared]), []),
        (WaiverScope(hosts: ["web1"], images: ["web2.json"]), []),
        (WaiverScope(hosts: ["web2"], images: ["web2.json"], sources: [.declared, .live]), [1]),
    ])
    func scope(_ scope: WaiverScope, _ accepted: [Int]) throws {
        let applied = try apply(Samples.set(Samples.waiver(scope: scope)), to: Self.farm)
        #expect(applied.report.results.indices.filter { applied.report.results[$0].waiver != nil } == accepted)
    }

    @Test func aClosureWithoutAHostNameIsThatOfItsOptions() throws {
        let results = [
            Samples.result("ssh.PermitRootLogin", target: 0),
            Samples.result("ssh.PermitRootLogin", target: 1, source: .built),
        ]
        let waivers = Samples.set(Samples.waiver(scope: WaiverScope(hosts: ["web1"])))
        let same = Samples.report(
            [
                Samples.target("c.json", host: "web1", toplevel: "/nix/store/a"),
                Samples.target("result", host: nil, toplevel: "/nix/store/a", source: .built),
            ], results)
        #expect(try apply(waivers, to: same).report.results.allSatisfy { $0.waiver != nil })
        let other = Samples.report(
            [
                Samples.target("c.json", host: "web1", toplevel: "/nix/store/a"),
                Samples.target("result", host: nil, toplevel: "/nix/store/b", source: .built),
            ], results)
        #expect(try apply(waivers, to: other).report.results.map { $0.waiver != nil } == [true, false])
        // Two hosts share one toplevel: whose the closure is cannot be said.
        let shared = Samples.report(
            [
                Samples.target("c.json", host: "web1", toplevel: "/nix/store/a"),
                Samples.target("result", host: nil, toplevel: "/nix/store/a", source: .built),
                Samples.target("d.json", host: "web2", toplevel: "/nix/store/a"),
            ], results)
        #expect(try apply(waivers, to: shared).report.results.map { $0.waiver != nil } == [true, false])
    }

    // MARK: - Severity, rules, order

    @Test(arguments: Severity.allCases)
    func acceptsUpToItsMaximumSeverity(_ severity: Severity) throws {
        let report = Samples.report(
            [Samples.target("a", host: nil)], [Samples.result("ssh.PermitRootLogin", severity: severity)])
        let applied = try apply(Samples.set(Samples.waiver(maximum: .medium)), to: report)
        #expect((applied.report.results[0].waiver != nil) == (severity <= .medium))
        #expect(applied.problems.map(\.kind) == (severity <= .medium ? [] : [.tooSevere]))
        // Without a maximum any severity is accepted.
        #expect(try apply(Samples.set(Samples.waiver()), to: report).report.results[0].waiver != nil)
    }

    @Test(arguments: ["ssh.*", "ssh", "*", "SSH.PermitRootLogin", "ssh.PermitRootLogin ", "ssh.gone"])
    func aRuleIsNamedWhole(_ rule: String) throws {
        let applied = try apply(Samples.set(Samples.waiver(rule)))
        #expect(applied.report.results[0].waiver == nil)
        #expect(applied.problems.map(\.kind) == [.unknownRule])
    }

    /// An expired waiver is reported even where it would accept nothing: somebody must take it away or renew it.
    @Test func anExpiredWaiverIsReportedWhereItAcceptsNothing() throws {
        let applied = try apply(Samples.set(Samples.waiver("ssh.X11Forwarding", expires: "2026-11-23")))
        #expect(applied.problems.map(\.kind) == [.expired])
        #expect(applied.problems[0].results.isEmpty)
    }

    @Test func theFirstThatHoldsIsUsed() throws {
        let expired = Samples.waiver(expires: "2026-01-01", line: 1)
        let first = Samples.waiver(expires: "2027-02-01", line: 9)
        let second = Samples.waiver(expires: "2027-03-01", line: 17)
        let applied = try apply(Samples.set(expired, first, second))
        #expect(applied.report.results[0].waiver == first.waiver)
        #expect(applied.used == [first])
        #expect(applied.problems.map(\.kind) == [.expired])
    }

    @Test func aResultOfNoTargetIsNotAccepted() throws {
        var report = Samples.one
        report.results[0].target = 7
        #expect(try apply(Samples.set(Samples.waiver()), to: report).report.results[0].waiver == nil)
    }
}
