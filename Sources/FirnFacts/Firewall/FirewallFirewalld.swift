import FirnModel
import FirnParsing

/// What firewalld is told: its configuration and its zones (firewalld.conf(5), firewalld.zone(5)).
struct FirewalldSetup: Sendable {
    struct Zone: Sendable {
        var name: String
        var root: FirewalldElement
        /// What evidence calls its file or option.
        var path: String
        /// Whether `path` is a file, in which the elements have lines.
        var hasLines: Bool
    }

    var conf: FirewalldConf
    var confPath: String
    var zones: [Zone]
    /// Ports by service: protocol and port as in `<port>`.
    var services: [String: [(protocolName: String, port: String)]]
    /// `net.ipv4.conf.all.rp_filter`, with which the kernel does for IPv4 what firewalld does for IPv6.
    var kernelReversePath: Int?
    var problems: [FilterRuleset.Problem]
}

/// Turns the zones of firewalld into the model, in the order in which firewalld's own chains ask: loopback, senders,
/// interfaces, default zone.
enum FirewallFirewalld {
    static func ruleset(_ setup: FirewalldSetup, names: FirewallNames) -> FilterRuleset {
        var result = FilterRuleset()
        result.problems = setup.problems
        let input = "firewalld/INPUT"
        let nat = "firewalld/nat"
        let logs =
            !["off", nil].contains(setup.conf.entries["LogDenied"]?.value)
            && !["broadcast", "multicast"].contains(setup.conf.entries["LogDenied"]?.value)
        let defaultName = setup.conf.entries["DefaultZone"]?.value ?? "public"
        let defaultEvidence = Evidence(
            path: setup.confPath, line: setup.conf.entries["DefaultZone"]?.line, text: "DefaultZone=\(defaultName)")
        var rules = [rule([.inInterface(["lo"], isNegated: false)], .accept, defaultEvidence)]
        var bySource: [FilterRule] = []
        var byInterface: [FilterRule] = []
        var translations: [FilterRule] = []
        var defaultTarget: String?
        for zone in setup.zones {
            let key = "firewalld/zone " + zone.name
            result.chains[key] = FilterChain(rules: chain(zone, setup, logs: logs, names: names))
            if zone.name == defaultName { defaultTarget = zone.root.attributes["target"] ?? "default" }
            for element in zone.root.children {
                let place = evidence(zone, element)
                switch element.name {
                case "interface":
                    guard let name = element.attributes["name"] else { continue }
                    byInterface.append(rule([.inInterface([name], isNegated: false)], .goto(key), place))
                case "source":
                    guard let address = element.attributes["address"] ?? element.attributes["mac"] else {
                        bySource.append(rule([.unknown("an ipset as source")], .goto(key), place))
                        continue
                    }
                    bySource.append(rule([.source([address], isNegated: false)], .goto(key), place))
                case "forward-port":
                    let ports = element.attributes["port"].flatMap { names.ports([$0], separator: "-") }
                    let address = element.attributes["to-addr"] ?? ""
                    let target = address + (element.attributes["to-port"].map { ":" + $0 } ?? "")
                    var forward = rule([], .accept, place)
                    forward.translations = [
                        AddressTranslation(
                            kind: .destination(target), ports: ports,
                            protocols: element.attributes["protocol"].map { [$0] } ?? [])
                    ]
                    translations.append(forward)
                case "masquerade":
                    var hide = rule([], .accept, place)
                    hide.translations = [AddressTranslation(kind: .source, ports: nil, protocols: [])]
                    translations.append(hide)
                default: break
                }
            }
        }
        rules += bySource + byInterface
        if defaultTarget == nil {
            result.problems.append(
                FilterRuleset.Problem(
                    reason: "the default zone \(defaultName) is not among the zones of the target",
                    evidence: defaultEvidence))
        } else {
            rules.append(rule([], .goto("firewalld/zone " + defaultName), defaultEvidence))
        }
        result.chains[input] = FilterChain(rules: rules)
        result.bases.append(
            BaseChain(
                hook: .input, isNAT: false, priority: 10, families: .both, policy: .reject, chain: input,
                evidence: defaultEvidence))
        let forward = "firewalld/FORWARD"
        result.chains[forward] = FilterChain(
            rules: defaultTarget == "ACCEPT" ? [rule([], .accept, defaultEvidence)] : [])
        result.bases.append(
            BaseChain(
                hook: .forward, isNAT: false, priority: 10, families: .both, policy: .reject, chain: forward,
                evidence: defaultEvidence))
        result.chains[nat] = FilterChain(rules: translations)
        for hook in [BaseChain.Hook.prerouting, .postrouting] {
            result.bases.append(
                BaseChain(
                    hook: hook, isNAT: true, priority: -90, families: .both, policy: .accept, chain: nat,
                    evidence: defaultEvidence))
        }
        addReversePath(setup, logs: logs, to: &result)
        return result
    }

    private static func rule(
        _ conditions: [PacketCondition], _ verdict: FilterVerdict, _ evidence: Evidence, logs: Bool = false
    ) -> FilterRule {
        FilterRule(
            alternatives: [FilterRule.Alternative(conditions: conditions, verdict: verdict)], logs: logs,
            translations: [], evidence: evidence, isStandard: true)
    }

