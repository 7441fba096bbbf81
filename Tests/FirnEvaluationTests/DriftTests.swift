import FirnEvaluation
import FirnModel
import Testing

@Suite struct DriftTests {
    let rule = ExpectLanguageTests.rule(.test(.equals(.integer(1))))

    /// One layer of a system: what it is, whose, and what it says of the rule.
    struct Layer {
        var source: SourceKind
        var outcome: Outcome
        var observed: String?
        var toplevel: String? = "/a"
        var host: String?
        var time: Int64 = 0
        var value: FactValue?
        var booted: String?
        var name = ""
    }

    func find(_ layers: [Layer], knowledge: Knowledge = Knowledge()) throws -> DriftFindings {
        let identities = layers.map {
            Identity(toplevel: $0.toplevel, hostName: $0.host, bootedToplevel: $0.booted)
        }
        let targets = zip(layers, identities).map { layer, identity in
            ReportTarget(
                kind: "", name: layer.name.isEmpty ? layer.source.rawValue : layer.name, size: nil,
                source: layer.source, identity: identity)
        }
        let snapshots = zip(layers, identities).map { layer, identity in
            Snapshot(
                source: layer.source, identity: identity, collectedAt: layer.time,
                batch: FactBatch(facts: layer.value.map { [rule.fact: .known($0, [])] } ?? [:]))
        }
        let results = layers.enumerated().map { index, layer in
            Result(
                rule: rule.id, title: "t", target: index, source: layer.source, outcome: layer.outcome, severity: .low,
                observed: layer.observed, expected: "", evidence: [])
        }
        let profile = ResolvedProfile(
            id: "p", title: "", level: nil,
            rules: [SelectedRule(rule: rule, expect: rule.expect, severity: .high, fixes: [])], dropped: [], digest: "")
        return try DriftFinder(profile: profile, knowledge: knowledge)
            .find(targets: targets, snapshots: snapshots, results: results)
    }

    func find(
        _ declared: (Outcome, String?), _ built: (Outcome, String?), toplevels: (String?, String?) = ("/a", "/a")
    ) throws -> DriftFindings {
        try find([
            Layer(
                source: .declared, outcome: declared.0, observed: declared.1, toplevel: toplevels.0,
                name: "config.json"),
            Layer(source: .built, outcome: built.0, observed: built.1, toplevel: toplevels.1, name: "system"),
        ])
    }

    // MARK: Two layers

    @Test func layersThatAgreeDoNotDrift() throws {
        let found = try find((.pass, "1"), (.pass, "1"))
        #expect(found.drift.isEmpty)
        #expect(found.compared == [[0, 1]] && found.answered == 1 && found.untold.isEmpty)
    }

    @Test func theLayerThatDiffersIsNamed() throws {
        let drift = try #require(try find((.pass, "1"), (.fail, "0")).drift.first)
        #expect(drift.layer == .built && drift.effect == .broke && drift.severity == .high)
        #expect(drift.message == "declared 1, built 0: the built layer differs from the declared one")
    }

    @Test func differentValuesThatBothPassAreDriftToo() throws {
        #expect(try find((.pass, "1"), (.pass, "2")).drift.map(\.effect) == [.changed])
    }

    @Test(arguments: [Outcome.notApplicable, .pass, .fail])
    func aLayerThatNeverSuppliesTheFactHasNoValueToDifferBy(outcome: Outcome) throws {
        #expect(try find((outcome, nil), (outcome, "not set")).drift.isEmpty)
        #expect(try find((outcome, "1"), (outcome, nil)).drift.isEmpty)
        #expect(try find((outcome, nil), (outcome == .pass ? .fail : .pass, "1")).drift.count == 1)
    }

    @Test(arguments: [Outcome.unknown, .notChecked, .error])
    func whatOneLayerCouldNotTellIsNoDrift(outcome: Outcome) throws {
        let found = try find((.pass, "1"), (outcome, nil))
        #expect(found.drift.isEmpty && found.answered == 0)
        // Nor is it the same: it may have drifted unseen.
        #expect(found.untold.count == (outcome == .notChecked ? 0 : 1))
        // A later layer tells what an earlier one could not.
        #expect(try find((outcome, nil), (.pass, "1")).untold.isEmpty)
    }

    @Test func twoSystemsAreNotComparedAndTheReportSaysSo() throws {
        let found = try find((.pass, "1"), (.fail, "0"), toplevels: ("/a", "/b"))
        #expect(found.drift.isEmpty && found.compared.isEmpty)
        #expect(found.notes.count == 2)
    }

    @Test func aTargetWithoutIdentityIsNotComparedAndTheReportSaysSo() throws {
        let found = try find((.pass, "1"), (.fail, "0"), toplevels: (nil, "/b"))
        #expect(found.drift.isEmpty)
        #expect(found.notes.first == "config.json names no toplevel, so it was not compared with the other targets")
    }

    // MARK: Three layers

    func three(_ outcomes: [Outcome], _ values: [String?]) throws -> Drift? {
        let sources: [SourceKind] = [.declared, .built, .live]
        return try find(
            zip(sources, zip(outcomes, values)).map { Layer(source: $0, outcome: $1.0, observed: $1.1) }
        ).drift.first
    }

    @Test func theLayerThatBrokeTheRuleIsNamedNotTheFirstThatDiffers() throws {
        let live = try #require(try three([.pass, .pass, .fail], ["1", "2", "0"]))
        #expect(live.layer == .live && live.effect == .broke)
        #expect(live.values.map(\.target) == [0, 1, 2])
        let built = try #require(try three([.pass, .fail, .fail], ["1", "0", "0"]))
        #expect(built.layer == .built && built.effect == .broke)
    }

