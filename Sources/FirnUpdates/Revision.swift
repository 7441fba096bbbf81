/// A Git commit of nixpkgs: all its hexadecimal digits, or the first of them.
public struct Revision: Sendable, Hashable, CustomStringConvertible {
    /// The digits in lower case.
    public let text: String

    /// Fewer digits than Git's own abbreviations name no commit.
    public static let shortest = 7

    /// Reads one; nil when the text is none. Git writes lower case, and so does all that copies from it.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count >= Self.shortest, text.utf8.count <= 64,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = String(text)
    }

    /// Whether it has all digits: 40 of SHA-1, 64 of SHA-256 (gitformat-pack(5), "object format").
    public var isWhole: Bool { text.utf8.count == 40 || text.utf8.count == 64 }

    /// Whether both may name one commit: one begins with the other. Two whole ones are of one length, or differ.
    public func matches(_ other: Revision) -> Bool {
        if isWhole, other.isWhole { return text == other.text }
        return text.hasPrefix(other.text) || other.text.hasPrefix(text)
    }

    /// The digits.
    public var description: String { text }
}
