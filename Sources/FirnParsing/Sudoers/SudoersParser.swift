/// Reads sudoers entry by entry; an entry that is none becomes a problem and the next line is read.
struct SudoersParser {
    var scanner: SudoersScanner
    private static let entryLimit = 20_000
    static let listLimit = 10_000

    init(_ scanner: SudoersScanner) {
        self.scanner = scanner
    }

    mutating func file() -> SudoersFile {
        var file = SudoersFile(entries: [], problems: [])
        while scanner.current != nil {
            guard file.entries.count < Self.entryLimit, file.problems.count < Self.entryLimit else {
                file.problems.append(
                    ParseError(.limit, line: scanner.line, "more than \(Self.entryLimit) entries"))
                return file
            }
            do {
                try entry(&file.entries)
            } catch {
                file.problems.append(error)
                scanner.skipLine()
            }
        }
        return file
    }

    func failure(_ message: String) -> ParseError {
        ParseError(.malformed, line: scanner.line, message)
    }

    private mutating func entry(_ entries: inout [SudoersEntry]) throws(ParseError) {
        let isLineStart = scanner.isAtLineStart
        scanner.beginEntry()
        if isLineStart, scanner.current == UInt8(ascii: "#") {
            for (word, isDirectory) in [("#includedir", true), ("#include", false)] as [(StaticString, Bool)]
            where scanner.starts(with: word)
                && SudoersScanner.isBlank(scanner.peek(word.utf8CodeUnitCount))
            {
                return try include(&entries, skipping: word.utf8CodeUnitCount, isDirectory: isDirectory)
            }
        }
        scanner.skipBlanks()
        if scanner.isAtLineEnd { return scanner.skipLine() }
        if scanner.isAtComment { return scanner.skipLine(followingContinuations: false) }
        for (word, isDirectory) in [("@includedir", true), ("@include", false)] as [(StaticString, Bool)]
        where scanner.starts(with: word) {
            return try include(&entries, skipping: word.utf8CodeUnitCount, isDirectory: isDirectory)
        }
        let line = scanner.line
        if let scope = defaultsScope() {
            guard !scanner.isContinued else { throw failure("Defaults on a continued line") }
            return try defaults(&entries, scope, line)
        }
        if let kind = aliasKeyword() {
            guard !scanner.isContinued else { throw failure("an alias on a continued line") }
            return try aliases(&entries, kind, line)
        }
        let users = try members(.user)
        var privileges: [SudoersPrivilege] = []
        repeat {
            scanner.skipBlanks()
            privileges.append(try privilege())
            scanner.skipBlanks()
        } while take(":")
        try end()
        entries.append(SudoersEntry(kind: .specification(users, privileges), line: line))
    }

    mutating func take(_ character: Character) -> Bool {
        guard let byte = character.asciiValue, scanner.current == byte else { return false }
        scanner.advance()
        return true
    }

    /// An entry ends with its line or with a comment.
    private mutating func end() throws(ParseError) {
        scanner.skipBlanks()
        if scanner.isAtComment { return scanner.skipLine(followingContinuations: false) }
        guard scanner.isAtLineEnd else { throw failure("something that does not belong here") }
        if scanner.current == nil, scanner.isAtLineStart { throw failure("a continued line at the end of the file") }
        scanner.skipLine()
    }

    // MARK: Include

    private mutating func include(
        _ entries: inout [SudoersEntry], skipping: Int, isDirectory: Bool
    ) throws(ParseError) {
        let line = scanner.line
        guard !scanner.isContinued else { throw failure("an include on a continued line") }
        scanner.advance(skipping)
        guard scanner.skipBlanks(), !scanner.isAtLineEnd else { throw failure("an include without a path") }
        let path: String?
        if scanner.current == UInt8(ascii: "\"") {
            path = scanner.quoted()
        } else {
            path = scanner.word { !SudoersScanner.isBlank($0) && $0 != 0x0a && $0 != 0x0d }
        }
        guard let path, path.utf8.count <= 4096 else { throw failure("an include without a path") }
        try end()
        entries.append(SudoersEntry(kind: .include(path, isDirectory: isDirectory), line: line))
    }

    // MARK: Defaults

    private enum ScopeMark {
        case global, users, hosts, runas, commands
    }

    private mutating func defaultsScope() -> ScopeMark? {
        guard scanner.starts(with: "Defaults") else { return nil }
        let mark: ScopeMark
        switch scanner.peek(8) {
        case 0x20, 0x09: mark = .global
        case UInt8(ascii: ":"): mark = .users
        case UInt8(ascii: "@"): mark = .hosts
        case UInt8(ascii: ">"): mark = .runas
        case UInt8(ascii: "!"): mark = .commands
        default: return nil
        }
        scanner.advance(mark == .global ? 8 : 9)
        return mark
    }

