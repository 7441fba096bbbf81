import FirnReportCore

/// Writes XML 1.0 that is well-formed by construction: elements are closed by closures, and all text is escaped here.
///
/// Characters XML cannot hold, and invisible ones it could, are written visibly (`\u{1b}`).
struct XMLWriter {
    private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    /// An element with attributes in the order given, and children.
    mutating func element(
        _ name: StaticString, _ attributes: [(name: StaticString, value: String)] = [],
        _ children: ((inout XMLWriter) -> Void)? = nil
    ) {
        open(name, attributes)
        guard let children else {
            text += "/>\n"
            return
        }
        text += ">\n"
        depth += 1
        children(&self)
        depth -= 1
        indent()
        text += "</\(name)>\n"
    }

    /// An element with lines of text.
    mutating func element(
        _ name: StaticString, _ attributes: [(name: StaticString, value: String)] = [], lines: [String]
    ) {
        open(name, attributes)
        text += ">" + lines.map(Self.escape).joined(separator: "\n") + "</\(name)>\n"
    }

    private mutating func open(_ name: StaticString, _ attributes: [(name: StaticString, value: String)]) {
        indent()
        text += "<\(name)"
        for attribute in attributes {
            text += " \(attribute.name)=\"" + Self.escape(attribute.value) + "\""
        }
    }

    private mutating func indent() {
        text += String(repeating: "  ", count: depth)
    }

    private static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in VisibleText.escape(text).unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&apos;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
