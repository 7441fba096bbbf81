import FirnModel

/// Reads one table of knowledge and names file and line where it is broken.
struct UnitTableReader {
    /// A TOML table inside it.
    struct Row {
        let file: String
        let node: DataNode

        func error(_ message: String) -> DataError { DataError(file: file, line: node.line, message: message) }

        /// Refuses keys that nobody reads: a misspelt one would be a fact left out.
        func allow(_ keys: Set<String>) throws(DataError) {
            guard let entries = node.entries else { throw error("this must be a table") }
            for entry in entries where !keys.contains(entry.key) {
                throw DataError(file: file, line: entry.node.line, message: "unknown key \"\(entry.key)\"")
            }
        }

        func text(_ key: String) throws(DataError) -> String {
            guard let text = try optionalText(key) else { throw error("\(key) is missing") }
            return text
        }

        func optionalText(_ key: String) throws(DataError) -> String? {
            guard let value = node[key] else { return nil }
            guard let text = value.string else { throw error("\(key) must be text") }
            return text
        }

        func integer(_ key: String) throws(DataError) -> Int {
            guard let number = node[key]?.integer, (0...1_000_000).contains(number) else {
                throw error("\(key) must be a number")
            }
            return Int(number)
        }

        func table(_ key: String) throws(DataError) -> Row {
            guard let value = node[key], value.entries != nil else { throw error("the table \(key) is missing") }
            return Row(file: file, node: value)
        }

        func texts(_ key: String) throws(DataError) -> [String] {
            guard let value = node[key] else { return [] }
            guard let texts = value.strings else { throw error("\(key) must be an array of texts") }
            return texts
        }

        func choice<Value>(_ key: String, _ choices: [String: Value]) throws(DataError) -> Value {
            guard let value = choices[try text(key)] else {
                throw error("\(key) is one of \(choices.keys.sorted().joined(separator: ", "))")
            }
            return value
        }

        func rows(_ key: String) throws(DataError) -> [Row] {
            guard let value = node[key] else { return [] }
            guard let elements = value.elements else { throw error("\(key) must be an array of tables") }
            return elements.map { Row(file: file, node: $0) }
        }
    }

    let root: Row

    /// Finds a table by its name.
    init(_ knowledge: Knowledge, _ name: String) throws(DataError) {
        let file = "profiles/knowledge/\(name).toml"
        guard let node = knowledge.tables[name] else { throw DataError(file: file, line: 0, message: "missing") }
        root = Row(file: file, node: node)
    }
}
