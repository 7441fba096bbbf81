public import FirnModel
import FirnParsing

/// Facts about the packet filter: what is open to whom, whatever backend writes the rules.
///
/// Supplied by both sources, with the same values:
///
/// | key | type | meaning |
/// |---|---|---|
/// | `firewall.enabled` | boolean | a filter on input is loaded at boot |
/// | `firewall.backend` | string | `iptables`, `nftables`, `firewalld`, `none` |
/// | `firewall.input.default` | string | what becomes of a packet no rule picks out: `drop`, `reject`, `accept` |
/// | `firewall.forward.default` | string | the same for packets that go on to others: `drop`, `accept` |
/// | `firewall.open.tcp`, `.udp` | list | ports open to anyone on any interface: `22`, `8000-8010` |
/// | `firewall.open.tcp.count`, `.widest` | integer | how many ports, and the widest range; `.udp` likewise |
/// | `firewall.open.other` | list | other protocols open to anyone; ICMP and ICMPv6 are not counted |
/// | `firewall.open.sensitive` | list | services of `profiles/knowledge/firewall.toml` among what is open to anyone |
/// | `firewall.open.by-interface` | list | `wg0 tcp 9100` |
/// | `firewall.open.by-source` | list | `10.20.0.0/16 tcp 161`, `10.20.0.0/16 on wg0 tcp 161`, `10.0.0.0/8 any` |
/// | `firewall.open.link-local` | list | what only the link can reach, by multicast or link-local addresses |
/// | `firewall.trusted-interfaces` | list | interfaces from which everything is accepted; `*` is every interface |
/// | `firewall.icmp.echo` | string | IPv4 echo requests: `accept`, `limited`, `drop` |
/// | `firewall.reverse-path` | string | `strict`, `loose`, `off`, the weaker of IPv4 and IPv6 |
/// | `firewall.log-refused`, `firewall.log-reverse-path` | boolean | refused connections, spoofed packets are logged |
/// | `firewall.rate-limit.ssh` | boolean | new connections to every ssh port are limited, over IPv4 and IPv6 |
/// | `firewall.forwards` | list | `eth0 tcp 8080 -> 10.100.0.2:80` |
/// | `firewall.masquerade` | boolean | some senders are hidden behind this machine's address |
/// | `firewall.extra-rules` | boolean | there are rules that the options of the module do not write by themselves |
///
/// Without a firewall everything is open: `firewall.open.tcp` is `0-65535` and `firewall.trusted-interfaces` is `*`.
public enum FirewallFacts {
    /// Facts of a system closure or root file system.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try FirewallKnowledge(knowledge)
        var reader = BuiltFirewall(system: system, knowledge: table)
        return reader.facts()
    }

    /// Facts of evaluated options.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try FirewallKnowledge(knowledge)
        var reader = DeclaredFirewall(options: options, knowledge: table)
        return reader.facts()
    }
}
