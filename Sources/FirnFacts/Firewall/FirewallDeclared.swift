import FirnModel
import FirnParsing

/// Makes from the options the rules that the modules of NixOS would write, and asks the same model.
///
/// Texts in the options (extra commands, tables, rulesets) go through the parsers that read the built scripts, in the
/// place where the modules put them.
struct DeclaredFirewall {
    let options: OptionTree
    let knowledge: FirewallKnowledge

    private enum Failure: Error {
        case unavailable(String, [Evidence])
    }

    private static let firewall = ["networking", "firewall"]

    mutating func facts() -> FactBatch {
        do {
            return try collect()
        } catch {
            guard case .unavailable(let reason, let evidence) = error else { return FactBatch() }
            return FirewallFactSet.unavailable(reason, evidence)
        }
    }

    private func collect() throws(Failure) -> FactBatch {
        let enablePath = Self.firewall + ["enable"]
        let isOn = try flag(enablePath, default: nil)
        let hasNFT = try flag(["networking", "nftables", "enable"], default: false)
        let backend = try text(Self.firewall + ["backend"]) ?? (hasNFT ? "nftables" : "iptables")
        var ruleset = FilterRuleset()
        let place = options.evidence(enablePath, text: isOn ? "true" : "false")
        var situation = FirewallSituation(
            isEnabled: false, backend: "none", evidence: [place], sshPorts: try sshPorts())
        if isOn {
            switch backend {
            case "iptables": ruleset = try iptables()
            case "firewalld": ruleset = FirewallFirewalld.ruleset(try firewalld(), names: knowledge.names)
            case "nftables":
                guard hasNFT else {
                    throw .unavailable("the firewall's backend is nftables, which is off", [place])
                }
            default:
                throw .unavailable(
                    "the backend \(backend) is not known", [options.evidence(Self.firewall + ["backend"])])
            }
        } else if try flag(["networking", "nat", "enable"], default: false), !hasNFT {
            ruleset = try natAlone()
        }
        if hasNFT { ruleset.add(try nft()) }
        if isOn, backend != "nftables" {
            situation.isEnabled = true
            situation.backend = backend
        } else if hasNFT {
            situation.isEnabled = nil
            situation.backend = "nftables"
            situation.evidence += [options.evidence(["networking", "nftables", "enable"], text: "true")]
        }
        ruleset.evidence = situation.evidence
        let units = (isOn && backend == "iptables" ? ["firewall"] : []) + (hasNFT ? ["nftables"] : [])
        for unit in units { ruleset.problems += try hooks(unit) }
        return FirewallFactSet.facts(ruleset, situation, knowledge: knowledge)
    }

    /// What a user hangs on the unit that loads the rules: it may change them, and is not followed.
    private func hooks(_ unit: String) throws(Failure) -> [FilterRuleset.Problem] {
        let base = ["systemd", "services", unit]
        var result: [FilterRuleset.Problem] = []
        for name in [
            ["preStart"], ["postStart"], ["serviceConfig", "ExecStartPre"], ["serviceConfig", "ExecStartPost"],
        ] {
            guard let node = try value(base + name) else { continue }
            let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
            guard
                commands.contains(where: { !$0.trimmed.isEmpty && !$0.hasSuffix("-nftables-save-deletions") })
            else { continue }
            let path = OptionTree.spelled(base + name)
            result.append(
                FilterRuleset.Problem(
                    reason: "commands of \(path) are not followed and may change the rules",
                    evidence: options.evidence(base + name)))
        }
        return result
    }

    // MARK: Options

    private func value(_ path: [String]) throws(Failure) -> JSONNode? {
        switch options.lookup(path) {
        case .missing: return nil
        case .unavailable(let reason):
            throw .unavailable("\(OptionTree.spelled(path)): \(reason)", [options.evidence(path)])
        case .value(let node):
            // The exports of old releases spell a value that could not be evaluated in this way.
            if node.string == "<evaluation error>" {
                throw .unavailable("\(OptionTree.spelled(path)) could not be evaluated", [options.evidence(path)])
            }
            return node.isNull ? nil : node
        }
    }

