import FirnParsing
import Testing

@Suite("fstab, options of mounts, special mounts")
struct FSTabTests {
    private func parse(_ text: String) throws -> FSTab { try FSTab.parse(Array(text.utf8)) }

    @Test func fieldsAndEscapes() throws {
        let table = try parse(
            "# c\n\n  LABEL=a\\040b\t/mnt/x\\011y\\134z ext4 noatime,nosuid 0 2\n/dev/vda2 none swap\n#/dev/x / y\n")
        #expect(table.entries.count == 2)
        #expect(table.entries[0].source == "LABEL=a b")
        #expect(table.entries[0].target == "/mnt/x\ty\\z")
        #expect(table.entries[0].options == "noatime,nosuid")
        #expect(table.entries[0].line == 3)
        #expect(table.entries[1].options == nil)
        #expect(table.ignored.isEmpty)
    }

    @Test func whatIsLeftOutIsNamed() throws {
        let table = try parse("one\none two\n/dev/a /b ext4 defaults x 0\n/dev/a /b ext4 defaults 0 y\n")
        #expect(table.entries.isEmpty)
        #expect(table.ignored.map(\.line) == [1, 2, 3, 4])
    }

    @Test(
        "malformed",
        arguments: [[0x2f, 0x00, 0x2f], [0xff, 0xfe, 0x20], [UInt8](repeating: 0x20, count: 1 << 20 + 1)])
    func refused(_ bytes: [UInt8]) {
        #expect(throws: ParseError.self) { try FSTab.parse(bytes) }
    }

    @Test(
        "the flags in force",
        arguments: [
            ("", []), ("defaults", []), ("nosuid,defaults", ["nosuid"]), ("nosuid,suid", []),
            ("suid,nosuid", ["nosuid"]),
            ("user", ["nodev", "noexec", "nosuid"]), ("user,exec", ["nodev", "nosuid"]),
            ("exec,user", ["nodev", "noexec", "nosuid"]),
            ("users,suid,dev", ["noexec"]), ("owner", ["nodev", "nosuid"]), ("group,dev", ["nosuid"]),
            ("user=name", []), ("ro,rw", []), ("rw,ro", ["ro"]), ("x=\"nosuid,nodev\"", []), ("NOSUID", []),
            ("nosuid,,nodev,", ["nodev", "nosuid"]), ("nosymfollow", ["nosymfollow"]),
            ("comment=\"a,b\",noexec", ["noexec"]),
        ] as [(String, [String])])
    func flags(_ text: String, _ words: [String]) {
        #expect(MountOptions(text).flags.words == words)
    }

    @Test func valuesAndUsers() {
        let options = MountOptions("mode=0755,mode=1777,user,nouser,password=\"a,b\"")
        #expect(options.value("mode") == "1777")
        #expect(options.value("password") == "a,b")
        #expect(!options.isUserMountable)
        #expect(MountOptions("nouser,users").isUserMountable)
        #expect(!MountOptions("user=anna").isUserMountable)
    }

    @Test func specialMounts() throws {
        let text =
            "specialMount \"proc\" \"/proc\" \"nosuid,hidepid=2\" \"proc\"\n\n# c\nspecialMount \"a\" \"/b c\" \"\" \"tmpfs\"\n"
        let mounts = try SpecialMounts.parse(Array(text.utf8))
        #expect(mounts.entries.map(\.target) == ["/proc", "/b c"])
        #expect(mounts.entries[0].options == "nosuid,hidepid=2")
        #expect(mounts.entries[1].line == 4)
    }

    @Test(
        "other commands among the special mounts are refused",
        arguments: [
            "mount /dev/x /y\n", "specialMount \"a\" \"b\" \"c\"\n", "specialMount \"a\" \"b\" \"$o\" \"d\"\n",
            "specialMount \"a\" \"b\" \"c\" \"d\"; rm x\n", "specialMount \"a\" \"b\" \"c\" \"d\n",
        ])
    func specialRefused(_ text: String) {
        #expect(throws: ParseError.self) { try SpecialMounts.parse(Array(text.utf8)) }
    }
}
