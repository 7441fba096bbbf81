/// The words and numbers that handlers of the kernel and of systemd accept as values.
enum CmdlineWords {
    /// `kstrtobool` (lib/kstrtox.c): decided by the first letter, `on` and `off` by the second.
    static func kernelBoolean(_ text: String) -> Bool? {
        let bytes = Array(text.utf8.prefix(2))
        guard let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "1"): return true
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "0"): return false
        case UInt8(ascii: "o"), UInt8(ascii: "O"):
            guard bytes.count == 2 else { return nil }
            switch bytes[1] {
            case UInt8(ascii: "n"), UInt8(ascii: "N"): return true
            case UInt8(ascii: "f"), UInt8(ascii: "F"): return false
            default: return nil
            }
        default: return nil
        }
    }

    /// Whether the word is true or false only since Linux 5.19, which taught `kstrtobool` the letters t and f.
    static func isRecentKernelBoolean(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return "tTfF".utf8.contains(first)
    }

    /// systemd's `parse_boolean`: whole words, upper and lower case alike.
    static func userspaceBoolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }

    /// `kstrtouint` with base 0: an optional `+`, then decimal, `0x` hexadecimal or `0` octal digits and nothing else.
    static func unsigned(_ text: String, limit: UInt64 = UInt64(UInt32.max)) -> Int64? {
        var digits = Substring(text)
        if digits.hasPrefix("+") { digits = digits.dropFirst() }
        var base = 10
        if digits.hasPrefix("0x") || digits.hasPrefix("0X"), digits.count > 2 {
            base = 16
            digits = digits.dropFirst(2)
        } else if digits.hasPrefix("0"), digits.count > 1 {
            base = 8
            digits = digits.dropFirst()
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        guard let number = UInt64(digits, radix: base), number <= limit else { return nil }
        return Int64(exactly: number)
    }
}
