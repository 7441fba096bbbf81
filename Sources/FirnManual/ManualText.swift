/// Text of a manual page in mdoc(7). All that is not our own macro goes through here.
enum ManualText {
    /// A text in which nothing is markup. Non-ASCII becomes a named character, so that no formatter guesses an encoding.
    static func escape(_ text: String, isLiteral: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            // A formatter makes a hyphen of it, which nobody can paste into a shell.
            case "-" where isLiteral: result += "\\-"
            case "'" where isLiteral: result += "\\(aq"
            case "`" where isLiteral: result += "\\(ga"
            case "^" where isLiteral: result += "\\(ha"
            case "~" where isLiteral: result += "\\(ti"
            case " ", "!"..."~": result.unicodeScalars.append(scalar)
            case "\t": result += "    "
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\[u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits + "]"
            }
        }
        return result
    }

    /// One line that begins with no macro.
    static func line(_ text: String, isLiteral: Bool = false) -> String {
        let escaped = escape(text, isLiteral: isLiteral)
        return (escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" : "") + escaped + "\n"
    }

    /// An argument of a macro. `Ar`, `.` and the like would be a macro or a delimiter there.
    static func argument(_ text: String) -> String {
        let guarded = word(text, isLiteral: true)
        return guarded.contains(" ") ? "\"\(guarded)\"" : guarded
    }

    /// The words of a text as arguments of a macro.
    static func words(_ text: String) -> String {
        text.split(separator: " ").map { word(String($0), isLiteral: false) }.joined(separator: " ")
    }

    private static func word(_ text: String, isLiteral: Bool) -> String {
        let escaped = escape(text, isLiteral: isLiteral).split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\\(dq")
        // Every macro is two or three characters long and begins with a capital or %; a delimiter is one character.
        let isPlain = text.count > 3 || text.first?.isLowercase == true
        return (isPlain ? "" : "\\&") + escaped
    }

    /// Sentences, each on a line of its own as mdoc wants it.
    static func sentences(_ text: String) -> String {
        var lines: [String] = []
        var words: [Substring] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            words.append(word)
            if word.hasSuffix("."), word.count > 2 {
                lines.append(words.joined(separator: " "))
                words = []
            }
        }
        if !words.isEmpty { lines.append(words.joined(separator: " ")) }
        return lines.map { line($0) }.joined()
    }
}
