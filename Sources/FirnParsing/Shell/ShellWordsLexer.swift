/// A token of a shell script.
struct ShellToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case word(ShellWord)
        case and
        case or
        case separator
        case open
        case close
        case stop(String)
        case end
    }

    var kind: Kind
    var line: Int
    /// Where the token stands in the bytes.
    var range: Range<Int>
}

/// Cuts a script into tokens. It never fails: what it does not know becomes a `stop` token, after which it ends.
struct ShellLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private(set) var tokens: [ShellToken] = []
    private let tokenLimit = 200_000

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    private func peek(_ offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    func lineText(_ number: Int) -> String {
        let lines = TextFile.lines(String(decoding: bytes, as: UTF8.self))
        guard number >= 1, number <= lines.count else { return "" }
        return String(lines[number - 1].text.trimmed)
    }

    mutating func run() {
        while tokens.count < tokenLimit {
            skipBlanks()
            let start = position
            guard let byte = current else {
                tokens.append(ShellToken(kind: .end, line: line, range: start..<start))
                return
            }
            switch byte {
            case UInt8(ascii: "\n"):
                position += 1
                emit(.separator, start)
                line += 1
            case UInt8(ascii: "#"):
                while let next = current, next != UInt8(ascii: "\n") {
                    _ = next
                    position += 1
                }
            case UInt8(ascii: ";"):
                position += 1
                if current == UInt8(ascii: ";") { return stop("a case construct") }
                emit(.separator, start)
            case UInt8(ascii: "&"):
                position += 1
                if current == UInt8(ascii: "&") {
                    position += 1
                    emit(.and, start)
                } else if current == UInt8(ascii: ">") {
                    position += 1
                    if current == UInt8(ascii: ">") { position += 1 }
                    guard redirectTarget() else { return stop("a redirection without a target") }
                } else {
                    return stop("a command in the background")
                }
            case UInt8(ascii: "|"):
                position += 1
                guard current == UInt8(ascii: "|") else { return stop("a pipe") }
                position += 1
                emit(.or, start)
            case UInt8(ascii: "("):
                position += 1
                emit(.open, start)
            case UInt8(ascii: ")"):
                position += 1
                emit(.close, start)
            case UInt8(ascii: "<"), UInt8(ascii: ">"):
                guard redirect() else { return stop("a redirection that is not followed") }
            case UInt8(ascii: "0")...UInt8(ascii: "9") where isDescriptor():
                while let digit = current, (0x30...0x39).contains(digit) {
                    _ = digit
                    position += 1
                }
                guard redirect() else { return stop("a redirection that is not followed") }
            default:
                if let reason = word() { return stop(reason) }
            }
        }
        stop("more than \(tokenLimit) words")
    }

    private mutating func emit(_ kind: ShellToken.Kind, _ start: Int) {
        tokens.append(ShellToken(kind: kind, line: line, range: start..<position))
    }

    private mutating func stop(_ reason: String) {
        tokens.append(ShellToken(kind: .stop(reason), line: line, range: position..<position))
    }

    private mutating func skipBlanks() {
        while let byte = current {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") {
                position += 1
            } else if byte == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "\n") {
                position += 2
                line += 1
            } else {
                return
            }
        }
    }

    /// Whether digits here are the number of a redirected descriptor (`2>`).
    private func isDescriptor() -> Bool {
        var offset = 0
        while let digit = peek(offset), (0x30...0x39).contains(digit) { offset += 1 }
        return peek(offset) == UInt8(ascii: ">") || peek(offset) == UInt8(ascii: "<")
    }

    private mutating func redirect() -> Bool {
        let first = current
        position += 1
        if first == UInt8(ascii: "<") {
            guard current != UInt8(ascii: "<"), current != UInt8(ascii: "("), current != UInt8(ascii: "&") else {
                return false
            }
        } else if current == UInt8(ascii: ">") || current == UInt8(ascii: "|") {
            position += 1
        }
        if current == UInt8(ascii: "&") { position += 1 }
        guard current != UInt8(ascii: "(") else { return false }
        return redirectTarget()
    }

    /// The target of a redirection is read as a word and dropped: it takes no part in the command.
    private mutating func redirectTarget() -> Bool {
        skipBlanks()
        let before = tokens.count
        guard word() == nil, tokens.count == before + 1 else { return false }
        tokens.removeLast()
        return true
    }

    /// Reads one word; the reason when it holds an expansion that is not followed.
    private mutating func word() -> String? {
        let start = position
        let startLine = line
        var parts: [ShellWord.Part] = []
        var text: [UInt8] = []
        var isQuoted = false
        func flushed() -> [ShellWord.Part] {
            text.isEmpty ? [] : [.literal(String(decoding: text, as: UTF8.self))]
        }
        reading: while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: ";"),
                UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"),
                UInt8(ascii: ">"):
                break reading
            case UInt8(ascii: "\\"):
                guard let next = peek(1) else { return "a backslash at the end" }
                if next == UInt8(ascii: "\n") {
                    position += 2
                    line += 1
                } else {
                    text.append(next)
                    isQuoted = true
                    position += 2
                }
            case UInt8(ascii: "'"):
                isQuoted = true
                position += 1
                while let inner = current, inner != UInt8(ascii: "'") {
                    if inner == UInt8(ascii: "\n") { line += 1 }
                    text.append(inner)
                    position += 1
                }
                guard current != nil else { return "a quote that does not end" }
                position += 1
            case UInt8(ascii: "\""):
                isQuoted = true
                position += 1
                while let inner = current, inner != UInt8(ascii: "\"") {
                    if inner == UInt8(ascii: "\\"), let next = peek(1) {
                        if next == UInt8(ascii: "\n") {
                            line += 1
                        } else if next == UInt8(ascii: "$") || next == UInt8(ascii: "`")
                            || next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
                        {
                            text.append(next)
                        } else {
                            text.append(inner)
                            text.append(next)
                        }
                        position += 2
                    } else if inner == UInt8(ascii: "$") {
                        parts += flushed()
                        text = []
                        guard let part = expansion(isQuoted: true) else { return "an expansion that is not followed" }
                        parts.append(part)
                    } else if inner == UInt8(ascii: "`") {
                        return "a command substitution"
                    } else {
                        if inner == UInt8(ascii: "\n") { line += 1 }
                        text.append(inner)
                        position += 1
                    }
                }
                guard current != nil else { return "a quote that does not end" }
                position += 1
            case UInt8(ascii: "$"):
                parts += flushed()
                text = []
                guard let part = expansion(isQuoted: false) else { return "an expansion that is not followed" }
                parts.append(part)
            case UInt8(ascii: "`"):
                return "a command substitution"
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                return "a pattern that the shell would expand"
            case UInt8(ascii: "{") where position > start || !isLoneBrace():
                return "a brace expansion"
            default:
                text.append(byte)
                position += 1
            }
        }
        parts += flushed()
        let word = ShellWord(parts: parts, isQuoted: isQuoted)
        tokens.append(ShellToken(kind: .word(word), line: startLine, range: start..<position))
        return nil
    }

    /// `{` as the reserved word stands alone.
    private func isLoneBrace() -> Bool {
        guard let next = peek(1) else { return true }
        return next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") || next == UInt8(ascii: "\n")
            || next == UInt8(ascii: "\r")
    }

    private mutating func expansion(isQuoted: Bool) -> ShellWord.Part? {
        position += 1
        if current == UInt8(ascii: "@") {
            position += 1
            return isQuoted ? .arguments : nil
        }
        let hasBraces = current == UInt8(ascii: "{")
        if hasBraces { position += 1 }
        let start = position
        while let byte = current, ShellLexer.isName(byte, isFirst: position == start) {
            _ = byte
            position += 1
        }
        guard position > start else { return nil }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        if hasBraces {
            guard current == UInt8(ascii: "}") else { return nil }
            position += 1
        }
        return .variable(name, isQuoted: isQuoted)
    }

    static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
        byte == UInt8(ascii: "_") || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || (!isFirst && (0x30...0x39).contains(byte))
    }
}

