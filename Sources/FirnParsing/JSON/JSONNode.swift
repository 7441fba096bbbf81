/// A JSON value and the line it stands on (RFC 8259).
public struct JSONNode: Sendable, Hashable {
    /// The value.
    public indirect enum Value: Sendable, Hashable {
        /// `null`.
        case null
        /// `true` or `false`.
        case boolean(Bool)
        /// A number without fraction or exponent that fits 64 bits.
        case integer(Int64)
        /// Any other number.
        case double(Double)
        /// Text.
        case string(String)
        /// An array.
        case array([JSONNode])
        /// An object; its members in the order of the document.
        case object(JSONObject)
    }

    /// The value.
    public var value: Value
    /// The line, counted from 1.
    public var line: Int

    /// Creates a node.
    public init(_ value: Value, line: Int = 1) {
        self.value = value
        self.line = line
    }

    /// The member of a key, when this is an object that has it.
    public subscript(key: String) -> JSONNode? {
        guard case .object(let object) = value else { return nil }
        return object[key]
    }

    /// The members, when this is an object.
    public var object: JSONObject? {
        if case .object(let object) = value { object } else { nil }
    }

    /// The elements, when this is an array.
    public var array: [JSONNode]? {
        if case .array(let elements) = value { elements } else { nil }
    }

    /// The text, when this is a string.
    public var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The number, when this is a whole one.
    public var integer: Int64? {
        if case .integer(let number) = value { number } else { nil }
    }

    /// The truth value, when this is one.
    public var boolean: Bool? {
        if case .boolean(let truth) = value { truth } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        value == .null
    }
}

/// The members of a JSON object, in document order, with a lookup by key.
public struct JSONObject: Sendable, Hashable {
    /// One member.
    public struct Member: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var node: JSONNode
    }

    /// The members in document order.
    public private(set) var members: [Member] = []
    private var index: [String: Int] = [:]

    /// Creates an empty object.
    public init() {}

    /// The value of a key.
    public subscript(key: String) -> JSONNode? {
        guard let position = index[key] else { return nil }
        return members[position].node
    }

    /// Adds a member; false when the key is there already.
    public mutating func append(_ key: String, _ node: JSONNode) -> Bool {
        guard index[key] == nil else { return false }
        index[key] = members.count
        members.append(Member(key: key, node: node))
        return true
    }
}
