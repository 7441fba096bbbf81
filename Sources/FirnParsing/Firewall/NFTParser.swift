extension NFTRuleset {
    /// Reads a ruleset and what it includes.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - file: What evidence calls it.
    ///   - include: Gives the bytes of an included file, or why it cannot; nil leaves the file out on purpose.
    /// - Throws: When it is no text. Everything else becomes a problem of the ruleset.
    public static func parse(
        _ bytes: [UInt8], file: String, include: (String) throws(ParseError) -> [UInt8]? = { _ in nil }
    ) throws(ParseError) -> NFTRuleset {
        var reader = NFTReader()
        try reader.read(bytes, file: file, depth: 0, include: include)
        return reader.ruleset
    }

    /// Reads what stands between the braces of a table, as the options of NixOS give it.
    public static func parseTable(
        _ content: [UInt8], family: String, name: String, file: String
    ) throws(ParseError) -> NFTRuleset {
        var text = Array("table \(family) \"\(name)\" { ".utf8)
        text += content
        text += Array("\n}\n".utf8)
        return try parse(text, file: file)
    }
}

/// Reads the statements of a file one after the other and keeps the ruleset they make.
struct NFTReader {
    var ruleset = NFTRuleset()
    var file = ""
    private var tokens: [NFTToken] = []
    private var index = 0
    private var definitions: [String: [NFTToken]] = [:]
    private var substitutions = 0
    /// Files that may still be included. The depth alone is no bound: a file that includes itself twice doubles with
    /// every level.
    private var includesLeft = 256

    private struct Failure: Error {
        var line: Int
        var reason: String
    }

    private static let end = NFTToken(kind: .symbol, text: "", line: 0)
    private var token: NFTToken { index < tokens.count ? tokens[index] : Self.end }
    private var isAtEnd: Bool { index >= tokens.count }

    private mutating func skipSeparators() {
        while !isAtEnd, token.isNewline || token.isSymbol(";") { index += 1 }
    }

    private mutating func skipNewlines() {
        while !isAtEnd, token.isNewline { index += 1 }
    }

    mutating func read(
        _ bytes: [UInt8], file: String, depth: Int, include: (String) throws(ParseError) -> [UInt8]?
    ) throws(ParseError) {
        _ = try TextFile.decode(bytes, limit: 4 << 20)
        let outer = (self.file, tokens, index)
        defer { (self.file, tokens, index) = outer }
        self.file = file
        var lexer = NFTLexer(bytes)
        tokens = try lexer.tokens()
        index = 0
        while true {
            skipSeparators()
            if isAtEnd { return }
            let line = token.line
            do {
                if token.isWord("include") {
                    index += 1
                    let name = token.text
                    guard token.kind == .string else { throw Failure(line: line, reason: "an include without a name") }
                    index += 1
                    guard depth < 15 else { throw Failure(line: line, reason: "includes nested more than 15 deep") }
                    includesLeft -= 1
                    guard includesLeft >= 0 else { throw Failure(line: line, reason: "more than 256 includes") }
                    let content: [UInt8]?
                    do {
                        content = try include(name)
                    } catch {
                        throw Failure(line: line, reason: "the included file \(name): \(error.message)")
                    }
                    if let content {
                        do {
                            let mistakes = ruleset.problems.count
                            try read(content, file: name, depth: depth + 1, include: include)
                            if ruleset.problems.count > mistakes { return }
                        } catch {
                            throw Failure(line: line, reason: "the included file \(name): \(error)")
                        }
                    }
                } else {
                    try statement()
                }
            } catch let failure as Failure {
                ruleset.problems.append(
                    NFTRuleset.Problem(
                        file: file, line: failure.line == 0 ? line : failure.line, reason: failure.reason))
                // nft loads a file as a whole or not at all, so there is no use in reading on after a mistake.
                return
            } catch {
                ruleset.problems.append(NFTRuleset.Problem(file: file, line: line, reason: "\(error)"))
                return
            }
        }
    }

    // MARK: Statements of the file

