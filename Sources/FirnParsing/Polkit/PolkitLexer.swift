/// A token of a rules file.
struct PolkitToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case word(String)
        case string(String)
        case number(Int)
        case regex(String)
        case mark(String)
        case end
    }

    var kind: Kind
    var line: Int
}

/// Cuts a rules file into tokens.
struct PolkitLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private static let tokenLimit = 200_000

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static let marks = [
        "===", "!==", "==", "!=", "<=", ">=", "=>", "&&", "||", "(", ")", "{", "}", "[", "]", ";", ",", ".", "=", "!",
        "<", ">", "-", ":", "?", "+",
    ].map { Array($0.utf8) }

    mutating func tokens() throws(ParseError) -> [PolkitToken] {
        var tokens: [PolkitToken] = []
        while true {
            try skipBlanks()
            guard position < bytes.count else { break }
            guard tokens.count < Self.tokenLimit else {
                throw ParseError(.limit, line: line, "more than \(Self.tokenLimit) words")
            }
            let start = line
            let kind = try token(after: tokens.last?.kind)
            tokens.append(PolkitToken(kind: kind, line: start))
        }
        tokens.append(PolkitToken(kind: .end, line: line))
        return tokens
    }

    private mutating func skipBlanks() throws(ParseError) {
        while position < bytes.count {
            let byte = bytes[position]
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            if byte == 0x0a {
                line += 1
                position += 1
            } else if byte == 0x20 || byte == 0x09 || byte == 0x0d {
                position += 1
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "/") {
                while position < bytes.count, bytes[position] != 0x0a { position += 1 }
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                position += 2
                while true {
                    guard position + 1 < bytes.count else {
                        throw ParseError(.truncated, line: line, "a comment that does not end")
                    }
                    if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") { break }
                    if bytes[position] == 0x0a { line += 1 }
                    position += 1
                }
                position += 2
            } else {
                return
            }
        }
    }

    private mutating func token(after previous: PolkitToken.Kind?) throws(ParseError) -> PolkitToken.Kind {
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return .string(try quoted(byte)) }
        if Self.isLetter(byte) {
            let start = position
            while position < bytes.count, Self.isLetter(bytes[position]) || Self.isDigit(bytes[position]) {
                position += 1
            }
            return .word(String(decoding: bytes[start..<position], as: UTF8.self))
        }
        if Self.isDigit(byte) {
            let start = position
            while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
            guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
                throw ParseError(.malformed, line: line, "a number that is too large")
            }
            return .number(number)
        }
        if byte == UInt8(ascii: "/") {
            // Division has no place in a rule: a slash begins a regular expression where an operand may stand.
            if case .mark(let mark) = previous, mark == ")" || mark == "]" {
                throw ParseError(.malformed, line: line, "a division")
            }
            return .regex(try regex())
        }
        for mark in Self.marks where bytes[position...].starts(with: mark) {
            position += mark.count
            return .mark(String(decoding: mark, as: UTF8.self))
        }
        throw ParseError(.malformed, line: line, "a character that rules do not use")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private mutating func quoted(_ quote: UInt8) throws(ParseError) -> String {
        position += 1
        var result: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == quote { return String(decoding: result, as: UTF8.self) }
            if byte == 0x0a { break }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { break }
                let escaped = bytes[position]
                // Only escapes that stand for the character itself; others are not worth knowing in the name of an action.
                guard !Self.isLetter(escaped), !Self.isDigit(escaped), escaped != 0x0a else {
                    throw ParseError(.malformed, line: line, "an escape in a text")
                }
                result.append(escaped)
                position += 1
            } else {
                result.append(byte)
            }
        }
        throw ParseError(.truncated, line: line, "a text that does not end")
    }

    private mutating func regex() throws(ParseError) -> String {
        position += 1
        let start = position
        var inClass = false
        while position < bytes.count, bytes[position] != 0x0a {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\") {
                position += 1
            } else if byte == UInt8(ascii: "[") {
                inClass = true
            } else if byte == UInt8(ascii: "]") {
                inClass = false
            } else if byte == UInt8(ascii: "/"), !inClass {
                let pattern = String(decoding: bytes[start..<position], as: UTF8.self)
                position += 1
                while position < bytes.count, Self.isLetter(bytes[position]) { position += 1 }
                return pattern
            }
            position += 1
        }
        throw ParseError(.truncated, line: line, "a regular expression that does not end")
    }
}