    private func wrong(_ path: [String]) -> Failure {
        .unavailable("\(OptionTree.spelled(path)) has a value of another kind", [options.evidence(path)])
    }

    private func flag(_ path: [String], default fallback: Bool?) throws(Failure) -> Bool {
        guard let node = try value(path) else {
            if let fallback { return fallback }
            throw .unavailable("\(OptionTree.spelled(path)) is not in the export", [options.evidence(path)])
        }
        guard let truth = node.boolean else { throw wrong(path) }
        return truth
    }

    private func text(_ path: [String]) throws(Failure) -> String? {
        guard let node = try value(path) else { return nil }
        guard let text = node.string else { throw wrong(path) }
        return text
    }

    private func list(_ path: [String]) throws(Failure) -> [JSONNode] {
        guard let node = try value(path) else { return [] }
        guard let list = node.array else { throw wrong(path) }
        return list
    }

    private func texts(_ path: [String]) throws(Failure) -> [String] {
        var result: [String] = []
        for node in try list(path) {
            guard let text = node.string else { throw wrong(path) }
            result.append(text)
        }
        return result
    }

    private func sshPorts() throws(Failure) -> [Int] {
        guard try flag(["services", "openssh", "enable"], default: false) else { return [22] }
        let ports = try list(["services", "openssh", "ports"]).compactMap { $0.integer.map(Int.init) }
        return ports.isEmpty ? [22] : ports
    }

    // MARK: Ports

    /// Ports and ranges of an interface's options, or of all interfaces, as `22` and `8000:8010`.
    private func ports(_ base: [String], _ name: String, separator: String) throws(Failure) -> [String] {
        var result: [String] = []
        for node in try list(base + ["allowed\(name)Ports"]) {
            guard let port = node.integer else { throw wrong(base + ["allowed\(name)Ports"]) }
            result.append(String(port))
        }
        for node in try list(base + ["allowed\(name)PortRanges"]) {
            guard let from = node["from"]?.integer, let to = node["to"]?.integer else {
                throw wrong(base + ["allowed\(name)PortRanges"])
            }
            result.append("\(from)\(separator)\(to)")
        }
        return result
    }

    private func interfaces() throws(Failure) -> [(name: String?, base: [String])] {
        var result: [(name: String?, base: [String])] = [(nil, Self.firewall)]
        if let node = try value(Self.firewall + ["interfaces"]) {
            guard let object = node.object else { throw wrong(Self.firewall + ["interfaces"]) }
            for member in object.members where member.key != "default" {
                result.append((member.key, Self.firewall + ["interfaces", member.key]))
            }
        }
        return result
    }

    /// `strict`, `loose` or nil for `checkReversePath`.
    private func reversePath() throws(Failure) -> String? {
        let path = Self.firewall + ["checkReversePath"]
        guard let node = try value(path) else {
            throw .unavailable("\(OptionTree.spelled(path)) is not in the export", [options.evidence(path)])
        }
        if let truth = node.boolean { return truth ? "strict" : nil }
        guard let text = node.string, text == "strict" || text == "loose" else { throw wrong(path) }
        return text
    }

    // MARK: iptables

