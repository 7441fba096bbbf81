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

        /// Creates an assignment.
        public init(section: String, key: String, value: String, file: String, line: Int) {
            self.section = section
            self.key = key
            self.value = value
            self.file = file
            self.line = line
        }
    }

    /// All assignments, main file first, then the drop-ins.
    public var assignments: [Assignment]

    /// Creates a unit.
    public init(assignments: [Assignment] = []) {
        self.assignments = assignments
    }

    /// Reads one unit file as systemd does (systemd.syntax(7)): a line that ends in an odd number of backslashes goes on, a
    /// comment inside it is skipped, and what is neither a section nor an assignment is ignored.
    public static func parse(_ bytes: [UInt8], file: String) throws(ParseError) -> SystemdUnit {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var unit = SystemdUnit()
        var section = ""
        var pending: (text: String, line: Int)?
        for line in TextFile.lines(text) {
            var content = line.text.withoutBlanks
            if line.number == 1, content.unicodeScalars.first == "\u{FEFF}" {
                content = Substring(content.unicodeScalars.dropFirst())
            }
            // A comment inside a continued line is skipped, and the line goes on after it.
            if let first = content.utf8.first, first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { continue }
            let raw = line.text.withoutLeadingBlanks
            if continues(raw) {
                let piece = String(raw.dropLast()) + " "
                if let started = pending {
                    pending = (started.text + piece, started.line)
                } else {
                    pending = (piece, line.number)
                }
                continue
            }
            if let started = pending {
                pending = nil
                let whole = started.text + raw
                try unit.read(whole.withoutBlanks, line: started.line, section: &section, file: file)
            } else {
                try unit.read(content, line: line.number, section: &section, file: file)
            }
        }
        if let started = pending {
            try unit.read(started.text.withoutBlanks, line: started.line, section: &section, file: file)
        }
        return unit
    }

    private static func continues(_ line: Substring) -> Bool {
        var count = 0
        for byte in line.utf8.reversed() {
            guard byte == UInt8(ascii: "\\") else { break }
            count += 1
        }
        return count % 2 == 1
    }

    private mutating func read(
        _ statement: Substring, line: Int, section: inout String, file: String
    ) throws(ParseError) {
        guard let first = statement.utf8.first else { return }
        if first == UInt8(ascii: "[") {
            guard statement.utf8.last == UInt8(ascii: "]") else {
                throw ParseError(.malformed, line: line, "a section header has no ']'")
            }
            section = String(statement.dropFirst().dropLast())
            return
        }
        guard let equals = statement.utf8.firstIndex(of: UInt8(ascii: "=")) else { return }
        assignments.append(
            Assignment(
                section: section, key: String(statement[..<equals].withoutBlanks),
                value: String(statement[statement.index(after: equals)...].withoutBlanks), file: file, line: line))
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

extension StringProtocol where SubSequence == Substring {
    /// The text without blanks at its start, compared byte by byte.
    fileprivate var withoutLeadingBlanks: Substring {
        let slice = self[...]
        let bytes = slice.utf8
        guard let start = bytes.firstIndex(where: { !Self.isBlank($0) }) else { return slice[slice.endIndex...] }
        return slice[start...]
    }

    /// The text without blanks at both ends, compared byte by byte.
    fileprivate var withoutBlanks: Substring {
        let slice = withoutLeadingBlanks
        guard let last = slice.utf8.lastIndex(where: { !Self.isBlank($0) }) else { return slice }
        return slice[...last]
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
