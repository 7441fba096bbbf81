/// An expression of the small part of JavaScript in which rules of polkit(8) are written.
public indirect enum PolkitExpression: Sendable, Hashable {
    /// A text.
    case string(String)
    /// A number.
    case number(Int)
    /// `true` or `false`.
    case boolean(Bool)
    /// `null` or `undefined`.
    case null
    /// `[a, b]`.
    case array([PolkitExpression])
    /// `/pattern/`.
    case regex(String)
    /// A variable.
    case name(String)
    /// `a.b`.
    case member(PolkitExpression, String)
    /// `f(a, b)`.
    case call(PolkitExpression, [PolkitExpression])
    /// `!a`.
    case not(PolkitExpression)
    /// `a && b`.
    case and(PolkitExpression, PolkitExpression)
    /// `a || b`.
    case or(PolkitExpression, PolkitExpression)
    /// `a == b`, `a < b` and so on; `===` counts as `==`.
    case compare(PolkitExpression, String, PolkitExpression)
}

/// A statement of a rule.
public indirect enum PolkitStatement: Sendable, Hashable {
    /// `if (a) b else c`.
    case condition(PolkitExpression, [PolkitStatement], [PolkitStatement])
    /// `return a`.
    case result(PolkitExpression?, line: Int)
    /// `var a = b`.
    case variable(String, PolkitExpression)
}

/// A function given to `polkit.addRule` or `polkit.addAdminRule`.
public struct PolkitRule: Sendable, Hashable {
    /// Whether it names administrators; else it decides on actions.
    public var isAdminRule: Bool
    /// The names of its parameters: the action and the subject.
    public var parameters: [String]
    /// What it does.
    public var body: [PolkitStatement]
    /// The line.
    public var line: Int
}

/// A file of rules, as far as it is written in common forms; anything else is an error, since it may decide anything.
public struct PolkitScript: Sendable, Hashable {
    /// The rules in order.
    public var rules: [PolkitRule]
    /// Variables outside of the rules.
    public var variables: [String: PolkitExpression]

    /// Reads a file of at most 1 MiB.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> PolkitScript {
        _ = try TextFile.decode(bytes, limit: 1 << 20)
        var lexer = PolkitLexer(bytes)
        var parser = PolkitParser(try lexer.tokens())
        return try parser.script()
    }
}
