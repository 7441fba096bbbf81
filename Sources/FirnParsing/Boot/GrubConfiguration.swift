/// A `grub.cfg` as NixOS' install-grub.pl writes it, or a text pasted into it: who may change entries, how long the menu
/// waits, and what the entries boot. It is no shell: what it does not know it leaves out, except around passwords.
public struct GrubConfiguration: Sendable, Hashable {
    /// A user of GRUB's authentication.
    public struct User: Sendable, Hashable {
        /// The name.
        public var name: String
        /// Whether the password stands there in clear text (`password` and not `password_pbkdf2`).
        public var isPlain: Bool
        /// The line.
        public var line: Int
    }

    /// The last `set superusers=`; nil where there is none.
    public var superusers: (names: [String], line: Int)?
    /// The users with a password.
    public var users: [User] = []
    /// The entries.
    public var entries: [BootEntry] = []
    /// The last `set timeout=`.
    public var timeout: (value: String, line: Int)?
    /// The first line that speaks of superusers or passwords in a way that is not understood.
    public var unclear: (line: Int, reason: String)?

    /// Creates an empty configuration.
    public init() {}

    /// Reads a file of at most 4 MiB.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> GrubConfiguration {
        let text = try TextFile.decode(bytes, limit: 4 << 20)
        var result = GrubConfiguration()
        var open: BootEntry?
        var depth = 0
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            if content.isEmpty || content.hasPrefix("#") { continue }
            let words = words(content)
            guard let command = words.first else { continue }
            switch command {
            case "menuentry", "submenu":
                if let entry = open { result.entries.append(entry) }
                open =
                    command == "menuentry" && words.count > 1
                    ? BootEntry(title: words[1], toplevel: nil, line: line.number) : nil
            case "linux", "linuxefi", "linux16", "multiboot2", "module2", "module":
                if let toplevel = BootEntry.toplevel(inOptions: words.dropFirst().joined(separator: " ")) {
                    open?.toplevel = toplevel
                }
            case "set": result.assign(words.dropFirst().first ?? "", line.number, depth: depth)
            case "unset" where words.dropFirst().contains("superusers"):
                result.superusers = ([], line.number)
                if depth > 0 { result.doubt(line.number, "superusers are changed in a branch") }
            case "password", "password_pbkdf2":
                guard words.count >= 3 else {
                    result.doubt(line.number, "a password line names no user and password")
                    continue
                }
                result.users.append(
                    User(name: words[1], isPlain: command == "password", line: line.number))
                if depth > 0 { result.doubt(line.number, "a password is set in a branch") }
            case "if", "for", "while", "until", "function": depth += 1
            case "fi", "done": depth = max(0, depth - 1)
            case "source", "configfile", ".", "normal", "load_env":
                result.doubt(line.number, "\(command) may change who is a superuser")
            default:
                if command.hasPrefix("superusers=") {
                    result.assign(command, line.number, depth: depth)
                } else if command != "export", content.contains("superusers") {
                    result.doubt(line.number, "superusers are spoken of in an unknown way")
                }
            }
        }
        if let entry = open { result.entries.append(entry) }
        return result
    }

    private mutating func assign(_ word: String, _ line: Int, depth: Int) {
        guard let equals = word.firstIndex(of: "=") else { return }
        let value = String(word[word.index(after: equals)...])
        switch word[..<equals] {
        case "superusers":
            superusers = (value.split(whereSeparator: { " ,;|&".contains($0) }).map(String.init), line)
            if value.contains("$") { doubt(line, "superusers are taken from a variable") }
            if depth > 0 { doubt(line, "superusers are set in a branch") }
        case "timeout": if depth == 0 { timeout = (value, line) }
        default: return
        }
    }

    private mutating func doubt(_ line: Int, _ reason: String) {
        if unclear == nil { unclear = (line, reason) }
    }

    /// Words with quotes removed; `;` and braces stand alone.
    private static func words(_ line: Substring) -> [String] {
        var result: [String] = []
        var word: [UInt8] = []
        var quote: UInt8?
        var isWord = false
        for byte in line.utf8 {
            if let open = quote {
                if byte == open { quote = nil } else { word.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                isWord = true
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: ";") {
                if isWord || !word.isEmpty { result.append(String(decoding: word, as: UTF8.self)) }
                word = []
                isWord = false
            } else {
                word.append(byte)
            }
        }
        if isWord || !word.isEmpty { result.append(String(decoding: word, as: UTF8.self)) }
        return result
    }

    /// Equality of all parts, written out because tuples have none.
    public static func == (left: GrubConfiguration, right: GrubConfiguration) -> Bool {
        left.superusers?.names == right.superusers?.names && left.users == right.users
            && left.entries == right.entries && left.timeout?.value == right.timeout?.value
            && left.unclear?.line == right.unclear?.line
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(superusers?.names)
        hasher.combine(users)
        hasher.combine(entries)
    }
}
