import FirnModel

/// The packets a walk asks about: all that open a connection and share these properties, at every port.
struct PacketClass: Sendable, Hashable {
    enum ReversePath: Sendable, Hashable {
        /// The way back leads out by the interface the packet came in by.
        case good
        /// There is a way back, by another interface.
        case otherInterface
        /// There is no way back.
        case none
    }

    var family: PacketFamilies = .v4
    var protocolName = "tcp"
    /// nil is an interface that no rule names.
    var interface: String?
    /// nil is a sender that no rule names.
    var source: String?
    /// Whether it goes to an address that reaches no further than the link.
    var isLinkOnly = false
    var icmpType: String?
    var reversePath: ReversePath = .good
}

/// Packets at a place of the ruleset, by port.
struct PacketFlow: Sendable, Hashable {
    /// Ports of which packets certainly come here.
    var certain: PortSet
    /// Those of them that come here at any rate, not only below a limit.
    var unlimited: PortSet
    /// Ports of which packets may come here.
    var possible: PortSet

    static let all = PacketFlow(certain: .all, unlimited: .all, possible: .empty)
    static let none = PacketFlow(certain: .empty, unlimited: .empty, possible: .empty)

    var isEmpty: Bool { certain.isEmpty && possible.isEmpty }

    func restricted(to ports: PortSet) -> PacketFlow {
        PacketFlow(
            certain: certain.intersection(ports), unlimited: unlimited.intersection(ports),
            possible: possible.intersection(ports))
    }

    func without(_ ports: PortSet) -> PacketFlow {
        restricted(to: ports.complement)
    }

    mutating func add(_ other: PacketFlow) {
        certain = certain.union(other.certain)
        unlimited = unlimited.union(other.unlimited)
        possible = possible.union(other.possible)
    }
}

/// Follows packets of one class through chains.
///
/// For each port the walk says whether some packet of the class certainly passes, may pass, or is refused. A condition
/// that holds for some packets only sends them both ways; one that is not known makes what follows "may". So an unknown
/// accept is never "closed", and an unknown drop never "closed" either.
struct FirewallWalk {
    struct Hit: Sendable, Hashable {
        var ports: PortSet
        var isCertain: Bool
        var evidence: Evidence
    }

    let ruleset: FilterRuleset
    let packet: PacketClass

    private(set) var accepted = PacketFlow.none
    private(set) var dropped = PortSet.empty
    private(set) var rejected = PortSet.empty
    private(set) var logged = PortSet.empty
    private(set) var rateDropped = PortSet.empty
    private(set) var acceptedBy: [Hit] = []
    private(set) var refusedBy: [Hit] = []
    private(set) var loggedBy: [Hit] = []
    private(set) var problem: String?
    private var steps = 0

    init(ruleset: FilterRuleset, packet: PacketClass) {
        self.ruleset = ruleset
        self.packet = packet
    }

    /// What a packet has passed when it has gone through all chains of the hooks.
    mutating func run(_ hooks: [BaseChain.Hook]) {
        var flow = PacketFlow.all
        var last: BaseChain?
        for hook in hooks {
            for base in ruleset.bases(hook, packet.family) {
                accepted = .none
                let rest = walk(base.chain, flow, depth: 0, because: nil)
                // A policy says why only where no rule does.
                let hits = acceptedBy
                apply(base.policy, rest, base.evidence)
                if base.policy == .accept { acceptedBy = hits }
                flow = accepted
                last = base
            }
        }
        accepted = flow
        if acceptedBy.isEmpty, !flow.certain.isEmpty, let last {
            acceptedBy = [Hit(ports: flow.certain, isCertain: true, evidence: last.evidence)]
        }
    }

    private mutating func apply(_ verdict: FilterVerdict, _ flow: PacketFlow, _ evidence: Evidence) {
        guard !flow.isEmpty else { return }
        switch verdict {
        case .accept:
            accepted.add(flow)
            if !flow.certain.isEmpty {
                acceptedBy.append(Hit(ports: flow.certain, isCertain: true, evidence: evidence))
            }
            if !flow.possible.isEmpty {
                acceptedBy.append(Hit(ports: flow.possible, isCertain: false, evidence: evidence))
            }
        case .drop, .reject:
            if verdict == .drop {
                dropped = dropped.union(flow.certain)
            } else {
                rejected = rejected.union(flow.certain)
            }
            if !flow.certain.isEmpty {
                refusedBy.append(Hit(ports: flow.certain, isCertain: true, evidence: evidence))
            }
        default: break
        }
    }

