import FirnTestSupport
import Foundation
import Testing

/// A ruleset of nftables, and what it opens, by hand.
struct FirewallNFTCase: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// Expected facts; `?` is unavailable.
    var expected: [String: String]
    /// Whether every kernel has what it uses: a queue needs a module that containers seldom have.
    var isPortable: Bool { !text.contains("queue") }

    var testDescription: String { name }

    init(_ name: String, _ text: String, _ expected: [String: String]) {
        self.name = name
        self.text = text
        self.expected = expected
    }

    /// One chain on input that drops what the rules do not accept.
    private static func input(_ rules: String, before: String = "", _ policy: String = "drop") -> String {
        """
        \(before)
        table inet filter {
          chain input {
            type filter hook input priority filter; policy \(policy);
            iifname "lo" accept
            ct state established,related accept
        \(rules)
          }
        }

        """
    }

    /// The module's table as 25.05 writes it, with rules of the user in `input-allow`.
    private static func module(_ allow: String, forward: String = "", reject: String = "") -> String {
        """
        table inet nixos-fw {
          chain rpfilter {
            type filter hook prerouting priority mangle + 10; policy drop;
            meta nfproto ipv4 udp sport . udp dport { 67 . 68, 68 . 67 } accept comment "DHCPv4 client/server"
            fib saddr . mark \(reject.contains("loose") ? "" : ". iif") oif exists accept
            jump rpfilter-allow
          }
          chain rpfilter-allow {
          }
          chain input {
            type filter hook input priority filter; policy drop;
            iifname { "lo" } accept comment "trusted interfaces"
            ct state vmap {
              invalid : drop,
              established : accept,
              related : accept,
              new : jump input-allow,
              untracked: jump input-allow,
            }
            tcp flags syn / fin,syn,rst,ack log level info prefix "refused connection: "
            \(reject.contains("reject") ? "meta l4proto tcp reject with tcp reset\nreject" : "")
          }
          chain input-allow {
            tcp dport { 22 } accept
            icmpv6 type != { nd-redirect, 139 } accept comment "RFC 4890"
            ip6 daddr fe80::/64 udp dport 546 accept comment "DHCPv6 client"
            \(allow)
          }
          \(forward)
        }

        """
    }

    static let closed = ["open.tcp": "22", "open.udp": "", "input.default": "drop", "enabled": "true"]

    static let written: [FirewallNFTCase] = [
        FirewallNFTCase(
            "the module's table", module(""),
            [
                "open.tcp": "22", "open.udp": "", "open.link-local": "udp 546", "trusted-interfaces": "lo",
                "reverse-path": "strict", "log-refused": "true", "log-reverse-path": "false", "icmp.echo": "drop",
                "extra-rules": "false", "enabled": "true", "backend": "nftables", "forward.default": "accept",
            ]),
        FirewallNFTCase("the module's table, loose", module("", reject: "loose"), ["reverse-path": "loose"]),
        FirewallNFTCase("the module's table, rejecting", module("", reject: "reject"), ["input.default": "reject"]),
        FirewallNFTCase(
            "the module's table, ranges and interfaces",
            module(
                "tcp dport { 80, 443, 8000-8010 } accept\niifname wg0 udp dport { 51820 } accept\nicmp type echo-request limit rate 5/second accept"
            ),
            [
                "open.tcp": "22, 80, 443, 8000-8010", "open.by-interface": "wg0 udp 51820", "icmp.echo": "limited",
                "extra-rules": "false",
            ]),
        FirewallNFTCase(
            "the module's table, filtering forwards",
            module(
                "",
                forward:
                    "chain forward {\n type filter hook forward priority filter; policy drop;\n ct state vmap { invalid : drop, established : accept, related : accept, new : jump forward-allow, untracked : jump forward-allow, }\n}\nchain forward-allow {\n icmpv6 type != { router-renumbering, 139 } accept\n ct status dnat accept comment \"allow port forward\"\n}"
            ),
            ["forward.default": "drop", "extra-rules": "false"]),
        FirewallNFTCase(
            "temporary ports, none open",
            "table inet nixos-fw {\n set temp-ports {\n comment \"Temporarily opened ports\"\n type inet_proto . inet_service\n flags interval\n auto-merge\n }\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 22 accept\n meta l4proto . th dport @temp-ports accept\n }\n}\n",
            closed),
        FirewallNFTCase(
            "temporary ports, some open",
            "table inet nixos-fw {\n set temp-ports {\n type inet_proto . inet_service\n flags interval\n elements = { tcp . 8080, udp . 5000-5010 }\n }\n chain input {\n type filter hook input priority 0; policy drop;\n meta l4proto . th dport @temp-ports accept\n }\n}\n",
            ["open.tcp": "8080", "open.udp": "5000-5010"]),
        FirewallNFTCase("one port", input("tcp dport 22 accept"), closed),
        FirewallNFTCase("a set in place", input("tcp dport { 22, 80, 443 } accept"), ["open.tcp": "22, 80, 443"]),
        FirewallNFTCase("names of ports", input("tcp dport { ssh, https } accept"), ["open.tcp": "22, 443"]),
        FirewallNFTCase("every port but one", input("tcp dport != 80 accept"), ["open.tcp": "0-79, 81-65535"]),
        FirewallNFTCase("ports below", input("tcp dport < 1024 accept"), ["open.tcp": "0-1023"]),
        FirewallNFTCase("ports from", input("udp dport >= 60000 accept"), ["open.udp": "60000-65535"]),
        FirewallNFTCase("both transports", input("th dport 53 accept"), ["open.tcp": "53", "open.udp": "53"]),
        FirewallNFTCase(
            "both, by protocol", input("meta l4proto { tcp, udp } th dport 53 accept"),
            ["open.tcp": "53", "open.udp": "53"]),
        FirewallNFTCase(
            "protocol and port joined", input("meta l4proto . th dport { tcp . 22, udp . 51820 } accept"),
            ["open.tcp": "22", "open.udp": "51820"]),
        FirewallNFTCase(
            "a named set",
            "table inet filter {\n set web { type inet_service; flags interval; elements = { 80, 443, 8000-8010 } }\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport @web accept\n }\n}\n",
            ["open.tcp": "80, 443, 8000-8010"]),
        FirewallNFTCase(
            "a set that packets fill",
            "table inet filter {\n set knocked { type ipv4_addr; flags dynamic,timeout; timeout 30s; }\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 7000 add @knocked { ip saddr }\n ip saddr @knocked tcp dport 22 accept\n }\n}\n",
            ["open.tcp": "?", "open.udp": "", "input.default": "drop"]),
        FirewallNFTCase(
            "definitions",
            input(
                "tcp dport $web accept\nip saddr $lan tcp dport $ssh accept",
                before: "define web = { 80, 443 }\ndefine lan = 10.0.0.0/8\ndefine ssh = 22"),
            ["open.tcp": "80, 443", "open.by-source": "10.0.0.0/8 tcp 22"]),
        FirewallNFTCase(
            "a verdict map of ports",
            "table inet filter {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport vmap { 22 : accept, 23 : drop, 25 : jump mail }\n }\n chain mail {\n ip saddr 192.0.2.0/24 accept\n }\n}\n",
            ["open.tcp": "22", "open.by-source": "192.0.2.0/24 tcp 25"]),
        FirewallNFTCase(
            "a named verdict map",
            "table inet filter {\n map services { type inet_service : verdict; elements = { 22 : accept, 80 : accept } }\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport vmap @services\n }\n}\n",
            ["open.tcp": "22, 80"]),
        FirewallNFTCase(
            "a verdict map of interfaces",
            "table inet filter {\n chain input {\n type filter hook input priority 0; policy drop;\n iifname vmap { \"lo\" : accept, \"wg0\" : jump vpn, \"eth0\" : goto wan }\n }\n chain vpn {\n tcp dport 9100 accept\n }\n chain wan {\n tcp dport 443 accept\n }\n}\n",
            ["open.tcp": "", "open.by-interface": "eth0 tcp 443, wg0 tcp 9100", "trusted-interfaces": "lo"]),
        FirewallNFTCase(
            "interface and port joined", input("iifname . tcp dport { \"wg0\" . 80, \"wg1\" . 443 } accept"),
            ["open.tcp": "", "open.by-interface": "wg0 tcp 80, wg1 tcp 443"]),
        FirewallNFTCase("interfaces by prefix", input("iifname \"ve-*\" accept"), ["trusted-interfaces": "lo, ve-+"]),
        FirewallNFTCase("not an interface", input("iifname != \"eth0\" tcp dport 80 accept"), ["open.tcp": "80"]),
        FirewallNFTCase(
            "senders", input("ip saddr { 10.0.0.0/8, 192.0.2.7 } tcp dport 5432 accept"),
            ["open.tcp": "", "open.by-source": "10.0.0.0/8 tcp 5432, 192.0.2.7 tcp 5432"]),
        FirewallNFTCase(
            "every sender but some", input("ip saddr != 10.0.0.0/8 tcp dport 5432 accept"), ["open.tcp": "5432"]),
        FirewallNFTCase(
            "a range of senders", input("ip saddr 10.0.0.1-10.0.0.9 tcp dport 80 accept"),
            ["open.tcp": "", "open.by-source": "10.0.0.1-10.0.0.9 tcp 80"]),
        FirewallNFTCase(
            "a range and a sender outside of it",
            input("ip saddr 10.0.0.1-10.0.0.9 tcp dport 80 accept\nip saddr 10.9.0.0/24 tcp dport 443 accept"),
            ["open.by-source": "10.0.0.1-10.0.0.9 tcp 80, 10.9.0.0/24 tcp 443"]),
        FirewallNFTCase(
            "an address of the machine", input("ip daddr 203.0.113.5 tcp dport 80 accept"), ["open.tcp": "80"]),
        FirewallNFTCase(
            "multicast alone", input("ip daddr 224.0.0.251 udp dport 5353 accept"),
            ["open.udp": "", "open.link-local": "udp 5353"]),
        FirewallNFTCase("IPv6 alone is open too", input("meta nfproto ipv6 tcp dport 80 accept"), ["open.tcp": "80"]),
        FirewallNFTCase(
            "two chains must both accept",
            "table inet a {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport { 22, 80 } accept\n }\n}\ntable inet b {\n chain input {\n type filter hook input priority 10; policy drop;\n tcp dport { 80, 443 } accept\n }\n}\n",
            ["open.tcp": "80", "input.default": "drop"]),
        FirewallNFTCase(
            "an accept in one table is not the last word",
            "table inet a {\n chain input {\n type filter hook input priority -10; policy accept;\n tcp dport 22 accept\n }\n}\ntable inet b {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 80 accept\n }\n}\n",
            ["open.tcp": "80"]),
        FirewallNFTCase(
            "a limit in a table of its own",
            module("")
                + "table inet ratelimit {\n chain ssh_new {\n type filter hook input priority -10; policy accept;\n tcp dport 22 ct state new limit rate over 20/minute drop\n }\n}\n",
            ["open.tcp": "22", "rate-limit.ssh": "true", "extra-rules": "true", "input.default": "drop"]),
        FirewallNFTCase(
            "a meter by IPv4 address",
            input(
                "tcp dport 22 ct state new meter ssh4 { ip saddr limit rate over 10/minute } drop\ntcp dport 22 accept"),
            ["open.tcp": "22", "rate-limit.ssh": "false"]),
        FirewallNFTCase(
            "meters by both",
            input(
                "tcp dport 22 meter ssh4 { ip saddr limit rate over 10/minute } drop\ntcp dport 22 meter ssh6 { ip6 saddr limit rate over 10/minute } drop\ntcp dport 22 accept"
            ),
            ["open.tcp": "22", "rate-limit.ssh": "true"]),
        FirewallNFTCase(
            "connections counted", input("tcp dport 22 ct count over 10 drop\ntcp dport 22 accept"),
            ["open.tcp": "22", "rate-limit.ssh": "true"]),
        FirewallNFTCase(
            "only a limit on input is no firewall",
            "table inet ratelimit {\n chain ssh_new {\n type filter hook input priority -10; policy accept;\n tcp dport 22 limit rate over 20/minute drop\n }\n}\n",
            ["enabled": "false", "backend": "none", "open.tcp": "0-65535", "input.default": "accept"]),
        FirewallNFTCase(
            "policy accept with a last drop", input("tcp dport 22 accept\ncounter drop", before: "", "accept"), closed),
        FirewallNFTCase(
            "policy accept with a last reject",
            input("tcp dport 22 accept\nreject with icmpx type admin-prohibited", before: "", "accept"),
            ["open.tcp": "22", "input.default": "reject"]),
        FirewallNFTCase(
            "logs with limits",
            input(
                "tcp dport 22 accept\nlimit rate 5/minute burst 10 packets log prefix \"refused: \" level info\ncounter packets 0 bytes 0 drop"
            ), ["open.tcp": "22", "log-refused": "true"]),
        FirewallNFTCase(
            "a mark that is not known", input("meta mark 0x1 accept"), ["open.tcp": "?", "input.default": "?"]),
        FirewallNFTCase(
            "a mark on one port", input("meta mark 0x1 tcp dport 80 accept\ntcp dport 22 accept"),
            ["open.tcp": "?", "open.udp": "", "input.default": "drop"]),
        FirewallNFTCase("an unknown drop closes nothing", input("meta mark 0x1 drop\ntcp dport 22 accept"), closed),
        FirewallNFTCase("raw bytes of the packet", input("@th,0,16 22 accept"), ["open.tcp": "?"]),
        FirewallNFTCase("a queue to a program", input("tcp dport 80 queue num 1 bypass"), ["open.tcp": "?"]),
        FirewallNFTCase(
            "flags of the first packet", input("tcp flags & (fin|syn|rst|ack) == syn tcp dport 22 accept"), closed),
        FirewallNFTCase(
            "bad flags dropped",
            input(
                "tcp flags & (fin|syn) == (fin|syn) drop\ntcp flags & (syn|rst) == (syn|rst) drop\ntcp dport 22 accept"),
            closed),
        FirewallNFTCase(
            "changes beside", input("tcp dport 22 meta mark set 0x1 counter accept comment \"ssh\""), closed),
        FirewallNFTCase(
            "other protocols", input("meta l4proto { esp, ah } accept\nip protocol gre accept"),
            ["open.tcp": "", "open.other": "ah, esp, gre"]),
        FirewallNFTCase(
            "everything from everywhere", input("accept"),
            ["open.tcp": "0-65535", "trusted-interfaces": "*", "enabled": "false"]),
        FirewallNFTCase(
            "translation",
            input("tcp dport 22 accept")
                + "table ip nat {\n chain pre {\n type nat hook prerouting priority dstnat;\n iifname \"eth0\" tcp dport 8080 dnat to 10.100.0.2:80\n udp dport 53 redirect to :5353\n }\n chain post {\n type nat hook postrouting priority srcnat;\n oifname \"eth0\" masquerade\n }\n}\n",
            ["forwards": "eth0 tcp 8080 -> 10.100.0.2:80, udp 53 -> :5353", "masquerade": "true", "open.tcp": "22"]),
        FirewallNFTCase(
            "the module's port forwards",
            "table ip nixos-nat {\n chain pre {\n type nat hook prerouting priority dstnat;\n iifname \"eth0\" dnat meta l4proto . th dport map { tcp . 8080 : 10.100.0.2 . 80, udp . 53 : 10.100.0.3 . 5353 } comment \"port forward\"\n }\n chain post {\n type nat hook postrouting priority srcnat;\n iifname { \"ve-+\" } oifname \"eth0\" masquerade comment \"from internal interfaces\"\n }\n}\n",
            [
                "forwards": "eth0 tcp 8080 -> 10.100.0.2:80, eth0 udp 53 -> 10.100.0.3:5353", "masquerade": "true",
                "extra-rules": "false",
            ]),
        FirewallNFTCase(
            "rules added one by one",
            "add table inet f\nadd chain inet f input { type filter hook input priority 0; policy drop; }\nadd rule inet f input tcp dport 22 accept\ninsert rule inet f input tcp dport 80 accept\n",
            ["open.tcp": "22, 80", "input.default": "drop"]),
        FirewallNFTCase(
            "a table in two parts",
            "table inet f {\n chain input { type filter hook input priority 0; policy drop; tcp dport 22 accept; }\n}\ntable inet f {\n chain input {\n tcp dport 80 accept\n }\n}\n",
            ["open.tcp": "22, 80"]),
        FirewallNFTCase(
            "flushed before",
            "table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 80 accept\n }\n}\nflush ruleset\n"
                + input("tcp dport 22 accept"), closed),
        FirewallNFTCase(
            "a table that sleeps",
            "table inet f {\n flags dormant\n chain input {\n type filter hook input priority 0; policy drop;\n }\n}\n",
            ["enabled": "false", "open.tcp": "0-65535"]),
        FirewallNFTCase(
            "IPv4 alone filtered",
            "table ip f {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 22 accept\n }\n}\n",
            ["open.tcp": "0-65535", "input.default": "accept", "trusted-interfaces": "*"]),
        FirewallNFTCase(
            "the way back tested by a drop",
            "table inet f {\n chain pre {\n type filter hook prerouting priority raw; policy accept;\n fib saddr . iif oif missing drop\n }\n}\n"
                + input("tcp dport 22 accept"),
            ["reverse-path": "strict", "open.tcp": "22"]),
        FirewallNFTCase("only for this machine", input("fib daddr type local tcp dport 22 accept"), closed),
    ]

    /// The rulesets of the fixtures, their includes of deletions taken out: those files hold no rules.
    static func fixtures() throws -> [FirewallNFTCase] {
        var result: [FirewallNFTCase] = []
        for fixture in ["modern-c-hardserver", "current-c-hardserver", "current-k-firewalld"] {
            let store = Repository.fixtures.appendingPathComponent("\(fixture)/system/nix/store")
            for name in try FileManager.default.contentsOfDirectory(atPath: store.path)
            where name.hasSuffix("-nftables-rules") {
                let text = try String(contentsOf: store.appendingPathComponent(name), encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                    line.hasPrefix("include") ? "" : String(line)
                }
                result.append(FirewallNFTCase(fixture, lines.joined(separator: "\n"), [:]))
            }
        }
        return result
    }
}

