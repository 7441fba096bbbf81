import FirnParsing
import Testing

/// sysctl.d(5) syntax, as systemd-sysctl reads it.
struct SysctlFileTests {
    private func parse(_ text: String) throws -> SysctlFile { try SysctlFile.parse(Array(text.utf8)) }

    @Test func commentsAndBlankLinesSetNothing() throws {
        let file = try parse("# a=1\n; b=2\n\n   \t\n  # c=3\n\t; d=4\n")
        #expect(file == SysctlFile())
    }

    @Test func aCommentSignLaterInALineIsPartOfTheValue() throws {
        let file = try parse("kernel.core_pattern = core;%e # x\n")
        #expect(file.entries.map(\.value) == ["core;%e # x"])
    }

    @Test func blanksRoundKeyAndValueAreLeftOut() throws {
        let file = try parse("  net.ipv4.ping_group_range \t=  0   2147483647\t \n")
        #expect(file.entries.map(\.path) == ["net/ipv4/ping_group_range"])
        #expect(file.entries.map(\.value) == ["0   2147483647"])
    }

    @Test func onlyTheFirstEqualsSignSeparates() throws {
        let file = try parse("kernel.core_pattern=|/bin/x a=b\n")
        #expect(file.entries.map(\.value) == ["|/bin/x a=b"])
    }

    @Test func anEmptyValueIsAValue() throws {
        let file = try parse("kernel.modprobe=\n")
        #expect(file.entries.map(\.value) == [""])
    }

    @Test func aDashIgnoresErrorsOrExcludes() throws {
        let file = try parse("-net.core.default_qdisc = fq\n- net.ipv4.ip_forward\n-net.ipv4.conf.*.rp_filter\n")
        #expect(
            file.entries.map(\.path) == ["net/core/default_qdisc", "net/ipv4/ip_forward", "net/ipv4/conf/*/rp_filter"])
        #expect(file.entries.map(\.value) == ["fq", nil, nil])
        #expect(file.entries.map(\.ignoresErrors) == [true, false, false])
        #expect(file.entries.map(\.isGlob) == [false, false, true])
    }

    @Test func aLineWithoutAssignmentIsRecordedAndTheRestIsRead() throws {
        let file = try parse("a.b=1\nkernel.kptr_restrict 2\n=5\nc.d=2\n")
        #expect(file.entries.map(\.line) == [1, 4])
        #expect(file.problems.map(\.line) == [2, 3])
    }

    @Test func linesKeepTheNumberAnEditorShows() throws {
        let file = try parse("# one\r\n\r\na.b=1\r\n\n c.d = 2")
        #expect(file.entries.map(\.line) == [3, 5])
        #expect(file.entries.map(\.text) == ["a.b=1", "c.d = 2"])
    }

    /// systemd ends a line at a lone carriage return too (`read_line`), so a second setting can hide behind one.
    @Test func aLoneCarriageReturnEndsALine() throws {
        let file = try parse("kernel.kptr_restrict=2\rkernel.kptr_restrict=0\n")
        #expect(file.entries.map(\.value) == ["2", "0"])
        #expect(file.entries.map(\.line) == [1, 1])
    }

    @Test(arguments: [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"), ("net/ipv4/ip_forward", "net/ipv4/ip_forward"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("/net//ipv4/./ip_forward/", "net/ipv4/ip_forward"), ("vm", "vm"), ("", ""), ("...", ""), ("///", ""),
    ])
    func theFirstSeparatorDecides(key: String, path: String) {
        #expect(SysctlFile.path(of: key) == path)
    }

    @Test func aPathHasItsKeyBack() {
        #expect(SysctlFile.key(of: "net/ipv4/conf/eth0.100/rp_filter") == "net.ipv4.conf.eth0/100.rp_filter")
    }

    @Test func bytesThatAreNoTextDoNotStopTheFile() throws {
        let file = try SysctlFile.parse([0x23, 0xff, 0x0a, 0x61, 0x2e, 0xfe, 0x3d, 0x31, 0x00, 0x62, 0x3d, 0x32])
        #expect(file.entries.map(\.value) == ["1", "2"])
    }

    @Test func boundsAreHeld() {
        let limits = SysctlFile.Limits(bytes: 100, line: 20, entries: 3)
        #expect(throws: ParseError.self) { try SysctlFile.parse(Array(repeating: 0x0a, count: 101), limits: limits) }
        #expect(throws: ParseError.self) {
            try SysctlFile.parse(Array("\n".utf8) + Array(repeating: 0x61, count: 21), limits: limits)
        }
        let many = #expect(throws: ParseError.self) {
            try SysctlFile.parse(Array("a=1\na=1\nb\na=1\n".utf8), limits: limits)
        }
        #expect(many?.code == .limit)
        #expect(many?.line == 4)
    }
}
