import FirnParsing
import Testing

/// Sudoers, doas.conf and capabilities that are malformed, and the bounds of their parsers.
@Suite struct SudoersParsingTests {
    @Test(arguments: [
        ("alice ALL=ls\nroot ALL=(ALL) ALL\n", 1), ("root ALL=(ALL) ALL\nDefaults\nroot ALL=(ALL) ALL\n", 2),
        ("# a\n\nalice ALL=(ALL ALL\n", 3), ("a \\\n b \\\n c\nroot ALL=(ALL) ALL\n", 3),
    ])
    func anErrorNamesItsLineAndTheRestIsRead(text: String, line: Int) throws {
        let file = try SudoersFile.parse(Array(text.utf8))
        #expect(file.problems.map(\.line) == [line])
        #expect(text.contains("root") == !file.entries.isEmpty)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(throws: ParseError.self) { try SudoersFile.parse([0xff, 0xfe]) }
        #expect(throws: ParseError.self) { try SudoersFile.parse(Array("root\0ALL".utf8)) }
        #expect(throws: ParseError.self) { try SudoersFile.parse(Array(repeating: 0x61, count: (1 << 20) + 1)) }
    }

    @Test func tagsPassOnAlongTheList() throws {
        let file = try SudoersFile.parse(Array("a ALL=(x) NOPASSWD: /b, PASSWD: NOEXEC: /c, (y) /d".utf8))
        guard case .specification(_, let privileges) = try #require(file.entries.first).kind else {
            Issue.record("no specification")
            return
        }
        let commands = privileges[0].commands
        #expect(commands.map(\.tags.noPassword) == [true, false, false])
        #expect(commands.map(\.tags.noExec) == [nil, true, true])
        #expect(commands.map { $0.runasUsers?.first?.kind } == [.name("x"), .name("x"), .name("y")])
    }

    @Test(arguments: ["#include /a\n", "@include /a\n", "@include \"/a\" # why\n"])
    func includes(text: String) throws {
        let file = try SudoersFile.parse(Array(text.utf8))
        #expect(file.problems.isEmpty)
        #expect(file.entries.map(\.kind) == [.include("/a", isDirectory: false)])
    }

    @Test func aCommentIsNoIncludeAndAnIdIsNoComment() throws {
        let file = try SudoersFile.parse(Array(" #include /a\n#includedirs\n#1000 ALL=ALL\n# x \\\nbob ALL=ALL\n".utf8))
        #expect(file.entries.count == 2)
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: [
        "permit", "permit nopass", "allow alice", "permit nopass persist alice", "permit setenv { A alice",
        "permit alice as", "permit alice cmd", "permit alice extra", "permit \"alice",
    ])
    func malformedDoas(text: String) {
        #expect(throws: ParseError.self) { try DoasConfiguration.parse(Array((text + "\n").utf8)) }
    }

    @Test func doasRules() throws {
        let text = """
            # a
            permit persist setenv { A -B C=$D } :wheel
            permit nopass "odd name" as root cmd /bin/x args # no arguments
            deny bob
            permit nopass keepenv root
            """
        let rules = try DoasConfiguration.parse(Array(text.utf8))
        #expect(rules.map(\.identity) == [":wheel", "odd name", "bob", "root"])
        #expect(rules.map(\.line) == [2, 3, 4, 5])
        #expect(rules[0].environment == ["A", "-B", "C=$D"])
        #expect(rules[1].arguments == [])
        #expect(!rules[2].isPermit)
    }

    @Test(arguments: [
        ("cap_net_raw+p", ["cap_net_raw"]), ("cap_setuid,cap_dac_override+ep", ["cap_dac_override", "cap_setuid"]),
        ("cap_net_raw=ep cap_net_raw-ep", []), ("=ep", ["all"]), ("all=ep", ["all"]),
        ("CAP_SYS_ADMIN+e", ["cap_sys_admin"]),
        ("=p cap_chown-p", ["all"]), ("cap_kill=i", []),
    ])
    func capabilities(text: String, granted: [String]) throws {
        #expect(try CapabilityText.parse(text).granted == granted)
    }

    @Test(arguments: ["cap_net_raw", "net_raw+p", "cap_net_raw+", "cap_net_raw+x", "cap_a,,cap_b+p"])
    func malformedCapabilities(text: String) {
        #expect(throws: ParseError.self) { try CapabilityText.parse(text) }
    }
}
