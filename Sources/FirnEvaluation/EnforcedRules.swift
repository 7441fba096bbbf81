import FirnModel

/// What the builtin `enforced-rule` asks: whether a value the hardening module set and lost is a loss. The rule that
/// asked for the value is judged on the same snapshot, whether or not the profile selects it.
struct EnforcedRules: Sendable {
    private let rules: [String: Rule]
    private let builtins: Builtins

    init(rules: [Rule], builtins: Builtins) {
        self.rules = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.builtins = builtins
    }

    /// Judges one element of `nix.silent-overrides`: a level or `?`, a rule, a sentence.
    func evaluate(_ value: FactValue, lookup: @escaping (FactKey) -> Fact?) -> Judgement {
        guard !rules.isEmpty else { return Judgement(.error, ["enforced-rule needs the rules of the catalogue"]) }
        guard case .string(let text) = value else { return Judgement(.unknown, ["\(value) names no rule"]) }
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3 else { return Judgement(.unknown, ["\(value) names no rule"]) }
        guard let rule = rules[String(parts[1])] else {
            // Lost, and nobody can say whether it matters.
            return Judgement(.unknown, ["the catalogue has no rule \(parts[1])"])
        }
        if let level = Level(rawValue: String(parts[0])) { return judge(rule, at: level, lookup) }
        // Levels only tighten: what passes the strictest passes all, what fails the loosest fails all.
        let strictest = judge(rule, at: .strict, lookup)
        if strictest.outcome == .pass { return strictest }
        let loosest = judge(rule, at: .minimal, lookup)
        if loosest.outcome != .pass { return loosest }
        return Judgement(.unknown, ["it is enough for a lower level, and the level of the module is not known"])
    }

    private func judge(_ rule: Rule, at level: Level, _ lookup: @escaping (FactKey) -> Fact?) -> Judgement {
        // No rules inside: a target that names the asking rule itself would never end.
        let evaluator = ConditionEvaluator(builtins: builtins, enforced: nil, lookup: lookup)
        let subject = ConditionEvaluator.Subject.fact(rule.fact, lookup(rule.fact))
        if let condition = rule.appliesWhen {
            let applies = evaluator.evaluate(condition, subject: subject)
            switch applies.outcome {
            case .pass: break
            // The rule asks nothing of this system, so nothing it asks for is lost.
            case .fail: return Judgement(.pass)
            case .notApplicable, .notChecked, .unknown, .error: return untold(rule, applies)
            }
        }
        let judgement = evaluator.evaluate(rule.expectation(at: level), subject: subject)
        switch judgement.outcome {
        case .pass, .fail: return Judgement(judgement.outcome)
        case .notApplicable, .notChecked, .unknown, .error: return untold(rule, judgement)
        }
    }

    /// The value is lost, and whether the one in force is as good cannot be told.
    private func untold(_ rule: Rule, _ judgement: Judgement) -> Judgement {
        Judgement(.unknown, ["\(rule.id) cannot be judged"] + judgement.details)
    }
}
