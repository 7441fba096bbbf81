/// The elements a page is made of. What is not listed cannot be written: no frame, image, object, base or event.
enum HTMLTag: String {
    // Sections
    case body, header, nav, main, section, article, footer
    case h1, h2, h3, h4, h5
    // Blocks
    case div, p, ul, ol, li, dl, dt, dd, pre, figure, figcaption, details, summary
    // Tables
    case table, caption, thead, tbody, tr, th, td
    // Forms; they appear only when script runs
    case form, label, input, select, option, button, output
    // Text
    case a, span, strong, code, small
    // Charts
    case svg, title, rect

    /// Whether a line break after it means nothing.
    var isBlock: Bool {
        switch self {
        case .a, .span, .strong, .code, .small, .svg, .title, .rect, .input, .select, .button, .output, .label: false
        default: true
        }
    }

    /// Whether it has no end tag in HTML.
    var isVoid: Bool { self == .input }
}
