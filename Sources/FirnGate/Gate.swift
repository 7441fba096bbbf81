import FirnEvaluation
public import FirnModel
import FirnReportCore

/// Decides whether a release may go out. Pure: the same input gives the same decision.
///
/// It trusts no result of a report: a report holds its facts, and every rule is judged again on them with the gate's own
/// catalogue. What a report records and its facts do not give is tampering. Changed facts cannot be found like this;
/// only a signature binds them.
public enum Gate {
    /// How far ahead of the gate's clock a report may be collected, in seconds: clocks of two machines differ a little.
    public static let clockTolerance: Int64 = 60

    /// The share of a size limit from which there is a warning, in percent.
    public static let sizeWarning: Int64 = 90

    /// Decides.
    ///
    /// - Throws: `DataError` when a knowledge table a rule needs is malformed.
    public static func judge(_ input: GateInput) throws(DataError) -> GateDecision {
        var judgement = try GateJudgement(input)
        try judgement.run()
        return judgement.decision()
    }
}

extension ResolvedProfile {
    /// How many of its rules another profile does not judge.
    fileprivate func lacking(in other: ResolvedProfile) -> Int {
        let judged = Set(other.rules.map(\.rule.id))
        return rules.count { !judged.contains($0.rule.id) }
    }
}

/// A decision while it is made.
struct GateJudgement {
    let input: GateInput
    let policy: GatePolicy
    let profile: ResolvedProfile
    let evaluator: Evaluator
    let finder: DriftFinder
    let coverage: SourceAnswers
    var report: Report
    var system: GateSystem
    var reasons: [Verdict.Reason] = []
    var warnings: [String] = []
    var open: [String] = []
    var validUntil = Int64.max
    var artifact: Verdict.Artifact?
    /// The report each target came from.
    var origins: [Int] = []

    init(_ input: GateInput) throws(DataError) {
        self.input = input
        policy = input.policy
        guard let required = input.profiles.first else {
            throw DataError(file: input.policy.file, line: 0, message: "no profile was given to judge by")
        }
        // A stricter profile answers for the one it inherits from, when all reports are of it. One that drops rules is
        // not stricter: whoever makes the reports would choose what is asked.
        let digests = Set(input.reports.map(\.report.profileDigest))
        let stricter = input.profiles.first { digests.contains($0.digest) && required.lacking(in: $0) == 0 }
        profile = digests.count == 1 ? stricter ?? required : required
        coverage = try SourceAnswers(input.knowledge)
        evaluator = try Evaluator(knowledge: input.knowledge, now: input.now, rules: input.rules)
        finder = try DriftFinder(profile: profile, knowledge: input.knowledge)
        let reports = input.reports.map(\.report)
        report = Report(
            tool: reports.first?.tool ?? "firn", targets: reports.flatMap(\.targets), profile: profile.id,
            profileDigest: profile.digest, dropped: profile.dropped, catalogueDigest: input.catalogueDigest,
            collectedAt: reports.map(\.collectedAt).min() ?? input.now, snapshots: [], results: [], drift: [],
            notes: [], challenge: reports.count == 1 ? reports[0].challenge : nil)
        system = GateSystem(input.reports, sources: policy.sources)
        for (number, given) in input.reports.enumerated() {
            origins += Array(repeating: number, count: given.report.targets.count)
        }
    }

    mutating func run() throws(DataError) {
        checkClock()
        checkInputs()
        block(system.reasons)
        for toplevel in system.nested {
            warnings.append("a system inside was judged as well: \(toplevel)")
        }
        checkSources()
        let known = try baselineFailures()
        applyWaivers()
        checkResults(known: known)
        checkDrift()
        checkRequired()
        checkArtifact()
        for rule in profile.dropped {
            warnings.append("the profile \(profile.id) drops the rule \(rule.id): \(rule.reason)")
        }
        try limitByDates()
    }

    mutating func block(
        _ kind: Verdict.ReasonKind, rule: String? = nil, target: Int? = nil, _ message: String
    ) {
        reasons.append(Verdict.Reason(kind: kind, rule: rule, target: target, message: message))
    }

    mutating func block(_ new: [Verdict.Reason]) { reasons += new }

