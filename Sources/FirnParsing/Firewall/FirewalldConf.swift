/// `firewalld.conf` (firewalld.conf(5)): `Key=value` lines.
public struct FirewalldConf: Sendable, Hashable {
    /// A value and where it stands.
    public struct Entry: Sendable, Hashable {
        /// The value.
        public var value: String
        /// The line, counted from 1.
        public var line: Int
        /// The line as written.
        public var text: String

        /// Creates an entry.
        public init(value: String, line: Int, text: String) {
            self.value = value
            self.line = line
            self.text = text
        }
    }

    /// The entries by key; the last one counts.
    public var entries: [String: Entry]

    /// Creates a configuration.
    public init(entries: [String: Entry] = [:]) {
        self.entries = entries
    }

    /// Reads the file. Lines starting with `#` or `;` are comments; firewalld ignores a line it does not know.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> FirewalldConf {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var conf = FirewalldConf()
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            guard let equals = content.firstIndex(of: "=") else { continue }
            conf.entries[String(content[..<equals].trimmed)] = Entry(
                value: String(content[content.index(after: equals)...].trimmed), line: line.number,
                text: String(content))
        }
        return conf
    }
}
