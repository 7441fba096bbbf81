import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

struct FixModuleTests {
    static func finding(
        _ rule: String, _ fix: Fix?, severity: Severity = .medium, title: String = "A title", outcome: Outcome = .fail,
        waiver: Waiver? = nil
    ) -> FirnModel.Result {
        FirnModel.Result(
            rule: rule, title: title, target: 0, source: .declared, outcome: outcome, severity: severity,
            observed: "0", expected: "1", evidence: [], fix: fix, waiver: waiver)
    }

    static func render(_ plan: FixModulePlan, effects: [String: String] = [:]) -> String {
        NixModuleRenderer.render(
            plan,
            head: .init(
                tool: "firn", profile: "strict", catalogueDigest: "0", system: "host\nboot.x = 1;", release: nil,
                collectedAt: "2026-11-24T00:00:00Z"), sideEffects: effects)
    }

    /// The lines of a module that Nix reads as code.
    static func code(_ module: String) -> [String] {
        module.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.hasPrefix("#") }
    }

    @Test func replacementsOverrideAndAdditionsJoin() {
        let plan = FixModulePlan(results: [
            Self.finding("a.one", Fix(path: ["a"], value: .integer(-1))),
            Self.finding("b.one", Fix(path: ["b"], value: .strings(["x", "y"]), merge: .add), severity: .high),
            Self.finding("b.two", Fix(path: ["b"], value: .strings(["y", "z"]), merge: .add)),
            Self.finding("b.three", Fix(path: ["b"], value: .strings(["x"]), merge: .add), severity: .low),
        ])
        #expect(plan.claimed == ["a.one", "b.one", "b.two", "b.three"])
        #expect(
            Self.code(Self.render(plan)) == [
                "{ lib, ... }:", "let", "repair = lib.mkOverride 40;", "in", "{", "a = repair (-1);",
                "b = lib.mkMerge [", #"[ "x" "y" ]"#, #"[ "z" ]"#, "];", "}",
            ])
    }

    @Test func contradictionsAndEnclosingPathsAreLeftToAPerson() {
        let plan = FixModulePlan(results: [
            Self.finding("a.low", Fix(path: ["a"], value: .integer(1)), severity: .low),
            Self.finding("a.high", Fix(path: ["a"], value: .integer(2)), severity: .high),
            Self.finding("a.inside", Fix(path: ["a", "b"], value: .integer(2)), severity: .low),
            Self.finding("c.manual", Fix(manual: "Take it out.")),
            Self.finding("d.none", nil),
        ])
        #expect(plan.claimed == ["a.high"])
        #expect(plan.leftovers.map(\.repair.rule) == ["c.manual", "d.none", "a.inside", "a.low"])
        #expect(Self.render(plan).contains("# Not done here (4):"))
    }

    @Test func onlyUnwaivedFailsAboveTheFloor() {
        let waiver = Waiver(rule: "w", owner: "me", reason: "because", expires: "2027-01-01")
        let fix = Fix(path: ["a"], value: .boolean(true))
        let results = [
            Self.finding("p", fix, outcome: .pass), Self.finding("u", fix, outcome: .unknown),
            Self.finding("w", fix, waiver: waiver), Self.finding("i", fix, severity: .info),
        ]
        #expect(FixModulePlan(results: results, severity: .low).claimed.isEmpty)
        #expect(FixModulePlan(results: results, includeWaived: true, severity: .low).claimed == ["w"])
    }

    /// perf_event_paranoid: the configuration declares 3, a file of the built system sets 1, and the repair writes 2.
    static func paranoid(_ source: SourceKind, _ outcome: Outcome, _ observed: String, _ evidence: Evidence)
        -> FirnModel.Result
    {
        FirnModel.Result(
            rule: "sysctl.kernel.perf_event_paranoid", title: "Closed", target: source == .declared ? 0 : 1,
            source: source, outcome: outcome, severity: .medium, observed: observed, expected: "at least 2",
            evidence: [evidence],
            fix: Fix(path: ["boot", "kernel", "sysctl", "kernel.perf_event_paranoid"], value: .integer(2)))
    }

    @Test func whatIsDeclaredRightIsNotLowered() throws {
        let plan = FixModulePlan(results: [
            Self.paranoid(.declared, .pass, "3", Evidence(path: "boot.kernel.sysctl")),
            Self.paranoid(.built, .fail, "1", Evidence(path: "/etc/sysctl.d/50-vendor.conf", line: 2)),
        ])
        #expect(plan.claimed.isEmpty)
        let reason = try #require(plan.leftovers.first).reason
        #expect(reason.contains("declares 3, which passes"))
        #expect(reason.contains("/etc/sysctl.d/50-vendor.conf:2"))
        #expect(!Self.code(Self.render(plan)).joined().contains("perf_event"))
    }

    @Test func aLaterFileIsNamedInsteadOfARepairThatIsLost() throws {
        // 70 is read behind 60-nixos.conf, which boot.kernel.sysctl becomes; 50 is read before it.
        func claimed(_ path: String, _ text: String) -> Bool {
            let result = Self.paranoid(.built, .fail, "1", Evidence(path: path, line: 2, text: text))
            return !FixModulePlan(results: [result]).claimed.isEmpty
        }
        #expect(!claimed("/etc/sysctl.d/70-vendor.conf", "kernel.perf_event_paranoid = 1"))
        #expect(!claimed("environment.etc.\"sysctl.d/70-vendor.conf\".text", "kernel.perf_event_paranoid = 1"))
        #expect(claimed("/etc/sysctl.d/50-default.conf", "kernel.perf_event_paranoid = 1"))
        #expect(claimed("/etc/sysctl.d/60-nixos.conf", "kernel.perf_event_paranoid = 1"))
        #expect(claimed("/proc/sys/kernel/perf_event_paranoid", "1"))
        // The key itself holds against a pattern, wherever that is.
        #expect(claimed("/etc/sysctl.d/70-vendor.conf", "kernel.perf_* = 1"))
        var declared = Self.paranoid(
            .declared, .fail, "1", Evidence(path: "environment.etc.\"sysctl.d/70-v.conf\".text", line: 9, text: "k = 1")
        )
        declared.evidence.append(
            Evidence(path: "boot.kernel.sysctl.\"kernel.perf_event_paranoid\"", text: "k=3 (replaced)"))
        let reason = try #require(FixModulePlan(results: [declared]).leftovers.first).reason
        #expect(reason.contains("sysctl.d/70-v.conf\".text:9 decides, later than"))
        #expect(reason.contains("k=3 (replaced)"))
    }

    @Test func aStricterDeclaredValueIsKept() throws {
        let results = [Self.paranoid(.declared, .fail, "3", Evidence(path: "boot.kernel.sysctl"))]
        #expect(FixModulePlan(results: results).claimed.count == 1)
        let plan = FixModulePlan(results: results, stricter: ["sysctl.kernel.perf_event_paranoid"])
        #expect(plan.claimed.isEmpty)
        #expect(try #require(plan.leftovers.first).reason.contains("declares 3, which is stricter than"))
    }

    @Test func anotherRuleOfTheOptionIsNotUndone() throws {
        var locked = Self.finding("audit.immutable", Fix(path: ["a"], value: .string("lock")), outcome: .pass)
        locked.observed = "true"
        var built = Self.finding("audit.enabled", Fix(path: ["a"], value: .boolean(true)))
        built.source = .built
        let plan = FixModulePlan(results: [locked, built])
        #expect(plan.claimed.isEmpty)
        #expect(try #require(plan.leftovers.first).reason.contains("would undo audit.immutable"))
    }

    @Test func aReportWithoutTheConfigurationSaysWhatItCannotKnow() {
        let built = Self.paranoid(.built, .fail, "1", Evidence(path: "/etc/sysctl.d/50-a.conf"))
        let blind = Self.render(FixModulePlan(results: [built]))
        #expect(blind.contains("What the configuration declares is not known"))
        var declared = built
        declared.source = .declared
        #expect(!Self.render(FixModulePlan(results: [declared, built])).contains("not known"))
        // One of two rules that the configuration does not answer is said at that one.
        let other = Self.finding("b", Fix(path: ["b"], value: .integer(1)))
        let mixed = Self.render(FixModulePlan(results: [built, other]))
        #expect(mixed.contains("#   declared: not known; a stricter value there would be lowered"))
        #expect(!mixed.contains("What the configuration declares is not known"))
    }

    static let hostile = ["x\n} boot = 1; {", "*/ ''${x}'' \"", "\r\u{2028}\u{1b}[31m", "# \u{0} \\"]

    @Test(arguments: hostile) func hostileTextStaysInComments(_ text: String) throws {
        let plan = FixModulePlan(results: [
            Self.finding("a.\(text)", Fix(path: ["a", text], value: .string(text)), title: text),
            Self.finding("b.\(text)", Fix(manual: text), title: text),
        ])
        let module = Self.render(plan, effects: ["a.\(text)": text])
        #expect(Self.code(module).count == 7)
        #expect(module.utf8.allSatisfy { $0 == 10 || $0 >= 32 && $0 != 127 })
    }

    /// What the parser of Nix says of modules with hostile text, and that it refuses a broken one.
    @Test(.enabled(if: Tool.nix.isExpected)) func nixParsesIt() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("fix.nix")
            for text in Self.hostile {
                let plan = FixModulePlan(results: [
                    Self.finding("a.\(text)", Fix(path: ["a", text], value: .string(text)), title: text),
                    Self.finding("b.one", Fix(path: ["b"], value: .string(text + "\n"), merge: .add)),
                    Self.finding("b.two", Fix(path: ["b"], value: .string("two\n"), merge: .add)),
                ])
                try Data(Self.render(plan).utf8).write(to: file)
                #expect(try Tool.nix.run(["--parse", file.path]).code == 0)
            }
            try Data("{ a = ; }".utf8).write(to: file)
            #expect(try Tool.nix.run(["--parse", file.path]).code != 0)
        }
    }
}
