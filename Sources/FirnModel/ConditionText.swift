/// Conditions as a person reads them.
public enum ConditionText {
    /// What a condition wants of its subject: `at least 1`, `one of 1, 2`, `every element is ...`.
    ///
    /// A condition on another fact names it; the subject itself is not named.
    public static func describe(_ condition: Condition, subject: FactKey) -> String {
        switch condition {
        case .test(let test): describe(test, subject: subject)
        case .of(let key, let inner): "\(key.rawValue) is \(describe(inner, subject: key))"
        case .all(let parts): join(parts, " and ", subject)
        case .any(let parts): join(parts, " or ", subject)
        case .not(let inner): "not (\(describe(inner, subject: subject)))"
        }
    }

    private static func join(_ parts: [Condition], _ word: String, _ subject: FactKey) -> String {
        parts.map { part in
            switch part {
            case .all, .any:
                parts.count > 1 ? "(\(describe(part, subject: subject)))" : describe(part, subject: subject)
            case .test, .of, .not: describe(part, subject: subject)
            }
        }.joined(separator: word)
    }

    private static func describe(_ test: Condition.Test, subject: FactKey) -> String {
        switch test {
        case .equals(let value): value.description
        case .notEquals(let value): "not \(value)"
        case .atLeast(let value): "at least \(value)"
        case .atMost(let value): "at most \(value)"
        case .oneOf(let values): "one of \(FactValue.list(values))"
        case .subsetOf(let values): values.isEmpty ? "empty" : "nothing but \(FactValue.list(values))"
        case .supersetOf(let values): "a list with \(FactValue.list(values))"
        case .contains(let value): "a list with \(value)"
        case .containsNone(let values): "a list without \(FactValue.list(values))"
        case .matches(let pattern): "text like \(pattern)"
        case .present: "set"
        case .absent: "not set"
        case .every(let inner): "a list whose elements are each \(describe(inner, subject: subject))"
        case .none(let inner): "a list of which no element is \(describe(inner, subject: subject))"
        case .builtin(let name, let argument): describe(builtin: name, argument)
        }
    }

    private static func describe(builtin name: String, _ argument: [String: FactValue]) -> String {
        if name == "ssh-algorithm", case .string(let worst) = argument["worst"] {
            return worst == "good" ? "rated good" : "rated good or no worse than \(worst)"
        }
        if name == "enforced-rule" { return "a lost value whose rule passes all the same" }
        if name == "date-ahead", case .integer(let days) = argument["days"] {
            if days == 0 { return "a date that is not over" }
            return days > 0 ? "a date at least \(days) days ahead" : "a date no more than \(-days) days ago"
        }
        let arguments = argument.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return arguments.isEmpty ? name : "\(name) (\(arguments))"
    }
}
