import FirnReportCore

/// Text inside Markdown (CommonMark 0.31), escaped so that it stays text.
enum MarkdownText {
    private static let special: Set<Unicode.Scalar> = [
        "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "!", "~", "&",
    ]

    /// Text that flows, on one line.
    static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in VisibleText.escape(text).unicodeScalars {
            if special.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    /// A code span; its fence is longer than any run of backticks inside.
    static func code(_ text: String) -> String {
        let text = VisibleText.escape(text)
        // Two backticks would be the beginning of a span, not an empty one.
        if text.isEmpty { return "` `" }
        var longest = 0
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let pad = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
        return fence + pad + text + pad + fence
    }

    /// Text of a report, cut after `limit` characters: as it is where it is plain, else a code span, in which no
    /// renderer looks for links, mentions (`@name`), references (`#1`, `GH-1`, commits) or formulas (`$x$`). A backslash
    /// does not stop those: they are found in the text after Markdown was read.
    static func inline(_ text: String, limit: Int = 200) -> String {
        let text = VisibleText.escape(text, limit: limit)
        return isPlain(text) ? text : code(text)
    }

    /// `inline` for a cell of a table, where a pipe ends the cell even in a code span: it is written out.
    static func cell(_ text: String, limit: Int = 120) -> String {
        let visible = VisibleText.escape(text, limit: limit)
        return inline(
            visible.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                .joined(separator: "\\u{7c}"), limit: .max)
    }

    /// Letters of any script and harmless punctuation; a word of hexadecimal digits could be a commit.
    private static func isPlain(_ text: String) -> Bool {
        if text.isEmpty || text.utf8.first == 0x20 || text.utf8.last == 0x20 { return false }
        var hexadecimal = 0
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."f", "A"..."F", "0"..."9":
                hexadecimal += 1
                if hexadecimal >= 7 { return false }
                continue
            case "a"..."z", "A"..."Z", " ", ",", "(", ")", "/", "'", ";", "%": break
            // A full stop or hyphen inside a word is harmless; `www.` and `GH-` are asked for below.
            case ".", "-", ":": break
            default:
                guard scalar.value >= 0xa1, scalar.properties.isAlphabetic else { return false }
            }
            hexadecimal = 0
        }
        // A line that begins so could be a list, a heading's underline or a number of a list.
        guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "(" else { return false }
        let lower = text.lowercased()
        return !lower.contains("://") && !lower.contains("www.") && !lower.contains("gh-") && !lower.contains("  ")
    }
}
