import FirnCatalogue
import FirnCatalogueFiles
import FirnEvaluation
import FirnModel
import FirnReportCore
import FirnTestSupport
import Testing

@testable import FirnGate

/// The built-in policies on a system that is clean by the real catalogue: its facts are those of the rules' own passing
/// examples, which people wrote.
struct CleanSystemTests {
    static let now: Int64 = 1_795_478_400 + 3600

    private struct World {
        var catalogue: Catalogue
        var profile: ResolvedProfile
        var evaluator: Evaluator
        var facts: [FactKey: Fact] = [:]

        init() throws {
            catalogue = try Catalogue.load(directory: Repository.path("profiles"))
            profile = try catalogue.resolve(profile: "standard")
            evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: CleanSystemTests.now, rules: catalogue.orderedRules)
        }

        func outcome(_ selected: SelectedRule, _ facts: [FactKey: Fact]) -> Outcome {
            let snapshot = Snapshot(
                source: .built, identity: Identity(), collectedAt: 0, batch: FactBatch(facts: facts))
            return evaluator.evaluate(selected, on: snapshot, target: 0).outcome
        }

        /// Adds the facts of passing examples until every rule passes or does not apply.
        mutating func clean(without families: Set<String>) {
            let rules = profile.rules.filter { !families.contains($0.rule.family) }
            for _ in 0..<12 {
                var isDone = true
                for selected in rules {
                    let before = outcome(selected, facts)
                    if before == .pass || before == .notApplicable { continue }
                    isDone = false
                    for example in selected.rule.examples where example.outcome == .pass {
                        let merged = facts.merging(example.facts) { _, new in new }
                        if outcome(selected, merged) == .pass {
                            facts = merged
                            break
                        }
                    }
                }
                if isDone { return }
            }
        }

        func report(_ source: SourceKind) -> Report {
            let identity = Identity(toplevel: GateSamples.toplevel, hostName: "web", release: "26.11")
            let snapshot = Snapshot(
                source: source, identity: identity, collectedAt: CleanSystemTests.now,
                batch: FactBatch(facts: facts))
            return Report(
                tool: "firn 0.1.0",
                targets: [ReportTarget(kind: "t", name: "t", size: nil, source: source, identity: identity)],
                profile: profile.id, profileDigest: profile.digest, dropped: profile.dropped,
                catalogueDigest: catalogue.digest, collectedAt: CleanSystemTests.now, snapshots: [snapshot],
                results: profile.rules.map { evaluator.evaluate($0, on: snapshot, target: 0) }, drift: [], notes: [])
        }

        func judge(_ policy: String, _ sources: [SourceKind]) throws -> Verdict {
            let policy = try catalogue.policy(policy)
            return try Gate.judge(
                GateInput(
                    reports: sources.map { source in
                        GateReport(
                            name: source.rawValue, digest: GateSamples.digest("1"), report: report(source))
                    }, policy: policy, profiles: [profile], catalogueDigest: catalogue.digest,
                    knowledge: catalogue.knowledge, knownRules: Set(catalogue.orderedRules.map(\.id)),
                    rules: catalogue.orderedRules,
                    now: CleanSystemTests.now)
            ).verdict
        }
    }

    @Test func aCleanSystemBeforeBootPassesBuildWithItsLiveRulesOpen() throws {
        var world = try World()
        // What a kernel was built with is told by no closure without it: these wait for the live host.
        world.clean(without: [])
        world.facts = world.facts.filter { $0.key.family != "kconfig" || $0.key == "kconfig.available" }
        let verdict = try world.judge("build", [.declared, .built])
        #expect(verdict.reasons.map(\.message) == [])
        let open = world.profile.rules.map(\.rule.id).filter { $0.hasPrefix("kconfig.") }
        #expect(open.count > 10)
        #expect(Set(open).isSuperset(of: verdict.open))
        #expect(!verdict.open.isEmpty)
        // The same before boot is no release: the live report is missing.
        let release = try world.judge("release", [.declared, .built])
        #expect(Set(release.reasons.map(\.kind)) == [.missing])
        #expect(release.exitCode == 3)
        // With a live report that leaves them open they are missing, with one that answers them it passes.
        let still = try world.judge("release", [.declared, .built, .live])
        #expect(Set(still.reasons.map(\.kind)) == [.missing])
        world.clean(without: [])
        let whole = try world.judge("release", [.declared, .built, .live])
        #expect(whole.reasons.map(\.message) == [])
        #expect(whole.open == [])
    }

    /// Cutting the facts of a family away does not make its rules open.
    @Test func factsCutAwayBlock() throws {
        var world = try World()
        world.clean(without: [])
        world.facts = world.facts.filter { $0.key.family != "ssh" }
        let verdict = try world.judge("build", [.declared, .built])
        #expect(verdict.reasons.contains { $0.kind == .missing && $0.rule?.hasPrefix("ssh.") == true })
    }
}
