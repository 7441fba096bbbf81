/// A page as a reader of HTML sees it, read by a small reader of its own, so that the tests do not trust the writer.
struct HTMLDocument {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// The element around it, by index.
        var parent: Int?
        /// All text inside.
        var text = ""
        var children: [Int] = []
    }

    private(set) var elements: [Element] = []
    /// What is wrong with the page's form: elements that are not closed, or closed twice.
    private(set) var errors: [String] = []

    private static let void: Set<String> = ["meta", "input", "link", "br", "img"]
    private static let raw: Set<String> = ["style", "script"]

    init(_ bytes: [UInt8]) {
        var at = 0
        var open: [Int] = []
        func find(_ text: String, from start: Int) -> Int? {
            let pattern = Array(text.utf8)
            var index = start
            while index + pattern.count <= bytes.count {
                if bytes[index] == pattern[0] && Array(bytes[index..<index + pattern.count]) == pattern { return index }
                index += 1
            }
            return nil
        }
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "<") else {
                var end = at
                while end < bytes.count && bytes[end] != UInt8(ascii: "<") { end += 1 }
                let text = Self.unescape(String(decoding: bytes[at..<end], as: UTF8.self))
                for index in open { elements[index].text += text }
                at = end
                continue
            }
            // An attribute's value holds no raw ">": the writer must have escaped it.
            guard let end = find(">", from: at) else {
                errors.append("a tag does not end")
                return
            }
            let tag = String(decoding: bytes[at + 1..<end], as: UTF8.self)
            at = end + 1
            if tag.hasPrefix("!DOCTYPE") { continue }
            if tag.hasPrefix("/") {
                let name = String(tag.dropFirst())
                if let last = open.popLast(), elements[last].name == name { continue }
                errors.append("</\(name)> closes nothing")
                continue
            }
            let (name, attributes) = Self.tag(tag, &errors)
            elements.append(Element(name: name, attributes: attributes, parent: open.last))
            if let parent = open.last { elements[parent].children.append(elements.count - 1) }
            if Self.void.contains(name) { continue }
            if Self.raw.contains(name) {
                guard let close = find("</\(name)>", from: at) else {
                    errors.append("<\(name)> does not end")
                    return
                }
                elements[elements.count - 1].text = String(decoding: bytes[at..<close], as: UTF8.self)
                at = close + name.utf8.count + 3
                continue
            }
            open.append(elements.count - 1)
        }
        for index in open { errors.append("<\(elements[index].name)> is not closed") }
    }

    private static func tag(_ text: String, _ errors: inout [String]) -> (String, [String: String]) {
        var rest = Substring(text)
        let name = rest.prefix { $0 != " " }
        rest = rest.dropFirst(name.count)
        var attributes: [String: String] = [:]
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " }
            let key = String(rest.prefix { $0 != "=" && $0 != " " })
            rest = rest.dropFirst(key.count)
            var value = ""
            if rest.hasPrefix("=\"") {
                rest = rest.dropFirst(2)
                let raw = rest.prefix { $0 != "\"" }
                value = unescape(String(raw))
                rest = rest.dropFirst(raw.count)
                if rest.isEmpty { errors.append("the value of \(key) does not end") }
                rest = rest.dropFirst()
            }
            if attributes.updateValue(value, forKey: key) != nil { errors.append("\(key) comes twice") }
        }
        return (String(name), attributes)
    }

    private static func unescape(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var result = ""
        var rest = Substring(text)
        while let at = rest.firstIndex(of: "&") {
            result += rest[..<at]
            rest = rest[at...]
            let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")]
            guard let (entity, character) = known.first(where: { rest.hasPrefix($0.0) }) else {
                result += "&"
                rest = rest.dropFirst()
                continue
            }
            result += character
            rest = rest.dropFirst(entity.count)
        }
        return result + rest
    }

    /// The elements of a name.
    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

    /// The element of an id.
    func element(id: String) -> Element? { elements.first { $0.attributes["id"] == id } }

    /// The elements around one, the nearest first.
    func around(_ element: Element) -> [Element] {
        var result: [Element] = []
        var next = element.parent
        while let index = next {
            result.append(elements[index])
            next = elements[index].parent
        }
        return result
    }

    /// Whether an element has a class.
    static func has(_ name: String, _ element: Element) -> Bool {
        (element.attributes["class"] ?? "").split(separator: " ").contains(Substring(name))
    }
}
