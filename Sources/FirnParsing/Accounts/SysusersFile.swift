/// A file of `/etc/sysusers.d` (sysusers.d(5)): `u name id "description" home shell`, `g name id`, `m user group`.
public struct SysusersFile: Sendable, Hashable {
    /// One line.
    public struct Entry: Sendable, Hashable {
        /// `u`, `g`, `m` or `r`; marks behind it (`!`, `+`) removed.
        public var type: String
        /// Whether the account is locked (`u!`).
        public var isLocked: Bool
        /// The fields behind the type, quotes removed; `-` is an empty field.
        public var fields: [String]
        /// The line.
        public var line: Int

        /// A field, or nil where it is `-` or missing.
        public func field(_ index: Int) -> String? {
            guard index < fields.count, !fields[index].isEmpty, fields[index] != "-" else { return nil }
            return fields[index]
        }
    }

    /// The lines in order.
    public var entries: [Entry] = []

    /// Creates a file.
    public init(entries: [Entry] = []) {
        self.entries = entries
    }

    /// Reads the file.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> SysusersFile {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var file = SysusersFile()
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            let words = quotedWords(content)
            guard let type = words.first?.first, "ugmr".contains(type), words.count >= 2 else {
                throw ParseError(.malformed, line: line.number, "no line of sysusers.d")
            }
            file.entries.append(
                Entry(
                    type: String(type), isLocked: words[0].contains("!"), fields: Array(words.dropFirst()),
                    line: line.number))
        }
        return file
    }

    /// The words of a line; quotes of both kinds keep blanks together, a backslash keeps the next character.
    public static func quotedWords(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isWord = false
        var quote: UInt8?
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                word.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                isWord = true
            } else if let open = quote {
                if byte == open { quote = nil } else { word.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                isWord = true
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if isWord { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                isWord = false
            } else {
                word.append(byte)
                isWord = true
            }
        }
        if isWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