    private mutating func statement() throws(Failure) {
        let start = token
        guard start.kind == .word else { throw Failure(line: start.line, reason: "the text \(start.text)") }
        index += 1
        switch start.text {
        case "flush":
            if token.isWord("ruleset") {
                index += 1
                if !isAtEnd, !token.isNewline, !token.isSymbol(";") {
                    let family = token.text
                    index += 1
                    ruleset.tables.removeAll { $0.family == family }
                } else {
                    ruleset.tables = []
                }
            } else if token.isWord("table") {
                index += 1
                let position = try existing(try tableName(), line: start.line)
                for chain in ruleset.tables[position].chains.indices {
                    ruleset.tables[position].chains[chain].rules = []
                }
            } else if token.isWord("chain") {
                index += 1
                let table = try existing(try tableName(), line: start.line)
                let name = try name()
                guard let chain = ruleset.tables[table].chains.firstIndex(where: { $0.name == name }) else {
                    throw Failure(line: start.line, reason: "no chain \(name)")
                }
                ruleset.tables[table].chains[chain].rules = []
            } else {
                throw Failure(line: start.line, reason: "flush \(token.text)")
            }
        case "delete", "destroy":
            guard token.isWord("table") else {
                throw Failure(line: start.line, reason: "\(start.text) \(token.text)")
            }
            index += 1
            let name = try tableName()
            guard let position = find(name) else {
                if start.text == "destroy" { return }
                throw Failure(line: start.line, reason: "\(start.text) of a table that is not there")
            }
            ruleset.tables.remove(at: position)
        case "define", "redefine":
            let name = try name()
            guard token.isSymbol("=") else { throw Failure(line: start.line, reason: "a define without a value") }
            index += 1
            definitions[name] = try substituted(value())
        case "undefine":
            definitions[try name()] = nil
        case "table":
            try table()
        case "add", "create", "insert":
            try add(isInsert: start.text == "insert")
        default:
            throw Failure(line: start.line, reason: "the statement \(start.text)")
        }
    }

    private mutating func add(isInsert: Bool) throws(Failure) {
        let object = token
        index += 1
        switch object.text {
        case "table":
            try table()
        case "chain":
            let table = try existing(try tableName(), line: object.line)
            let name = try name()
            try chain(name, in: table)
        case "rule":
            let table = try existing(try tableName(), line: object.line)
            let name = try name()
            guard let chain = ruleset.tables[table].chains.firstIndex(where: { $0.name == name }) else {
                throw Failure(line: object.line, reason: "no chain \(name)")
            }
            if token.isWord("position") || token.isWord("handle") || token.isWord("index") {
                throw Failure(line: object.line, reason: "a rule at a position")
            }
            let rule = try rule()
            if isInsert {
                ruleset.tables[table].chains[chain].rules.insert(rule, at: 0)
            } else {
                ruleset.tables[table].chains[chain].rules.append(rule)
            }
        case "set", "map":
            let table = try existing(try tableName(), line: object.line)
            try set(try name(), isMap: object.text == "map", in: table)
        case "element":
            let table = try existing(try tableName(), line: object.line)
            let name = try name()
            guard var set = ruleset.tables[table].sets[name] else {
                throw Failure(line: object.line, reason: "no set \(name)")
            }
            skipNewlines()
            let added = NFTExpressions.elements(of: try substituted(try braced()))
            if let known = set.elements, let added { set.elements = known + added } else { set.elements = nil }
            ruleset.tables[table].sets[name] = set
        default:
            throw Failure(line: object.line, reason: "add \(object.text)")
        }
    }

    private static let families: Set<String> = ["ip", "ip6", "inet", "arp", "bridge", "netdev"]

    private struct TableName: Hashable {
        var family: String
        var name: String
    }

    private mutating func tableName() throws(Failure) -> TableName {
        var family = "ip"
        if token.kind == .word, Self.families.contains(token.text), index + 1 < tokens.count,
            tokens[index + 1].kind != .symbol
        {
            family = token.text
            index += 1
        }
        return TableName(family: family, name: try name())
    }

    private mutating func name() throws(Failure) -> String {
        guard !isAtEnd, token.kind != .symbol else { throw Failure(line: token.line, reason: "a name is missing") }
        let text = token.text
        index += 1
        return text
    }

    private func find(_ name: TableName) -> Int? {
        ruleset.tables.firstIndex { $0.family == name.family && $0.name == name.name }
    }

    private func existing(_ name: TableName, line: Int) throws(Failure) -> Int {
        guard let position = find(name) else { throw Failure(line: line, reason: "no table \(name.name)") }
        return position
    }

    // MARK: Blocks

