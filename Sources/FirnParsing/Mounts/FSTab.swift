/// `/etc/fstab` (fstab(5)) as libmount reads it.
public struct FSTab: Sendable, Hashable {
    /// One file system or swap area.
    public struct Entry: Sendable, Hashable {
        /// What is mounted: a device, a label, a share. May hold a name and password.
        public var source: String
        /// Where; `none` for swap.
        public var target: String
        /// The type; `none` for a bind mount.
        public var type: String
        /// The fourth field; nil where the line has none.
        public var options: String?
        /// The line, counted from 1.
        public var line: Int

        /// Creates an entry.
        public init(source: String, target: String, type: String, options: String?, line: Int) {
            self.source = source
            self.target = target
            self.type = type
            self.options = options
            self.line = line
        }
    }

    /// A line that libmount cannot read and leaves out.
    public struct Ignored: Sendable, Hashable {
        /// The line, counted from 1.
        public var line: Int
        /// Why.
        public var reason: String
    }

    /// The entries in the order of the file.
    public var entries: [Entry]
    /// The lines left out.
    public var ignored: [Ignored]

    /// Creates a table.
    public init(entries: [Entry] = [], ignored: [Ignored] = []) {
        self.entries = entries
        self.ignored = ignored
    }

    /// Reads a table of at most 1 MiB.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> FSTab {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var table = FSTab()
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.isEmpty || content.utf8.first == UInt8(ascii: "#") { continue }
            let fields = content.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
                .map { unescaped($0) }
            guard fields.count >= 3 else {
                table.ignored.append(Ignored(line: line.number, reason: "a line has fewer than three fields"))
                continue
            }
            if fields.dropFirst(4).prefix(2).contains(where: { Int64($0) == nil }) {
                table.ignored.append(
                    Ignored(line: line.number, reason: "the fifth or sixth field is no number"))
                continue
            }
            table.entries.append(
                Entry(
                    source: fields[0], target: fields[1], type: fields[2],
                    options: fields.count > 3 ? fields[3] : nil, line: line.number))
        }
        return table
    }

    /// A field with `\040` and other octal escapes resolved (fstab(5)); any other backslash stays.
    static func unescaped(_ field: Substring.UTF8View) -> String {
        guard field.contains(UInt8(ascii: "\\")) else { return String(Substring(field)) }
        let source = Array(field)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "\\"), index + 3 < source.count,
                source[index + 1...index + 3].allSatisfy({ (0x30...0x37).contains($0) })
            {
                let value = source[index + 1...index + 3].reduce(0) { $0 * 8 + Int($1 - 0x30) }
                bytes.append(UInt8(truncatingIfNeeded: value))
                index += 4
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
