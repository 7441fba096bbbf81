/// One line of tmpfiles.d(5): what is made, removed or adjusted at boot, and with what mode.
public struct TmpfilesLine: Sendable, Hashable {
    /// What is done: one letter, `d`, `f`, `z`.
    public var type: Character
    /// The marks behind the letter: `+ ! - = ~ ^ $ ?`.
    public var marks: String
    /// The path, which may hold specifiers and, for some types, a glob.
    public var path: String
    /// The mode's bits, nil where the field is `-` or missing: the default of the type.
    public var mode: Int?
    /// The mode is masked by what is there (`~`): nothing is opened that was closed.
    public var isMasked: Bool
    /// The mode counts only for what is newly made (`:`).
    public var isForNewOnly: Bool
    /// The argument.
    public var argument: String
    /// The line.
    public var line: Int

    /// Reads a whole file.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> [TmpfilesLine] {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result: [TmpfilesLine] = []
        for line in TextFile.lines(text) {
            if let parsed = try parse(line.text, line: line.number) { result.append(parsed) }
            guard result.count <= 50_000 else {
                throw ParseError(.limit, line: line.number, "there are too many lines")
            }
        }
        return result
    }

    /// Reads one line; nil for a comment or an empty one.
    public static func parse(_ text: some StringProtocol, line: Int) throws(ParseError) -> TmpfilesLine? {
        let content = text.trimmed
        if content.isEmpty || content.hasPrefix("#") { return nil }
        let words = try words(String(content), line: line)
        guard words.count >= 2, let type = words[0].first else {
            throw ParseError(.malformed, line: line, "a line has no path")
        }
        var mode: Int?
        var isMasked = false
        var isForNewOnly = false
        if words.count > 2, words[2] != "-", !words[2].isEmpty {
            var digits = Substring(words[2])
            while let mark = digits.first, mark == "~" || mark == ":" {
                if mark == "~" { isMasked = true } else { isForNewOnly = true }
                digits = digits.dropFirst()
            }
            guard !digits.isEmpty, digits.utf8.count <= 6, digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
                let bits = Int(digits, radix: 8), bits <= 0o7777
            else { throw ParseError(.malformed, line: line, "the mode is not an octal number") }
            mode = bits
        }
        return TmpfilesLine(
            type: type, marks: String(words[0].dropFirst()), path: words[1], mode: mode, isMasked: isMasked,
            isForNewOnly: isForNewOnly, argument: words.dropFirst(6).joined(separator: " "), line: line)
    }

    /// The fields; a field may stand in quotes, and `\x20` is a byte (tmpfiles.d(5), as in unit files).
    private static func words(_ text: String, line: Int) throws(ParseError) -> [String] {
        guard text.utf8.count <= 1 << 16 else { throw ParseError(.limit, line: line, "a line is too long") }
        var words: [String] = []
        var current: [UInt8] = []
        var quote: UInt8?
        var isWord = false
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if let open = quote {
                if byte == open {
                    quote = nil
                } else {
                    append(byte, bytes, &index, to: &current)
                }
            } else if (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")) && !isWord {
                quote = byte
                isWord = true
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if isWord { words.append(String(decoding: current, as: UTF8.self)) }
                current = []
                isWord = false
            } else {
                append(byte, bytes, &index, to: &current)
                isWord = true
            }
        }
        guard quote == nil else { throw ParseError(.malformed, line: line, "a quote is not closed") }
        if isWord { words.append(String(decoding: current, as: UTF8.self)) }
        return words
    }

    private static func append(_ byte: UInt8, _ bytes: [UInt8], _ index: inout Int, to current: inout [UInt8]) {
        guard byte == UInt8(ascii: "\\"), index < bytes.count else {
            current.append(byte)
            return
        }
        if bytes[index] == UInt8(ascii: "x"), index + 2 < bytes.count,
            let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        {
            current.append(value)
            index += 3
        } else {
            current.append(bytes[index])
            index += 1
        }
    }
}