    private func iptables() throws(Failure) -> FilterRuleset {
        let hasV6 = try flag(["networking", "enableIPv6"], default: true)
        let all: PacketFamilies = hasV6 ? .both : .v4
        var script = FirewallScript(file: OptionTree.spelled(Self.firewall + ["extraCommands"]))
        func call(_ words: [String], _ name: [String], _ families: PacketFamilies? = nil) {
            script.call(
                words, families: families ?? all,
                evidence: options.evidence(name, text: words.joined(separator: " ")))
        }
        let base = Self.firewall
        let enable = base + ["enable"]
        for chain in ["nixos-fw-accept", "nixos-fw-refuse", "nixos-fw-log-refuse", "nixos-fw"] {
            call(["-N", chain], enable)
        }
        call(["-A", "nixos-fw-accept", "-j", "ACCEPT"], enable)
        let reject = base + ["rejectPackets"]
        if try flag(reject, default: false) {
            call(
                ["-A", "nixos-fw-refuse", "-p", "tcp", "!", "--syn", "-j", "REJECT", "--reject-with", "tcp-reset"],
                reject)
            call(["-A", "nixos-fw-refuse", "-j", "REJECT"], reject)
        } else {
            call(["-A", "nixos-fw-refuse", "-j", "DROP"], reject)
        }
        let logPath = base + ["logRefusedConnections"]
        if try flag(logPath, default: false) {
            call(["-A", "nixos-fw-log-refuse", "-p", "tcp", "--syn", "-j", "LOG"], logPath)
        }
        let unicast = base + ["logRefusedUnicastsOnly"]
        call(
            ["-A", "nixos-fw-log-refuse", "-m", "pkttype", "!", "--pkt-type", "unicast", "-j", "nixos-fw-refuse"],
            unicast)
        let packets = base + ["logRefusedPackets"]
        if try flag(packets, default: false) { call(["-A", "nixos-fw-log-refuse", "-j", "LOG"], packets) }
        call(["-A", "nixos-fw-log-refuse", "-j", "nixos-fw-refuse"], enable)
        if let mode = try reversePath() {
            let path = base + ["checkReversePath"]
            let chain = ["-t", "mangle", "-A", "nixos-fw-rpfilter"]
            call(["-t", "mangle", "-N", "nixos-fw-rpfilter"], path)
            call(
                chain + ["-m", "rpfilter", "--validmark"] + (mode == "loose" ? ["--loose"] : []) + ["-j", "RETURN"],
                path)
            call(chain + ["-p", "udp", "--sport", "67", "--dport", "68", "-j", "RETURN"], path, .v4)
            if try flag(base + ["logReversePathDrops"], default: false) {
                call(chain + ["-j", "LOG"], base + ["logReversePathDrops"])
            }
            call(chain + ["-j", "DROP"], path)
            call(["-t", "mangle", "-A", "PREROUTING", "-j", "nixos-fw-rpfilter"], path)
        }
        let trusted = base + ["trustedInterfaces"]
        for interface in try texts(trusted) {
            call(["-A", "nixos-fw", "-i", interface, "-j", "nixos-fw-accept"], trusted)
        }
        call(
            ["-A", "nixos-fw", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "nixos-fw-accept"], enable)
        for (name, protocolName) in [("TCP", "tcp"), ("UDP", "udp")] {
            for (interface, path) in try interfaces() {
                for port in try ports(path, name, separator: ":") {
                    let words = ["-A", "nixos-fw", "-p", protocolName, "--dport", port, "-j", "nixos-fw-accept"]
                    let isRange = port.contains(":")
                    call(
                        words + (interface.map { ["-i", $0] } ?? []),
                        path + ["allowed\(name)\(isRange ? "PortRanges" : "Ports")"])
                }
            }
        }
        let ping = base + ["allowPing"]
        if try flag(ping, default: true) {
            let limit = try text(base + ["pingLimit"]).map {
                ["-m", "limit"] + $0.split(separator: " ").map(String.init)
            }
            call(
                ["-A", "nixos-fw", "-p", "icmp", "--icmp-type", "echo-request"] + (limit ?? [])
                    + ["-j", "nixos-fw-accept"], ping, .v4)
        }
        if hasV6 {
            for type in ["redirect", "139"] {
                call(
                    ["-A", "nixos-fw", "-p", "icmpv6", "--icmpv6-type", type, "-j", "DROP"],
                    ["networking", "enableIPv6"], .v6)
            }
            call(["-A", "nixos-fw", "-p", "icmpv6", "-j", "nixos-fw-accept"], ["networking", "enableIPv6"], .v6)
            call(
                ["-A", "nixos-fw", "-d", "fe80::/64", "-p", "udp", "--dport", "546", "-j", "nixos-fw-accept"],
                ["networking", "enableIPv6"],
                .v6)
        }
        let extraPath = base + ["extraCommands"]
        if let extra = try text(extraPath) {
            // What the nat module does is in this text too. The script runs under `bash -e`.
            let line = options.evidence(extraPath).line ?? 0
            // The helper is defined at the head of the script; the text may use it without defining it.
            let helper = "ip46tables() { iptables -w \"$@\"\n" + (hasV6 ? "ip6tables -w \"$@\"\n" : "") + "}\n"
            guard script.run(Array((helper + extra).utf8), line: line, stopsAtFailure: true) else {
                return FirewallIPTables.ruleset(script.state, names: knowledge.names)
            }
        }
        call(["-A", "nixos-fw", "-j", "nixos-fw-log-refuse"], enable)
        call(["-A", "INPUT", "-j", "nixos-fw"], enable)
        var state = script.state
        state.families = all
        return FirewallIPTables.ruleset(state, names: knowledge.names)
    }