/// Builds commands from tokens.
struct ShellParser {
    private struct Failure: Error {
        var line: Int
        var reason: String
    }

    private let tokens: [ShellToken]
    private var index = 0
    private let depthLimit = 16
    private(set) var stop: (line: Int, reason: String)?

    init(tokens: [ShellToken]) {
        self.tokens = tokens
    }

    private static let end = ShellToken(kind: .end, line: 0, range: 0..<0)
    private var token: ShellToken { index < tokens.count ? tokens[index] : Self.end }

    mutating func script() -> [ShellNode] {
        var nodes: [ShellNode] = []
        while true {
            while token.kind == .separator { index += 1 }
            if token.kind == .end { return nodes }
            let line = token.line
            do {
                nodes.append(try list(depth: 0))
            } catch {
                // The whole construct is given up, so what it began with is where reading stops.
                stop = (line, error.reason)
                return nodes
            }
        }
    }

    private mutating func list(depth: Int) throws(Failure) -> ShellNode {
        var node = try item(depth: depth)
        while token.kind == .and || token.kind == .or {
            let isAnd = token.kind == .and
            index += 1
            while token.kind == .separator { index += 1 }
            let right = try item(depth: depth)
            node = isAnd ? .and(node, right) : .or(node, right)
        }
        guard token.kind == .separator || token.kind == .end else {
            throw try failure()
        }
        return node
    }

