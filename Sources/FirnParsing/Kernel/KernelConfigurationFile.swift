/// A kernel's configuration as its build writes it: `.config` (Documentation/kbuild/kconfig.rst).
///
/// Only options that are set are kept. A comment `# CONFIG_X is not set` and no line at all mean the same to the
/// compiler, but the comment says where somebody looked, so its line is kept too.
public struct KernelConfigurationFile: Sendable, Hashable {
    /// What an option is set to.
    public enum Value: Sendable, Hashable {
        /// Built in (`y`).
        case builtIn
        /// Built as a module (`m`).
        case module
        /// A whole number, decimal or hexadecimal.
        case number(Int64)
        /// Text in quotes, unescaped.
        case text(String)
        /// `# CONFIG_X is not set`, or the value `n`.
        case off
    }

    /// An option and the line that decided it.
    public struct Setting: Sendable, Hashable {
        /// The value.
        public var value: Value
        /// The line, counted from 1.
        public var line: Int

        /// Creates a setting.
        public init(value: Value, line: Int) {
            self.value = value
            self.line = line
        }
    }

    /// The version in the header comment (`6.18.37`), where there is one.
    public private(set) var version: String?
    /// The settings by name, `CONFIG_` included; a later line replaces an earlier one.
    public private(set) var settings: [String: Setting] = [:]

    /// The most options one file may have; mainline knows some 20,000.
    public static let mostSettings = 65_536
    private static let longestLine = 16_384

    /// Reads a configuration. With `names` only these options are kept; the others are checked and left out.
    public static func parse(
        _ bytes: [UInt8], keeping names: Set<String>? = nil, limit: Int = 4 << 20
    ) throws(ParseError) -> KernelConfigurationFile {
        let text = try TextFile.decode(bytes, limit: limit)
        var file = KernelConfigurationFile()
        var count = 0
        for line in TextFile.lines(text) {
            guard line.text.utf8.count <= longestLine else {
                throw ParseError(.limit, line: line.number, "the line is longer than \(longestLine) bytes")
            }
            guard let (name, value) = try file.statement(line) else { continue }
            count += 1
            guard count <= mostSettings else {
                throw ParseError(.limit, line: line.number, "there are more than \(mostSettings) options")
            }
            let key = String(name)
            if let names, !names.contains(key) { continue }
            file.settings[key] = Setting(value: value, line: line.number)
        }
        guard count > 0 else { throw ParseError(.malformed, line: 1, "it sets no option at all") }
        return file
    }

    private mutating func statement(_ line: TextLine) throws(ParseError) -> (name: Substring, value: Value)? {
        let text = line.text.trimmed
        if text.isEmpty { return nil }
        if text.utf8.first == UInt8(ascii: "#") { return comment(text) }
        guard text.hasPrefix("CONFIG_") else {
            throw ParseError(.malformed, line: line.number, "a line is neither a comment nor an option")
        }
        let bytes = text.utf8
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
            throw ParseError(.malformed, line: line.number, "an option has no '='")
        }
        let name = text[..<equals]
        guard Self.isName(name) else {
            throw ParseError(.malformed, line: line.number, "the name of an option holds an unusual character")
        }
        let value = text[bytes.index(after: equals)...]
        switch value {
        case "y": return (name, .builtIn)
        case "m": return (name, .module)
        case "n": return (name, .off)
        default: break
        }
        if value.utf8.first == UInt8(ascii: "\"") {
            guard let unescaped = Self.unescaped(value) else {
                throw ParseError(.malformed, line: line.number, "a text has no closing quote, or something after it")
            }
            return (name, .text(unescaped))
        }
        guard let number = Self.number(value) else {
            throw ParseError(.malformed, line: line.number, "a value is neither y, m, a number nor a text in quotes")
        }
        return (name, .number(number))
    }

    /// `# CONFIG_X is not set`, or the header: `# Linux/x86 6.18.37 Kernel Configuration`.
    private mutating func comment(_ text: Substring) -> (name: Substring, value: Value)? {
        let suffix = " is not set"
        if text.hasPrefix("# CONFIG_"), text.hasSuffix(suffix) {
            let name = text.dropFirst(2).dropLast(suffix.count)
            return Self.isName(name) ? (name, .off) : nil
        }
        if version == nil, text.hasPrefix("# Linux/"), text.hasSuffix(" Kernel Configuration") {
            let words = text.split(separator: " ")
            if words.count == 5 { version = String(words[2]) }
        }
        return nil
    }

    private static func isName(_ name: Substring) -> Bool {
        let bytes = name.utf8
        guard bytes.count > 7, bytes.count <= 200, name.hasPrefix("CONFIG_") else { return false }
        return bytes.allSatisfy { byte in
            (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }

    /// The text between quotes; a backslash escapes a quote and itself.
    private static func unescaped(_ value: Substring) -> String? {
        var result: [UInt8] = []
        var isEscaped = false
        var isClosed = false
        for byte in value.utf8.dropFirst() {
            if isClosed { return nil }
            if isEscaped {
                result.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isClosed = true
            } else {
                result.append(byte)
            }
        }
        return isClosed ? String(decoding: result, as: UTF8.self) : nil
    }

    /// A decimal or hexadecimal number. Kernel addresses use all 64 bits; their bits are kept.
    private static func number(_ value: Substring) -> Int64? {
        if value.hasPrefix("0x") || value.hasPrefix("0X") {
            return UInt64(value.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) }
        }
        return Int64(value)
    }
}