    // MARK: - The reports

    private mutating func checkClock() {
        let earliest = Evaluator.earliestTime(input.knowledge)
        if input.now < earliest {
            block(
                .stale,
                "the time of the decision, \(Timestamp.text(input.now)), is before the catalogue was made "
                    + "(\(Timestamp.text(earliest))): the clock is wrong")
        }
    }

    private mutating func checkInputs() {
        if input.reports.isEmpty { block(.missing, "no report was given") }
        var isHoldingFacts = true
        for (number, given) in input.reports.enumerated() {
            let offset = origins.firstIndex(of: number) ?? 0
            checkSignature(given)
            checkChallenge(given)
            let isComparable = checkMake(given)
            if given.report.targets.isEmpty || given.report.results.isEmpty {
                block(.empty, "\(given.name) holds no results")
            } else if given.report.snapshots.isEmpty {
                block(.empty, "\(given.name) holds no facts, so its results cannot be judged again")
            }
            checkAge(given, of: number)
            let again = Rejudgement(
                given, profile: profile, evaluator: evaluator, finder: finder, isComparable: isComparable)
            block(
                again.reasons.map { reason in
                    var reason = reason
                    reason.target = reason.target.map { $0 + offset }
                    return reason
                })
            report.results += again.results.map { result in
                var result = result
                result.target += offset
                return result
            }
            if given.report.snapshots.isEmpty { isHoldingFacts = false }
            report.snapshots += given.report.snapshots
            for note in given.report.notes where !report.notes.contains(note) { report.notes.append(note) }
        }
        if !isHoldingFacts { report.snapshots = [] }
    }

    /// Whether a source of the report must be signed, and answer the challenge.
    private func demands(_ given: GateReport) -> (signature: Bool, challenge: Bool) {
        let sources = Set(given.report.targets.map(\.source))
        let challenge =
            !sources.isDisjoint(with: policy.challenged) || (input.challenge != nil && sources.contains(.live))
        return (challenge || !sources.isDisjoint(with: policy.signed), challenge)
    }

    private mutating func checkSignature(_ given: GateReport) {
        switch given.signature {
        case .signed: break
        case .unsigned:
            if demands(given).signature {
                let sources = Set(given.report.targets.map(\.source)).sorted().map(\.rawValue)
                block(
                    .unsigned,
                    "\(given.name) is not signed, and a \(sources.joined(separator: " and ")) report has to be")
            }
        case .unknownKey(let sentence): block(.unknownKey, "\(given.name): \(sentence)")
        case .invalid(let sentence): block(.tampered, "\(given.name): \(sentence)")
        }
    }

    private mutating func checkChallenge(_ given: GateReport) {
        guard demands(given).challenge else { return }
        guard let expected = input.challenge else {
            block(
                .challenge,
                "\(given.name) has to answer a challenge, and the gate was not told which was asked")
            return
        }
        switch given.report.challenge {
        case expected: break
        case nil: block(.challenge, "\(given.name) answers no challenge: it may be a replay")
        case .some: block(.challenge, "\(given.name) answers another challenge than the one asked: it is a replay")
        }
    }

    /// Whether the report was made with the gate's own profile and catalogue.
    private mutating func checkMake(_ given: GateReport) -> Bool {
        var result = true
        if given.report.catalogueDigest != input.catalogueDigest {
            block(
                .catalogue,
                "\(given.name) was made with another catalogue (\(short(given.report.catalogueDigest))) than the gate's "
                    + "(\(short(input.catalogueDigest)))")
            result = false
        }
        if given.report.profileDigest != profile.digest || given.report.profile != profile.id {
            let id = given.report.profile
            let heir = input.profiles.first { $0.digest == given.report.profileDigest && $0.id == id }
            let lacking = heir.map { profile.lacking(in: $0) } ?? 0
            block(
                .profile,
                id == profile.id
                    ? "\(given.name) was made with a profile \(id) that is not the gate's"
                    : "\(given.name) was made with the profile \(id), "
                        + (lacking > 0 ? "which drops \(plural(lacking, "rule")) of \(profile.id), " : "")
                        + "and \(profile.id) is asked for")
            result = false
        }
        return result
    }

