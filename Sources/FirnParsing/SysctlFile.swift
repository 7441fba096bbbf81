/// One file of kernel settings as systemd-sysctl reads it (sysctl.d(5)).
///
/// A line that is neither a comment, an assignment nor an exclusion does not stop systemd: it logs the line and goes on,
/// and so does this reader, which keeps such lines as `problems`.
public struct SysctlFile: Sendable, Hashable {
    /// An assignment, or an exclusion from globs (`-key` without `=`).
    public struct Entry: Sendable, Hashable {
        /// The path below `/proc/sys` (`net/ipv4/ip_forward`), which may be a glob.
        public var path: String
        /// The text to write, without blanks at both ends; nil for an exclusion.
        public var value: String?
        /// Whether a `-` before the key tells systemd to ignore a failed write.
        public var ignoresErrors: Bool
        /// The line, counted from 1.
        public var line: Int
        /// The line as it stands in the file, without blanks at both ends.
        public var text: String

        /// Creates an entry.
        public init(path: String, value: String?, ignoresErrors: Bool = false, line: Int, text: String) {
            self.path = path
            self.value = value
            self.ignoresErrors = ignoresErrors
            self.line = line
            self.text = text
        }

        /// Whether the key is a glob (glob(7)): systemd looks for `*`, `?` and `[` only, so braces alone are plain text.
        public var isGlob: Bool { SysctlFile.isGlob(path) }
    }

    /// A line that sets nothing.
    public struct Problem: Sendable, Hashable {
        /// The line, counted from 1.
        public var line: Int
        /// Why, in one sentence without a full stop.
        public var message: String
    }

    /// Bounds on what is accepted.
    public struct Limits: Sendable, Hashable {
        /// The largest file in bytes.
        public var bytes: Int
        /// The longest line in bytes; systemd gives up on a file with a longer one.
        public var line: Int
        /// The most lines with content.
        public var entries: Int

        /// Creates bounds.
        public init(bytes: Int = 16 << 20, line: Int = 1 << 20, entries: Int = 100_000) {
            self.bytes = bytes
            self.line = line
            self.entries = entries
        }
    }

    /// The entries in the order of the file.
    public var entries: [Entry] = []
    /// The lines that were not understood.
    public var problems: [Problem] = []

    /// Creates a file from its entries.
    public init(entries: [Entry] = [], problems: [Problem] = []) {
        self.entries = entries
        self.problems = problems
    }

    /// Reads a file. Throws only when a bound is broken; bytes that are not UTF-8 become U+FFFD.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(ParseError) -> SysctlFile {
        guard bytes.count <= limits.bytes else {
            throw ParseError(.limit, line: 1, "the file is larger than \(limits.bytes) bytes")
        }
        var file = SysctlFile()
        var start = 0
        var number = 1
        while start < bytes.count {
            // systemd ends a line at a line feed, a carriage return or a NUL; only the first is a line to an editor.
            var end = start
            while end < bytes.count, !isLineEnd(bytes[end]) { end += 1 }
            guard end - start <= limits.line else {
                throw ParseError(.limit, line: number, "a line is longer than \(limits.line) bytes")
            }
            file.read(stripped(bytes[start..<end]), line: number)
            guard file.entries.count + file.problems.count <= limits.entries else {
                throw ParseError(.limit, line: number, "the file has more than \(limits.entries) settings")
            }
            if end < bytes.count, bytes[end] == UInt8(ascii: "\n") { number += 1 }
            start = end + 1
        }
        return file
    }

    private mutating func read(_ line: ArraySlice<UInt8>, line number: Int) {
        guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return }
        let isMarked = first == UInt8(ascii: "-")
        let text = Self.decoded(line)
        var key = line
        var value: String?
        if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
            key = line[..<equals]
            value = Self.decoded(Self.stripped(line[(equals + 1)...]))
        } else if !isMarked {
            problems.append(Problem(line: number, message: "the line is no assignment"))
            return
        }
        if isMarked { key = key.dropFirst() }
        let path = Self.path(of: Self.decoded(Self.stripped(key)))
        guard !path.isEmpty else {
            problems.append(Problem(line: number, message: "the line names no setting"))
            return
        }
        entries.append(
            Entry(path: path, value: value, ignoresErrors: isMarked && value != nil, line: number, text: text))
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == 0
    }

    private static func stripped(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || isLineEnd(byte)
        }
        var slice = bytes
        while let first = slice.first, isBlank(first) { slice = slice.dropFirst() }
        while let last = slice.last, isBlank(last) { slice = slice.dropLast() }
        return slice
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Whether systemd treats a path as a glob.
    public static func isGlob(_ path: String) -> Bool {
        path.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    /// The path below `/proc/sys` of a key in either spelling.
    ///
    /// The first separator decides (sysctl.d(5)): after a dot, dots separate and slashes stand for dots inside a name
    /// (`net.ipv4.conf.eth0/100.rp_filter`); after a slash, or without any, the key is a path already.
    public static func path(of key: String) -> String {
        var bytes = Array(key.utf8)
        let dot = UInt8(ascii: ".")
        let slash = UInt8(ascii: "/")
        if let first = bytes.first(where: { $0 == dot || $0 == slash }), first == dot {
            for index in bytes.indices {
                if bytes[index] == dot {
                    bytes[index] = slash
                } else if bytes[index] == slash {
                    bytes[index] = dot
                }
            }
        }
        let parts = bytes.split(separator: slash).filter { !($0.count == 1 && $0.first == dot) }
        return String(decoding: Array(parts.joined(separator: [slash])), as: UTF8.self)
    }

    /// The key of a path in the spelling with dots: `net.ipv4.conf.eth0/100.rp_filter`.
    public static func key(of path: String) -> String {
        let bytes = path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "/"): UInt8(ascii: ".")
            case UInt8(ascii: "."): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
