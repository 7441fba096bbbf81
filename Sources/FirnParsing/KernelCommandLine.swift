/// A kernel command line, split as each of its readers splits it.
///
/// Three programs read the same bytes and disagree on where a word ends: the kernel's `parse_args` (lib/cmdline.c
/// `next_arg`, kernel/params.c), the early x86 code that looks for one option in the raw text (arch/x86/lib/cmdline.c,
/// also NixOS' stage 1 script), and systemd (`proc_cmdline_parse`). A parameter must be looked up in the words of the
/// reader that handles it.
public struct KernelCommandLine: Sendable, Hashable {
    /// One word of the line, split at its first `=`.
    public struct Argument: Sendable, Hashable {
        /// What stands before the first `=`, or the whole word.
        public var name: String
        /// What stands after the first `=`, without the quotes its reader removes; nil for a bare word.
        public var value: String?
        /// The position among the words of the same reader, counted from 0.
        public var index: Int
        /// The bytes of the word in the line, quotes included.
        public var bytes: Range<Int>
        /// The word as it stands in the line.
        public var text: String

        /// Creates an argument.
        public init(name: String, value: String?, index: Int, bytes: Range<Int>, text: String) {
            self.name = name
            self.value = value
            self.index = index
            self.bytes = bytes
            self.text = text
        }
    }

    /// `COMMAND_LINE_SIZE` of x86 and arm64, the final NUL included: what lies beyond is cut off.
    public static let commandLineSize = 2048

    /// What the kernel parses, up to a bare `--`.
    public var parameters: [Argument]
    /// What follows the bare `--`: arguments of init, no parameters.
    public var initArguments: [Argument]
    /// The blank-separated words of the whole line, quotes kept, as the early x86 code and a shell loop see them.
    public var words: [Argument]
    /// The words of the whole line as systemd splits it: single and double quotes are removed anywhere.
    public var userspaceArguments: [Argument]
    /// The length in bytes without a line feed at the end.
    public var length: Int

    /// Reads a line. `limit` bounds its length in bytes; a NUL or text after a line break is no command line.
    public static func parse(_ bytes: [UInt8], limit: Int = 64 << 10) throws(ParseError) -> KernelCommandLine {
        guard bytes.count <= limit else {
            throw ParseError(.limit, line: 1, "the command line is longer than \(limit) bytes")
        }
        guard !bytes.contains(0) else { throw ParseError(.encoding, line: 1, "the command line holds a NUL byte") }
        // /proc/cmdline ends with a line feed that is not part of the line; the file of a closure does not.
        let length = bytes.last == UInt8(ascii: "\n") ? bytes.count - 1 : bytes.count
        let line = Array(bytes[..<length])
        guard !line.contains(UInt8(ascii: "\n")) else {
            throw ParseError(.malformed, line: 1, "the command line holds a line break")
        }
        let (parameters, rest) = kernelArguments(line, from: 0, stopsAtDashes: true)
        let initArguments = rest.map { kernelArguments(line, from: $0, stopsAtDashes: false).arguments } ?? []
        return KernelCommandLine(
            parameters: parameters, initArguments: initArguments, words: plainWords(line),
            userspaceArguments: systemdWords(line), length: length)
    }

