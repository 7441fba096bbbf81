/// The `...-mounts.sh` of NixOS: one `specialMount "device" "mount point" "options" "type"` a line
/// (nixos/modules/tasks/filesystems.nix).
public struct SpecialMounts: Sendable, Hashable {
    /// The mounts in the order of the file.
    public var entries: [FSTab.Entry]

    /// Reads the script; any other command in it is refused, since it may mount something else.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> SpecialMounts {
        let text = try TextFile.decode(bytes, limit: 1 << 18)
        var result = SpecialMounts(entries: [])
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.isEmpty || content.hasPrefix("#") { continue }
            guard let words = words(content), words.count == 5, words[0] == "specialMount" else {
                throw ParseError(.malformed, line: line.number, "a line is no specialMount with four arguments")
            }
            result.entries.append(
                FSTab.Entry(
                    source: words[1], target: words[2], type: words[4], options: words[3], line: line.number))
        }
        return result
    }

    /// The words of a line whose arguments stand in double quotes; nil when the shell would expand something.
    private static func words(_ line: Substring) -> [String]? {
        var result: [String] = []
        var word = ""
        var isQuoted = false
        var isWord = false
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\"":
                isQuoted.toggle()
                isWord = true
            case " ", "\t":
                if isQuoted {
                    word.unicodeScalars.append(scalar)
                } else if isWord {
                    result.append(word)
                    word = ""
                    isWord = false
                }
            case "$", "`", "\\": return nil
            case "'", ";", "&", "|", "<", ">", "(", ")":
                guard isQuoted else { return nil }
                word.unicodeScalars.append(scalar)
            default:
                word.unicodeScalars.append(scalar)
                isWord = true
            }
        }
        guard !isQuoted else { return nil }
        if isWord { result.append(word) }
        return result
    }
}
