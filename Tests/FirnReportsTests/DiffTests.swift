import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReportCore
@testable import FirnReports

/// What changed between two reports, expected by hand.
struct DiffTests {
    // MARK: - Directions

    /// Written out, since this table is what `firn diff` is: each row an old outcome, each column a new one, in the
    /// order pass, fail, not applicable, not checked, unknown, error.
    @Test func directions() {
        let order: [Outcome] = [.pass, .fail, .notApplicable, .notChecked, .unknown, .error]
        let table: [(Outcome, String)] = [
            (.pass, ".w.www"),  // to not applicable is neither: the rule no longer asks
            (.fail, "b.b..w"),  // what can no longer be told is not repaired
            (.notApplicable, ".w..ww"),
            (.notChecked, "bw..ww"),
            (.unknown, "bwb..w"),
            (.error, "b.b..."),
        ]
        for (old, row) in table {
            for (new, letter) in zip(order, row) {
                let expected: ReportDiff.Direction = letter == "w" ? .worse : letter == "b" ? .better : .other
                #expect(ReportDiff.direction(old, new) == expected, "\(old) to \(new)")
            }
        }
    }

    // MARK: - Small reports

    static func result(
        _ rule: String, _ outcome: Outcome, target: Int = 0, source: SourceKind = .declared,
        severity: Severity = .medium, observed: String? = "x", waiver: Waiver? = nil
    ) -> Result {
        Result(
            rule: rule, title: rule, target: target, source: source, outcome: outcome, severity: severity,
            observed: observed, expected: "y", evidence: [], waiver: waiver)
    }

    static func target(_ name: String, _ host: String?, _ source: SourceKind = .declared) -> ReportTarget {
        ReportTarget(kind: "k", name: name, size: nil, source: source, identity: Identity(hostName: host))
    }

    static func report(
        _ results: [Result], targets: [ReportTarget] = [target("a", "web1")], facts: [FactKey: Fact]? = nil,
        drift: [Drift] = [], profileDigest: String = "p", catalogueDigest: String = "c", at time: Int64 = 1000
    ) -> Report {
        Report(
            tool: "firn 0.1.0", targets: targets, profile: "standard", profileDigest: profileDigest, dropped: [],
            catalogueDigest: catalogueDigest, collectedAt: time,
            snapshots: facts.map { facts in
                targets.map {
                    Snapshot(
                        source: $0.source, identity: $0.identity, collectedAt: time,
                        batch: FactBatch(facts: facts, families: [FactFamily(prefix: "sysctl.", missing: .absent([]))]))
                }
            } ?? [], results: results, drift: drift, notes: [])
    }

    static let waiver = Waiver(rule: "r", owner: "mira", reason: "because", expires: "2027-01-01")

    @Test func theMatrixCountsEveryPair() {
        let diff = ReportDiff(
            old: Self.report([
                Self.result("a", .pass), Self.result("b", .pass), Self.result("c", .fail), Self.result("d", .fail),
                Self.result("gone", .pass),
            ]),
            new: Self.report([
                Self.result("a", .pass), Self.result("b", .fail), Self.result("c", .pass), Self.result("d", .unknown),
                Self.result("new", .pass),
            ]))
        #expect(diff.matrix[.pass]?[.pass] == 1)
        #expect(diff.matrix[.pass]?[.fail] == 1)
        #expect(diff.matrix[.fail]?[.pass] == 1)
        #expect(diff.matrix[.fail]?[.unknown] == 1)
        // The rules on one side only are no transitions.
        #expect(diff.matrix.values.flatMap(\.values).reduce(0, +) == 4)
        #expect(diff.results(.worse).map(\.rule) == ["b", "gone"])
        #expect(diff.results(.better).map(\.rule) == ["c", "new"])
        #expect(diff.results(.other).map(\.rule) == ["d"])
        #expect(diff.hasWorse)
    }