    private func short(_ digest: String) -> String {
        digest.utf8.count > 12 ? String(digest.prefix(12)) : digest
    }

    private mutating func checkAge(_ given: GateReport, of number: Int) {
        for (index, target) in given.report.targets.enumerated() {
            let snapshot = given.report.snapshots.indices.contains(index) ? given.report.snapshots[index] : nil
            let collected = min(snapshot?.collectedAt ?? given.report.collectedAt, given.report.collectedAt)
            let latest = max(snapshot?.collectedAt ?? given.report.collectedAt, given.report.collectedAt)
            let limit = policy.maximumAge(of: target.source)
            let global = index + (origins.firstIndex(of: number) ?? 0)
            validUntil = min(validUntil, collected + limit)
            if latest > input.now + Gate.clockTolerance {
                block(
                    .stale, target: global,
                    "\(given.name) is from the future: its \(target.source.rawValue) facts were collected at "
                        + "\(Timestamp.text(latest)), and it is \(Timestamp.text(input.now))")
            } else if input.now - collected > limit {
                block(
                    .stale, target: global,
                    "\(given.name) is too old: its \(target.source.rawValue) facts were collected at "
                        + "\(Timestamp.text(collected)), and may be \(Self.age(limit)) old")
            }
        }
    }

    private static func age(_ seconds: Int64) -> String {
        seconds % 86_400 == 0 ? "\(seconds / 86_400) days" : "\(seconds / 3600) hours"
    }

    private mutating func checkSources() {
        let ours = Set(system.targets.map { report.targets[$0].source })
        let given = Set(report.targets.map(\.source))
        for source in policy.sources where !ours.contains(source) {
            if given.contains(source), system.toplevel == nil { continue }
            block(.missing, "there is no \(source.rawValue) report of this system")
        }
        if input.challenge != nil,
            !report.targets.contains(where: { $0.source == .live || policy.challenged.contains($0.source) })
        {
            block(.challenge, "a challenge was asked, and no report answers it")
        }
    }

    // MARK: - The results

    private mutating func applyWaivers() {
        let application = input.waivers.apply(to: report, now: input.now, knownRules: input.knownRules)
        report = application.report
        for problem in application.problems {
            block(
                problem.kind == .expired ? .waiverExpired : .waiverInvalid, rule: problem.waiver.waiver.rule,
                problem.message)
        }
        if let last = application.validUntil { validUntil = min(validUntil, last) }
        let waived = report.results.count { $0.outcome == .fail && $0.waiver != nil }
        if waived > 0 { warnings.append("\(plural(waived, "failure")) \(waived == 1 ? "is" : "are") waived") }
    }

