/// Reads the statements of one rule from left to right.
struct NFTExpressions {
    private let tokens: [NFTToken]
    private var index = 0

    init(_ tokens: [NFTToken]) {
        self.tokens = tokens
    }

    private static let end = NFTToken(kind: .symbol, text: "", line: 0)
    private var token: NFTToken { index < tokens.count ? tokens[index] : Self.end }
    private var isAtEnd: Bool { index >= tokens.count }
    private func peek(_ offset: Int) -> NFTToken {
        index + offset < tokens.count ? tokens[index + offset] : Self.end
    }

    mutating func statements() -> [NFTStatement] {
        var result: [NFTStatement] = []
        while !isAtEnd {
            let start = index
            if let statement = statement() {
                result.append(statement)
                if index == start { index += 1 }
            } else {
                result.append(contentsOf: unknown(from: start))
                return result
            }
        }
        return result
    }

    /// What is not known, with the verdict it ends in: it can be found without understanding what stands before.
    private mutating func unknown(from start: Int) -> [NFTStatement] {
        let text = NFTToken.text(tokens[start...])
        var position = start
        var depth = 0
        while position < tokens.count {
            if tokens[position].isSymbol("{") || tokens[position].isSymbol("(") { depth += 1 }
            if tokens[position].isSymbol("}") || tokens[position].isSymbol(")") { depth -= 1 }
            if depth == 0, tokens[position].kind == .word, position > start {
                index = position
                if let verdict = verdict() { return [.unknownMatch(text), .verdict(verdict)] }
            }
            position += 1
        }
        return [.unknown(text)]
    }

    private mutating func statement() -> NFTStatement? {
        guard token.kind == .word else { return nil }
        if let verdict = verdict() { return .verdict(verdict) }
        switch token.text {
        case "counter":
            index += 1
            while token.isWord("packets") || token.isWord("bytes") || token.isWord("name") { index += 2 }
            return .inert
        case "comment":
            index += 2
            return .inert
        case "log":
            index += 1
            while ["prefix", "level", "group", "snaplen", "queue-threshold", "flags"].contains(token.text),
                token.kind == .word
            {
                let isFlags = token.text == "flags"
                index += 2
                if isFlags {
                    // `flags tcp sequence,options`, `flags ip options`
                    while token.isSymbol(",") || ["sequence", "options", "sequence,options"].contains(token.text) {
                        index += 1
                    }
                }
            }
            return .log
        case "limit": return limit()
        case "quota":
            let start = index
            index += 1
            if token.isWord("name") {
                index += 2
            } else {
                if token.isWord("over") || token.isWord("until") { index += 1 }
                index += 2
                if token.isWord("used") { index += 3 }
            }
            return .limit(NFTToken.text(tokens[start..<min(index, tokens.count)]))
        case "meter":
            let start = index
            index += 2
            if token.isWord("size") { index += 2 }
            guard block() else { return nil }
            return .limit(NFTToken.text(tokens[start..<index]))
        case "add", "update", "delete":
            return setUpdate()
        case "dnat", "redirect": return destinationNAT()
        case "snat", "masquerade":
            let start = index
            index = tokens.count
            return .sourceNAT(NFTToken.text(tokens[start...]))
        case "notrack":
            index += 1
            return .inert
        case "flow":
            index += 3
            return .inert
        default: return matchOrSet()
        }
    }

    private mutating func verdict() -> NFTVerdict? {
        switch token.text {
        case "accept":
            index += 1
            return .accept
        case "drop":
            index += 1
            return .drop
        case "continue":
            index += 1
            return .proceed
        case "return":
            index += 1
            return .back
        case "jump", "goto":
            let isJump = token.text == "jump"
            guard peek(1).kind != .symbol else { return nil }
            let name = peek(1).text
            index += 2
            return isJump ? .jump(name) : .goto(name)
        case "reject":
            index += 1
            if token.isWord("with") {
                index += 1
                if ["icmp", "icmpv6", "icmpx", "tcp"].contains(token.text) { index += 1 }
                if token.isWord("type") { index += 1 }
                index += 1
            }
            return .reject
        case "queue":
            index += 1
            while token.isWord("num") || token.isWord("to") || token.isWord("flags") { index += 2 }
            while token.isWord("bypass") || token.isWord("fanout") || token.isSymbol(",") { index += 1 }
            return .queue
        default: return nil
        }
    }

