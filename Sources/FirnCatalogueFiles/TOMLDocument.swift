import FirnCatalogue
public import FirnModel
import TOMLKit

/// A TOML 1.0 file read into `DataNode`s that know their lines.
///
/// TOMLKit (toml++) parses and validates; it keeps no positions of values, so `TOMLLines` reads the same text a second
/// time for the lines alone, and the two trees are joined. What TOML can say and the catalogue does not want, a float or
/// a date, is an error: Nix reads the same files, and has neither.
public enum TOMLDocument {
    /// The longest file that is read, in bytes. The largest rule file is a few hundred kilobytes.
    public static let maximumSize = 2 << 20
    /// How deep tables and arrays may nest.
    public static let maximumDepth = CompiledCatalogue.maximumDepth

    /// Reads a file's text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: The name that errors give.
    /// - Returns: The root table. A key's node has the line of the key, an element's the line it starts on, a table's
    ///   the line of its header.
    /// - Throws: `DataError` with the line: not TOML, too long, too deep, a float, a date, or a NUL character.
    public static func parse(_ text: String, file: String) throws(DataError) -> DataNode {
        guard text.utf8.count <= maximumSize else {
            throw DataError(file: file, line: 0, message: "the file is longer than \(maximumSize) bytes")
        }
        // Before TOMLKit, since this bounds the depth: toml++ bounds nested values, but not dotted keys.
        let lines = try TOMLLines(text, file: file)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw DataError(file: file, line: error.source.begin.line, message: "not TOML: \(error.description)")
        } catch {
            throw DataError(file: file, line: 0, message: "not TOML: \(error)")
        }
        return try Join(file: file, lines: lines).node(table, at: 0, line: 1, depth: 0)
    }

    /// Joins TOMLKit's values with the lines.
    private struct Join {
        let file: String
        let lines: TOMLLines

        func node(
            _ value: any TOMLValueConvertible, at place: Int?, line parentLine: Int, depth: Int
        ) throws(DataError) -> DataNode {
            let line = place.map { lines.nodes[$0].line } ?? parentLine
            guard depth <= maximumDepth else {
                throw DataError(file: file, line: line, message: "nested deeper than \(maximumDepth) levels")
            }
            switch value.type {
            case .string:
                if let text = value.string { return DataNode(.string(text), line: line) }
            case .int:
                if let number = value.int { return DataNode(.integer(Int64(number)), line: line) }
            case .bool:
                if let truth = value.bool { return DataNode(.boolean(truth), line: line) }
            case .array:
                guard let array = value.array else { break }
                var elements: [DataNode] = []
                elements.reserveCapacity(array.count)
                for index in 0..<array.count {
                    let child = lines.element(index, of: place)
                    elements.append(try node(array[index], at: child, line: line, depth: depth + 1))
                }
                return DataNode(.array(elements), line: line)
            case .table:
                guard let table = value.table else { break }
                var entries: [DataNode.Entry] = []
                for key in table.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                    guard let value = table[key] else { continue }
                    let child = lines.child(key, of: place)
                    entries.append(.init(key: key, node: try node(value, at: child, line: line, depth: depth + 1)))
                }
                return DataNode(.table(entries), line: line)
            case .double:
                throw DataError(file: file, line: line, message: "a float; the catalogue has whole numbers only")
            case .date, .time, .dateTime:
                throw DataError(file: file, line: line, message: "a date; write it as a string")
            }
            throw DataError(file: file, line: line, message: "a value that could not be read")
        }
    }
}
