public import FirnModel
import TOMLKit

/// Reads TOML 1.0 into a tree whose every node knows its line.
public enum TOMLDocument {
    /// The largest document that is read, in bytes.
    static let byteLimit = 4 << 20
    /// The deepest nesting of tables and arrays.
    static let depthLimit = 32

    /// Reads one document. Dates and floats are refused: no rule needs them, and Nix and Swift would round differently.
    public static func parse(_ text: String, file: String) throws(DataError) -> DataNode {
        guard text.utf8.count <= byteLimit else {
            throw DataError(file: file, line: 1, message: "the file is larger than \(byteLimit) bytes")
        }
        if let line = lineOfExcessiveNesting(text) {
            throw DataError(file: file, line: line, message: "the data is nested deeper than \(depthLimit) levels")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw DataError(
                file: file, line: Int(error.source.begin.line), message: "this is no valid TOML: \(error.description)")
        } catch {
            throw DataError(file: file, line: 1, message: "this is no valid TOML: \(error)")
        }
        let index = TOMLLineIndex(text)
        return try node(table, path: "", parentLine: 1, index: index, file: file, depth: 0)
    }

    /// The parser behind TOMLKit recurses, so brackets are counted before it sees them.
    private static func lineOfExcessiveNesting(_ text: String) -> Int? {
        var depth = 0
        var line = 1
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            default: break
            }
            // Brackets inside strings count too; no text of ours opens hundreds without closing one.
            if depth > 8 * depthLimit { return line }
        }
        return nil
    }

    private static func node(
        _ value: any TOMLValueConvertible, path: String, parentLine: Int, index: TOMLLineIndex, file: String, depth: Int
    ) throws(DataError) -> DataNode {
        let line = index.lines[path] ?? parentLine
        guard depth <= depthLimit else {
            throw DataError(file: file, line: line, message: "the data is nested deeper than \(depthLimit) levels")
        }
        switch value.type {
        case .table:
            guard let table = value.table else { break }
            var entries: [DataNode.Entry] = []
            for key in table.keys.sorted() {
                guard let child = table[key] else { continue }
                entries.append(
                    DataNode.Entry(
                        key: key,
                        node: try node(
                            child, path: TOMLLineIndex.join(path, key), parentLine: line, index: index, file: file,
                            depth: depth + 1)))
            }
            return DataNode(.table(entries), line: line)
        case .array:
            guard let array = value.array else { break }
            var elements: [DataNode] = []
            for (position, element) in array.enumerated() {
                elements.append(
                    try node(
                        element, path: TOMLLineIndex.join(path, String(position)), parentLine: line, index: index,
                        file: file, depth: depth + 1))
            }
            return DataNode(.array(elements), line: line)
        case .string:
            if let text = value.string { return DataNode(.string(text), line: line) }
        case .int:
            if let number = value.int { return DataNode(.integer(Int64(number)), line: line) }
        case .bool:
            if let truth = value.bool { return DataNode(.boolean(truth), line: line) }
        case .double:
            throw DataError(file: file, line: line, message: "a number with a fraction is not allowed here")
        case .date, .time, .dateTime:
            throw DataError(file: file, line: line, message: "a date is not allowed here: write it as a string")
        }
        throw DataError(file: file, line: line, message: "a value of this kind is not allowed here")
    }
}
