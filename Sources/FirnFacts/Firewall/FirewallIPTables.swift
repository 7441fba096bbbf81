import FirnModel
import FirnParsing

/// Turns the tables of iptables into the model.
enum FirewallIPTables {
    /// Targets that are not chains.
    static let targets: Set<String> = [
        "ACCEPT", "DROP", "RETURN", "REJECT", "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TCPMSS", "DSCP", "TOS",
        "TTL",
        "HL", "CLASSIFY", "CT", "NOTRACK", "SET", "AUDIT", "CHECKSUM", "TRACE", "CONNSECMARK", "SECMARK", "DNAT",
        "SNAT",
        "MASQUERADE", "REDIRECT", "NETMAP", "TPROXY", "NFQUEUE", "QUEUE", "TEE", "IDLETIMER", "HMARK", "LED", "RATEEST",
        "TCPOPTSTRIP", "SYNPROXY", "CLUSTERIP", "ECN", "DNPT", "SNPT",
    ]

    private static let passing: Set<String> = [
        "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TCPMSS", "DSCP", "TOS", "TTL", "HL", "CLASSIFY", "CT", "NOTRACK",
        "SET", "AUDIT", "CHECKSUM", "TRACE", "CONNSECMARK", "SECMARK", "TEE", "IDLETIMER", "HMARK", "LED", "RATEEST",
        "TCPOPTSTRIP", "ECN",
    ]

    private static let hooks: [String: BaseChain.Hook] = [
        "PREROUTING": .prerouting, "INPUT": .input, "FORWARD": .forward, "OUTPUT": .output, "POSTROUTING": .postrouting,
    ]

    private static let priorities: [String: Int] = [
        "raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50,
    ]

    /// The model of what a script leaves behind.
    static func ruleset(_ state: IPTablesState, names: FirewallNames) -> FilterRuleset {
        var result = FilterRuleset()
        result.problems = state.problems
        result.families = state.families
        for (family, tables) in [(PacketFamilies.v4, state.v4), (.v6, state.v6)]
        where state.families.contains(family) {
            for (tableName, table) in tables.sorted(by: { $0.key < $1.key }) {
                let prefix = (family == .v4 ? "iptables/" : "ip6tables/") + tableName + "/"
                for (name, chain) in table.sorted(by: { $0.key < $1.key }) {
                    let rules = chain.rules.map { rule in
                        convert(rule, table: tableName, chain: name, family: family, prefix: prefix, names: names)
                    }
                    if rules.contains(where: { !$0.isStandard }) || chain.policyEvidence != nil {
                        result.hasExtraRules = true
                    }
                    result.chains[prefix + name] = FilterChain(rules: rules)
                    if let policy = chain.policy, let hook = hooks[name] {
                        result.bases.append(
                            BaseChain(
                                hook: hook, isNAT: tableName == "nat", priority: priorities[tableName] ?? 0,
                                families: family, policy: policy == "ACCEPT" ? .accept : .drop, chain: prefix + name,
                                evidence: chain.policyEvidence
                                    ?? Evidence(path: "iptables", text: "policy of \(name): \(policy)")))
                    }
                }
            }
        }
        return result
    }

