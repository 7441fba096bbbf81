import FirnModel
import FirnParsing

/// Turns a ruleset of nftables into the model.
struct FirewallNFT {
    private let names: FirewallNames
    private let table: NFTTable
    private let prefix: String
    /// Sets that rules change as packets come.
    private let changing: Set<String>

    /// The model of a ruleset.
    static func ruleset(_ parsed: NFTRuleset, names: FirewallNames) -> FilterRuleset {
        var result = FilterRuleset()
        for problem in parsed.problems {
            result.problems.append(
                FilterRuleset.Problem(
                    reason: problem.reason, evidence: Evidence(path: problem.file, line: problem.line)))
        }
        for table in parsed.tables where !table.isDormant {
            guard let families = families(table.family) else { continue }
            let converter = FirewallNFT(names: names, table: table)
            for chain in table.chains {
                let rules = chain.rules.map { converter.rule($0, in: chain.name) }
                if rules.contains(where: { !$0.isStandard }) { result.hasExtraRules = true }
                result.chains[converter.prefix + chain.name] = FilterChain(rules: rules)
                guard let hook = chain.hook else { continue }
                guard let place = hooks[hook.name] else { continue }
                let evidence = Evidence(
                    path: chain.file, line: chain.line, text: "chain \(chain.name): policy \(chain.policy)")
                guard let priority = hook.priority else {
                    result.problems.append(
                        FilterRuleset.Problem(
                            reason: "the priority of the chain \(chain.name) is not known", evidence: evidence))
                    continue
                }
                result.bases.append(
                    BaseChain(
                        hook: place, isNAT: hook.type == "nat", priority: priority, families: families,
                        policy: chain.policy == "drop" ? .drop : .accept, chain: converter.prefix + chain.name,
                        evidence: evidence))
                if !converter.isModuleTable { result.hasExtraRules = true }
            }
        }
        return result
    }

    private static let hooks: [String: BaseChain.Hook] = [
        "prerouting": .prerouting, "input": .input, "forward": .forward, "output": .output, "postrouting": .postrouting,
    ]

    /// The packets that the chains of a table see; other families never see a packet of the Internet protocol here.
    private static func families(_ name: String) -> PacketFamilies? {
        switch name {
        case "ip": .v4
        case "ip6": .v6
        case "inet": .both
        default: nil
        }
    }

    private init(names: FirewallNames, table: NFTTable) {
        self.names = names
        self.table = table
        prefix = "nft/\(table.family) \(table.name)/"
        var changing: Set<String> = []
        for rule in table.chains.flatMap(\.rules) {
            for case .setUpdate(let name) in rule.statements { changing.insert(name) }
        }
        self.changing = changing
    }

    private var isModuleTable: Bool {
        (table.family == "inet" && table.name == "nixos-fw")
            || (table.name == "nixos-nat" && (table.family == "ip" || table.family == "ip6"))
    }

    // MARK: Rules

    private func rule(_ rule: NFTRule, in chain: String) -> FilterRule {
        var result = FilterRule(
            alternatives: [], logs: false, translations: [],
            evidence: Evidence(path: rule.file, line: rule.line, text: rule.text),
            isStandard: isModuleTable && isStandard(rule, in: chain))
        /// The conditions so far: a list of ways in which the rule can match.
        var ways: [[PacketCondition]] = [[]]
        var verdict: FilterVerdict = .proceed
        for statement in rule.statements {
            switch statement {
            case .inert, .setUpdate: break
            case .log: result.logs = true
            case .limit(let text): ways = ways.map { $0 + Self.limit(text) }
            case .unknownMatch(let text): ways = ways.map { $0 + [.unknown(text)] }
            case .unknown(let text): verdict = .unknown(text)
            case .tcpFlags(let mask, let value, let isNegated):
                let condition = Self.tcpFlags(mask: mask, value: value, isNegated: isNegated)
                ways = ways.map { $0 + [.protocols(["tcp"], isNegated: false), condition] }
            case .match(let selectors, let isNegated, let values):
                let options = match(selectors, isNegated, values)
                ways = ways.flatMap { way in options.map { way + $0 } }
                if ways.count > 4096 {
                    ways = [[.unknown(rule.text)]]
                }
            case .verdictMap(let selectors, let values):
                let options = verdictMap(selectors, values)
                result.alternatives += ways.flatMap { way in
                    options.map { FilterRule.Alternative(conditions: way + $0.0, verdict: $0.1) }
                }
            case .verdict(let end): verdict = convert(end)
            case .destinationNAT(let text, let selectors, let elements):
                result.translations += destinationNAT(text, selectors, elements)
                verdict = .accept
            case .sourceNAT:
                result.translations.append(AddressTranslation(kind: .source, ports: nil, protocols: []))
                verdict = .accept
            }
        }
        if result.alternatives.isEmpty || verdict != .proceed || result.logs {
            result.alternatives += ways.map { FilterRule.Alternative(conditions: $0, verdict: verdict) }
        }
        return result
    }

