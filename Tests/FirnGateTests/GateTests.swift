import FirnModel
import FirnReportCore
import Testing

@testable import FirnGate

/// A clean input with one thing made wrong, and what the gate must say.
struct GateCase: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: Verdict.ReasonKind
    let sentence: String
    let exitCode: Int32
    let change: @Sendable (inout GateInput) throws -> Void

    var testDescription: String { name }

    init(
        _ name: String, _ kind: Verdict.ReasonKind, _ sentence: String, _ exitCode: Int32,
        _ change: @escaping @Sendable (inout GateInput) throws -> Void
    ) {
        self.name = name
        self.kind = kind
        self.sentence = sentence
        self.exitCode = exitCode
        self.change = change
    }

    typealias S = GateSamples

    private static func facts(_ key: FactKey, _ fact: Fact?) -> [FactKey: Fact] {
        var facts = S.facts
        facts[key] = fact
        return facts
    }

    private static func both(_ input: inout GateInput, _ facts: [FactKey: Fact]) throws {
        input.reports = [
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ]
    }

    private static func waiver(_ expires: String, rule: String = "ssh.PermitRootLogin") -> WaiverSet {
        WaiverSet(
            waivers: [
                LocatedWaiver(
                    Waiver(rule: rule, owner: "ops", reason: "migration", expires: expires), file: "w.toml", line: 1)
            ], digest: S.digest("e"))
    }

    private static let rootLogin = facts("ssh.PermitRootLogin", .known(.string("yes"), []))

    private static let iso = GateArtifact(name: "a.iso", kind: .iso, digest: S.digest("7"), size: 1000)

    private static func live(challenge: String? = nil, _ signature: ReportSignature) throws -> GateReport {
        S.given(
            try S.report(
                .live, facts: facts("live.booted", .known(.boolean(true), [])), challenge: challenge), signature)
    }

    private static var release: GatePolicy {
        var policy = S.policy
        policy.sources = [.declared, .built, .live]
        policy.maximumAge[.live] = 86_400
        policy.signed = [.live]
        policy.challenged = [.live]
        return policy
    }

    /// One or more for each kind; exit 1 where something speaks against the system, 2 in error, 3 where something is
    /// only not known.
    static let all: [GateCase] = [
        GateCase("a failure", .fail, "ssh.PermitRootLogin in built fails (critical, yes, wanted:", 1) {
            try both(&$0, rootLogin)
        },
        GateCase("an edited outcome", .tampered, "records pass where its facts give fail: ssh.PermitRootLogin", 1) {
            try both(&$0, rootLogin)
            let index = $0.reports[1].report.results.firstIndex { $0.rule == "ssh.PermitRootLogin" } ?? 0
            $0.reports[1].report.results[index].outcome = .pass
        },
        GateCase("an edited severity", .tampered, "records the severity info where the rule has medium", 1) {
            $0.reports[0].report.results[1].severity = .info
        },
        GateCase("an edited value", .tampered, "records another value than its facts hold", 1) {
            $0.reports[0].report.results[3].observed = "prohibit-password"
        },
        GateCase("edited evidence", .tampered, "records other evidence", 1) {
            $0.reports[0].report.results[3].evidence = []
        },
        GateCase("a removed result", .tampered, "lacks the result: audit.enabled", 1) {
            $0.reports[0].report.results.remove(at: 1)
        },
        GateCase("a doubled result", .tampered, "holds two results: audit.enabled", 1) {
            $0.reports[0].report.results.append($0.reports[0].report.results[1])
        },
        GateCase("a result of another rule", .tampered, "that the profile standard lacks: made.up", 1) {
            var result = $0.reports[0].report.results[1]
            result.rule = "made.up"
            $0.reports[0].report.results.append(result)
        },
        GateCase("hidden drift", .tampered, "records other drift than its results give", 1) {
            var report = try S.report(.declared)
            let built = try S.report(
                .built, facts: facts("ssh.PermitRootLogin", .known(.string("yes"), [])))
            report.targets += built.targets
            report.snapshots += built.snapshots
            report.results += built.results.map { result in
                var result = result
                result.target = 1
                return result
            }
            $0.reports = [S.given(report)]
        },
        GateCase("facts of another system", .tampered, "names another system for built than the facts", 1) {
            $0.reports[1].report.snapshots[0].identity.toplevel = S.otherToplevel
        },
        GateCase("an edited time", .tampered, "says it was collected at another time than its facts", 1) {
            $0.reports[1].report.collectedAt += 60
        },
        GateCase("a dropped rule that was hidden", .tampered, "lists other dropped rules", 1) {
            $0.reports[1].report.dropped = [DroppedRule(id: "age.end", reason: "no")]
        },
        GateCase("a signature that does not hold", .tampered, "built.json: the document was changed", 1) {
            $0.reports[1].signature = .invalid("the document was changed")
        },
        GateCase("a key nobody knows", .unknownKey, "built.json: none of the accepted keys", 1) {
            $0.reports[1].signature = .unknownKey("none of the accepted keys")
        },
        GateCase("a stripped signature", .unsigned, "live.json is not signed, and a live report has to be", 1) {
            $0.policy = release
            $0.challenge = "n1"
            $0.reports.append(try live(challenge: "n1", .unsigned))
        },
        GateCase("a replay", .challenge, "live.json answers another challenge than the one asked", 1) {
            $0.policy = release
            $0.challenge = "n2"
            $0.reports.append(try live(challenge: "n1", .signed(by: "SHA256:k")))
        },
        GateCase("no answer", .challenge, "live.json answers no challenge: it may be a replay", 1) {
            $0.policy = release
            $0.challenge = "n2"
            $0.reports.append(try live(.signed(by: "SHA256:k")))
        },
        GateCase("no question", .challenge, "the gate was not told which was asked", 1) {
            $0.policy = release
            $0.reports.append(try live(challenge: "n1", .signed(by: "SHA256:k")))
        },
        GateCase("a question nobody answers", .challenge, "a challenge was asked, and no report answers it", 1) {
            $0.challenge = "n1"
        },
        GateCase("a report of another system", .identityMismatch, "are not of one system: they name", 1) {
            $0.reports[1] = S.given(try S.report(.built, toplevel: S.otherToplevel))
        },
        GateCase("a report of another host", .identityMismatch, "of several hosts: db, web", 1) {
            $0.reports[1] = S.given(try S.report(.built, host: "db"))
        },
        GateCase("no toplevel", .identityMismatch, "built.json names no toplevel for built", 1) {
            $0.reports[1] = S.given(try S.report(.built, toplevel: nil))
        },
        GateCase("a changed file deep in the closure", .identityMismatch, "with different closures", 1) {
            for index in 0...1 {
                let digest = ClosureDigest(value: S.digest(index == 0 ? "1" : "2"), origin: .recomputed)
                $0.reports[index].report.targets[0].identity.closureDigest = digest
                $0.reports[index].report.snapshots[0].identity.closureDigest = digest
            }
        },
        GateCase("a downgraded profile", .profile, "was made with the profile minimal, and standard is asked", 1) {
            $0.reports[1].report.profile = "minimal"
            $0.reports[1].report.profileDigest = S.digest("f")
        },
        GateCase(
            "a profile that drops rules", .profile,
            "with the profile lax, which drops 1 rule of standard, and standard is asked for", 1
        ) {
            // It inherits from standard, and whoever makes the reports would choose it.
            let lax = ResolvedProfile(
                id: "lax", title: "Lax", level: .standard, rules: S.rules.filter { $0.rule.id != "audit.enabled" },
                dropped: [DroppedRule(id: "audit.enabled", reason: "it is in the way")], digest: S.digest("6"))
            $0.profiles.append(lax)
            $0.reports = [S.given(try S.report(.declared, profile: lax)), S.given(try S.report(.built, profile: lax))]
        },
        GateCase("a profile of the same name", .profile, "with a profile standard that is not the gate's", 1) {
            $0.reports[1].report.profileDigest = S.digest("f")
        },
        GateCase("another catalogue", .catalogue, "with another catalogue (ffffffffffff) than the gate's", 1) {
            $0.reports[1].report.catalogueDigest = S.digest("f")
        },
        GateCase("drift", .drift, "ssh.PermitRootLogin differs between layers: declared no, built yes", 1) {
            $0.reports[1] = S.given(try S.report(.built, facts: rootLogin))
        },
        GateCase("an expired waiver", .waiverExpired, "w.toml:1: the waiver for ssh.PermitRootLogin expired", 1) {
            try both(&$0, rootLogin)
            $0.waivers = waiver("2026-12-31")
        },
        GateCase("a waiver of an unknown rule", .waiverInvalid, "names no rule of the catalogue", 1) {
            $0.waivers = waiver("2027-02-01", rule: "made.up")
        },
        GateCase("a waiver for ever", .waiverInvalid, "more than a year ahead", 1) {
            $0.waivers = waiver("2099-01-01")
        },
        GateCase("a set-back clock", .stale, "is from the future", 3) {
            $0.now = S.collected - 3600
        },
        GateCase("a report too old", .stale, "is too old: its built facts were collected", 3) {
            $0.now = S.collected + 86_401
        },
        GateCase("another artifact of the same size", .artifactMismatch, "a.iso is not the image that was judged", 1) {
            $0.artifact = iso
            $0.reports[1] = S.given(try S.report(.built, kind: "image", digest: S.digest("8"), size: 1000))
        },
        GateCase("an image without digest", .artifactMismatch, "is not the image that was judged", 1) {
            $0.artifact = iso
            $0.reports[1] = S.given(try S.report(.built, kind: "image", size: 1000))
        },
        GateCase("a machine of another system", .artifactMismatch, "result is a machine of", 1) {
            $0.artifact = GateArtifact(
                name: "result", kind: .vm, digest: nil, size: 10, toplevel: S.otherToplevel)
        },
        GateCase("a machine of no system", .artifactMismatch, "result is a build result that names no system", 1) {
            $0.artifact = GateArtifact(name: "result", kind: .vm, digest: nil, size: 10)
        },
        GateCase("too large", .size, "a.iso has 3072.1 MB, and iso may have 3072 MB", 1) {
            $0.artifact = iso
            $0.artifact?.size = (3072 << 20) + 1
        },
        GateCase("a missing source", .missing, "there is no built report of this system", 3) {
            $0.reports.removeLast()
        },
        GateCase("no report", .missing, "no report was given", 3) { $0.reports = [] },
        GateCase("a rule no source answers", .missing, "live.booted is required and was answered by no report", 3) {
            $0.policy.sources = [.declared, .built, .live]
            $0.reports.append(S.given(try S.report(.live)))
        },
        GateCase("facts cut away", .missing, "audit.enabled is required and was answered by no report", 3) {
            try both(&$0, facts("audit.enabled", nil))
            $0.knowledge = S.knowledge(built: ["audit.enabled"])
        },
        GateCase(
            "facts cut away of one layer", .missing,
            "audit.enabled is required and was not answered by the built facts of built", 3
        ) {
            // The options still say that it is on; what was built does not.
            $0.reports[1] = S.given(try S.report(.built, facts: facts("audit.enabled", nil)))
            $0.knowledge = S.knowledge(built: ["audit.enabled"])
        },
        GateCase("an empty report", .empty, "built.json holds no results", 3) {
            $0.reports[1].report.results = []
            $0.reports[1].report.snapshots = []
        },
        GateCase("results without facts", .empty, "holds no facts, so its results cannot be judged again", 3) {
            $0.reports[1].report.snapshots = []
        },
        GateCase("nothing applies", .notApplicableOnly, "nothing was judged in the built facts of built", 3) {
            $0.reports[1] = S.given(try S.report(.built, facts: ["role.wsl": .known(.boolean(false), [])]))
        },
        GateCase("an unknown", .unknown, "audit.enabled in built could not be told: not readable", 3) {
            $0.reports[1] = S.given(
                try S.report(.built, facts: facts("audit.enabled", .unavailable(reason: "not readable", []))))
        },
        GateCase("an error", .error, "age.end in built could not be judged", 2) {
            var rules = S.rules
            rules[0].expect = .test(.builtin(name: "date-ahead", argument: [:]))
            let broken = ResolvedProfile(
                id: "standard", title: "", level: .standard, rules: rules, dropped: [], digest: S.digest("a"))
            $0.profiles = [broken]
            $0.reports = [
                S.given(try S.report(.declared, profile: broken)), S.given(try S.report(.built, profile: broken)),
            ]
        },
        GateCase("no contents", .notVerified, "contents of a.iso not verified", 3) {
            $0.artifact = iso
            $0.policy.isVerifiedArtifactRequired = true
        },
        GateCase("no artifact", .notVerified, "wants a verified artifact, and none was given", 3) {
            $0.policy.isVerifiedArtifactRequired = true
        },
        GateCase("the report as its own baseline", .stale, "is not older than the reports", 1) {
            try both(&$0, rootLogin)
            $0.baseline = $0.reports[1]
        },
        GateCase("a baseline of another host", .identityMismatch, "is of db, the reports are of web", 1) {
            try both(&$0, rootLogin)
            $0.baseline = S.given(
                try S.report(.built, host: "db", facts: rootLogin, collectedAt: S.collected - 100))
        },
        GateCase("a baseline of no system", .identityMismatch, "the baseline built.json names no toplevel", 1) {
            try both(&$0, rootLogin)
            $0.baseline = S.given(
                try S.report(.built, toplevel: nil, facts: rootLogin, collectedAt: S.collected - 100))
        },
        GateCase("an edited baseline", .tampered, "the baseline built.json records fail where", 1) {
            try both(&$0, rootLogin)
            var report = try S.report(.built, collectedAt: S.collected - 100)
            report.results[3].outcome = .fail
            $0.baseline = S.given(report)
        },
        GateCase("a baseline of another profile", .profile, "the baseline built.json was made with another", 1) {
            try both(&$0, rootLogin)
            var report = try S.report(.built, facts: rootLogin, collectedAt: S.collected - 100)
            report.profileDigest = S.digest("f")
            $0.baseline = S.given(report)
        },
        GateCase("another value than in the baseline", .fail, "with another value than in the baseline", 1) {
            try both(&$0, rootLogin)
            $0.baseline = S.given(
                try S.report(
                    .built, facts: facts("ssh.PermitRootLogin", .known(.string("prohibit-password"), [])),
                    collectedAt: S.collected - 100))
        },
        GateCase("a failure that was waived then", .fail, "ssh.PermitRootLogin in built fails", 1) {
            try both(&$0, rootLogin)
            var report = try S.report(.built, facts: rootLogin, collectedAt: S.collected - 100)
            report.results[3].waiver = waiver("2027-02-01").waivers[0].waiver
            $0.baseline = S.given(report)
        },
    ]
}