    /// With the firewall off the nat module has a unit of its own.
    private func natAlone() throws(Failure) -> FilterRuleset {
        let base = ["networking", "nat"]
        var script = FirewallScript(file: OptionTree.spelled(base + ["extraCommands"]))
        func call(_ words: [String], _ name: [String]) {
            script.call(words, families: .v4, evidence: options.evidence(base + name))
        }
        let external = try text(base + ["externalInterface"])
        for chain in ["nixos-nat-pre", "nixos-nat-post", "nixos-nat-out"] {
            call(["-t", "nat", "-N", chain], ["enable"])
        }
        let hidden = try texts(base + ["internalInterfaces"]) + (try texts(base + ["internalIPs"]))
        if !hidden.isEmpty {
            call(["-t", "nat", "-A", "nixos-nat-post", "-j", "MASQUERADE"], ["internalInterfaces"])
        }
        for forward in try list(base + ["forwardPorts"]) {
            guard let destination = forward["destination"]?.string, let protocolName = forward["proto"]?.string,
                let port = forward["sourcePort"].flatMap({ $0.string ?? $0.integer.map(String.init) })
            else { throw wrong(base + ["forwardPorts"]) }
            call(
                ["-t", "nat", "-A", "nixos-nat-pre"] + (external.map { ["-i", $0] } ?? []) + [
                    "-p", protocolName, "--dport", port, "-j", "DNAT", "--to-destination", destination,
                ], ["forwardPorts"])
        }
        if let host = try text(base + ["dmzHost"]) {
            call(
                ["-t", "nat", "-A", "nixos-nat-pre"] + (external.map { ["-i", $0] } ?? []) + [
                    "-j", "DNAT", "--to-destination", host,
                ], ["dmzHost"])
        }
        if let extra = try text(base + ["extraCommands"]) {
            _ = script.run(
                Array(extra.utf8), line: options.evidence(base + ["extraCommands"]).line ?? 0, stopsAtFailure: true)
        }
        call(["-t", "nat", "-A", "PREROUTING", "-j", "nixos-nat-pre"], ["enable"])
        call(["-t", "nat", "-A", "POSTROUTING", "-j", "nixos-nat-post"], ["enable"])
        return FirewallIPTables.ruleset(script.state, names: knowledge.names)
    }

    // MARK: nftables

    private func nft() throws(Failure) -> FilterRuleset {
        let base = ["networking", "nftables"]
        var result = FilterRuleset()
        var parsed = NFTRuleset()
        if let node = try value(base + ["tables"]) {
            guard let object = node.object else { throw wrong(base + ["tables"]) }
            for member in object.members {
                let path = base + ["tables", member.key]
                guard try flag(path + ["enable"], default: true) else { continue }
                guard let content = try text(path + ["content"]), let family = try text(path + ["family"]) else {
                    throw wrong(path)
                }
                let name = try text(path + ["name"]) ?? member.key
                try merge(
                    Array(content.utf8), path + ["content"], table: (family, name), into: &parsed)
            }
            if try flag(Self.firewall + ["enable"], default: nil),
                try text(Self.firewall + ["backend"]) ?? "nftables" == "nftables",
                !object.members.contains(where: { $0.key == "nixos-fw" })
            {
                throw .unavailable(
                    "networking.nftables.tables has no table nixos-fw, although the firewall is on",
                    [options.evidence(base + ["tables"])])
            }
        }
        let rulesetPath = base + ["ruleset"]
        let filePath = base + ["rulesetFile"]
        let file = try text(filePath)
        if let ruleset = try text(rulesetPath), file == nil || file?.hasSuffix("-nftables-rules") == true {
            try merge(Array(ruleset.utf8), rulesetPath, table: nil, into: &parsed)
        } else if let file {
            throw .unavailable(
                "networking.nftables.rulesetFile names \(file), which is not in the options",
                [options.evidence(filePath)])
        }
        result = FirewallNFT.ruleset(parsed, names: knowledge.names)
        return result
    }

