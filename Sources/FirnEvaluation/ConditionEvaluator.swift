import FirnModel

/// Evaluates the `expect` language. Pure: it looks facts up in a snapshot and does nothing else.
struct ConditionEvaluator {
    /// What a condition is asked of.
    enum Subject {
        /// A fact by key; nil when the source never supplies it.
        case fact(FactKey, Fact?)
        /// One element of a list, inside `every` and `none`.
        case element(FactValue)
    }

    let builtins: Builtins
    /// The rules behind the builtin `enforced-rule`; nil inside of it.
    let enforced: EnforcedRules?
    let lookup: (FactKey) -> Fact?

    func evaluate(_ condition: Condition, subject: Subject) -> Judgement {
        switch condition {
        case .test(let test):
            return evaluate(test, subject: subject)
        case .of(let key, let inner):
            let fact = lookup(key)
            var judgement = evaluate(inner, subject: .fact(key, fact))
            // The report shows the rule's own fact; when another one decides, its value has to be said.
            if judgement.outcome == .fail, judgement.details.isEmpty {
                switch fact {
                case .known(let value, _): judgement.details = ["\(key.rawValue) is \(value)"]
                case .absent: judgement.details = ["\(key.rawValue) is not set"]
                case .unavailable, nil: break
                }
            }
            return judgement
        case .all(let parts):
            // XCCDF's AND over nothing would be "not applicable"; the catalogue refuses an empty list, so this is only
            // the seed of the fold.
            return parts.map { evaluate($0, subject: subject) }.reduce(Judgement(.notApplicable)) { $0.and($1) }
        case .any(let parts):
            return parts.map { evaluate($0, subject: subject) }.reduce(Judgement(.notApplicable)) { $0.or($1) }
        case .not(let inner):
            return evaluate(inner, subject: subject).negated
        }
    }

    private func evaluate(_ test: Condition.Test, subject: Subject) -> Judgement {
        switch subject {
        case .element(let value):
            return evaluate(test, value: value, name: "the element")
        case .fact(let key, let fact):
            switch fact {
            case nil:
                return Judgement(.notChecked, ["\(key.rawValue) is not supplied by this source"])
            case .unavailable(let reason, _):
                return Judgement(.unknown, [reason])
            case .absent:
                return Judgement(holds: Self.holdsWhenAbsent(test))
            case .known(let value, _):
                return evaluate(test, value: value, name: key.rawValue)
            }
        }
    }

    /// Absent means looked and not there: only what asks for another value, or for nothing, holds.
    private static func holdsWhenAbsent(_ test: Condition.Test) -> Bool {
        switch test {
        case .absent, .notEquals, .containsNone, .none: true
        case .equals, .atLeast, .atMost, .oneOf, .subsetOf, .supersetOf, .contains, .matches, .present, .every,
            .builtin:
            false
        }
    }

    private func evaluate(_ test: Condition.Test, value: FactValue, name: String) -> Judgement {
        switch test {
        case .present:
            return Judgement(.pass)
        case .absent:
            return Judgement(.fail)
        case .equals(let wanted):
            return compare(value, wanted, name) { $0 == $1 }
        case .notEquals(let unwanted):
            return compare(value, unwanted, name) { $0 != $1 }
        case .oneOf(let wanted):
            return wanted.map { compare(value, $0, name) { $0 == $1 } }.reduce(Judgement(.fail)) { $0.or($1) }
        case .atLeast(let bound):
            return order(value, bound, name) { $0 != .orderedBefore }
        case .atMost(let bound):
            return order(value, bound, name) { $0 != .orderedAfter }
        case .subsetOf(let allowed):
            let extra = Self.elements(value).filter { !allowed.contains($0) }
            if extra.isEmpty { return Judgement(.pass) }
            // Where nothing is allowed, the value itself says it all.
            return Judgement(.fail, allowed.isEmpty ? [] : [Self.naming(extra, "not allowed")])
        case .supersetOf(let needed):
            let present = Self.elements(value)
            let lacking = needed.filter { !present.contains($0) }
            return lacking.isEmpty ? Judgement(.pass) : Judgement(.fail, [Self.naming(lacking, "missing")])
        case .contains(let element):
            return Judgement(holds: Self.elements(value).contains(element))
        case .containsNone(let unwanted):
            let found = Self.elements(value).filter { unwanted.contains($0) }
            return found.isEmpty ? Judgement(.pass) : Judgement(.fail, [Self.naming(found, "among them")])
        case .matches(let pattern):
            return matches(value, pattern, name)
        case .every(let inner):
            var result = Judgement(.pass)
            for element in Self.elements(value) {
                result = result.and(naming(element, evaluate(inner, subject: .element(element))))
            }
            return result
        case .none(let inner):
            var result = Judgement(.pass)
            for element in Self.elements(value) {
                let one = evaluate(inner, subject: .element(element))
                result = result.and(naming(element, one.outcome == .pass ? Judgement(.fail) : one.negated))
            }
            return result
        case .builtin("enforced-rule", _):
            guard let enforced else { return Judgement(.unknown, ["a rule that judges rules cannot be judged itself"]) }
            return enforced.evaluate(value, lookup: lookup)
        case .builtin(let builtin, let argument):
            return builtins.evaluate(builtin, argument: argument, value: value)
        }
    }

