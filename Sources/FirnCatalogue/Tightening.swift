public import FirnModel

/// Compares expectations: a level or a profile may tighten what another demands, never loosen it.
public enum Tightening {
    /// Whether everything that satisfies `new` satisfies `old` too; nil when the operators do not compare.
    ///
    /// True is a proof, by the meaning of the operators; false is a counterexample that exists; nil says that examples
    /// must decide.
    public static func isNotLooser(_ new: Condition, than old: Condition) -> Bool? {
        if new == old { return true }
        // A conjunction is tighter as soon as one part is; it satisfies a conjunction that it satisfies part by part.
        if case .all(let oldParts) = old {
            return conjunction(oldParts.map { isNotLooser(new, than: $0) })
        }
        if case .all(let newParts) = new {
            return newParts.contains { isNotLooser($0, than: old) == true } ? true : nil
        }
        if case .any(let newParts) = new {
            return conjunction(newParts.map { isNotLooser($0, than: old) })
        }
        if case .any(let oldParts) = old {
            return oldParts.contains { isNotLooser(new, than: $0) == true } ? true : nil
        }
        switch (new, old) {
        case (.of(let newKey, let newInner), .of(let oldKey, let oldInner)):
            return newKey == oldKey ? isNotLooser(newInner, than: oldInner) : nil
        case (.not(let newInner), .not(let oldInner)):
            return isNotLooser(oldInner, than: newInner)
        case (.test(let newTest), .test(let oldTest)):
            return isNotLooser(newTest, than: oldTest)
        case (.test, _), (.of, _), (.not, _), (.all, _), (.any, _):
            return nil
        }
    }

    private static func conjunction(_ parts: [Bool?]) -> Bool? {
        if parts.contains(false) { return false }
        return parts.allSatisfy { $0 == true } ? true : nil
    }

    private static func isNotLooser(_ new: Condition.Test, than old: Condition.Test) -> Bool? {
        // Values that the new expectation accepts, when they can be listed: each is put to the old one.
        if let accepted = listedValues(new) {
            return conjunction(accepted.map { accepts(old, $0) })
        }
        // An absent fact satisfies this one alone.
        if case .absent = new { return holdsWhenAbsent(old) }
        switch (new, old) {
        case (.atLeast(let one), .atLeast(let other)): return order(other, one)
        case (.atMost(let one), .atMost(let other)): return order(one, other)
        case (.subsetOf(let one), .subsetOf(let other)): return Set(one).isSubset(of: other)
        case (.supersetOf(let one), .supersetOf(let other)): return Set(one).isSuperset(of: other)
        case (.supersetOf(let one), .contains(let other)): return one.contains(other)
        case (.contains(let one), .supersetOf(let other)): return Set(other).isSubset(of: [one])
        // What is allowed holds nothing of what is forbidden.
        case (.subsetOf(let one), .containsNone(let other)): return Set(one).isDisjoint(with: other) ? true : nil
        case (.containsNone(let one), .containsNone(let other)): return Set(one).isSuperset(of: other)
        case (.every(let one), .every(let other)): return isNotLooser(one, than: other)
        case (.none(let one), .none(let other)): return isNotLooser(other, than: one)
        case (.builtin("ssh-algorithm", let one), .builtin("ssh-algorithm", let other)):
            guard one["kind"] == other["kind"] else { return nil }
            let ranks: [FactValue: Int] = [.string("good"): 0, .string("warn"): 1, .string("fail"): 2]
            guard let left = one["worst"].flatMap({ ranks[$0] }), let right = other["worst"].flatMap({ ranks[$0] })
            else { return nil }
            return left <= right
        case (_, .present):
            // Whatever does not hold of an absent fact needs a value.
            return !holdsWhenAbsent(new)
        default: return nil
        }
    }

    /// Which operators an absent fact satisfies; the table in CONTRIBUTING.md.
    private static func holdsWhenAbsent(_ test: Condition.Test) -> Bool {
        switch test {
        case .absent, .notEquals, .containsNone, .none: true
        case .equals, .atLeast, .atMost, .oneOf, .subsetOf, .supersetOf, .contains, .matches, .present, .every,
            .builtin:
            false
        }
    }

    private static func listedValues(_ test: Condition.Test) -> [FactValue]? {
        switch test {
        case .equals(let value): [value]
        case .oneOf(let values): values
        default: nil
        }
    }

    private static func accepts(_ test: Condition.Test, _ value: FactValue) -> Bool? {
        switch test {
        case .equals(let wanted): return value == wanted
        case .notEquals(let unwanted):
            // A value of another type cannot be compared, and is no pass.
            return isSameType(value, unwanted) && value != unwanted
        case .oneOf(let wanted): return wanted.contains(value)
        case .atLeast(let bound): return order(bound, value)
        case .atMost(let bound): return order(value, bound)
        case .present: return true
        case .absent: return false
        case .subsetOf(let allowed):
            return elements(value).allSatisfy { allowed.contains($0) }
        case .supersetOf(let needed): return needed.allSatisfy { elements(value).contains($0) }
        case .contains(let needed): return elements(value).contains(needed)
        case .containsNone(let unwanted): return !elements(value).contains { unwanted.contains($0) }
        case .matches, .every, .none, .builtin:
            return nil
        }
    }

    /// A list as its elements; anything else as a list of one, as the evaluation has it.
    private static func elements(_ value: FactValue) -> [FactValue] {
        if case .list(let elements) = value { elements } else { [value] }
    }

    private static func isSameType(_ left: FactValue, _ right: FactValue) -> Bool {
        switch (left, right) {
        case (.boolean, .boolean), (.integer, .integer), (.string, .string), (.list, .list): true
        case (.boolean, _), (.integer, _), (.string, _), (.list, _): false
        }
    }

    /// Whether the first is not above the second; nil when they do not compare.
    private static func order(_ low: FactValue, _ high: FactValue) -> Bool? {
        switch (low, high) {
        case (.integer(let left), .integer(let right)): return left <= right
        case (.string(let left), .string(let right)):
            guard let left = DottedVersion(left), let right = DottedVersion(right) else { return nil }
            return left <= right
        default: return nil
        }
    }
}
