/// The `key = value` files of `/etc/security` (faillock.conf(5), pwquality.conf(5)).
public struct PamSettings: Sendable, Hashable {
    /// One setting.
    public struct Entry: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value; empty for a bare word.
        public var value: String
        /// The line, counted from 1.
        public var line: Int
    }

    /// The settings in the order they stand.
    public var entries: [Entry]

    /// The last setting of a name, which counts.
    public subscript(name: String) -> Entry? {
        entries.last { $0.name == name }
    }

    /// Reads a file.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> PamSettings {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var settings = PamSettings(entries: [])
        for line in TextFile.lines(text) {
            let content = line.text.prefix { $0 != "#" }.trimmed
            guard !content.isEmpty else { continue }
            let end = content.firstIndex { $0 == "=" || $0 == " " || $0 == "\t" } ?? content.endIndex
            let name = String(content[..<end])
            var value = content[end...].trimmed
            if value.first == "=" { value = value.dropFirst().trimmed }
            settings.entries.append(Entry(name: name, value: String(value), line: line.number))
        }
        return settings
    }
}
