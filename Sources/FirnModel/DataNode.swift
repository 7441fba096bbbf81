/// A piece of the catalogue's data (TOML) and the line it stood on.
///
/// Rules, profiles and knowledge tables are decoded from this tree, whether it was read from TOML or from the compiled
/// catalogue, so that there is one decoder and errors always name a line.
public struct DataNode: Sendable, Hashable {
    /// The data.
    public enum Value: Sendable, Hashable {
        /// Text.
        case string(String)
        /// A whole number.
        case integer(Int64)
        /// True or false.
        case boolean(Bool)
        /// An array.
        case array([DataNode])
        /// A table; its keys are sorted.
        case table([Entry])
    }

    /// A key of a table and its data.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The data.
        public var node: DataNode

        /// Creates an entry.
        public init(key: String, node: DataNode) {
            self.key = key
            self.node = node
        }
    }

    /// The data.
    public var value: Value
    /// The line, counted from 1; 0 where it is not known.
    public var line: Int

    /// Creates a node.
    public init(_ value: Value, line: Int = 0) {
        self.value = value
        self.line = line
    }

    /// The node of a key, when this is a table that has it.
    public subscript(key: String) -> DataNode? {
        guard case .table(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.node
    }

    /// The entries, when this is a table.
    public var entries: [Entry]? {
        if case .table(let entries) = value { entries } else { nil }
    }

    /// The elements, when this is an array.
    public var elements: [DataNode]? {
        if case .array(let elements) = value { elements } else { nil }
    }

    /// The text, when this is a string.
    public var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The number, when this is one.
    public var integer: Int64? {
        if case .integer(let number) = value { number } else { nil }
    }

    /// The truth value, when this is one.
    public var boolean: Bool? {
        if case .boolean(let truth) = value { truth } else { nil }
    }

    /// The texts, when this is an array of strings.
    public var strings: [String]? {
        guard let elements else { return nil }
        var result: [String] = []
        for element in elements {
            guard let text = element.string else { return nil }
            result.append(text)
        }
        return result
    }
}

/// The tables of `profiles/knowledge/`, by file name without its ending. Each fact family decodes its own.
public struct Knowledge: Sendable, Hashable {
    /// The tables.
    public var tables: [String: DataNode]

    /// Creates knowledge from its tables.
    public init(tables: [String: DataNode] = [:]) {
        self.tables = tables
    }
}

/// An error in the catalogue's data: which file, which line, what is wrong.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The line, or 0.
    public var line: Int
    /// What is wrong, in one sentence.
    public var message: String

    /// Creates an error.
    public init(file: String, line: Int, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`.
    public var description: String {
        line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)"
    }
}
