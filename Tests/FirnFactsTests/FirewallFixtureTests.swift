import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// What each fixture's facts.md says about its firewall, written by hand.
struct FirewallExpectation: Sendable, CustomTestStringConvertible {
    var fixture: String
    /// Values by key; a key that is not named has the value of `ordinary`.
    var values: [String: String]

    var testDescription: String { fixture }

    /// The NixOS default: on, ssh open, ping answered, strict reverse path, nothing else.
    static let ordinary: [String: String] = [
        "enabled": "true", "backend": "iptables", "input.default": "drop", "forward.default": "accept",
        "open.tcp": "22", "open.tcp.count": "1", "open.tcp.widest": "1", "open.udp": "", "open.udp.count": "0",
        "open.udp.widest": "0", "open.other": "", "open.sensitive": "", "open.by-interface": "", "open.by-source": "",
        "open.link-local": "udp 546", "trusted-interfaces": "lo", "icmp.echo": "accept", "reverse-path": "strict",
        "log-refused": "false", "log-reverse-path": "false", "rate-limit.ssh": "false", "forwards": "",
        "masquerade": "false", "extra-rules": "false",
    ]

    /// No firewall: nothing is refused.
    static let off: [String: String] = [
        "enabled": "false", "backend": "none", "input.default": "accept", "open.tcp": "0-65535",
        "open.tcp.count": "65536", "open.tcp.widest": "65536", "open.udp": "0-65535", "open.udp.count": "65536",
        "open.udp.widest": "65536", "open.other": "any other protocol", "open.link-local": "",
        "trusted-interfaces": "*", "reverse-path": "off", "open.sensitive": allSensitive,
    ]

    static let allSensitive = """
        echo, discard, chargen, ftp, telnet, tftp, finger, rpcbind, netbios, snmp, xdmcp, ldap, smb, rsh, syslog, ipmi, \
        cups, rsync, x11-vnc, mssql, oracle, nfs, zookeeper, docker, etcd, mysql, rdp, distcc, epmd, mdns, postgresql, \
        kibana, amqp, couchdb, x11, redis, kubernetes-api, cassandra, docker-swarm, influxdb, consul, elasticsearch, \
        node-exporter, prometheus, kubelet, memcached, mongodb, systemd-journal-gateway
        """

    static let all: [FirewallExpectation] = [
        // 20.09 and 25.05 log refused connections by default, 26.11 does not.
        FirewallExpectation(fixture: "old-a-default", values: ["log-refused": "true"]),
        FirewallExpectation(fixture: "old-b-hardened-profile", values: ["log-refused": "true"]),
        FirewallExpectation(fixture: "old-d-insecure", values: off),
        FirewallExpectation(
            fixture: "old-e-container-host",
            values: [
                "input.default": "reject", "open.tcp": "22, 80, 443", "open.tcp.count": "3",
                "open.udp": "60000-61000", "open.udp.count": "1001", "open.udp.widest": "1001",
                "open.by-source": "192.168.0.0/16 tcp 2049",
                // wg0 goes past nixos-fw by `-I INPUT -i wg0 -j ACCEPT`.
                "trusted-interfaces": "docker0, lo, virbr0, wg0", "icmp.echo": "limited", "reverse-path": "loose",
                "forwards": "eth0 tcp 8080 -> 10.100.0.2:80", "masquerade": "true", "extra-rules": "true",
            ]),
        // The ISO's facts.md says logRefusedConnections = false.
        FirewallExpectation(fixture: "old-f-iso", values: [:]),
        FirewallExpectation(fixture: "old-g-testvm", values: off),
        FirewallExpectation(fixture: "modern-a-default", values: ["log-refused": "true"]),
        FirewallExpectation(fixture: "modern-b-hardened-profile", values: ["log-refused": "true"]),
        FirewallExpectation(
            fixture: "modern-c-hardserver",
            values: [
                "backend": "nftables", "open.by-interface": "eth1 tcp 9100", "open.by-source": "10.0.0.0/8 tcp 161",
                "icmp.echo": "drop", "log-refused": "true", "log-reverse-path": "true",
                // The meter is keyed by `ip saddr`, so IPv6 has no limit.
                "rate-limit.ssh": "false", "extra-rules": "true",
            ]),
        FirewallExpectation(fixture: "modern-d-insecure", values: off),
        FirewallExpectation(fixture: "modern-g-testvm", values: off),
        FirewallExpectation(fixture: "current-a-default", values: [:]),
        FirewallExpectation(fixture: "current-b-hardened-profile", values: [:]),
        FirewallExpectation(
            fixture: "current-c-hardserver",
            values: [
                "backend": "nftables", "open.tcp": "22, 443", "open.tcp.count": "2",
                "open.by-interface": "wg0 tcp 9100",
                "open.by-source": "10.20.0.0/16 tcp 161, 10.20.0.0/16 tcp 8443", "icmp.echo": "drop",
                "forward.default": "drop", "log-refused": "true", "log-reverse-path": "true",
                "rate-limit.ssh": "true", "extra-rules": "true",
            ]),
        FirewallExpectation(fixture: "current-d-insecure", values: off),
        FirewallExpectation(fixture: "current-f-iso", values: [:]),
        FirewallExpectation(fixture: "current-g-testvm", values: off),
        FirewallExpectation(
            fixture: "current-k-firewalld",
            values: [
                "backend": "firewalld", "forward.default": "drop", "open.tcp": "22, 443, 8000-8010",
                "open.tcp.count": "13", "open.tcp.widest": "11", "trusted-interfaces": "ens9, lo",
                "open.link-local": "", "icmp.echo": "drop", "log-refused": "true",
                // `strict-forward` tests no packet that is for this machine (firewalld.conf(5)).
                "reverse-path": "off",
            ]),
        FirewallExpectation(
            fixture: "current-o-overlay", values: ["open.tcp": "22, 8443", "open.tcp.count": "2"]),
        FirewallExpectation(
            fixture: "current-s-specialisation",
            values: [
                "open.tcp": "22, 2049", "open.tcp.count": "2", "open.sensitive": "nfs", "icmp.echo": "drop",
            ]),
        FirewallExpectation(fixture: "current-w-container", values: off),
    ]
}

