/// A strict, bounded JSON reader (RFC 8259) that keeps line numbers.
///
/// The standard decoders keep neither lines for evidence nor a bound on depth, and accept a key twice; a configuration
/// in which one key says both "yes" and "no" must be refused.
public struct JSONParser {
    /// Bounds on what is accepted.
    public struct Limits: Sendable, Hashable {
        /// The deepest nesting of arrays and objects.
        public var depth: Int
        /// The largest document in bytes.
        public var bytes: Int

        /// Creates bounds.
        public init(depth: Int = 256, bytes: Int = 256 << 20) {
            self.depth = depth
            self.bytes = bytes
        }
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0
    private var line = 1

    private init(_ bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Reads one document.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(ParseError) -> JSONNode {
        guard bytes.count <= limits.bytes else {
            throw ParseError(.limit, line: 1, "the document is larger than \(limits.bytes) bytes")
        }
        var parser = JSONParser(bytes, limits: limits)
        parser.skipBlanks()
        let node = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else {
            throw parser.error(.malformed, "there is text after the end of the JSON document")
        }
        return node
    }

    private func error(_ code: ParseError.Code, _ message: String) -> ParseError {
        ParseError(code, line: line, message)
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\n"):
                line += 1
                position += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                position += 1
            default:
                return
            }
        }
    }

    private mutating func value(depth: Int) throws(ParseError) -> JSONNode {
        guard depth <= limits.depth else {
            throw error(.limit, "the JSON is nested deeper than \(limits.depth) levels")
        }
        guard let byte = current else {
            throw error(.truncated, "the JSON document ends where a value should be")
        }
        let start = line
        switch byte {
        case UInt8(ascii: "{"): return JSONNode(try object(depth: depth), line: start)
        case UInt8(ascii: "["): return JSONNode(try array(depth: depth), line: start)
        case UInt8(ascii: "\""): return JSONNode(.string(try string()), line: start)
        case UInt8(ascii: "t"): return JSONNode(try word("true", .boolean(true)), line: start)
        case UInt8(ascii: "f"): return JSONNode(try word("false", .boolean(false)), line: start)
        case UInt8(ascii: "n"): return JSONNode(try word("null", .null), line: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return JSONNode(try number(), line: start)
        default: throw error(.malformed, "a JSON value cannot start with \(Self.printable(byte))")
        }
    }

    private static func printable(_ byte: UInt8) -> String {
        (0x20..<0x7f).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    private mutating func word(_ text: StaticString, _ result: JSONNode.Value) throws(ParseError) -> JSONNode.Value {
        for expected in "\(text)".utf8 {
            guard let byte = current else { throw error(.truncated, "the JSON document ends inside a word") }
            guard byte == expected else { throw error(.malformed, "this is no JSON value") }
            position += 1
        }
        return result
    }

    private mutating func array(depth: Int) throws(ParseError) -> JSONNode.Value {
        position += 1
        var elements: [JSONNode] = []
        skipBlanks()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            skipBlanks()
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            case nil: throw error(.truncated, "the JSON document ends inside an array")
            default: throw error(.malformed, "expected ',' or ']' in an array")
            }
        }
    }

    private mutating func object(depth: Int) throws(ParseError) -> JSONNode.Value {
        position += 1
        var object = JSONObject()
        skipBlanks()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(object)
        }
        while true {
            skipBlanks()
            guard let byte = current else { throw error(.truncated, "the JSON document ends inside an object") }
            guard byte == UInt8(ascii: "\"") else { throw error(.malformed, "expected a key in quotes") }
            let key = try string()
            skipBlanks()
            guard let colon = current else { throw error(.truncated, "the JSON document ends inside an object") }
            guard colon == UInt8(ascii: ":") else { throw error(.malformed, "expected ':' after a key") }
            position += 1
            skipBlanks()
            let node = try value(depth: depth + 1)
            guard object.append(key, node) else {
                throw error(.malformed, "a key stands twice in one object")
            }
            skipBlanks()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(object)
            case nil: throw error(.truncated, "the JSON document ends inside an object")
            default: throw error(.malformed, "expected ',' or '}' in an object")
            }
        }
    }

    private mutating func number() throws(ParseError) -> JSONNode.Value {
        let start = position
        var isWhole = true
        if current == UInt8(ascii: "-") { position += 1 }
        let firstDigit = current
        let integerDigits = digits()
        guard integerDigits > 0 else { throw error(.malformed, "a number needs a digit") }
        guard firstDigit != UInt8(ascii: "0") || integerDigits == 1 else {
            throw error(.malformed, "a number must not start with 0")
        }
        if current == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            guard digits() > 0 else { throw error(.malformed, "a number needs a digit after its point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw error(.malformed, "a number needs a digit in its exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int64(text) {
            return .integer(number)
        }
        guard let number = Double(text), number.isFinite else {
            throw error(.limit, "a number is too large")
        }
        return .double(number)
    }

    private mutating func digits() -> Int {
        var count = 0
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
            count += 1
        }
        return count
    }

    private mutating func string() throws(ParseError) -> String {
        position += 1
        let start = position
        // Most strings have no escape: find the end first, and copy once.
        while let byte = current {
            if byte == UInt8(ascii: "\"") {
                let text = try decode(bytes[start..<position])
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { break }
            guard byte >= 0x20 else { throw error(.malformed, "a control character stands in a string") }
            position += 1
        }
        var buffer = Array(bytes[start..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try decode(buffer[...])
            case UInt8(ascii: "\\"):
                try escape(into: &buffer)
            default:
                guard byte >= 0x20 else { throw error(.malformed, "a control character stands in a string") }
                buffer.append(byte)
            }
        }
        throw error(.truncated, "the JSON document ends inside a string")
    }

    private func decode(_ slice: ArraySlice<UInt8>) throws(ParseError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error(.encoding, "a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(ParseError) {
        guard let byte = current else { throw error(.truncated, "the JSON document ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(8)
        case UInt8(ascii: "f"): buffer.append(12)
        case UInt8(ascii: "n"): buffer.append(10)
        case UInt8(ascii: "r"): buffer.append(13)
        case UInt8(ascii: "t"): buffer.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xd800..<0xdc00).contains(code) {
                guard current == UInt8(ascii: "\\"), position + 1 < bytes.count,
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw error(.encoding, "half of a surrogate pair stands alone") }
                position += 2
                let low = try hexadecimal()
                guard (0xdc00..<0xe000).contains(low) else {
                    throw error(.encoding, "half of a surrogate pair stands alone")
                }
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw error(.encoding, "half of a surrogate pair stands alone")
            }
            buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            throw error(.malformed, "an escape in a string is not known")
        }
    }

    private mutating func hexadecimal() throws(ParseError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw error(.truncated, "the JSON document ends inside a string") }
            let digit: UInt32
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte) - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(byte) - 0x61 + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(byte) - 0x41 + 10
            default: throw error(.malformed, "\\u needs four hexadecimal digits")
            }
            code = code << 4 | digit
            position += 1
        }
        return code
    }
}
