import FirnEvaluation
import FirnModel

/// A report judged again, by the gate's own catalogue, on the facts it holds.
struct Rejudgement {
    /// The results, ordered by target and then rule.
    var results: [Result] = []
    /// What the report records and its facts do not give.
    var reasons: [Verdict.Reason] = []

    /// The most sentences about one report; an altered one may differ in every rule.
    static let sentenceLimit = 10

    /// Judges a report.
    ///
    /// - Parameter isComparable: Whether the report was made with the profile and catalogue of the gate, so that its
    ///   recorded results must be the very same.
    init(
        _ given: GateReport, profile: ResolvedProfile, evaluator: Evaluator, finder: DriftFinder, isComparable: Bool
    ) {
        let report = given.report
        for target in report.targets.indices {
            // Without facts every rule is left unanswered; that a report holds none blocks by itself.
            let snapshot =
                report.snapshots.indices.contains(target)
                ? report.snapshots[target]
                : Snapshot(
                    source: report.targets[target].source, identity: report.targets[target].identity,
                    collectedAt: report.collectedAt, batch: FactBatch())
            results += profile.rules.map { evaluator.evaluate($0, on: snapshot, target: target) }
        }
        guard !report.snapshots.isEmpty else { return }
        checkIdentity(given)
        if isComparable { compare(given, profile, finder) }
    }

    /// What a report says twice must be the same both times.
    private mutating func checkIdentity(_ given: GateReport) {
        let report = given.report
        for (index, target) in report.targets.enumerated() where report.snapshots.indices.contains(index) {
            if report.snapshots[index].identity != target.identity {
                add(given, "names another system for \(target.name) than the facts were collected of", target: index)
            }
        }
        if let oldest = report.snapshots.map(\.collectedAt).min(), oldest != report.collectedAt {
            add(given, "says it was collected at another time than its facts")
        }
    }

    private mutating func compare(_ given: GateReport, _ profile: ResolvedProfile, _ finder: DriftFinder) {
        let report = given.report
        if report.dropped != profile.dropped {
            add(given, "lists other dropped rules than the profile \(profile.id)")
        }
        struct Place: Hashable {
            var target: Int
            var rule: String
        }
        let timed = Set(profile.rules.filter(\.isAboutTime).map(\.rule.id))
        var recorded: [Place: Result] = [:]
        var sentences: [(String, String, Int)] = []
        for result in report.results {
            let place = Place(target: result.target, rule: result.rule)
            if recorded.updateValue(result, forKey: place) != nil {
                sentences.append(("holds two results", result.rule, result.target))
            }
        }
        for result in results {
            guard var old = recorded.removeValue(forKey: Place(target: result.target, rule: result.rule)) else {
                sentences.append(("lacks the result", result.rule, result.target))
                continue
            }
            var new = result
            // Waivers are set by the gate alone. A fix is written without its condition.
            old.waiver = nil
            old.fix?.when = nil
            new.fix?.when = nil
            if timed.contains(result.rule) {
                // Its answer depends on the day: it is judged anew, not compared.
                (old.outcome, old.message, old.observed) = (new.outcome, new.message, new.observed)
                old.fix = new.fix
            }
            if old != new { sentences.append((Self.difference(old, new), result.rule, result.target)) }
        }
        for place in recorded.keys.sorted(by: { ($0.target, $0.rule) < ($1.target, $1.rule) }) {
            sentences.append(
                ("holds a result of a rule that the profile \(profile.id) lacks", place.rule, place.target))
        }
        for (text, rule, target) in sentences.prefix(Self.sentenceLimit) {
            reasons.append(
                Verdict.Reason(
                    kind: .tampered, rule: rule, target: target,
                    message: "\(given.name) \(text): \(rule) in \(report.targets[target].source.rawValue)"))
        }
        if sentences.count > Self.sentenceLimit {
            add(given, "differs in \(sentences.count - Self.sentenceLimit) more results from what its facts give")
        }
        let drift = finder.find(
            targets: report.targets, snapshots: report.snapshots, results: report.results
        ).drift
        if sentences.isEmpty, drift != report.drift {
            add(given, "records other drift than its results give")
        }
    }

    private mutating func add(_ given: GateReport, _ text: String, target: Int? = nil) {
        reasons.append(Verdict.Reason(kind: .tampered, target: target, message: "\(given.name) \(text)"))
    }

    private static func difference(_ old: Result, _ new: Result) -> String {
        if old.outcome != new.outcome {
            return "records \(old.outcome.rawValue) where its facts give \(new.outcome.rawValue)"
        }
        if old.severity != new.severity {
            return "records the severity \(old.severity.rawValue) where the rule has \(new.severity.rawValue)"
        }
        if old.observed != new.observed { return "records another value than its facts hold" }
        if old.expected != new.expected { return "records another expectation than the rule has" }
        if old.title != new.title { return "records another title than the rule has" }
        if old.evidence != new.evidence { return "records other evidence than its facts hold" }
        if old.fix != new.fix { return "records another fix than the rule has" }
        return "records another explanation than its facts give"
    }
}

extension SelectedRule {
    /// Whether its answer depends on the day it is judged.
    var isAboutTime: Bool {
        expect.isAboutTime || (rule.appliesWhen?.isAboutTime ?? false)
            || fixes.contains { $0.when?.isAboutTime ?? false }
    }
}

extension Condition {
    fileprivate var isAboutTime: Bool {
        switch self {
        case .test(.builtin(let name, _)): name == "date-ahead"
        case .test(.every(let inner)), .test(.none(let inner)): inner.isAboutTime
        case .test: false
        case .of(_, let inner), .not(let inner): inner.isAboutTime
        case .all(let parts), .any(let parts): parts.contains { $0.isAboutTime }
        }
    }
}