    private func convert(_ verdict: NFTVerdict) -> FilterVerdict {
        switch verdict {
        case .accept: .accept
        case .drop: .drop
        case .reject: .reject
        case .proceed: .proceed
        case .back: .back
        case .queue: .unknown("queue")
        case .jump(let name): .jump(prefix + name)
        case .goto(let name): .goto(prefix + name)
        }
    }

    /// A meter by `ip saddr` counts IPv4 alone: a packet of the other family never matches.
    private static func limit(_ text: String) -> [PacketCondition] {
        let words = text.split(separator: " ")
        if words.contains("ip6") { return [.family(.v6), .limit(text)] }
        if words.contains("ip") { return [.family(.v4), .limit(text)] }
        return [.limit(text)]
    }

    /// An opening packet has SYN and nothing else.
    private static func tcpFlags(mask: [String]?, value: [String], isNegated: Bool) -> PacketCondition {
        let value = Set(value.filter { $0 != "0x0" && $0 != "0" })
        guard let mask else { return value.contains("syn") != isNegated ? .always : .never }
        return (Set(mask).intersection(["syn"]) == value) != isNegated ? .always : .never
    }

    private func elements(_ values: NFTStatement.Values) -> [NFTElement]? {
        switch values {
        case .elements(let elements): return elements
        case .set(let name):
            guard let set = table.sets[name], !set.isDynamic, !changing.contains(name) else { return nil }
            return set.elements
        }
    }

    /// The ways in which a match holds; each is a list of conditions that must all hold.
    private func match(
        _ selectors: [[String]], _ isNegated: Bool, _ values: NFTStatement.Values
    ) -> [[PacketCondition]] {
        let text = selectors.map { $0.joined(separator: " ") }.joined(separator: " . ")
        guard let elements = elements(values) else {
            if selectors.count == 1, let implied = implied(selectors[0]) { return [implied + [.unknown(text)]] }
            return [[.unknown(text)]]
        }
        if selectors.count == 1 {
            return [condition(selectors[0], elements.compactMap(\.key.first), isNegated)]
        }
        if elements.isEmpty { return [[isNegated ? .always : .never]] }
        guard !isNegated else { return [[.unknown(text)]] }
        return elements.map { concatenation(selectors, $0, text) }
    }

    private func concatenation(_ selectors: [[String]], _ element: NFTElement, _ text: String) -> [PacketCondition] {
        guard element.key.count == selectors.count else { return [.unknown(text)] }
        return zip(selectors, element.key).flatMap { condition($0, [$1], false) }
    }

    private func verdictMap(
        _ selectors: [[String]], _ values: NFTStatement.Values
    ) -> [([PacketCondition], FilterVerdict)] {
        let text = selectors.map { $0.joined(separator: " ") }.joined(separator: " . ")
        guard let elements = elements(values) else { return [([], .unknown(text))] }
        return elements.map { element in
            let conditions =
                selectors.count == 1
                ? condition(selectors[0], Array(element.key.prefix(1)), false)
                : concatenation(selectors, element, text)
            return (conditions, element.verdict.map(convert) ?? .unknown(text))
        }
    }