    /// The name with `-` written as `_`: the kernel's `parameq` and systemd's `proc_cmdline_key_streq` make no
    /// difference between the two in names.
    public static func canonicalName(_ name: some StringProtocol) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    /// Blanks of the kernel's own ctype table (lib/ctype.c): as in C, and byte 0xA0.
    private static func isKernelSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte) || byte == 0xa0
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// `parse_args` over `next_arg`; `rest` is where the arguments of init begin, when a bare `--` was met.
    private static func kernelArguments(
        _ bytes: [UInt8], from start: Int, stopsAtDashes: Bool
    ) -> (arguments: [Argument], rest: Int?) {
        var arguments: [Argument] = []
        var position = start
        while true {
            while position < bytes.count, isKernelSpace(bytes[position]) { position += 1 }
            guard position < bytes.count else { return (arguments, nil) }
            let (argument, next) = nextArgument(bytes, at: position, index: arguments.count)
            position = next
            if stopsAtDashes, argument.value == nil, argument.name == "--" { return (arguments, position) }
            arguments.append(argument)
        }
    }

    /// `next_arg`: a quote at the start covers the whole word; an inner quote hides blanks; a quote at the start and
    /// the end of the value is removed. An `=` as the first byte of a word does not split it.
    private static func nextArgument(_ bytes: [UInt8], at start: Int, index: Int) -> (Argument, Int) {
        let quote = UInt8(ascii: "\"")
        let isQuoted = bytes[start] == quote
        let begin = isQuoted ? start + 1 : start
        var inQuote = isQuoted
        var equals = begin
        var end = begin
        while end < bytes.count {
            let byte = bytes[end]
            if isKernelSpace(byte), !inQuote { break }
            if equals == begin, byte == UInt8(ascii: "=") { equals = end }
            if byte == quote { inQuote.toggle() }
            end += 1
        }
        let endsInQuote = end > begin && bytes[end - 1] == quote
        guard equals > begin else {
            let stop = isQuoted && endsInQuote ? end - 1 : end
            let argument = Argument(
                name: text(bytes, begin..<stop), value: nil, index: index, bytes: start..<end,
                text: text(bytes, start..<end))
            return (argument, end)
        }
        var valueStart = equals + 1
        var valueEnd = isQuoted && endsInQuote ? end - 1 : end
        if valueStart < end, bytes[valueStart] == quote {
            valueStart += 1
            if endsInQuote { valueEnd = end - 1 }
        }
        let name = text(bytes, begin..<equals)
        let value = text(bytes, valueStart..<max(valueStart, valueEnd))
        let argument = Argument(
            name: name, value: value, index: index, bytes: start..<end, text: text(bytes, start..<end))
        return (argument, end)
    }

    /// Words between bytes up to the blank, as `myisspace` of arch/x86/lib/cmdline.c has it.
    private static func plainWords(_ bytes: [UInt8]) -> [Argument] {
        var result: [Argument] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] > 0x20 else {
                position += 1
                continue
            }
            var end = position
            while end < bytes.count, bytes[end] > 0x20 { end += 1 }
            result.append(split(bytes[position..<end], index: result.count, text: text(bytes, position..<end)))
            position = end
        }
        return result
    }

    /// `extract_first_word` with unquoting and relaxed rules: a quote that is never closed ends with the line.
    private static func systemdWords(_ bytes: [UInt8]) -> [Argument] {
        let blanks: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
        var result: [Argument] = []
        var position = 0
        while position < bytes.count {
            guard !blanks.contains(bytes[position]) else {
                position += 1
                continue
            }
            let start = position
            var word: [UInt8] = []
            var open: UInt8?
            while position < bytes.count {
                let byte = bytes[position]
                if let quote = open {
                    if byte == quote { open = nil } else { word.append(byte) }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    open = byte
                } else if blanks.contains(byte) {
                    break
                } else {
                    word.append(byte)
                }
                position += 1
            }
            var argument = split(word[...], index: result.count, text: text(bytes, start..<position))
            argument.bytes = start..<position
            result.append(argument)
        }
        return result
    }

    private static func split(_ word: ArraySlice<UInt8>, index: Int, text: String) -> Argument {
        let equals = word.firstIndex(of: UInt8(ascii: "="))
        let name = String(decoding: word[..<(equals ?? word.endIndex)], as: UTF8.self)
        let value = equals.map { String(decoding: word[($0 + 1)...], as: UTF8.self) }
        return Argument(name: name, value: value, index: index, bytes: word.startIndex..<word.endIndex, text: text)
    }
}
