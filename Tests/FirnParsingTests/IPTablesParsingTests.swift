import FirnParsing
import Testing

@Suite("Shell of firewall scripts, and iptables")
struct IPTablesParsingTests {
    @Test(
        "where reading stops, and why",
        arguments: [
            ("true\nif x; then y; fi\n", 2, "'if'"), ("a | b\n", 1, "pipe"), ("a &\n", 1, "background"),
            ("a $(b)\n", 1, "expansion"), ("a `b`\n", 1, "substitution"), ("cat <<E\n", 1, "redirection"),
            ("a 'b\n", 1, "quote"), ("f() {\n a\n", 1, "construct"), ("for x in a; do\n b\n", 1, "construct"),
            ("true\n\nX=1 a\n", 3, "environment"), ("a {b,c}\n", 1, "brace"), ("(a)\n", 1, "construct"),
            ("a b*\n", 1, "pattern"),
        ])
    func stops(_ text: String, _ line: Int, _ reason: String) throws {
        let stop = try #require(try ShellScript.parse(Array(text.utf8)).stop)
        #expect(stop.line == line)
        #expect(stop.reason.contains(reason), "\(stop.reason)")
    }

    @Test("what is read")
    func reads() throws {
        let script = try ShellScript.parse(
            Array(
                "#! /bin/bash -e\na 2>/dev/null|| true # c\nf() {\n  b \"$@\"\n}\nfor x in 1 '2 3'; do f \"$x\" \\\n y; done >/dev/null\n"
                    .utf8))
        #expect(script.stopsAtFailure)
        #expect(script.nodes.count == 3)
        #expect(script.stop == nil)
        let plain = try ShellScript.parse(Array("for x in 1 '2 3'; do f \"$x\" \\\n y; done\nz\n".utf8))
        #expect(plain.stop == nil)
        #expect(plain.nodes.map(\.line) == [1, 3])
    }

    @Test("bytes that are no text are refused", arguments: [[0xff, 0xfe], [0x61, 0x00]] as [[UInt8]])
    func bytes(_ bytes: [UInt8]) {
        #expect(throws: ParseError.self) { try ShellScript.parse(bytes) }
        #expect(throws: ParseError.self) { try NFTRuleset.parse(bytes, file: "f") }
    }

    @Test(
        "calls that are refused",
        arguments: [
            [], ["-A"], ["-A", "INPUT", "-j"], ["-A", "INPUT", "-D", "INPUT"], ["-A", "INPUT", "word"],
            ["-P", "INPUT", "REJECT"],
            ["-A", "INPUT", "--dport", "22", "-p", "tcp", "-j", "ACCEPT"], ["-E", "a", "b"], ["-N", "a", "b"], ["-t"],
            ["-A", "INPUT", "-j", "ACCEPT", "-j", "DROP"], ["-4", "-A", "INPUT", "-j", "DROP"],
        ])
    func refused(_ words: [String]) {
        #expect(throws: ParseError.self) { try IPTablesCommand.parse(words, line: 7) }
    }

    @Test("a rule compares by its options, in any order")
    func same() throws {
        let one = try IPTablesCommand.parse(
            ["-w", "5", "-A", "INPUT", "-p", "tcp", "--dport", "22", "-i", "e", "-j", "DROP"], line: 1)
        let two = try IPTablesCommand.parse(
            ["-A", "INPUT", "-i", "e", "-j", "DROP", "-p", "tcp", "--destination-port=22"], line: 1)
        guard case .append(let left) = one.action, case .append(let right) = two.action else {
            Issue.record("not rules")
            return
        }
        #expect(left.isSame(as: right))
        #expect(one.table == "filter" && one.chain == "INPUT")
    }
}
