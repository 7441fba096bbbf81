/// One call of `iptables` or `ip6tables` (iptables(8)).
public struct IPTablesCommand: Sendable, Hashable {
    /// What the call does.
    public enum Action: Sendable, Hashable {
        /// `-A`.
        case append(IPTablesRule)
        /// `-I`, at a position counted from 1.
        case insert(IPTablesRule, position: Int)
        /// `-D` with a rule.
        case delete(IPTablesRule)
        /// `-D` with a number, counted from 1.
        case deleteAt(Int)
        /// `-R`.
        case replace(IPTablesRule, position: Int)
        /// `-C`.
        case check(IPTablesRule)
        /// `-N`.
        case create
        /// `-X`; without a chain, all empty chains of the user.
        case remove
        /// `-F`; without a chain, all chains.
        case flush
        /// `-P`.
        case policy(String)
        /// `-Z`, `-L`, `-S`: nothing that decides over packets changes.
        case look
    }

    /// What it does.
    public var action: Action
    /// The table.
    public var table: String
    /// The chain, where the action names one.
    public var chain: String?

    /// Reads the arguments, the program's name left out. Throws for what it does not know; the line is that of the script.
    public static func parse(_ arguments: [String], line: Int) throws(ParseError) -> IPTablesCommand {
        var table = "filter"
        var action: (name: String, chain: String?)?
        var rest: [String] = []
        var index = 0
        func isOption(_ position: Int) -> Bool {
            position < arguments.count && (arguments[position].hasPrefix("-") || arguments[position] == "!")
        }
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            switch word {
            case "-w", "--wait", "-W", "--wait-interval":
                if index < arguments.count, Int(arguments[index]) != nil { index += 1 }
            case "-n", "--numeric", "-v", "--verbose", "-x", "--exact", "--line-numbers": break
            case "-4", "--ipv4", "-6", "--ipv6", "-M", "--modprobe", "-c", "--set-counters", "-E", "--rename-chain":
                throw ParseError(.malformed, line: line, "the option \(word) of iptables is not followed")
            case "-t", "--table":
                guard index < arguments.count else { throw missing(word, line) }
                table = arguments[index]
                index += 1
            case "-A", "--append", "-I", "--insert", "-D", "--delete", "-R", "--replace", "-C", "--check", "-N",
                "--new-chain", "-X", "--delete-chain", "-F", "--flush", "-P", "--policy", "-Z", "--zero", "-L",
                "--list",
                "-S", "--list-rules":
                guard action == nil else {
                    throw ParseError(.malformed, line: line, "two commands stand in one call of iptables")
                }
                var chain: String?
                if index < arguments.count, !isOption(index) {
                    chain = arguments[index]
                    index += 1
                }
                action = (word, chain)
            default:
                if word.hasPrefix("-t"), !word.hasPrefix("--"), word.utf8.count > 2 {
                    table = String(word.dropFirst(2))
                } else {
                    rest.append(word)
                }
            }
        }
        guard let action else { throw ParseError(.malformed, line: line, "a call of iptables has no command") }
        return IPTablesCommand(
            action: try Self.action(action.name, chain: action.chain, rest, line: line), table: table,
            chain: action.chain)
    }

    private static func missing(_ word: String, _ line: Int) -> ParseError {
        ParseError(.malformed, line: line, "the option \(word) of iptables has no value")
    }

    private static func action(
        _ name: String, chain: String?, _ rest: [String], line: Int
    ) throws(ParseError) -> Action {
        switch name {
        case "-F", "--flush", "-X", "--delete-chain", "-Z", "--zero", "-L", "--list", "-S", "--list-rules":
            let isLook = ["-Z", "--zero", "-L", "--list", "-S", "--list-rules"].contains(name)
            guard rest.isEmpty || isLook else {
                throw ParseError(.malformed, line: line, "a word after \(name) of iptables is not followed")
            }
            return isLook ? .look : (name == "-F" || name == "--flush" ? .flush : .remove)
        default: break
        }
        guard chain != nil else { throw missing(name, line) }
        switch name {
        case "-N", "--new-chain":
            guard rest.isEmpty else {
                throw ParseError(.malformed, line: line, "a word after \(name) of iptables is not followed")
            }
            return .create
        case "-P", "--policy":
            guard rest.count == 1, rest[0] == "ACCEPT" || rest[0] == "DROP" else {
                throw ParseError(.malformed, line: line, "a policy of iptables is neither ACCEPT nor DROP")
            }
            return .policy(rest[0])
        case "-A", "--append": return .append(try IPTablesRule.parse(rest, line: line))
        case "-C", "--check": return .check(try IPTablesRule.parse(rest, line: line))
        case "-D", "--delete":
            if rest.count == 1, let number = Int(rest[0]), number > 0 { return .deleteAt(number) }
            return .delete(try IPTablesRule.parse(rest, line: line))
        case "-I", "--insert":
            if let first = rest.first, let number = Int(first), number > 0 {
                return .insert(try IPTablesRule.parse(Array(rest.dropFirst()), line: line), position: number)
            }
            return .insert(try IPTablesRule.parse(rest, line: line), position: 1)
        default:
            guard let first = rest.first, let number = Int(first), number > 0 else { throw missing(name, line) }
            return .replace(try IPTablesRule.parse(Array(rest.dropFirst()), line: line), position: number)
        }
    }
}

