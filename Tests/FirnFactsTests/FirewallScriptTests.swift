import FirnModel
import Testing

@testable import FirnFacts

/// Scripts that try to make the answer wrong: each is either answered right, or not at all.
struct FirewallScriptCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What stands where the extra commands of the module stand.
    var commands: String
    /// Expected facts; `?` is unavailable. A key that is not named is not looked at.
    var expected: [String: String]

    init(_ title: String, _ commands: String, _ expected: [String: String]) {
        testDescription = title
        self.commands = commands
        self.expected = expected
    }

    /// The module's script, with a place for commands.
    func script(end: String = "ip46tables -A nixos-fw -j nixos-fw-refuse\nip46tables -A INPUT -j nixos-fw\n") -> String
    {
        """
        #! /bin/bash -e
        ip46tables() {
          iptables -w "$@"
          ip6tables -w "$@"
        }
        ip46tables -N nixos-fw-refuse
        ip46tables -A nixos-fw-refuse -j DROP
        ip46tables -N nixos-fw
        ip46tables -A nixos-fw -i lo -j ACCEPT
        ip46tables -A nixos-fw -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
        ip46tables -A nixos-fw -p tcp --dport 22 -j ACCEPT
        \(commands)
        \(end)
        """
    }

    static let closed = ["open.tcp": "22", "input.default": "drop", "enabled": "true"]
    static let lost = [
        "open.tcp": "?", "open.udp": "?", "open.sensitive": "?", "open.by-interface": "?", "trusted-interfaces": "?",
        "input.default": "?", "icmp.echo": "?", "reverse-path": "?", "rate-limit.ssh": "?", "enabled": "true",
        "backend": "iptables",
    ]

    static let all: [FirewallScriptCase] = [
        FirewallScriptCase("nothing extra", "", closed),
        // Commands that are not known.
        FirewallScriptCase("an unknown command", "open-some-ports 80", lost),
        FirewallScriptCase("ipset", "ipset create bad hash:ip", lost),
        FirewallScriptCase("a sourced file", "source /etc/firewall.local", lost),
        FirewallScriptCase("iptables-restore", "iptables-restore < /etc/rules", lost),
        FirewallScriptCase("a variable nobody sets", "iptables -A INPUT -p tcp --dport $PORT -j ACCEPT", lost),
        FirewallScriptCase("a command substitution", "iptables -A INPUT -p tcp --dport $(port) -j ACCEPT", lost),
        FirewallScriptCase("a pipe", "echo 80 | xargs -n1 open", lost),
        FirewallScriptCase("an if", "if true; then iptables -A INPUT -j ACCEPT; fi", lost),
        FirewallScriptCase("a command in the background", "sleep 5 && iptables -F &", lost),
        FirewallScriptCase("a here document", "cat <<E\niptables -F\nE", lost),
        FirewallScriptCase("a brace expansion", "iptables -A nixos-fw -p tcp --dport {80,81} -j ACCEPT", lost),
        FirewallScriptCase("a pattern", "echo /etc/*", lost),
        FirewallScriptCase("eval", "eval \"iptables -F\"", lost),
        FirewallScriptCase("an unknown table", "iptables -t broute -A X -j ACCEPT", lost),
        FirewallScriptCase("an unfinished quote", "echo \"abc", lost),
        // The script ends where a command fails.
        FirewallScriptCase("a failing command ends the script", "iptables -A no-such-chain -j DROP", lost),
        FirewallScriptCase("a delete of nothing ends the script", "iptables -D INPUT -j DROP", lost),
        FirewallScriptCase("a delete of nothing, ignored", "iptables -D INPUT -j DROP || true", closed),
        // What the shell subset follows.
        FirewallScriptCase(
            "a literal variable", "PORT=8080\niptables -A nixos-fw -p tcp --dport $PORT -j ACCEPT",
            ["open.tcp": "22, 8080"]),
        FirewallScriptCase(
            "a loop over ports", "for p in 80 443; do ip46tables -A nixos-fw -p tcp --dport \"$p\" -j ACCEPT; done",
            ["open.tcp": "22, 80, 443"]),
        FirewallScriptCase(
            "check or insert",
            "iptables -C nixos-fw -p tcp --dport 80 -j ACCEPT 2>/dev/null || iptables -I nixos-fw -p tcp --dport 80 -j ACCEPT",
            ["open.tcp": "22, 80"]),
        FirewallScriptCase(
            "check of a rule that is there",
            "iptables -C nixos-fw -p tcp --dport 22 -j ACCEPT || iptables -A nixos-fw -j ACCEPT", closed),
        FirewallScriptCase(
            "a port before its protocol", "iptables -A nixos-fw --dport 80 -p tcp -j ACCEPT", lost),
        FirewallScriptCase("a port without a protocol", "iptables -A nixos-fw --dport 80 -j ACCEPT", lost),
        FirewallScriptCase("a state without its module", "iptables -A nixos-fw --ctstate NEW -j ACCEPT", lost),
        FirewallScriptCase(
            "a store path as program", "/nix/store/x-iptables/bin/iptables -A nixos-fw -p udp --dport 53 -j ACCEPT",
            ["open.udp": "53"]),
        FirewallScriptCase(
            "continued lines and quotes", "ip46tables -A 'nixos-fw' \\\n  -p tcp \\\n --dport \"25\" -j ACCEPT",
            ["open.tcp": "22, 25"]),
        FirewallScriptCase("a comment is no command", "# iptables -A nixos-fw -j ACCEPT", closed),
        // Order and deletion.
        FirewallScriptCase(
            "an insert at a position", "ip46tables -I nixos-fw 1 -p tcp --dport 22 -j DROP", ["open.tcp": ""]),
        FirewallScriptCase(
            "an insert after", "ip46tables -I nixos-fw 4 -p tcp --dport 22 -j DROP", closed),
        FirewallScriptCase(
            "an insert far behind the end ends the script", "ip46tables -I nixos-fw 40 -j DROP", lost),
        FirewallScriptCase(
            "a flush of the opened ports", "ip46tables -F nixos-fw", ["open.tcp": "", "trusted-interfaces": ""]),
        FirewallScriptCase("a delete by number", "ip46tables -D nixos-fw 3", ["open.tcp": ""]),
        FirewallScriptCase("a replace", "ip46tables -R nixos-fw 3 -p tcp --dport 2222 -j ACCEPT", ["open.tcp": "2222"]),
        FirewallScriptCase("policy drop alone changes nothing here", "iptables -P INPUT DROP", closed),
        // Ways past the chain.
        FirewallScriptCase(
            "an interface let in before the chain", "ip46tables -I INPUT -i wg0 -j ACCEPT",
            ["trusted-interfaces": "lo, wg0", "open.tcp": "22", "open.by-interface": ""]),
        FirewallScriptCase(
            "an interface let in over IPv4 only", "iptables -I INPUT -i wg0 -j ACCEPT",
            ["trusted-interfaces": "lo, wg0"]),
        FirewallScriptCase(
            "every interface but one let in", "ip46tables -I INPUT ! -i eth0 -j ACCEPT",
            ["open.tcp": "0-65535", "trusted-interfaces": "*", "input.default": "accept"]),
        FirewallScriptCase(
            "interfaces by prefix", "ip46tables -A nixos-fw -i ve-+ -j ACCEPT", ["trusted-interfaces": "lo, ve-+"]),
        FirewallScriptCase(
            "everything let in", "ip46tables -A nixos-fw -j ACCEPT",
            ["open.tcp": "0-65535", "open.udp": "0-65535", "trusted-interfaces": "*", "input.default": "accept"]),
        FirewallScriptCase(
            "everything let in over IPv6 only", "ip6tables -A nixos-fw -j ACCEPT",
            ["open.tcp": "0-65535", "trusted-interfaces": "*", "input.default": "accept"]),
        FirewallScriptCase(
            "a return to INPUT, whose policy accepts", "ip46tables -A nixos-fw -p tcp --dport 25 -j RETURN",
            ["open.tcp": "22, 25"]),
        FirewallScriptCase(
            "a goto does not come back",
            "ip46tables -N mail\nip46tables -A mail -p tcp --dport 25 -j ACCEPT\nip46tables -A nixos-fw -p tcp --dport 20:30 -g mail",
            ["open.tcp": "20-30"]),
        FirewallScriptCase(
            "a jump comes back",
            "ip46tables -N mail\nip46tables -A mail -p tcp --dport 25 -j ACCEPT\nip46tables -A nixos-fw -p tcp --dport 20:30 -j mail",
            ["open.tcp": "22, 25"]),
        FirewallScriptCase(
            "chains in a loop",
            "ip46tables -N a\nip46tables -N b\nip46tables -A a -j b\nip46tables -A b -j a\nip46tables -A nixos-fw -j a",
            ["open.tcp": "?", "enabled": "true"]),
        // Conditions.
        FirewallScriptCase(
            "an accept by the packet's text",
            "ip46tables -A nixos-fw -p tcp -m string --string knock --algo bm -j ACCEPT",
            ["open.tcp": "?", "open.udp": "", "input.default": "?"]),
        FirewallScriptCase(
            "an accept by the packet's text on one port",
            "ip46tables -A nixos-fw -p udp --dport 53 -m u32 --u32 x -j ACCEPT",
            ["open.tcp": "22", "open.udp": "?"]),
        FirewallScriptCase(
            "a drop by the packet's text closes nothing",
            "ip46tables -I nixos-fw -p tcp --dport 22 -m string --string x --algo bm -j DROP", closed),
        FirewallScriptCase(
            "a set of addresses", "iptables -A nixos-fw -m set --match-set friends src -j ACCEPT",
            ["open.tcp": "?", "open.udp": "?", "trusted-interfaces": "lo"]),
        FirewallScriptCase(
            "the sender's port is the sender's choice", "ip46tables -A nixos-fw -p udp --sport 53 -j ACCEPT",
            ["open.udp": "0-65535"]),
        FirewallScriptCase(
            "a drop by the sender's port closes nothing",
            "ip46tables -I nixos-fw -p tcp --dport 22 --sport 1:1023 -j DROP", closed),
        FirewallScriptCase(
            "an address of the machine", "iptables -A nixos-fw -d 203.0.113.5 -p tcp --dport 443 -j ACCEPT",
            ["open.tcp": "22, 443"]),
        FirewallScriptCase(
            "an address of the link", "ip6tables -A nixos-fw -d fe80::/10 -p tcp --dport 443 -j ACCEPT",
            ["open.tcp": "22", "open.link-local": "tcp 443"]),
        FirewallScriptCase(
            "senders", "iptables -A nixos-fw -s 10.0.0.0/8,192.0.2.1 -p tcp --dport 5432 -j ACCEPT",
            ["open.tcp": "22", "open.by-source": "10.0.0.0/8 tcp 5432, 192.0.2.1 tcp 5432", "open.sensitive": ""]),
        FirewallScriptCase(
            "every sender but one", "iptables -A nixos-fw ! -s 10.0.0.0/8 -p tcp --dport 5432 -j ACCEPT",
            ["open.tcp": "22, 5432", "open.sensitive": "postgresql"]),
        FirewallScriptCase(
            "a sender trusted with everything", "iptables -A nixos-fw -s 10.0.0.0/8 -j ACCEPT",
            ["open.by-source": "10.0.0.0/8 any"]),
        FirewallScriptCase(
            "everybody as sender", "iptables -A nixos-fw -s 0.0.0.0/0 -p tcp --dport 25 -j ACCEPT",
            ["open.tcp": "22, 25"]),
        FirewallScriptCase(
            "sender and interface", "iptables -A nixos-fw -s 10.0.0.0/8 -i wg0 -p tcp --dport 25 -j ACCEPT",
            ["open.by-source": "10.0.0.0/8 on wg0 tcp 25", "open.by-interface": ""]),
        FirewallScriptCase(
            "many ports", "ip46tables -A nixos-fw -p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT",
            ["open.tcp": "22, 80, 443, 8000-8010", "open.tcp.count": "14", "open.tcp.widest": "11"]),
        FirewallScriptCase(
            "every port but one", "ip46tables -A nixos-fw -p tcp ! --dport 80 -j ACCEPT", ["open.tcp": "0-79, 81-65535"]
        ),
        FirewallScriptCase(
            "a port by name", "ip46tables -A nixos-fw -p tcp --dport https -j ACCEPT", ["open.tcp": "22, 443"]),
        FirewallScriptCase(
            "a port by a name nobody knows", "ip46tables -A nixos-fw -p tcp --dport fancy -j ACCEPT", ["open.tcp": "?"]),
        FirewallScriptCase(
            "another protocol", "ip46tables -A nixos-fw -p esp -j ACCEPT", ["open.other": "esp", "open.tcp": "22"]),
        FirewallScriptCase("a protocol by number", "ip46tables -A nixos-fw -p 47 -j ACCEPT", ["open.other": "gre"]),
        FirewallScriptCase(
            "every protocol but TCP", "ip46tables -A nixos-fw ! -p tcp -j ACCEPT",
            ["open.tcp": "22", "open.udp": "0-65535", "open.other": "any other protocol"]),
        FirewallScriptCase(
            "established only", "ip46tables -A nixos-fw -p tcp --dport 80 -m state --state ESTABLISHED -j ACCEPT",
            closed),
        FirewallScriptCase(
            "new only", "ip46tables -A nixos-fw -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT",
            ["open.tcp": "22, 80"]),
        FirewallScriptCase(
            "not the first packet", "ip46tables -A nixos-fw -p tcp --dport 80 ! --syn -j ACCEPT", closed),
        FirewallScriptCase(
            "flags of the first packet",
            "ip46tables -A nixos-fw -p tcp --dport 80 --tcp-flags SYN,ACK,FIN,RST SYN -j ACCEPT", ["open.tcp": "22, 80"]
        ),
        FirewallScriptCase(
            "a program decides", "ip46tables -A nixos-fw -p tcp --dport 80 -j NFQUEUE --queue-num 1", ["open.tcp": "?"]),
        FirewallScriptCase(
            "a target nobody knows", "ip46tables -A nixos-fw -p tcp --dport 80 -j TARPIT", ["open.tcp": "?"]),
        // Rates.
        FirewallScriptCase(
            "a limit on ssh by hashlimit",
            "ip46tables -I nixos-fw -p tcp --dport 22 -m hashlimit --hashlimit-above 10/min --hashlimit-name ssh -j DROP",
            ["rate-limit.ssh": "true", "open.tcp": "22"]),
        FirewallScriptCase(
            "a limit on ssh by recent",
            "ip46tables -I nixos-fw -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 -j DROP",
            ["rate-limit.ssh": "true", "open.tcp": "22"]),
        FirewallScriptCase(
            "a limit over IPv4 only",
            "iptables -I nixos-fw -p tcp --dport 22 -m connlimit --connlimit-above 4 -j REJECT",
            ["rate-limit.ssh": "false"]),
        FirewallScriptCase(
            "a limit that comes too late",
            "ip46tables -A nixos-fw -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT", ["rate-limit.ssh": "false"]),
        FirewallScriptCase(
            "open below a rate is open", "ip46tables -A nixos-fw -p tcp --dport 80 -m limit --limit 3/min -j ACCEPT",
            ["open.tcp": "22, 80"]),
        FirewallScriptCase(
            "an ssh port opened below a rate",
            "ip46tables -D nixos-fw 3\nip46tables -A nixos-fw -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT",
            ["rate-limit.ssh": "true", "open.tcp": "22"]),
        // Translation.
        FirewallScriptCase(
            "a forwarded port",
            "iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080",
            ["forwards": "eth0 tcp 80 -> 10.0.0.2:8080", "masquerade": "false"]),
        FirewallScriptCase(
            "a redirected port", "iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080",
            ["forwards": "tcp 80 -> :8080"]),
        FirewallScriptCase(
            "source translation", "iptables -t nat -A POSTROUTING -o eth0 -j SNAT --to-source 203.0.113.5",
            ["masquerade": "true"]),
        FirewallScriptCase("forwarding refused", "ip46tables -P FORWARD DROP", ["forward.default": "drop"]),
        FirewallScriptCase(
            "forwarding refused for IPv4 only", "iptables -P FORWARD DROP", ["forward.default": "accept"]),
        // Logging and the way back.
        FirewallScriptCase("a log of refused packets", "ip46tables -I nixos-fw-refuse -j LOG", ["log-refused": "true"]),
        FirewallScriptCase(
            "a log of one port only", "ip46tables -I nixos-fw-refuse -p tcp --dport 80 -j LOG", ["log-refused": "false"]
        ),
        FirewallScriptCase(
            "a strict test of the way back", "ip46tables -t raw -A PREROUTING -m rpfilter --invert -j DROP",
            ["reverse-path": "strict", "open.tcp": "22"]),
        FirewallScriptCase(
            "a loose one", "ip46tables -t raw -A PREROUTING -m rpfilter --loose --invert -j DROP",
            ["reverse-path": "loose"]),
        FirewallScriptCase(
            "a strict one for IPv4 only", "iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP",
            ["reverse-path": "off"]),
        FirewallScriptCase(
            "a test that drops nothing", "ip46tables -t raw -A PREROUTING -m rpfilter --invert -j LOG",
            ["reverse-path": "off"]),
        FirewallScriptCase(
            "ping refused before", "iptables -A nixos-fw -p icmp --icmp-type 8 -m limit --limit 1/s -j ACCEPT",
            ["icmp.echo": "limited"]),
        FirewallScriptCase(
            "all ICMP", "iptables -A nixos-fw -p icmp -j ACCEPT", ["icmp.echo": "accept", "open.other": ""]),
        FirewallScriptCase(
            "ports closed before INPUT", "ip46tables -t mangle -A PREROUTING -p tcp --dport 22 -j DROP",
            ["open.tcp": ""]),
    ]
}

