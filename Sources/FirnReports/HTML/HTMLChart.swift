import FirnModel
import FirnReportCore

/// Charts as inline SVG: rectangles only, stretched to the width there is. Words and numbers stand beside them as text,
/// so that they wrap, print and are read out; each has a title that says the same.
enum HTMLChart {
    /// The width of a bar in its own coordinates.
    private static let width = 1000

    /// The parts of a tally in the order of the page: what needs somebody first.
    static func parts(_ tally: Tally) -> [(style: HTMLClass, word: String, count: Int)] {
        [
            (.fail, "fail", tally.count(.fail) - tally.waived), (.waived, "accepted", tally.waived),
            (.unknown, "unknown", tally.count(.unknown)), (.error, "error", tally.count(.error)),
            (.pass, "pass", tally.count(.pass)), (.notApplicable, "not applicable", tally.count(.notApplicable)),
            (.notChecked, "not checked", tally.count(.notChecked)),
        ]
    }

    /// A stacked bar of all outcomes.
    static func bar(_ tally: Tally, named name: String, _ html: inout HTMLWriter) {
        let parts = parts(tally).filter { $0.count > 0 }
        let total = parts.reduce(0) { $0 + $1.count }
        let text = parts.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
        svg("\(name): " + (text.isEmpty ? "no results" : text), &html) { html in
            var seen = 0
            for part in parts {
                let start = edge(seen, total)
                seen += part.count
                // A small part stays visible: never thinner than a hair.
                let end = max(edge(seen, total), start + 2)
                html.element(
                    .rect, [.style(part.style)] + HTMLAttribute.frame(x: start, width: end - start, height: 10))
            }
        }
    }

    /// A bar of one count.
    static func bar(_ count: Int, of most: Int, _ style: HTMLClass, _ title: String, _ html: inout HTMLWriter) {
        svg(title, &html) { html in
            if count == 0 { return }
            html.element(
                .rect, [.style(style)] + HTMLAttribute.frame(x: 0, width: max(edge(count, most), 4), height: 10))
        }
    }

    /// Counts that are not zero, each with its colour and word.
    static func counts(_ tally: Tally, _ html: inout HTMLWriter) {
        html.element(.ul, [.style(.counts)]) { html in
            for part in parts(tally) where part.count > 0 {
                html.element(.li, [.style(.key, part.style)]) { html in
                    html.element(.strong, String(part.count))
                    html.text(" " + part.word)
                }
            }
        }
    }

    private static func edge(_ part: Int, _ total: Int) -> Int {
        // Counts are counts of results in memory, so that the product stays far below the largest number.
        total == 0 ? 0 : part * width / total
    }

    private static func svg(_ title: String, _ html: inout HTMLWriter, _ body: (inout HTMLWriter) -> Void) {
        html.element(.svg, [.image] + HTMLAttribute.view(width: width, height: 10)) { html in
            html.element(.title, title)
            body(&html)
        }
    }
}
