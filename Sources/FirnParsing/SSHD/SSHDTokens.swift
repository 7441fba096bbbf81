/// How sshd cuts a line into words: `strdelim` and `argv_split` of OpenSSH's misc.c.
enum SSHDTokens {
    /// The blanks of a configuration line.
    static let blanks: Set<UInt8> = [0x20, 0x09, 0x0d, 0x0a]

    /// The words of the rest of a line as `argv_split` with comments reads them (OpenSSH 8.7 and later): both quotes, the
    /// escapes `\\`, `\"`, `\'` and, outside quotes, `\ `; a word that starts with `#` ends the line. Nil when a quote is
    /// not closed.
    static func split(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            if byte == 0x20 || byte == 0x09 {
                position += 1
                continue
            }
            if byte == UInt8(ascii: "#") { break }
            guard let (word, next) = word(text, from: position) else { return nil }
            words.append(word)
            position = next
        }
        return words
    }

    private static func word(_ text: ArraySlice<UInt8>, from start: Int) -> ([UInt8], Int)? {
        var word: [UInt8] = []
        var quote: UInt8?
        var position = start
        while position < text.endIndex {
            let byte = text[position]
            let next = position + 1 < text.endIndex ? text[position + 1] : 0
            if byte == UInt8(ascii: "\\") {
                let isEscape =
                    next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
                    || (quote == nil && next == 0x20)
                if isEscape {
                    word.append(next)
                    position += 1
                } else {
                    word.append(byte)
                }
            } else if quote == nil, byte == 0x20 || byte == 0x09 {
                return (word, position)
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == quote {
                quote = nil
            } else {
                word.append(byte)
            }
            position += 1
        }
        return quote == nil ? (word, position) : nil
    }
}

/// A line that is cut word by word as `strdelim` does: at blanks, at double quotes, and at one `=`.
struct SSHDDelimiter {
    private var bytes: [UInt8]
    private var position: Int?
    /// Whether '=' ends a word, as strdelim() has it; strdelimw() cuts at blanks only.
    var splitsAtEquals = true

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        self.position = 0
    }

    /// What has not been cut yet; nil when the line is used up.
    var rest: ArraySlice<UInt8>? {
        guard let position else { return nil }
        return bytes[min(position, bytes.count)...]
    }

    /// The next word; it is empty at the end of the text or before a blank. Nil when the line is used up or a quote is
    /// not closed.
    mutating func next() -> [UInt8]? {
        guard let start = position else { return nil }
        guard start <= bytes.count else {
            position = nil
            return []
        }
        let end = bytes[start...].firstIndex { byte in
            SSHDTokens.blanks.contains(byte) || byte == UInt8(ascii: "\"")
                || splitsAtEquals && byte == UInt8(ascii: "=")
        }
        guard let end else {
            position = nil
            return Array(bytes[start...])
        }
        if bytes[end] == UInt8(ascii: "\"") {
            bytes.remove(at: end)
            guard let close = bytes[end...].firstIndex(of: UInt8(ascii: "\"")) else {
                position = nil
                return nil
            }
            let word = Array(bytes[start..<close])
            position = afterBlanks(close + 1)
            return word
        }
        let isEquals = bytes[end] == UInt8(ascii: "=")
        let word = Array(bytes[start..<end])
        var next = afterBlanks(end + 1)
        if splitsAtEquals, !isEquals, next < bytes.count, bytes[next] == UInt8(ascii: "=") {
            next = afterBlanks(next + 1)
        }
        position = next
        return word
    }

    private func afterBlanks(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, SSHDTokens.blanks.contains(bytes[index]) { index += 1 }
        return index
    }
}