    /// Sends packets through a chain; what comes out at its end or returns.
    private mutating func walk(
        _ name: String, _ start: PacketFlow, depth: Int, because: Evidence?
    ) -> PacketFlow {
        guard let chain = ruleset.chains[name] else {
            problem = problem ?? "a rule jumps to the chain \(Self.shown(name)), which is not there"
            return start
        }
        guard depth <= 16 else {
            problem = problem ?? "chains jump to each other more than 16 deep"
            return .none
        }
        var flow = start
        var returned = PacketFlow.none
        for rule in chain.rules {
            if flow.isEmpty { break }
            for alternative in rule.alternatives {
                steps += 1
                guard steps < 200_000 else {
                    problem = problem ?? "the ruleset has too many ways through its chains"
                    return .none
                }
                let (ports, certainty) = judge(alternative.conditions)
                guard certainty != .never else { continue }
                var matched = flow.restricted(to: ports)
                if matched.isEmpty { continue }
                switch certainty {
                case .always: break
                case .sometimes(let isLimit):
                    if isLimit { matched.unlimited = .empty }
                case .unknown:
                    matched = PacketFlow(
                        certain: .empty, unlimited: .empty, possible: matched.certain.union(matched.possible))
                case .never: continue
                }
                if rule.logs, !matched.certain.isEmpty {
                    logged = logged.union(matched.certain)
                    loggedBy.append(Hit(ports: matched.certain, isCertain: true, evidence: rule.evidence))
                }
                let keeps = certainty != .always
                // A rule without a condition only does what the rule that jumped to it wants.
                let isPlain = alternative.conditions.allSatisfy { $0 == .always }
                let cause = isPlain ? (because ?? rule.evidence) : rule.evidence
                switch alternative.verdict {
                case .proceed: continue
                case .accept: apply(.accept, matched, cause)
                case .drop, .reject:
                    if certainty == .sometimes(isLimit: true) || !matched.certain.subtracting(matched.unlimited).isEmpty
                    {
                        rateDropped = rateDropped.union(
                            certainty == .sometimes(isLimit: true)
                                ? matched.certain : matched.certain.subtracting(matched.unlimited))
                    }
                    // A refusal that holds for some packets only is no refusal of the port.
                    if !keeps { apply(alternative.verdict, matched, rule.evidence) }
                case .back: returned.add(matched)
                case .jump(let target), .goto(let target):
                    let rest = walk(target, matched, depth: depth + 1, because: isPlain ? because : rule.evidence)
                    if case .goto = alternative.verdict {
                        returned.add(rest)
                    } else {
                        if !keeps { flow = flow.without(ports) }
                        flow.add(rest)
                        continue
                    }
                case .unknown:
                    let possible = PacketFlow(
                        certain: .empty, unlimited: .empty, possible: matched.certain.union(matched.possible))
                    apply(.accept, possible, cause)
                    continue
                }
                if !keeps { flow = flow.without(ports) }
            }
        }
        returned.add(flow)
        return returned
    }

    /// `table/chain` as people write it.
    private static func shown(_ key: String) -> String {
        key.split(separator: "/").last.map(String.init) ?? key
    }

    // MARK: Conditions

    enum Certainty: Hashable {
        case always
        case sometimes(isLimit: Bool)
        case unknown
        case never
    }

    private func judge(_ conditions: [PacketCondition]) -> (PortSet, Certainty) {
        var ports = PortSet.all
        var result = Certainty.always
        for condition in conditions {
            let one: Certainty
            if case .ports(let set) = condition {
                guard Self.hasPorts(packet.protocolName) else { return (.empty, .never) }
                ports = ports.intersection(set)
                one = .always
            } else {
                one = judge(condition)
            }
            switch (result, one) {
            case (_, .never): return (.empty, .never)
            case (.unknown, _), (_, .unknown): result = .unknown
            case (.sometimes(let first), .sometimes(let second)): result = .sometimes(isLimit: first || second)
            case (.always, let other): result = other
            default: break
            }
        }
        return ports.isEmpty ? (.empty, .never) : (ports, result)
    }

