import FirnModel
import FirnReportCore
import Testing

/// What a control becomes, case by case, each with its reason.
struct ControlStatusTests {
    // MARK: Reports by hand

    static func control(
        _ rules: [ControlRule] = [ControlRule("t.a")], coverage: Control.Coverage = .full,
        sources: [Control.Source] = [.static], unmet: Control.Unmet = .open, inapplicable: Bool = false,
        remains: String? = nil
    ) -> Control {
        Control(
            id: "V-1", ruleID: "SV-1r1_rule", version: "T-1", group: "SRG-1", severity: .medium, title: "One",
            check: "Look.", fix: "Set.", automation: .static, sources: sources, rules: rules, coverage: coverage,
            unmet: unmet, isInapplicableWithItsRules: inapplicable, remains: remains, question: "Who?")
    }

    static func result(
        _ rule: String, _ outcome: Outcome, _ source: SourceKind = .built, observed: String? = "1",
        waiver: Waiver? = nil, target: Int = 0, message: String? = nil
    ) -> Result {
        Result(
            rule: rule, title: "Title of \(rule)", target: target, source: source, outcome: outcome, severity: .high,
            observed: observed, expected: "at least 1", evidence: [Evidence(path: "/etc/x", line: 3, text: "x = 1")],
            waiver: waiver, message: message)
    }

    static func report(_ results: [Result], dropped: [DroppedRule] = []) -> Report {
        Report(
            tool: "firn",
            targets: [
                ReportTarget(kind: "k", name: "one", size: nil, source: .built, identity: Identity()),
                ReportTarget(kind: "k", name: "two", size: nil, source: .built, identity: Identity()),
            ], profile: "p", profileDigest: "", dropped: dropped, catalogueDigest: "", collectedAt: 0, snapshots: [],
            results: results, drift: [], notes: [])
    }

    static func benchmark(_ controls: [Control]) -> Benchmark {
        Benchmark(
            id: "b", title: "B", documentID: "B", version: "1", release: "1", date: "2025-10-01", publisher: "P",
            url: "https://example.org", controls: controls)
    }

    private func assess(_ control: Control, _ results: [Result], dropped: [DroppedRule] = []) -> ControlAssessment {
        let report = Self.report(results, dropped: dropped)
        let system = ReportSystem(name: "one", identity: Identity(), targets: [0])
        let assessments = ControlStatus.of(report, system: system, benchmark: Self.benchmark([control]))
        return assessments[0]
    }

    private static let pass = result("t.a", .pass)

    // MARK: The four statuses

    @Test func everyRulePassesAndNothingRemains() {
        #expect(assess(Self.control(), [Self.pass]).status == .notAFinding)
    }

    @Test func oneSourceThatFailsIsEnough() {
        let results = [Self.pass, Self.result("t.a", .fail, .declared)]
        #expect(assess(Self.control(), results).status == .open)
        #expect(assess(Self.control(coverage: .partial, remains: "r"), results).status == .open)
        // A failure is known whatever else could not be told.
        let two = Self.control([ControlRule("t.a"), ControlRule("t.b")])
        #expect(assess(two, results + [Self.result("t.b", .unknown)]).status == .open)
    }

