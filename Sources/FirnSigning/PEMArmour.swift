/// The text form of keys (RFC 7468): one block between a BEGIN and an END line, and nothing else in the file.
struct PEMArmour {
    /// What stands after BEGIN.
    var label: String
    /// The decoded bytes.
    var bytes: [UInt8]

    private static let begin = "-----BEGIN "
    private static let dashes = "-----"

    /// The label of a file that begins as an armoured one does, or nil.
    static func label(_ lines: [Substring]) -> String? {
        guard let first = lines.first, first.hasPrefix(begin), first.hasSuffix(dashes),
            first.utf8.count > begin.utf8.count + dashes.utf8.count
        else { return nil }
        return String(first.dropFirst(begin.count).dropLast(dashes.count))
    }

    /// Reads a block; `lines` are those of the file, without their ends.
    init(_ lines: [Substring], label: String) throws(KeyError) {
        var lines = lines[...]
        while lines.last == "" { lines = lines.dropLast() }
        guard lines.count >= 3, lines.last == "-----END \(label)-----"[...] else {
            throw KeyError("the key file does not end with -----END \(label)-----")
        }
        var text = ""
        for line in lines.dropFirst().dropLast() {
            guard !line.isEmpty, line.utf8.count <= 76 else {
                throw KeyError("the key file has a line between BEGIN and END that is empty or too long")
            }
            text += line
        }
        guard let bytes = Base64.decode(text), !bytes.isEmpty else {
            throw KeyError("the key file is not valid base64 between BEGIN and END")
        }
        self.label = label
        self.bytes = bytes
    }

    static func write(label: String, _ bytes: [UInt8], width: Int = 64) -> String {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Base64.encode(bytes)[...]
        while !rest.isEmpty {
            text += rest.prefix(width) + "\n"
            rest = rest.dropFirst(width)
        }
        return text + "-----END \(label)-----\n"
    }
}