    private static func evidence(_ zone: FirewalldSetup.Zone, _ element: FirewalldElement) -> Evidence {
        let attributes = element.attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\"\($0.value)\"" }.joined()
        return Evidence(
            path: zone.path, line: zone.hasLines ? element.line : nil, text: "<\(element.name)\(attributes)>")
    }

    private static func chain(
        _ zone: FirewalldSetup.Zone, _ setup: FirewalldSetup, logs: Bool, names: FirewallNames
    ) -> [FilterRule] {
        var rules: [FilterRule] = []
        let target = zone.root.attributes["target"] ?? "default"
        let root = FirewalldElement(
            name: zone.root.name, attributes: zone.root.attributes, children: [], line: zone.root.line)
        let inverts = zone.root.children.contains { $0.name == "icmp-block-inversion" }
        func open(_ protocolName: String?, _ port: String?, _ place: Evidence) {
            guard let protocolName, let name = names.protocolName(protocolName), let port,
                let set = names.ports([port], separator: "-")
            else {
                rules.append(rule([.unknown("a port that is not known")], .accept, place))
                return
            }
            rules.append(rule([.protocols([name], isNegated: false), .ports(set)], .accept, place))
        }
        for element in zone.root.children {
            let place = evidence(zone, element)
            switch element.name {
            case "port": open(element.attributes["protocol"], element.attributes["port"], place)
            case "protocol":
                let name = element.attributes["value"].flatMap(names.protocolName)
                rules.append(
                    rule(
                        [name.map { .protocols([$0], isNegated: false) } ?? .unknown("a protocol")], .accept, place))
            case "source-port":
                let name = element.attributes["protocol"].flatMap(names.protocolName)
                rules.append(
                    rule(
                        [
                            name.map { .protocols([$0], isNegated: false) } ?? .unknown("a protocol"),
                            .sometimes("the sender's port"),
                        ], .accept, place))
            case "service":
                guard let ports = setup.services[element.attributes["name"] ?? ""] else {
                    rules.append(
                        rule([.unknown("a service whose ports the target does not name")], .accept, place))
                    continue
                }
                for port in ports { open(port.protocolName, port.port, place) }
            case "rule":
                // A rich rule that refuses does not close a port for everybody; one that accepts is not followed.
                guard !element.children.contains(where: { ["drop", "reject"].contains($0.name) }) else { continue }
                rules.append(rule([.unknown("a rich rule")], .accept, place))
            case "icmp-block":
                let type = names.icmpType(element.attributes["name"] ?? "", isV6: false)
                for isV6 in [false, true] {
                    rules.append(
                        rule(
                            [.icmpType([type], isV6: isV6, isNegated: false)], inverts ? .accept : .reject, place))
                }
            default: break
            }
        }
        let place = evidence(zone, root)
        for name in ["icmp", "icmpv6"] {
            if inverts {
                rules.append(rule([.protocols([name], isNegated: false)], .reject, place, logs: logs))
            } else if target == "default" || target == "ACCEPT" {
                rules.append(rule([.protocols([name], isNegated: false)], .accept, place))
            }
        }
        switch target {
        case "ACCEPT": rules.append(rule([], .accept, place))
        case "DROP": rules.append(rule([], .drop, place, logs: logs))
        case "REJECT", "%%REJECT%%", "default": rules.append(rule([], .reject, place, logs: logs))
        default: rules.append(rule([], .unknown("the target \(target)"), place))
        }
        return rules
    }

    /// firewalld tests the way back for IPv6 alone, and with `-forward` only for packets that go on to others; IPv4 is
    /// left to the kernel's `rp_filter`.
    private static func addReversePath(_ setup: FirewalldSetup, logs: Bool, to result: inout FilterRuleset) {
        let entry = setup.conf.entries["IPv6_rpfilter"]
        let mode = entry?.value ?? "strict"
        let place = Evidence(
            path: setup.confPath, line: entry?.line,
            text: "IPv6_rpfilter=\(mode)" + (mode.hasSuffix("-forward") ? ", which tests forwarded packets only" : ""))
        if ["strict", "yes", "true", "loose"].contains(mode) {
            let key = "firewalld/PREROUTING6"
            result.chains[key] = FilterChain(rules: [
                rule([.reversePath(isStrict: mode != "loose", isNegated: true)], .drop, place, logs: logs)
            ])
            result.bases.append(
                BaseChain(
                    hook: .prerouting, isNAT: false, priority: -140, families: .v6, policy: .accept, chain: key,
                    evidence: place))
        } else {
            result.reversePathEvidence.append(place)
        }
        guard let kernel = setup.kernelReversePath, kernel == 1 || kernel == 2 else { return }
        let key = "kernel/rp_filter"
        let rules = Evidence(path: "net.ipv4.conf.all.rp_filter", text: "\(kernel)")
        // An interface may have 2, which is looser and wins over 1, so that only the loose test is sure.
        result.chains[key] = FilterChain(rules: [
            rule([.reversePath(isStrict: false, isNegated: true)], .drop, rules)
        ])
        result.bases.append(
            BaseChain(
                hook: .prerouting, isNAT: false, priority: -140, families: .v4, policy: .accept, chain: key,
                evidence: rules))
    }
}