    private mutating func defaults(
        _ entries: inout [SudoersEntry], _ mark: ScopeMark, _ line: Int
    ) throws(ParseError) {
        let scope: SudoersDefaults.Scope
        scanner.skipBlanks()
        switch mark {
        case .global: scope = .global
        case .users: scope = .users(try members(.user))
        case .hosts: scope = .hosts(try members(.host))
        case .runas: scope = .runas(try members(.user))
        case .commands: scope = .commands(try members(.defaultsCommand))
        }
        guard SudoersScanner.isBlank(scanner.previous) || scanner.previous == 0x0a else {
            throw failure("Defaults without a blank before the first setting")
        }
        var settings: [SudoersSetting] = []
        repeat {
            scanner.skipBlanks()
            settings.append(try setting())
            scanner.skipBlanks()
            guard settings.count <= Self.listLimit else { throw failure("too many settings") }
        } while take(",")
        try end()
        entries.append(
            SudoersEntry(kind: .defaults(SudoersDefaults(scope: scope, settings: settings)), line: line))
    }

    private mutating func setting() throws(ParseError) -> SudoersSetting {
        let isNegated = negation()
        scanner.skipBlanks()
        let start = scanner.position
        while let byte = scanner.current, (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_") {
            scanner.advance()
        }
        let name = scanner.text(from: start)
        guard !name.isEmpty else { throw failure("Defaults without the name of a setting") }
        let line = scanner.line
        scanner.skipBlanks()
        let operation: SudoersSetting.Operation
        if take("=") {
            operation = .set(try settingValue())
        } else if scanner.starts(with: "+=") {
            scanner.advance(2)
            operation = .add(try settingValue())
        } else if scanner.starts(with: "-=") {
            scanner.advance(2)
            operation = .remove(try settingValue())
        } else {
            operation = isNegated ? .off : .on
        }
        if isNegated, operation != .off { throw failure("a negated setting with a value") }
        return SudoersSetting(name: name, operation: operation, line: line)
    }

    private mutating func settingValue() throws(ParseError) -> String {
        scanner.skipBlanks()
        if scanner.current == UInt8(ascii: "\"") {
            guard let text = scanner.quoted() else { throw failure("a text in quotes that is empty or does not end") }
            return text
        }
        // The first byte of a bare value is no `!`, and none of them is one that separates.
        guard scanner.current != UInt8(ascii: "!"),
            let word = scanner.word(while: { byte in
                switch byte {
                case UInt8(ascii: "#"), UInt8(ascii: "="), UInt8(ascii: ","), 0x20, 0x09, 0x0d, 0x0a,
                    UInt8(ascii: "\""):
                    false
                default: true
                }
            })
        else { throw failure("a setting without its value") }
        return word
    }

    // MARK: Aliases

    private mutating func aliasKeyword() -> SudoersAliasKind? {
        for (word, kind) in [
            ("User_Alias", .user), ("Runas_Alias", .runas), ("Host_Alias", .host), ("Cmnd_Alias", .command),
            ("Cmd_Alias", .command),
        ] as [(StaticString, SudoersAliasKind)] where scanner.starts(with: word) {
            let length = word.utf8CodeUnitCount
            guard SudoersScanner.isBlank(scanner.peek(length)) || scanner.peek(length) == UInt8(ascii: "\\") else {
                continue
            }
            scanner.advance(length)
            return kind
        }
        return nil
    }

    private mutating func aliases(
        _ entries: inout [SudoersEntry], _ kind: SudoersAliasKind, _ line: Int
    ) throws(ParseError) {
        repeat {
            scanner.skipBlanks()
            guard let name = scanner.name(), Self.isAlias(name), !Self.isReserved(name) else {
                throw failure("an alias without a name in capitals")
            }
            scanner.skipBlanks()
            guard take("=") else { throw failure("an alias without '='") }
            scanner.skipBlanks()
            let list: [SudoersMember]
            switch kind {
            case .user, .runas: list = try members(.user)
            case .host: list = try members(.host)
            case .command: list = try members(.command)
            }
            entries.append(SudoersEntry(kind: .alias(kind, name, list), line: line))
            scanner.skipBlanks()
        } while take(":")
        try end()
    }

    static func isAlias(_ name: String) -> Bool {
        guard SudoersScanner.isUpper(name.utf8.first) else { return false }
        return name.utf8.allSatisfy {
            SudoersScanner.isUpper($0) || SudoersScanner.isDigit($0) || $0 == UInt8(ascii: "_")
        }
    }

    static func isReserved(_ name: String) -> Bool { name == "ALL" || optionNames.contains(name) }

    static let optionNames: Set<String> = [
        "TIMEOUT", "NOTBEFORE", "NOTAFTER", "CWD", "CHROOT", "ROLE", "TYPE", "APPARMOR_PROFILE", "PRIVS", "LIMITPRIVS",
    ]

    // MARK: Lists