struct GateTests {
    typealias S = GateSamples

    @Test func aCleanSystemPassesWithItsLiveRulesOpen() throws {
        let decision = try Gate.judge(S.clean())
        let verdict = decision.verdict
        #expect(verdict.reasons == [])
        #expect(verdict.decision == .pass)
        #expect(verdict.exitCode == 0)
        // Neither report answers it, and the policy leaves live out.
        #expect(verdict.open == ["live.booted"])
        #expect(verdict.toplevel == S.toplevel)
        // The maximum age of a day, from an hour ago.
        #expect(verdict.validUntil == S.collected + 86_400)
        #expect(verdict.warnings == ["contents not verified: no report of an image is among the reports"])
        #expect(decision.report.verdict == verdict)
        #expect(decision.report.targets.count == 2)
        #expect(try Gate.judge(S.clean()) == decision)
        #expect(try ReportJSON.decode(Array(ReportJSON.encode(decision.report).utf8)) == decision.report)
    }

    @Test(arguments: GateCase.all)
    func blocks(_ one: GateCase) throws {
        var input = try S.clean()
        try one.change(&input)
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .blocked)
        let sentences = verdict.reasons.filter { $0.kind == one.kind }.map(\.message)
        #expect(
            sentences.contains { $0.contains(one.sentence) },
            "\(one.kind) says \(sentences); all: \(verdict.reasons.map { "\($0.kind): \($0.message)" })")
        #expect(verdict.exitCode == one.exitCode)
        // What was decided can be written and read again.
        #expect(try VerdictJSON.decode(Array(VerdictJSON.encode(verdict).utf8)) == verdict)
    }

    @Test func everyKindHasACase() {
        let without = Set(Verdict.ReasonKind.allCases).subtracting(GateCase.all.map(\.kind))
        #expect(without.isEmpty, "\(without)")
        #expect(Set(GateCase.all.map(\.sentence)).count > 30)
        #expect(Set(Verdict.ReasonKind.allCases.map(\.rank)).count == Verdict.ReasonKind.allCases.count)
    }

    /// Nothing but a signature binds facts: whoever changes them consistently, in every layer and with the results that
    /// they give, makes another report. The gate cannot see it, and the documentation says so; it can ask for a
    /// signature, and whoever changed the facts has none. That a signature does not survive such a change is shown on
    /// files by `GateCommandTests.factsChangedConsistentlyNeedASignature`.
    @Test func editedFactsAreOnlyFoundByASignature() throws {
        var facts = S.facts
        facts["ssh.PermitRootLogin"] = .known(.string("yes"), [])
        var input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.fail, .fail])
        // The facts alone, or of one layer alone, are not enough.
        let honest = input
        for index in 0...1 {
            input.reports[index].report.snapshots[0].batch.facts["ssh.PermitRootLogin"] = S.facts["ssh.PermitRootLogin"]
        }
        #expect(Set(try Gate.judge(input).verdict.reasons.map(\.kind)) == [.tampered])
        input = honest
        input.reports[1] = S.given(try S.report(.built))
        #expect(Set(try Gate.judge(input).verdict.reasons.map(\.kind)) == [.fail, .drift])
        // All of it is: the system that was blocked passes.
        let sources: [SourceKind] = [.declared, .built]
        input.reports = try sources.map { S.given(try S.report($0)) }
        #expect(try Gate.judge(input).verdict.decision == .pass)
        // Unless the reports must be signed: without, with a stranger's or with the old signature it blocks.
        input.policy.signed = sources
        func kinds(_ signature: ReportSignature) throws -> [Verdict.ReasonKind] {
            for index in 0...1 { input.reports[index].signature = signature }
            return try Gate.judge(input).verdict.reasons.map(\.kind)
        }
        #expect(try kinds(.unsigned) == [.unsigned, .unsigned])
        #expect(try kinds(.unknownKey("none of the accepted keys")) == [.unknownKey, .unknownKey])
        #expect(try kinds(.invalid("the document was changed")) == [.tampered, .tampered])
        #expect(try kinds(.signed(by: "SHA256:k")) == [])
    }

    /// A profile that drops rules is judged by when the caller of the gate chooses it, and the verdict shows what it drops.
    @Test func aProfileThatDropsRulesIsForTheGateToChoose() throws {
        let lax = ResolvedProfile(
            id: "lax", title: "Lax", level: .standard, rules: S.rules.filter { $0.rule.id != "audit.enabled" },
            dropped: [DroppedRule(id: "audit.enabled", reason: "no audit here")], digest: S.digest("6"))
        var input = S.input([
            S.given(try S.report(.declared, profile: lax)), S.given(try S.report(.built, profile: lax)),
        ])
        input.profiles = [lax]
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass)
        #expect(verdict.profile == "lax")
        #expect(verdict.warnings.contains("the profile lax drops the rule audit.enabled: no audit here"))
    }

    /// Without the table nothing would be required of a report.
    @Test func aCatalogueWithoutCoverageIsAnError() throws {
        var input = try S.clean()
        input.knowledge = Knowledge()
        #expect(throws: DataError.self) { try Gate.judge(input) }
        input.knowledge = Knowledge(tables: [
            "coverage": DataNode(.table([.init(key: "buildt", node: DataNode(.array([])))]))
        ])
        #expect(throws: DataError.self) { try Gate.judge(input) }
    }

    @Test func aStricterProfileAnswersForTheOneAskedFor() throws {
        var input = try S.clean()
        input.reports = [
            S.given(try S.report(.declared, profile: S.strict)), S.given(try S.report(.built, profile: S.strict)),
        ]
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass)
        #expect(verdict.profile == "strict")
        input.reports[0] = S.given(try S.report(.declared))
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.profile])
    }

    @Test func failuresBelowTheThresholdAreWarnings() throws {
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        var input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.fail, .fail])
        input.policy.failOn = .high
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass)
        #expect(verdict.warnings.contains("2 failures below high do not block"))
    }

    @Test func aWaivedFailureDoesNotBlockAndIsCounted() throws {
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        var input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        // 2027-01-15 is the day of `now`: it ends before the reports are too old (a day from 07:00).
        input.waivers = WaiverSet(
            waivers: [
                LocatedWaiver(
                    Waiver(rule: "audit.enabled", owner: "ops", reason: "r", expires: "2027-01-15"), file: "w",
                    line: 1)
            ], digest: S.digest("e"))
        let decision = try Gate.judge(input)
        #expect(decision.verdict.decision == .pass)
        #expect(decision.verdict.warnings.contains("2 failures are waived"))
        #expect(Timestamp.text(decision.verdict.validUntil) == "2027-01-15T23:59:59Z")
        #expect(decision.report.results.count { $0.waiver != nil } == 2)
        #expect(decision.verdict.waiversDigest == S.digest("e"))
    }

    /// A report that brings its own waivers decides nothing.
    @Test func waiversOfAReportAreTakenAway() throws {
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        var input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        for index in 0...1 {
            input.reports[index].report.results[1].waiver = Waiver(
                rule: "audit.enabled", owner: "me", reason: "r", expires: "2099-01-01")
        }
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.fail, .fail])
    }

    @Test func knownFailuresOfTheBaselineAreWarnings() throws {
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        var input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        var old = S.given(
            try S.report(.built, toplevel: S.otherToplevel, facts: facts, collectedAt: S.collected - 90 * 86_400))
        old.digest = S.digest("9")
        input.baseline = old
        // The baseline knows the failure in built only.
        var verdict = try Gate.judge(input).verdict
        #expect(verdict.reasons.map(\.kind) == [.fail])
        #expect(verdict.reasons.first?.message.contains("audit.enabled in declared") == true)
        #expect(verdict.warnings.contains("1 failure of the baseline does not block: audit.enabled"))
        #expect(verdict.baselineDigest == S.digest("9"))
        // What could not be told is never excused.
        input.reports = [
            S.given(try S.report(.declared)),
            S.given(
                try S.report(
                    .built,
                    facts: S.facts.merging(["audit.enabled": .unavailable(reason: "r", [])]) { _, new in new })),
        ]
        verdict = try Gate.judge(input).verdict
        #expect(verdict.reasons.map(\.kind) == [.unknown])
    }

    /// What the options cannot tell is told by the closure; what the closure cannot tell is not told by the options.
    @Test func aLaterLayerTellsWhatAnEarlierCouldNot() throws {
        func facts(_ fact: Fact) -> [FactKey: Fact] { S.facts.merging(["audit.enabled": fact]) { _, new in new } }
        let unknown = Fact.unavailable(reason: "the build reads it", [])
        var input = S.input([])
        input.reports = [
            S.given(try S.report(.declared, facts: facts(unknown))), S.given(try S.report(.built)),
        ]
        let told = try Gate.judge(input).verdict
        #expect(told.decision == .pass)
        #expect(
            told.warnings.contains("1 rule that one layer could not tell is told by a later one: audit.enabled"))
        // A later layer that fails blocks as a failure, and only as that.
        input.reports[1] = S.given(try S.report(.built, facts: facts(.known(.boolean(false), []))))
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.fail])
        // The other way round the closure is what could not be told.
        input.reports = [
            S.given(try S.report(.declared)), S.given(try S.report(.built, facts: facts(unknown))),
        ]
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.unknown])
        // Nobody knows.
        input.reports[0] = S.given(try S.report(.declared, facts: facts(unknown)))
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.unknown, .unknown])
    }

    /// The system that boots is not excused by what failed in a specialisation of the one before; a specialisation is
    /// excused by both.
    @Test func aSpecialisationOfTheBaselineExcusesNoSystem() throws {
        var bad = S.facts
        bad["audit.enabled"] = .known(.boolean(false), [])
        func built(_ main: [FactKey: Fact], _ nested: [FactKey: Fact], at time: Int64 = S.collected) throws -> Report {
            var report = try S.report(.built, facts: main, collectedAt: time)
            let inner = try S.report(.built, toplevel: S.otherToplevel, facts: nested, collectedAt: time)
            report.targets += inner.targets
            report.snapshots += inner.snapshots
            report.results += inner.results.map { result in
                var result = result
                result.target = 1
                return result
            }
            return report
        }
        var input = try S.clean()
        input.policy.sources = [.built]
        input.baseline = S.given(try built(S.facts, bad, at: S.collected - 100))
        input.reports = [S.given(try built(bad, bad))]
        let blocked = try Gate.judge(input).verdict
        #expect(blocked.reasons.map(\.kind) == [.fail])
        #expect(blocked.reasons.map(\.target) == [0])
        input.reports = [S.given(try built(S.facts, bad))]
        #expect(try Gate.judge(input).verdict.decision == .pass)
        input.baseline = S.given(try S.report(.built, facts: bad, collectedAt: S.collected - 100))
        #expect(try Gate.judge(input).verdict.decision == .pass)
    }

    /// Yesterday's report of the same system excuses whatever fails in it: that may be right, and is said.
    @Test func aBaselineOfTheVerySystemIsNamed() throws {
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        var input = S.input([S.given(try S.report(.built, facts: facts))])
        input.policy.sources = [.built]
        let sentence = "the baseline is of this very system, so nothing that fails in it is new"
        input.baseline = S.given(try S.report(.built, facts: facts, collectedAt: S.collected - 100))
        #expect(try Gate.judge(input).verdict.warnings.contains(sentence))
        input.baseline = S.given(
            try S.report(.built, toplevel: S.otherToplevel, facts: facts, collectedAt: S.collected - 100))
        #expect(try !Gate.judge(input).verdict.warnings.contains(sentence))
    }

    /// 90 % of 3072 MB are 2,899,102,924.8 bytes.
    @Test(arguments: [(2_899_102_924, false), (2_899_102_925, true)])
    func theWarningOfSizeBeginsAtNinetyPercent(_ size: Int64, _ isWarned: Bool) throws {
        var input = try S.clean()
        input.artifact = GateArtifact(name: "a.iso", kind: .iso, digest: S.digest("7"), size: size)
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass)
        #expect(verdict.warnings.contains { $0.contains("90 % of the limit") } == isWarned)
        #expect(verdict.warnings.contains { $0.contains("of the limit") } == isWarned)
    }

    @Test func storePathsOfTwoBuildsAreTheSameValue() {
        let one = "/nix/store/0c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-sudo-1.9/bin/sudo"
        let two = "/nix/store/1c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-sudo-1.9/bin/sudo"
        #expect(GateJudgement.isSame(one, two))
        #expect(!GateJudgement.isSame(one, two + "edit"))
        #expect(!GateJudgement.isSame(nil, one))
    }

    @Test func driftThatDoesNotMatterIsAWarning() throws {
        var input = try S.clean()
        var facts = S.facts
        facts["audit.enabled"] = .known(.boolean(false), [])
        input.reports[1] = S.given(try S.report(.built, facts: facts))
        input.policy.failOn = .high
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.drift])
        for drift in [
            GatePolicy.DriftMatter.none, .some(families: ["ssh"], severity: .info),
            .some(families: [], severity: .high),
        ] {
            input.policy.drift = drift
            let verdict = try Gate.judge(input).verdict
            #expect(verdict.decision == .pass)
            #expect(verdict.warnings.contains("1 difference between layers does not block"))
        }
        input.policy.drift = .some(families: ["audit"], severity: .medium)
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.drift])
    }

    @Test func aSignedAnswerPasses() throws {
        var input = try S.clean()
        input.policy.sources = [.declared, .built, .live]
        input.policy.signed = [.live]
        input.policy.challenged = [.live]
        input.challenge = "n1"
        var facts = S.facts
        facts["live.booted"] = .known(.boolean(true), [])
        input.reports.append(
            S.given(try S.report(.live, facts: facts, challenge: "n1"), .signed(by: "SHA256:k")))
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass, "\(verdict.reasons)")
        #expect(verdict.open == [])
        #expect(verdict.inputs.last?.signer == "SHA256:k")
    }

    @Test func aVerifiedImagePassesAndALargeOneWarns() throws {
        var input = try S.clean()
        input.policy.isVerifiedArtifactRequired = true
        // 90 % of 3072 MB.
        let size: Int64 = 2900 << 20
        input.reports[1] = S.given(try S.report(.built, kind: "image", digest: S.digest("7"), size: size))
        input.artifact = GateArtifact(name: "a.iso", kind: .iso, digest: S.digest("7"), size: size)
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass, "\(verdict.reasons)")
        #expect(verdict.artifact?.isVerified == true)
        #expect(verdict.warnings == ["a.iso has 2900 MB, 94 % of the limit of 3072 MB for iso"])
    }

    @Test func aSpecialisationIsJudgedAsWell() throws {
        var input = try S.clean()
        var report = try S.report(.built)
        var facts = S.facts
        func add(_ facts: [FactKey: Fact]) throws -> Report {
            let nested = try S.report(.built, toplevel: S.otherToplevel, facts: facts)
            var joined = report
            joined.targets += nested.targets
            joined.snapshots += nested.snapshots
            joined.results += nested.results.map { result in
                var result = result
                result.target = 1
                return result
            }
            return joined
        }
        let clean = try add(facts)
        facts["ssh.PermitRootLogin"] = .known(.string("yes"), [])
        let dirty = try add(facts)
        report = clean
        input.reports[1] = S.given(clean)
        #expect(try Gate.judge(input).verdict.decision == .pass)
        input.reports[1] = S.given(dirty)
        #expect(try Gate.judge(input).verdict.reasons.map(\.kind) == [.fail])
    }

    /// The end of life of a release comes before the reports are too old: a cached pass must not outlive it.
    @Test func aPassEndsBeforeARuleAboutADateFails() throws {
        var facts = S.facts
        facts["age.end"] = .known(.string("2027-01-15"), [])
        let input = S.input([
            S.given(try S.report(.declared, facts: facts)), S.given(try S.report(.built, facts: facts)),
        ])
        let verdict = try Gate.judge(input).verdict
        #expect(verdict.decision == .pass)
        #expect(Timestamp.text(verdict.validUntil) == "2027-01-15T23:59:59Z")
        #expect(verdict.warnings.contains("age.end will not pass from 2027-01-16T00:00:00Z on"))
    }

    @Test func droppedRulesAreShown() throws {
        let profile = ResolvedProfile(
            id: "standard", title: "", level: .standard, rules: S.rules,
            dropped: [DroppedRule(id: "pam.x", reason: "no users")], digest: S.digest("a"))
        var input = S.input([
            S.given(try S.report(.declared, profile: profile)), S.given(try S.report(.built, profile: profile)),
        ])
        input.profiles = [profile]
        #expect(
            try Gate.judge(input).verdict.warnings.contains("the profile standard drops the rule pam.x: no users"))
    }
}