    /// Old and new result of one rule, and whether that is worse.
    @Test(
        arguments: [
            (result("r", .fail), result("r", .fail), false),
            (result("r", .fail, waiver: waiver), result("r", .fail, waiver: waiver), false),
            // A waiver that is gone leaves a failure to act on; one that came leaves none.
            (result("r", .fail, waiver: waiver), result("r", .fail), true),
            (result("r", .fail), result("r", .fail, waiver: waiver), false),
            (result("r", .pass), result("r", .fail, waiver: waiver), false),
            (result("r", .fail, waiver: waiver), result("r", .pass), false),
            (result("r", .fail, severity: .low), result("r", .fail, severity: .high), true),
            (result("r", .fail, severity: .high), result("r", .fail, severity: .low), false),
            (result("r", .pass, severity: .low), result("r", .pass, severity: .high), false),
            (nil, result("r", .fail), true), (nil, result("r", .fail, waiver: waiver), false),
            (nil, result("r", .unknown), true), (nil, result("r", .pass), false),
            (nil, result("r", .notChecked), false),
            (result("r", .pass), nil, true), (result("r", .fail), nil, false),
            (result("r", .notApplicable), nil, false),
        ] as [(Result?, Result?, Bool)])
    func worse(_ old: Result?, _ new: Result?, _ isWorse: Bool) {
        let diff = ReportDiff(
            old: Self.report([old].compactMap { $0 }), new: Self.report([new].compactMap { $0 }))
        #expect(diff.hasWorse == isWorse)
        #expect(DiffWords.verdict(diff).hasPrefix("1 got worse") == isWorse)
    }

    @Test func targetsAreMatchedByLayerAndHost() {
        let old = Self.report(
            [], targets: [Self.target("x", "web1"), Self.target("y", "web1", .built), Self.target("z", "web2")])
        let new = Self.report(
            [],
            targets: [Self.target("q", "web2"), Self.target("p", "web1", .built), Self.target("o", "web3", .live)])
        let pairs = ReportDiff(old: old, new: new).pairs
        #expect(pairs.map(\.old) == [2, 1, nil, 0])
        #expect(pairs.map(\.new) == [0, 1, 2, nil])
        #expect(pairs.map(\.name) == ["web2", "web1", "web3", "web1"])
    }

    @Test func generationsOfOneHostAreToldApartByName() {
        let old = Self.report([], targets: [Self.target("gen 1", "h", .built), Self.target("gen 2", "h", .built)])
        let new = Self.report([], targets: [Self.target("gen 2", "h", .built), Self.target("gen 3", "h", .built)])
        #expect(ReportDiff(old: old, new: new).pairs.map(\.old) == [1, 0])
    }

    @Test func theOnlyTargetLeftOfALayerIsComparedAndSaidToBe() {
        let diff = ReportDiff(
            old: Self.report([Self.result("r", .pass)], targets: [Self.target("a", "old-name")]),
            new: Self.report([Self.result("r", .fail)], targets: [Self.target("b", "new-name")]))
        #expect(diff.hasWorse)
        #expect(diff.notes.contains("old-name is compared with new-name: each is the only declared target left."))
    }

    /// A target that nobody looks at any more took its passes with it.
    @Test func aTargetThatIsGoneIsWorse() {
        let two = [Self.target("a", "web1"), Self.target("b", "web2")]
        let both = Self.report([Self.result("r", .pass), Self.result("r", .pass, target: 1)], targets: two)
        let one = Self.report([Self.result("r", .pass)])
        #expect(ReportDiff(old: both, new: one).hasWorse)
        #expect(!ReportDiff(old: one, new: both).hasWorse)
        let failing = Self.report([Self.result("r", .pass), Self.result("r", .fail, target: 1)], targets: two)
        #expect(ReportDiff(old: one, new: failing).hasWorse)
        #expect(DiffWords.verdict(ReportDiff(old: one, new: failing)).hasPrefix("targets changed for the worse"))
    }

    @Test func drift() {
        func drift(_ message: String) -> Drift {
            Drift(
                rule: "r", fact: "f", severity: .low, values: [], layer: .built, effect: .broke, message: message)
        }
        let (none, one, other) = (
            Self.report([]), Self.report([], drift: [drift("a")]), Self.report([], drift: [drift("b")])
        )
        #expect(ReportDiff(old: none, new: one).drift.map(\.direction) == [.worse])
        #expect(ReportDiff(old: none, new: one).hasWorse)
        #expect(ReportDiff(old: one, new: none).drift.map(\.direction) == [.better])
        #expect(ReportDiff(old: one, new: other).drift.map(\.direction) == [.other])
        #expect(ReportDiff(old: one, new: one).isEmpty)
    }

