/// A position in the bytes of a sudoers file, and the few kinds of words that stand there.
struct SudoersScanner: Sendable {
    private let bytes: [UInt8]
    private(set) var position = 0
    private(set) var line = 1
    /// Whether a continued line was crossed since the entry began.
    private(set) var isContinued = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func peek(_ offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    /// The byte before this position.
    var previous: UInt8? { position > 0 ? bytes[position - 1] : nil }

    var isAtLineStart: Bool { position == 0 || bytes[position - 1] == UInt8(ascii: "\n") }

    mutating func beginEntry() {
        isContinued = false
    }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    func starts(with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count else { return false }
        return word.withUTF8Buffer { buffer in bytes[position..<position + length].elementsEqual(buffer) }
    }

    static func isBlank(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 }

    static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }

    static func isUpper(_ byte: UInt8?) -> Bool { byte.map { (0x41...0x5a).contains($0) } ?? false }

    /// Whether a line ends here: at `\n`, `\r\n`, or the end of the file.
    var isAtLineEnd: Bool {
        guard let current else { return true }
        return current == 0x0a || (current == 0x0d && peek(1) == 0x0a)
    }

    /// The length of a backslash, blanks and a line end, which continue a line.
    private var continuationLength: Int? {
        guard current == UInt8(ascii: "\\") else { return nil }
        var length = 1
        while Self.isBlank(peek(length)) { length += 1 }
        if peek(length) == 0x0d, peek(length + 1) == 0x0a { return length + 2 }
        return peek(length) == 0x0a ? length + 1 : nil
    }

    /// Skips blanks and continued lines; true when there were any.
    @discardableResult
    mutating func skipBlanks() -> Bool {
        let start = position
        while true {
            if Self.isBlank(current) {
                position += 1
            } else if let length = continuationLength {
                advance(length)
                isContinued = true
            } else {
                return position > start
            }
        }
    }

    /// Whether a comment starts here; `#1000` and `#-1` are ids.
    var isAtComment: Bool {
        guard current == UInt8(ascii: "#") else { return false }
        let next = peek(1) == UInt8(ascii: "-") ? peek(2) : peek(1)
        return !Self.isDigit(next)
    }

    /// Goes to the start of the next line; continued lines belong to this one unless a comment ends it.
    mutating func skipLine(followingContinuations: Bool = true) {
        while current != nil {
            if followingContinuations, let length = continuationLength {
                advance(length)
            } else if current == 0x0a {
                advance()
                return
            } else {
                position += 1
            }
        }
    }

    /// The rest of the line as it stands.
    var restOfLine: ArraySlice<UInt8> {
        bytes[position...].prefix { $0 != 0x0a }
    }

    func text(from start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

    /// Reads bytes while they satisfy a condition; a backslash takes the next byte along and is removed, unless
    /// `keepsEscapes`. Nil when there is none.
    mutating func word(while accepts: (UInt8) -> Bool) -> String? {
        var result: [UInt8] = []
        let start = position
        while let byte = current {
            if byte == UInt8(ascii: "\\") {
                guard let next = peek(1), next != 0x0a, next != 0x09, continuationLength == nil else { break }
                result.append(next)
                position += 2
            } else if accepts(byte) {
                result.append(byte)
                position += 1
            } else {
                break
            }
        }
        return position > start ? String(decoding: result, as: UTF8.self) : nil
    }

    /// A name of a user, host or group.
    mutating func name() -> String? {
        word { byte in
            switch byte {
            case UInt8(ascii: "#"), UInt8(ascii: ">"), UInt8(ascii: "!"), UInt8(ascii: "="), UInt8(ascii: ":"),
                UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")"), 0x20, 0x09, 0x0d, 0x0a, UInt8(ascii: "\""):
                false
            default: true
            }
        }
    }

    /// The text in double quotes; nil when it does not end on its line, or is empty.
    mutating func quoted() -> String? {
        guard current == UInt8(ascii: "\"") else { return nil }
        position += 1
        var result: [UInt8] = []
        while let byte = current {
            if let length = continuationLength {
                advance(length)
                isContinued = true
                while Self.isBlank(current) { position += 1 }
            } else if byte == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "\"") {
                result.append(UInt8(ascii: "\""))
                position += 2
            } else if byte == UInt8(ascii: "\"") {
                position += 1
                return result.isEmpty ? nil : String(decoding: result, as: UTF8.self)
            } else if byte == 0x0a || byte == 0x0d {
                return nil
            } else {
                result.append(byte)
                position += 1
            }
        }
        return nil
    }

    /// An IPv6 address with its mask, which holds the colons that elsewhere separate.
    mutating func networkV6() -> String? {
        func isHex(_ byte: UInt8) -> Bool {
            Self.isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        }
        var length = 0
        var colons = 0
        var digits = 0
        while let byte = peek(length) {
            if byte == UInt8(ascii: ":") {
                colons += 1
                digits = 0
            } else if isHex(byte) {
                digits += 1
                if digits > 4 { return nil }
            } else if byte != UInt8(ascii: ".") || colons < 2 {
                break
            } else {
                digits = 0
            }
            length += 1
        }
        guard colons >= 2, colons <= 7 else { return nil }
        if peek(length) == UInt8(ascii: "/") {
            var end = length + 1
            while let byte = peek(end), isHex(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") {
                end += 1
            }
            if end > length + 1 { length = end }
        }
        let start = position
        position += length
        return text(from: start)
    }
}
