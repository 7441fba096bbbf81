/// What NixOS' installer of systemd-boot has built in: the Python text that writes `loader.conf`.
///
/// Since 23.11 it has assignments (`EDITOR = "1" == "1"`, `TIMEOUT = "5"`); before, conditions around what it writes
/// (`if not "1" == "1":`, then `f.write("editor 0\n")`).
public struct SystemdBootBuilder: Sendable, Hashable {
    /// A value and the line it stands on.
    public struct Found<Value: Sendable & Hashable>: Sendable, Hashable {
        /// The value.
        public var value: Value
        /// The line.
        public var line: Int
        /// The text of the line.
        public var text: String
    }

    /// Whether the editor stays on; nil where the text does not say.
    public var editor: Found<Bool>?
    /// The timeout as written; empty where the menu waits for ever.
    public var timeout: Found<String>?

    /// Reads the text, of at most 1 MiB.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> SystemdBootBuilder {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var result = SystemdBootBuilder()
        var condition: TextLine?
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.hasPrefix("EDITOR") {
                guard let (left, right) = comparison(content) else { continue }
                result.editor = Found(value: left == right, line: line.number, text: String(content))
            } else if content.hasPrefix("TIMEOUT"), content.dropFirst(7).trimmed.hasPrefix("=") {
                let values = quoted(content)
                guard let value = values.first else { continue }
                result.timeout = Found(value: value, line: line.number, text: String(content))
            } else if content.hasPrefix("if ") {
                condition = line
                continue
            } else if content.hasPrefix("f.write(\"editor 0"), result.editor == nil, let condition,
                condition.text.trimmed.hasPrefix("if not "), let (left, right) = comparison(condition.text[...])
            {
                result.editor = Found(
                    value: left == right, line: condition.number, text: String(condition.text.trimmed))
            } else if content.hasPrefix("f.write(\"timeout "), result.timeout == nil, let condition {
                let value = content.dropFirst("f.write(\"timeout ".count).prefix { $0.isNumber || $0 == "-" }
                // With the condition `if "" != ""` nothing is written, and the menu waits for a key.
                let isWritten = quoted(condition.text[...]).first?.isEmpty == false
                result.timeout = Found(
                    value: isWritten ? String(value) : "", line: line.number, text: String(content))
            }
            condition = nil
        }
        return result
    }

    /// The two texts of `"a" == "b"`.
    private static func comparison(_ line: Substring) -> (String, String)? {
        let code = line.prefix { $0 != "#" }
        guard code.contains("==") else { return nil }
        let values = quoted(code)
        return values.count == 2 ? (values[0], values[1]) : nil
    }

    private static func quoted(_ line: Substring) -> [String] {
        let parts = line.split(separator: "\"", maxSplits: 16, omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 && $0 + 1 < parts.count }.map { String(parts[$0]) }
    }
}