@Suite("nftables rulesets")
struct FirewallNFTTests {
    @Test("what each ruleset opens", arguments: FirewallNFTCase.written)
    func facts(_ test: FirewallNFTCase) throws {
        let facts = try FirewallSupport.nftables(test.text)
        for (key, value) in test.expected.sorted(by: { $0.key < $1.key }) {
            #expect(facts.shown(key) == value, "firewall.\(key): \(facts.why(key))")
        }
    }

    @Test(
        "what the file as a whole does not say is not guessed",
        arguments: [
            ("include \"/etc/other.nft\"\n", "the included file /etc/other.nft"),
            ("delete rule inet f input handle 4\n", "delete rule"),
            ("table inet f {\n chain input {\n tcp dport $web accept\n }\n}\n", "$web"),
            (
                "table inet f {\n chain input {\n type filter hook input priority fancy; policy drop;\n }\n}\n",
                "priority"
            ),
            (
                "table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n jump nowhere\n }\n}\n",
                "nowhere"
            ),
            ("table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n", "does not end"),
            ("reset counters\n", "the statement reset"), ("add rule inet f input accept\n", "no table f"),
            (
                "table inet f {\n chain a { jump b\n }\n chain b { jump a\n }\n chain i { type filter hook input priority 0; policy drop; jump a\n }\n}\n",
                "16 deep"
            ),
        ])
    func problems(_ text: String, _ reason: String) throws {
        let facts = try FirewallSupport.nftables(text)
        #expect(facts.shown("open.tcp") == "?")
        #expect(facts.shown("enabled") == "?")
        #expect(facts.why("open.tcp").contains(reason), "\(facts.why("open.tcp"))")
        #expect(facts.why("open.tcp").contains("nftables-rules"))
    }

    @Test("an include is followed in the target")
    func include() throws {
        let facts = try FirewallSupport.nftables(
            "include \"/var/lib/nftables/deletions.nft\"\ninclude \"/nix/store/x-rules.nft\"\n",
            files: ["/nix/store/x-rules.nft": FirewallNFTCase.written[7].text])
        #expect(facts.shown("open.tcp") == "22")
    }

    @Test("the same text in the options gives the same facts", arguments: FirewallNFTCase.written)
    func declared(_ test: FirewallNFTCase) throws {
        let built = try FirewallSupport.nftables(test.text)
        var text = ""
        for scalar in test.text.unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default: text.unicodeScalars.append(scalar)
            }
        }
        let declared = try FirewallSupport.declared(
            """
            {"networking": {"firewall": {"enable": false}, "nftables": {"enable": true, "tables": {}, "rulesetFile": null,
              "ruleset": "\(text)"}}}
            """)
        for key in FirewallFixtureTests.keys { #expect(declared.shown(key) == built.shown(key), "\(key)") }
    }
}
