/// Text of sections and settings, as smb.conf(5), avahi-daemon.conf(5), grafana.ini and my.cnf have it.
public struct SectionedText: Sendable, Hashable {
    /// One setting in the order of the file.
    public struct Setting: Sendable, Hashable {
        /// The section without brackets, in lower case; empty before the first one.
        public var section: String
        /// The key in lower case, blanks inside reduced to one.
        public var key: String
        /// The value, quotes round it removed.
        public var value: String
        /// The line.
        public var line: Int

        /// Creates a setting.
        public init(section: String, key: String, value: String, line: Int) {
            self.section = section
            self.key = key
            self.value = value
            self.line = line
        }
    }

    /// All settings.
    public var settings: [Setting]
    /// The names of the sections as they are spelled, in the order of the file.
    public var sections: [String]

    /// Creates a text.
    public init(settings: [Setting] = [], sections: [String] = []) {
        self.settings = settings
        self.sections = sections
    }

    /// Reads a text; a line that is neither section, setting nor comment is a key without value.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> SectionedText {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result = SectionedText(settings: [], sections: [])
        var section = ""
        var pending = ""
        var start = 0
        let lines = TextFile.lines(text)
        for line in lines {
            if pending.isEmpty { start = line.number }
            var piece = line.text.trimmed
            if pending.isEmpty, piece.isEmpty || piece.hasPrefix("#") || piece.hasPrefix(";") { continue }
            let continues = piece.hasSuffix("\\")
            if continues { piece = piece.dropLast() }
            guard pending.utf8.count + piece.utf8.count <= 1 << 16 else {
                throw ParseError(.limit, line: start, "a setting is longer than 65536 bytes")
            }
            pending += piece
            // A mark on the last line continues nothing; the setting still counts.
            if continues, line.number < lines.count { continue }
            let statement = pending.trimmed
            pending = ""
            if statement.isEmpty { continue }
            if statement.hasPrefix("[") {
                guard let close = statement.firstIndex(of: "]") else {
                    throw ParseError(.malformed, line: start, "a section header has no ']'")
                }
                let name = statement[statement.index(after: statement.startIndex)..<close].trimmed
                section = name.lowercased()
                result.sections.append(String(name))
                continue
            }
            guard result.settings.count < 50_000 else {
                throw ParseError(.limit, line: start, "there are more than 50000 settings")
            }
            let equals = statement.firstIndex(of: "=") ?? statement.endIndex
            let key = statement[..<equals].split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            let value = equals == statement.endIndex ? "" : statement[statement.index(after: equals)...].trimmed
            result.settings.append(
                Setting(section: section, key: key.lowercased(), value: unquoted(value), line: start))
        }
        return result
    }

    /// The last setting of a key in a section.
    public func last(_ section: String, _ keys: Set<String>) -> Setting? {
        settings.last { $0.section == section && keys.contains($0.key) }
    }

    private static func unquoted(_ text: Substring) -> String {
        for quote in ["\"", "'"] where text.utf8.count > 1 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return String(text)
    }
}
