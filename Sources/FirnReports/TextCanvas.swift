import FirnReportCore

/// What a piece of text means, which decides its colour.
enum TextStyle: Sendable, Hashable {
    case plain, strong, quiet, critical, high, medium, low, good, code

    /// The "select graphic rendition" parameters (ECMA-48); only the eight basic colours, which every theme has.
    var parameters: String {
        switch self {
        case .plain: ""
        case .strong: "1"
        case .quiet: "2"
        case .critical: "1;31"
        case .high: "31"
        case .medium: "33"
        case .low: "36"
        case .good: "32"
        case .code: "36"
        }
    }
}

/// A piece of text of one style.
struct TextSpan: Sendable, Hashable {
    var text: String
    var style: TextStyle

    init(_ text: String, _ style: TextStyle = .plain) {
        self.text = text
        self.style = style
    }
}

/// Lines of text in columns, wrapped under their column and coloured after that.
///
/// Every span is escaped here, the one place through which all text goes.
struct TextCanvas {
    /// The width in columns.
    let width: Int
    private let hasColour: Bool
    private(set) var text = ""

    init(width: Int, hasColour: Bool) {
        self.width = width
        self.hasColour = hasColour
    }

    /// An empty line.
    mutating func blank() {
        text += "\n"
    }

    /// A line that is not wrapped: code stays what it is when it is copied.
    mutating func line(_ spans: [TextSpan], indent: Int = 0) {
        text += String(repeating: " ", count: indent)
        for span in spans { text += painted(VisibleText.escape(span.text), span.style) }
        text += "\n"
    }

    /// A heading with a rule to the right end.
    mutating func heading(_ title: String, _ count: String, _ style: TextStyle) {
        let title = VisibleText.escape(title)
        let used = 3 + Self.columns(title) + (count.isEmpty ? 0 : 2 + Self.columns(count)) + 1
        let rule = String(repeating: "─", count: max(min(width, 100) - used, 3))
        text += painted("── ", .quiet) + painted(title, style)
        if !count.isEmpty { text += painted("  " + count, .quiet) }
        text += " " + painted(rule, .quiet) + "\n"
    }

    /// Text that flows in the columns from `column` to the right end, after a label to its left.
    ///
    /// Words break at blanks. A word longer than the column breaks after commas, as in lists of algorithms; else it
    /// runs over, since half a path helps nobody. Lines after the first start at `wrapped`, else at `column`.
    mutating func flow(
        _ spans: [TextSpan], label: TextSpan = TextSpan(""), indent: Int = 0, column: Int, wrapped: Int? = nil
    ) {
        let label = TextSpan(VisibleText.escape(label.text), label.style)
        var used = indent + Self.columns(label.text)
        // A label longer than its place pushes the text, at least a blank away.
        let gap = label.text.isEmpty ? max(column - used, 0) : max(column - used, 1)
        var line = [TextSpan(Self.blanks(indent)), label, TextSpan(Self.blanks(gap))]
        used += gap
        var isAtStart = true
        for word in words(spans) {
            var blanks = isAtStart ? 0 : word.blanks
            if !isAtStart && used + blanks + word.columns > width {
                end(line)
                line = [TextSpan(Self.blanks(wrapped ?? column))]
                used = wrapped ?? column
                blanks = 0
            }
            // Blanks between words of one style take it, so that a phrase is one run of colour.
            let style = line.last?.style == word.spans.first?.style ? word.spans.first?.style : nil
            line.append(TextSpan(Self.blanks(blanks), style ?? .plain))
            line += word.spans
            used += blanks + word.columns
            isAtStart = false
        }
        end(line)
    }

    /// Writes a line, adjoining spans of one style as one, without blanks at its end.
    private mutating func end(_ spans: [TextSpan]) {
        var runs: [TextSpan] = []
        for span in spans where !span.text.isEmpty {
            if runs.last?.style == span.style {
                runs[runs.count - 1].text += span.text
            } else {
                runs.append(span)
            }
        }
        while let last = runs.last, last.text.unicodeScalars.allSatisfy({ $0 == " " }) { runs.removeLast() }
        for run in runs { text += painted(run.text, run.style) }
        text += "\n"
    }

    private static func blanks(_ count: Int) -> String {
        String(repeating: " ", count: max(count, 0))
    }

    private func painted(_ text: String, _ style: TextStyle) -> String {
        if !hasColour || style == .plain || text.isEmpty { return text }
        return "\u{1b}[" + style.parameters + "m" + text + "\u{1b}[0m"
    }

    private struct Word {
        var spans: [TextSpan] = []
        var columns = 0
        /// The blanks before it, which a line break swallows.
        var blanks = 0
    }

    /// The words of spans; a word may change its style inside.
    private func words(_ spans: [TextSpan]) -> [Word] {
        var result: [Word] = []
        var word = Word()
        for span in spans {
            var piece = String.UnicodeScalarView()
            let close = { (piece: inout String.UnicodeScalarView, word: inout Word) in
                if piece.isEmpty { return }
                let text = String(piece)
                word.spans.append(TextSpan(text, span.style))
                word.columns += Self.columns(text)
                piece = String.UnicodeScalarView()
            }
            for scalar in VisibleText.escape(span.text).unicodeScalars {
                if scalar == " " {
                    close(&piece, &word)
                    if !word.spans.isEmpty {
                        result.append(word)
                        word = Word()
                    }
                    word.blanks += 1
                    continue
                }
                piece.append(scalar)
                if scalar == "," {
                    close(&piece, &word)
                    result.append(word)
                    word = Word()
                }
            }
            close(&piece, &word)
        }
        if !word.spans.isEmpty { result.append(word) }
        return result
    }

    /// The text as it may be printed.
    static func visible(_ text: String) -> String { VisibleText.escape(text) }

    /// The columns a text takes on a terminal: two for wide East Asian characters and emoji, none for combining marks.
    static func columns(_ text: String) -> Int {
        var result = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x20...0x7e: result += 1
            case 0x300...0x36f, 0x483...0x489, 0x591...0x5bd, 0x1ab0...0x1aff, 0x1dc0...0x1dff, 0x20d0...0x20ff,
                0xfe00...0xfe0f, 0xfe20...0xfe2f:
                break
            case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
                0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
                0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
                result += 2
            default: result += 1
            }
        }
        return result
    }

    /// The text as far as it fits, with an ellipsis where it does not.
    static func clipped(_ text: String, _ width: Int) -> String {
        if columns(text) <= width { return text }
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let more = columns(String(scalar))
            guard used + more < width else { break }
            result.append(scalar)
            used += more
        }
        while result.last == " " { result.removeLast() }
        return String(result) + "…"
    }

    /// The text with blanks up to a width.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - columns(text), 0))
    }

    /// The text with blanks before it up to a width.
    static func rightAligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - columns(text), 0)) + text
    }
}
