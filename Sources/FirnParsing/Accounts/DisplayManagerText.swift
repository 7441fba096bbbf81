/// Settings in sections, as the display managers keep them: GKeyFile of lightdm and gdm, QSettings of sddm, the TOML of
/// greetd as far as plain tables with text values go, and files without sections (ly, slim).
public struct DisplayManagerText: Sendable, Hashable {
    /// A setting.
    public struct Setting: Sendable, Hashable {
        /// The section; empty before the first one.
        public var section: String
        /// The name.
        public var key: String
        /// The value, quotes around it removed.
        public var value: String
        /// The line.
        public var line: Int
    }

    /// The settings in order.
    public var settings: [Setting] = []

    /// Creates a text.
    public init(settings: [Setting] = []) {
        self.settings = settings
    }

    /// Reads the text; a line that is neither section, comment nor assignment is skipped, as those programs do.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> DisplayManagerText {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result = DisplayManagerText()
        var section = ""
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            guard let first = content.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
                continue
            }
            if first == UInt8(ascii: "["), let end = content.lastIndex(of: "]") {
                section = String(content[content.index(after: content.startIndex)..<end].trimmed)
                continue
            }
            guard let equals = content.firstIndex(of: "=") else { continue }
            var value = content[content.index(after: equals)...].trimmed
            for quote in ["\"", "'"] where value.hasPrefix(quote) {
                value = value.dropFirst().prefix { String($0) != quote }
            }
            result.settings.append(
                Setting(
                    section: section, key: String(content[..<equals].trimmed), value: String(value), line: line.number))
        }
        return result
    }

    /// The last setting of a name in a section; names are compared as they stand.
    public func last(_ section: String, _ key: String) -> Setting? {
        settings.last { $0.section == section && $0.key == key }
    }
}