/// The conditions and the target of a rule of iptables, as they are written (iptables-extensions(8)).
public struct IPTablesRule: Sendable, Hashable {
    /// One option with its values.
    public struct Option: Sendable, Hashable {
        /// The option in its long spelling (`--dport`), or as it stands where it is not known.
        public var name: String
        /// Whether `!` stands before it.
        public var isNegated: Bool
        /// Its values.
        public var values: [String]

        /// The option as text.
        public var text: String {
            (isNegated ? ["!", name] : [name]).joined(separator: " ") + values.map { " " + $0 }.joined()
        }
    }

    /// The options, matches and target options alike, in order.
    public var options: [Option]
    /// What `-j` or `-g` names; nil means that the rule decides nothing.
    public var target: String?
    /// Whether it is `-g`: the target does not come back here.
    public var isGoto: Bool

    /// Long names of short options and aliases.
    private static let aliases: [String: String] = [
        "-p": "--protocol", "--proto": "--protocol", "-s": "--source", "--src": "--source", "-d": "--destination",
        "--dst": "--destination", "-i": "--in-interface", "-o": "--out-interface", "-m": "--match", "-f": "--fragment",
        "--destination-port": "--dport", "--source-port": "--sport", "--destination-ports": "--dports",
        "--source-ports": "--sports",
    ]

    /// How many values an option has where it is not one.
    private static let arity: [String: Int] = [
        "--syn": 0, "--tcp-flags": 2, "--fragment": 0, "--loose": 0, "--validmark": 0, "--accept-local": 0,
        "--invert": 0, "--set": 0, "--rcheck": 0, "--update": 0, "--remove": 0, "--rsource": 0, "--rdest": 0,
        "--reap": 0, "--rttl": 0, "--log-tcp-sequence": 0, "--log-tcp-options": 0, "--log-ip-options": 0,
        "--log-uid": 0, "--log-macdecode": 0, "--random": 0, "--random-fully": 0, "--persistent": 0, "--notrack": 0,
        "--physdev-is-in": 0, "--physdev-is-out": 0, "--physdev-is-bridged": 0, "--clamp-mss-to-pmtu": 0,
        "--save-mark": 0, "--restore-mark": 0, "--match-set": 2,
    ]

    /// Options that exist only once one of these protocols or modules was named before them; otherwise iptables refuses
    /// the call.
    private static let needs: [String: Set<String>] = [
        "--dport": ["tcp", "udp", "udplite", "sctp", "dccp", "6", "17", "33", "132", "136"],
        "--sport": ["tcp", "udp", "udplite", "sctp", "dccp", "6", "17", "33", "132", "136"],
        "--dports": ["multiport"], "--sports": ["multiport"], "--ports": ["multiport"],
        "--syn": ["tcp", "6"], "--tcp-flags": ["tcp", "6"], "--icmp-type": ["icmp", "1"],
        "--icmpv6-type": ["icmpv6", "ipv6-icmp", "icmp6", "58"], "--ctstate": ["conntrack"], "--state": ["state"],
        "--limit": ["limit"], "--pkt-type": ["pkttype"], "--dst-type": ["addrtype"], "--src-range": ["iprange"],
        "--dst-range": ["iprange"], "--mac-source": ["mac"], "--comment": ["comment"], "--loose": ["rpfilter"],
    ]

    /// Reads a rule's words.
    static func parse(_ words: [String], line: Int) throws(ParseError) -> IPTablesRule {
        var rule = IPTablesRule(options: [], target: nil, isGoto: false)
        var index = 0
        var isNegated = false
        var loaded: Set<String> = []
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "!" {
                isNegated = true
                continue
            }
            guard word.hasPrefix("-"), word.utf8.count > 1 else {
                throw ParseError(.malformed, line: line, "the word \(word) of a rule belongs to no option")
            }
            var name = word
            var values: [String] = []
            if let equals = word.firstIndex(of: "="), word.hasPrefix("--") {
                name = String(word[..<equals])
                values = [String(word[word.index(after: equals)...])]
            }
            name = aliases[name] ?? name
            if name == "-j" || name == "--jump" || name == "-g" || name == "--goto" {
                guard index < words.count, rule.target == nil, !isNegated else {
                    throw ParseError(.malformed, line: line, "a rule has no target, or two")
                }
                rule.target = words[index]
                rule.isGoto = name == "-g" || name == "--goto"
                index += 1
                continue
            }
            let count = values.isEmpty ? (arity[name] ?? 1) : 0
            // The `!` may stand after the option, as old scripts write it.
            if index < words.count, words[index] == "!", count > 0 {
                isNegated = true
                index += 1
            }
            var taken = 0
            while taken < count, index < words.count {
                // An option that is not in the table may have no value: the next option is not one.
                if arity[name] == nil, words[index].hasPrefix("--") { break }
                values.append(words[index])
                index += 1
                taken += 1
            }
            if let needed = needs[name], loaded.isDisjoint(with: needed) {
                throw ParseError(.malformed, line: line, "\(name) stands before the protocol or module it belongs to")
            }
            if name == "--protocol" || name == "--match" { loaded.formUnion(values.map { $0.lowercased() }) }
            rule.options.append(Option(name: name, isNegated: isNegated, values: values))
            isNegated = false
        }
        return rule
    }

    /// Whether two rules are the same to `-D` and `-C`, which do not look at the order of options.
    public func isSame(as other: IPTablesRule) -> Bool {
        target == other.target && isGoto == other.isGoto && Set(options) == Set(other.options)
    }
}