    private func naming(_ element: FactValue, _ judgement: Judgement) -> Judgement {
        guard judgement.outcome != .pass else { return judgement }
        if judgement.details.isEmpty { return Judgement(judgement.outcome, [element.description]) }
        return Judgement(judgement.outcome, judgement.details.map { "\(element): \($0)" })
    }

    /// "a is missing", "a, b and c are missing".
    private static func naming(_ values: [FactValue], _ what: String) -> String {
        let names = values.map(\.description)
        guard let last = names.last, names.count > 1 else { return "\(names.first ?? "") is \(what)" }
        return names.dropLast().joined(separator: ", ") + " and \(last) are \(what)"
    }

    /// A list as its elements; anything else as a list of one.
    private static func elements(_ value: FactValue) -> [FactValue] {
        if case .list(let elements) = value { elements } else { [value] }
    }

    /// Values of different kinds cannot be compared. The value came from the target, so the rule could not tell.
    private func compare(
        _ value: FactValue, _ wanted: FactValue, _ name: String, _ holds: (FactValue, FactValue) -> Bool
    ) -> Judgement {
        switch (value, wanted) {
        case (.boolean, .boolean), (.integer, .integer), (.string, .string), (.list, .list):
            return Judgement(holds: holds(value, wanted))
        case (.boolean, _), (.integer, _), (.string, _), (.list, _):
            return Judgement(.unknown, ["\(name) is \(value), which cannot be compared with \(wanted)"])
        }
    }

    private enum Order {
        case orderedBefore
        case same
        case orderedAfter
    }

    private func order(
        _ value: FactValue, _ bound: FactValue, _ name: String, _ holds: (Order) -> Bool
    ) -> Judgement {
        switch (value, bound) {
        case (.integer(let left), .integer(let right)):
            return Judgement(holds: holds(left < right ? .orderedBefore : left == right ? .same : .orderedAfter))
        case (.string(let left), .string(let right)):
            if let left = DottedVersion(left), let right = DottedVersion(right) {
                return Judgement(holds: holds(left < right ? .orderedBefore : left == right ? .same : .orderedAfter))
            }
        default:
            break
        }
        return Judgement(.unknown, ["\(name) is \(value), which cannot be ordered against \(bound)"])
    }

    private func matches(_ value: FactValue, _ pattern: String, _ name: String) -> Judgement {
        guard case .string(let text) = value else {
            return Judgement(.unknown, ["\(name) is \(value), which is no text"])
        }
        // The pattern comes from the catalogue, the text from the target: its length is bounded so that no target can
        // make a pattern run for ever.
        guard text.utf8.count <= 4096 else {
            return Judgement(.unknown, ["\(name) is longer than 4096 bytes"])
        }
        do {
            let regex = try Regex(pattern)
            return Judgement(holds: try regex.wholeMatch(in: text) != nil)
        } catch {
            return Judgement(.error, ["the pattern \(pattern) is not valid: \(error)"])
        }
    }
}
