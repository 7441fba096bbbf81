import FirnReportCore

/// Writes HTML (the living standard's syntax, also read as HTML 5) that is safe by construction: elements are closed by
/// closures, their names and attributes are fixed lists, and every text is escaped here.
///
/// Characters that are invisible or turn text around are written visibly (`VisibleText`).
struct HTMLWriter {
    private(set) var bytes: [UInt8] = []

    /// The most characters of one text; the JSON report has the rest.
    static let limit = 600

    /// An element with its children.
    mutating func element(
        _ tag: HTMLTag, _ attributes: [HTMLAttribute] = [], _ children: (inout HTMLWriter) -> Void
    ) {
        open(tag, attributes)
        if !tag.isVoid {
            children(&self)
            append("</")
            append(tag.rawValue)
            append(">")
        }
        if tag.isBlock { bytes.append(UInt8(ascii: "\n")) }
    }

    /// An element with text.
    mutating func element(_ tag: HTMLTag, _ attributes: [HTMLAttribute], _ text: String) {
        element(tag, attributes) { $0.text(text) }
    }

    /// An element with text and no attribute.
    mutating func element(_ tag: HTMLTag, _ text: String) {
        element(tag, [], text)
    }

    /// An element without content.
    mutating func element(_ tag: HTMLTag, _ attributes: [HTMLAttribute] = []) {
        element(tag, attributes) { _ in }
    }

    /// Text, cut where it is too long to be read.
    mutating func text(_ text: String) {
        if text.utf8.count <= Self.limit { return whole(text) }
        escape(VisibleText.escape(text, limit: Self.limit))
    }

    /// A blank between two texts.
    mutating func gap() {
        bytes.append(UInt8(ascii: " "))
    }

    /// Text that is never cut: what must be copied whole.
    mutating func whole(_ text: String) {
        // What is empty or blank is shown as such, not as nothing.
        if text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) { return escape("\"" + text + "\"") }
        escape(VisibleText.escape(text))
    }

    /// What the page itself brings: head, style and script.
    mutating func fixed(_ markup: StaticString) {
        markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func open(_ tag: HTMLTag, _ attributes: [HTMLAttribute]) {
        append("<")
        append(tag.rawValue)
        for attribute in attributes {
            append(" ")
            attribute.name.withUTF8Buffer { bytes.append(contentsOf: $0) }
            guard let value = attribute.value else { continue }
            append("=\"")
            escape(VisibleText.escape(value))
            append("\"")
        }
        append(">")
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            default: bytes.append(byte)
            }
        }
    }
}
