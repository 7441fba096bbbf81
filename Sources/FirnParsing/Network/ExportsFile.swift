/// What NFS gives to whom: exports(5).
public struct ExportsFile: Sendable, Hashable {
    /// One directory given to one client.
    public struct Export: Sendable, Hashable {
        /// The directory.
        public var path: String
        /// The client as it is spelled: a name, a network, `*`, `@netgroup`, `gss/krb5`.
        public var client: String
        /// The options, in lower case, the line's defaults (`-opt,...`) before the client's own.
        public var options: [String]
        /// The line.
        public var line: Int

        /// The last of several options that exclude each other, or nil when none is there.
        public func last(of alternatives: Set<String>) -> String? {
            options.last { alternatives.contains($0) }
        }

        /// The security flavours, most preferred first (`sec=krb5p:krb5`); `sys` is the default.
        public var flavours: [String] {
            for option in options.reversed() where option.hasPrefix("sec=") {
                return option.dropFirst(4).split(separator: ":").map(String.init)
            }
            return ["sys"]
        }
    }

    /// All exports in the order of the file.
    public var exports: [Export]

    /// Creates a file.
    public init(exports: [Export] = []) {
        self.exports = exports
    }

    /// Reads a file: one directory a line, then its clients; `\` joins lines, quotes and `\040` hold blanks.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> ExportsFile {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var file = ExportsFile(exports: [])
        var pending = ""
        var start = 0
        for line in TextFile.lines(text) {
            if pending.isEmpty { start = line.number }
            var piece = line.text
            let continues = piece.hasSuffix("\\")
            if continues { piece = piece.dropLast() }
            guard pending.utf8.count + piece.utf8.count <= 1 << 16 else {
                throw ParseError(.limit, line: start, "an entry is longer than 65536 bytes")
            }
            pending += piece
            if continues {
                pending += " "
                continue
            }
            try file.add(pending, line: start)
            pending = ""
        }
        if !pending.isEmpty { try file.add(pending, line: start) }
        return file
    }

    private mutating func add(_ text: String, line: Int) throws(ParseError) {
        let words = try Self.words(text, line: line)
        guard let path = words.first else { return }
        guard path.hasPrefix("/") else {
            throw ParseError(.malformed, line: line, "an entry does not begin with a path")
        }
        var defaults: [String] = []
        var isGiven = false
        for word in words.dropFirst() {
            if word.hasPrefix("-") {
                defaults = Self.options(word.dropFirst())
                continue
            }
            isGiven = true
            guard exports.count < 10_000 else {
                throw ParseError(.limit, line: line, "there are more than 10000 exports")
            }
            guard let open = word.firstIndex(of: "(") else {
                exports.append(Export(path: path, client: word.isEmpty ? "*" : word, options: defaults, line: line))
                continue
            }
            guard word.hasSuffix(")") else { throw ParseError(.malformed, line: line, "a list of options has no ')'") }
            let client = String(word[..<open])
            let own = Self.options(word[word.index(after: open)...].dropLast())
            // Options without a client, as in `/srv host (rw)`, are for everyone.
            exports.append(
                Export(path: path, client: client.isEmpty ? "*" : client, options: defaults + own, line: line))
        }
        if !isGiven { exports.append(Export(path: path, client: "*", options: defaults, line: line)) }
    }

    private static func options(_ text: Substring) -> [String] {
        text.split(separator: ",").map { $0.trimmed.lowercased() }.filter { !$0.isEmpty }
    }

    private static func words(_ text: String, line: Int) throws(ParseError) -> [String] {
        var words: [String] = []
        var current: [UInt8] = []
        var isQuoted = false
        var isWord = false
        var isInside = false
        loop: for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                isWord = true
            case UInt8(ascii: "#") where !isQuoted && !isWord: break loop
            case UInt8(ascii: " ") where !isQuoted && !isInside, UInt8(ascii: "\t") where !isQuoted && !isInside:
                if isWord { words.append(unescaped(current)) }
                current = []
                isWord = false
            default:
                if byte == UInt8(ascii: "(") { isInside = true }
                if byte == UInt8(ascii: ")") { isInside = false }
                current.append(byte)
                isWord = true
            }
        }
        guard !isQuoted else { throw ParseError(.malformed, line: line, "a quote is not closed") }
        if isWord { words.append(unescaped(current)) }
        return words
    }

    /// `\040` and its like are bytes in octal.
    private static func unescaped(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count {
                let digits = bytes[index + 1...index + 3]
                if digits.allSatisfy({ (0x30...0x37).contains($0) }) {
                    let value = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
                    result.append(UInt8(truncatingIfNeeded: value))
                    index += 4
                    continue
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