    /// What a selector demands of a packet beside its value: `tcp dport` is of TCP alone.
    private func implied(_ selector: [String]) -> [PacketCondition]? {
        switch selector.first {
        case "tcp", "udp", "udplite", "sctp", "dccp": [.protocols([selector[0]], isNegated: false)]
        case "ip": [.family(.v4)]
        case "ip6": [.family(.v6)]
        case "icmp": [.protocols(["icmp"], isNegated: false)]
        case "icmpv6": [.protocols(["icmpv6"], isNegated: false)]
        default: nil
        }
    }

    private func condition(_ selector: [String], _ values: [String], _ isNegated: Bool) -> [PacketCondition] {
        let text = selector.joined(separator: " ") + (isNegated ? " != " : " ") + values.joined(separator: ", ")
        let unknown = (implied(selector) ?? []) + [PacketCondition.unknown(text)]
        let isWild = values.contains("*")
        switch selector {
        case ["meta", "iifname"], ["meta", "iif"]:
            return [.inInterface(values.map(Self.interface), isNegated: isNegated)]
        case ["meta", "oifname"], ["meta", "oif"]:
            return [isNegated || isWild ? .always : .sometimes(text)]
        case ["meta", "nfproto"]:
            var families: PacketFamilies = []
            for value in values {
                switch value {
                case "ipv4", "2": families.insert(.v4)
                case "ipv6", "10": families.insert(.v6)
                default: return unknown
                }
            }
            return [.family(isNegated ? PacketFamilies.both.subtracting(families) : families)]
        case ["meta", "protocol"], ["ether", "type"]:
            var families: PacketFamilies = []
            for value in values {
                switch value {
                case "ip": families.insert(.v4)
                case "ip6": families.insert(.v6)
                default: return unknown
                }
            }
            return [.family(isNegated ? PacketFamilies.both.subtracting(families) : families)]
        case ["meta", "l4proto"], ["ip", "protocol"], ["ip6", "nexthdr"]:
            let protocols = values.compactMap(names.protocolName)
            guard protocols.count == values.count else { return unknown }
            let family: [PacketCondition] =
                selector[0] == "ip" ? [.family(.v4)] : (selector[0] == "ip6" ? [.family(.v6)] : [])
            return family + [.protocols(protocols, isNegated: isNegated)]
        case ["ip", "saddr"], ["ip6", "saddr"]:
            guard values.allSatisfy({ AddressBlock($0) != nil || $0.contains("-") }) else { return unknown }
            return [.family(selector[0] == "ip" ? .v4 : .v6), .source(values, isNegated: isNegated)]
        case ["ether", "saddr"]: return [.source(values, isNegated: isNegated)]
        case ["ip", "daddr"], ["ip6", "daddr"]:
            let blocks = values.compactMap { AddressBlock($0) }
            let family = PacketCondition.family(selector[0] == "ip" ? .v4 : .v6)
            guard blocks.count == values.count else { return [family, .sometimes(text)] }
            return [family, .destination(blocks, isNegated: isNegated)]
        case ["tcp", "dport"], ["udp", "dport"], ["th", "dport"], ["sctp", "dport"], ["dccp", "dport"],
            ["udplite", "dport"]:
            guard let set = names.ports(values, separator: "-") else { return unknown }
            return (implied(selector) ?? []) + [.ports(isNegated ? set.complement : set)]
        case ["tcp", "sport"], ["udp", "sport"], ["th", "sport"], ["sctp", "sport"], ["dccp", "sport"],
            ["udplite", "sport"]:
            return (implied(selector) ?? []) + [.sometimes(text)]
        case ["icmp", "type"], ["icmpv6", "type"]:
            let isV6 = selector[0] == "icmpv6"
            return [
                .icmpType(values.map { names.icmpType($0, isV6: isV6) }, isV6: isV6, isNegated: isNegated)
            ]
        case ["ct", "state"]:
            let known: Set<String> = ["new", "established", "related", "invalid", "untracked"]
            guard values.allSatisfy(known.contains) else { return unknown }
            return [values.contains("new") != isNegated ? .always : .never]
        case ["ct", "status"]:
            guard values.allSatisfy({ ["dnat", "snat", "assured", "confirmed", "seen-reply", "dying"].contains($0) })
            else { return unknown }
            // Nothing translated or answered a packet that opens a connection to this machine.
            return [isNegated ? .always : .never]
        case ["meta", "pkttype"]:
            guard values.allSatisfy({ ["host", "unicast", "broadcast", "multicast", "other"].contains($0) }) else {
                return unknown
            }
            return [(values.contains("host") || values.contains("unicast")) != isNegated ? .always : .never]
        case let words where words.first == "fib": return fib(words, values, isNegated) ?? unknown
        default: return unknown
        }
    }

