/// Rows of text in aligned columns for a terminal; the last column wraps under itself. All text is escaped.
public struct TextTable: Sendable {
    /// What a cell means, which decides its colour.
    public enum Tone: Sendable, Hashable {
        /// Nothing special.
        case plain
        /// What the eye should find first.
        case strong
        /// What may be read over.
        case quiet
        /// Something is wrong.
        case bad
        /// Somebody should look.
        case warning
        /// Something is right.
        case good

        var style: TextStyle {
            switch self {
            case .plain: .plain
            case .strong: .strong
            case .quiet: .quiet
            case .bad: .high
            case .warning: .medium
            case .good: .good
            }
        }
    }

    /// One cell.
    public struct Cell: Sendable, Hashable {
        /// Its text, as it came.
        public var text: String
        /// What it means.
        public var tone: Tone
        /// Whether it ends at the right of its column, as numbers do; never that of the first column.
        public var isNumber: Bool

        /// Creates a cell.
        public init(_ text: String, _ tone: Tone = .plain, isNumber: Bool = false) {
            self.text = text
            self.tone = tone
            self.isNumber = isNumber
        }
    }

    private let width: Int
    private let colour: Bool
    private var rows: [[Cell]] = []
    private var hasHeader = false

    /// Creates an empty table of at most `width` columns.
    public init(width: Int, colour: Bool) {
        self.width = max(width, 40)
        self.colour = colour
    }

    /// Names the columns, before any row.
    public mutating func header(_ cells: Cell...) {
        hasHeader = true
        rows.append(cells.map { Cell($0.text, .quiet, isNumber: $0.isNumber) })
    }

    /// Adds a row.
    public mutating func add(_ cells: Cell...) {
        rows.append(
            cells.map { Cell(TextCanvas.visible($0.text), $0.tone, isNumber: $0.isNumber) })
    }

    /// The rows as lines. Where the last column would be narrower than 32 columns it stands below its row.
    public func render() -> String {
        let count = rows.map(\.count).max() ?? 0
        var widths = [Int](repeating: 0, count: count)
        for row in rows {
            for (index, cell) in row.enumerated() where index < count - 1 {
                widths[index] = max(widths[index], TextCanvas.columns(cell.text))
            }
        }
        let indent = widths.dropLast().reduce(0) { $0 + $1 + 2 }
        let isBeside = width - indent >= min(32, rows.map { TextCanvas.columns($0.last?.text ?? "") }.max() ?? 0)
        var canvas = TextCanvas(width: width, hasColour: colour)
        for (number, row) in rows.enumerated() {
            var spans: [TextSpan] = []
            for (index, cell) in row.enumerated() {
                if index == count - 1 {
                    if isBeside { spans.append(TextSpan(cell.text, cell.tone.style)) }
                    continue
                }
                let blanks = String(repeating: " ", count: widths[index] - TextCanvas.columns(cell.text))
                let text = TextSpan(cell.text, cell.tone.style)
                let isRight = cell.isNumber && index > 0
                spans += isRight ? [TextSpan(blanks), text] : [text, TextSpan(blanks)]
                // Blanks at the end of a line are nobody's.
                if isBeside || index < count - 2 {
                    spans.append(TextSpan("  "))
                } else if !isRight {
                    spans.removeLast()
                }
            }
            if isBeside {
                canvas.flow(spans, column: 0, wrapped: indent)
            } else {
                canvas.line(spans)
                if let last = row.last, !last.text.isEmpty, number > 0 || !hasHeader {
                    canvas.flow([TextSpan(last.text, last.tone.style)], column: 4)
                }
            }
        }
        return canvas.text
    }
}
