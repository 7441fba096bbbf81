/// Writes JSON (RFC 8259) with the same bytes for the same calls: two spaces a level, keys in the order given.
///
/// Objects and arrays are written by closures, so they are always closed, and strings are Swift strings, so they are
/// always valid UTF-8. Characters that `VisibleText` holds unsafe are written as `\u` escapes: the document can be
/// printed on a terminal, and U+2028 and U+2029 can stand in JavaScript.
public struct JSONWriter: Sendable {
    private var bytes: [UInt8] = []
    private var depth = 0
    private var isEmpty = true

    private init() {}

    /// Writes one document; it ends with a newline.
    public static func document(_ body: (inout JSONWriter) -> Void) -> String {
        String(decoding: bytes(body), as: UTF8.self)
    }

    /// Writes one document as UTF-8. The agent's reports are large, and this keeps one copy of them in memory.
    public static func bytes(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    /// Writes `null`.
    public mutating func null() {
        append("null")
    }

    /// Writes `true` or `false`.
    public mutating func boolean(_ value: Bool) {
        append(value ? "true" : "false")
    }

    /// Writes a whole number.
    public mutating func integer(_ value: some BinaryInteger) {
        append(String(value))
    }

    /// Writes text, or `null`.
    public mutating func string(_ value: String?) {
        guard let value else { return null() }
        // Most strings are plain ASCII.
        if value.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        {
            return append("\"" + value + "\"")
        }
        bytes.append(UInt8(ascii: "\""))
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            default:
                if VisibleText.isSafe(scalar) {
                    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                } else {
                    for unit in String(scalar).utf16 { escape(unit) }
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an object; the closure writes its members.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        nested("{", "}", body)
    }

    /// Writes an array with one value for each element.
    public mutating func array<Element>(
        _ elements: some Sequence<Element>, _ body: (inout JSONWriter, Element) -> Void
    ) {
        nested("[", "]") { writer in
            for element in elements {
                writer.separate()
                body(&writer, element)
            }
        }
    }

    /// Writes an array of strings.
    public mutating func strings(_ values: [String]) {
        array(values) { $0.string($1) }
    }

    /// Writes a member of an object; the closure writes its one value.
    public mutating func member(_ key: String, _ body: (inout JSONWriter) -> Void) {
        separate()
        string(key)
        append(": ")
        body(&self)
    }

    /// Writes a member with text, or `null`.
    public mutating func member(_ key: String, _ value: String?) {
        member(key) { $0.string(value) }
    }

    /// Writes a member with a number, or `null`.
    public mutating func member(_ key: String, _ value: Int64?) {
        member(key) { writer in
            if let value { writer.integer(value) } else { writer.null() }
        }
    }

    /// Writes a member with a number.
    public mutating func member(_ key: String, _ value: Int) {
        member(key) { $0.integer(value) }
    }

    /// Writes a member with a truth value.
    public mutating func member(_ key: String, _ value: Bool) {
        member(key) { $0.boolean(value) }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func escape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
    }

    private mutating func separate() {
        if !isEmpty { append(",") }
        isEmpty = false
        breakLine()
    }

    private mutating func breakLine() {
        append("\n")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    private mutating func nested(_ open: String, _ close: String, _ body: (inout JSONWriter) -> Void) {
        append(open)
        depth += 1
        isEmpty = true
        body(&self)
        depth -= 1
        if !isEmpty { breakLine() }
        isEmpty = false
        append(close)
    }
}
