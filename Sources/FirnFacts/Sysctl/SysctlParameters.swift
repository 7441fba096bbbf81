import FirnParsing

/// The words of a kernel command line as far as settings depend on them.
struct SysctlParameters: Sendable {
    /// The words the kernel itself reads, quotes removed: what follows `--` belongs to init.
    var words: [String] = []
    /// Where they stand.
    var path = ""
    /// Why they cannot be told; nil when they can.
    var unavailable: String?

    /// Splits a command line as the kernel does (lib/cmdline.c, `next_arg`): blanks inside double quotes do not split,
    /// and quotes around the word or its value are not part of it.
    static func words(of line: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isQuoted = false
        var hasWord = false
        func finish() {
            if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
            hasWord = false
        }
        for byte in line.utf8 {
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                hasWord = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if isQuoted { word.append(byte) } else { finish() }
            default:
                word.append(byte)
                hasWord = true
            }
        }
        finish()
        if let end = words.firstIndex(of: "--") { words.removeSubrange(end...) }
        return words
    }

    /// The settings among the words (fs/proc/proc_sysctl.c, `process_sysctl_arg`): every dot of the key separates.
    func settings(_ table: SysctlTable) -> [(path: String, value: String, word: String)] {
        var settings: [(path: String, value: String, word: String)] = []
        // COMMAND_LINE_SIZE is at most a few thousand bytes on every architecture.
        for word in words.prefix(1000) {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let name = word[..<equals]
            let value = String(word[word.index(after: equals)...])
            if name.hasPrefix("sysctl.") || name.hasPrefix("sysctl/") {
                let path = String(
                    decoding: name.utf8.dropFirst(7).map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "/") : $0 },
                    as: UTF8.self)
                settings.append((path, value, word))
            } else if let path = table.parameterNames[String(name)] {
                settings.append((path, value, word))
            }
        }
        return settings
    }
}