    private mutating func checkResults(known: [Failure: [Result]]) {
        var below = 0
        var old: [Result] = []
        var told: Set<String> = []
        let deeper = deepestAnswers()
        var judged: [Int: Bool] = Dictionary(uniqueKeysWithValues: report.targets.indices.map { ($0, false) })
        for result in report.results {
            let isJudged = result.outcome != .notApplicable && result.outcome != .notChecked
            judged[result.target] = judged[result.target, default: false] || isJudged
            let place = "\(result.rule) in \(result.source.rawValue)"
            switch result.outcome {
            case .pass, .notApplicable, .notChecked: break
            case .unknown:
                if let toplevel = report.targets[result.target].identity.toplevel,
                    let answer = deeper[SystemRule(toplevel: toplevel, rule: result.rule)], answer > result.source
                {
                    told.insert(result.rule)
                    continue
                }
                block(
                    .unknown, rule: result.rule, target: result.target,
                    "\(place) could not be told: \(result.message ?? "no reason is given")")
            case .error:
                block(
                    .error, rule: result.rule, target: result.target,
                    "\(place) could not be judged: \(result.message ?? "no reason is given")")
            case .fail:
                if result.waiver != nil { continue }
                if result.severity < policy.failOn {
                    below += 1
                    continue
                }
                let before = knownFailures(like: result, known)
                if before.contains(where: { Self.isSame($0.observed, result.observed) }) {
                    old.append(result)
                    continue
                }
                let values =
                    "\(result.severity.rawValue), \(result.observed ?? "not set"), wanted: \(result.expected)"
                block(
                    .fail, rule: result.rule, target: result.target,
                    before.isEmpty
                        ? "\(place) fails (\(values))"
                        : "\(place) fails with another value than in the baseline (\(values), then "
                            + "\(before.first?.observed ?? "not set"))")
            }
        }
        for (target, isJudged) in judged.sorted(by: { $0.key < $1.key }) where !isJudged {
            // A report without facts is named as such.
            let given = input.reports[origins[target]].report
            if given.snapshots.isEmpty || given.results.isEmpty { continue }
            block(
                .notApplicableOnly, target: target,
                "nothing was judged in the \(report.targets[target].source.rawValue) facts of "
                    + "\(report.targets[target].name): every rule is not applicable or not checked")
        }
        if below > 0 {
            warnings.append(
                "\(plural(below, "failure")) below \(policy.failOn.rawValue) \(below == 1 ? "does" : "do") not block")
        }
        if !told.isEmpty {
            warnings.append(
                "\(plural(told.count, "rule")) that one layer could not tell \(told.count == 1 ? "is" : "are") told by a "
                    + "later one: " + told.sorted().joined(separator: ", "))
        }
        if !old.isEmpty {
            let rules = Set(old.map(\.rule)).sorted().joined(separator: ", ")
            warnings.append(
                "\(plural(old.count, "failure")) of the baseline \(old.count == 1 ? "does" : "do") not block: \(rules)")
        }
    }

    private struct SystemRule: Hashable {
        var toplevel: String
        var rule: String
    }

    /// The deepest layer that passed or failed each rule of each system. What a layer before it could not tell is told
    /// there, nearer to what runs (ADR 9): the options do not know what the build reads from the kernel's configuration.
    /// The other way round nothing is told: a closure that could not be read is not known by what was meant. A layer
    /// with several targets of one system only counts when all of them know.
    private func deepestAnswers() -> [SystemRule: SourceKind] {
        var answers: [SystemRule: SourceKind] = [:]
        var open: Set<SystemRule> = []
        for source in SourceKind.allCases.sorted() {
            open.removeAll()
            var known: Set<SystemRule> = []
            for result in report.results where result.source == source {
                guard let toplevel = report.targets[result.target].identity.toplevel else { continue }
                let key = SystemRule(toplevel: toplevel, rule: result.rule)
                switch result.outcome {
                case .pass, .fail: known.insert(key)
                case .unknown, .error: open.insert(key)
                case .notApplicable, .notChecked: break
                }
            }
            for key in known.subtracting(open) { answers[key] = source }
        }
        return answers
    }