    @Test func whatDoesNotApplyIsSoOnlyWhereTheControlSaysSo() {
        let none = [Self.result("t.a", .notApplicable, message: "no kernel of its own")]
        let assessment = assess(Self.control(inapplicable: true), none)
        #expect(assessment.status == .notApplicable)
        #expect(assessment.reason == "t.a does not apply (built: no kernel of its own).")
        #expect(assess(Self.control(), none).status == .notReviewed)
        // Half of a control that does not apply is no control that does not apply.
        #expect(
            assess(Self.control(inapplicable: true), none + [Self.result("t.a", .pass, .declared)]).status
                == .notReviewed)
        let two = Self.control([ControlRule("t.a"), ControlRule("t.b")], inapplicable: true)
        #expect(assess(two, none).status == .notReviewed)
        #expect(assess(two, none + [Self.result("t.b", .pass)]).status == .notReviewed)
        #expect(assess(two, none + [Self.result("t.b", .notChecked)]).status == .notReviewed)
    }

    @Test func nobodyLookedIsNotReviewed() {
        #expect(assess(Self.control([], coverage: .none), [Self.pass]).status == .notReviewed)
        #expect(assess(Self.control(), []).reason == "The profile does not ask t.a.")
        #expect(assess(Self.control(), [Self.result("t.a", .notChecked)]).reason == "No source looked at t.a.")
        let dropped = assess(Self.control(), [], dropped: [DroppedRule(id: "t.a", reason: "because")])
        #expect(dropped.reason == "The profile leaves out t.a: because")
        #expect(dropped.status == .notReviewed)
        // The results of another system say nothing about this one.
        #expect(assess(Self.control(), [Self.result("t.a", .pass, target: 1)]).status == .notReviewed)
        #expect(assess(Self.control(), [Self.pass, Self.result("t.a", .fail, target: 1)]).status == .notAFinding)
    }

    // MARK: What must never be "not a finding"

    @Test(arguments: Outcome.allCases.filter { $0 != .pass })
    func noOtherOutcomeSatisfies(_ outcome: Outcome) {
        #expect(assess(Self.control(), [Self.result("t.a", outcome)]).status != .notAFinding)
        let two = Self.control([ControlRule("t.a"), ControlRule("t.b")])
        #expect(assess(two, [Self.pass, Self.result("t.b", outcome)]).status != .notAFinding)
        // One source that could not tell spoils the answer of another; one that never looks does not.
        let both = assess(Self.control(), [Self.pass, Self.result("t.a", outcome, .declared)])
        #expect((both.status == .notAFinding) == (outcome == .notChecked))
    }

    @Test func aRuleThatWasNotAskedIsMissed() {
        let two = Self.control([ControlRule("t.a"), ControlRule("t.b")])
        #expect(assess(two, [Self.pass]).status == .notReviewed)
    }

    @Test func partialCoverageNeverSatisfies() {
        let assessment = assess(Self.control(coverage: .partial, remains: "the rest"), [Self.pass])
        #expect(assessment.status == .notReviewed)
        #expect(assessment.findingDetails.contains("Not looked at: the rest"))
    }

    @Test func theRunningSystemIsAskedWhereTheDocumentReadsIt() {
        let control = Self.control(sources: [.static, .live])
        let before = assess(control, [Self.pass])
        #expect(before.status == .notReviewed)
        #expect(
            before.reason
                == "The configuration satisfies it; the STIG's check also reads the running system (open until live).")
        #expect(assess(control, [Self.pass, Self.result("t.a", .pass, .live)]).status == .notAFinding)
        #expect(assess(control, [Self.pass, Self.result("t.a", .notChecked, .live)]).status == .notReviewed)
        #expect(assess(control, [Self.pass, Self.result("t.a", .fail, .live)]).status == .open)
        #expect(assess(Self.control(sources: [.person]), [Self.pass]).status == .notReviewed)
    }

    @Test func aWeakerExpectationNeverSatisfies() {
        let wanted = ControlRule("t.a", wants: .init(atLeast: 15))
        #expect(assess(Self.control([wanted]), [Self.result("t.a", .pass, observed: "15")]).status == .notAFinding)
        #expect(assess(Self.control([wanted]), [Self.result("t.a", .pass, observed: "12")]).status == .open)
        #expect(assess(Self.control([wanted]), [Self.result("t.a", .pass, observed: "many")]).status == .open)
        #expect(assess(Self.control([wanted]), [Self.result("t.a", .pass, observed: nil)]).status == .notReviewed)
        #expect(
            assess(Self.control([wanted]), [Self.result("t.a", .pass, observed: "12")]).reason
                == "t.a passes with 12; the control wants at least 15 (built).")
        let asked = Self.control([wanted], unmet: .notReviewed)
        #expect(assess(asked, [Self.result("t.a", .pass, observed: "12")]).status == .notReviewed)
        #expect(assess(asked, [Self.result("t.a", .fail, observed: "12")]).status == .open)
        // One source that saw enough does not make up for another that did not.
        let mixed = [Self.result("t.a", .pass, observed: "15"), Self.result("t.a", .pass, .declared, observed: "12")]
        #expect(assess(Self.control([wanted]), mixed).status == .open)
    }

    @Test func aRuleThatAsksForMoreProvesNothing() {
        // Fails the profile's stricter demand, satisfies the control's: neither open nor closed by a program.
        let wanted = ControlRule("t.a", wants: .init(oneOf: ["1"]))
        let assessment = assess(Self.control([wanted]), [Self.result("t.a", .fail, observed: "1")])
        #expect(assessment.status == .notReviewed)
        #expect(assessment.reason == "t.a fails because its profile asks for more than the control does (built).")
    }

    @Test func aFailureBeyondTheCheckIsForAPerson() {
        let control = Self.control([ControlRule("t.a"), ControlRule("t.b", isBeyond: true)])
        let beyond = Self.result("t.b", .fail)
        let assessment = assess(control, [Self.pass, beyond])
        #expect(assessment.status == .notReviewed)
        #expect(
            assessment.reason
                == "t.b fails, and looks at more than the control's check does (built): a person must judge it.")
        #expect(assess(control, [Self.result("t.a", .fail), beyond]).status == .open)
        #expect(assess(control, [Self.pass, Self.result("t.b", .pass)]).status == .notAFinding)
        // It still counts: what it could not tell, or what passes on one source only, closes nothing.
        #expect(assess(control, [Self.pass]).status == .notReviewed)
        #expect(assess(control, [Self.pass, Self.result("t.b", .pass), beyond]).status == .notReviewed)
    }

    @Test func aWaiverIsACommentAndChangesNothing() {
        let waiver = Waiver(
            rule: "t.a", owner: "mira", reason: "until the\nmove", ticket: "OPS-7", expires: "2027-03-31")
        let assessment = assess(Self.control(), [Self.result("t.a", .fail, waiver: waiver)])
        #expect(assessment.status == .open)
        #expect(assessment.comments == ["Waived until 2027-03-31 by mira: until the\\nmove (OPS-7) [t.a]"])
        #expect(assessment.findingDetails[1] == "fail (built) t.a: Title of t.a. Waived.")
    }

    @Test func detailsSayWhatWasSeenAndWhere() {
        let assessment = assess(Self.control(), [Self.result("t.a", .fail, observed: "0")])
        #expect(
            assessment.findingDetails == [
                "t.a fails (built).", "fail (built) t.a: Title of t.a.", "  observed: 0; expected: at least 1",
                "  at /etc/x:3: x = 1", "For a person: Who?",
            ])
    }

    @Test func obstaclesAreKept() {
        #expect(assess(Self.control(), [Self.result("t.a", .unknown)]).obstacle == .unknown)
        #expect(assess(Self.control(), [Self.result("t.a", .error)]).obstacle == .error)
        #expect(assess(Self.control(), [Self.pass]).obstacle == nil)
    }

    @Test func wantedTextsAndBounds() {
        let both = ControlRule.Wanted(oneOf: ["3", "x"], atLeast: 1, atMost: 5)
        #expect(both.holds("3"))
        #expect(!both.holds("x"))
        #expect(!both.holds("4"))
        let range = ControlRule.Wanted(atLeast: 1, atMost: 3)
        #expect(["1", "2", "3"].allSatisfy(range.holds))
        #expect(!["0", "4", "-1", "", "3.0", " 3", "not set", "99999999999999999999"].contains(where: range.holds))
    }
}
