/// Lines of a text file with their numbers, without the line ends.
public struct TextLine: Sendable, Hashable {
    /// The number, counted from 1.
    public var number: Int
    /// The text without `\n` or `\r\n`.
    public var text: Substring

    /// Creates a line.
    public init(number: Int, text: Substring) {
        self.number = number
        self.text = text
    }
}

/// Decodes configuration text: UTF-8, no NUL, at most `limit` bytes.
public enum TextFile {
    /// The text of a configuration file, or why it is none.
    public static func decode(_ bytes: [UInt8], limit: Int = 16 << 20) throws(ParseError) -> String {
        guard bytes.count <= limit else {
            throw ParseError(.limit, line: 1, "the file is larger than \(limit) bytes")
        }
        if let position = bytes.firstIndex(of: 0) {
            throw ParseError(.encoding, line: lineNumber(of: position, in: bytes), "the file holds a NUL byte")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ParseError(.encoding, line: 1, "the file is not valid UTF-8")
        }
        return text
    }

    /// The lines of a text. `\r\n` ends a line as `\n` does; Swift would otherwise see both as one character.
    public static func lines(_ text: String) -> [TextLine] {
        var result: [TextLine] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        var number = 1
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            var stop = end
            if stop > start {
                let last = bytes.index(before: stop)
                if bytes[last] == UInt8(ascii: "\r") { stop = last }
            }
            result.append(TextLine(number: number, text: text[start..<stop]))
            number += 1
            start = end < bytes.endIndex ? bytes.index(after: end) : bytes.endIndex
        }
        return result
    }

    private static func lineNumber(of position: Int, in bytes: [UInt8]) -> Int {
        bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1
    }
}

extension StringProtocol {
    /// The text without blanks and tabs at both ends.
    package var trimmed: SubSequence {
        var slice = self[...]
        while let first = slice.unicodeScalars.first, first == " " || first == "\t" || first == "\r" {
            slice = slice[slice.unicodeScalars.index(after: slice.startIndex)...]
        }
        while let last = slice.unicodeScalars.last, last == " " || last == "\t" || last == "\r" {
            slice = slice[..<slice.unicodeScalars.index(before: slice.endIndex)]
        }
        return slice
    }
}
