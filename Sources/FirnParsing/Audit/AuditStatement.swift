/// One line of an audit rules file: what it sets, and why auditctl refuses the rest of it.
public struct AuditStatement: Sendable, Hashable {
    /// A control that is no rule.
    public enum Control: Sendable, Hashable {
        /// `-e`: 0 off, 1 on, 2 on and locked until the next boot.
        case enabled(Int)
        /// `-f`: what the kernel does when it cannot audit: 0 nothing, 1 printk, 2 panic.
        case failure(Int)
        /// `-r`: messages a second, 0 without limit.
        case rate(UInt32)
        /// `-b`: records that may wait.
        case backlog(UInt32)
        /// `--backlog_wait_time`: how long a process waits for room.
        case backlogWaitTime(UInt32)
        /// `--loginuid-immutable`.
        case loginuidImmutable
        /// `-c`: go on after an error and report failure at the end.
        case continueOnError
        /// `-i`: go on after an error and report success.
        case ignoreErrors
        /// `-D`, with the key of `-D -k` where there is one.
        case deleteAll(key: String?)
        /// Something that changes neither rules nor settings (`-s`, `-l`, `-v`, `-t`, `--reset-lost`, `-m`, `-q`).
        case other(String)
    }

    /// What becomes of the line's rule.
    public enum Change: Sendable, Hashable {
        /// `-a`, `-w`.
        case append(AuditRule)
        /// `-A`.
        case prepend(AuditRule)
        /// `-d`, `-W`.
        case delete(AuditRule)
    }

    /// The line in the file, counted from 1.
    public var line: Int
    /// The line as it stands there.
    public var text: String
    /// The controls, which take effect one by one while the line is read.
    public var controls: [Control]
    /// The rule, which is sent at the end of the line.
    public var change: Change?
    /// Why auditctl or the kernel refuses the line, whatever else is so; nil when it can be loaded.
    public var refusal: String?

    /// Creates a statement.
    public init(
        line: Int, text: String, controls: [Control] = [], change: Change? = nil, refusal: String? = nil
    ) {
        self.line = line
        self.text = text
        self.controls = controls
        self.change = change
        self.refusal = refusal
    }
}

/// An audit rules file as `auditctl -R` reads it (auditctl(8)).
public enum AuditRules {
    /// The longest line auditctl reads at once.
    public static let lineLimit = 6143

    /// The statements of a file, without blank lines and comments.
    public static func parse(
        _ bytes: [UInt8], names: AuditNames, limit: Int = 1 << 20
    ) throws(ParseError) -> [AuditStatement] {
        let text = try TextFile.decode(bytes, limit: limit)
        var result: [AuditStatement] = []
        for (offset, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            // Only a line feed ends a line here; a carriage return stays in the last word.
            let content = String(Substring(line))
            if let statement = statement(content, line: offset + 1, names: names) { result.append(statement) }
        }
        return result
    }

    /// One line, or nil for a blank one and a comment.
    public static func statement(_ text: String, line: Int, names: AuditNames) -> AuditStatement? {
        let words = words(text)
        guard let first = words.first, !first.hasPrefix("#") else { return nil }
        guard text.utf8.count <= lineLimit else {
            return AuditStatement(
                line: line, text: String(text.prefix(200)), refusal: "the line is longer than auditctl reads")
        }
        return command(words, line: line, text: text, names: names)
    }

    /// One call of auditctl, from its arguments.
    public static func command(
        _ arguments: [String], line: Int, text: String, names: AuditNames
    ) -> AuditStatement {
        var reader = AuditOptionReader(names: names)
        reader.read(arguments)
        return AuditStatement(
            line: line, text: text, controls: reader.controls, change: reader.change, refusal: reader.refusal)
    }

    /// Splits at blanks only: a tab is a character like any other, and there is no quoting but `\ ` and `\\`.
    static func words(_ text: String) -> [String] {
        var result: [String] = []
        var word: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
                if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\\") {
                    word.append(byte)
                    continue
                }
                word.append(UInt8(ascii: "\\"))
                word.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: " ") {
                if !word.isEmpty { result.append(String(decoding: word, as: UTF8.self)) }
                word = []
            } else {
                word.append(byte)
            }
        }
        if isEscaped { word.append(UInt8(ascii: "\\")) }
        if !word.isEmpty { result.append(String(decoding: word, as: UTF8.self)) }
        return result
    }
}
