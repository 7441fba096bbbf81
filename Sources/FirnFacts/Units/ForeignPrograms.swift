import FirnParsing

/// Finds in commands and short scripts the programs that lie where users other than root can put files.
struct ForeignPrograms {
    let knowledge: UnitKnowledge
    /// `/tmp` and `/var/tmp` are the service's own.
    var hasPrivateTmp = false

    /// Whether users other than root can put a file at the path.
    func isForeign(_ path: String) -> Bool {
        if hasPrivateTmp, path.hasPrefix("/tmp/") || path.hasPrefix("/var/tmp/") { return false }
        return knowledge.writablePlaces.contains { path.hasPrefix($0 + "/") }
    }

    /// What a command runs from such a place: the program itself, the script an interpreter is given, or the program a
    /// wrapper such as env starts.
    func inCommand(_ words: [String], depth: Int = 0) -> String? {
        guard let program = words.first, depth < 5 else { return nil }
        if isForeign(program) { return program }
        let name = String(program.split(separator: "/").last ?? "")
        let arguments = words.dropFirst()
        if knowledge.shells.contains(name) { return inShell(Array(arguments), depth: depth) }
        if isInterpreter(name) {
            for argument in arguments {
                if !argument.hasPrefix("-") { return isForeign(argument) ? argument : nil }
                // What follows is a text or a module, no file.
                if ["-c", "-e", "-m", "-r"].contains(argument) { return nil }
            }
            return nil
        }
        if knowledge.wrappers.contains(name) {
            // Options, assignments, durations and priorities come before the program.
            let rest = arguments.drop { argument in
                argument.hasPrefix("-") || argument.utf8.contains(UInt8(ascii: "=")) || argument.first?.isNumber == true
            }
            return inCommand(Array(rest), depth: depth + 1)
        }
        return nil
    }

    private func inShell(_ arguments: [String], depth: Int) -> String? {
        var takesText = false
        for argument in arguments {
            if argument.hasPrefix("-") || argument.hasPrefix("+") {
                takesText = takesText || (!argument.hasPrefix("--") && argument.utf8.contains(UInt8(ascii: "c")))
                continue
            }
            if takesText { return inScript(argument, depth: depth + 1) }
            return isForeign(argument) ? argument : nil
        }
        return nil
    }

    /// `python3.13` counts as `python3`.
    private func isInterpreter(_ name: String) -> Bool {
        if knowledge.interpreters.contains(name) { return true }
        guard let dot = name.firstIndex(of: ".") else { return false }
        return knowledge.interpreters.contains(String(name[..<dot]))
    }

    // MARK: Scripts

    /// The first such program in a shell script. Only what stands where a command begins is looked at; here-documents and
    /// comments are left out.
    func inScript(_ text: String, depth: Int = 0) -> String? {
        // Most scripts name none of the places, and need no closer look.
        guard depth < 5, mentionsPlace(text) else { return nil }
        var command = ""
        var documentEnd: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let end = documentEnd {
                if line.drop(while: { $0 == "\t" || $0 == " " }) == end { documentEnd = nil }
                continue
            }
            command += line
            if command.hasSuffix("\\") {
                command.removeLast()
                continue
            }
            documentEnd = Self.documentEnd(command)
            if let found = inLine(command, depth: depth) { return found }
            command = ""
        }
        return nil
    }

    private func mentionsPlace(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.indices.contains { index in
            guard bytes[index] == UInt8(ascii: "/") else { return false }
            let rest = bytes[index...]
            return knowledge.writablePlaces.contains { rest.starts(with: $0.utf8) }
        }
    }

    /// The word that ends a here-document which begins on the line.
    private static func documentEnd(_ line: String) -> String? {
        guard let start = line.firstRange(of: "<<")?.upperBound, !line[start...].hasPrefix("<") else { return nil }
        let word = line[start...].drop { "-'\"\\ ".contains($0) }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : String(word)
    }

    private static let leadingWords: Set<String> = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "(", "time", "exec", "command", "source", ".",
    ]

    private func inLine(_ line: String, depth: Int) -> String? {
        guard mentionsPlace(line) else { return nil }
        for part in line.split(whereSeparator: { ";&|".contains($0) }) {
            var words = ServiceSandbox.words(String(part))[...]
            if words.first?.hasPrefix("#") == true { return nil }
            while let first = words.first {
                let isAssignment =
                    first.utf8.contains(UInt8(ascii: "=")) && !first.hasPrefix("/") && !first.hasPrefix("-")
                guard isAssignment || Self.leadingWords.contains(first) else { break }
                words.removeFirst()
            }
            // The pattern of a `case` is no command.
            if let first = words.first, first.contains(where: { "*)(".contains($0) }) { continue }
            if let found = inCommand(Array(words), depth: depth) { return found }
        }
        return nil
    }
}