    /// `fib saddr . mark . iif oif exists` asks whether there is a way back by the interface the packet came in by;
    /// without `iif` whether there is one at all; `fib daddr type local` whether the packet is for this machine.
    private func fib(_ words: [String], _ values: [String], _ isNegated: Bool) -> [PacketCondition]? {
        if words.contains("daddr"), words.last == "type" {
            return [values.contains("local") != isNegated ? .always : .never]
        }
        guard words.contains("saddr"), words.last == "oif" || words.last == "oifname", values.count == 1 else {
            return nil
        }
        switch values[0] {
        case "exists", "1", "true": return [.reversePath(isStrict: words.contains("iif"), isNegated: isNegated)]
        case "missing", "0", "false": return [.reversePath(isStrict: words.contains("iif"), isNegated: !isNegated)]
        default: return nil
        }
    }

    /// nftables ends a prefix in `*`, iptables in `+`.
    private static func interface(_ name: String) -> String {
        name.hasSuffix("*") ? String(name.dropLast()) + "+" : name
    }

    private func destinationNAT(
        _ text: String, _ selectors: [[String]], _ elements: [NFTElement]
    ) -> [AddressTranslation] {
        guard !selectors.isEmpty else {
            let target = text.isEmpty ? "this machine" : text
            return [AddressTranslation(kind: .destination(target), ports: nil, protocols: [])]
        }
        return elements.map { element in
            var translation = AddressTranslation(kind: .destination(""), ports: nil, protocols: [])
            for (selector, value) in zip(selectors, element.key) {
                if selector == ["meta", "l4proto"] { translation.protocols = [value] }
                if selector.last == "dport" { translation.ports = names.ports([value], separator: "-") }
                if selector.last == "dport", ["tcp", "udp"].contains(selector[0]) {
                    translation.protocols = [selector[0]]
                }
            }
            let parts = (element.data ?? "").split(separator: " ").filter { $0 != "." }
            translation.kind = .destination(parts.joined(separator: ":"))
            return translation
        }
    }

    // MARK: What the module writes

    /// Whether a rule of the module's own tables has the shape of one that the module writes from its options.
    private func isStandard(_ rule: NFTRule, in chain: String) -> Bool {
        if table.name == "nixos-nat" { return true }
        var selectors: [[String]] = []
        for statement in rule.statements {
            switch statement {
            case .match(let keys, _, _): selectors += keys
            case .verdictMap(let keys, _): selectors += keys
            default: break
            }
        }
        switch chain {
        case "input", "rpfilter", "forward": return true
        case "input-allow":
            let shapes: [[[String]]] = [
                [["tcp", "dport"]], [["udp", "dport"]], [["meta", "iifname"], ["tcp", "dport"]],
                [["meta", "iifname"], ["udp", "dport"]], [["meta", "l4proto"], ["th", "dport"]], [["icmp", "type"]],
                [["icmpv6", "type"]], [["ip6", "daddr"], ["udp", "dport"]],
            ]
            return shapes.contains(selectors)
        case "forward-allow":
            return selectors == [["icmpv6", "type"]] || selectors == [["ct", "status"]]
        default: return false
        }
    }
}
