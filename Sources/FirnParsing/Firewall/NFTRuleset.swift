/// A ruleset of nftables as its text describes it (nft(8)).
///
/// The reader keeps the structure (tables, chains, sets, the order of rules) and reads expressions as far as ordinary
/// rulesets use them. An expression it does not know is kept as text with the verdict that follows; a statement of the
/// file it does not know is a `problem`, because the rest of the ruleset may not be what it seems.
public struct NFTRuleset: Sendable, Hashable {
    /// Something at the level of the file that was not understood.
    public struct Problem: Sendable, Hashable {
        /// The file it stands in.
        public var file: String
        /// The line, counted from 1.
        public var line: Int
        /// What is wrong, in a phrase.
        public var reason: String

        /// Creates a problem.
        public init(file: String, line: Int, reason: String) {
            self.file = file
            self.line = line
            self.reason = reason
        }
    }

    /// The tables in the order of their first mention.
    public var tables: [NFTTable]
    /// What was not understood.
    public var problems: [Problem]

    /// Creates a ruleset.
    public init(tables: [NFTTable] = [], problems: [Problem] = []) {
        self.tables = tables
        self.problems = problems
    }
}

/// A table.
public struct NFTTable: Sendable, Hashable {
    /// `ip`, `ip6`, `inet`, `arp`, `bridge` or `netdev`.
    public var family: String
    /// Its name.
    public var name: String
    /// Whether the flag `dormant` takes its chains out of use.
    public var isDormant: Bool
    /// Its chains in order.
    public var chains: [NFTChain]
    /// Its sets and maps by name.
    public var sets: [String: NFTSet]

    /// Creates a table.
    public init(family: String, name: String) {
        self.family = family
        self.name = name
        isDormant = false
        chains = []
        sets = [:]
    }
}

/// A chain.
public struct NFTChain: Sendable, Hashable {
    /// What makes a chain a base chain.
    public struct Hook: Sendable, Hashable {
        /// `filter`, `nat` or `route`.
        public var type: String
        /// `input`, `prerouting`, ...
        public var name: String
        /// The priority as a number; nil when its spelling is not known.
        public var priority: Int?
    }

    /// Its name.
    public var name: String
    /// The hook of a base chain.
    public var hook: Hook?
    /// `accept` or `drop`.
    public var policy: String
    /// The rules in order.
    public var rules: [NFTRule]
    /// The file and line it first stands on.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
}

/// A set or a map.
public struct NFTSet: Sendable, Hashable {
    /// Whether it maps keys to data or verdicts.
    public var isMap: Bool
    /// Whether packets or time change what it holds (flags `dynamic` and `timeout`).
    public var isDynamic: Bool
    /// Its elements; nil when they were not understood.
    public var elements: [NFTElement]?
}

/// An element of a set or map.
public struct NFTElement: Sendable, Hashable {
    /// The key, one part for each part of a concatenation: text as written, a range as `a-b`.
    public var key: [String]
    /// The verdict, in a verdict map.
    public var verdict: NFTVerdict?
    /// Other data of a map, as written.
    public var data: String?
}

/// What becomes of a packet.
public enum NFTVerdict: Sendable, Hashable {
    /// `accept`
    case accept
    /// `drop`
    case drop
    /// `reject ...`
    case reject
    /// `queue ...`: a program decides.
    case queue
    /// `continue`
    case proceed
    /// `return`
    case back
    /// `jump chain`
    case jump(String)
    /// `goto chain`
    case goto(String)
}

/// A rule: statements from left to right.
public struct NFTRule: Sendable, Hashable {
    /// The statements.
    public var statements: [NFTStatement]
    /// The file it stands in.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
    /// The rule as written, blanks joined.
    public var text: String
}

/// One statement of a rule.
public enum NFTStatement: Sendable, Hashable {
    /// What values a match or map is against.
    public enum Values: Sendable, Hashable {
        /// Written in place; each with one part for each selector.
        case elements([NFTElement])
        /// `@name`.
        case set(String)
    }

    /// `selector [op] values`; several selectors are a concatenation.
    case match([[String]], isNegated: Bool, Values)
    /// `selector vmap values`.
    case verdictMap([[String]], Values)
    /// `tcp flags`: the bits of the mask must equal the bits of the value; without a mask one bit must be set.
    case tcpFlags(mask: [String]?, value: [String], isNegated: Bool)
    /// A rate or a count: `limit`, `meter`, `ct count`, `quota`, a set update with a limit.
    case limit(String)
    /// `log`
    case log
    /// A verdict.
    case verdict(NFTVerdict)
    /// `dnat`, `redirect`: the destination as written, the selectors and elements of its map.
    case destinationNAT(String, [[String]], [NFTElement])
    /// `masquerade`, `snat`.
    case sourceNAT(String)
    /// `add @set { ... }` or `update @set { ... }`: the set changes as packets come.
    case setUpdate(String)
    /// `counter`, `comment`, marks and the like: nothing is decided.
    case inert
    /// A condition that is not known, as written.
    case unknownMatch(String)
    /// A statement that is not known and may decide, as written.
    case unknown(String)
}
