import FirnModel

/// Names of ports and protocols as firewall rules spell them.
struct FirewallNames: Sendable, Hashable {
    /// Ports by the name that stands for them in `/etc/services`.
    var services: [String: Int]

    /// Protocols by number and by their other names (IANA protocol numbers, protocols(5)).
    private static let protocolNames: [String: String] = [
        "1": "icmp", "2": "igmp", "4": "ipip", "6": "tcp", "17": "udp", "33": "dccp", "41": "ipv6", "47": "gre",
        "50": "esp", "51": "ah", "58": "icmpv6", "89": "ospf", "103": "pim", "112": "vrrp", "115": "l2tp",
        "132": "sctp",
        "136": "udplite", "ipv6-icmp": "icmpv6", "icmp6": "icmpv6", "ospfigp": "ospf", "ipencap": "ipip",
    ]
    private static let known: Set<String> = Set(protocolNames.values)

    /// The canonical name of a protocol, or nil when it is not known.
    func protocolName(_ text: String) -> String? {
        let name = text.lowercased()
        if Self.known.contains(name) { return name }
        if let other = Self.protocolNames[name] { return other }
        if let number = UInt8(name) { return String(number) }
        return nil
    }

    /// One port by number or name.
    func port(_ text: String) -> Int? {
        if let number = UInt16(text) { return Int(number) }
        return services[text]
    }

    /// Ports and ranges as a set; nil when one of them is not known. iptables writes `a:b`, nftables `a-b`.
    func ports(_ texts: [String], separator: Character) -> PortSet? {
        var ranges: [ClosedRange<Int>] = []
        for text in texts {
            if let port = port(text) {
                ranges.append(port...port)
                continue
            }
            let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            // iptables lets either end open; nftables' comparisons may end far above the last port.
            guard let low = parts[0].isEmpty ? 0 : port(String(parts[0])) else { return nil }
            let end = parts[1].isEmpty ? 65535 : (port(String(parts[1])) ?? Int(parts[1]).map { min($0, 65535) })
            guard let high = end, low <= high else { return nil }
            ranges.append(low...high)
        }
        return PortSet(ranges)
    }

    private static let icmp: [String: String] = [
        "8": "echo-request", "ping": "echo-request", "0": "echo-reply", "pong": "echo-reply", "5": "redirect",
        "3": "destination-unreachable", "11": "time-exceeded", "8/0": "echo-request",
    ]
    private static let icmpv6: [String: String] = [
        "128": "echo-request", "129": "echo-reply", "137": "nd-redirect", "redirect": "nd-redirect",
        "139": "node-information-query",
    ]

    /// The canonical name of an ICMP type, or the text as it stands.
    func icmpType(_ text: String, isV6: Bool) -> String {
        (isV6 ? Self.icmpv6[text] : Self.icmp[text]) ?? text
    }
}
