extension SudoersParser {
    // MARK: Commands

    /// Reads one digest and the comma that may follow it.
    mutating func digest() throws(ParseError) -> Bool {
        for (word, size) in [("sha224", 28), ("sha256", 32), ("sha384", 48), ("sha512", 64)] as [(StaticString, Int)]
        where scanner.starts(with: word) {
            scanner.advance(6)
            scanner.skipBlanks()
            guard take(":") else { throw failure("a digest without ':'") }
            scanner.skipBlanks()
            let start = scanner.position
            while let byte = scanner.current, Self.isDigestByte(byte) { scanner.advance() }
            let text = scanner.text(from: start)
            let isHex = text.utf8.count == size * 2 && text.utf8.allSatisfy(Self.isHex)
            let length = text.hasSuffix("=") ? 4 * ((size + 2) / 3) : (4 * size + 2) / 3
            guard isHex || text.utf8.count == length else { throw failure("a digest of the wrong length") }
            scanner.skipBlanks()
            if take(",") { scanner.skipBlanks() }
            return true
        }
        return false
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        SudoersScanner.isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isDigestByte(_ byte: UInt8) -> Bool {
        SudoersScanner.isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
    }

    mutating func command(hasArguments: Bool) throws(ParseError) -> SudoersMember.Kind {
        if scanner.current == UInt8(ascii: "/") {
            let path = try path()
            guard hasArguments, !path.hasSuffix("/") else { return .command(SudoersCommand(path: path)) }
            return .command(SudoersCommand(path: path, arguments: try arguments()))
        }
        if scanner.current == UInt8(ascii: "^") {
            let path = try regex()
            return .command(SudoersCommand(path: path, arguments: hasArguments ? try arguments() : nil))
        }
        guard let word = scanner.name() else { throw failure("a command is missing") }
        if word == "ALL" { return .all }
        if word == "list", hasArguments { return .command(SudoersCommand(path: word)) }
        if word == "sudoedit" {
            return .command(SudoersCommand(path: word, arguments: hasArguments ? try arguments() : nil))
        }
        if Self.isReserved(word) { throw failure("the reserved word \(word) as a command") }
        guard Self.isAlias(word) else { throw failure("a command that is no full path") }
        return .alias(word)
    }

    private mutating func path() throws(ParseError) -> String {
        var result: [UInt8] = []
        while let byte = scanner.current {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = scanner.peek(1), ",:= \t#".utf8.contains(next) else {
                    guard scanner.peek(1) == 0x0a || scanner.peek(1) == 0x0d else {
                        throw failure("a backslash in a path before a character that needs none")
                    }
                    return try checked(result)
                }
                result.append(next)
                scanner.advance(2)
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "#"), 0x20, 0x09, 0x0a, 0x0d:
                return try checked(result)
            default:
                result.append(byte)
                scanner.advance()
            }
        }
        return try checked(result)
    }

    private func checked(_ path: [UInt8]) throws(ParseError) -> String {
        guard path.count > 1, path.count <= 4096 else { throw failure("a command that is no full path") }
        return String(decoding: path, as: UTF8.self)
    }

    /// A regular expression from `^` to the `$` that ends it.
    private mutating func regex() throws(ParseError) -> String {
        let start = scanner.position
        while let byte = scanner.current {
            if byte == UInt8(ascii: "\\") {
                guard let next = scanner.peek(1), next != 0x0a else { break }
                scanner.advance(2)
            } else if byte == UInt8(ascii: "$") {
                scanner.advance()
                return scanner.text(from: start)
            } else if byte == UInt8(ascii: "#") || byte == 0x0a || byte == 0x0d {
                break
            } else {
                scanner.advance()
            }
        }
        throw failure("a regular expression that does not end")
    }

    /// Whether a text begins as a time does: year to hour, with or without minutes and seconds.
    private static func isTime(_ text: String) -> Bool {
        [10, 12, 14].contains(text.utf8.prefix { SudoersScanner.isDigit($0) }.count)
    }

    /// Whether a byte cannot go on with a word of the arguments.
    private func endsWord(_ byte: UInt8?) -> Bool {
        guard let byte else { return true }
        return " \t\r\n,:#\\".utf8.contains(byte)
    }

    /// The arguments up to the comma, colon, comment or end of line that ends a command.
    private mutating func arguments() throws(ParseError) -> String? {
        var result: [UInt8] = []
        var isWordStart = true
        var isAfterEscape = false
        while true {
            if scanner.skipBlanks() { isWordStart = true }
            guard let byte = scanner.current, !scanner.isAtLineEnd else { break }
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "#") { break }
            if byte == UInt8(ascii: "="), isWordStart || isAfterEscape, endsWord(scanner.peek(1)) { break }
            if isWordStart {
                if result.isEmpty, byte == UInt8(ascii: "^") { return try regex() }
                if !result.isEmpty { result.append(0x20) }
                isWordStart = false
            }
            isAfterEscape = byte == UInt8(ascii: "\\")
            if isAfterEscape {
                guard let next = scanner.peek(1) else { throw failure("a backslash at the end") }
                if "*?[]!^".utf8.contains(next) {
                    result += [byte, next]
                } else if ":\\,= \t#".utf8.contains(next) {
                    result.append(next)
                } else {
                    throw failure("a backslash before a character that needs none")
                }
                scanner.advance(2)
            } else if byte == 0x0d {
                throw failure("a carriage return inside a line")
            } else {
                result.append(byte)
                scanner.advance()
            }
            guard result.count <= 65_536 else { throw failure("arguments of more than 64 KiB") }
        }
        return result.isEmpty ? nil : String(decoding: result, as: UTF8.self)
    }

    // MARK: Privileges

    mutating func privilege() throws(ParseError) -> SudoersPrivilege {
        let hosts = try members(.host)
        scanner.skipBlanks()
        guard take("=") else { throw failure("hosts without '='") }
        var commands: [SudoersCommandSpec] = []
        repeat {
            scanner.skipBlanks()
            var spec = try commandSpec()
            if let previous = commands.last { Self.inherit(&spec, previous) }
            commands.append(spec)
            guard commands.count <= Self.listLimit else { throw failure("a list of more than \(Self.listLimit)") }
            scanner.skipBlanks()
        } while take(",")
        return SudoersPrivilege(hosts: hosts, commands: commands)
    }

    private static func inherit(_ spec: inout SudoersCommandSpec, _ previous: SudoersCommandSpec) {
        spec.tags.inherit(previous.tags)
        if spec.runasUsers == nil, spec.runasGroups == nil {
            spec.runasUsers = previous.runasUsers
            spec.runasGroups = previous.runasGroups
        }
        for (name, value) in previous.options where spec.options[name] == nil { spec.options[name] = value }
    }

    private mutating func commandSpec() throws(ParseError) -> SudoersCommandSpec {
        var spec = SudoersCommandSpec(
            runasUsers: nil, runasGroups: nil, tags: SudoersTags(), options: [:], command: SudoersMember(.all),
            line: scanner.line)
        if take("(") {
            scanner.skipBlanks()
            if scanner.current != UInt8(ascii: ":"), scanner.current != UInt8(ascii: ")") {
                spec.runasUsers = try members(.user)
            }
            scanner.skipBlanks()
            if take(":") {
                scanner.skipBlanks()
                // `(:)` is `()`, but a list of users and a colon want groups.
                if spec.runasUsers != nil || scanner.current != UInt8(ascii: ")") {
                    spec.runasGroups = try members(.group)
                }
            }
            scanner.skipBlanks()
            guard take(")") else { throw failure("a list of run-as users without ')'") }
            if spec.runasUsers == nil, spec.runasGroups == nil { spec.runasUsers = [SudoersMember(.myself)] }
            scanner.skipBlanks()
        }
        try optionsAndTags(&spec)
        spec.command = try member(.command)
        spec.line = scanner.line
        return spec
    }

    private mutating func optionsAndTags(_ spec: inout SudoersCommandSpec) throws(ParseError) {
        while SudoersScanner.isUpper(scanner.current) {
            let before = scanner
            let start = scanner.position
            while SudoersScanner.isUpper(scanner.current) || scanner.current == UInt8(ascii: "_") { scanner.advance() }
            let word = scanner.text(from: start)
            let beforeBlanks = scanner
            scanner.skipBlanks()
            if Self.optionNames.contains(word), take("=") {
                scanner.skipBlanks()
                let value = scanner.current == UInt8(ascii: "\"") ? scanner.quoted() : scanner.name()
                guard let value, word.hasPrefix("NOT") ? Self.isTime(value) : true else {
                    throw failure("the option \(word) without a value that fits")
                }
                spec.options[word] = value
            } else if scanner.current == UInt8(ascii: ":"), scanner.line == beforeBlanks.line, spec.tags.set(word) {
                scanner.advance()
            } else {
                scanner = before
                return
            }
            scanner.skipBlanks()
        }
    }
}
