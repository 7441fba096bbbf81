import FirnCatalogue
import FirnEvaluation
import FirnModel
import FirnReports
import FirnTestSupport
import Foundation
import Testing

@testable import FirnCommands

/// What `firn fix --verify` makes of two judgements, and the whole of it with Nix and a small module system.
struct FixVerificationTests {
    static func result(_ rule: String, _ outcome: Outcome, _ observed: String? = "0") -> FirnModel.Result {
        FirnModel.Result(
            rule: rule, title: "A title", target: 0, source: .declared, outcome: outcome, severity: .medium,
            observed: observed, expected: "1", evidence: [], fix: Fix(path: [rule], value: .integer(1)))
    }

    struct Case: Sendable {
        var before: Outcome
        var after: Outcome
        /// What is said of a claimed rule and whether the whole then holds, and the same of one that is not claimed.
        var claimed: (FixVerification.Change, Bool)
        var unclaimed: (FixVerification.Change, Bool)?
    }

    static let cases: [Case] = [
        Case(before: .fail, after: .pass, claimed: (.fixed, true), unclaimed: (.fixed, true)),
        Case(
            before: .fail, after: .notApplicable, claimed: (.noLongerApplies, true), unclaimed: (.noLongerApplies, true)
        ),
        Case(before: .fail, after: .fail, claimed: (.stillFailing, false), unclaimed: (.stillFailing, true)),
        Case(before: .fail, after: .unknown, claimed: (.notTold, false), unclaimed: (.notTold, true)),
        Case(before: .pass, after: .fail, claimed: (.newlyFailing, false), unclaimed: (.newlyFailing, false)),
        Case(before: .pass, after: .unknown, claimed: (.notTold, false), unclaimed: (.newlyFailing, false)),
        Case(before: .pass, after: .pass, claimed: (.didNotFail, true), unclaimed: nil),
        Case(before: .notApplicable, after: .fail, claimed: (.newlyFailing, false), unclaimed: (.nowAsked, true)),
        Case(before: .notApplicable, after: .unknown, claimed: (.notTold, false), unclaimed: (.notTold, true)),
        Case(before: .notApplicable, after: .pass, claimed: (.didNotFail, true), unclaimed: nil),
        Case(before: .unknown, after: .fail, claimed: (.newlyFailing, false), unclaimed: (.newlyFailing, false)),
        Case(before: .unknown, after: .pass, claimed: (.notTold, false), unclaimed: nil),
    ]

    @Test(arguments: cases.indices) func comparison(_ index: Int) {
        let one = Self.cases[index]
        let plan = FixModulePlan(results: [Self.result("a", .fail)])
        #expect(plan.claimed == ["a"])
        for (rule, expected) in [("a", Optional(one.claimed)), ("b", one.unclaimed)] {
            let outcome = FixVerification.compare(
                before: [Self.result(rule, one.before)] + (rule == "b" ? [Self.result("a", .fail)] : []),
                after: [Self.result(rule, one.after)] + (rule == "b" ? [Self.result("a", .pass)] : []), plan: plan)
            let row = outcome.rows.first { $0.rule == rule }
            #expect(row?.change == expected?.0, "\(rule) \(one)")
            #expect(outcome.isWhole == expected?.1 ?? true, "\(rule) \(one)")
        }
    }

    @Test func aPassingValueThatChangesIsNoRepair() {
        let plan = FixModulePlan(results: [Self.result("a", .fail)])
        let outcome = FixVerification.compare(
            before: [Self.result("a", .pass, "3")], after: [Self.result("a", .pass, "2")], plan: plan)
        #expect(outcome.rows.first?.change == .changesPass)
        #expect(!outcome.isWhole)
        #expect(outcome.render(width: 100).contains("pass (3) -> pass (2)"))
    }

    @Test func theHeadlineCountsWhatIsNowAsked() {
        let plan = FixModulePlan(results: [Self.result("a", .fail)])
        var outcome = FixVerification.compare(
            before: [Self.result("a", .fail), Self.result("b", .notApplicable, nil)],
            after: [Self.result("a", .pass, "1"), Self.result("b", .fail)], plan: plan)
        #expect(outcome.isWhole)
        let text = outcome.render(width: 100)
        #expect(text.contains("repairs: 1 fixed, 1 now asked\n"))
        #expect(text.contains("findings: 1 before, 1 after, 1 of them now asked"))
        outcome.refusals = ["filterForward only works with\nnftables"]
        #expect(!outcome.isWhole)
        #expect(outcome.render(width: 100).contains("NixOS refuses to build: filterForward only works with"))
    }