    private static func convert(
        _ entry: IPTablesState.Rule, table: String, chain: String, family: PacketFamilies, prefix: String,
        names: FirewallNames
    ) -> FilterRule {
        let rule = entry.rule
        var conditions: [PacketCondition] = []
        var translations: [AddressTranslation] = []
        var protocols: [String] = []
        var skipped: Set<String> = []
        let hasReversePath = rule.options.contains { $0.name == "--match" && $0.values == ["rpfilter"] }
        let options = Dictionary(grouping: rule.options, by: \.name)
        for option in rule.options where option.name == "--protocol" {
            protocols = option.values.compactMap(names.protocolName)
        }
        if hasReversePath {
            conditions.append(
                .reversePath(
                    isStrict: options["--loose"] == nil, isNegated: options["--invert"] != nil))
            skipped = ["--loose", "--invert", "--validmark", "--accept-local"]
        }
        for option in rule.options where !skipped.contains(option.name) {
            conditions += condition(option, options, protocols: protocols, names: names)
        }
        let evidence = entry.evidence
        var verdict = FilterVerdict.proceed
        var logs = false
        switch rule.target {
        case nil: verdict = .proceed
        case "ACCEPT": verdict = .accept
        case "DROP": verdict = .drop
        case "REJECT": verdict = .reject
        case "RETURN": verdict = .back
        case "LOG", "NFLOG", "ULOG":
            logs = true
        case "DNAT", "REDIRECT":
            let target =
                options["--to-destination"]?.first?.values.first
                ?? options["--to-ports"]?.first?.values.first.map { ":" + $0 } ?? "this machine"
            translations.append(
                AddressTranslation(kind: .destination(target), ports: nil, protocols: protocols))
            verdict = .accept
        case "MASQUERADE", "SNAT":
            translations.append(AddressTranslation(kind: .source, ports: nil, protocols: protocols))
            verdict = .accept
        case let target?:
            if passing.contains(target) {
                verdict = .proceed
            } else if targets.contains(target) || target == target.uppercased() {
                verdict = .unknown(target)
            } else {
                verdict = rule.isGoto ? .goto(prefix + target) : .jump(prefix + target)
            }
        }
        return FilterRule(
            alternatives: [FilterRule.Alternative(conditions: conditions, verdict: verdict)], logs: logs,
            translations: translations, evidence: evidence,
            isStandard: isStandard(rule, options, table: table, chain: chain))
    }

    // MARK: Options

    private static let rates: Set<String> = [
        "limit", "hashlimit", "connlimit", "recent", "statistic", "quota", "rateest",
    ]

    /// Options that only say how something is done.
    private static let silent: Set<String> = [
        "--limit", "--limit-burst", "--comment", "--log-prefix", "--log-level", "--log-tcp-sequence",
        "--log-tcp-options",
        "--log-ip-options", "--log-uid", "--log-macdecode", "--reject-with", "--to-destination", "--to-source",
        "--to-ports", "--set-mark", "--set-xmark", "--random", "--random-fully", "--persistent", "--nflog-group",
        "--nflog-prefix", "--nflog-range", "--nflog-size", "--nflog-threshold", "--connlimit-above", "--connlimit-upto",
        "--connlimit-mask", "--connlimit-saddr", "--connlimit-daddr", "--seconds", "--hitcount", "--rsource", "--rdest",
        "--mask", "--reap", "--rttl", "--mode", "--every", "--packet", "--probability", "--quota", "--set-mss",
        "--clamp-mss-to-pmtu", "--save-mark", "--restore-mark", "--nfmask", "--ctmask", "--helper", "--zone",
        "--notrack",
        "--queue-num", "--queue-balance", "--queue-bypass", "--to", "--set-dscp", "--set-dscp-class", "--set-class",
    ]