    private mutating func limit() -> NFTStatement? {
        let start = index
        index += 1
        if token.isWord("name") {
            index += 2
            return .limit(NFTToken.text(tokens[start..<min(index, tokens.count)]))
        }
        guard token.isWord("rate") else { return nil }
        index += 1
        if token.isWord("over") { index += 1 }
        index += 1
        // `10 mbytes/second` has a unit apart; `10/second` has none.
        if token.kind == .word, token.text.contains("/") { index += 1 }
        if token.isWord("burst") {
            index += 2
            if ["packets", "bytes", "kbytes", "mbytes"].contains(token.text) { index += 1 }
        }
        return .limit(NFTToken.text(tokens[start..<min(index, tokens.count)]))
    }

    /// Goes over a block in braces.
    private mutating func block() -> Bool {
        guard token.isSymbol("{") else { return false }
        var depth = 0
        while !isAtEnd {
            if token.isSymbol("{") { depth += 1 }
            if token.isSymbol("}") { depth -= 1 }
            index += 1
            if depth == 0 { return true }
        }
        return false
    }

    private mutating func setUpdate() -> NFTStatement? {
        let start = index
        index += 1
        guard token.kind == .word, token.text.hasPrefix("@") else { return nil }
        let name = String(token.text.dropFirst())
        index += 1
        let blockStart = index
        guard block() else { return nil }
        let inner = tokens[blockStart..<index]
        if inner.contains(where: { $0.isWord("limit") || $0.isWord("over") || $0.isWord("quota") }) {
            return .limit(NFTToken.text(tokens[start..<index]))
        }
        return .setUpdate(name)
    }

    private mutating func destinationNAT() -> NFTStatement? {
        let start = index
        index += 1
        if token.isWord("ip") || token.isWord("ip6"), !["saddr", "daddr", "protocol"].contains(peek(1).text) {
            index += 1
        }
        if token.isWord("prefix") || token.isWord("addr") { return nil }
        if token.isWord("to") { index += 1 }
        let textStart = index
        let position = index
        if let keys = selectors(), token.isWord("map") {
            index += 1
            if token.isSymbol("{") {
                let from = index
                guard block(), let elements = Self.elements(of: Array(tokens[from..<index])) else { return nil }
                let text = NFTToken.text(tokens[start..<index])
                return .destinationNAT(text, keys, elements)
            }
            return nil
        }
        index = position
        while !isAtEnd, !token.isWord("comment") { index += 1 }
        return .destinationNAT(NFTToken.text(tokens[textStart..<index]), [], [])
    }

    // MARK: Selectors

    private mutating func selectors() -> [[String]]? {
        var result: [[String]] = []
        while true {
            guard let selector = selector() else { return nil }
            result.append(selector)
            guard token.isWord("."), result.count < 8 else { return result }
            index += 1
        }
    }

    private static let headerFields: [String: Set<String>] = [
        "ip": [
            "saddr", "daddr", "protocol", "dscp", "ttl", "length", "id", "frag-off", "ecn", "version", "hdrlength",
            "checksum",
        ],
        "ip6": ["saddr", "daddr", "nexthdr", "dscp", "hoplimit", "flowlabel", "length", "ecn", "version"],
        "tcp": ["dport", "sport", "flags", "sequence", "ackseq", "window", "doff", "urgptr", "checksum", "reserved"],
        "udp": ["dport", "sport", "length", "checksum"], "th": ["dport", "sport"],
        "udplite": ["dport", "sport", "checksum"], "sctp": ["dport", "sport", "vtag", "checksum"],
        "dccp": ["dport", "sport", "type"], "icmp": ["type", "code", "id", "sequence", "mtu", "gateway", "checksum"],
        "icmpv6": ["type", "code", "id", "sequence", "mtu", "checksum", "max-delay", "taddr", "daddr"],
        "ether": ["saddr", "daddr", "type"], "vlan": ["id", "pcp", "dei", "type"],
        "arp": ["htype", "ptype", "hlen", "plen", "operation"], "igmp": ["type", "group"],
        "esp": ["spi", "sequence"], "ah": ["spi", "nexthdr", "hdrlength", "sequence"],
    ]

    private static let lone: Set<String> = [
        "iifname", "iif", "oifname", "oif", "iiftype", "oiftype", "mark", "pkttype", "skuid", "skgid", "nfproto",
        "l4proto", "protocol", "cpu", "iifgroup", "oifgroup", "cgroup",
    ]