    enum ListKind {
        case user, host, group, command, defaultsCommand
    }

    mutating func members(_ kind: ListKind) throws(ParseError) -> [SudoersMember] {
        var list: [SudoersMember] = []
        while true {
            scanner.skipBlanks()
            list.append(try member(kind))
            guard list.count <= Self.listLimit else { throw failure("a list of more than \(Self.listLimit)") }
            scanner.skipBlanks()
            guard take(",") else { return list }
        }
    }

    /// Whether an odd number of `!` stands here.
    mutating func negation() -> Bool {
        var isNegated = false
        while take("!") { isNegated.toggle() }
        return isNegated
    }

    mutating func member(_ kind: ListKind) throws(ParseError) -> SudoersMember {
        var digests = 0
        if kind == .command {
            while try digest() { digests += 1 }
        }
        let isNegated = negation()
        scanner.skipBlanks()
        switch kind {
        case .command, .defaultsCommand:
            var found = try command(hasArguments: kind == .command)
            if digests > 0 {
                switch found {
                case .command(var command):
                    command.hasDigest = true
                    found = .command(command)
                case .all: break
                default: throw failure("a digest before something that is no path")
                }
            }
            return SudoersMember(found, isNegated: isNegated)
        case .user, .host, .group:
            return SudoersMember(try name(kind), isNegated: isNegated)
        }
    }

    private mutating func name(_ kind: ListKind) throws(ParseError) -> SudoersMember.Kind {
        switch scanner.current {
        case UInt8(ascii: "\""):
            guard let text = scanner.quoted() else { throw failure("a text in quotes that is empty or does not end") }
            if text.hasPrefix("%") {
                guard kind == .user, text != "%", text != "%:" else { throw failure("a group that does not fit here") }
                return .group(text)
            }
            if text.hasPrefix("+") {
                guard kind != .group, text != "+" else { throw failure("a netgroup that does not fit here") }
                return .netgroup(text)
            }
            return .name(text)
        case UInt8(ascii: "%"):
            scanner.advance()
            let colon = take(":") ? ":" : ""
            let id = scanner.current == UInt8(ascii: "#") ? number() : scanner.name()
            guard kind == .user, let id else { throw failure("a group without a name") }
            return .group("%\(colon)\(id)")
        case UInt8(ascii: "+"):
            scanner.advance()
            guard kind != .group, let name = scanner.name() else { throw failure("a netgroup without a name") }
            return .netgroup("+" + name)
        case UInt8(ascii: "#"):
            guard let id = number(), kind != .host else { throw failure("an id that does not fit here") }
            return .id(id)
        default:
            if kind == .host, let network = scanner.networkV6() { return .network(network) }
            guard let name = scanner.name() else { throw failure("a name is missing") }
            if name == "ALL" { return .all }
            if Self.isReserved(name) { throw failure("the reserved word \(name) as a name") }
            if Self.isAlias(name) {
                var tags = SudoersTags()
                var rest = scanner
                rest.skipBlanks()
                if rest.current == UInt8(ascii: ":"), tags.set(name) { throw failure("the tag \(name) as a name") }
                return .alias(name)
            }
            if name == "sudoedit" || name.hasPrefix("/") { throw failure("a command in the place of a name") }
            let isAddress = Self.isNetwork(name)
            if kind == .host {
                return isAddress ? .network(name) : .name(name)
            }
            if isAddress { throw failure("an address in the place of a name") }
            return .name(name)
        }
    }

    private mutating func number() -> String? {
        let start = scanner.position
        guard take("#") else { return nil }
        _ = take("-")
        guard SudoersScanner.isDigit(scanner.current) else { return nil }
        while SudoersScanner.isDigit(scanner.current) { scanner.advance() }
        // `#00` is the same id as `#0`.
        let text = scanner.text(from: start)
        let digits = text.drop { !SudoersScanner.isDigit($0.utf8.first) }
        let significant = digits.dropLast().drop { $0 == "0" } + digits.suffix(1)
        return (text.hasPrefix("#-") ? "#-" : "#") + significant
    }

    /// Whether a word is an IPv4 address, alone or with a mask.
    private static func isNetwork(_ word: String) -> Bool {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        func isAddress(_ text: Substring) -> Bool {
            let octets = text.split(separator: ".", omittingEmptySubsequences: false)
            return octets.count == 4
                && octets.allSatisfy { octet in
                    (1...3).contains(octet.utf8.count) && octet.utf8.allSatisfy { SudoersScanner.isDigit($0) }
                        && (Int(octet) ?? 256) < 256
                }
        }
        guard let address = parts.first, isAddress(address) else { return false }
        guard parts.count == 2 else { return true }
        if isAddress(parts[1]) { return true }
        return parts[1].utf8.allSatisfy { SudoersScanner.isDigit($0) } && (Int(parts[1]).map { $0 <= 32 } ?? false)
    }
}
