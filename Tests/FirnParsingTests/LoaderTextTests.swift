import FirnParsing
import Testing

@Suite("texts of boot loaders")
struct LoaderTextTests {
    @Test func loaderConf() throws {
        let conf = try LoaderText.parse(Array("# c\ntimeout 3\neditor\tyes\neditor no\ndefault\n".utf8))
        #expect(conf.last("editor")?.value == "no")
        #expect(conf.last("editor")?.line == 4)
        #expect(conf.last("timeout")?.value == "3")
        #expect(conf.last("default") == nil)
        #expect(LoaderText.boolean("On") == true && LoaderText.boolean("0") == false && LoaderText.boolean("2") == nil)
    }

    @Test func entry() throws {
        let entry = try LoaderText.parse(
            Array("title NixOS\noptions init=/nix/store/a-nixos-system-x-25.05/init loglevel=4\n".utf8))
        #expect(entry.toplevel == "/nix/store/a-nixos-system-x-25.05")
        #expect(BootEntry.toplevel(inOptions: "quiet init=/bin/sh") == nil)
    }

    @Test(arguments: [[0xff, 0x20, 0x0a], [0x61, 0x00]] as [[UInt8]])
    func notText(_ bytes: [UInt8]) {
        #expect(throws: ParseError.self) { try LoaderText.parse(bytes) }
        #expect(throws: ParseError.self) { try GrubConfiguration.parse(bytes) }
        #expect(throws: ParseError.self) { try SystemdBootBuilder.parse(bytes) }
    }

    private func grub(_ text: String) throws -> GrubConfiguration { try GrubConfiguration.parse(Array(text.utf8)) }

    @Test func grubEntries() throws {
        let conf = try grub(
            """
            set timeout=5
            set superusers="root"
            password_pbkdf2 root grub.pbkdf2.sha512.10000.AA.BB
            password guest secret
            menuentry "NixOS" --class nixos --unrestricted {
            search --set=drive1 --fs-uuid X
              linux ($drive1)//nix/store/k/bzImage init=/nix/store/a-nixos-system-x-1/init loglevel=4
            }
            submenu "NixOS - All configurations" {
            menuentry "NixOS - Configuration 41 (2026)" {
              linux /k init=/nix/store/b-nixos-system-x-1/init
            }
            }
            """)
        #expect(conf.superusers?.names == ["root"])
        #expect(conf.users.map(\.name) == ["root", "guest"])
        #expect(conf.users.map(\.isPlain) == [false, true])
        #expect(conf.entries.map(\.title) == ["NixOS", "NixOS - Configuration 41 (2026)"])
        #expect(conf.entries.map(\.toplevel) == ["/nix/store/a-nixos-system-x-1", "/nix/store/b-nixos-system-x-1"])
        #expect(conf.timeout?.value == "5")
        #expect(conf.unclear == nil)
    }

    @Test(
        "what may change who is a superuser is not passed over",
        arguments: [
            "source /boot/grub/custom.cfg", "if true; then\nset superusers=\"a\"\nfi", "set superusers=\"$x\"",
            "configfile x", "eval superusers=a",
        ])
    func unclear(_ text: String) throws {
        #expect(try grub(text).unclear != nil)
    }

    @Test func theLastSuperusersCount() throws {
        #expect(try grub("set superusers=\"a\"\nset superusers=\"\"\n").superusers?.names == [])
        #expect(try grub("set superusers='a,b'\n").superusers?.names == ["a", "b"])
        #expect(try grub("set superusers=\"a\"\nunset superusers\n").superusers?.names == [])
        #expect(try grub("# set superusers=\"a\"\n").superusers == nil)
    }

    @Test(
        "what the installer of systemd-boot has built in",
        arguments: [
            ("EDITOR = \"1\" == \"1\"  # noqa\nTIMEOUT = \"5\"\n", true, "5"),
            ("EDITOR = \"\" == \"1\"\nTIMEOUT = \"\"\n", false, ""),
            (
                "        if \"5\" != \"\":\n            f.write(\"timeout 5\\n\")\n        if not \"1\" == \"1\":\n            f.write(\"editor 0\\n\");\n",
                true, "5"
            ),
            ("if not \"\" == \"1\":\n  f.write(\"editor 0\\n\")\n", false, nil),
            ("nothing\n", nil, nil),
        ] as [(String, Bool?, String?)])
    func builder(_ text: String, _ editor: Bool?, _ timeout: String?) throws {
        let builder = try SystemdBootBuilder.parse(Array(text.utf8))
        #expect(builder.editor?.value == editor)
        #expect(builder.timeout?.value == timeout)
    }

    @Test func attributesOfNixHaveLineEndsByNumber() throws {
        let root = try FirewalldElement.parse(Array("<string value=\"a&#xA;b&#10;c&quot;\" />".utf8))
        #expect(root.attributes["value"] == "a\nb\nc\"")
    }
}