    @Test func refusalsAreRead() throws {
        let json = Array(#"{"refusals":["a","b"]}"#.utf8)
        #expect(try FixVerification.refusals(json, name: "x") == ["a", "b"])
        #expect(throws: CommandFailure.self) { try FixVerification.refusals(Array("{".utf8), name: "x") }
    }

    /// What is stricter is proved by the direction of the rule, and by the value itself holding.
    @Test func stricterValues() throws {
        let evaluator = try Evaluator(knowledge: try Catalogue.embedded().knowledge, now: 0)
        let other = FactKey("t.other")
        func isStricter(_ value: FactValue, than repair: FactValue, _ expect: Condition) -> Bool {
            let rule = Rule(
                id: "t.x", title: "", severity: .low, fact: FactKey("t.x"), expect: expect, rationale: "",
                sideEffects: "")
            let selected = SelectedRule(rule: rule, expect: expect, severity: .low, fixes: [])
            return FixStrictness.isStricter(value, than: repair, rule: selected, evaluator: evaluator)
        }
        let least = Condition.all([.test(.atLeast(.integer(2))), .of(other, .test(.present))])
        #expect(isStricter(.integer(3), than: .integer(2), least))
        #expect(!isStricter(.integer(2), than: .integer(2), least))
        #expect(!isStricter(.integer(1), than: .integer(2), least))
        let most = Condition.all([.test(.atLeast(.integer(1))), .test(.atMost(.integer(4)))])
        #expect(isStricter(.integer(3), than: .integer(4), most))
        // Below the floor (0 often means "no limit") nothing is stricter.
        #expect(!isStricter(.integer(0), than: .integer(4), most))
        // A choice: what is wanted says nothing of more or less.
        #expect(!isStricter(.integer(0), than: .integer(1), .test(.oneOf([.integer(0), .integer(1)]))))
        let allowed = Condition.all([.test(.subsetOf([.string("a"), .string("b")])), .of(other, .test(.present))])
        #expect(isStricter(.strings(["a"]), than: .strings(["a", "b"]), allowed))
        #expect(!isStricter(.strings(["a", "b"]), than: .strings(["a", "b"]), allowed))
        #expect(!isStricter(.strings(["c"]), than: .strings(["a", "b"]), allowed))
        #expect(!isStricter(.strings([]), than: .strings(["a", "b"]), allowed))
    }

    // MARK: With Nix

    static let hasNix = NixProgram.path("nix-instantiate") != nil || ProcessInfo.processInfo.environment["CI"] != nil
    static let stub = Repository.path("Tests/Fixtures/nixpkgs-stub")

    /// Checks a configuration of the stand-in with the real exporter, and gives its report.
    static func report(_ configuration: String, in directory: TemporaryDirectory) throws -> String {
        let nix = try NixEvaluation(nixpkgs: stub, system: "x86_64-linux", timeout: 60)
        let options = directory("options.json")
        try Data(try nix.options(of: configuration, module: nil)).write(to: URL(fileURLWithPath: options))
        let report = directory("report.json")
        let profile = try directory.write(
            "two.toml",
            """
            id = "two"
            title = "Two rules"
            rules = ["sysctl.kernel.kptr_restrict", "sysctl.kernel.dmesg_restrict"]
            """)
        let run = CommandLineRun("check", options, "--profile", profile, "--format", "json=" + report)
        #expect(run.code == 1 || run.code == 3, "\(run.err)")
        return report
    }

    static func verify(_ configuration: String, _ report: String, _ more: String...) -> CommandLineRun {
        CommandLineRun(
            arguments: [
                "fix", report, "--verify", configuration, "--nixpkgs", stub, "--system", "x86_64-linux", "--profile",
                report.replacingOccurrences(of: "report.json", with: "two.toml"),
            ] + more, isTerminal: false, columns: 200, environment: [:])
    }

    static let forced = """
        { lib, ... }: {
          boot.kernel.sysctl."kernel.kptr_restrict" = lib.mkForce 0;
          boot.kernel.sysctl."kernel.dmesg_restrict" = 0;
          users.users.root.password = "CANARY-4711";
        }
        """

    @Test(.enabled(if: hasNix)) func repairsWinOverForcedDefinitions() throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write("configuration.nix", Self.forced)
        let run = Self.verify(configuration, try Self.report(configuration, in: directory))
        #expect(run.code == 0, "\(run.out)\(run.err)")
        let line = run.out.split(separator: "\n").first { $0.contains("sysctl.kernel.kptr_restrict") }
        #expect(line?.contains("✓ fixed") == true)
        #expect(line?.contains("fail (0) -> pass (1)") == true)
        #expect(!run.out.contains("CANARY") && !run.err.contains("CANARY"))
    }

