public import FirnModel

/// Judges snapshots by a resolved profile. Pure: the same input gives the same report.
public struct Evaluator: Sendable {
    private let builtins: Builtins
    private let enforced: EnforcedRules

    /// The time at which examples of rules are judged: 2026-11-24T00:00:00Z. Examples use dates far from it.
    public static let exampleTime: Int64 = 1_795_478_400

    /// Creates an evaluator that judges dates at a time, in seconds since 1970; without one, a rule about a date is in
    /// error. Throws when a knowledge table a builtin needs is malformed.
    ///
    /// - Parameter rules: All rules of the catalogue, for the builtin that judges others by their id; without them that
    ///   one is in error.
    public init(knowledge: Knowledge, now: Int64? = nil, rules: [Rule] = []) throws(DataError) {
        builtins = try Builtins(knowledge: knowledge, now: now)
        enforced = EnforcedRules(rules: rules, builtins: builtins)
    }

    /// The earliest time a real clock can show: when the table of end-of-life dates was written. A machine whose clock
    /// was never set would take everything for supported.
    public static func earliestTime(_ knowledge: Knowledge) -> Int64 {
        knowledge.tables["end-of-life"]?["as-of"]?.string.flatMap { CalendarDate($0)?.seconds } ?? 0
    }

    /// What evaluating a condition against facts gives; used for rules' examples and for proofs of tightening.
    public func outcome(
        of rule: Rule, expect: Condition, facts: [FactKey: Fact]
    ) -> Outcome {
        let snapshot = Snapshot(
            source: .declared, identity: Identity(), collectedAt: 0, batch: FactBatch(facts: facts))
        let selected = SelectedRule(rule: rule, expect: expect, severity: rule.severity, fixes: rule.fixes)
        return evaluate(selected, on: snapshot, target: 0).outcome
    }

    /// Judges one rule against one snapshot.
    public func evaluate(_ selected: SelectedRule, on snapshot: Snapshot, target: Int) -> Result {
        let rule = selected.rule
        let fact = snapshot.fact(rule.fact)
        let evaluator = ConditionEvaluator(builtins: builtins, enforced: enforced) { snapshot.fact($0) }
        var result = Result(
            rule: rule.id, title: rule.title, target: target, source: snapshot.source, outcome: .error,
            severity: selected.severity, observed: observed(fact),
            expected: ConditionText.describe(selected.expect, subject: rule.fact), evidence: fact?.evidence ?? [],
            fix: chosenFix(selected, on: snapshot, evaluator), controls: selected.controls)

        if let reason = snapshot.inapplicability(rule.fact) {
            result.outcome = .notApplicable
            result.message = reason
            return result
        }
        if let condition = rule.appliesWhen {
            let applies = evaluator.evaluate(condition, subject: .fact(rule.fact, fact))
            switch applies.outcome {
            case .pass:
                break
            case .fail:
                result.outcome = .notApplicable
                result.message = inapplicability(condition, rule: rule, snapshot: snapshot)
                return result
            case .notApplicable, .notChecked, .unknown, .error:
                // A rule that may or may not apply has not been answered.
                result.outcome = applies.outcome == .notApplicable ? .error : applies.outcome
                result.message = applies.details.isEmpty ? nil : applies.details.joined(separator: "; ")
                return result
            }
        }

        let judgement = evaluator.evaluate(selected.expect, subject: .fact(rule.fact, fact))
        result.outcome = judgement.outcome
        result.message = judgement.details.isEmpty ? nil : judgement.details.joined(separator: "; ")
        // Another fact can decide a rule whose own could not be told.
        if result.observed == nil, judgement.outcome == .fail { result.observed = "not known" }
        // A pass of an `any` may rest on another fact than the rule's own: an auditor needs to see that one too.
        let others = selected.expect.facts(subject: rule.fact).subtracting([rule.fact]).sorted()
        for key in others {
            guard let other = snapshot.fact(key) else { continue }
            result.evidence.append(contentsOf: other.evidence.filter { !result.evidence.contains($0) })
        }
        return result
    }

    private func observed(_ fact: Fact?) -> String? {
        switch fact {
        case .known(let value, _): value.description
        case .absent: "not set"
        case .unavailable, nil: nil
        }
    }

    /// What the facts are that make the condition false: of a conjunction only the parts that do not hold.
    private func inapplicability(_ condition: Condition, rule: Rule, snapshot: Snapshot) -> String {
        let evaluator = ConditionEvaluator(builtins: builtins, enforced: enforced) { snapshot.fact($0) }
        var decisive = condition.facts(subject: rule.fact)
        if case .all(let parts) = condition {
            let failing = parts.filter {
                evaluator.evaluate($0, subject: .fact(rule.fact, snapshot.fact(rule.fact))).outcome == .fail
            }
            decisive = failing.reduce(into: []) { $0.formUnion($1.facts(subject: rule.fact)) }
        }
        let readings = decisive.sorted().map { key in
            switch snapshot.fact(key) {
            case .known(let value, _): "\(key.rawValue) is \(value)"
            case .absent: "\(key.rawValue) is not set"
            case .unavailable, nil: "\(key.rawValue) is not known"
            }
        }
        return readings.joined(separator: ", ")
    }

    /// The first alternative whose releases include the system's and whose condition is not known to be false. Without
    /// a known release the first one is shown.
    private func chosenFix(_ selected: SelectedRule, on snapshot: Snapshot, _ evaluator: ConditionEvaluator) -> Fix? {
        let key = selected.rule.fact
        let version = snapshot.identity.release.flatMap { DottedVersion($0) }
        return selected.fixes.first { fix in
            if let version {
                if let since = fix.since.flatMap(DottedVersion.init), version < since { return false }
                if let until = fix.until.flatMap(DottedVersion.init), version >= until { return false }
            }
            guard let condition = fix.when else { return true }
            return evaluator.evaluate(condition, subject: .fact(key, snapshot.fact(key))).outcome != .fail
        }
    }
}