    private static func condition(
        _ option: IPTablesRule.Option, _ options: [String: [IPTablesRule.Option]], protocols: [String],
        names: FirewallNames
    ) -> [PacketCondition] {
        let value = option.values.first ?? ""
        let isNegated = option.isNegated
        let unknown = [PacketCondition.unknown(option.text)]
        switch option.name {
        case "--protocol":
            if value == "all" || value == "0" { return [isNegated ? .never : .always] }
            guard let name = names.protocolName(value) else { return unknown }
            return [.protocols([name], isNegated: isNegated)]
        case "--in-interface": return [.inInterface([value], isNegated: isNegated)]
        case "--out-interface":
            return [isNegated || value == "+" ? .always : .sometimes(option.text)]
        case "--source":
            let list = value.split(separator: ",").map(String.init)
            guard list.allSatisfy({ AddressBlock($0) != nil }) else { return unknown }
            return [.source(list, isNegated: isNegated)]
        case "--destination":
            let list = value.split(separator: ",").map(String.init)
            let blocks = list.compactMap { AddressBlock($0) }
            guard blocks.count == list.count else { return unknown }
            return [.destination(blocks, isNegated: isNegated)]
        case "--src-range", "--mac-source":
            return [.source([value], isNegated: isNegated)]
        case "--dst-range": return [.sometimes(option.text)]
        case "--dport", "--dports", "--ports":
            guard let set = names.ports(value.split(separator: ",").map(String.init), separator: ":") else {
                return unknown
            }
            return [.ports(isNegated ? set.complement : set)]
        case "--sport", "--sports": return [.sometimes(option.text)]
        case "--ctstate", "--state":
            let states = Set(value.split(separator: ",").map { $0.uppercased() })
            if states.contains("DNAT") || states.contains("SNAT") {
                // An opening packet that nothing translated is in neither state.
                return [(states.contains("NEW")) != isNegated ? .always : .never]
            }
            return [states.contains("NEW") != isNegated ? .always : .never]
        case "--icmp-type", "--icmpv6-type":
            let isV6 = option.name == "--icmpv6-type"
            return [.icmpType([names.icmpType(value, isV6: isV6)], isV6: isV6, isNegated: isNegated)]
        case "--syn": return [isNegated ? .never : .always]
        case "--tcp-flags":
            guard option.values.count == 2 else { return unknown }
            let all: Set<String> = ["SYN", "ACK", "FIN", "RST", "URG", "PSH"]
            let mask = option.values[0] == "ALL" ? all : Set(option.values[0].split(separator: ",").map(String.init))
            let set: Set<String> =
                option.values[1] == "NONE"
                ? [] : (option.values[1] == "ALL" ? all : Set(option.values[1].split(separator: ",").map(String.init)))
            return [(mask.intersection(["SYN"]) == set) != isNegated ? .always : .never]
        case "--pkt-type": return [(value == "unicast") != isNegated ? .always : .never]
        case "--dst-type":
            let types = value.split(separator: ",").map { $0.uppercased() }
            return [types.contains("LOCAL") != isNegated ? .always : .never]
        case "--hashlimit-above", "--hashlimit-upto", "--hashlimit": return [.limit(option.text)]
        case let name where name.hasPrefix("--hashlimit"): return []
        case "--set":
            // `-m recent --set` notes the sender and holds.
            return options["--name"] != nil || options["--match"]?.contains { $0.values == ["recent"] } ?? false
                ? [.always] : unknown
        case "--name": return []
        case "--rcheck", "--update":
            return [options["--hitcount"] != nil ? .limit(option.text) : .unknown(option.text)]
        case "--remove": return unknown
        case "--match":
            switch value {
            case "limit", "connlimit", "statistic", "quota": return [.limit("-m " + value)]
            case "recent", "hashlimit", "tcp", "udp", "icmp", "icmp6", "icmpv6", "multiport", "conntrack", "state",
                "comment", "pkttype", "addrtype", "rpfilter", "iprange", "mac", "udplite", "sctp", "dccp":
                return []
            default: return [.unknown("-m " + value)]
            }
        case let name where silent.contains(name): return []
        default: return unknown
        }
    }

    // MARK: What the module writes

    /// Whether a rule has the shape of one that the NixOS modules write from their options, so that it says nothing
    /// about commands of the user.
    private static func isStandard(
        _ rule: IPTablesRule, _ options: [String: [IPTablesRule.Option]], table: String, chain: String
    ) -> Bool {
        let isNat = ["nixos-nat-pre", "nixos-nat-post", "nixos-nat-out", "nixos-filter-forward"]
        if isNat.contains(chain) { return true }
        if let target = rule.target, isNat.contains(target) { return true }
        if ["nixos-fw-accept", "nixos-fw-refuse", "nixos-fw-log-refuse", "nixos-fw-rpfilter"].contains(chain) {
            return true
        }
        if rule.options.isEmpty, rule.target == "nixos-fw", chain == "INPUT" { return true }
        if rule.options.isEmpty, rule.target == "nixos-fw-rpfilter", chain == "PREROUTING" { return true }
        guard chain == "nixos-fw", table == "filter" else { return false }
        let names = Set(options.keys)
        switch rule.target {
        case "nixos-fw-log-refuse": return rule.options.isEmpty
        case "DROP": return names == ["--protocol", "--icmpv6-type"]
        case "nixos-fw-accept":
            let value = { (name: String) in options[name]?.first?.values.first }
            if names == ["--in-interface"] { return true }
            if names == ["--match", "--ctstate"] { return value("--ctstate") == "ESTABLISHED,RELATED" }
            if names.isSubset(of: ["--protocol", "--dport", "--in-interface"]), names.contains("--dport") {
                return true
            }
            if names == ["--protocol"] { return value("--protocol") == "icmpv6" }
            if names == ["--protocol", "--dport", "--destination"] { return value("--destination") == "fe80::/64" }
            return value("--protocol") == "icmp" && names.contains("--icmp-type")
        default: return false
        }
    }
}