struct KeptVerdictTests {
    typealias S = GateSamples

    static let iso = GateArtifact(name: "a.iso", kind: .iso, digest: S.digest("7"), size: 1000)

    private func kept(_ artifact: GateArtifact? = iso) throws -> Verdict {
        var input = try S.clean()
        input.artifact = artifact
        return try Gate.judge(input).verdict
    }

    private func kinds(_ verdict: Verdict, _ artifact: GateArtifact?, _ now: Int64) -> [Verdict.ReasonKind] {
        KeptVerdict.problems(verdict, artifact: artifact, policy: S.policy, now: now).map(\.kind)
    }

    @Test func holdsToItsLastSecond() throws {
        let verdict = try kept()
        #expect(kinds(verdict, Self.iso, verdict.validUntil) == [])
        #expect(kinds(verdict, Self.iso, verdict.validUntil + 1) == [.stale])
        #expect(kinds(verdict, Self.iso, S.now - 3600) == [.stale])
    }

    @Test func holdsForItsArtifactOnly() throws {
        let verdict = try kept()
        var other = Self.iso
        other.digest = S.digest("8")
        #expect(kinds(verdict, other, S.now) == [.artifactMismatch])
        other = Self.iso
        other.size += 1
        #expect(kinds(verdict, other, S.now) == [.artifactMismatch])
        other = Self.iso
        other.kind = .vm
        #expect(kinds(verdict, other, S.now) == [.artifactMismatch])
        #expect(kinds(verdict, nil, S.now) == [.artifactMismatch])
        #expect(kinds(try kept(nil), Self.iso, S.now) == [.artifactMismatch])
        let machine = GateArtifact(name: "r", kind: .vm, digest: nil, size: 10, toplevel: S.toplevel)
        #expect(kinds(try kept(machine), machine, S.now) == [])
        other = machine
        other.toplevel = S.otherToplevel
        #expect(kinds(try kept(machine), other, S.now) == [.artifactMismatch])
        other.toplevel = nil
        #expect(kinds(try kept(machine), other, S.now) == [.artifactMismatch])
    }

    @Test func aBlockStaysABlockAndAPolicyThatChangedCounts() throws {
        var input = try S.clean()
        input.reports.removeLast()
        let blocked = try Gate.judge(input).verdict
        #expect(kinds(blocked, nil, S.now) == [.missing])
        var policy = S.policy
        policy.digest = S.digest("0")
        let verdict = try kept()
        #expect(
            KeptVerdict.problems(verdict, artifact: Self.iso, policy: policy, now: S.now).map(\.kind) == [.profile])
    }
}
