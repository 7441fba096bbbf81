import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// Our readers beside the real nft, iptables and kernel, each in a network namespace of its own.
@Suite("Firewall beside nft and iptables", .serialized)
struct FirewallOracleTests {
    static let programs = [
        "/usr/sbin/nft", "/usr/sbin/iptables", "/usr/sbin/ip6tables", "/usr/sbin/iptables-save",
        "/usr/sbin/ip6tables-save", "/usr/bin/unshare", "/usr/bin/nsenter", "/usr/sbin/ip", "/usr/bin/python3",
    ]
    static let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    static let canRun =
        getuid() == 0 && programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    @Test("the tools are there in CI")
    func tools() {
        #expect(!Self.isCI || Self.canRun, "CI needs root and \(Self.programs.joined(separator: ", "))")
    }

    // MARK: nft

    @Test("structure and simple openings as nft lists them", .enabled(if: canRun))
    func nft() throws {
        var rows: [String] = []
        let cases = try FirewallNFTCase.fixtures() + FirewallNFTCase.written.filter(\.isPortable)
        #expect(cases.count >= 30)
        for test in cases {
            let file = try write(test.text)
            defer { try? FileManager.default.removeItem(at: file) }
            let (status, output) = try run([
                "-n", "sh", "-c", "nft -c -f \"$0\" && nft -f \"$0\" && nft -j list ruleset", file.path,
            ])
            guard status == 0, let data = output.data(using: .utf8) else {
                Issue.record("nft refuses \(test.name): \(output)")
                continue
            }
            let theirs = try NFTListing(data)
            let parsed = try NFTRuleset.parse(Array(test.text.utf8), file: test.name)
            #expect(parsed.problems.isEmpty, "\(test.name)")
            let ours = NFTListing(parsed, names: try FirewallSupport.names())
            #expect(ours.chains == theirs.chains, "\(test.name)")
            #expect(ours.sets == theirs.sets, "\(test.name)")
            #expect(ours.openings == theirs.openings, "\(test.name)")
            let rules = theirs.chains.values.reduce(0) { $0 + $1.rules }
            rows.append(
                "| \(test.name) | \(theirs.chains.count) | \(rules) | \(theirs.sets.count) | \(theirs.openings.values.reduce(0) { $0 + $1.count }) | agrees |"
            )
        }
        try record("nft", rows)
    }

    // MARK: iptables

    /// What iptables-save says of a rule, as far as the model reads it.
    struct SavedRule: Hashable {
        var chain: String
        var target: String
        var interface: String
        var ports: String
        var source: String
    }

    @Test("rule by rule as iptables-save lists them", .enabled(if: canRun), arguments: ["nft", "legacy"])
    func iptables(_ variant: String) throws {
        var rows: [String] = []
        for (name, script) in try scripts() {
            let file = try write(script)
            defer { try? FileManager.default.removeItem(at: file) }
            let shell = """
                mkdir "$0.d" && for t in iptables ip6tables iptables-save ip6tables-save; do
                  case $t in *-save) o=${t%-save}-\(variant)-save;; *) o=$t-\(variant);; esac
                  ln -s /usr/sbin/$o "$0.d/$t"; done
                PATH="$0.d:$PATH"; bash -e "$0" >&2; s=$?
                echo "status $s"; iptables-save; echo "=== v6"; ip6tables-save; rm -r "$0.d"
                """
            let (_, output) = try run(["-n", "sh", "-c", shell, file.path])
            var ours = FirewallScript(file: name)
            let followed = ours.run(Array(script.utf8), stopsAtFailure: true)
            #expect(output.contains("status 0") == followed, "\(name): \(output.prefix(300))")
            guard followed else { continue }
            let parts = output.components(separatedBy: "=== v6")
            try #require(parts.count == 2, "\(name)")
            var count = 0
            for (tables, saved) in [(ours.state.v4, parts[0]), (ours.state.v6, parts[1])] {
                let (rules, policies) = Self.saved(saved)
                let own = Self.own(tables)
                for table in Set(rules.keys).union(own.keys) {
                    #expect(own[table] ?? [] == rules[table] ?? [], "\(name), table \(table)")
                    count += (rules[table] ?? []).count
                }
                for (chain, policy) in policies {
                    let parts = chain.split(separator: "/").map(String.init)
                    #expect(tables[parts[0]]?[parts[1]]?.policy ?? "-" == policy, "\(name): \(chain)")
                }
            }
            rows.append("| \(name) | \(count) | agrees |")
        }
        #expect(rows.count >= 10)
        try record("iptables-" + variant, rows)
    }

