/// The four kinds of stacks (pam.d(5)).
public enum PamType: String, Sendable, Hashable, CaseIterable {
    /// Who are you.
    case auth
    /// May you.
    case account
    /// Changing the password.
    case password
    /// What is set up around a session.
    case session
}

/// One line of a PAM service file, as libpam reads it.
public struct PamLine: Sendable, Hashable {
    /// What the control field says.
    public enum Control: Sendable, Hashable {
        /// What to do with each result.
        case actions(PamActions)
        /// The lines of another file stand here.
        case include
        /// The lines of another file stand here as a stack of their own.
        case substack
    }

    /// The line it starts on, counted from 1.
    public var number: Int
    /// The service, in the one-file form `/etc/pam.conf`; nil in `/etc/pam.d`.
    public var service: String?
    /// The stack; nil where libpam does not know the word: it puts a failing entry into the stack it is reading, or
    /// into `auth`.
    public var type: PamType?
    /// Whether a missing module is not logged (`-auth`). It fails all the same.
    public var isSilent: Bool
    /// What to do with the result.
    public var control: Control
    /// The module or the file to include, as written; nil where it is missing.
    public var target: String?
    /// The arguments, brackets removed.
    public var arguments: [String]
    /// Why libpam makes this an entry that always fails; nil for a sound line.
    public var problem: String?
    /// The line as it stands there, continuations joined and comments cut, for people: modules of the Nix store without
    /// their directory. Where an argument looks like a
    /// secret (`passwd=...`), only the first words.
    public var text: String
}

/// A file of `/etc/pam.d`, or `/etc/pam.conf`.
public struct PamFile: Sendable, Hashable {
    /// The lines.
    public var lines: [PamLine]
    /// Whether the file ends within a continued line: libpam then refuses the whole file.
    public var endsInContinuation: Bool

    /// No file of a service is larger than this.
    public static let limit = 1 << 20

