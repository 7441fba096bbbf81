import FirnParsing
import Testing

@Suite struct ModprobeFileTests {
    private func commands(_ text: String) throws -> [ModprobeFile.Command] {
        try ModprobeFile.parse(Array(text.utf8)).lines.map(\.command)
    }

    @Test func everyCommandIsRead() throws {
        let text = """
            # a comment
            blacklist usb-storage
            install dccp /bin/false  now
            alias net-pf-[2-9]* off
            options kvm_intel nested=0 ept=1
            remove iwlwifi \\
            /sbin/modprobe -r mac80211
            softdep mlx4_core post: mlx4_en
            """
        #expect(
            try commands(text) == [
                .blacklist("usb_storage"), .install("dccp", command: "/bin/false  now"),
                .alias("net_pf_[2-9]*", module: "off"), .options("kvm_intel", text: "nested=0 ept=1"),
                .remove("iwlwifi", command: "/sbin/modprobe -r mac80211"),
                .softdep("mlx4_core", text: "post: mlx4_en"),
            ])
    }

    @Test func linesAreCountedThroughContinuations() throws {
        let file = try ModprobeFile.parse(Array("blacklist \\\n a\nblacklist b\n".utf8))
        #expect(file.lines == [.init(command: .blacklist("a"), number: 1), .init(command: .blacklist("b"), number: 3)])
    }

    @Test(arguments: [
        "", "blacklist\n", "install x\n", "install\n", "alias x\n", "alias a]b c\n", "blacklist a[b\n", "Blacklist a\n",
        " # blacklist a\n", "# a \\\nblacklist b\n", "options x\n", "include x.conf\n", "blacklisted a\n",
        "blacklist a\\",
    ])
    func whatKmodLeavesOutIsLeftOut(text: String) throws {
        #expect(try commands(text) == [])
    }

    @Test func aBackslashInsideALineIsDropped() throws {
        #expect(try commands("black\\list a\n") == [.blacklist("a")])
    }

    @Test func whatIsNoTextIsRefused() {
        #expect(throws: ParseError.self) { try ModprobeFile.parse([0x61, 0x00, 0x0a]) }
        #expect(throws: ParseError.self) { try ModprobeFile.parse([0xff, 0xfe, 0x0a]) }
        #expect(throws: ParseError.self) { try ModprobeFile.parse(Array(repeating: 0x61, count: 70_000)) }
        #expect(throws: ParseError.self) { try ModprobeFile.parse(Array(repeating: 0x0a, count: 100), limit: 10) }
        let many = String(repeating: "blacklist a\n", count: 20_001)
        #expect(throws: ParseError.self) { try ModprobeFile.parse(Array(many.utf8)) }
    }
}