    private func scripts() throws -> [(String, String)] {
        var result: [(String, String)] = []
        for expectation in FirewallExpectation.all {
            let store = Repository.fixtures.appendingPathComponent("\(expectation.fixture)/system/nix/store")
            for name in try FileManager.default.contentsOfDirectory(atPath: store.path)
            where name.hasSuffix("-firewall-start") {
                let text = try String(
                    contentsOf: store.appendingPathComponent(name + "/bin/firewall-start"), encoding: .utf8)
                result.append((expectation.fixture, text))
            }
        }
        for test in FirewallScriptCase.all
        where test.expected["input.default"] != "?" || test.testDescription.contains("ends the script") {
            // Names nobody knows, and matches this machine's tools do not have.
            let skipped = [
                "name nobody knows", "set of addresses", "target nobody knows", "store path", "loop", "u32",
                "packet's text on one port",
            ]
            guard !skipped.contains(where: test.testDescription.contains) else { continue }
            result.append((test.testDescription, test.script()))
        }
        return result
    }

    private static func saved(_ text: String) -> ([String: [SavedRule]], [String: String]) {
        var rules: [String: [SavedRule]] = [:]
        var policies: [String: String] = [:]
        var table = ""
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("*") { table = String(line.dropFirst()) }
            if line.hasPrefix(":") {
                let words = line.dropFirst().split(separator: " ")
                policies["\(table)/\(words[0])"] = String(words[1])
            }
            guard line.hasPrefix("-A ") else { continue }
            let words = line.split(separator: " ").map(String.init)
            func value(_ names: String...) -> String {
                guard let at = words.firstIndex(where: names.contains), at + 1 < words.count else { return "" }
                return (at > 0 && words[at - 1] == "!" ? "!" : "") + words[at + 1]
            }
            rules[table, default: []].append(
                SavedRule(
                    chain: words[1], target: value("-j", "-g"), interface: value("-i"),
                    ports: value("--dport", "--dports"),
                    source: value("-s").replacingOccurrences(of: "/32", with: "").replacingOccurrences(
                        of: "/128", with: "")))
        }
        return (rules.mapValues { $0.sorted(by: Self.byChain) }, policies)
    }

    /// Orders by chain and keeps the order inside of each.
    private static func byChain(_ left: SavedRule, _ right: SavedRule) -> Bool { left.chain < right.chain }

    private static func own(_ tables: [String: IPTablesState.Table]) -> [String: [SavedRule]] {
        let ports = ["https": "443"]
        var result: [String: [SavedRule]] = [:]
        for (table, chains) in tables {
            for (chain, content) in chains.sorted(by: { $0.key < $1.key }) {
                for entry in content.rules {
                    func value(_ names: String...) -> String {
                        guard let option = entry.rule.options.first(where: { names.contains($0.name) }) else {
                            return ""
                        }
                        let value = option.values.first ?? ""
                        return (option.isNegated ? "!" : "") + (ports[value] ?? value)
                    }
                    let source = value("--source")
                    // iptables makes one rule of each sender.
                    for one in source.split(separator: ",", omittingEmptySubsequences: false) {
                        result[table, default: []].append(
                            SavedRule(
                                chain: chain, target: entry.rule.target ?? "", interface: value("--in-interface"),
                                ports: value("--dport", "--dports"), source: one == "0.0.0.0/0" ? "" : String(one)))
                    }
                }
            }
        }
        return result.mapValues { $0.sorted(by: byChain) }
    }

    // MARK: Packets

    static let probes = [22, 25, 53, 80, 443, 2049, 5432, 8000, 8010, 8011, 8080, 9100]

    /// Rulesets whose answer real packets confirm.
    static var packetCases: [(name: String, load: String, text: String)] {
        let nft = [
            "the module's table, ranges and interfaces", "temporary ports, some open", "a verdict map of interfaces",
            "two chains must both accept", "an accept in one table is not the last word", "a verdict map of ports",
            "definitions", "not an interface", "every sender but some", "bad flags dropped",
            "policy accept with a last drop",
            "both transports", "a limit in a table of its own", "a range of senders", "an unknown drop closes nothing",
            "only for this machine",
        ]
        let scripts = [
            "nothing extra", "many ports", "a goto does not come back", "a jump comes back",
            "a return to INPUT, whose policy accepts",
            "senders", "everything let in", "every interface but one let in", "open below a rate is open", "new only",
            "established only",
            "not the first packet", "flags of the first packet", "an insert at a position",
            "a drop by the sender's port closes nothing",
        ]
        return FirewallNFTCase.written.filter { nft.contains($0.name) }.map { ($0.name, "nft -f", $0.text) }
            + FirewallScriptCase.all.filter { scripts.contains($0.testDescription) }
            .map { ($0.testDescription, "bash -e", $0.script()) }
    }

    @Test("ports we call open answer, others do not", .enabled(if: canRun))
    func packets() throws {
        var rows: [String] = []
        let cases = Self.packetCases
        #expect(cases.count == 31)
        for test in cases {
            let file = try write(test.text)
            defer { try? FileManager.default.removeItem(at: file) }
            let (status, output) = try run(
                // In a namespace of process numbers nothing outlives the shell.
                [
                    "-n", "-p", "-f", "--kill-child", "--mount-proc", "timeout", "-s", "KILL", "25", "bash", "-c",
                    Self.stage, file.path, test.load,
                ])
            try #require(status == 0, "\(test.name): \(output)")
            let names = try FirewallSupport.names()
            let ruleset: FilterRuleset
            if test.load == "nft -f" {
                ruleset = FirewallNFT.ruleset(try NFTRuleset.parse(Array(test.text.utf8), file: "f"), names: names)
            } else {
                var script = FirewallScript(file: "f")
                let followed = script.run(Array(test.text.utf8))
                #expect(followed)
                ruleset = FirewallIPTables.ruleset(script.state, names: names)
            }
            var walk: [String: FirewallWalk] = [:]
            for name in ["tcp", "udp"] {
                var one = FirewallWalk(
                    ruleset: ruleset,
                    packet: PacketClass(family: .v4, protocolName: name, interface: "eth0", source: "10.9.0.2"))
                one.run([.prerouting, .input])
                walk[name] = one
            }
            let answered = Set(output.split(separator: "\n").map(String.init))
            var open = 0
            for (name, one) in walk {
                for port in Self.probes {
                    let expected = one.accepted.certain.contains(port)
                    #expect(answered.contains("\(name) \(port)") == expected, "\(test.name): \(name) \(port)")
                    #expect(!one.accepted.possible.contains(port), "\(test.name): \(name) \(port)")
                    if expected { open += 1 }
                }
            }
            rows.append("| \(test.name) | \(Self.probes.count * 2) | \(open) | agrees |")
        }
        try record("packets", rows)
    }

    /// Two namespaces joined by a cable: the one filters, the other asks.
    private static let stage = """
        set -e
        unshare -n sleep 30 > /dev/null 2>&1 & client=$!
        for i in $(seq 50); do
          [ "$(readlink /proc/$client/ns/net)" != "$(readlink /proc/$$/ns/net)" ] && break; sleep 0.02
        done
        ip link set lo up
        ip link add eth0 type veth peer name cable
        ip link set cable netns $client
        ip addr add 10.9.0.1/24 dev eth0 && ip link set eth0 up
        nsenter -t $client -n sh -c "ip addr add 10.9.0.2/24 dev cable && ip link set cable up"
        $1 "$0" >&2
        /usr/bin/python3 -c '
        import select, socket, sys
        open = []
        for port in map(int, sys.argv[1:]):
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("10.9.0.1", port)); s.listen(); open.append(s)
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.9.0.1", port)); open.append(s)
        print("ready", flush=True)
        while True:
            for s in select.select(open, [], [])[0]:
                if s.type == socket.SOCK_STREAM: s.accept()[0].close()
                else:
                    data, sender = s.recvfrom(100)
                    try: s.sendto(data, sender)
                    except OSError: pass
        ' \(probes.map(String.init).joined(separator: " ")) > "$0.ready" 2> /dev/null &
        trap 'rm -f "$0.ready"' EXIT
        for i in $(seq 200); do grep -q ready "$0.ready" && break; sleep 0.02; done
        nsenter -t $client -n /usr/bin/python3 -c '
        import socket, sys, threading
        def tcp(port):
            s = socket.socket(); s.settimeout(0.5)
            try: s.connect(("10.9.0.1", port)); print("tcp", port)
            except OSError: pass
        def udp(port):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.5)
            try: s.connect(("10.9.0.1", port)); s.send(b"x"); s.recv(10); print("udp", port)
            except OSError: pass
        all = [threading.Thread(target=f, args=(int(p),)) for p in sys.argv[1:] for f in (tcp, udp)]
        for t in all: t.start()
        for t in all: t.join()
        ' \(probes.map(String.init).joined(separator: " "))
        """

    // MARK: Running and recording

    private func write(_ text: String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("firn-firewall-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        return file
    }

    private func run(_ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = arguments
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// With RECORD_COMPARISONS=1 the tables become docs/comparisons/nftables.md, each part between its own marks.
    private func record(_ part: String, _ rows: [String]) throws {
        guard ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" else { return }
        let file = URL(fileURLWithPath: Repository.path("docs/comparisons/nftables.md"))
        var text = try String(contentsOf: file, encoding: .utf8)
        let start = "<!-- \(part) -->\n"
        let end = "<!-- end of \(part) -->"
        let from = try #require(text.range(of: start))
        let to = try #require(text.range(of: end))
        text.replaceSubrange(from.upperBound..<to.lowerBound, with: rows.joined(separator: "\n") + "\n")
        try Data(text.utf8).write(to: file)
    }
}