    static func hasPorts(_ name: String) -> Bool {
        ["tcp", "udp", "udplite", "sctp", "dccp"].contains(name)
    }

    private func judge(_ condition: PacketCondition) -> Certainty {
        func held(_ holds: Bool, _ isNegated: Bool) -> Certainty { holds != isNegated ? .always : .never }
        switch condition {
        case .always, .ports: return .always
        case .never: return .never
        case .sometimes: return .sometimes(isLimit: false)
        case .limit: return .sometimes(isLimit: true)
        case .unknown: return .unknown
        case .family(let families): return families.contains(packet.family) ? .always : .never
        case .protocols(let names, let isNegated): return held(names.contains(packet.protocolName), isNegated)
        case .inInterface(let names, let isNegated):
            guard let interface = packet.interface else {
                // `+` alone is every interface.
                return held(names.contains("+"), isNegated)
            }
            return held(names.contains { Self.matches(interface, $0) }, isNegated)
        case .source(let names, let isNegated): return source(names, isNegated)
        case .destination(let blocks, let isNegated):
            let own = blocks.filter { $0.isV6 == (packet.family == .v6) }
            if own.contains(where: \.isEverything) { return isNegated ? .never : .always }
            if own.isEmpty { return isNegated && blocks.isEmpty ? .always : .never }
            let linkOnly = own.allSatisfy(\.isLinkOnly)
            if packet.isLinkOnly {
                return linkOnly ? .sometimes(isLimit: false) : (isNegated ? .always : .never)
            }
            if linkOnly { return isNegated ? .always : .never }
            return .sometimes(isLimit: false)
        case .icmpType(let names, let isV6, let isNegated):
            guard packet.protocolName == (isV6 ? "icmpv6" : "icmp") else { return .never }
            guard let type = packet.icmpType else { return .sometimes(isLimit: false) }
            return held(names.contains(type) || names.contains("any"), isNegated)
        case .reversePath(let isStrict, let isNegated):
            switch packet.reversePath {
            case .good: return isNegated ? .never : .always
            case .otherInterface: return held(!isStrict, isNegated)
            case .none: return isNegated ? .always : .never
            }
        }
    }

    private func source(_ names: [String], _ isNegated: Bool) -> Certainty {
        let blocks = names.map { AddressBlock($0) }
        let isV6 = packet.family == .v6
        if blocks.contains(where: { $0.map { $0.isEverything && $0.isV6 == isV6 } ?? false }) {
            return isNegated ? .never : .always
        }
        // A rule with addresses of the other family never sees this packet.
        if !blocks.contains(where: { $0 == nil || $0?.isV6 == isV6 }) { return .never }
        let isWide = zip(names, blocks).contains { name, block in
            block.map { $0.isWide && $0.isV6 == isV6 }
                ?? (AddressBlock.isWideRange(name) && AddressBlock.isV6Range(name) == isV6)
        }
        // Whoever has an address in so large a block is anyone; not all are in it.
        if packet.source == nil, isWide { return .sometimes(isLimit: false) }
        guard let source = packet.source else { return isNegated ? .always : .never }
        if names.contains(source) { return isNegated ? .never : .always }
        if let own = AddressBlock(source) {
            if blocks.contains(where: { $0?.contains(own) ?? false }) { return isNegated ? .never : .always }
            // A part of the block is named: some of its packets match. Hardware addresses are senders of their own.
            let isPart = zip(names, blocks).contains { name, block in
                block.map { own.contains($0) } ?? own.touches(range: name) ?? false
            }
            if isPart { return .sometimes(isLimit: false) }
        }
        return isNegated ? .always : .never
    }

    /// Whether an interface, itself perhaps a prefix, is one that a rule names.
    static func matches(_ interface: String, _ pattern: String) -> Bool {
        guard pattern.hasSuffix("+") else { return interface == pattern }
        return interface.hasPrefix(pattern.dropLast())
    }
}