    @Test func otherProfilesAndCataloguesAreSaid() {
        let one = Self.report([])
        #expect(
            ReportDiff(old: one, new: Self.report([], profileDigest: "q")).notes.contains(
                "The profile standard changed between the reports: its digests differ."))
        #expect(
            ReportDiff(old: one, new: Self.report([], catalogueDigest: "d")).notes.contains(
                "The reports were made with different catalogues: their digests differ."))
        #expect(
            ReportDiff(old: one, new: Self.report([], at: 999)).notes.contains(
                "The new report is older than the old one."))
    }

    /// A report whose targets hold two results of one rule: none is lost.
    @Test func twoResultsOfOneRuleAreBothCompared() {
        let diff = ReportDiff(
            old: Self.report([Self.result("r", .pass), Self.result("r", .pass)]),
            new: Self.report([Self.result("r", .pass), Self.result("r", .fail)]))
        #expect(diff.results(.worse).count == 1)
    }

    // MARK: - Facts and options

    @Test func facts() {
        let old: [FactKey: Fact] = [
            "a.same": .known(.integer(1), [Evidence(path: "p", line: 1)]), "a.value": .known(.integer(1), []),
            "a.type": .known(.integer(1), []), "a.gone": .known(.boolean(true), []),
            "a.list": .known(.strings(["x", "y", "y", "z"]), []), "a.order": .known(.strings(["x", "y"]), []),
            "a.untold": .known(.integer(1), []), "sysctl.k": .known(.string("0"), []),
        ]
        let new: [FactKey: Fact] = [
            // Evidence moves without the fact changing.
            "a.same": .known(.integer(1), [Evidence(path: "q", line: 9)]), "a.value": .known(.integer(2), []),
            "a.type": .known(.string("1"), []), "a.list": .known(.strings(["y", "w", "x"]), []),
            "a.order": .known(.strings(["y", "x"]), []), "a.untold": .unavailable(reason: "denied", []),
        ]
        let diff = ReportDiff(old: Self.report([], facts: old), new: Self.report([], facts: new))
        #expect(
            diff.facts.map(\.key.rawValue) == [
                "a.gone", "a.list", "a.order", "a.type", "a.untold", "a.value", "sysctl.k",
            ])
        let byKey = Dictionary(uniqueKeysWithValues: diff.facts.map { ($0.key.rawValue, $0) })
        #expect(byKey["a.gone"]?.new == nil)
        #expect(
            byKey["a.list"]?.elements
                == ReportDiff.ListChange(removed: [.string("y"), .string("z")], added: [.string("w")]))
        #expect(byKey["a.order"]?.elements == ReportDiff.ListChange(removed: [], added: []))
        #expect(byKey["a.untold"]?.new == .unavailable(reason: "denied", []))
        // A key of an open family that is not named is absent, not unsupplied.
        #expect(byKey["sysctl.k"]?.new == .absent([]))
        #expect(diff.notes.isEmpty && !diff.hasWorse)
    }

    @Test(arguments: [
        ("services.openssh.settings.PermitRootLogin", true), ("boot.kernel.sysctl.\"kernel.sysrq\"", true),
        ("users.users.\"a b\".hashedPassword", true), ("/etc/ssh/sshd_config", false), ("Linux 6.12.17", false),
        ("audit rules", false), ("iptables", false), ("", false), ("a. b", false),
    ])
    func optionPaths(_ path: String, _ isOption: Bool) {
        #expect(ReportDiff.isOption(path) == isOption)
    }

    @Test func options() {
        func facts(_ text: String?, _ path: String = "services.x.y") -> [FactKey: Fact] {
            ["a.b": .known(.boolean(true), [Evidence(path: path, text: text)])]
        }
        func options(_ old: [FactKey: Fact], _ new: [FactKey: Fact], _ source: SourceKind = .declared) -> [ReportDiff
            .OptionChange]
        {
            ReportDiff(
                old: Self.report([], targets: [Self.target("a", "h", source)], facts: old),
                new: Self.report([], targets: [Self.target("a", "h", source)], facts: new)
            ).options
        }
        #expect(
            options(facts("yes"), facts("no")) == [
                ReportDiff.OptionChange(pair: 0, path: "services.x.y", old: ["yes"], new: ["no"])
            ])
        #expect(options(facts("yes"), facts("yes")).isEmpty)
        #expect(options(facts(nil), facts(nil, "services.x.z")).isEmpty)
        #expect(options(facts("yes", "/etc/x"), facts("no", "/etc/x")).isEmpty)
        // Only a declared configuration has options.
        #expect(options(facts("yes"), facts("no"), .built).isEmpty)
    }

    // MARK: - Rendering

    static let pairs: [(Report, Report)] = [
        (SampleReports.full, SampleReports.full), (SampleReports.single, SampleReports.full),
        (SampleReports.full, SampleReports.hosts), (SampleReports.empty, SampleReports.full),
        (SampleReports.full, SampleReports.empty), (SampleReports.empty, SampleReports.empty),
    ]

    @Test func textIsAligned() {
        let old = Self.report([
            Self.result("a.one", .pass, severity: .high, observed: "no"), Self.result("a.two", .fail),
            Self.result("a.three", .pass),
        ])
        let new = Self.report(
            [
                Self.result("a.one", .fail, severity: .high, observed: "yes"),
                Self.result("a.two", .pass, observed: "y"),
                Self.result("a.three", .pass),
            ], at: 2000)
        let text = DiffFormat.text.render(ReportDiff(old: old, new: new), RenderOptions(width: 60))
        let expected = """
            old   1970-01-01T00:16:40Z  firn 0.1.0, profile standard
            new   1970-01-01T00:33:20Z  firn 0.1.0, profile standard
                  Facts and options are not compared: a report does not
                  hold its facts.

            ── OUTCOMES  old down, new across ──────────────────────────

                     pass   fail
              pass      1      1
              fail      1      ·

            ── GOT WORSE  1 result ─────────────────────────────────────
              high      a.one  pass -> fail
                        no -> yes, should be y

            ── GOT BETTER  1 result ────────────────────────────────────
              medium    a.two  fail -> pass
                        x -> y

            1 got worse, 1 got better.

            """
        #expect(text == expected)
    }

    @Test(arguments: HostileText.all.indices)
    func hostileTextStaysText(_ index: Int) {
        let hostile = SampleReports.hostile(HostileText.all[index])
        var changed = hostile
        for position in changed.results.indices where changed.results[position].outcome == .pass {
            changed.results[position].outcome = .fail
        }
        changed.drift = []
        for (old, new) in [
            (hostile, changed), (changed, hostile), (SampleReports.full, hostile), (hostile, SampleReports.empty),
        ] {
            let diff = ReportDiff(old: old, new: new)
            for format in DiffFormat.allCases {
                for width in [40, 100] {
                    let text = format.render(diff, RenderOptions(width: width, verbosity: .all))
                    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) }, "\(format)")
                    #expect(!text.contains("\nFORGED"), "\(format)")
                }
            }
            let markdown = DiffFormat.markdown.render(diff, RenderOptions())
            // The only markup is ours.
            let tags = markdown.matches(of: /<[^>]*>/).map { String($0.output) }
            for tag in tags where !HostileText.all[index].contains("<") {
                #expect(
                    ["<details>", "<details open>", "</details>", "<summary>", "</summary>", "<br>"].contains(tag))
            }
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected))
    func theSchemaAcceptsDiffsAndRefusesOthers() throws {
        try withTemporaryDirectory { directory in
            let schema = Repository.path("reports/schema/diff.schema.json")
            let meta = try Tool.checkJSONSchema.run(["--check-metaschema", schema])
            #expect(meta.code == 0, "\(meta.output)")
            var files: [String] = []
            let hostile = HostileText.all.map { (SampleReports.full, SampleReports.hostile($0)) }
            for (index, (old, new)) in (Self.pairs + hostile).enumerated() {
                let file = directory.appendingPathComponent("\(index).json")
                try Data(DiffFormat.json.render(ReportDiff(old: old, new: new), RenderOptions()).utf8).write(to: file)
                files.append(file.path)
            }
            let run = try Tool.checkJSONSchema.run(["--schemafile", schema] + files)
            #expect(run.code == 0, "\(run.output)")
            let good = DiffFormat.json.render(
                ReportDiff(old: SampleReports.single, new: SampleReports.full), RenderOptions())
            for (old, new) in [
                ("\"schemaVersion\": 1", "\"schemaVersion\": 2"), ("\"hasWorse\"", "\"worse\""),
                ("\"outcome\": \"fail\"", "\"outcome\": \"failed\""), ("\"notes\": [", "\"notes\": [1, "),
                ("\"direction\": \"worse\"", "\"direction\": \"up\""),
            ] {
                try #require(good.contains(old), "\(old)")
                let file = directory.appendingPathComponent("broken.json")
                try Data(good.replacingOccurrences(of: old, with: new).utf8).write(to: file)
                #expect(try Tool.checkJSONSchema.run(["--schemafile", schema, file.path]).code != 0, "\(old)")
            }
        }
    }

    @Test func isTheSameEachTime() {
        for (old, new) in Self.pairs {
            for format in DiffFormat.allCases {
                let first = format.render(ReportDiff(old: old, new: new), RenderOptions(verbosity: .all))
                #expect(first == format.render(ReportDiff(old: old, new: new), RenderOptions(verbosity: .all)))
                #expect(first.hasSuffix("\n"))
            }
        }
        for (old, _) in Self.pairs { #expect(ReportDiff(old: old, new: old).isEmpty) }
    }
}
