public import FirnModel

/// The catalogue's data in a form that loads fast: all trees of `profiles/`, texts stored once.
///
/// Layout, all numbers as unsigned LEB128: the magic `FIRNCAT1`; the count of texts, then each as length and UTF-8; the
/// count of files, then each as the index of its name and its tree. A node is a tag, its line as the difference to its
/// parent's (zigzag), and its content. One content has one encoding, so the digest of the bytes names the content.
public enum CompiledCatalogue {
    private static let magic = Array("FIRNCAT1".utf8)
    /// How deep tables and arrays of the data may nest.
    public static let maximumDepth = 64
    /// One above what the data may nest, so that whatever was encoded can be decoded.
    private static let depthLimit = maximumDepth + 1

    private enum Tag: UInt8 {
        case string = 0
        case integer = 1
        case no = 2
        case yes = 3
        case array = 4
        case table = 5
    }

    // MARK: - Encoding

    /// The bytes of a set of files.
    public static func encode(files: [String: DataNode]) -> [UInt8] {
        var writer = Writer()
        let ordered = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, root) in ordered {
            writer.collect(name)
            writer.collect(root)
        }
        writer.internTexts()
        writer.bytes = magic
        writer.number(UInt64(writer.texts.count))
        for text in writer.texts {
            writer.number(UInt64(text.utf8.count))
            writer.bytes.append(contentsOf: text.utf8)
        }
        writer.number(UInt64(ordered.count))
        for (name, root) in ordered {
            writer.text(name)
            writer.node(root, parentLine: 0)
        }
        return writer.bytes
    }

    private struct Writer {
        var bytes: [UInt8] = []
        var texts: [String] = []
        // By bytes: Swift takes two spellings of one accented letter for the same text, the data does not.
        private var seen: Set<[UInt8]> = []
        private var indices: [[UInt8]: Int] = [:]

        mutating func collect(_ text: String) {
            seen.insert(Array(text.utf8))
        }

        mutating func collect(_ node: DataNode) {
            switch node.value {
            case .string(let text): collect(text)
            case .integer, .boolean: break
            case .array(let elements): for element in elements { collect(element) }
            case .table(let entries):
                for entry in entries {
                    collect(entry.key)
                    collect(entry.node)
                }
            }
        }

        mutating func internTexts() {
            let ordered = seen.sorted { $0.lexicographicallyPrecedes($1) }
            texts = ordered.map { String(decoding: $0, as: UTF8.self) }
            indices = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
        }

        mutating func number(_ value: UInt64) {
            var value = value
            while value >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
                value >>= 7
            }
            bytes.append(UInt8(value))
        }

        mutating func signed(_ value: Int64) {
            number(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
        }

        mutating func text(_ text: String) {
            number(UInt64(indices[Array(text.utf8)] ?? 0))
        }

        mutating func node(_ node: DataNode, parentLine: Int) {
            func open(_ tag: Tag) {
                bytes.append(tag.rawValue)
                signed(Int64(node.line &- parentLine))
            }
            switch node.value {
            case .string(let value):
                open(.string)
                text(value)
            case .integer(let value):
                open(.integer)
                signed(value)
            case .boolean(let value):
                open(value ? .yes : .no)
            case .array(let elements):
                open(.array)
                number(UInt64(elements.count))
                for element in elements { self.node(element, parentLine: node.line) }
            case .table(let entries):
                open(.table)
                number(UInt64(entries.count))
                for entry in entries {
                    text(entry.key)
                    self.node(entry.node, parentLine: node.line)
                }
            }
        }
    }

    // MARK: - Decoding

    /// The files of encoded bytes. Bytes that are damaged give an error, whatever they are.
    public static func decode(_ bytes: some RandomAccessCollection<UInt8>) throws(DataError) -> [String: DataNode] {
        var reader = Reader(bytes: Array(bytes))
        return try reader.files()
    }

    private struct Reader {
        /// What is reserved before an element was read: a damaged count must not cost memory.
        static let reserveLimit = 256

        let bytes: [UInt8]
        var position = 0
        var texts: [String] = []

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        func damaged() -> DataError {
            DataError(file: "compiled catalogue", line: 0, message: "the data is damaged at byte \(position)")
        }

        mutating func byte() throws(DataError) -> UInt8 {
            guard position < bytes.count else { throw damaged() }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func number() throws(DataError) -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: 0, through: 63, by: 7) {
                let byte = try byte()
                value |= UInt64(byte & 0x7f) << UInt64(shift)
                if byte & 0x80 == 0 { return value }
            }
            throw damaged()
        }

        /// A count of things of which each takes at least one byte, so it can never exceed what is left.
        mutating func count() throws(DataError) -> Int {
            let value = try number()
            guard value <= UInt64(bytes.count - position) else { throw damaged() }
            return Int(value)
        }

        mutating func signed() throws(DataError) -> Int64 {
            let value = try number()
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        }

        mutating func text() throws(DataError) -> String {
            let index = try number()
            guard index < UInt64(texts.count) else { throw damaged() }
            return texts[Int(index)]
        }

        mutating func files() throws(DataError) -> [String: DataNode] {
            guard bytes.starts(with: magic) else { throw damaged() }
            position = magic.count
            let textCount = try count()
            texts.reserveCapacity(textCount)
            for _ in 0..<textCount {
                let length = try count()
                guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
                    throw damaged()
                }
                texts.append(text)
                position += length
            }
            var result: [String: DataNode] = [:]
            for _ in 0..<(try count()) {
                let name = try text()
                result[name] = try node(parentLine: 0, depth: 0)
            }
            guard position == bytes.count else { throw damaged() }
            return result
        }

        mutating func node(parentLine: Int, depth: Int) throws(DataError) -> DataNode {
            guard depth < depthLimit, let tag = Tag(rawValue: try byte()) else { throw damaged() }
            let difference = try signed()
            let line = parentLine &+ Int(truncatingIfNeeded: difference)
            switch tag {
            case .string: return DataNode(.string(try text()), line: line)
            case .integer: return DataNode(.integer(try signed()), line: line)
            case .no: return DataNode(.boolean(false), line: line)
            case .yes: return DataNode(.boolean(true), line: line)
            case .array:
                let count = try count()
                var elements: [DataNode] = []
                elements.reserveCapacity(min(count, Self.reserveLimit))
                for _ in 0..<count { elements.append(try node(parentLine: line, depth: depth + 1)) }
                return DataNode(.array(elements), line: line)
            case .table:
                let count = try count()
                var entries: [DataNode.Entry] = []
                entries.reserveCapacity(min(count, Self.reserveLimit))
                for _ in 0..<count {
                    let key = try text()
                    entries.append(DataNode.Entry(key: key, node: try node(parentLine: line, depth: depth + 1)))
                }
                return DataNode(.table(entries), line: line)
            }
        }
    }

    // MARK: - C source

    /// The source of `catalogue.c` for files in the form of `profiles/`, after validating them.
    package static func source(files: [String: DataNode]) throws(CatalogueError) -> String {
        _ = try Catalogue.validated(files: files)
        return cSource(encode(files: BenchmarkIndex.split(files).main))
    }

    /// The source of `benchmarks.c` for such files, after validating them.
    package static func benchmarksSource(files: [String: DataNode]) throws(CatalogueError) -> String {
        let compiled = try Catalogue.validated(files: files).compiledBenchmarks
        return header + literal("index_data", compiled.index) + literal("texts_data", compiled.texts()) + """

            const unsigned char *firn_benchmark_index_bytes(void) { return index_data; }
            size_t firn_benchmark_index_size(void) { return sizeof index_data - 1; }
            const unsigned char *firn_benchmarks_bytes(void) { return texts_data; }
            size_t firn_benchmarks_size(void) { return sizeof texts_data - 1; }

            """
    }

    /// Bytes as the C source of the catalogue.
    static func cSource(_ bytes: [UInt8]) -> String {
        header + literal("catalogue", bytes) + """

            const unsigned char *firn_catalogue_bytes(void) { return catalogue; }
            size_t firn_catalogue_size(void) { return sizeof catalogue - 1; }

            """
    }

    private static let header = """
        /* Made by `make catalogue` from profiles/. Do not edit. */
        #include "CCatalogue.h"

        """

    /// Bytes as a C string in chunks: readable text stays readable, other bytes are octal escapes.
    private static func literal(_ name: String, _ bytes: [UInt8]) -> String {
        var text = "\nstatic const unsigned char \(name)[] =\n"
        var line = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""): line += "\\\""
            case UInt8(ascii: "\\"): line += "\\\\"
            // "??" starts a trigraph in older C.
            case UInt8(ascii: "?"): line += "\\?"
            case 0x20...0x7e: line.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 8)
                line += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
            if line.utf8.count >= 110 {
                text += "    \"\(line)\"\n"
                line = ""
            }
        }
        return text + "    \"\(line)\";\n"
    }
}
