public import FirnModel
public import FirnParsing

/// The evaluated options of a NixOS configuration, from either form of option JSON.
public struct OptionTree: Sendable {
    /// What looking an option up gave.
    public enum Lookup: Sendable {
        /// The value; `null` is a value.
        case value(JSONNode)
        /// The export has no such option.
        case missing
        /// The exporter could not evaluate it, and why.
        case unavailable(String)
    }

    /// The name of the file, for evidence.
    public let name: String
    /// The tree of values.
    public let values: JSONNode
    /// Option paths that could not be evaluated, with the reason.
    public let unavailable: [String: String]

    /// Who defines options, by path.
    public let definitions: OptionDefinitions

    /// Creates a tree.
    public init(
        name: String, values: JSONNode, unavailable: [String: String] = [:],
        definitions: OptionDefinitions = OptionDefinitions()
    ) {
        self.name = name
        self.values = values
        self.unavailable = unavailable
        self.definitions = definitions
    }

    /// The value at a path, one element an attribute.
    public func lookup(_ path: [String]) -> Lookup {
        // An option that could not be evaluated may be missing from the tree together with what is around it.
        if !unavailable.isEmpty {
            for depth in path.indices {
                if let reason = unavailable[Self.spelled(Array(path[...depth]))] { return .unavailable(reason) }
            }
        }
        var node = values
        for key in path {
            guard let next = node[key] else { return .missing }
            node = next
        }
        return .value(node)
    }

    /// A value that must be a boolean, or the fact that says why it is none.
    public func boolean(_ path: [String]) -> Bool? {
        if case .value(let node) = lookup(path) { node.boolean } else { nil }
    }

    /// An option path as Nix spells it (lib.showOption): attributes that are no identifiers are quoted.
    public static func spelled(_ path: [String]) -> String {
        path.map { part in
            func isLetter(_ byte: UInt8) -> Bool {
                (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
            }
            let isIdentifier =
                part.utf8.first.map(isLetter) == true
                && part.utf8.allSatisfy { byte in
                    isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
                        || byte == UInt8(ascii: "'")
                }
            if isIdentifier { return part }
            let escaped = part.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("${", with: "\\${")
            return "\"\(escaped)\""
        }.joined(separator: ".")
    }

    /// Evidence that names an option, where its value stands in the JSON, and, where the export knows it, who defines it.
    public func evidence(_ path: [String], text: String? = nil) -> Evidence {
        let spelled = Self.spelled(path)
        let parts = [text, definitions.origin(of: spelled)].compactMap(\.self)
        let text = parts.isEmpty ? nil : parts.joined(separator: "; ")
        if case .value(let node) = lookup(path) {
            return Evidence(path: spelled, line: node.line, text: text)
        }
        return Evidence(path: spelled, text: text)
    }
}