    private mutating func table() throws(Failure) {
        let line = token.line
        let name = try tableName()
        let position: Int
        if let known = find(name) {
            position = known
        } else {
            guard ruleset.tables.count < 256 else { throw Failure(line: line, reason: "more than 256 tables") }
            position = ruleset.tables.count
            ruleset.tables.append(NFTTable(family: name.family, name: name.name))
        }
        skipNewlinesBeforeBrace()
        guard token.isSymbol("{") else { return }
        index += 1
        while true {
            skipSeparators()
            if isAtEnd { throw Failure(line: line, reason: "a table that does not end") }
            if token.isSymbol("}") {
                index += 1
                return
            }
            let start = token
            index += 1
            switch start.text {
            case "chain": try chain(try self.name(), in: position)
            case "set", "map": try set(try self.name(), isMap: start.text == "map", in: position)
            case "flags":
                let words = value()
                guard words.allSatisfy({ $0.text == "dormant" || $0.text == "owner" || $0.isSymbol(",") }) else {
                    throw Failure(line: start.line, reason: "the flags of a table")
                }
                if words.contains(where: { $0.isWord("dormant") }) { ruleset.tables[position].isDormant = true }
            case "comment": index += 1
            case "include": throw Failure(line: start.line, reason: "an include inside of a table")
            case "counter", "quota", "limit", "flowtable", "secmark", "synproxy":
                _ = try self.name()
                skipNewlinesBeforeBrace()
                _ = try braced()
            case "ct":
                guard token.isWord("helper") || token.isWord("timeout") || token.isWord("expectation") else {
                    throw Failure(line: start.line, reason: "ct \(token.text) in a table")
                }
                index += 1
                _ = try self.name()
                skipNewlinesBeforeBrace()
                _ = try braced()
            case "define": throw Failure(line: start.line, reason: "a define inside of a table")
            default: throw Failure(line: start.line, reason: "\(start.text) in a table")
            }
        }
    }

    private mutating func skipNewlinesBeforeBrace() {
        var ahead = index
        while ahead < tokens.count, tokens[ahead].isNewline { ahead += 1 }
        if ahead < tokens.count, tokens[ahead].isSymbol("{") { index = ahead }
    }

    private mutating func chain(_ name: String, in table: Int) throws(Failure) {
        let line = token.line
        let position: Int
        if let known = ruleset.tables[table].chains.firstIndex(where: { $0.name == name }) {
            position = known
        } else {
            guard ruleset.tables[table].chains.count < 4096 else {
                throw Failure(line: line, reason: "more than 4096 chains")
            }
            position = ruleset.tables[table].chains.count
            ruleset.tables[table].chains.append(
                NFTChain(name: name, hook: nil, policy: "accept", rules: [], file: file, line: line))
        }
        skipNewlinesBeforeBrace()
        guard token.isSymbol("{") else { return }
        index += 1
        while true {
            skipSeparators()
            if isAtEnd { throw Failure(line: line, reason: "a chain that does not end") }
            if token.isSymbol("}") {
                index += 1
                return
            }
            switch token.text {
            case "type" where token.kind == .word:
                ruleset.tables[table].chains[position].hook = try hook()
            case "policy" where token.kind == .word:
                index += 1
                let words = try substituted(value())
                guard words.count == 1, words[0].text == "accept" || words[0].text == "drop" else {
                    throw Failure(line: token.line, reason: "the policy of chain \(name)")
                }
                ruleset.tables[table].chains[position].policy = words[0].text
            case "comment" where token.kind == .word:
                index += 2
            case "flags" where token.kind == .word:
                throw Failure(line: token.line, reason: "the flags of chain \(name)")
            case "include" where token.kind == .word:
                throw Failure(line: token.line, reason: "an include inside of a chain")
            default:
                ruleset.tables[table].chains[position].rules.append(try rule())
            }
        }
    }

    /// Names of priorities (nft(8), "CHAINS"); `dstnat` is that of the families with addresses.
    private static let priorities: [String: Int] = [
        "raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100, "out": 100,
    ]

