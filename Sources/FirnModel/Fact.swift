/// The name of a fact: a family, a dot, and the name as upstream spells it (`sysctl.kernel.kptr_restrict`).
public struct FactKey: RawRepresentable, Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    /// The whole name.
    public var rawValue: String

    /// Creates a key from its whole name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Creates a key from its whole name.
    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// Creates a key from a literal.
    public init(stringLiteral value: String) {
        self.rawValue = value
    }

    /// The family: all before the first dot.
    public var family: String {
        String(rawValue.prefix { $0 != "." })
    }

    /// Orders by name.
    public static func < (left: FactKey, right: FactKey) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// One thing that is so, or is not there, or could not be seen, with the evidence.
///
/// `absent` means looked and not there; `unavailable` means could not look (a dangling link, a file without permission,
/// a construct the parser does not know). The two are never merged: "could not tell" must not become "pass".
public enum Fact: Sendable, Hashable {
    /// Seen, with its value.
    case known(FactValue, [Evidence])
    /// Looked, and not there.
    case absent([Evidence])
    /// Could not be seen, and why.
    case unavailable(reason: String, [Evidence])

    /// The evidence, whatever the state.
    public var evidence: [Evidence] {
        switch self {
        case .known(_, let evidence), .absent(let evidence), .unavailable(_, let evidence): evidence
        }
    }

    /// The value when it is known.
    public var value: FactValue? {
        if case .known(let value, _) = self { value } else { nil }
    }
}
