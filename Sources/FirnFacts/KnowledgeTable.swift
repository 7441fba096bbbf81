import FirnModel

/// Reads one table of `profiles/knowledge/` and names file and line where it is broken. Shared by the families.
struct KnowledgeTable {
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

        /// A count or weight.
        func integer(_ key: String) throws(DataError) -> Int {
            guard let number = node[key]?.integer, (0...1_000_000).contains(number) else {
                throw error("\(key) must be a number")
            }
            return Int(number)
        }

        /// A table inside this one.
        func table(_ key: String) throws(DataError) -> Row {
            guard let value = node[key], value.entries != nil else { throw error("the table \(key) is missing") }
            return Row(file: file, node: value)
        }

        func optionalInteger(_ key: String) throws(DataError) -> Int64? {
            guard let value = node[key] else { return nil }
            guard let number = value.integer else { throw error("\(key) must be a number") }
            return number
        }

        /// A number or text, as the text that would be written.
        func optionalScalar(_ key: String) throws(DataError) -> String? {
            guard let value = node[key] else { return nil }
            if let number = value.integer { return String(number) }
            guard let text = value.string else { throw error("\(key) must be a number or text") }
            return text
        }

        func integers(_ key: String) throws(DataError) -> [Int64] {
            guard let value = node[key] else { return [] }
            guard let elements = value.elements else { throw error("\(key) must be an array of numbers") }
            var numbers: [Int64] = []
            for element in elements {
                guard let number = element.integer else { throw error("\(key) must be an array of numbers") }
                numbers.append(number)
            }
            return numbers
        }

        func texts(_ key: String) throws(DataError) -> [String] {
            guard let value = node[key] else { return [] }
            guard let texts = value.strings else { throw error("\(key) must be an array of texts") }
            return texts
        }

        func version(_ key: String) throws(DataError) -> DottedVersion? {
            guard let text = try optionalText(key) else { return nil }
            guard let version = DottedVersion(text) else { throw error("\(key) must be a kernel version") }
            return version
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

    func rows(_ key: String) throws(DataError) -> [Row] { try root.rows(key) }
}
