/// The configuration language of nginx: directives, each ended by `;` or followed by a block.
public struct NginxDirective: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The arguments, quotes removed.
    public var arguments: [String]
    /// The directives of its block, nil when it has none.
    public var block: [NginxDirective]?
    /// The line its name stands on.
    public var line: Int
    /// The file it stands in; set by whoever resolves includes.
    public var file: String

    /// Creates a directive.
    public init(name: String, arguments: [String], block: [NginxDirective]?, line: Int, file: String) {
        self.name = name
        self.arguments = arguments
        self.block = block
        self.line = line
        self.file = file
    }

    /// Reads a configuration, or a fragment of one.
    public static func parse(_ bytes: [UInt8], file: String) throws(ParseError) -> [NginxDirective] {
        guard bytes.count <= 4 << 20 else { throw ParseError(.limit, line: 1, "the file is larger than 4 MiB") }
        var parser = NginxParser(bytes: bytes, file: file)
        return try parser.block(depth: 0)
    }
}

/// Reads bytes once, from front to back.
struct NginxParser {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1
    private var count = 0

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    private enum Token: Equatable {
        case word(String)
        case semicolon
        case open
        case close
        case end
    }

    mutating func block(depth: Int) throws(ParseError) -> [NginxDirective] {
        guard depth < 64 else { throw ParseError(.limit, line: line, "blocks are nested deeper than 64") }
        var directives: [NginxDirective] = []
        while true {
            let token = try next()
            let start = line
            switch token {
            case .end:
                guard depth == 0 else { throw ParseError(.truncated, line: line, "a block is not closed") }
                return directives
            case .close:
                guard depth > 0 else { throw ParseError(.malformed, line: line, "a '}' closes nothing") }
                return directives
            case .semicolon, .open: throw ParseError(.malformed, line: line, "a directive has no name")
            case .word(let name):
                count += 1
                guard count <= 100_000 else { throw ParseError(.limit, line: line, "there are too many directives") }
                var directive = NginxDirective(name: name, arguments: [], block: nil, line: start, file: file)
                arguments: while true {
                    switch try next() {
                    case .word(let word):
                        guard directive.arguments.count < 10_000 else {
                            throw ParseError(.limit, line: line, "a directive has too many arguments")
                        }
                        directive.arguments.append(word)
                    case .semicolon: break arguments
                    case .open:
                        // Lua blocks hold another language: their braces are counted, nothing else is read.
                        if name.hasSuffix("_by_lua_block") {
                            try skipForeignBlock()
                            directive.block = []
                        } else {
                            directive.block = try block(depth: depth + 1)
                        }
                        break arguments
                    case .close, .end:
                        throw ParseError(.malformed, line: line, "the directive has no ';'")
                    }
                }
                directives.append(directive)
            }
        }
    }

    private mutating func skipForeignBlock() throws(ParseError) {
        var depth = 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 0x0a { line += 1 }
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return }
            }
        }
        throw ParseError(.truncated, line: line, "a block is not closed")
    }

    private mutating func next() throws(ParseError) -> Token {
        skipBlanks()
        guard position < bytes.count else { return .end }
        switch bytes[position] {
        case UInt8(ascii: ";"):
            position += 1
            return .semicolon
        case UInt8(ascii: "{"):
            position += 1
            return .open
        case UInt8(ascii: "}"):
            position += 1
            return .close
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .word(try quoted())
        default: return .word(try plain())
        }
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x0a:
                line += 1
                position += 1
            case 0x20, 0x09, 0x0d: position += 1
            case UInt8(ascii: "#"):
                while position < bytes.count, bytes[position] != 0x0a { position += 1 }
            default: return
            }
        }
    }

    private mutating func quoted() throws(ParseError) -> String {
        let quote = bytes[position]
        let start = line
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == quote {
                // What follows a closing quote must end the word.
                if position < bytes.count,
                    ![0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: ")")]
                        .contains(bytes[position])
                {
                    throw ParseError(.malformed, line: line, "text follows a closing quote")
                }
                return try decoded(text)
            }
            if byte == 0x0a { line += 1 }
            if byte == UInt8(ascii: "\\"), position < bytes.count {
                append(escaped: bytes[position], to: &text)
                if bytes[position] == 0x0a { line += 1 }
                position += 1
            } else {
                text.append(byte)
            }
        }
        throw ParseError(.truncated, line: start, "a quote is not closed")
    }

    private mutating func plain() throws(ParseError) -> String {
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ";"): return try decoded(text)
            case UInt8(ascii: "{"):
                // `${name}` is a variable inside a word.
                guard text.last == UInt8(ascii: "$") else { return try decoded(text) }
                while position < bytes.count, bytes[position] != UInt8(ascii: "}"), bytes[position] != 0x0a {
                    text.append(bytes[position])
                    position += 1
                }
            case UInt8(ascii: "\\") where position + 1 < bytes.count:
                append(escaped: bytes[position + 1], to: &text)
                if bytes[position + 1] == 0x0a { line += 1 }
                position += 2
            default:
                text.append(byte)
                position += 1
            }
        }
        return try decoded(text)
    }

    private func append(escaped byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        default:
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        }
    }

    private func decoded(_ text: [UInt8]) throws(ParseError) -> String {
        guard text.count <= 1 << 16 else { throw ParseError(.limit, line: line, "a word is longer than 65536 bytes") }
        return String(decoding: text, as: UTF8.self)
    }
}
