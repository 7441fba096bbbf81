import FirnParsing

/// A JSON object of which every key is known and required, read with errors that name the place.
struct ObjectReader {
    private let object: JSONObject
    private let line: Int
    /// Where the object stands, as `results[3].fix`; empty for the document.
    let path: String

    /// Takes a node that must be an object with exactly these keys.
    init(_ node: JSONNode, at path: String, keys: [String]) throws(ParseError) {
        guard let object = node.object else {
            throw Self.error(node.line, path, "must be an object")
        }
        self.object = object
        self.line = node.line
        self.path = path
        for member in object.members where !keys.contains(member.key) {
            throw Self.error(member.node.line, path, "has the unknown key '\(Self.shown(member.key))'")
        }
        for key in keys where object[key] == nil {
            throw Self.error(node.line, path, "lacks the key '\(key)'")
        }
    }

    /// Text from a document as an error message may print it.
    static func shown(_ text: String) -> String {
        VisibleText.escape(text, limit: 80)
    }

    static func error(_ line: Int, _ path: String, _ message: String) -> ParseError {
        ParseError(.malformed, line: line, (path.isEmpty ? "the report" : path) + " " + message)
    }

    /// The path of a key of this object.
    func path(of key: String) -> String {
        path.isEmpty ? key : path + "." + key
    }

    /// An error about this object.
    func error(_ message: String) -> ParseError {
        Self.error(line, path, message)
    }

    func node(_ key: String) throws(ParseError) -> JSONNode {
        guard let node = object[key] else { throw error("lacks the key '\(key)'") }
        return node
    }

    func string(_ key: String) throws(ParseError) -> String {
        let node = try node(key)
        guard let text = node.string else { throw Self.error(node.line, path(of: key), "must be a string") }
        return text
    }

    func optionalString(_ key: String) throws(ParseError) -> String? {
        let node = try node(key)
        if node.isNull { return nil }
        guard let text = node.string else { throw Self.error(node.line, path(of: key), "must be a string or null") }
        return text
    }

    func integer(_ key: String) throws(ParseError) -> Int64 {
        let node = try node(key)
        guard let number = node.integer else {
            throw Self.error(node.line, path(of: key), "must be a whole number")
        }
        return number
    }

    func count(_ key: String) throws(ParseError) -> Int {
        guard let number = Int(exactly: try integer(key)), number >= 0 else {
            throw error("has the key '\(key)', which must be a count")
        }
        return number
    }

    func optionalInteger(_ key: String) throws(ParseError) -> Int64? {
        try node(key).isNull ? nil : try integer(key)
    }

    func elements(_ key: String) throws(ParseError) -> [JSONNode] {
        let node = try node(key)
        guard let elements = node.array else { throw Self.error(node.line, path(of: key), "must be an array") }
        return elements
    }

    func strings(_ key: String) throws(ParseError) -> [String] {
        var result: [String] = []
        for node in try elements(key) {
            guard let text = node.string else {
                throw Self.error(node.line, path(of: key), "must be an array of strings")
            }
            result.append(text)
        }
        return result
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable>(_ key: String, _: Word.Type) throws(ParseError) -> Word
    where Word.RawValue == String {
        let text = try string(key)
        guard let word = Word(rawValue: text) else {
            throw Self.error(try node(key).line, path(of: key), "cannot be '\(Self.shown(text))'")
        }
        return word
    }

    func time(_ key: String) throws(ParseError) -> Int64 {
        let text = try string(key)
        guard let seconds = Timestamp.seconds(text) else {
            throw Self.error(
                try node(key).line, path(of: key), "must be a UTC time such as 2026-11-21T07:13:00Z")
        }
        return seconds
    }
}
