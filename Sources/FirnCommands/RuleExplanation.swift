import FirnCatalogue
import FirnModel
import FirnReports

/// One rule in full, for `firn explain`.
enum RuleExplanation {
    static func render(_ id: String, catalogue: Catalogue, width: Int) throws(CommandFailure) -> String {
        guard let rule = catalogue.rule(id) else {
            let near = catalogue.orderedRules.map(\.id).filter { $0.lowercased().contains(id.lowercased()) }.prefix(5)
            let hint = near.isEmpty ? "" : "; do you mean \(near.joined(separator: ", "))?"
            throw CommandFailure("there is no rule \(id)\(hint)")
        }
        var columns = Columns()
        columns.add("rule", rule.id)
        columns.add("severity", severities(rule))
        columns.add("fact", rule.fact.rawValue)
        if let condition = rule.appliesWhen {
            columns.add("applies when", ConditionText.describe(condition, subject: rule.fact))
        }
        for (label, text) in expectations(rule, catalogue: catalogue) {
            columns.add(label, text)
        }
        columns.add("why", rule.rationale)
        columns.add("side effects", rule.sideEffects)
        let controls = catalogue.controls(of: rule.id)
        if !controls.isEmpty { columns.add("controls", controls.joined(separator: ", ")) }
        for reference in rule.references {
            columns.add("see", reference)
        }
        var text = rule.title + "\n\n" + columns.render(width: width)
        text += "\n" + fixes(rule)
        text += "\nexamples\n" + examples(rule).render(width: width)
        text += "\n\(rule.file):\(rule.line)\n"
        return text
    }

    private static func severities(_ rule: Rule) -> String {
        var text = rule.severity.rawValue
        for level in Level.allCases where rule.severity(at: level) != rule.severity {
            text += ", \(rule.severity(at: level).rawValue) at \(level.rawValue)"
            break
        }
        return text
    }

    private static func expectations(_ rule: Rule, catalogue: Catalogue) -> [(String, String)] {
        var result: [(String, String)] = []
        var previous: Condition?
        for level in Level.allCases {
            guard catalogue.rules(selectedAt: level).contains(rule.id) else { continue }
            let expectation = rule.expectation(at: level)
            guard expectation != previous else { continue }
            previous = expectation
            result.append(
                ("at \(level.rawValue)", ConditionText.describe(expectation, subject: rule.fact)))
        }
        if result.isEmpty {
            result.append(("expected", ConditionText.describe(rule.expect, subject: rule.fact)))
        }
        return result
    }

    private static func fixes(_ rule: Rule) -> String {
        guard !rule.fixes.isEmpty else { return "fix\n  There is no option that sets this.\n" }
        var text = "fix\n"
        for fix in rule.fixes(at: .strict) {
            let range = [fix.since.map { "since \($0)" }, fix.until.map { "before \($0)" }].compactMap(\.self)
            if !range.isEmpty { text += "  # NixOS \(range.joined(separator: " "))\n" }
            if let when = fix.when { text += "  # when \(ConditionText.describe(when, subject: rule.fact))\n" }
            if let definition = NixDefinition.render(fix) { text += "  \(definition)\n" }
            if let manual = fix.manual { text += "  \(manual)\n" }
        }
        return text
    }

    private static func examples(_ rule: Rule) -> Columns {
        var columns = Columns()
        for example in rule.examples {
            let facts = example.facts.sorted { $0.key < $1.key }.map { key, fact in
                switch fact {
                case .known(let value, _): "\(key.rawValue) = \(value)"
                case .absent: "\(key.rawValue) not set"
                case .unavailable(let reason, _): "\(key.rawValue) unavailable (\(reason))"
                }
            }
            let level = example.level.map { " at \($0.rawValue)" } ?? ""
            columns.add("  " + example.outcome.rawValue + level, facts.joined(separator: ", "))
        }
        return columns
    }
}