    /// Reads a file; `hasServices` for the one-file form.
    public static func parse(_ bytes: [UInt8], hasServices: Bool = false) throws(ParseError) -> PamFile {
        guard bytes.count <= limit else {
            throw ParseError(.limit, line: 1, "the file is larger than \(limit) bytes")
        }
        if let position = bytes.firstIndex(of: 0) {
            let line = bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1
            throw ParseError(.encoding, line: line, "the file holds a NUL byte")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ParseError(.encoding, line: 1, "the file is not valid UTF-8")
        }
        var file = PamFile(lines: [], endsInContinuation: false)
        var assembled: [UInt8] = []
        var first = 0
        var isContinued = false
        var wasContinued = false
        var number = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            number += 1
            var piece = bytes[start..<end]
            start = end + 1
            let continues = unescape(&piece)
            wasContinued = isContinued
            if !isContinued {
                first = number
                assembled = []
            }
            assembled += piece.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            isContinued = continues
            if !continues {
                // A blank line is nothing, but one that a backslash made is an entry without a type.
                if wasContinued || !assembled.allSatisfy(isDelimiter) {
                    file.lines.append(line(assembled, number: first, hasServices: hasServices))
                }
                assembled = []
            }
        }
        file.endsInContinuation = isContinued
        return file
    }

    /// Cuts the comment and the backslash at the end; whether the next line continues this one. A comment ends a line
    /// for good, whatever stands behind it.
    private static func unescape(_ piece: inout ArraySlice<UInt8>) -> Bool {
        if let hash = piece.firstIndex(of: UInt8(ascii: "#")) {
            piece = piece[..<hash]
            return false
        }
        var end = piece.endIndex
        while end > piece.startIndex, isDelimiter(piece[end - 1]) { end -= 1 }
        guard end > piece.startIndex, piece[end - 1] == UInt8(ascii: "\\") else { return false }
        piece = piece[..<(end - 1)] + [UInt8(ascii: " ")]
        return true
    }

    /// What separates words. A carriage return does not: it becomes part of the last word.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }

    /// The next word; `[...]` is one, up to the first `]` without a backslash before it.
    private static func token(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        rest = rest.drop(while: isDelimiter)
        guard let first = rest.first else { return nil }
        if first != UInt8(ascii: "[") {
            let end = rest.firstIndex(where: isDelimiter) ?? rest.endIndex
            defer { rest = rest[min(end + 1, rest.endIndex)...] }
            return Array(rest[rest.startIndex..<end])
        }
        var word: [UInt8] = []
        var index = rest.startIndex + 1
        while index < rest.endIndex, rest[index] != UInt8(ascii: "]") {
            if rest[index] == UInt8(ascii: "\\"), index + 1 < rest.endIndex, rest[index + 1] == UInt8(ascii: "]") {
                index += 1
            }
            word.append(rest[index])
            index += 1
        }
        rest = rest[min(index + 1, rest.endIndex)...]
        return word
    }

    private static func line(_ bytes: [UInt8], number: Int, hasServices: Bool) -> PamLine {
        var rest = bytes[...]
        var line = PamLine(
            number: number, service: nil, type: nil, isSilent: false, control: .actions(PamActions(all: .bad)),
            target: nil, arguments: [], problem: nil, text: shown(bytes))
        if hasServices {
            line.service = token(&rest).map { String(decoding: $0, as: UTF8.self).lowercased() }
        }
        guard var word = token(&rest) else {
            line.problem = "no type"
            return line
        }
        if word.first == UInt8(ascii: "-") {
            line.isSilent = true
            word.removeFirst()
        }
        let type = String(decoding: word, as: UTF8.self)
        line.type = PamType(rawValue: lowercased(type))
        if line.type == nil { line.problem = "its first word is no type of a stack" }
        guard let control = token(&rest) else {
            line.problem = line.problem ?? "no control flag"
            return line
        }
        readControl(control, &line)
        guard let target = token(&rest) else {
            line.problem = line.problem ?? "no module"
            return line
        }
        line.target = String(decoding: target, as: UTF8.self)
        while let argument = token(&rest) { line.arguments.append(String(decoding: argument, as: UTF8.self)) }
        return line
    }

    private static let secrets = ["passwd=", "password=", "pass=", "pw=", "secret=", "token=", "key="]

    private static func shown(_ bytes: [UInt8]) -> String {
        let text = String(String(decoding: bytes, as: UTF8.self).trimmed)
        let plain = lowercased(text)
        guard secrets.contains(where: plain.contains) else {
            // The directory of a module says little and fills a line.
            let words = text.split { $0 == " " || $0 == "\t" }.map { word in
                guard word.hasPrefix("/nix/store/"), word.hasSuffix(".so") else { return String(word) }
                return ".../" + (word.split(separator: "/").last ?? "")
            }
            return words.joined(separator: " ")
        }
        let words = text.split { $0 == " " || $0 == "\t" }.prefix(3).prefix { !$0.contains("=") || $0.hasPrefix("[") }
        let first = words.filter { word in !secrets.contains { lowercased(String(word)).contains($0) } }
        return first.joined(separator: " ") + " (arguments not shown)"
    }

    private static func readControl(_ word: [UInt8], _ line: inout PamLine) {
        let text = String(decoding: word, as: UTF8.self)
        switch lowercased(text) {
        case "required": line.control = .actions(.required)
        case "requisite": line.control = .actions(.requisite)
        case "optional": line.control = .actions(.optional)
        case "sufficient": line.control = .actions(.sufficient)
        case "include": line.control = .include
        case "substack": line.control = .substack
        default:
            if let actions = PamActions.parse(word[...]) {
                line.control = .actions(actions)
            } else {
                // Not an entry that always fails: the module runs, and any result it has is a failure.
                line.control = .actions(PamActions(all: .bad))
                line.problem = line.problem ?? "its control is not understood: every result is a failure"
            }
        }
    }

    /// ASCII only, as strcasecmp in the C locale.
    private static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}