    private mutating func selector() -> [String]? {
        guard token.kind == .word else { return nil }
        let first = token.text
        if Self.lone.contains(first) {
            index += 1
            return ["meta", first]
        }
        if first == "meta", peek(1).kind == .word {
            let field = peek(1).text
            index += 2
            return ["meta", field]
        }
        if let fields = Self.headerFields[first] {
            guard peek(1).kind == .word, fields.contains(peek(1).text) else { return nil }
            let field = peek(1).text
            index += 2
            return [first, field]
        }
        switch first {
        case "ct":
            var words = ["ct"]
            index += 1
            while ["original", "reply", "ip", "ip6"].contains(token.text) {
                words.append(token.text)
                index += 1
            }
            guard token.kind == .word else { return nil }
            words.append(token.text)
            index += 1
            return words
        case "fib":
            var words = ["fib"]
            index += 1
            while token.kind == .word {
                words.append(token.text)
                index += 1
                if token.isWord(".") { index += 1 } else { break }
            }
            guard ["oif", "oifname", "type"].contains(token.text), words.count > 1 else { return nil }
            words.append(token.text)
            index += 1
            return words
        case "socket", "rt", "ipsec", "osf":
            guard peek(1).kind == .word else { return nil }
            let field = peek(1).text
            index += 2
            return [first, field]
        default: return nil
        }
    }

    private mutating func matchOrSet() -> NFTStatement? {
        let start = index
        guard let keys = selectors() else { return nil }
        if keys.count == 1, keys[0] == ["ct", "count"] {
            if token.isWord("over") { index += 1 }
            index += 1
            return .limit(NFTToken.text(tokens[start..<min(index, tokens.count)]))
        }
        if token.isWord("set") {
            // `meta mark set 1`: the packet is changed, nothing is decided. The value may be an expression; it ends
            // where a statement that is known begins.
            index += 1
            if token.isSymbol("{") { return nil }
            index += 1
            while !isAtEnd, token.isSymbol("|") || token.isSymbol("&") || token.isSymbol("^") { index += 2 }
            guard isAtEnd || token.kind == .word else { return nil }
            return .inert
        }
        if keys == [["tcp", "flags"]] { return tcpFlags() }
        if token.isWord("vmap") {
            index += 1
            guard let values = values() else { return nil }
            return .verdictMap(keys, values)
        }
        var isNegated = false
        if token.isSymbol("!=") || token.isWord("ne") || token.isWord("neq") {
            isNegated = true
            index += 1
        } else if token.isSymbol("==") || token.isWord("eq") {
            index += 1
        } else if token.kind == .symbol, !token.isSymbol("{") {
            guard keys.count == 1, let range = comparison() else { return nil }
            return .match(keys, isNegated: false, .elements([NFTElement(key: [range])]))
        }
        guard let values = values() else { return nil }
        return .match(keys, isNegated: isNegated, values)
    }

    /// `< n` and its like, as a range of what a field of at most 32 bits can hold.
    private mutating func comparison() -> String? {
        let sign = token.text
        guard let number = Int64(peek(1).text), number >= 0, number < 1 << 32 else { return nil }
        index += 2
        switch sign {
        case "<": return number == 0 ? nil : "0-\(number - 1)"
        case "<=": return "0-\(number)"
        case ">": return "\(number + 1)-4294967295"
        case ">=": return "\(number)-4294967295"
        default: return nil
        }
    }

    private mutating func values() -> NFTStatement.Values? {
        if token.isSymbol("{") {
            let start = index
            guard block(), let elements = Self.elements(of: Array(tokens[start..<index])) else { return nil }
            return .elements(elements)
        }
        guard token.kind != .symbol, !isAtEnd else { return nil }
        if token.kind == .word, token.text.hasPrefix("@") {
            let name = String(token.text.dropFirst())
            index += 1
            return .set(name)
        }
        // `new,established` and `a . b`
        var elements: [NFTElement] = []
        while true {
            var key: [String] = []
            while true {
                guard token.kind != .symbol else { return nil }
                key.append(token.text)
                index += 1
                guard token.isWord("."), key.count < 8 else { break }
                index += 1
            }
            elements.append(NFTElement(key: key))
            guard token.isSymbol(",") || token.isSymbol("|") else { break }
            index += 1
        }
        if token.isSymbol("&") || token.isSymbol("^") || token.isSymbol("<<") { return nil }
        return .elements(elements)
    }

