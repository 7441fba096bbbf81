/// `/etc/passwd`, `/etc/shadow`, `/etc/group`, `/etc/subuid` and `/etc/subgid` as libc and shadow read them (passwd(5),
/// shadow(5), group(5), subuid(5)). Password fields become forms while reading.
public enum AccountFiles {
    /// A line of passwd.
    public struct User: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The form of the second field; nil where it is `x`: the password is in shadow.
        public var password: PasswordForm?
        /// The user id.
        public var uid: Int64
        /// The id of the primary group.
        public var gid: Int64
        /// The home directory.
        public var home: String
        /// The shell; empty means `/bin/sh`.
        public var shell: String
        /// The line.
        public var line: Int
    }

    /// A line of shadow.
    public struct Password: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The form of the password.
        public var form: PasswordForm
        /// Days after which it must be changed; nil where the field is empty.
        public var maximumAge: Int64?
        /// The day since 1970 on which the account expires; nil where the field is empty.
        public var expires: Int64?
        /// The line.
        public var line: Int
    }

    /// A line of group.
    public struct Group: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The group id.
        public var gid: Int64
        /// The names of the members.
        public var members: [String]
        /// The line.
        public var line: Int
    }

    /// A line of subuid or subgid.
    public struct Subordinate: Sendable, Hashable {
        /// The name of the user, or the id.
        public var owner: String
        /// The first id.
        public var start: Int64
        /// How many.
        public var count: Int64
        /// The line.
        public var line: Int

        /// Creates a range.
        public init(owner: String, start: Int64, count: Int64, line: Int) {
            self.owner = owner
            self.start = start
            self.count = count
            self.line = line
        }
    }

    /// What a file holds: entries, the lines that name another source (`+`, `-`), and lines that no reader takes.
    public struct Contents<Entry: Sendable & Hashable>: Sendable, Hashable {
        /// The entries in order.
        public var entries: [Entry] = []
        /// Lines of the old NIS form.
        public var compatible: [Int] = []
        /// Lines that are malformed.
        public var malformed: [Int] = []

        /// Creates empty contents.
        public init() {}
    }

    /// Names and descriptions may be of any encoding, so bytes that are not UTF-8 are replaced, not refused.
    private static func lines(_ bytes: [UInt8]) throws(ParseError) -> [TextLine] {
        guard bytes.count <= 8 << 20 else { throw ParseError(.limit, line: 1, "the file is larger than 8 MiB") }
        if bytes.contains(0) { throw ParseError(.encoding, line: 1, "the file holds a NUL byte") }
        return TextFile.lines(String(decoding: bytes, as: UTF8.self))
    }

    private static func fields(_ line: TextLine) -> [Substring] {
        line.text.split(separator: ":", maxSplits: 16, omittingEmptySubsequences: false)
    }

    /// An id as libc reads it: blanks before and a sign are allowed, so `00`, `+0` and `-0` are root too.
    static func identifier(_ text: Substring) -> Int64? {
        var text = text.trimmedBefore
        let isNegative = text.hasPrefix("-")
        if isNegative || text.hasPrefix("+") { text = text.dropFirst() }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text),
            number <= 4_294_967_295, !isNegative || number == 0
        else { return nil }
        return number
    }

    /// Whether libc takes the numbers of a shadow line: nine fields, the last of which may be left out with its colon
    /// where the one before is not empty, or the old form that ends after the third number.
    private static func hasNumbers(_ parts: [Substring]) -> Bool {
        switch parts.count {
        case 9: break
        case 8, 5: guard parts.last?.isEmpty == false else { return false }
        case 6: guard parts[5].trimmedBefore.isEmpty else { return false }
        default: return false
        }
        return parts[2...].enumerated().allSatisfy { index, part in
            part.isEmpty || parts.count == 6 && index == 3 || identifier(part) != nil
        }
    }

    private static func read<Entry>(
        _ bytes: [UInt8], fewest: Int, _ entry: ([Substring], Int) -> Entry?
    ) throws(ParseError) -> Contents<Entry> {
        var contents = Contents<Entry>()
        for line in try lines(bytes) {
            let text = line.text.trimmedBefore
            guard let first = text.utf8.first, first != UInt8(ascii: "#") else { continue }
            if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
                contents.compatible.append(line.number)
                continue
            }
            let parts = fields(TextLine(number: line.number, text: text))
            guard parts.count >= fewest, !parts[0].isEmpty, let one = entry(parts, line.number) else {
                contents.malformed.append(line.number)
                continue
            }
            contents.entries.append(one)
        }
        return contents
    }

    /// Reads passwd.
    public static func users(_ bytes: [UInt8]) throws(ParseError) -> Contents<User> {
        // A short line is an account too: what is missing is empty.
        try read(bytes, fewest: 4) { parts, line in
            guard let uid = identifier(parts[2]), let gid = identifier(parts[3]) else { return nil }
            return User(
                name: String(parts[0]), password: parts[1] == "x" ? nil : PasswordForm.classify(parts[1]), uid: uid,
                gid: gid, home: parts.count > 5 ? String(parts[5]) : "",
                shell: parts.dropFirst(6).joined(separator: ":"), line: line)
        }
    }

    /// Reads shadow.
    public static func passwords(_ bytes: [UInt8]) throws(ParseError) -> Contents<Password> {
        try read(bytes, fewest: 5) { parts, line in
            guard hasNumbers(parts) else { return nil }
            func number(_ index: Int) -> Int64? { index < parts.count ? identifier(parts[index]) : nil }
            return Password(
                name: String(parts[0]), form: PasswordForm.classify(parts[1]), maximumAge: number(4),
                expires: number(7), line: line)
        }
    }

    /// Reads group.
    public static func groups(_ bytes: [UInt8]) throws(ParseError) -> Contents<Group> {
        try read(bytes, fewest: 3) { parts, line in
            guard let gid = identifier(parts[2]) else { return nil }
            let list = parts.dropFirst(3).joined(separator: ":")
            let members = list.split(separator: ",").map { String($0.trimmed) }
            return Group(name: String(parts[0]), gid: gid, members: members.filter { !$0.isEmpty }, line: line)
        }
    }

    /// Reads subuid or subgid.
    public static func subordinates(_ bytes: [UInt8]) throws(ParseError) -> Contents<Subordinate> {
        try read(bytes, fewest: 3) { parts, line in
            guard let start = identifier(parts[1]), let count = identifier(parts[2]) else { return nil }
            return Subordinate(owner: String(parts[0]), start: start, count: count, line: line)
        }
    }
}

extension StringProtocol {
    /// The text without blanks and tabs before it.
    var trimmedBefore: SubSequence {
        guard let start = utf8.firstIndex(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else {
            return self[endIndex...]
        }
        return self[start...]
    }
}