    private func failure() throws(Failure) -> Failure {
        if case .stop(let reason) = token.kind { return Failure(line: token.line, reason: reason) }
        return Failure(line: token.line, reason: "a construct of the shell that is not followed")
    }

    private mutating func item(depth: Int) throws(Failure) -> ShellNode {
        guard depth < depthLimit else {
            throw Failure(line: token.line, reason: "constructs nested more than \(depthLimit) deep")
        }
        guard case .word(let first) = token.kind else { throw try failure() }
        let start = token
        if let name = first.plain {
            switch name {
            case "for": return try loop(depth: depth)
            case "if", "while", "until", "case", "select", "function", "{", "[[", "!", "time", "coproc":
                throw Failure(line: start.line, reason: "'\(name)' of the shell")
            default: break
            }
            if index + 1 < tokens.count, tokens[index + 1].kind == .open {
                return try function(name, depth: depth)
            }
        }
        var words: [ShellWord] = []
        while case .word(let word) = token.kind {
            words.append(word)
            index += 1
        }
        if case .stop = token.kind { throw try failure() }
        let text = words.map(Self.spelled).joined(separator: " ")
        if words.count == 1, let (name, value) = Self.assignment(first) {
            return .assignment(name, value, line: start.line, text: text)
        }
        if Self.assignment(first) != nil {
            throw Failure(line: start.line, reason: "a command with an environment of its own")
        }
        return .command(words, line: start.line, text: text)
    }

    private mutating func function(_ name: String, depth: Int) throws(Failure) -> ShellNode {
        let line = token.line
        index += 2
        guard token.kind == .close else { throw try failure() }
        index += 1
        while token.kind == .separator { index += 1 }
        guard case .word(let brace) = token.kind, brace.plain == "{" else { throw try failure() }
        index += 1
        let body = try body(until: "}", depth: depth + 1)
        return .function(name, body, line: line)
    }

    private mutating func loop(depth: Int) throws(Failure) -> ShellNode {
        let line = token.line
        index += 1
        guard case .word(let variable) = token.kind, let name = variable.plain else { throw try failure() }
        index += 1
        guard case .word(let keyword) = token.kind, keyword.plain == "in" else { throw try failure() }
        index += 1
        var words: [ShellWord] = []
        while case .word(let word) = token.kind {
            words.append(word)
            index += 1
        }
        guard token.kind == .separator else { throw try failure() }
        while token.kind == .separator { index += 1 }
        guard case .word(let open) = token.kind, open.plain == "do" else { throw try failure() }
        index += 1
        return .loop(name, words, try body(until: "done", depth: depth + 1), line: line)
    }

    private mutating func body(until end: String, depth: Int) throws(Failure) -> [ShellNode] {
        var nodes: [ShellNode] = []
        while true {
            while token.kind == .separator { index += 1 }
            if case .word(let word) = token.kind, word.plain == end {
                index += 1
                return nodes
            }
            guard token.kind != .end else { throw try failure() }
            nodes.append(try list(depth: depth))
        }
    }

    private static func assignment(_ word: ShellWord) -> (String, ShellWord)? {
        guard case .literal(let first) = word.parts.first, let equals = first.utf8.firstIndex(of: UInt8(ascii: "="))
        else { return nil }
        let name = first[..<equals]
        guard !name.isEmpty,
            name.utf8.enumerated().allSatisfy({ ShellLexer.isName($0.element, isFirst: $0.offset == 0) })
        else { return nil }
        var rest = word
        rest.parts[0] = .literal(String(first[first.utf8.index(after: equals)...]))
        return (String(name), rest)
    }

    /// The word as evidence shows it: expansions by name, and quotes where there is a blank.
    private static func spelled(_ word: ShellWord) -> String {
        var text = ""
        for part in word.parts {
            switch part {
            case .literal(let piece): text += piece
            case .variable(let name, _): text += "$" + name
            case .arguments: text += "$@"
            }
        }
        return text.isEmpty || text.contains(" ") ? "\"\(text)\"" : text
    }
}
