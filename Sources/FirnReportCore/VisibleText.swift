/// Makes text from a target harmless to terminals, logs and markup.
///
/// Values, paths and names come from untrusted images. A control character can move the cursor, a bidirectional
/// override can turn a line around, an invisible character can hide in a name. They are shown, not passed on.
public enum VisibleText {
    /// Whether a character can be printed as it is.
    ///
    /// Not safe are the controls C0, DEL and C1 (ECMA-48), line and paragraph separators, the bidirectional and
    /// invisible format characters (Unicode UAX #9, "Trojan Source"), tags, and noncharacters, which XML 1.0 refuses too.
    /// The list is written out, so that the bytes of a report do not depend on the compiler's Unicode version.
    public static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e: true
        case 0...0x1f, 0x7f...0x9f: false
        case 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f: false
        case 0xfeff, 0xfff9...0xfffb, 0xfdd0...0xfdef, 0xe0000...0xe0fff: false
        default: scalar.value & 0xfffe != 0xfffe
        }
    }

    /// The text with every unsafe character written out: `\n`, `\r`, `\t`, else `\u{1b}`.
    ///
    /// A backslash stays as it is, so a value that spells `\u{1b}` looks the same; the JSON report has the exact text.
    public static func escape(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) || text.unicodeScalars.allSatisfy(isSafe) {
            return text
        }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isSafe(scalar) {
                result.append(scalar)
                continue
            }
            let shown =
                switch scalar {
                case "\n": "\\n"
                case "\r": "\\r"
                case "\t": "\\t"
                default: "\\u{" + String(scalar.value, radix: 16) + "}"
                }
            result.append(contentsOf: shown.unicodeScalars)
        }
        return String(result)
    }

    /// The escaped text, cut after `limit` characters with a word on how many there were.
    public static func escape(_ text: String, limit: Int) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return escape(text) }
        return escape(String(scalars[..<end])) + " ... (\(scalars.count) characters)"
    }
}
