import FirnModel

/// Values and conditions in a spelling that differs whenever they differ, for digests.
///
/// What a person reads (`ConditionText`) is no base for a digest: there the number 1 and the text "1" look the same.
enum CanonicalText {
    /// A text in quotes.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    /// A value with its type.
    static func value(_ value: FactValue) -> String {
        switch value {
        case .boolean(let truth): truth ? "true" : "false"
        case .integer(let number): String(number)
        case .string(let text): quote(text)
        case .list(let values): list(values)
        }
    }

    /// A condition, as an operator and its operands in parentheses.
    static func condition(_ condition: Condition) -> String {
        switch condition {
        case .test(let test): self.test(test)
        case .of(let key, let inner): "(of \(quote(key.rawValue)) \(self.condition(inner)))"
        case .all(let parts): "(all \(parts.map(self.condition).joined(separator: " ")))"
        case .any(let parts): "(any \(parts.map(self.condition).joined(separator: " ")))"
        case .not(let inner): "(not \(self.condition(inner)))"
        }
    }

    private static func list(_ values: [FactValue]) -> String {
        "[" + values.map(value).joined(separator: " ") + "]"
    }

    private static func test(_ test: Condition.Test) -> String {
        switch test {
        case .equals(let operand): "(equals \(value(operand)))"
        case .notEquals(let operand): "(not-equals \(value(operand)))"
        case .atLeast(let operand): "(at-least \(value(operand)))"
        case .atMost(let operand): "(at-most \(value(operand)))"
        case .oneOf(let operands): "(in \(list(operands)))"
        case .subsetOf(let operands): "(subset-of \(list(operands)))"
        case .supersetOf(let operands): "(superset-of \(list(operands)))"
        case .contains(let operand): "(contains \(value(operand)))"
        case .containsNone(let operands): "(contains-none \(list(operands)))"
        case .matches(let pattern): "(matches \(quote(pattern)))"
        case .present: "(present)"
        case .absent: "(absent)"
        case .every(let inner): "(every \(condition(inner)))"
        case .none(let inner): "(none \(condition(inner)))"
        case .builtin(let name, let argument):
            "(builtin \(quote(name))"
                + argument.sorted { $0.key < $1.key }.map { " \(quote($0.key)) \(value($0.value))" }.joined() + ")"
        }
    }
}
