/// `limits.conf(5)`: who may use how much.
public struct LimitsFile: Sendable, Hashable {
    /// One line.
    public struct Entry: Sendable, Hashable {
        /// A user, `@group`, `%group`, `*`, or a range of ids.
        public var domain: String
        /// `hard`, `soft` or `-` for both, in lower case.
        public var type: String
        /// What is limited, in lower case; empty in a line `domain -`, which lifts all limits of that domain.
        public var item: String
        /// The value in lower case; empty in such a line.
        public var value: String
        /// The line, counted from 1.
        public var line: Int
    }

    /// The lines that pam_limits uses, in order.
    public var entries: [Entry]

    /// Reads a file; lines that pam_limits skips are left out.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> LimitsFile {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var file = LimitsFile(entries: [])
        for line in TextFile.lines(text) {
            let content = line.text.prefix { $0 != "#" }
            let words = content.split(maxSplits: 3, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
            guard words.count == 4 || (words.count == 2 && words[1] == "-") else { continue }
            let type = words[1].lowercased()
            guard ["hard", "soft", "-"].contains(type) else { continue }
            file.entries.append(
                Entry(
                    domain: String(words[0]), type: type, item: words.count == 4 ? words[2].lowercased() : "",
                    value: words.count == 4 ? words[3].trimmed.lowercased() : "", line: line.number))
        }
        return file
    }
}
