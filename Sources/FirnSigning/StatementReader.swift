import FirnModel
import FirnParsing
import FirnReportCore

/// A JSON object of a statement, of which every key is known and required.
struct StatementReader {
    let node: JSONNode
    let path: String

    init(_ node: JSONNode?, at path: String, keys: [String]) throws(ParseError) {
        guard let node, let object = node.object else {
            throw ParseError(.malformed, line: node?.line ?? 1, "the statement's \(path) must be an object")
        }
        self.node = node
        self.path = path
        for member in object.members where !keys.contains(member.key) {
            throw ParseError(
                .malformed, line: member.node.line,
                "the statement's \(path) has the unknown key '\(VisibleText.escape(member.key, limit: 80))'")
        }
        for key in keys where object[key] == nil {
            throw ParseError(.malformed, line: node.line, "the statement's \(path) lacks the key '\(key)'")
        }
    }

    func error(_ key: String, _ what: String) -> ParseError {
        ParseError(.malformed, line: node[key]?.line ?? node.line, "the statement's \(path).\(key) must be \(what)")
    }

    func string(_ key: String) throws(ParseError) -> String {
        guard let text = node[key]?.string else { throw error(key, "text") }
        return text
    }

    func integer(_ key: String) throws(ParseError) -> Int64 {
        guard let number = node[key]?.integer else { throw error(key, "a whole number") }
        return number
    }

    func strings(_ key: String) throws(ParseError) -> [String] {
        var result: [String] = []
        for node in try elements(key) {
            guard let text = node.string else { throw error(key, "an array of texts") }
            result.append(text)
        }
        return result
    }

    func elements(_ key: String) throws(ParseError) -> [JSONNode] {
        guard let nodes = node[key]?.array else { throw error(key, "an array") }
        return nodes
    }

    /// A whole SHA-256, lower-case hex; a cut or differently written one is refused, not compared.
    func digest(_ key: String) throws(ParseError) -> String {
        let text = try string(key)
        guard Hexadecimal.isSHA256(text) else { throw error(key, "a SHA-256 of 64 lower-case hexadecimal digits") }
        return text
    }

}

extension JSONNode {
    /// Whether two documents say the same, whatever their layout and the order of members.
    func isSame(as other: JSONNode) -> Bool {
        switch (value, other.value) {
        case (.array(let mine), .array(let theirs)):
            mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isSame(as: $1) }
        case (.object(let mine), .object(let theirs)):
            mine.members.count == theirs.members.count
                && mine.members.allSatisfy { member in theirs[member.key].map { member.node.isSame(as: $0) } ?? false }
        case (.array, _), (.object, _), (_, .array), (_, .object): false
        // Swift compares text by canonical equivalence; here every byte counts.
        case (.string(let mine), .string(let theirs)): mine.utf8.elementsEqual(theirs.utf8)
        default: value == other.value
        }
    }
}
