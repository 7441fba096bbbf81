import FirnParsing
import Testing

@Suite struct KernelConfigurationFileTests {
    private func parse(_ text: String) throws(ParseError) -> KernelConfigurationFile {
        try KernelConfigurationFile.parse(Array(text.utf8))
    }

    @Test func everyKindOfValueIsRead() throws {
        let file = try parse(
            """
            #
            # Automatically generated file; DO NOT EDIT.
            # Linux/x86 6.18.37 Kernel Configuration
            #
            CONFIG_CC_VERSION_TEXT="gcc \\"14\\" \\\\ x"
            CONFIG_SECCOMP=y
            CONFIG_IP_SCTP=m
            # CONFIG_DEVKMEM is not set
            CONFIG_PANIC_TIMEOUT=-1
            CONFIG_PHYSICAL_START=0x1000000
            CONFIG_X86_64_n=n

            """)
        #expect(file.version == "6.18.37")
        #expect(file.settings["CONFIG_CC_VERSION_TEXT"]?.value == .text("gcc \"14\" \\ x"))
        #expect(file.settings["CONFIG_SECCOMP"] == .init(value: .builtIn, line: 6))
        #expect(file.settings["CONFIG_IP_SCTP"]?.value == .module)
        #expect(file.settings["CONFIG_DEVKMEM"] == .init(value: .off, line: 8))
        #expect(file.settings["CONFIG_PANIC_TIMEOUT"]?.value == .number(-1))
        #expect(file.settings["CONFIG_PHYSICAL_START"]?.value == .number(0x1000000))
        #expect(file.settings["CONFIG_X86_64_n"]?.value == .off)
        #expect(file.settings["CONFIG_NOWHERE"] == nil)
    }

    @Test func theLastLineOfAnOptionWins() throws {
        let file = try parse("CONFIG_A=y\n# CONFIG_A is not set\nCONFIG_B=m\nCONFIG_B=y\n")
        #expect(file.settings["CONFIG_A"] == .init(value: .off, line: 2))
        #expect(file.settings["CONFIG_B"] == .init(value: .builtIn, line: 4))
    }

    @Test func onlyAskedNamesAreKept() throws {
        let file = try KernelConfigurationFile.parse(Array("CONFIG_A=y\nCONFIG_B=y\n".utf8), keeping: ["CONFIG_B"])
        #expect(Array(file.settings.keys) == ["CONFIG_B"])
    }

    @Test(arguments: [
        ("CONFIG_A\n", 1), ("CONFIG_A=y\nA=y\n", 2), ("CONFIG_A=maybe\n", 1), ("CONFIG_A=\"open\n", 1),
        ("CONFIG_A=\"x\" y\n", 1), ("CONFIG_A B=y\n", 1), ("CONFIG_=y\n", 1), ("CONFIG_A=\n", 1),
        ("CONFIG_A=99999999999999999999\n", 1), ("# only comments\n", 1), ("", 1), ("CONFIG_A=y\u{0}\n", 1),
    ])
    func whatIsNoConfigurationIsRefusedWithItsLine(text: String, line: Int) throws {
        let error = #expect(throws: ParseError.self) { try self.parse(text) }
        #expect(error?.line == line)
    }

    @Test func lengthsAreBounded() {
        let long = "CONFIG_A=\"" + String(repeating: "x", count: 20_000) + "\"\n"
        #expect(throws: ParseError.self) { try self.parse(long) }
        #expect(throws: ParseError.self) {
            try KernelConfigurationFile.parse(Array(repeating: 0x23, count: 100), limit: 50)
        }
    }
}
