import FirnModel

/// The families of packets a firewall sees.
struct PacketFamilies: OptionSet, Sendable, Hashable {
    var rawValue: Int
    static let v4 = PacketFamilies(rawValue: 1)
    static let v6 = PacketFamilies(rawValue: 2)
    static let both: PacketFamilies = [.v4, .v6]
}

/// One condition of a rule, read as far as it decides over packets that open a connection.
enum PacketCondition: Sendable, Hashable {
    /// The interface the packet came in by; a name that ends in `+` is a prefix.
    case inInterface([String], isNegated: Bool)
    /// Where it comes from: blocks of addresses, or other text that names a sender.
    case source([String], isNegated: Bool)
    /// Where it goes to.
    case destination([AddressBlock], isNegated: Bool)
    /// The protocol, by its canonical name.
    case protocols([String], isNegated: Bool)
    /// The port it goes to, as a set; `isNegated` is worked in.
    case ports(PortSet)
    /// An ICMP or ICMPv6 type, by its canonical name or as a number.
    case icmpType([String], isV6: Bool, isNegated: Bool)
    /// The reverse-path test: strict looks at the interface too.
    case reversePath(isStrict: Bool, isNegated: Bool)
    /// The family.
    case family(PacketFamilies)
    /// Holds for every packet that opens a connection.
    case always
    /// Holds for none.
    case never
    /// Holds for some packets, as the sender chooses or the address differs.
    case sometimes(String)
    /// Holds below or above a rate.
    case limit(String)
    /// Not known.
    case unknown(String)
}

/// What a rule does with a packet it matches.
enum FilterVerdict: Sendable, Hashable {
    case accept
    case drop
    case reject
    /// Ends this chain and comes back to the one that jumped here.
    case back
    case jump(String)
    case goto(String)
    /// Goes on with the next rule.
    case proceed
    /// May accept, drop or go on.
    case unknown(String)
}

/// A change of address.
struct AddressTranslation: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Sent on to another address or port, as written.
        case destination(String)
        /// The sender is hidden.
        case source
    }

    var kind: Kind
    /// The ports of the rule's own map or conditions.
    var ports: PortSet?
    var protocols: [String]
}

/// A rule: alternatives tried in order, of which the first that matches decides.
struct FilterRule: Sendable, Hashable {
    struct Alternative: Sendable, Hashable {
        var conditions: [PacketCondition]
        var verdict: FilterVerdict
    }

    var alternatives: [Alternative]
    var logs: Bool
    var translations: [AddressTranslation]
    var evidence: Evidence
    /// Whether the module of NixOS writes a rule of this shape by itself.
    var isStandard: Bool
}

/// A chain.
struct FilterChain: Sendable, Hashable {
    var rules: [FilterRule]
}

/// A chain the kernel enters by itself.
struct BaseChain: Sendable, Hashable {
    enum Hook: Sendable, Hashable {
        case prerouting
        case input
        case forward
        case output
        case postrouting
    }

    var hook: Hook
    var isNAT: Bool
    var priority: Int
    var families: PacketFamilies
    /// Accept or drop.
    var policy: FilterVerdict
    /// The key in `FilterRuleset.chains`.
    var chain: String
    var evidence: Evidence
}

/// The packet filter of a machine, whatever wrote it.
struct FilterRuleset: Sendable, Hashable {
    /// Something that was not understood, so that nothing said about the whole can be trusted.
    struct Problem: Sendable, Hashable {
        var reason: String
        var evidence: Evidence
    }

    var chains: [String: FilterChain] = [:]
    var bases: [BaseChain] = []
    var problems: [Problem] = []
    /// The families that are in use; IPv6 can be off.
    var families: PacketFamilies = .both
    /// Whether there is something that the module of NixOS does not write by itself.
    var hasExtraRules = false
    /// Where the ruleset as a whole stands.
    var evidence: [Evidence] = []
    /// Why there is no reverse-path test where one might be expected.
    var reversePathEvidence: [Evidence] = []

    /// Adds another program's chains: the kernel runs both.
    mutating func add(_ other: FilterRuleset) {
        chains.merge(other.chains) { _, new in new }
        bases += other.bases
        problems += other.problems
        families.formUnion(other.families)
        hasExtraRules = hasExtraRules || other.hasExtraRules
        evidence += other.evidence
        reversePathEvidence += other.reversePathEvidence
    }

    /// The base chains of a hook in the order in which a packet meets them.
    func bases(_ hook: BaseChain.Hook, _ family: PacketFamilies) -> [BaseChain] {
        bases.enumerated()
            .filter { $0.element.hook == hook && !$0.element.isNAT && !$0.element.families.isDisjoint(with: family) }
            .sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
            .map(\.element)
    }
}