    func plural(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private mutating func checkDrift() {
        let found = finder.find(targets: report.targets, snapshots: report.snapshots, results: report.results)
        report.drift = found.drift
        for note in found.notes where !report.notes.contains(note) { report.notes.append(note) }
        var ignored = 0
        for host in HostGeneration.of(report.targets) where host.kind == .bootedAnother {
            // That it runs another system than the others are of is said with the identities.
            if policy.drift.includesHosts {
                block(.drift, target: host.target, host.message)
            } else {
                ignored += 1
            }
        }
        for drift in found.drift {
            guard let selected = profile.rules.first(where: { $0.rule.id == drift.rule }) else { continue }
            if policy.drift.includes(selected.rule, severity: selected.severity) {
                block(.drift, rule: drift.rule, "\(drift.rule) differs between layers: \(drift.message)")
            } else {
                ignored += 1
            }
        }
        if ignored > 0 {
            warnings.append("\(plural(ignored, "difference")) between layers \(ignored == 1 ? "does" : "do") not block")
        }
    }

    /// A rule that no source answered is open when another source than those of the policy may answer it, and missing
    /// when there is none left. So is one that a source is known to answer of every system and whose report does not:
    /// the answer of another layer is not its own.
    private mutating func checkRequired() {
        var answered: Set<String> = []
        var unanswered: [Int: Set<String>] = [:]
        for result in report.results {
            if result.outcome == .notChecked {
                unanswered[result.target, default: []].insert(result.rule)
            } else {
                answered.insert(result.rule)
            }
        }
        let isAnyLeft = Set(policy.sources) != Set(SourceKind.allCases)
        for selected in profile.rules {
            let id = selected.rule.id
            guard answered.contains(id) else {
                let expected = policy.sources.filter { coverage.always(id, $0) }
                if isAnyLeft, expected.isEmpty {
                    open.append(id)
                } else {
                    let by = expected.isEmpty ? policy.sources : expected
                    block(
                        .missing, rule: id,
                        "\(id) is required and was answered by no report; it is for the "
                            + "\(by.map(\.rawValue).joined(separator: " or ")) source")
                }
                continue
            }
            for (target, rules) in unanswered.sorted(by: { $0.key < $1.key }) where rules.contains(id) {
                let source = report.targets[target].source
                // A target of which nothing was judged blocks by that.
                guard coverage.always(id, source), rules.count < profile.rules.count else { continue }
                block(
                    .missing, rule: id, target: target,
                    "\(id) is required and was not answered by the \(source.rawValue) facts of "
                        + "\(report.targets[target].name), as it is of every system: the report lacks facts")
            }
        }
    }

    // MARK: - The decision

    /// A cached pass must end before a rule about a date changes its answer.
    private mutating func limitByDates() throws(DataError) {
        let timed = profile.rules.filter(\.isAboutTime)
        guard !timed.isEmpty, !report.snapshots.isEmpty, reasons.isEmpty, validUntil < Int64.max else { return }
        var now: [Int: [Outcome]] = [:]
        for (target, snapshot) in report.snapshots.enumerated() {
            now[target] = timed.map { evaluator.evaluate($0, on: snapshot, target: target).outcome }
        }
        var day = (input.now / 86_400 + 1) * 86_400
        while day <= validUntil {
            let later = try Evaluator(knowledge: input.knowledge, now: day, rules: input.rules)
            for (target, snapshot) in report.snapshots.enumerated() {
                for (index, selected) in timed.enumerated() {
                    let outcome = later.evaluate(selected, on: snapshot, target: target).outcome
                    let before = now[target]?[index]
                    guard outcome != before, [.fail, .unknown, .error].contains(outcome) else { continue }
                    // What is accepted already, or does not block, does not end the verdict.
                    if outcome == .fail, selected.severity < policy.failOn { continue }
                    validUntil = day - 1
                    warnings.append("\(selected.rule.id) will not pass from \(Timestamp.text(day)) on")
                    return
                }
            }
            day += 86_400
        }
    }

    func decision() -> GateDecision {
        var seen: Set<Verdict.Reason> = []
        let severities = Dictionary(profile.rules.map { ($0.rule.id, $0.severity) }) { first, _ in first }
        let ordered = reasons.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
            let first = left.element
            let second = right.element
            if first.kind != second.kind { return first.kind.rank < second.kind.rank }
            let one = first.rule.flatMap { severities[$0] } ?? .critical
            let other = second.rule.flatMap { severities[$0] } ?? .critical
            if one != other { return one > other }
            if first.rule != second.rule { return (first.rule ?? "") < (second.rule ?? "") }
            return left.offset < right.offset
        }.map(\.element)
        let verdict = Verdict(
            decision: ordered.isEmpty ? .pass : .blocked, policy: policy.id, policyDigest: policy.digest,
            reasons: ordered, warnings: warnings, open: open.sorted(), judgedAt: input.now,
            validUntil: validUntil == Int64.max ? input.now : validUntil,
            inputs: input.reports.map { given in
                if case .signed(let key) = given.signature {
                    return Verdict.Input(name: given.name, digest: given.digest, signer: key)
                }
                return Verdict.Input(name: given.name, digest: given.digest)
            },
            artifact: artifact, toplevel: system.toplevel, closureDigest: system.closureDigest,
            waiversDigest: input.waivers.digest, baselineDigest: input.baseline?.digest, profile: profile.id,
            profileDigest: profile.digest, catalogueDigest: input.catalogueDigest)
        var report = report
        report.verdict = verdict
        return GateDecision(verdict: verdict, report: report)
    }
}
