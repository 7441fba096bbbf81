/// Reads the tokens of a rules file.
struct PolkitParser {
    private let tokens: [PolkitToken]
    private var index = 0
    private var depth = 0
    private static let depthLimit = 100

    init(_ tokens: [PolkitToken]) {
        self.tokens = tokens
    }

    private var token: PolkitToken { tokens[min(index, tokens.count - 1)] }

    private func failure(_ message: String) -> ParseError { ParseError(.malformed, line: token.line, message) }

    private mutating func take(_ mark: String) -> Bool {
        guard token.kind == .mark(mark) else { return false }
        index += 1
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard token.kind == .word(word) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ mark: String) throws(ParseError) {
        guard take(mark) else { throw failure("'\(mark)' is missing, or a construct that is not known stands here") }
    }

    private mutating func word() throws(ParseError) -> String {
        guard case .word(let word) = token.kind else { throw failure("a name is missing") }
        index += 1
        return word
    }

    private mutating func nested<T>(_ body: (inout PolkitParser) throws(ParseError) -> T) throws(ParseError) -> T {
        guard depth < Self.depthLimit else {
            throw ParseError(.limit, line: token.line, "nested more than \(Self.depthLimit) deep")
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    mutating func script() throws(ParseError) -> PolkitScript {
        var script = PolkitScript(rules: [], variables: [:])
        while token.kind != .end {
            if take(";") { continue }
            if let (name, value) = try variable() {
                script.variables[name] = value
                continue
            }
            let line = token.line
            guard takeWord("polkit") else { throw failure("something that is no call of polkit") }
            try expect(".")
            let method = try word()
            try expect("(")
            switch method {
            case "addRule", "addAdminRule":
                var rule = try function(line)
                rule.isAdminRule = method == "addAdminRule"
                script.rules.append(rule)
            case "log":
                _ = try expression()
            default: throw failure("the call polkit.\(method)")
            }
            try expect(")")
        }
        return script
    }

    private mutating func function(_ line: Int) throws(ParseError) -> PolkitRule {
        var isArrow = true
        if takeWord("function") {
            isArrow = false
            if case .word = token.kind { index += 1 }
        }
        try expect("(")
        var parameters: [String] = []
        while !take(")") {
            parameters.append(try word())
            if !take(",") {
                try expect(")")
                break
            }
        }
        if isArrow { try expect("=>") }
        guard parameters.count <= 2 else { throw failure("a rule with more than two parameters") }
        let body = try block()
        return PolkitRule(isAdminRule: false, parameters: parameters, body: body, line: line)
    }

    private mutating func block() throws(ParseError) -> [PolkitStatement] {
        try expect("{")
        var statements: [PolkitStatement] = []
        while !take("}") {
            guard token.kind != .end else { throw failure("a block that does not end") }
            statements += try statement()
        }
        return statements
    }

    /// A statement; a block gives its own, and an empty statement or a log line none.
    private mutating func statement() throws(ParseError) -> [PolkitStatement] {
        try nested { (parser: inout PolkitParser) throws(ParseError) in try parser.statementBody() }
    }

    private mutating func statementBody() throws(ParseError) -> [PolkitStatement] {
        if take(";") { return [] }
        if token.kind == .mark("{") { return try block() }
        if takeWord("if") {
            try expect("(")
            let condition = try expression()
            try expect(")")
            let yes = try statement()
            let no = takeWord("else") ? try statement() : []
            return [.condition(condition, yes, no)]
        }
        let line = token.line
        if takeWord("return") {
            if take(";") { return [.result(nil, line: line)] }
            // A line end after the word ends the statement (ECMA-262, automatic semicolon insertion).
            if token.kind == .mark("}") || token.line > line { return [.result(nil, line: line)] }
            let value = try expression()
            _ = take(";")
            return [.result(value, line: line)]
        }
        if let (name, value) = try variable() { return [.variable(name, value)] }
        if takeWord("polkit") {
            try expect(".")
            guard takeWord("log") else { throw failure("a call inside of a rule that is not known") }
            try expect("(")
            _ = try expression()
            try expect(")")
            _ = take(";")
            return []
        }
        throw failure("a statement that is not known")
    }

    private mutating func variable() throws(ParseError) -> (String, PolkitExpression)? {
        guard takeWord("var") || takeWord("let") || takeWord("const") else { return nil }
        let name = try word()
        try expect("=")
        let value = try expression()
        _ = take(";")
        return (name, value)
    }

    // MARK: Expressions

    private mutating func expression() throws(ParseError) -> PolkitExpression {
        try nested { (parser: inout PolkitParser) throws(ParseError) in
            var left = try parser.conjunction()
            while parser.take("||") { left = .or(left, try parser.conjunction()) }
            return left
        }
    }

    private mutating func conjunction() throws(ParseError) -> PolkitExpression {
        var left = try comparison()
        while take("&&") { left = .and(left, try comparison()) }
        return left
    }

    private mutating func comparison() throws(ParseError) -> PolkitExpression {
        let left = try sum()
        for (mark, name) in [
            ("===", "=="), ("==", "=="), ("!==", "!="), ("!=", "!="), ("<=", "<="), (">=", ">="), ("<", "<"),
            (">", ">"),
        ] where take(mark) {
            return .compare(left, name, try sum())
        }
        return left
    }

    /// Texts may be put together with `+`; anything else that is added is not known.
    private mutating func sum() throws(ParseError) -> PolkitExpression {
        var left = try unary()
        while take("+") {
            let right = try unary()
            if case .string(let one) = left, case .string(let other) = right {
                left = .string(one + other)
            } else {
                left = .call(.name("+"), [left, right])
            }
        }
        return left
    }

    private mutating func unary() throws(ParseError) -> PolkitExpression {
        if take("!") {
            return .not(try nested { (parser: inout PolkitParser) throws(ParseError) in try parser.unary() })
        }
        if take("-") {
            guard case .number(let number) = token.kind else { throw failure("'-' before something that is no number") }
            index += 1
            return .number(-number)
        }
        var value = try primary()
        var length = 0
        while true {
            length += 1
            guard length < Self.depthLimit else { throw failure("a chain of calls that is too long") }
            if take(".") {
                value = .member(value, try word())
            } else if take("(") {
                value = .call(value, try list(")"))
            } else {
                return value
            }
        }
    }

    private mutating func list(_ end: String) throws(ParseError) -> [PolkitExpression] {
        var elements: [PolkitExpression] = []
        while !take(end) {
            elements.append(try expression())
            if !take(",") {
                try expect(end)
                break
            }
        }
        return elements
    }

    private mutating func primary() throws(ParseError) -> PolkitExpression {
        let kind = token.kind
        index += 1
        switch kind {
        case .string(let text): return .string(text)
        case .number(let number): return .number(number)
        case .regex(let pattern): return .regex(pattern)
        case .word("true"): return .boolean(true)
        case .word("false"): return .boolean(false)
        case .word("null"), .word("undefined"): return .null
        case .word(let name):
            guard !["function", "new", "typeof", "in", "this", "delete", "void"].contains(name) else {
                index -= 1
                throw failure("the word \(name)")
            }
            return .name(name)
        case .mark("("):
            let value = try expression()
            try expect(")")
            return value
        case .mark("["): return .array(try list("]"))
        case .mark, .end:
            index -= 1
            throw failure("an expression that is not known")
        }
    }
}