@Suite("Firewall scripts")
struct FirewallScriptTests {
    @Test("right or not at all", arguments: FirewallScriptCase.all)
    func judged(_ test: FirewallScriptCase) throws {
        let facts = try FirewallSupport.iptables(test.script())
        for (key, value) in test.expected.sorted(by: { $0.key < $1.key }) {
            #expect(facts.shown(key) == value, "firewall.\(key): \(facts.why(key))")
        }
    }

    @Test("what is not understood is named with its line")
    func reason() throws {
        let test = FirewallScriptCase("ipset", "echo one\nipset create bad hash:ip", [:])
        let facts = try FirewallSupport.iptables(test.script())
        #expect(facts.why("open.tcp").contains("firewall-start:13: the command ipset, which may change the rules"))
    }

    @Test(
        "extra commands of the options give what the same commands give in a script", arguments: FirewallScriptCase.all)
    func declared(_ test: FirewallScriptCase) throws {
        var text = ""
        for scalar in test.commands.unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default: text.unicodeScalars.append(scalar)
            }
        }
        let facts = try FirewallSupport.declared(
            """
            {"networking": {"enableIPv6": true, "firewall": {"enable": true, "allowedTCPPorts": [22], "allowPing": false,
              "checkReversePath": false, "trustedInterfaces": ["lo"], "extraCommands": "\(text)"}}}
            """)
        // The chain of the module holds other rules at other places, so numbers mean other rules there.
        let byPlace = [
            "-I nixos-fw 1", "-I nixos-fw 4", "-F nixos-fw", "-D nixos-fw 3", "-R nixos-fw 3",
            "-C nixos-fw -p tcp --dport 22",
        ]
        guard !byPlace.contains(where: test.commands.contains) else { return }
        for key in [
            "open.tcp", "open.udp", "open.other", "input.default", "trusted-interfaces", "open.by-source", "enabled",
        ] {
            guard let value = test.expected[key] else { continue }
            #expect(facts.shown(key) == value, "firewall.\(key): \(facts.why(key))")
        }
    }

    @Test("a unit that nothing wants is no firewall")
    func unwanted() throws {
        let facts = try FirewallSupport.iptables(FirewallScriptCase("", "", [:]).script(), wanted: false)
        #expect(facts.shown("enabled") == "false")
        #expect(facts.shown("backend") == "none")
        #expect(facts.shown("open.tcp") == "0-65535")
        #expect(facts.shown("trusted-interfaces") == "*")
    }

    @Test("a script whose final refusal was taken away leaves the door open")
    func removed() throws {
        let script = FirewallScriptCase("", "", [:]).script() + "ip46tables -D nixos-fw -j nixos-fw-refuse\n"
        let facts = try FirewallSupport.iptables(script)
        #expect(facts.shown("input.default") == "accept")
        #expect(facts.shown("open.tcp") == "0-65535")
        #expect(facts.shown("enabled") == "true")
    }

    @Test("what runs after the script counts too")
    func postStart() throws {
        let store = FirewallSupport.store
        let facts = try FirewallSupport.built([
            "/etc/systemd/system/firewall.service":
                "[Service]\nExecStart=@\(store)firewall-start/bin/firewall-start firewall-start\n"
                + "ExecStartPost=\(store)post/bin/firewall-post-start \n",
            "/etc/systemd/system/sysinit.target.wants/firewall.service": "-> ../firewall.service",
            "\(store)firewall-start/bin/firewall-start": FirewallScriptCase("", "", [:]).script(),
            "\(store)post/bin/firewall-post-start": "#! /bin/bash -e\niptables -I INPUT -j ACCEPT\n",
        ])
        #expect(facts.shown("input.default") == "accept")
        #expect(facts.shown("trusted-interfaces") == "*")
    }

    @Test(
        "a sender that is half of the Internet is anyone",
        arguments: [
            "iptables -I INPUT -s 0.0.0.0/1 -p tcp --dport 2375 -j ACCEPT",
            "ip6tables -I INPUT -s 2000::/3 -p tcp --dport 2375 -j ACCEPT",
            "iptables -I INPUT -m iprange --src-range 1.0.0.0-223.255.255.255 -p tcp --dport 2375 -j ACCEPT",
        ])
    func wideSource(_ command: String) throws {
        let facts = try FirewallSupport.iptables(FirewallScriptCase("", command, [:]).script())
        #expect(facts.shown("open.sensitive") == "docker")
    }

    @Test("a sender that is one network is not anyone")
    func narrowSource() throws {
        let command = "iptables -I INPUT -s 10.0.0.0/8 -p tcp --dport 2375 -j ACCEPT"
        let facts = try FirewallSupport.iptables(FirewallScriptCase("", command, [:]).script())
        #expect(!facts.shown("open.sensitive").contains("docker"))
    }

    @Test("policy DROP closes what no rule opens")
    func policy() throws {
        let facts = try FirewallSupport.iptables(
            "iptables -P INPUT DROP\nip6tables -P INPUT DROP\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\n")
        #expect(facts.shown("input.default") == "drop")
        #expect(facts.shown("open.tcp") == "80")
        #expect(facts.shown("trusted-interfaces") == "")
    }

    @Test("without IPv6 in the helper, IPv6 is not there")
    func noV6() throws {
        let facts = try FirewallSupport.iptables(
            "ip46tables() {\n  iptables -w \"$@\"\n}\nip46tables -A INPUT -p tcp --dport 22 -j ACCEPT\nip46tables -P INPUT DROP\n"
        )
        #expect(facts.shown("open.tcp") == "22")
        #expect(facts.shown("input.default") == "drop")
    }

    @Test("a script that is not there is not an empty one")
    func missing() throws {
        let facts = try FirewallSupport.built([
            "/etc/systemd/system/firewall.service": "[Service]\nExecStart=/nix/store/x-start/bin/start\n",
            "/etc/systemd/system/sysinit.target.wants/firewall.service": "-> ../firewall.service",
        ])
        for key in FirewallFactSet.keys { #expect(facts.shown(String(key.rawValue.dropFirst(9))) == "?") }
    }

    @Test("the options cannot tell without the options", arguments: ["{}", "{\"networking\": {}}"])
    func noOptions(_ json: String) throws {
        let facts = try FirewallSupport.declared(json)
        #expect(facts.shown("open.tcp") == "?")
        #expect(facts.shown("enabled") == "?")
    }
}