@Suite("Firewall facts of the fixtures")
struct FirewallFixtureTests {
    @Test("every fact of every fixture, built and declared", arguments: FirewallExpectation.all)
    func values(_ expectation: FirewallExpectation) throws {
        let facts = try FirewallSupport.fixture(expectation.fixture)
        for (key, ordinary) in FirewallExpectation.ordinary.sorted(by: { $0.key < $1.key }) {
            let expected = expectation.values[key] ?? ordinary
            #expect(facts.built.shown(key) == expected, "built firewall.\(key) \(facts.built.why(key))")
            #expect(facts.declared.shown(key) == expected, "declared firewall.\(key) \(facts.declared.why(key))")
        }
    }

    static let keys = FirewallFactSet.keys.map { String($0.rawValue.dropFirst("firewall.".count)) }

    @Test("both layers supply the same keys, each with evidence", arguments: FirewallExpectation.all)
    func keys(_ expectation: FirewallExpectation) throws {
        let facts = try FirewallSupport.fixture(expectation.fixture)
        #expect(Set(facts.built.facts.keys) == Set(FirewallFactSet.keys))
        #expect(Set(facts.declared.facts.keys) == Set(FirewallFactSet.keys))
        #expect(
            Set(FirewallFactSet.keys.map { $0.rawValue.dropFirst("firewall.".count) })
                == Set(FirewallExpectation.ordinary.keys.map { $0[...] }))
        for (key, fact) in Array(facts.built.facts) + Array(facts.declared.facts) {
            #expect(!fact.evidence.isEmpty, "\(key.rawValue)")
        }
    }

    @Test("all fixtures are named")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path)
        let systems = names.filter {
            FileManager.default.fileExists(atPath: Repository.fixtures.appendingPathComponent($0 + "/system").path)
        }
        #expect(Set(systems) == Set(FirewallExpectation.all.map(\.fixture)))
    }

    @Test("evidence names the line of the script and the option")
    func evidence() throws {
        let facts = try FirewallSupport.fixture("old-e-container-host")
        let bypass = try #require(facts.built.facts["firewall.trusted-interfaces"]).evidence
        #expect(bypass.contains { $0.text == "ip46tables -I INPUT -i wg0 -j ACCEPT" && $0.line == 137 })
        let open = try #require(facts.declared.facts["firewall.open.tcp"]).evidence
        #expect(open.contains { $0.path == "networking.firewall.allowedTCPPorts" && $0.line != nil })
    }
}
