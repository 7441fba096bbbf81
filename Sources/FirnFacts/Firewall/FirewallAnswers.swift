import FirnModel

/// Asks the model of a packet filter the questions of the facts, each question a walk of one class of packets.
struct FirewallAnswers {
    let ruleset: FilterRuleset
    private(set) var interfaces: [String] = []
    private(set) var sources: [String] = []
    private(set) var protocols: [String] = []
    /// Ports that no rule names: what becomes of them is the default.
    private(set) var generic = PortSet.all
    private(set) var problem: FilterRuleset.Problem?

    /// What a class of packets meets at the input hook, over all families in use.
    struct Opening: Sendable, Hashable {
        var certain = PortSet.empty
        var possible = PortSet.empty
        var hits: [FirewallWalk.Hit] = []

        mutating func add(_ other: Opening) {
            certain = certain.union(other.certain)
            possible = possible.union(other.possible)
            hits += other.hits
        }
    }

    var families: [PacketFamilies] {
        [PacketFamilies.v4, .v6].filter { ruleset.families.contains($0) }
    }

    init(_ ruleset: FilterRuleset) {
        self.ruleset = ruleset
        problem = ruleset.problems.first
        guard problem == nil else { return }
        var interfaces: Set<String> = []
        var sources: Set<String> = []
        var protocols: Set<String> = []
        var named = PortSet.empty
        for rule in reachable([.prerouting, .input]) {
            for condition in rule.alternatives.flatMap(\.conditions) {
                switch condition {
                case .inInterface(let names, _): interfaces.formUnion(names)
                case .source(let names, _): sources.formUnion(names)
                case .protocols(let names, _): protocols.formUnion(names)
                case .ports(let set): named = named.union(set)
                default: break
                }
            }
        }
        interfaces.remove("+")
        self.interfaces = interfaces.sorted()
        self.sources = sources.filter { text in
            guard let block = AddressBlock(text) else { return true }
            return !block.isEverything && !block.isLoopback
        }.sorted()
        self.protocols = protocols.subtracting(["tcp", "udp", "icmp", "icmpv6"]).sorted()
        if !named.isAll { generic = named.complement }
        if self.interfaces.count * max(self.sources.count, 1) > 2000 || self.sources.count > 2000 {
            problem = FilterRuleset.Problem(
                reason: "the ruleset names too many interfaces and senders",
                evidence: ruleset.evidence.first ?? Evidence(path: "firewall"))
        }
    }

    /// The rules of the chains that packets can come to from a hook.
    func reachable(_ hooks: [BaseChain.Hook], nat: Bool = false) -> [FilterRule] {
        var pending = ruleset.bases.filter { hooks.contains($0.hook) && $0.isNAT == nat }.map(\.chain)
        var seen = Set(pending)
        var result: [FilterRule] = []
        while let name = pending.popLast() {
            guard let chain = ruleset.chains[name] else { continue }
            result += chain.rules
            for alternative in chain.rules.flatMap(\.alternatives) {
                switch alternative.verdict {
                case .jump(let target), .goto(let target):
                    if seen.insert(target).inserted { pending.append(target) }
                default: break
                }
            }
        }
        return result
    }

    /// Walks one class through the hooks.
    mutating func walk(
        _ packet: PacketClass, _ hooks: [BaseChain.Hook] = [.prerouting, .input]
    ) -> FirewallWalk {
        var walk = FirewallWalk(ruleset: ruleset, packet: packet)
        walk.run(hooks)
        if let reason = walk.problem, problem == nil {
            problem = FilterRuleset.Problem(
                reason: reason, evidence: ruleset.evidence.first ?? Evidence(path: "firewall"))
        }
        return walk
    }

    /// What is open to a class, over the families in use.
    mutating func opening(
        _ protocolName: String, interface: String? = nil, source: String? = nil, isLinkOnly: Bool = false
    ) -> Opening {
        var result = Opening()
        for family in families {
            result.add(opening(protocolName, interface, source, isLinkOnly, family))
        }
        result.possible = result.possible.subtracting(result.certain)
        return result
    }

    private mutating func opening(
        _ protocolName: String, _ interface: String?, _ source: String?, _ isLinkOnly: Bool, _ family: PacketFamilies
    ) -> Opening {
        if let source, let block = AddressBlock(source), block.isV6 != (family == .v6) { return Opening() }
        let walk = walk(
            PacketClass(
                family: family, protocolName: protocolName, interface: interface, source: source,
                isLinkOnly: isLinkOnly))
        return Opening(
            certain: walk.accepted.certain, possible: walk.accepted.possible.subtracting(walk.accepted.certain),
            hits: walk.acceptedBy)
    }

    /// Whether everything is open to a class in some family.
    mutating func isTrusted(interface: String?, source: String? = nil) -> Bool {
        families.contains { family in
            ["tcp", "udp", "other"].allSatisfy { name in
                opening(name, interface, source, false, family).certain.isAll
            }
        }
    }

    // MARK: Defaults

    /// What becomes of packets that no rule picks out; nil when that cannot be told.
    mutating func fate(_ hooks: [BaseChain.Hook], protocols: [String]) -> (String?, [Evidence]) {
        var result = "drop"
        var evidence: [Evidence] = []
        for family in families {
            for name in protocols {
                let walk = walk(PacketClass(family: family, protocolName: name), hooks)
                var ports = generic
                if walk.accepted.certain.isAll {
                    return ("accept", Self.evidence(walk.acceptedBy, in: .all))
                }
                if ports.isEmpty { ports = walk.accepted.certain.complement }
                if !walk.accepted.certain.intersection(ports).isEmpty {
                    return ("accept", Self.evidence(walk.acceptedBy, in: ports))
                }
                if !walk.accepted.possible.intersection(ports).isEmpty {
                    let hits = walk.acceptedBy.filter { !$0.isCertain }
                    return (nil, Self.evidence(hits, in: ports))
                }
                if !walk.rejected.intersection(ports).isEmpty { result = "reject" }
                evidence += Self.evidence(walk.refusedBy, in: ports)
            }
        }
        return (result, Self.unique(evidence))
    }

    /// Where hits stand that touch some of the ports; at most 20.
    static func evidence(_ hits: [FirewallWalk.Hit], in ports: PortSet) -> [Evidence] {
        unique(hits.filter { !$0.ports.intersection(ports).isEmpty }.map(\.evidence))
    }

    static func unique(_ evidence: [Evidence]) -> [Evidence] {
        var seen: Set<Evidence> = []
        return Array(evidence.filter { seen.insert($0).inserted }.prefix(20))
    }
}
