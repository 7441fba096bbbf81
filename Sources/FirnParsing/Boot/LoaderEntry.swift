/// A text of the Boot Loader Specification: an entry, or `loader.conf` of systemd-boot (loader.conf(5)): a key, blanks, a
/// value; the rest of the line is the value.
public struct LoaderText: Sendable, Hashable {
    /// One line.
    public struct Field: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: String
        /// The line, counted from 1.
        public var line: Int
    }

    /// The fields in order; a key may come more than once.
    public var fields: [Field]

    /// Reads a file of at most 1 MiB. A key without a value is left out, as systemd-boot does.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> LoaderText {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result = LoaderText(fields: [])
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.isEmpty || content.hasPrefix("#") { continue }
            guard let blank = content.firstIndex(where: { $0 == " " || $0 == "\t" }) else { continue }
            result.fields.append(
                Field(
                    key: String(content[..<blank]), value: String(content[blank...].trimmed), line: line.number))
        }
        return result
    }

    /// The last field of a key.
    public func last(_ key: String) -> Field? {
        fields.last { $0.key == key }
    }

    /// A truth value as systemd reads it; nil for any other word.
    public static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }

    /// The toplevel that an entry boots: that of `init=` in its last options line that has one.
    public var toplevel: String? {
        fields.reversed().lazy.filter { $0.key == "options" }.compactMap { BootEntry.toplevel(inOptions: $0.value) }
            .first
    }
}

/// A boot entry as a loader offers it.
public struct BootEntry: Sendable, Hashable {
    /// What the menu shows.
    public var title: String
    /// The toplevel it boots, where its command line names one.
    public var toplevel: String?
    /// The line it starts on.
    public var line: Int

    /// The toplevel in a command line: `init=/nix/store/...-nixos-system-.../init`.
    public static func toplevel(inOptions options: String) -> String? {
        for word in options.split(separator: " ") where word.hasPrefix("init=") && word.hasSuffix("/init") {
            return String(word.dropFirst("init=".count).dropLast("/init".count))
        }
        return nil
    }
}
