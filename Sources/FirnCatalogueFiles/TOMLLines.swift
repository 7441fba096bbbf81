import FirnModel

/// The line of every key, array element and header of a TOML text.
///
/// It is lenient: a text it misreads is one that the real parser refuses. It exists for the lines, and for the depth,
/// which it bounds before the real parser recurses.
struct TOMLLines {
    /// One table, array or value.
    struct Node {
        /// The line of its key, of its header, or, for an element, of its first character.
        var line: Int
        /// Whether a header or a key named it; a table that only a longer header implies has no line of its own.
        var isExplicit = true
        /// The places of a table's keys.
        var children: [String: Int] = [:]
        /// The places of an array's elements.
        var elements: [Int] = []
        /// Whether `[[header]]` made it: a longer header then means its last element.
        var isTableArray = false
    }

    /// All nodes; the root is the first.
    private(set) var nodes: [Node] = [Node(line: 1)]

    private let file: String
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1

    /// Reads a text.
    ///
    /// - Throws: `DataError` when it nests too deep, or writes a NUL character, at which C would end the string.
    init(_ text: String, file: String) throws(DataError) {
        self.file = file
        self.bytes = Array(text.utf8)
        if let end = bytes.firstIndex(of: 0) {
            let line = bytes[..<end].count { $0 == UInt8(ascii: "\n") } + 1
            throw DataError(file: file, line: line, message: "not TOML: a NUL character")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        try document()
    }

    /// The place of a table's key.
    func child(_ key: String, of place: Int?) -> Int? {
        place.flatMap { nodes[$0].children[key] }
    }

    /// The place of an array's element.
    func element(_ index: Int, of place: Int?) -> Int? {
        guard let place, nodes[place].elements.indices.contains(index) else { return nil }
        return nodes[place].elements[index]
    }

    // MARK: - Grammar

    private mutating func document() throws(DataError) {
        var table = 0
        var depth = 0
        skipBlank()
        while let byte = peek() {
            if byte == UInt8(ascii: "[") {
                (table, depth) = try header()
            } else {
                try keyValue(in: table, depth: depth)
            }
            skipLine()
            skipBlank()
        }
    }

    /// `[a.b]` or `[[a.b]]`: the table that the following keys belong to, and its depth.
    private mutating func header() throws(DataError) -> (table: Int, depth: Int) {
        let headerLine = line
        advance()
        let isElement = peek() == UInt8(ascii: "[")
        if isElement { advance() }
        let path = try keyPath()
        guard !path.isEmpty else {
            // toml++ asserts here that a key follows, and a failed assertion ends the process.
            throw DataError(file: file, line: headerLine, message: "not TOML: a table header without a name")
        }
        var place = 0
        var depth = 0
        for (index, key) in path.enumerated() {
            let isLast = index == path.count - 1
            depth = try deeper(depth)
            place = child(key, in: place, line: headerLine, isExplicit: isLast)
            if isLast && isElement {
                nodes[place].isTableArray = true
                depth = try deeper(depth)
                place = append(to: place, line: headerLine)
            } else if nodes[place].isTableArray, let last = nodes[place].elements.last {
                depth = try deeper(depth)
                place = last
            }
        }
        return (place, depth)
    }

    private mutating func keyValue(in table: Int, depth: Int) throws(DataError) {
        let keyLine = line
        let path = try keyPath()
        var place = table
        var depth = depth
        for (index, key) in path.enumerated() {
            depth = try deeper(depth)
            place = child(key, in: place, line: keyLine, isExplicit: index == path.count - 1)
        }
        guard !path.isEmpty, peek() == UInt8(ascii: "=") else { return }
        advance()
        skipSpaces()
        try value(at: place, depth: depth)
    }

    private mutating func value(at place: Int, depth: Int) throws(DataError) {
        switch peek() {
        case UInt8(ascii: "["):
            let inner = try deeper(depth)
            advance()
            skipBlank()
            while let byte = peek(), byte != UInt8(ascii: "]") {
                let start = offset
                if byte != UInt8(ascii: ",") {
                    try value(at: append(to: place, line: line), depth: inner)
                    skipBlank()
                }
                if peek() == UInt8(ascii: ",") || offset == start { advance() }
                skipBlank()
            }
            advance()
        case UInt8(ascii: "{"):
            advance()
            skipBlank()
            while let byte = peek(), byte != UInt8(ascii: "}") {
                let start = offset
                if byte != UInt8(ascii: ",") {
                    try keyValue(in: place, depth: depth)
                    skipBlank()
                }
                if peek() == UInt8(ascii: ",") || offset == start { advance() }
                skipBlank()
            }
            advance()
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            _ = try quoted()
        default:
            while let byte = peek(), !Self.endsValue(byte) { advance() }
        }
    }

    /// A dotted key; stands at `=` or `]` afterwards when the text is TOML.
    private mutating func keyPath() throws(DataError) -> [String] {
        var path: [String] = []
        while true {
            skipSpaces()
            switch peek() {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                path.append(try quoted())
            default:
                let start = offset
                while let byte = peek(), Self.isBareKey(byte) { advance() }
                if offset == start { return path }
                path.append(String(decoding: bytes[start..<offset], as: UTF8.self))
            }
            skipSpaces()
            guard peek() == UInt8(ascii: ".") else { return path }
            advance()
        }
    }

    /// A string of any of the four forms. Only keys need the text, but every escape is looked at for NUL.
    private mutating func quoted() throws(DataError) -> String {
        guard let quote = peek() else { return "" }
        let isBasic = quote == UInt8(ascii: "\"")
        let isLong = peek(1) == quote && peek(2) == quote
        advance(isLong ? 3 : 1)
        var text: [UInt8] = []
        while let byte = peek() {
            if byte == quote {
                if !isLong {
                    advance()
                    break
                }
                if peek(1) == quote && peek(2) == quote {
                    advance(3)
                    // Up to two quotes may stand before the closing three.
                    if peek() == quote { advance() }
                    if peek() == quote { advance() }
                    break
                }
            } else if byte == UInt8(ascii: "\n") && !isLong {
                break
            } else if byte == UInt8(ascii: "\\") && isBasic {
                advance()
                text.append(contentsOf: try escape())
                continue
            }
            text.append(byte)
            advance()
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func escape() throws(DataError) -> [UInt8] {
        guard let byte = peek() else { return [] }
        let digits: Int
        switch byte {
        case UInt8(ascii: "b"): digits = -0x08
        case UInt8(ascii: "t"): digits = -0x09
        case UInt8(ascii: "n"): digits = -0x0A
        case UInt8(ascii: "f"): digits = -0x0C
        case UInt8(ascii: "r"): digits = -0x0D
        case UInt8(ascii: "e"): digits = -0x1B
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default:
            // A quote or a backslash for itself; a line end continues the string.
            advance()
            return [byte]
        }
        advance()
        if digits < 0 { return [UInt8(truncatingIfNeeded: -digits)] }
        var scalar: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = peek(), let value = Self.hexadecimal(digit) else { return [] }
            scalar = scalar &* 16 &+ value
            advance()
        }
        if scalar == 0 { throw DataError(file: file, line: line, message: "a NUL character in a string") }
        return Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
    }

    // MARK: - Nodes

    private func deeper(_ depth: Int) throws(DataError) -> Int {
        guard depth < TOMLDocument.maximumDepth else {
            throw DataError(
                file: file, line: line, message: "nested deeper than \(TOMLDocument.maximumDepth) levels")
        }
        return depth + 1
    }

    private mutating func child(_ key: String, in place: Int, line: Int, isExplicit: Bool) -> Int {
        if let known = nodes[place].children[key] {
            if isExplicit && !nodes[known].isExplicit {
                nodes[known].line = line
                nodes[known].isExplicit = true
            }
            return known
        }
        nodes.append(Node(line: line, isExplicit: isExplicit))
        nodes[place].children[key] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func append(to place: Int, line: Int) -> Int {
        nodes.append(Node(line: line))
        nodes[place].elements.append(nodes.count - 1)
        return nodes.count - 1
    }

    // MARK: - Bytes

    private func peek(_ ahead: Int = 0) -> UInt8? {
        let index = offset + ahead
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
            offset += 1
        }
    }

    private mutating func skipSpaces() {
        while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    /// To the end of the line: a comment, or what is not TOML.
    private mutating func skipLine() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
    }

    private mutating func skipBlank() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return
            }
        }
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    private static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
