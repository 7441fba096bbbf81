import FirnModel

/// Reads the keys of one table and reports every key it does not know.
struct TableReader {
    let node: DataNode
    let file: String
    private(set) var errors: [DataError] = []
    // A list: a table has few keys, and hashing each takes longer than comparing them.
    private var known: [String] = []

    init(_ node: DataNode, file: String) {
        self.node = node
        self.file = file
    }

    mutating func fail(_ message: String, at line: Int? = nil) {
        errors.append(DataError(file: file, line: line ?? node.line, message: message))
    }

    mutating func absorb(_ other: [DataError]) {
        errors.append(contentsOf: other)
    }

    /// The node of a key, which is then known.
    mutating func optional(_ key: String) -> DataNode? {
        known.append(key)
        return node[key]
    }

    mutating func required(_ key: String) -> DataNode? {
        guard let value = optional(key) else {
            fail("\"\(key)\" is missing")
            return nil
        }
        return value
    }

    mutating func text(_ key: String, required isRequired: Bool = true) -> String? {
        guard let value = isRequired ? required(key) : optional(key) else { return nil }
        guard let text = value.string, !text.allSatisfy(\.isWhitespace) else {
            fail("\"\(key)\" must be text that is not empty", at: value.line)
            return nil
        }
        return text
    }

    mutating func strings(_ key: String) -> [String]? {
        guard let value = optional(key) else { return nil }
        guard let strings = value.strings else {
            fail("\"\(key)\" must be a list of texts", at: value.line)
            return nil
        }
        return strings
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, required isRequired: Bool = true
    ) -> Word? where Word.RawValue == String {
        guard let text = text(key, required: isRequired) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            fail("\"\(key)\" is \"\(text)\", it must be one of \(words)", at: node[key]?.line)
            return nil
        }
        return word
    }

    /// Reports the keys that nobody asked for.
    mutating func finish() {
        guard let entries = node.entries else {
            fail("this must be a table")
            return
        }
        for entry in entries where !known.contains(entry.key) {
            // Sorted, so that of two as near the same one is always named.
            let near = known.sorted().min { Self.distance($0, entry.key) < Self.distance($1, entry.key) }
            let hint = near.flatMap { Self.distance($0, entry.key) <= 3 ? "; do you mean \"\($0)\"?" : nil } ?? ""
            fail("the key \"\(entry.key)\" is not known here\(hint)", at: entry.node.line)
        }
    }

    /// How many letters must change to make one word the other (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                current.append(
                    min(previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1)))
            }
            previous = current
        }
        return previous[right.count]
    }
}