    @Test(.enabled(if: hasNix)) func whatNoRepairReachesIsStillFailing() throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write(
            "configuration.nix", Self.forced.replacingOccurrences(of: "mkForce", with: "mkOverride 10"))
        let run = Self.verify(configuration, try Self.report(configuration, in: directory))
        #expect(run.code == 1, "\(run.out)\(run.err)")
        #expect(run.out.contains("✗ still failing"))
        #expect(run.out.contains("1 still failing"))
    }

    @Test(.enabled(if: hasNix)) func anAssertionOfTheModuleIsShown() throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write(
            "configuration.nix",
            """
            { config, ... }: {
              boot.kernel.sysctl."kernel.kptr_restrict" = 0;
              assertions = [
                { assertion = config.boot.kernel.sysctl."kernel.kptr_restrict" == 0; message = "perf needs it"; }
                { assertion = false; message = "failed before"; }
              ];
            }
            """)
        let run = Self.verify(configuration, try Self.report(configuration, in: directory))
        #expect(run.code == 1, "\(run.out)\(run.err)")
        #expect(run.out.contains("NixOS refuses to build: perf needs it"))
        #expect(!run.out.contains("failed before"))
    }

    @Test(.enabled(if: hasNix)) func whatDoesNotEvaluateIsAnErrorWithTheWordsOfNix() throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write("configuration.nix", Self.forced)
        let report = try Self.report(configuration, in: directory)
        let broken = try directory.write("broken.nix", "{ services.nothing.enable = true; }")
        let run = Self.verify(broken, report)
        #expect(run.code == 2)
        #expect(run.err.contains("the configuration does not evaluate"))
        #expect(run.err.contains("services.nothing"))
    }

    /// With a real nixpkgs in NIXPKGS: the plain server of docs/fix.md, at standard.
    @Test(.enabled(if: hasNix && realNixpkgs != nil, "NIXPKGS names no nixpkgs tree")) func aRealSystem() throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write(
            "configuration.nix",
            """
            {
              fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
              boot.loader.systemd-boot.enable = true;
              services.openssh.enable = true;
              users.users.admin = { isNormalUser = true; extraGroups = [ "wheel" ]; hashedPassword = "!"; };
              users.allowNoPasswordLogin = true;
            }
            """)
        let nixpkgs = try #require(Self.realNixpkgs)
        let nix = try NixEvaluation(nixpkgs: nixpkgs, system: "x86_64-linux", timeout: 600)
        let options = directory("options.json")
        try Data(try nix.options(of: configuration, module: nil)).write(to: URL(fileURLWithPath: options))
        let report = directory("report.json")
        #expect(CommandLineRun("check", options, "--profile", "standard", "--format", "json=" + report).code != 2)
        let run = CommandLineRun(
            "fix", report, "--verify", configuration, "--nixpkgs", nixpkgs, "--system", "x86_64-linux", "--timeout",
            "600")
        #expect(run.code == 0, "\(run.out)\(run.err)")
    }

    /// Every fix of the catalogue is an option of the nixpkgs in NIXPKGS, with a value that its type takes.
    @Test(.enabled(if: hasNix && realNixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func everyFixEvaluates() throws {
        var program = NixProgram.Run(arguments: [
            "nix-instantiate", "--eval", "--strict", "--json", "--readonly-mode",
            Repository.path("scripts/check-fixes.nix"), "--arg", "nixpkgs", try #require(Self.realNixpkgs),
        ])
        program.environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let ended = try program.run()
        try #require(ended.code == 0, "\(String(decoding: ended.err, as: UTF8.self).suffix(2000))")
        let sweep = try #require(try JSONSerialization.jsonObject(with: Data(ended.out)) as? [String: Any])
        #expect((sweep["bad"] as? [[String: Any]])?.isEmpty == true, "\(sweep["bad"] ?? "")")
        #expect((sweep["tried"] as? Int ?? 0) > 200)
    }

    static let realNixpkgs = ProcessInfo.processInfo.environment["NIXPKGS"]
}
