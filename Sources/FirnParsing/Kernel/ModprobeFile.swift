/// One file of modprobe.d(5), read as kmod reads it (libkmod-config.c).
///
/// A backslash before a line end joins the lines, in comments too. Words are divided by blanks and tabs; `-` and `_` are
/// the same in names, except between brackets. Lines kmod does not understand it leaves out.
public struct ModprobeFile: Sendable, Hashable {
    /// What a line says.
    public enum Command: Sendable, Hashable {
        /// `blacklist MODULE`: its aliases do not load it.
        case blacklist(String)
        /// `install PATTERN COMMAND`: the command runs in place of loading.
        case install(String, command: String)
        /// `alias PATTERN MODULE`.
        case alias(String, module: String)
        /// `options MODULE TEXT`.
        case options(String, text: String)
        /// `remove PATTERN COMMAND`.
        case remove(String, command: String)
        /// `softdep MODULE TEXT`, and `weakdep`.
        case softdep(String, text: String)
    }

    /// A command and where it begins.
    public struct Line: Sendable, Hashable {
        /// The command.
        public var command: Command
        /// The line, counted from 1.
        public var number: Int

        /// Creates a line.
        public init(command: Command, number: Int) {
            self.command = command
            self.number = number
        }
    }

    /// The commands in the order of the file.
    public var lines: [Line] = []

    /// The most commands one file may have.
    public static let mostLines = 20_000
    private static let longestLine = 65_536

    /// Reads a file.
    public static func parse(_ bytes: [UInt8], limit: Int = 1 << 20) throws(ParseError) -> ModprobeFile {
        let text = try TextFile.decode(bytes, limit: limit)
        var file = ModprobeFile()
        var joined: [UInt8] = []
        var number = 1
        var start = 1
        var isEscaped = false
        func finish() throws(ParseError) {
            guard joined.count <= longestLine else {
                throw ParseError(.limit, line: start, "the line is longer than \(longestLine) bytes")
            }
            if let command = command(joined[...]) {
                guard file.lines.count < mostLines else {
                    throw ParseError(.limit, line: start, "there are more than \(mostLines) commands")
                }
                file.lines.append(Line(command: command, number: start))
            }
            joined.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
                // A backslash before anything else is dropped.
                if byte == UInt8(ascii: "\n") { number += 1 } else { joined.append(byte) }
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "\n"):
                try finish()
                number += 1
                start = number
            default: joined.append(byte)
            }
        }
        // A backslash at the end of the file: kmod gives up on the whole line.
        if !isEscaped { try finish() }
        return file
    }

    private static func command(_ line: ArraySlice<UInt8>) -> Command? {
        guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
        var rest = line
        guard let verb = word(&rest), let name = word(&rest) else { return nil }
        switch verb {
        case "blacklist": return Self.name(underscored: name).map(Command.blacklist)
        case "install":
            return Self.name(underscored: name).flatMap { pattern in text(rest).map { .install(pattern, command: $0) } }
        case "remove":
            return Self.name(underscored: name).flatMap { pattern in text(rest).map { .remove(pattern, command: $0) } }
        case "options":
            return Self.name(underscored: name).flatMap { module in text(rest).map { .options(module, text: $0) } }
        case "softdep", "weakdep":
            return Self.name(underscored: name).flatMap { module in text(rest).map { .softdep(module, text: $0) } }
        case "alias":
            guard let pattern = Self.name(underscored: name), let module = word(&rest) else { return nil }
            return Self.name(underscored: module).map { .alias(pattern, module: $0) }
        default: return nil
        }
    }

    /// The next word, as `strtok_r` with blank and tab takes it.
    private static func word(_ rest: inout ArraySlice<UInt8>) -> String? {
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        let end = rest.firstIndex(where: isBlank) ?? rest.endIndex
        guard end > rest.startIndex else { return nil }
        defer { rest = rest[(end < rest.endIndex ? end + 1 : end)...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// What follows the blank after the last word; kmod takes it with any further blanks, which a shell does not see.
    private static func text(_ rest: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: rest, as: UTF8.self).trimmed
        return rest.isEmpty ? nil : String(text)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// A name with `_` for `-` outside of brackets; nil where a bracket is not closed, which kmod refuses.
    public static func name(underscored text: String) -> String? {
        var result: [UInt8] = []
        var isBracketed = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-") where !isBracketed: result.append(UInt8(ascii: "_"))
            case UInt8(ascii: "]"):
                if !isBracketed { return nil }
                isBracketed = false
                result.append(byte)
            case UInt8(ascii: "["):
                isBracketed = true
                result.append(byte)
            default: result.append(byte)
            }
        }
        return isBracketed ? nil : String(decoding: result, as: UTF8.self)
    }
}