    private mutating func tcpFlags() -> NFTStatement? {
        var isNegated = false
        func isFlag(_ token: NFTToken) -> Bool {
            ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr", "0x0", "0"].contains(token.text)
        }
        var mask: [String]?
        if token.isSymbol("&") {
            index += 1
            guard let list = flagList() else { return nil }
            mask = list
            if token.isSymbol("!=") { isNegated = true } else if !token.isSymbol("==") { return nil }
            index += 1
        } else if token.isSymbol("!=") || token.isSymbol("==") {
            isNegated = token.isSymbol("!=")
            index += 1
            // Compared with `==`, all bits count; without an operator one is enough.
            mask = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"]
            if token.isSymbol("{") { return nil }
        }
        guard isFlag(token) || token.isSymbol("("), let value = flagList() else { return nil }
        if token.isWord("/") {
            index += 1
            guard let list = flagList() else { return nil }
            return .tcpFlags(mask: list, value: value, isNegated: isNegated)
        }
        return .tcpFlags(mask: mask, value: value, isNegated: isNegated)
    }

    private mutating func flagList() -> [String]? {
        var result: [String] = []
        let hasParenthesis = token.isSymbol("(")
        if hasParenthesis { index += 1 }
        while token.kind == .word {
            result += token.text.split(separator: "|").map(String.init)
            index += 1
            guard token.isSymbol("|") || token.isSymbol(",") else { break }
            index += 1
        }
        if hasParenthesis {
            guard token.isSymbol(")") else { return nil }
            index += 1
        }
        return result.isEmpty ? nil : result
    }

    // MARK: Elements

    /// The elements of a block in braces; nil when one is not understood.
    static func elements(of block: [NFTToken]) -> [NFTElement]? {
        let tokens = NFTToken.splittingColons(block)
        guard let first = tokens.first else { return [] }
        guard first.isSymbol("{"), let last = tokens.last, last.isSymbol("}") else {
            var lone = NFTExpressions(tokens)
            if case .elements(let elements)? = lone.values(), lone.isAtEnd { return elements }
            return nil
        }
        var result: [NFTElement] = []
        for part in pieces(Array(tokens.dropFirst().dropLast())) where !part.isEmpty {
            if part.contains(where: { $0.isSymbol("{") }) {
                // `{ { 1, 2 }, 3 }` comes from names of sets inside of sets.
                guard let nested = elements(of: part) else { return nil }
                result += nested
                continue
            }
            guard let element = element(part) else { return nil }
            result.append(element)
            guard result.count <= 100_000 else { return nil }
        }
        return result
    }

    private static func pieces(_ tokens: [NFTToken]) -> [[NFTToken]] {
        var result: [[NFTToken]] = [[]]
        var depth = 0
        for token in tokens {
            if token.isSymbol("{") { depth += 1 }
            if token.isSymbol("}") { depth -= 1 }
            if token.isSymbol(","), depth == 0 {
                result.append([])
            } else {
                result[result.count - 1].append(token)
            }
        }
        return result
    }

    private static func element(_ tokens: [NFTToken]) -> NFTElement? {
        var cursor = NFTExpressions(tokens)
        var key: [String] = []
        while true {
            guard cursor.token.kind != .symbol, !cursor.isAtEnd else { return nil }
            key.append(cursor.token.text)
            cursor.index += 1
            // `8000 - 8010` with blanks is a range too.
            if cursor.token.isWord("-"), cursor.peek(1).kind == .word {
                key[key.count - 1] += "-" + cursor.peek(1).text
                cursor.index += 2
            }
            guard cursor.token.isWord("."), key.count < 8 else { break }
            cursor.index += 1
        }
        var element = NFTElement(key: key)
        while !cursor.isAtEnd, !cursor.token.isWord(":") {
            switch cursor.token.text {
            case "comment", "timeout", "expires": cursor.index += 2
            case "counter":
                cursor.index += 1
                while cursor.token.isWord("packets") || cursor.token.isWord("bytes") { cursor.index += 2 }
            default: return nil
            }
        }
        if cursor.token.isWord(":") {
            cursor.index += 1
            let start = cursor.index
            if let verdict = cursor.verdict(), cursor.isAtEnd {
                element.verdict = verdict
            } else {
                element.data = NFTToken.text(tokens[start...])
            }
        }
        return element
    }
}
