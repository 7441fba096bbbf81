/// A token of an nftables ruleset.
struct NFTToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A name, number, address, range or keyword.
        case word
        /// Text in double quotes.
        case string
        /// `{ } ( ) ; , = != == < > <= >= & | :` or the end of a line.
        case symbol
    }

    var kind: Kind
    var text: String
    var line: Int

    var isNewline: Bool { kind == .symbol && text == "\n" }
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
    func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// Cuts a ruleset into tokens.
struct NFTLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private let tokenLimit = 400_000

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func tokens() throws(ParseError) -> [NFTToken] {
        var result: [NFTToken] = []
        while let byte = current {
            guard result.count < tokenLimit else {
                throw ParseError(.limit, line: line, "the ruleset has more than \(tokenLimit) words")
            }
            switch byte {
            case UInt8(ascii: "\n"):
                result.append(NFTToken(kind: .symbol, text: "\n", line: line))
                position += 1
                line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                position += 1
            case UInt8(ascii: "\\"):
                // A backslash joins lines; blanks may stand behind it.
                position += 1
                while let next = current, next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") || next == 13 {
                    position += 1
                }
                guard current == UInt8(ascii: "\n") else {
                    throw ParseError(.malformed, line: line, "a backslash stands inside a line")
                }
                position += 1
                line += 1
            case UInt8(ascii: "#"):
                while let next = current, next != UInt8(ascii: "\n") {
                    _ = next
                    position += 1
                }
            case UInt8(ascii: "\""):
                result.append(try quoted())
            default:
                result.append(symbol() ?? word())
            }
        }
        return result
    }

    private mutating func quoted() throws(ParseError) -> NFTToken {
        position += 1
        let start = position
        let startLine = line
        while let byte = current, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
        guard current != nil else { throw ParseError(.truncated, line: startLine, "a quote does not end") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        position += 1
        return NFTToken(kind: .string, text: text, line: startLine)
    }

    private mutating func symbol() -> NFTToken? {
        guard let byte = current, Self.isSymbol(byte) else { return nil }
        position += 1
        var text = String(UnicodeScalar(byte))
        if let next = current {
            let pair = text + String(UnicodeScalar(next))
            if ["!=", "==", "<=", ">=", "<<", ">>"].contains(pair) {
                position += 1
                text = pair
            }
        }
        return NFTToken(kind: .symbol, text: text, line: line)
    }

    private static func isSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ";"),
            UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "^"):
            true
        default: false
        }
    }

    private mutating func word() -> NFTToken {
        let start = position
        while let byte = current {
            if byte <= 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\\")
                || Self.isSymbol(byte)
            {
                break
            }
            position += 1
        }
        if position == start { position += 1 }
        return NFTToken(kind: .word, text: String(decoding: bytes[start..<position], as: UTF8.self), line: line)
    }
}

extension NFTToken {
    /// Words with a colon in them are a key and its data, unless they are an IPv6 or MAC address: those have two or
    /// more colons. `untracked:`, `22:accept` and `:` become tokens of their own.
    static func splittingColons(_ tokens: [NFTToken]) -> [NFTToken] {
        var result: [NFTToken] = []
        for token in tokens {
            guard token.kind == .word, token.text != ":", token.text.utf8.contains(UInt8(ascii: ":")) else {
                result.append(token)
                continue
            }
            let colons = token.text.utf8.count { $0 == UInt8(ascii: ":") }
            guard colons == 1, let colon = token.text.firstIndex(of: ":") else {
                result.append(token)
                continue
            }
            let before = String(token.text[..<colon])
            let after = String(token.text[token.text.index(after: colon)...])
            if !before.isEmpty { result.append(NFTToken(kind: .word, text: before, line: token.line)) }
            result.append(NFTToken(kind: .word, text: ":", line: token.line))
            if !after.isEmpty { result.append(NFTToken(kind: .word, text: after, line: token.line)) }
        }
        return result
    }

    /// Tokens as text, blanks joined.
    static func text(_ tokens: some Sequence<NFTToken>) -> String {
        var text = ""
        for token in tokens where !token.isNewline {
            let piece = token.kind == .string ? "\"\(token.text)\"" : token.text
            if !text.isEmpty, piece != ",", piece != ";" { text += " " }
            text += piece
        }
        return text
    }
}
