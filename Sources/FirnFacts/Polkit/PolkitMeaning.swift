import FirnModel
import FirnParsing

/// What rules of polkit grant, as far as their conditions are of the common forms.
struct PolkitMeaning: Sendable {
    /// One condition on an action or a subject.
    struct Atom: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            /// The action is this one.
            case action(String)
            /// The action begins so, or fits this pattern, as it is shown: `org.a.*`, `/pattern/`.
            case actions(String)
            case group(String)
            case user(String)
            /// The subject sits at the machine: local, active, has a seat.
            case present
            /// A detail of the action, such as the unit it is about.
            case detail(String)
        }

        var kind: Kind
        var isNegated = false
    }

    /// Conditions that must all hold.
    typealias Term = [Atom]

    /// What a rule answers under a term.
    struct Answer: Sendable, Hashable {
        var term: Term
        /// `yes`, `no`, `auth_self`, `auth_admin`...
        var result: String
        var evidence: Evidence
    }

    /// A form that is not known.
    struct Unknown: Error {
        var reason: String
        var line: Int
    }

    private(set) var answers: [Answer] = []
    /// Administrators, and whether a rule named some without a condition.
    private(set) var admins: [(identity: String, evidence: Evidence)] = []
    private(set) var isAdminDecided = false

    private static let termLimit = 512

    /// Adds the rules of a file, in the order of file names.
    mutating func add(_ script: PolkitScript, file: String) throws(Unknown) {
        for rule in script.rules {
            var walk = Walk(
                file: file, action: rule.parameters.first ?? "", subject: rule.parameters.dropFirst().first ?? "",
                variables: script.variables, line: rule.line)
            let rest = try walk.run(rule.body, [[]])
            if rule.isAdminRule {
                guard !isAdminDecided else { continue }
                for (identities, evidence, terms) in walk.identities where !identities.isEmpty {
                    admins += identities.map { ($0, evidence) }
                    if terms == [[]] { isAdminDecided = true }
                }
                if rest.isEmpty, walk.identities.allSatisfy({ !$0.0.isEmpty }) { isAdminDecided = true }
            } else {
                guard walk.identities.isEmpty else {
                    throw Unknown(reason: "a rule that answers with a list", line: rule.line)
                }
                answers += walk.answers
            }
        }
    }

    /// Walks through a function, carrying the conditions under which a statement is reached.
    private struct Walk {
        let file: String
        let action: String
        let subject: String
        var variables: [String: PolkitExpression]
        var line: Int
        var answers: [Answer] = []
        var identities: [([String], Evidence, [Term])] = []

        init(file: String, action: String, subject: String, variables: [String: PolkitExpression], line: Int) {
            self.file = file
            self.action = action
            self.subject = subject
            self.variables = variables
            self.line = line
        }

        private func unknown(_ reason: String) -> Unknown { Unknown(reason: reason, line: line) }

        /// The terms under which the statements are left without an answer.
        mutating func run(_ statements: [PolkitStatement], _ start: [Term]) throws(Unknown) -> [Term] {
            var terms = start
            for statement in statements {
                guard !terms.isEmpty else { return [] }
                switch statement {
                case .variable(let name, let value): variables[name] = value
                case .condition(let condition, let yes, let no):
                    let positive = try dnf(condition, isNegated: false)
                    let negative = try dnf(condition, isNegated: true)
                    let into = try both(terms, positive)
                    let past = try both(terms, negative)
                    let one = try run(yes, into)
                    let other = try run(no, past)
                    // What both branches leave open is open under the same conditions as before.
                    if one != into || other != past { terms = one + other }
                    guard terms.count <= PolkitMeaning.termLimit else { throw unknown("too many conditions") }
                case .result(let value, let line):
                    self.line = line
                    try finish(value, terms)
                    return []
                }
            }
            return terms
        }

        private mutating func finish(_ value: PolkitExpression?, _ terms: [Term]) throws(Unknown) {
            let evidence = Evidence(path: file, line: line)
            switch value.map(resolved) {
            case nil, .null?: return
            case .array(let elements)?:
                var names: [String] = []
                for element in elements {
                    guard case .string(let name) = resolved(element) else {
                        throw unknown("a list that is not of texts")
                    }
                    names.append(name)
                }
                identities.append((names, evidence, terms))
            case .member(.member(.name("polkit"), "Result"), let name)?:
                guard name != "NOT_HANDLED" else { return }
                let known = ["YES", "NO", "AUTH_SELF", "AUTH_SELF_KEEP", "AUTH_ADMIN", "AUTH_ADMIN_KEEP"]
                guard known.contains(name) else { throw unknown("the result \(name)") }
                answers += terms.map { Answer(term: $0, result: name.lowercased(), evidence: evidence) }
            case .string(let name)?:
                answers += terms.map { Answer(term: $0, result: name.lowercased(), evidence: evidence) }
            default: throw unknown("an answer that is not known")
            }
        }

        private func resolved(_ expression: PolkitExpression) -> PolkitExpression {
            var current = expression
            for _ in 0..<8 {
                guard case .name(let name) = current, name != action, name != subject, let value = variables[name]
                else {
                    return current
                }
                current = value
            }
            return current
        }

        // MARK: Conditions

        private func both(_ one: [Term], _ other: [Term]) throws(Unknown) -> [Term] {
            guard one.count * other.count <= PolkitMeaning.termLimit else { throw unknown("too many conditions") }
            var result: [Term] = []
            for left in one {
                for right in other {
                    var term = left
                    for atom in right where !term.contains(atom) { term.append(atom) }
                    let isContradiction = term.contains { atom in
                        term.contains(Atom(kind: atom.kind, isNegated: !atom.isNegated))
                    }
                    if !isContradiction { result.append(term) }
                }
            }
            return result
        }

        /// A condition as alternatives of terms.
        private func dnf(_ expression: PolkitExpression, isNegated: Bool) throws(Unknown) -> [Term] {
            switch resolved(expression) {
            case .boolean(let value): return value != isNegated ? [[]] : []
            case .not(let inner): return try dnf(inner, isNegated: !isNegated)
            case .and(let left, let right), .or(let left, let right):
                let one = try dnf(left, isNegated: isNegated)
                let other = try dnf(right, isNegated: isNegated)
                let isAnd = if case .and = resolved(expression) { true } else { false }
                if isAnd != isNegated { return try both(one, other) }
                guard one.count + other.count <= PolkitMeaning.termLimit else { throw unknown("too many conditions") }
                return one + other
            case let other:
                let kinds = try atoms(other)
                if kinds.isNegated == isNegated { return kinds.kinds.map { [Atom(kind: $0)] } }
                // None of the alternatives.
                return [kinds.kinds.map { Atom(kind: $0, isNegated: true) }]
            }
        }

        /// Alternatives of which one must hold, or, negated, none.
        private func atoms(
            _ expression: PolkitExpression
        ) throws(Unknown) -> (kinds: [Atom.Kind], isNegated: Bool) {
            switch expression {
            case .call(.member(let target, let method), let arguments):
                return (try call(target, method, arguments.map(resolved)), false)
            case .member(.name(subject), let property):
                guard ["local", "active", "session", "seat"].contains(property) else {
                    throw unknown("the condition subject.\(property)")
                }
                return ([.present], false)
            case .compare(let left, let mark, let right):
                return try comparison(resolved(left), mark, resolved(right))
            default: throw unknown("a condition that is not known")
            }
        }

        private func text(_ expression: PolkitExpression?) throws(Unknown) -> String {
            guard case .string(let text)? = expression else {
                throw unknown("a condition on something that is no text")
            }
            return text
        }

        private var isAction: (PolkitExpression) -> Bool {
            let name = action
            return { $0 == .member(.name(name), "id") }
        }

        /// The name of a detail: `action.lookup("unit")`.
        private func detail(_ expression: PolkitExpression) -> String? {
            guard case .call(.member(.name(action), "lookup"), let arguments) = expression,
                case .string(let name)? = arguments.first
            else { return nil }
            return name
        }

        private func call(
            _ target: PolkitExpression, _ method: String, _ arguments: [PolkitExpression]
        ) throws(Unknown) -> [Atom.Kind] {
            let object = resolved(target)
            switch (object, method) {
            case (.name(subject), "isInGroup"): return [.group(try text(arguments.first))]
            case (.name(subject), "isInNetGroup"): return [.group("+" + (try text(arguments.first)))]
            case (.name(action), "lookup"): return [.detail(try text(arguments.first))]
            case (.array(let elements), "includes"):
                return try membership(elements, arguments.first)
            case (.regex(let pattern), "test"):
                guard let subject = arguments.first else { break }
                if isAction(subject) { return [.actions("/\(pattern)/")] }
                if let name = detail(subject) { return [.detail("\(name)~\(pattern)")] }
            case (_, "startsWith"), (_, "match"), (_, "includes"), (_, "endsWith"), (_, "search"):
                let pattern: String
                switch arguments.first {
                case .string(let text)?:
                    pattern = method == "startsWith" ? text + "*" : method == "match" ? "/\(text)/" : "*\(text)*"
                case .regex(let text)? where method == "match": pattern = "/\(text)/"
                default: throw unknown("a condition that is not known")
                }
                if isAction(object) { return [.actions(pattern)] }
                if let name = detail(object) { return [.detail("\(name)=\(pattern)")] }
            default: break
            }
            throw unknown("a condition with a call of \(method)")
        }

        /// One of a list.
        private func membership(
            _ elements: [PolkitExpression], _ subject: PolkitExpression?
        ) throws(Unknown) -> [Atom.Kind] {
            guard let subject else { throw unknown("a condition that is not known") }
            var kinds: [Atom.Kind] = []
            for element in elements { kinds.append(try equality(subject, try text(resolved(element)))) }
            return kinds
        }

        private func equality(_ expression: PolkitExpression, _ text: String) throws(Unknown) -> Atom.Kind {
            if isAction(expression) { return .action(text) }
            if expression == .member(.name(subject), "user") { return .user(text) }
            if let name = detail(expression) { return .detail("\(name)=\(text)") }
            throw unknown("a comparison that is not known")
        }

        private func comparison(
            _ left: PolkitExpression, _ mark: String, _ right: PolkitExpression
        ) throws(Unknown) -> (kinds: [Atom.Kind], isNegated: Bool) {
            if case .string(let text) = right { return ([try equality(left, text)], try isDifferent(mark)) }
            if case .string(let text) = left { return ([try equality(right, text)], try isDifferent(mark)) }
            if case .boolean(let value) = right {
                let inner = try atoms(left)
                return (inner.kinds, inner.isNegated != (try isDifferent(mark) == value))
            }
            guard case .number(let number) = right,
                case .call(.member(let target, "indexOf"), let arguments) = left
            else { throw unknown("a comparison that is not known") }
            let object = resolved(target)
            // Found at all: `> -1`, `>= 0`, `!= -1`; not found: `== -1`, `< 0`.
            let isFound: Bool
            switch (mark, number) {
            case (">", -1), (">=", 0), ("!=", -1): isFound = true
            case ("==", -1), ("<", 0): isFound = false
            case ("==", 0), ("!=", 0):
                guard case .string(let text)? = arguments.first.map(resolved) else {
                    throw unknown("a comparison that is not known")
                }
                if isAction(object) { return ([.actions(text + "*")], mark == "!=") }
                if let name = detail(object) { return ([.detail("\(name)=\(text)*")], mark == "!=") }
                throw unknown("a comparison that is not known")
            default: throw unknown("a comparison that is not known")
            }
            if case .array(let elements) = object {
                return (try membership(elements, arguments.first.map(resolved)), !isFound)
            }
            let text = try text(arguments.first.map(resolved))
            if isAction(object) { return ([.actions("*\(text)*")], !isFound) }
            if let name = detail(object) { return ([.detail("\(name)=*\(text)*")], !isFound) }
            throw unknown("a comparison that is not known")
        }

        private func isDifferent(_ mark: String) throws(Unknown) -> Bool {
            switch mark {
            case "==": return false
            case "!=": return true
            default: throw unknown("a comparison that is not known")
            }
        }
    }
}