    private func merge(
        _ bytes: [UInt8], _ path: [String], table: (family: String, name: String)?, into result: inout NFTRuleset
    ) throws(Failure) {
        let file = OptionTree.spelled(path)
        do {
            let one =
                if let table {
                    try NFTRuleset.parseTable(bytes, family: table.family, name: table.name, file: file)
                } else {
                    try NFTRuleset.parse(bytes, file: file) { (name: String) throws(ParseError) -> [UInt8]? in
                        throw ParseError(.malformed, line: 0, "it is not in the options")
                    }
                }
            result.problems += one.problems
            for table in one.tables {
                if let position = result.tables.firstIndex(where: { $0.family == table.family && $0.name == table.name }
                ) {
                    result.tables[position].chains += table.chains
                    result.tables[position].sets.merge(table.sets) { _, new in new }
                } else {
                    result.tables.append(table)
                }
            }
        } catch {
            throw .unavailable("\(file): \(error)", [options.evidence(path)])
        }
    }

    // MARK: firewalld

    private func firewalld() throws(Failure) -> FirewalldSetup {
        let base = Self.firewall
        let path = OptionTree.spelled(base)
        var zone = FirewalldElement(name: "zone", attributes: [:])
        zone.attributes["target"] = try flag(base + ["rejectPackets"], default: false) ? "%%REJECT%%" : "DROP"
        zone.children.append(FirewalldElement(name: "icmp-block-inversion"))
        if try flag(base + ["allowPing"], default: true) {
            zone.children.append(FirewalldElement(name: "icmp-block", attributes: ["name": "echo-request"]))
        }
        for (name, protocolName) in [("TCP", "tcp"), ("UDP", "udp")] {
            for port in try ports(base, name, separator: "-") {
                zone.children.append(
                    FirewalldElement(name: "port", attributes: ["port": port, "protocol": protocolName]))
            }
        }
        let trusted = FirewalldElement(
            name: "zone", attributes: ["target": "ACCEPT"],
            children: try texts(base + ["trustedInterfaces"]).map {
                FirewalldElement(name: "interface", attributes: ["name": $0])
            })
        var conf = FirewalldConf()
        func set(_ key: String, _ value: String) {
            conf.entries[key] = FirewalldConf.Entry(value: value, line: 0, text: "\(key)=\(value)")
        }
        set("DefaultZone", "nixos-fw-default")
        let isLogged = try flag(base + ["logRefusedConnections"], default: false)
        set(
            "LogDenied",
            isLogged ? (try flag(base + ["logRefusedUnicastsOnly"], default: true) ? "unicast" : "all") : "off")
        let suffix = try flag(base + ["filterForward"], default: false) ? "" : "-forward"
        set("IPv6_rpfilter", try reversePath().map { $0 + suffix } ?? "no")
        let sysctl = try value(["boot", "kernel", "sysctl", "net.ipv4.conf.all.rp_filter"])
        let kernel = sysctl.flatMap { $0.integer.map(Int.init) ?? $0.string.flatMap { Int($0) } }
        return FirewalldSetup(
            conf: conf, confPath: path,
            zones: [
                FirewalldSetup.Zone(name: "nixos-fw-default", root: zone, path: path, hasLines: false),
                FirewalldSetup.Zone(
                    name: "trusted", root: trusted, path: path + ".trustedInterfaces", hasLines: false),
            ], services: [:], kernelReversePath: kernel, problems: [])
    }
}
