/// The `expect` language: what a rule wants of a fact.
///
/// A condition is asked of a *subject*: the rule's own fact, the fact it names with `fact = "..."`, or, inside `every`
/// and `none`, one element of a list.
public indirect enum Condition: Sendable, Hashable {
    /// One comparison of the subject.
    case test(Test)
    /// The same condition asked of another fact.
    case of(FactKey, Condition)
    /// All must hold (XCCDF's AND).
    case all([Condition])
    /// One must hold (XCCDF's OR).
    case any([Condition])
    /// Must not hold.
    case not(Condition)

    /// One comparison.
    public enum Test: Sendable, Hashable {
        /// The same value.
        case equals(FactValue)
        /// Another value, or absent.
        case notEquals(FactValue)
        /// A number, or a dotted version, not below this one.
        case atLeast(FactValue)
        /// A number, or a dotted version, not above this one.
        case atMost(FactValue)
        /// One of these values (`in`).
        case oneOf([FactValue])
        /// A list (or a single value) with nothing outside these.
        case subsetOf([FactValue])
        /// A list with all of these.
        case supersetOf([FactValue])
        /// A list with this element.
        case contains(FactValue)
        /// A list with none of these, or absent.
        case containsNone([FactValue])
        /// Text that matches this regular expression as a whole.
        case matches(String)
        /// Known.
        case present
        /// Looked, and not there.
        case absent
        /// Each element of the list holds; an empty list holds, an absent fact does not.
        case every(Condition)
        /// No element of the list holds; an absent fact holds.
        case none(Condition)
        /// A builtin of the engine by name, with its argument.
        case builtin(name: String, argument: [String: FactValue])
    }

    /// The facts the condition reads; `subject` stands for the fact it is asked of.
    public func facts(subject: FactKey) -> Set<FactKey> {
        switch self {
        case .test(.every(let inner)), .test(.none(let inner)): inner.facts(subject: subject).union([subject])
        case .test: [subject]
        case .of(let key, let condition): condition.facts(subject: key)
        case .all(let conditions), .any(let conditions):
            conditions.reduce(into: []) { $0.formUnion($1.facts(subject: subject)) }
        case .not(let condition): condition.facts(subject: subject)
        }
    }
}
