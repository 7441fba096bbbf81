/// A file of keys that may log in, as sshd reads it (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
public struct AuthorizedKeys: Sendable, Hashable {
    /// An option before a key.
    public struct Option: Sendable, Hashable {
        /// The name in lower case.
        public var name: String
        /// The value without quotes; nil where there is none. It may hold a secret: callers show the name only.
        public var value: String?
    }

    /// A line that sshd takes.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public var key: SSHPublicKey
        /// The options in order.
        public var options: [Option]
        /// The line.
        public var line: Int

        /// Whether an option of that name stands there.
        public func has(_ name: String) -> Bool { options.contains { $0.name == name } }
    }

    /// A line that sshd skips, and why.
    public struct Refusal: Sendable, Hashable {
        /// The line.
        public var line: Int
        /// Why, in words.
        public var reason: String
    }

    /// The lines that count.
    public var entries: [Entry] = []
    /// The lines that do not.
    public var refused: [Refusal] = []

    /// Creates an empty file.
    public init() {}

    /// Reads a file of at most 1 MiB.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> AuthorizedKeys {
        guard bytes.count <= 1 << 20 else { throw ParseError(.limit, line: 1, "the file is larger than 1 MiB") }
        var keys = AuthorizedKeys()
        // A comment may be of any encoding.
        for line in TextFile.lines(String(decoding: bytes, as: UTF8.self)) {
            keys.read(line)
        }
        return keys
    }

    private mutating func read(_ line: TextLine) {
        // sshd reads C text: a NUL ends the line.
        let text = line.text.prefix { $0 != "\0" }.trimmedBefore
        guard let first = text.utf8.first, first != UInt8(ascii: "#") else { return }
        if let key = Self.key(text) {
            entries.append(Entry(key: key, options: [], line: line.number))
            return
        }
        if SSHPublicKey.isType(Self.word(text).0) {
            refused.append(Refusal(line: line.number, reason: "the key is damaged"))
            return
        }
        guard let end = Self.endOfOptions(text) else {
            refused.append(Refusal(line: line.number, reason: "a quote is not closed"))
            return
        }
        guard let key = Self.key(text[end...].trimmedBefore) else {
            refused.append(Refusal(line: line.number, reason: "there is no key sshd can read"))
            return
        }
        guard let options = Self.options(text[..<end]) else {
            refused.append(Refusal(line: line.number, reason: "an option is not known to sshd"))
            return
        }
        entries.append(Entry(key: key, options: options, line: line.number))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func word(_ text: Substring) -> (Substring, rest: Substring) {
        let end = text.utf8.firstIndex(where: isBlank) ?? text.endIndex
        return (text[..<end], text[end...].trimmedBefore)
    }

    private static func key(_ text: Substring) -> SSHPublicKey? {
        let (type, rest) = word(text)
        guard !rest.isEmpty, SSHPublicKey.isType(type) else { return nil }
        return SSHPublicKey.parse(type: type, base64: word(rest).0)
    }

    /// Where the options end: at the first blank outside double quotes; nil where a quote is left open.
    private static func endOfOptions(_ text: Substring) -> Substring.Index? {
        let bytes = text.utf8
        var index = bytes.startIndex
        var isQuoted = false
        while index < bytes.endIndex {
            let byte = bytes[index]
            if !isQuoted, isBlank(byte) { return index }
            let next = bytes.index(after: index)
            if byte == UInt8(ascii: "\\"), next < bytes.endIndex, bytes[next] == UInt8(ascii: "\"") {
                index = bytes.index(after: next)
                continue
            }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            index = next
        }
        return isQuoted ? nil : index
    }

    private static let flags: Set<String> = [
        "restrict", "cert-authority", "port-forwarding", "agent-forwarding", "x11-forwarding", "pty", "user-rc",
        "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-pty", "no-user-rc", "touch-required",
        "no-touch-required", "verify-required", "no-verify-required",
    ]
    private static let valued: Set<String> = [
        "command", "principals", "from", "expiry-time", "environment", "permitopen", "permitlisten", "tunnel",
    ]

    /// The options, separated by commas outside quotes; nil where sshd refuses one, and with it the line.
    private static func options(_ text: Substring) -> [Option]? {
        var result: [Option] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "=") } ?? rest.endIndex
            let name = String(decoding: rest[..<end], as: UTF8.self).lowercased()
            rest = rest[end...]
            if rest.first == UInt8(ascii: "=") {
                guard valued.contains(name), rest.dropFirst().first == UInt8(ascii: "\"") else { return nil }
                rest = rest.dropFirst(2)
                var value: [UInt8] = []
                while let byte = rest.first, byte != UInt8(ascii: "\"") {
                    if byte == UInt8(ascii: "\\"), rest.dropFirst().first == UInt8(ascii: "\"") {
                        rest = rest.dropFirst()
                    }
                    value.append(rest.first ?? byte)
                    rest = rest.dropFirst()
                }
                guard !rest.isEmpty else { return nil }
                rest = rest.dropFirst()
                result.append(Option(name: name, value: String(decoding: value, as: UTF8.self)))
            } else {
                guard flags.contains(name) else { return nil }
                result.append(Option(name: name, value: nil))
            }
            if rest.isEmpty { break }
            guard rest.first == UInt8(ascii: ","), rest.count > 1 else { return nil }
            rest = rest.dropFirst()
        }
        return result
    }
}