    @Test func whatWasRepairedOnTheHostIsDriftToo() throws {
        let drift = try #require(try three([.fail, .fail, .pass], ["0", "0", "1"]))
        #expect(drift.layer == .live && drift.effect == .repaired)
    }

    @Test func aLayerThatCouldNotTellIsSkipped() throws {
        let drift = try #require(try three([.pass, .unknown, .fail], ["1", nil, "0"]))
        #expect(drift.layer == .live)
        #expect(drift.message == "declared 1, live 0: the live layer differs from the declared one")
    }

    // MARK: Lists

    static let words: [FactValue] = [.strings(["b", "a"]), .strings(["a", "b"])]

    private func lists(ordered: Bool, _ values: [FactValue] = words) throws -> Int {
        let table = DataNode(
            .table([
                DataNode.Entry(
                    key: "ordered", node: DataNode(.array(ordered ? [DataNode(.string(rule.fact.rawValue))] : [])))
            ]))
        return try find(
            zip([SourceKind.declared, .built], values).map {
                Layer(source: $0, outcome: .pass, observed: $1.description, value: $1)
            }, knowledge: Knowledge(tables: ["drift-causes": table])
        ).drift.count
    }

    @Test func listsAreSetsUnlessTheirOrderMeansSomething() throws {
        #expect(try lists(ordered: false) == 0)
        #expect(try lists(ordered: true) == 1)
        #expect(try lists(ordered: false, [.strings(["a", "a", "b"]), .strings(["a", "b", "b"])]) == 1)
        #expect(try lists(ordered: false, [.strings(["a"]), .strings(["a", "b"])]) == 1)
        // Text that happens to hold commas is no list.
        #expect(try lists(ordered: false, [.string("b, a"), .string("a, b")]) == 1)
    }

    // MARK: Hosts

    @Test func eachHostIsComparedOnItsOwn() throws {
        let found = try find([
            Layer(source: .declared, outcome: .pass, observed: "1"),
            Layer(source: .live, outcome: .fail, observed: "0", host: "a"),
            Layer(source: .live, outcome: .pass, observed: "1", host: "b"),
        ])
        #expect(found.compared == [[0, 1], [0, 2]])
        #expect(found.drift.map { $0.values.map(\.target) } == [[0, 1]])
    }

    @Test func aHostOfAnotherNameIsRefusedWithTheReason() throws {
        let found = try find([
            Layer(source: .built, outcome: .pass, observed: "1", host: "web"),
            Layer(source: .live, outcome: .fail, observed: "0", host: "db", name: "live.json"),
        ])
        #expect(found.drift.isEmpty && found.compared.isEmpty)
        #expect(
            found.notes.first
                == "live.json is of the host db, the other layers are of web: it was not compared")
    }

    /// The newest report of a host tells; the order of the command line does not matter.
    @Test func ofSeveralLiveReportsTheNewestTells() throws {
        func history(_ outcomes: [(Int64, Outcome)]) throws -> Drift? {
            try find(
                [Layer(source: .built, outcome: .pass, observed: "1", host: "a")]
                    + outcomes.map {
                        Layer(
                            source: .live, outcome: $0.1, observed: $0.1 == .pass ? "1" : "0", host: "a", time: $0.0)
                    }
            ).drift.first
        }
        #expect(try history([(1, .fail), (2, .pass)]) == nil)
        let since = try #require(try history([(3, .fail), (1, .pass), (2, .fail)]))
        #expect(since.layer == .live && since.values.map(\.target) == [0, 2, 3, 1])
        #expect(since.message == "built 1, live 0: the live layer differs from the built one")
        #expect(try history([(1, .fail), (2, .unknown)]) == nil)
    }

    @Test func aHostThatWasBootedFromAnotherGenerationIsSaid() throws {
        let found = try find([
            Layer(source: .built, outcome: .pass, observed: "1"),
            Layer(source: .live, outcome: .pass, observed: "1", host: "web", booted: "/old"),
        ])
        #expect(found.drift.isEmpty)
        #expect(
            found.notes.first?.hasPrefix("web was booted from another generation than the one that is active") == true)
    }

    /// A report of 10,000 results is compared in well under a second, also by a debug build on a busy machine.
    @Test func manyResultsAreComparedFast() throws {
        let rules = (0..<3300).map { number in
            var rule = self.rule
            rule.id = "sysctl.number.\(number)"
            return rule
        }
        let targets = [SourceKind.declared, .built, .live].map {
            ReportTarget(kind: "", name: $0.rawValue, size: nil, source: $0, identity: Identity(toplevel: "/a"))
        }
        let results = targets.enumerated().flatMap { index, target in
            rules.map { rule in
                Result(
                    rule: rule.id, title: "t", target: index, source: target.source,
                    outcome: index == 2 ? .fail : .pass, severity: .low, observed: "\(index)", expected: "",
                    evidence: [])
            }
        }
        let profile = ResolvedProfile(
            id: "p", title: "", level: nil,
            rules: rules.map { SelectedRule(rule: $0, expect: $0.expect, severity: .low, fixes: []) }, dropped: [],
            digest: "")
        let clock = ContinuousClock()
        let start = clock.now
        let found = try DriftFinder(profile: profile, knowledge: Knowledge())
            .find(targets: targets, snapshots: [], results: results)
        #expect(found.drift.count == 3300)
        #expect(clock.now - start < .seconds(5))
    }
}
