import FirnEvaluation
import FirnModel
import Testing

@Suite struct DriftTests {
    let rule = ExpectLanguageTests.rule(.test(.equals(.integer(1))))

    func find(
        _ declared: (Outcome, String?), _ built: (Outcome, String?), toplevels: (String?, String?) = ("/a", "/a")
    ) -> (drift: [Drift], notes: [String]) {
        let targets = [
            ReportTarget(
                kind: "evaluated-configuration", name: "config.json", size: nil, source: .declared,
                identity: Identity(toplevel: toplevels.0)),
            ReportTarget(
                kind: "system-closure", name: "system", size: nil, source: .built,
                identity: Identity(toplevel: toplevels.1)),
        ]
        let results = [(0, SourceKind.declared, declared), (1, .built, built)].map { index, source, answer in
            Result(
                rule: rule.id, title: "t", target: index, source: source, outcome: answer.0, severity: .low,
                observed: answer.1, expected: "", evidence: [])
        }
        let profile = ResolvedProfile(
            id: "p", title: "", level: nil,
            rules: [SelectedRule(rule: rule, expect: rule.expect, severity: .low, fixes: [])], dropped: [], digest: "")
        return DriftFinder.find(targets: targets, results: results, profile: profile)
    }

    @Test func layersThatAgreeDoNotDrift() {
        #expect(find((.pass, "1"), (.pass, "1")).drift.isEmpty)
    }

    @Test func theLayerThatDiffersIsNamed() throws {
        let drift = try #require(find((.pass, "1"), (.fail, "0")).drift.first)
        #expect(drift.layer == .built)
        #expect(drift.message == "declared 1, built 0: the built layer differs from the declared one")
    }

    @Test func differentValuesThatBothPassAreDriftToo() {
        #expect(find((.pass, "1"), (.pass, "2")).drift.count == 1)
    }

    @Test(arguments: [Outcome.notApplicable, .pass, .fail])
    func aLayerThatNeverSuppliesTheFactHasNoValueToDifferBy(outcome: Outcome) {
        #expect(find((outcome, nil), (outcome, "not set")).drift.isEmpty)
        #expect(find((outcome, "1"), (outcome, nil)).drift.isEmpty)
        #expect(find((outcome, nil), (outcome == .pass ? .fail : .pass, "1")).drift.count == 1)
    }

    @Test(arguments: [Outcome.unknown, .notChecked, .error])
    func whatOneLayerCouldNotTellIsNoDrift(outcome: Outcome) {
        #expect(find((.pass, "1"), (outcome, nil)).drift.isEmpty)
    }

    @Test func twoSystemsAreNotComparedAndTheReportSaysSo() {
        let found = find((.pass, "1"), (.fail, "0"), toplevels: ("/a", "/b"))
        #expect(found.drift.isEmpty)
        #expect(found.notes.count == 2)
    }

    @Test func aTargetWithoutIdentityIsNotComparedAndTheReportSaysSo() {
        let found = find((.pass, "1"), (.fail, "0"), toplevels: (nil, "/b"))
        #expect(found.drift.isEmpty)
        #expect(found.notes.first == "config.json names no toplevel, so it was not compared with the other targets")
    }
}