    private mutating func hook() throws(Failure) -> NFTChain.Hook {
        let line = token.line
        index += 1
        let words = try substituted(value())
        guard words.count >= 3, words[1].isWord("hook") else { throw Failure(line: line, reason: "a hook") }
        var hook = NFTChain.Hook(type: words[0].text, name: words[2].text, priority: nil)
        guard let at = words.firstIndex(where: { $0.isWord("priority") }) else {
            throw Failure(line: line, reason: "a hook without a priority")
        }
        let rest = words[(at + 1)...].map(\.text)
        if rest.count == 1, let first = rest.first {
            hook.priority = Int(first) ?? Self.priorities[first]
        } else if rest.count == 2, let base = Self.priorities[rest[0]], let offset = Int(rest[1]) {
            hook.priority = base &+ offset
        } else if rest.count == 3, let base = Self.priorities[rest[0]], let offset = Int(rest[2]) {
            hook.priority = rest[1] == "+" ? base &+ offset : (rest[1] == "-" ? base &- offset : nil)
        }
        return hook
    }

    private mutating func set(_ name: String, isMap: Bool, in table: Int) throws(Failure) {
        let line = token.line
        var set = ruleset.tables[table].sets[name] ?? NFTSet(isMap: isMap, isDynamic: false, elements: [])
        skipNewlinesBeforeBrace()
        guard token.isSymbol("{") else { throw Failure(line: line, reason: "a set without a body") }
        index += 1
        while true {
            skipSeparators()
            if isAtEnd { throw Failure(line: line, reason: "a set that does not end") }
            if token.isSymbol("}") {
                index += 1
                break
            }
            let start = token
            index += 1
            switch start.text {
            case "elements":
                guard token.isSymbol("=") else { throw Failure(line: start.line, reason: "elements without a value") }
                index += 1
                skipNewlines()
                let content = try substituted(token.isSymbol("{") ? braced() : value())
                let added = NFTExpressions.elements(of: content)
                if let known = set.elements, let added { set.elements = known + added } else { set.elements = nil }
            case "flags":
                if value().contains(where: { $0.isWord("dynamic") || $0.isWord("timeout") }) { set.isDynamic = true }
            case "timeout":
                set.isDynamic = true
                _ = value()
            case "type", "typeof", "size", "policy", "gc-interval", "auto-merge", "comment", "counter", "limit",
                "quota":
                _ = value()
            default:
                throw Failure(line: start.line, reason: "\(start.text) in a set")
            }
        }
        ruleset.tables[table].sets[name] = set
    }

    // MARK: Values and rules

    /// The tokens up to the end of the line or `;`, a block in braces as a whole.
    private mutating func value() -> [NFTToken] {
        var depth = 0
        var result: [NFTToken] = []
        while !isAtEnd {
            if depth == 0, token.isNewline || token.isSymbol(";") || token.isSymbol("}") { break }
            if token.isSymbol("{") || token.isSymbol("(") { depth += 1 }
            if token.isSymbol("}") || token.isSymbol(")") { depth -= 1 }
            if !token.isNewline { result.append(token) }
            index += 1
        }
        return result
    }

    /// The tokens of a block in braces, the braces included.
    private mutating func braced() throws(Failure) -> [NFTToken] {
        guard token.isSymbol("{") else { throw Failure(line: token.line, reason: "a block is missing") }
        let line = token.line
        var depth = 0
        var result: [NFTToken] = []
        while !isAtEnd {
            if token.isSymbol("{") { depth += 1 }
            if token.isSymbol("}") { depth -= 1 }
            if !token.isNewline { result.append(token) }
            index += 1
            if depth == 0 { return result }
        }
        throw Failure(line: line, reason: "a block that does not end")
    }

    private mutating func substituted(_ tokens: [NFTToken]) throws(Failure) -> [NFTToken] {
        guard tokens.contains(where: { $0.kind == .word && $0.text.hasPrefix("$") }) else { return tokens }
        var result: [NFTToken] = []
        for token in tokens {
            guard token.kind == .word, token.text.hasPrefix("$") else {
                result.append(token)
                continue
            }
            guard let value = definitions[String(token.text.dropFirst())] else {
                throw Failure(line: token.line, reason: "the name \(token.text) that nothing defines")
            }
            substitutions += value.count
            guard substitutions < 400_000 else { throw Failure(line: token.line, reason: "definitions that grow") }
            result += value.map { NFTToken(kind: $0.kind, text: $0.text, line: token.line) }
        }
        return result
    }

    private mutating func rule() throws(Failure) -> NFTRule {
        let line = token.line
        let words = value()
        guard !words.isEmpty else { throw Failure(line: line, reason: "the text \(token.text)") }
        let text = NFTToken.text(words)
        var expressions = NFTExpressions(try substituted(words))
        return NFTRule(statements: expressions.statements(), file: file, line: line, text: text)
    }
}
