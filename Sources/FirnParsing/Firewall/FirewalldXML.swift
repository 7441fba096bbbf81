/// An element of the small XML that firewalld writes and reads (firewalld.zone(5)).
public struct FirewalldElement: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The attributes.
    public var attributes: [String: String]
    /// The elements inside.
    public var children: [FirewalldElement]
    /// The line of its start tag, counted from 1.
    public var line: Int

    /// Creates an element.
    public init(name: String, attributes: [String: String] = [:], children: [FirewalldElement] = [], line: Int = 0) {
        self.name = name
        self.attributes = attributes
        self.children = children
        self.line = line
    }

    /// Reads a document: elements, attributes, comments and text. A document type, other entities than the five of XML
    /// and processing instructions beside the first are refused.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> FirewalldElement {
        _ = try TextFile.decode(bytes, limit: 1 << 20)
        var reader = FirewalldXMLReader(bytes)
        return try reader.document()
    }
}

struct FirewalldXMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var count = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ code: ParseError.Code, _ message: String) -> ParseError {
        ParseError(code, line: line, message)
    }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { buffer in
            position + buffer.count <= bytes.count && bytes[position..<position + buffer.count].elementsEqual(buffer)
        }
    }

    private mutating func advance() {
        if current == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 {
            _ = byte
            advance()
        }
    }

    private mutating func skipComment() throws(ParseError) {
        position += 4
        while !starts(with: "-->") {
            guard current != nil else { throw error(.truncated, "a comment does not end") }
            advance()
        }
        position += 3
    }

    /// Blanks and comments around the root element.
    private mutating func skipMisc() throws(ParseError) {
        while true {
            skipBlanks()
            guard starts(with: "<!--") else { return }
            try skipComment()
        }
    }

    mutating func document() throws(ParseError) -> FirewalldElement {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        if starts(with: "<?xml") {
            while !starts(with: "?>") {
                guard current != nil else { throw error(.truncated, "the XML declaration does not end") }
                advance()
            }
            position += 2
        }
        try skipMisc()
        let root = try element(depth: 0)
        try skipMisc()
        guard current == nil else { throw error(.malformed, "something stands after the root element") }
        return root
    }

    private mutating func name() throws(ParseError) -> String {
        let start = position
        while let byte = current,
            (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
                || byte == UInt8(ascii: ".")
        {
            _ = byte
            position += 1
        }
        guard position > start else { throw error(.malformed, "a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func element(depth: Int) throws(ParseError) -> FirewalldElement {
        guard depth < 32 else { throw error(.limit, "elements are nested more than 32 deep") }
        count += 1
        guard count <= 50_000 else { throw error(.limit, "the document has more than 50000 elements") }
        guard current == UInt8(ascii: "<") else { throw error(.malformed, "expected an element") }
        let start = line
        position += 1
        var element = FirewalldElement(name: try name(), attributes: [:], children: [], line: start)
        while true {
            skipBlanks()
            if starts(with: "/>") {
                position += 2
                return element
            }
            if current == UInt8(ascii: ">") {
                position += 1
                break
            }
            guard current != nil else { throw error(.truncated, "a tag does not end") }
            let key = try name()
            skipBlanks()
            guard current == UInt8(ascii: "=") else { throw error(.malformed, "an attribute has no value") }
            position += 1
            skipBlanks()
            let value = try attributeValue()
            guard element.attributes.updateValue(value, forKey: key) == nil else {
                throw error(.malformed, "an attribute stands twice")
            }
        }
        while true {
            guard let byte = current else { throw error(.truncated, "an element does not end") }
            if starts(with: "</") {
                position += 2
                guard try name() == element.name else { throw error(.malformed, "an end tag fits no start tag") }
                skipBlanks()
                guard current == UInt8(ascii: ">") else { throw error(.malformed, "an end tag does not end") }
                position += 1
                return element
            }
            if starts(with: "<!--") {
                try skipComment()
            } else if byte == UInt8(ascii: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else if byte == UInt8(ascii: "&") {
                _ = try entity()
            } else {
                advance()
            }
        }
    }

    private mutating func attributeValue() throws(ParseError) -> String {
        guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw error(.malformed, "an attribute's value has no quotes")
        }
        position += 1
        var text: [UInt8] = []
        while let byte = current, byte != quote {
            if byte == UInt8(ascii: "<") { throw error(.malformed, "a '<' stands in an attribute") }
            if byte == UInt8(ascii: "&") {
                text.append(try entity())
            } else {
                text.append(byte)
                advance()
            }
        }
        guard current == quote else { throw error(.truncated, "an attribute does not end") }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func entity() throws(ParseError) -> UInt8 {
        let known: [(StaticString, UInt8)] = [
            ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
            ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
            // Line ends and tabs by number, as Nix writes them in attributes.
            ("&#xA;", 0x0a), ("&#xa;", 0x0a), ("&#10;", 0x0a), ("&#xD;", 0x0d), ("&#xd;", 0x0d), ("&#13;", 0x0d),
            ("&#x9;", 0x09), ("&#9;", 0x09),
        ]
        for (text, byte) in known where starts(with: text) {
            position += text.utf8CodeUnitCount
            return byte
        }
        throw error(.malformed, "an entity that is none of the five of XML")
    }
}
