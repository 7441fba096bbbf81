/// The line of every key, array element and `[[header]]` of a TOML document.
///
/// TOMLKit gives positions for parse errors only. The document has been parsed by TOMLKit when this looks at it, so the
/// index is lenient: where it does not understand, it stops, and what follows has the line of its parent.
struct TOMLLineIndex {
    /// The lines by path; the parts of a path are joined by ``separator``, array elements are their index.
    private(set) var lines: [String: Int] = [:]

    /// A character no key of a sane document holds.
    static let separator = "\u{1}"

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var arrayCounts: [String: Int] = [:]

    init(_ text: String) {
        bytes = Array(text.utf8)
        scan()
    }

    static func join(_ path: String, _ part: String) -> String {
        path.isEmpty ? part : path + separator + part
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func advance() {
        if current == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func scan() {
        var prefix = ""
        while true {
            skipBlanks(lines: true)
            guard let byte = current else { return }
            let start = position
            if byte == UInt8(ascii: "[") {
                prefix = header()
            } else {
                keyAndValue(prefix: prefix, depth: 0)
            }
            // Whatever was not understood, the scan always moves on.
            if position == start { advance() }
        }
    }

    private mutating func skipBlanks(lines: Bool) {
        while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "\n"):
                guard lines else { return }
                advance()
            case UInt8(ascii: "#"):
                while let byte = current, byte != UInt8(ascii: "\n") { _ = byte; advance() }
            default: return
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`; returns the path that the keys below it have.
    private mutating func header() -> String {
        let start = line
        advance()
        let isArray = current == UInt8(ascii: "[")
        if isArray { advance() }
        let keys = keyPath()
        while let byte = current, byte != UInt8(ascii: "\n") { _ = byte; advance() }
        var path = ""
        for (index, key) in keys.enumerated() {
            path = Self.join(path, key)
            let isLast = index == keys.count - 1
            if isLast, isArray {
                let count = arrayCounts[path, default: 0]
                arrayCounts[path] = count + 1
                if lines[path] == nil { lines[path] = start }
                path = Self.join(path, String(count))
            } else if let count = arrayCounts[path], count > 0 {
                path = Self.join(path, String(count - 1))
            }
            if lines[path] == nil { lines[path] = start }
        }
        return path
    }

    private mutating func keyAndValue(prefix: String, depth: Int) {
        let start = line
        let keys = keyPath()
        guard !keys.isEmpty else { return }
        var path = prefix
        for key in keys {
            path = Self.join(path, key)
            if lines[path] == nil { lines[path] = start }
        }
        skipBlanks(lines: false)
        guard current == UInt8(ascii: "=") else { return }
        advance()
        skipBlanks(lines: false)
        value(path: path, depth: depth)
    }

    private mutating func keyPath() -> [String] {
        var keys: [String] = []
        while true {
            skipBlanks(lines: false)
            guard let byte = current else { return keys }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                keys.append(string())
            } else {
                let start = position
                while let byte = current, Self.isBare(byte) { _ = byte; advance() }
                guard position > start else { return keys }
                keys.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipBlanks(lines: false)
            guard current == UInt8(ascii: ".") else { return keys }
            advance()
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private mutating func value(path: String, depth: Int) {
        guard depth < 64, let byte = current else { return }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            _ = string()
        case UInt8(ascii: "["):
            advance()
            var index = 0
            while true {
                skipBlanks(lines: true)
                guard let byte = current else { return }
                if byte == UInt8(ascii: "]") { return advance() }
                let start = position
                let element = Self.join(path, String(index))
                lines[element] = line
                value(path: element, depth: depth + 1)
                index += 1
                skipBlanks(lines: true)
                if current == UInt8(ascii: ",") { advance() }
                if position == start { return }
            }
        case UInt8(ascii: "{"):
            advance()
            while true {
                skipBlanks(lines: true)
                guard let byte = current else { return }
                if byte == UInt8(ascii: "}") { return advance() }
                let start = position
                keyAndValue(prefix: path, depth: depth + 1)
                skipBlanks(lines: true)
                if current == UInt8(ascii: ",") { advance() }
                if position == start { return }
            }
        default:
            while let byte = current, ![0x2c, 0x5d, 0x7d, 0x0a, 0x23].contains(byte) { _ = byte; advance() }
        }
    }

    /// A basic, literal or multi-line string; the text is needed only of keys, so escapes stay as they are but `\"`.
    private mutating func string() -> String {
        guard let quote = current else { return "" }
        let isTriple =
            position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
        for _ in 0..<(isTriple ? 3 : 1) { advance() }
        var content: [UInt8] = []
        while let byte = current {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                advance()
                if let escaped = current {
                    content.append(escaped)
                    advance()
                }
                continue
            }
            if byte == quote {
                if !isTriple {
                    advance()
                    break
                }
                var run = 0
                while position + run < bytes.count, bytes[position + run] == quote { run += 1 }
                if run >= 3 {
                    for _ in 0..<run { advance() }
                    break
                }
            } else if byte == UInt8(ascii: "\n"), !isTriple {
                break
            }
            content.append(byte)
            advance()
        }
        return String(decoding: content, as: UTF8.self)
    }
}
