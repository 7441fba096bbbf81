/// A rule of doas.conf(5).
public struct DoasRule: Sendable, Hashable {
    /// Whether it permits; else it denies.
    public var isPermit: Bool
    /// `nopass`: no password is asked for.
    public var noPassword: Bool
    /// `persist`: after one password none is asked for during some minutes.
    public var persists: Bool
    /// `keepenv`: the environment of the caller is kept.
    public var keepsEnvironment: Bool
    /// `nolog`: what is run is not logged.
    public var noLog: Bool
    /// The words of `setenv { ... }`.
    public var environment: [String]
    /// The user, or `:group`.
    public var identity: String
    /// The user it is run as; nil is any.
    public var target: String?
    /// The command; nil is any.
    public var command: String?
    /// The arguments; nil is any, an empty list none.
    public var arguments: [String]?
    /// The line.
    public var line: Int

    /// Creates a rule that permits everything to somebody with a password.
    public init(identity: String, line: Int) {
        isPermit = true
        noPassword = false
        persists = false
        keepsEnvironment = false
        noLog = false
        environment = []
        self.identity = identity
        self.line = line
    }
}

/// Reads doas.conf(5). One error makes doas refuse the whole file, so it is an error here too.
public enum DoasConfiguration {
    private static let ruleLimit = 10_000

    private struct Token {
        var text: String
        var isQuoted: Bool
        var line: Int
    }

    /// The rules in order; the last that matches decides.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> [DoasRule] {
        _ = try TextFile.decode(bytes, limit: 1 << 20)
        var rules: [DoasRule] = []
        var position = 0
        var line = 1
        while position < bytes.count {
            let tokens = try statement(bytes, &position, &line)
            guard !tokens.isEmpty else { continue }
            guard rules.count < ruleLimit else { throw ParseError(.limit, line: line, "more than \(ruleLimit) rules") }
            rules.append(try rule(tokens))
        }
        return rules
    }

    /// The tokens up to the end of a line; braces and line ends stand for themselves.
    private static func statement(
        _ bytes: [UInt8], _ position: inout Int, _ line: inout Int
    ) throws(ParseError) -> [Token] {
        var tokens: [Token] = []
        var word: [UInt8] = []
        var inWord = false
        var isQuoted = false
        var inQuotes = false
        func finish(_ tokens: inout [Token]) {
            // A continued line makes a word of the next that is no keyword, so the mark stays until there is one.
            guard inWord else { return }
            tokens.append(Token(text: String(decoding: word, as: UTF8.self), isQuoted: isQuoted, line: line))
            word = []
            inWord = false
            isQuoted = false
        }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { throw ParseError(.truncated, line: line, "a backslash at the end") }
                isQuoted = true
                if bytes[position] == 0x0a {
                    line += 1
                } else {
                    inWord = true
                    word.append(bytes[position])
                }
                position += 1
            } else if byte == UInt8(ascii: "\"") {
                inQuotes.toggle()
                inWord = true
                isQuoted = true
            } else if byte == 0x0a {
                guard !inQuotes else { throw ParseError(.malformed, line: line, "a quote that does not end") }
                finish(&tokens)
                line += 1
                return tokens
            } else if inQuotes {
                word.append(byte)
            } else if byte == UInt8(ascii: "#"), !inWord {
                while position < bytes.count, bytes[position] != 0x0a { position += 1 }
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
                finish(&tokens)
                tokens.append(Token(text: byte == UInt8(ascii: "{") ? "{" : "}", isQuoted: false, line: line))
            } else if byte == 0x20 || byte == 0x09 || byte == 0x0d {
                finish(&tokens)
            } else if byte == UInt8(ascii: "#") {
                finish(&tokens)
                position -= 1
            } else {
                inWord = true
                word.append(byte)
                guard word.count <= 65_536 else { throw ParseError(.limit, line: line, "a word of more than 64 KiB") }
            }
        }
        guard !inQuotes else { throw ParseError(.truncated, line: line, "a quote that does not end") }
        finish(&tokens)
        return tokens
    }

    private static func rule(_ tokens: [Token]) throws(ParseError) -> DoasRule {
        var rest = tokens[...]
        let line = tokens[0].line
        func wrong(_ message: String) -> ParseError { ParseError(.malformed, line: line, message) }
        /// The next word, which is no keyword.
        func word(_ rest: inout ArraySlice<Token>) -> String? {
            guard let first = rest.first, first.isQuoted || !keywords.contains(first.text) else { return nil }
            rest = rest.dropFirst()
            return first.text
        }
        func takes(_ keyword: String, _ rest: inout ArraySlice<Token>) -> Bool {
            guard let first = rest.first, !first.isQuoted, first.text == keyword else { return false }
            rest = rest.dropFirst()
            return true
        }
        var rule = DoasRule(identity: "", line: line)
        if takes("deny", &rest) {
            rule.isPermit = false
        } else if !takes("permit", &rest) {
            throw wrong("a rule that begins with neither permit nor deny")
        }
        var hasOptions = true
        while rule.isPermit, hasOptions {
            if takes("nopass", &rest) {
                rule.noPassword = true
            } else if takes("persist", &rest) {
                rule.persists = true
            } else if takes("keepenv", &rest) {
                rule.keepsEnvironment = true
            } else if takes("nolog", &rest) {
                rule.noLog = true
            } else if takes("setenv", &rest) {
                guard takes("{", &rest) else { throw wrong("setenv without '{'") }
                while !takes("}", &rest) {
                    guard let name = word(&rest) else { throw wrong("setenv without '}'") }
                    rule.environment.append(name)
                }
            } else {
                hasOptions = false
            }
        }
        guard !(rule.noPassword && rule.persists) else { throw wrong("nopass and persist together") }
        guard let identity = word(&rest) else { throw wrong("a rule without an identity") }
        rule.identity = identity
        if takes("as", &rest) {
            guard let target = word(&rest) else { throw wrong("'as' without a user") }
            rule.target = target
        }
        if takes("cmd", &rest) {
            guard let command = word(&rest) else { throw wrong("'cmd' without a command") }
            rule.command = command
            if takes("args", &rest) {
                var arguments: [String] = []
                while let argument = word(&rest) { arguments.append(argument) }
                rule.arguments = arguments
            }
        }
        guard rest.isEmpty else { throw wrong("something that does not belong here") }
        return rule
    }

    private static let keywords: Set<String> = [
        "permit", "deny", "nopass", "persist", "keepenv", "nolog", "setenv", "as", "cmd", "args", "{", "}",
    ]
}
