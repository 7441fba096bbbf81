/// A systemd unit file, or several merged ones (systemd.syntax(7), systemd.unit(5)).
public struct SystemdUnit: Sendable, Hashable {
    /// One assignment in the order of the files.
    public struct Assignment: Sendable, Hashable {
        /// The section without brackets.
        public var section: String
        /// The directive.
        public var key: String
        /// The value, continuation lines joined.
        public var value: String
        /// The file it stands in.
        public var file: String
        /// The line.
        public var line: Int
    }

    /// All assignments, main file first, then the drop-ins.
    public var assignments: [Assignment]

    /// Creates a unit.
    public init(assignments: [Assignment] = []) {
        self.assignments = assignments
    }

    /// Reads one unit file.
    public static func parse(_ bytes: [UInt8], file: String) throws(ParseError) -> SystemdUnit {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var unit = SystemdUnit()
        var section = ""
        var pending: (text: String, line: Int)?
        for line in TextFile.lines(text) {
            let content = line.text.trimmed
            let isComment = content.hasPrefix("#") || content.hasPrefix(";")
            // A comment inside a continued line is skipped, and the line goes on after it.
            if isComment { continue }
            let continues = line.text.hasSuffix("\\")
            let piece = continues ? String(line.text.dropLast()) + " " : String(line.text)
            if let started = pending {
                pending = (started.text + piece, started.line)
            } else {
                pending = (piece, line.number)
            }
            if continues { continue }
            guard let whole = pending else { continue }
            pending = nil
            let statement = whole.text.trimmed
            if statement.isEmpty { continue }
            if statement.hasPrefix("[") {
                guard statement.hasSuffix("]") else {
                    throw ParseError(.malformed, line: whole.line, "a section header has no ']'")
                }
                section = String(statement.dropFirst().dropLast())
                continue
            }
            guard let equals = statement.firstIndex(of: "=") else {
                throw ParseError(.malformed, line: whole.line, "a line is neither a section nor an assignment")
            }
            unit.assignments.append(
                Assignment(
                    section: section, key: String(statement[..<equals].trimmed),
                    value: String(statement[statement.index(after: equals)...].trimmed), file: file, line: whole.line))
        }
        return unit
    }

    /// Adds a drop-in.
    public mutating func merge(_ dropIn: SystemdUnit) {
        assignments.append(contentsOf: dropIn.assignments)
    }

    /// The values of a list directive; an empty assignment empties the list.
    public func values(_ section: String, _ key: String) -> [Assignment] {
        var result: [Assignment] = []
        for assignment in assignments where assignment.section == section && assignment.key == key {
            if assignment.value.isEmpty {
                result = []
            } else {
                result.append(assignment)
            }
        }
        return result
    }

    /// The value of a scalar directive: the last assignment.
    public func value(_ section: String, _ key: String) -> Assignment? {
        values(section, key).last
    }

    /// The programs and arguments of an Exec directive, the prefixes `@ - : + !` removed; with `@` the second word is
    /// argv[0] and is left out (systemd.service(5), "Command lines").
    public func commands(_ key: String, section: String = "Service") -> [[String]] {
        values(section, key).map { assignment in
            var words = assignment.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard var program = words.first else { return [] }
            var replacesName = false
            while let mark = program.first, "@-:+!|".contains(mark) {
                if mark == "@" { replacesName = true }
                program.removeFirst()
            }
            words[0] = program
            if replacesName, words.count > 1 { words.remove(at: 1) }
            return words
        }
    }
}
