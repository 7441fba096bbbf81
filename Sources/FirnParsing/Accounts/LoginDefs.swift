/// `/etc/login.defs` as the shadow suite reads it (login.defs(5), lib/getdef.c): a name, blanks, a value that may stand
/// in double quotes; `#` only begins a comment at the start of a line; the last line of a name counts.
public struct LoginDefs: Sendable, Hashable {
    /// A setting.
    public struct Setting: Sendable, Hashable {
        /// The value without quotes.
        public var value: String
        /// The line.
        public var line: Int
    }

    /// The settings by name.
    public var settings: [String: Setting] = [:]

    /// Creates settings.
    public init(settings: [String: Setting] = [:]) {
        self.settings = settings
    }

    /// Reads the file.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> LoginDefs {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result = LoginDefs()
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            guard !content.isEmpty, !content.hasPrefix("#"),
                let end = content.utf8.firstIndex(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
            else { continue }
            let isSkipped: (UInt8) -> Bool = {
                $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\"")
            }
            let rest = content[end...]
            let start = rest.utf8.firstIndex { !isSkipped($0) } ?? rest.endIndex
            let value = rest[start...].prefix { $0 != "\"" }
            result.settings[String(content[..<end])] = Setting(value: String(value), line: line.number)
        }
        return result
    }

    /// A number as strtol(3) with base 0 reads it: `0x` is hexadecimal, a leading `0` octal. Nil for anything else.
    public static func number(_ text: some StringProtocol) -> Int64? {
        var digits = text.trimmed[...]
        var isNegative = false
        if digits.hasPrefix("-") || digits.hasPrefix("+") {
            isNegative = digits.hasPrefix("-")
            digits = digits.dropFirst()
        }
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
        var radix = 10
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            radix = 16
            digits = digits.dropFirst(2)
        } else if digits.hasPrefix("0"), digits.utf8.count > 1 {
            radix = 8
            digits = digits.dropFirst()
        }
        guard digits.utf8.first != UInt8(ascii: "-"), digits.utf8.first != UInt8(ascii: "+"),
            let number = Int64(String(digits), radix: radix)
        else { return nil }
        return isNegative ? -number : number
    }
}
