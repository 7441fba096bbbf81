import FirnModel
import FirnTestSupport
import Testing

@testable import FirnFacts

@Suite("facts of the boot")
struct BootFactsTests {
    private static let units = "/etc/systemd/system/"

    private func installer(_ path: String, _ files: [String: String]) throws -> Snapshot {
        try BootRoomSupport.boot(
            files.merging(["/toplevel/bin/switch-to-configuration": "export INSTALL_BOOTLOADER='\(path)'\n"]) { $1 })
    }

    // MARK: Loaders

    @Test(
        "which loader",
        arguments: [
            ("/nix/store/a-install-systemd-boot.sh", "systemd-boot"), ("/nix/store/a-install-grub.sh", "grub"),
            ("/nix/store/a-no-bootloader", "none"), ("", "none"), ("/nix/store/a-bootinstall", "lanzaboote"),
            ("/nix/store/a-custom", "external"),
        ])
    func loader(_ path: String, _ name: String) throws {
        let facts = try installer(
            path,
            ["/nix/store/a-bootinstall": "/nix/store/l/bin/lzbt install\n", "/nix/store/a-custom": "echo\n"])
        #expect(facts.fact("boot.loader")?.value == .string(name))
        if name == "lanzaboote" { #expect(facts.fact("boot.secure-boot")?.value == .boolean(true)) }
        if name == "external" { #expect(facts.isUnavailable("boot.loader.editor")) }
    }

    @Test func limineTellsByItsSetUp() throws {
        let files = [
            "/nix/store/a-limine-install.sh": "/nix/store/b-limine-install.py \"$@\"\n",
            "/nix/store/b-limine-install.py": "with open('/nix/store/c-limine-install.json') as f:\n",
            "/nix/store/c-limine-install.json":
                "{\"efiSupport\":true,\"enableEditor\":true,\"secureBoot\":{\"enable\":false},\"timeout\":null}",
        ]
        let facts = try installer("/nix/store/a-limine-install.sh", files)
        #expect(facts.fact("boot.loader")?.value == .string("limine"))
        #expect(facts.fact("boot.loader.editor")?.value == .boolean(true))
        #expect(facts.fact("boot.loader.timeout")?.value == .integer(-1))
        #expect(facts.fact("boot.secure-boot")?.value == .boolean(false))
        let gone = try installer("/nix/store/a-limine-install.sh", [:])
        #expect(gone.isUnavailable("boot.secure-boot") && gone.isUnavailable("boot.loader.editor"))
    }

    @Test func theScriptsOfOlderReleases() throws {
        let facts = try BootRoomSupport.boot([
            "/toplevel/bin/switch-to-configuration":
                "# Install or update the bootloader.\nif ($action eq \"boot\") {\n  system(\"/nix/store/b-systemd-boot-builder.py $out\");\n",
            "/nix/store/b-systemd-boot-builder.py": "if not \"1\" == \"1\":\n  f.write(\"editor 0\\n\")\n",
        ])
        #expect(facts.fact("boot.loader")?.value == .string("systemd-boot"))
        #expect(facts.fact("boot.loader.editor")?.value == .boolean(true))
        #expect(facts.isUnavailable("boot.loader.timeout"))
    }

    @Test func anInstallerThatIsGoneIsUnknown() throws {
        let facts = try installer("/nix/store/a-install-systemd-boot.sh", [:])
        #expect(facts.isUnavailable("boot.loader.editor"))
        let none = try BootRoomSupport.boot([:])
        #expect(none.isUnavailable("boot.loader") && none.isUnavailable("boot.loader.editor"))
    }

    private func grub(_ users: String, _ extra: String) throws -> Snapshot {
        try installer(
            "/nix/store/a-install-grub.sh",
            [
                "/nix/store/a-install-grub.sh": "perl /nix/store/p-install-grub.pl /nix/store/c-grub-config.xml $@\n",
                "/nix/store/c-grub-config.xml":
                    "<?xml version='1.0' encoding='utf-8'?>\n<expr><attrs><attr name=\"extraConfig\"><string value=\"\(extra)\" /></attr>"
                    + "<attr name=\"timeout\"><int value=\"5\" /></attr><attr name=\"users\"><attrs>\(users)</attrs></attr></attrs></expr>",
            ])
    }

    private static let root =
        "<attr name=\"root\"><attrs><attr name=\"hashedPassword\"><string value=\"grub.x\" /></attr></attrs></attr>"
    private static let plain =
        "<attr name=\"root\"><attrs><attr name=\"password\"><string value=\"hunter2\" /></attr></attrs></attr>"

    @Test(
        "who may edit the entries of GRUB",
        arguments: [
            ("", "", true), (root, "", false), ("", "set superusers=&quot;&quot;", true),
            (root, "set superusers=&quot;&quot;", true),
            ("", "set superusers=&quot;a&quot;&#xA;password_pbkdf2 a grub.x", false),
            (root, "# set superusers=&quot;&quot;", false), (root, "source /x.cfg", nil),
            ("", "if x; then&#xA;set superusers=a&#xA;fi", nil),
        ] as [(String, String, Bool?)])
    func grubEditor(_ users: String, _ extra: String, _ isOpen: Bool?) throws {
        let facts = try grub(users, extra)
        #expect(facts.fact("boot.loader.editor")?.value == isOpen.map { .boolean($0) })
        #expect(facts.isUnavailable("boot.loader.editor") == (isOpen == nil))
    }

    @Test func aPlainPasswordIsNamedAndNotShown() throws {
        let facts = try grub(Self.plain, "password anna hunter2")
        #expect(facts.list("boot.loader.plain-passwords") == ["anna", "root"])
        #expect(!facts.everyWord.contains("hunter2"))
        #expect(facts.fact("boot.loader.timeout")?.value == .integer(5))
    }

    @Test func whatLiesOnTheBootPartitionCounts() throws {
        let files = [
            "/nix/store/a-install-systemd-boot.sh": "/nix/store/b-systemd-boot/bin/systemd-boot \"$@\"\n",
            "/nix/store/b-systemd-boot/bin/systemd-boot": "EDITOR = \"\" == \"1\"\nTIMEOUT = \"5\"\n",
        ]
        let closure = try installer("/nix/store/a-install-systemd-boot.sh", files)
        #expect(closure.fact("boot.loader.editor")?.value == .boolean(false))
        let disk = try installer(
            "/nix/store/a-install-systemd-boot.sh",
            files.merging(["/boot/loader/loader.conf": "timeout menu-force\neditor yes\n"]) { $1 })
        #expect(disk.fact("boot.loader.editor")?.value == .boolean(true))
        #expect(disk.fact("boot.loader.timeout")?.value == .integer(-1))
        // A line that is missing leaves the editor on.
        let silent = try installer(
            "/nix/store/a-install-systemd-boot.sh", files.merging(["/boot/loader/loader.conf": "timeout 1\n"]) { $1 })
        #expect(silent.fact("boot.loader.editor")?.value == .boolean(true))
    }

    @Test func filesOfAnotherLoaderCountForNothing() throws {
        let facts = try installer(
            "/nix/store/a-install-grub.sh",
            ["/boot/loader/loader.conf": "editor no\n", "/boot/grub/grub.cfg": "set timeout=5\n"])
        #expect(facts.fact("boot.loader.editor")?.value == .boolean(true))
        let boot = try installer(
            "/nix/store/a-install-systemd-boot.sh", ["/boot/grub/grub.cfg": "set superusers=\"root\"\n"])
        #expect(boot.isUnavailable("boot.loader.editor"))
    }

    @Test func withoutAKernelThereIsNoLoader() throws {
        let facts = try BootRoomSupport.boot([:], hasOwnKernel: false)
        #expect(facts.fact("boot.loader")?.value == .string("none"))
        #expect(facts.fact("boot.loader.editor") == nil)
    }

    // MARK: Secrets of the initrd

    @Test func secretsOfTheInitrdInTheStore() throws {
        let script = "/toplevel/append-initrd-secrets"
        #expect(try BootRoomSupport.boot([:]).list("boot.initrd.secrets-in-store") == [])
        #expect(
            try BootRoomSupport.boot([
                script: "mkdir -p x\ncp -a /nix/store/k-key \"$tmp/etc/key\"\ncp -a /etc/secrets/b \"$tmp/b\"\n"
            ])
            .list("boot.initrd.secrets-in-store") == ["/nix/store/k-key"])
        #expect(try BootRoomSupport.boot([script: "-> /nix/store/gone"]).isUnavailable("boot.initrd.secrets-in-store"))
    }

    // MARK: Shells

    @Test func aDebugShellIsOneOnlyWhenItIsStarted() throws {
        let unit = Self.units + "debug-shell.service"
        let link = "-> /nix/store/s-systemd/example/systemd/system/debug-shell.service"
        #expect(try BootRoomSupport.boot([unit: link]).fact("boot.debug-shell")?.value == .boolean(false))
        for puller in [
            "sysinit.target.wants", "multi-user.target.requires", "sshd.service.wants", "basic.target.upholds",
        ] {
            let facts = try BootRoomSupport.boot([
                unit: link, Self.units + puller + "/debug-shell.service": "-> ../debug-shell.service",
            ])
            #expect(facts.fact("boot.debug-shell")?.value == .boolean(true), "\(puller)")
        }
        let rescue = try BootRoomSupport.boot([
            unit: link, Self.units + "rescue.target.wants/debug-shell.service": "-> ../debug-shell.service",
        ])
        #expect(rescue.fact("boot.debug-shell")?.value == .boolean(false))
        let masked = try BootRoomSupport.boot([
            unit: "-> /dev/null", Self.units + "sysinit.target.wants/debug-shell.service": "-> ../debug-shell.service",
        ])
        #expect(masked.fact("boot.debug-shell")?.value == .boolean(false))
    }

    @Test(
        "a debug shell of the kernel's command line",
        arguments: [
            ("systemd.debug-shell=1", true), ("systemd.debug_shell", true), ("systemd.debug_shell=ttyS0", true),
            ("systemd.debug_shell=1 systemd.debug_shell=no", false), ("rd.systemd.debug_shell", false),
            ("systemd.wants=debug-shell.service", true), ("quiet", false),
        ])
    func debugShell(_ line: String, _ isStarted: Bool) throws {
        let unit = Self.units + "debug-shell.service"
        let link = "-> /nix/store/s-systemd/example/systemd/system/debug-shell.service"
        let built = try BootRoomSupport.boot([unit: link, "/toplevel/kernel-params": line])
        #expect(built.fact("boot.debug-shell")?.value == .boolean(isStarted))
        let words = line.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ",")
        let declared = try BootRoomSupport.declaredBoot(
            "{\"boot\":{\"kernelParams\":[\(words)]},\"systemd\":{\"services\":{}}}")
        #expect(declared.fact("boot.debug-shell")?.value == .boolean(isStarted))
        let masked = try BootRoomSupport.boot([unit: "-> /dev/null", "/toplevel/kernel-params": line])
        #expect(masked.fact("boot.debug-shell")?.value == .boolean(false))
    }

    @Test(
        "AppArmor needs a profile and the kernel",
        arguments: [
            ("", "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", true), ("", "", false),
            ("apparmor=0", "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", false),
            ("lsm=landlock,yama", "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", false),
            (
                "security=selinux lsm=yama,apparmor",
                "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", true
            ),
            ("security=selinux", "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", false),
            (
                "apparmor=0 apparmor=1 security=apparmor",
                "ExecStart=/nix/store/p/bin/apparmor_parser --add /nix/store/h-notes\n", true
            ),
        ])
    func appArmor(_ line: String, _ start: String, _ confines: Bool) throws {
        let facts = try BootRoomSupport.boot([
            Self.units + "apparmor.service": "[Service]\nType=oneshot\n" + start,
            Self.units + "multi-user.target.wants/apparmor.service": "-> ../apparmor.service",
            "/toplevel/kernel-params": line,
        ])
        #expect(facts.fact("boot.apparmor")?.value == .boolean(confines))
        let policies = start.isEmpty ? "{}" : "{\"notes\":{\"state\":\"enforce\"}}"
        let words = line.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ",")
        let declared = try BootRoomSupport.declaredBoot(
            "{\"boot\":{\"kernelParams\":[\(words)]},\"security\":{\"apparmor\":{\"enable\":true,\"policies\":\(policies)}}}"
        )
        #expect(declared.fact("boot.apparmor")?.value == .boolean(confines))
    }

    private func backdoor(_ unit: String, _ script: String?) throws -> Snapshot {
        var files = [
            Self.units + "backdoor.service": unit,
            Self.units + "multi-user.target.wants/backdoor.service": "-> ../backdoor.service",
        ]
        files["/nix/store/b/bin/backdoor-start"] = script
        return try BootRoomSupport.boot(files)
    }

    @Test func theBackdoorOfTests() throws {
        let start = "[Service]\nExecStart=/nix/store/b/bin/backdoor-start \n"
        #expect(
            try backdoor("[Unit]\nRequires=dev-hvc0.device\n" + start, nil).fact("boot.test-backdoor")?.value
                == .boolean(true))
        #expect(try backdoor(start, "exec < /dev/hvc0\n").fact("boot.test-backdoor")?.value == .boolean(true))
        #expect(try backdoor(start, "sleep 1000\n").fact("boot.test-backdoor")?.value == .boolean(false))
        #expect(try backdoor(start, nil).isUnavailable("boot.test-backdoor"))
    }

    @Test(
        "shells on terminals",
        arguments: [
            ("StandardInput=tty\nExecStart=/bin/sh\n", true),
            ("StandardInput=tty-force\nExecStart=-/nix/store/b/bin/bash -l\n", true),
            ("StandardInput=tty\nUser=anna\nExecStart=/bin/sh\n", false), ("ExecStart=/bin/sh\n", false),
            ("StandardInput=tty\nExecStart=/nix/store/u/bin/agetty tty1\n", false),
            ("StandardInput=tty\nExecStart=/bin/sh -c \"echo\"\n", false),
            ("StandardInput=null\nExecStart=/bin/sh\n", false),
            ("StandardInput=tty\nExecStart=/bin/sh -c \"exec /bin/bash -l\"\n", true),
            ("StandardInput=tty\nExecStart=/nix/store/s/bin/menu-start \n", false),
            ("StandardInput=tty\nExecStart=/nix/store/s/bin/shell-start \n", true),
            ("StandardInput=tty\nExecStart=/bin/bash /nix/store/s/bin/menu\n", false),
            ("StandardInput=tty\nExecStart=/bin/bash --rcfile /etc/x -i\n", true),
        ])
    func consoleShells(_ service: String, _ isShell: Bool) throws {
        let facts = try BootRoomSupport.boot([
            Self.units + "my.service": "[Service]\n" + service,
            Self.units + "multi-user.target.wants/my.service": "-> ../my.service",
            "/nix/store/s/bin/menu-start": "#!/nix/store/b/bin/bash\nset -e\nbash /nix/store/s/ask\n",
            "/nix/store/s/bin/shell-start": "#!/nix/store/b/bin/bash\nset -e\ncd /root\nexec bash -i\n",
        ])
        #expect(facts.list("boot.console-shells") == (isShell ? ["my.service"] : []))
    }

    @Test(
        "shells of a locked root",
        arguments: [
            (
                "rescue.service.d/overrides.conf", "[Service]\nEnvironment=\"SYSTEMD_SULOGIN_FORCE=1\"\n",
                ["rescue.service"]
            ),
            ("emergency.service.d/a.conf", "[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=0\n", []),
            ("emergency.service.d/a.conf", "[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=yes\nEnvironment=\n", []),
        ] as [(String, String, [String])])
    func sulogin(_ file: String, _ text: String, _ names: [String]) throws {
        let facts = try BootRoomSupport.boot([
            Self.units + "rescue.service": "[Service]\n", Self.units + "emergency.service": "[Service]\n",
            Self.units + file: text,
        ])
        #expect(facts.list("boot.sulogin-force") == names)
    }

    @Test func theManagersEnvironmentReachesTheShellsToo() throws {
        let facts = try BootRoomSupport.boot([
            "/etc/systemd/system.conf":
                "[Manager]\n#DefaultEnvironment=SYSTEMD_SULOGIN_FORCE=0\nDefaultEnvironment=SYSTEMD_SULOGIN_FORCE=1\n"
        ])
        #expect(facts.list("boot.sulogin-force") == ["systemd"])
    }

    @Test func ctrlAltDel() throws {
        let unit = Self.units + "ctrl-alt-del.target"
        #expect(try BootRoomSupport.boot([:]).fact("boot.ctrl-alt-del")?.value == .string(""))
        #expect(
            try BootRoomSupport.boot([unit: "-> reboot.target"]).fact("boot.ctrl-alt-del")?.value
                == .string("reboot.target"))
        #expect(try BootRoomSupport.boot([unit: "-> /dev/null"]).fact("boot.ctrl-alt-del")?.value == .string(""))
    }

    // MARK: Nested systems

    @Test func nestedSystemsAreNamedOrUnknown() throws {
        let web = "SYSTEM_PATH=/nix/store/w-nixos-system-web-26.11\n"
        let inside = ["/nix/store/w-nixos-system-web-26.11/nixos-version": "26.11"]
        #expect(try BootRoomSupport.boot([:]).list("boot.nested-systems") == [])
        for directory in ["nixos-containers", "containers"] {
            let file = "/etc/\(directory)/web.conf"
            #expect(
                try BootRoomSupport.boot(inside.merging([file: web]) { $1 }).list("boot.nested-systems") == [
                    "container web"
                ])
            #expect(try BootRoomSupport.boot([file: web]).isUnavailable("boot.nested-systems"))
        }
        // Podman's own files lie in the same place, and say nothing of systems where they cannot be read.
        #expect(
            try BootRoomSupport.boot(["/etc/containers/storage.conf": "-> /nix/store/gone"]).list("boot.nested-systems")
                == [])
        #expect(
            try BootRoomSupport.boot(["/etc/containers/registries.conf": "[registries]\n"]).list("boot.nested-systems")
                == [])
        #expect(
            try BootRoomSupport.boot(["/etc/nixos-containers/x.conf": "PRIVATE_NETWORK=1\n"]).isUnavailable(
                "boot.nested-systems"))
    }

    @Test func microVMs() throws {
        let unit = [Self.units + "install-microvm-db.service": "[Service]\nExecStart=/nix/store/i/bin/start \n"]
        let runner = "/nix/store/r-microvm-qemu-db"
        let script = ["/nix/store/i/bin/start": "ln -sTf \(runner) current\n"]
        let system = [
            runner + "/share/microvm/system": "-> /nix/store/d-nixos-system-db-26.11",
            "/nix/store/d-nixos-system-db-26.11/nixos-version": "26.11",
        ]
        let all = unit.merging(script) { $1 }.merging(system) { $1 }
        #expect(try BootRoomSupport.boot(all).list("boot.nested-systems") == ["microvm db"])
        #expect(try BootRoomSupport.boot(unit).isUnavailable("boot.nested-systems"))
        let state = system.merging(["/var/lib/microvms/db/current": "-> " + runner]) { $1 }
        #expect(try BootRoomSupport.boot(state).list("boot.nested-systems") == ["microvm db"])
    }

    @Test func generationsWhoseSystemIsGone() throws {
        let facts = try BootRoomSupport.boot([
            "/nix/var/nix/profiles/system-41-link": "-> /nix/store/gone",
            "/nix/var/nix/profiles/system-42-link": "-> /toplevel",
            "/boot/loader/entries/nixos-generation-40.conf": "title NixOS\noptions init=/nix/store/gone-too/init\n",
        ])
        #expect(facts.list("boot.entries.dangling") == ["generation 41", "generation 40"])
        #expect(try BootRoomSupport.boot([:]).isAbsent("boot.entries.dangling"))
    }

    @Test func aSpecialisationHasNoLoaderOfItsOwn() throws {
        let view = SystemView(
            tree: MemoryTree(["/t/nixos-version": "26.11"]), toplevel: "/t", etcRoot: "/t/etc", isSpecialisation: true)
        let facts = BootRoomSupport.snapshot(
            try BootFacts.built(
                view, knowledge: try BootRoomSupport.knowledge.get(), context: SystemContext(hasOwnKernel: true)))
        #expect(facts.fact("boot.loader")?.value == .string("parent"))
        #expect(facts.isAbsent("boot.secure-boot") && facts.fact("boot.loader.editor") == nil)
    }

    // MARK: Declared

    @Test(
        "the initrd's shell",
        arguments: [
            ("\"emergencyAccess\":true,\"enable\":true", "26.11", "open"),
            ("\"emergencyAccess\":false,\"enable\":true", "26.11", "none"),
            ("\"emergencyAccess\":null,\"enable\":true", "26.11", "none"),
            ("\"emergencyAccess\":\"$y$hunter2\",\"enable\":true", "26.11", "password"),
            ("\"emergencyAccess\":\"\",\"enable\":true", "26.11", "open"),
            ("\"emergencyAccess\":true,\"enable\":false", "26.11", "none"),
            ("\"enable\":true", "26.11", nil),
        ] as [(String, String, String?)])
    func emergencyAccess(_ options: String, _ release: String, _ value: String?) throws {
        let facts = try BootRoomSupport.declaredBoot(
            "{\"boot\":{\"initrd\":{\"systemd\":{\(options)}}}}", release: release)
        #expect(facts.fact("boot.initrd.emergency-access")?.value == value.map { .string($0) })
        #expect(facts.isUnavailable("boot.initrd.emergency-access") == (value == nil))
        #expect(!facts.everyWord.contains("hunter2"))
    }

    @Test(
        "what an installer left behind",
        arguments: [
            ("{\"services\":{\"getty\":{\"autologinUser\":\"nixos\"}}}", true),
            ("{\"services\":{\"mingetty\":{\"autologinUser\":null}}}", false),
            ("{\"system\":{\"nixos\":{\"variant_id\":\"installer\"}}}", true), ("{}", nil),
        ] as [(String, Bool?)])
    func leftovers(_ options: String, _ isLeft: Bool?) throws {
        let facts = try BootRoomSupport.declaredBoot(options)
        #expect(facts.list("boot.installer-leftovers").map { !$0.isEmpty } == isLeft)
    }

    @Test func theInstallersLoginIsALeftover() throws {
        let getty =
            "[Service]\nExecStart=@/nix/store/u/bin/agetty agetty --login-program /l --autologin nixos --noclear\n"
        #expect(
            try BootRoomSupport.boot([Self.units + "getty@.service": getty]).list("boot.installer-leftovers") == [
                "the profile of an installer"
            ])
        #expect(try BootRoomSupport.boot([:]).list("boot.installer-leftovers") == [])
    }

    @Test func theScriptedInitrdOpensAShellForAParameter() throws {
        let facts = try BootRoomSupport.declaredBoot(
            "{\"boot\":{\"kernelParams\":[\"boot.shell_on_fail\"],\"initrd\":{\"systemd\":{\"enable\":false}}}}")
        #expect(facts.fact("boot.initrd.emergency-access")?.value == .string("open"))
    }

    @Test func keysThatAreBuiltIntoTheInitrd() throws {
        let facts = try BootRoomSupport.declaredBoot(
            """
            {"boot":{"initrd":{"secrets":{},"systemd":{"contents":{"/etc/ssh/ssh_host_ed25519_key":{"source":"/nix/store/k-key"},
            "/etc/ssh/ssh_host_ed25519_key.pub":{"source":"/nix/store/k-pub"},"/etc/hosts":{"text":"x"},
            "/off.key":{"enable":false,"source":"/nix/store/o"},"/crypt.bin":{"source":"/nix/store/c"}}},
            "luks":{"devices":{"a":{"keyFile":"/crypt.bin"}}}}}}
            """)
        #expect(facts.list("boot.initrd.secrets-in-store") == ["/nix/store/k-key"])
        #expect(facts.list("boot.initrd.luks-keys") == ["a"])
    }

    @Test func declaredShellsOnTerminals() throws {
        let facts = try BootRoomSupport.declaredBoot(
            """
            {"systemd":{"services":{
            "a":{"wantedBy":["multi-user.target"],"serviceConfig":{"StandardInput":"tty","ExecStart":"-/nix/store/b/bin/bash -l"}},
            "b":{"wantedBy":["multi-user.target"],"script":"cd /\\nexec bash\\n","serviceConfig":{"StandardInput":"tty-force","ExecStart":"/nix/store/x/bin/b-start "}},
            "c":{"serviceConfig":{"StandardInput":"tty","ExecStart":"/bin/sh"}},
            "d":{"wantedBy":["multi-user.target"],"serviceConfig":{"StandardInput":"tty","User":"anna","ExecStart":"/bin/sh"}},
            "e":{"wantedBy":["multi-user.target"],"enable":false,"serviceConfig":{"StandardInput":"tty","ExecStart":"/bin/sh"}},
            "debug-shell":{"wantedBy":["sysinit.target"],"serviceConfig":{"StandardInput":"tty","ExecStart":"/bin/sh"}}}}}
            """)
        #expect(facts.list("boot.console-shells") == ["a.service", "b.service"])
        #expect(try BootRoomSupport.declaredBoot("{}").isUnavailable("boot.console-shells"))
    }

    @Test(
        "where Secure Boot is possible",
        arguments: [
            ("\"grub\":{\"enable\":true,\"efiSupport\":false}", "", "absent"),
            ("\"grub\":{\"enable\":true,\"efiSupport\":true}", "", "false"),
            ("\"grub\":{\"enable\":true}", "", "absent"),
            ("\"grub\":{\"enable\":true}", ",\"/boot/efi\":{\"fsType\":\"vfat\"}", "false"),
            ("\"systemd-boot\":{\"enable\":true}", "", "false"),
        ])
    func secureBootIsForUEFI(_ loader: String, _ fileSystem: String, _ expected: String) throws {
        let facts = try BootRoomSupport.declaredBoot(
            "{\"boot\":{\"loader\":{\(loader)}},\"fileSystems\":{\"/\":{\"fsType\":\"ext4\"}\(fileSystem)}}")
        #expect(facts.isAbsent("boot.secure-boot") == (expected == "absent"))
        #expect((facts.fact("boot.secure-boot")?.value == .boolean(false)) == (expected == "false"))
    }

    @Test(arguments: [("", true), ("/dev/vda1 /boot vfat defaults\n", false)])
    func grubWithoutASystemPartitionStartsFromTheBIOS(_ fstab: String, _ isAbsent: Bool) throws {
        let facts = try installer("/nix/store/a-install-grub.sh", ["/etc/fstab": fstab])
        #expect(facts.isAbsent("boot.secure-boot") == isAbsent)
    }

    @Test func keysThatComeWithTheInitrd() throws {
        let facts = try BootRoomSupport.declaredBoot(
            """
            {"boot":{"initrd":{"secrets":{"/crypt.key":"/nix/store/x-crypt.key","/b":null},"network":{"ssh":{"hostKeys":["/nix/store/y-host"]}},
            "luks":{"devices":{"a":{"keyFile":"/crypt.key"},"b":{"keyFile":"/dev/sdb","tryEmptyPassphrase":true},"c":{"keyFile":null}}}}}}
            """)
        #expect(facts.list("boot.initrd.luks-keys") == ["a"])
        #expect(facts.list("boot.initrd.luks-empty-passphrase") == ["b"])
        #expect(facts.list("boot.initrd.secrets-in-store") == ["/nix/store/x-crypt.key", "/nix/store/y-host"])
    }

    @Test func declaredLoaders() throws {
        func loader(_ text: String) throws -> FactValue? {
            try BootRoomSupport.declaredBoot("{\"boot\":\(text)}").fact("boot.loader")?.value
        }
        #expect(try loader("{\"loader\":{\"grub\":{\"enable\":true}}}") == .string("grub"))
        #expect(
            try loader(
                "{\"loader\":{\"grub\":{\"enable\":false},\"systemd-boot\":{\"enable\":false}},\"lanzaboote\":{\"enable\":true}}"
            ) == .string("lanzaboote"))
        #expect(
            try loader(
                "{\"loader\":{\"grub\":{\"enable\":false},\"systemd-boot\":{\"enable\":false},\"generic-extlinux-compatible\":{\"enable\":false}}}"
            ) == .string("none"))
        // An export that lacks a loader every release has does not tell that there is none.
        #expect(try loader("{\"loader\":{\"grub\":{\"enable\":false},\"systemd-boot\":{\"enable\":false}}}") == nil)
        #expect(try loader("{}") == nil)
    }

    @Test func declaredServices() throws {
        let facts = try BootRoomSupport.declaredBoot(
            """
            {"systemd":{"services":{"rescue":{"environment":{"SYSTEMD_SULOGIN_FORCE":"1"}},
            "debug-shell":{"wantedBy":["rescue.target"]}},"targets":{"sysinit":{"wants":["debug-shell.service"]}}}}
            """)
        #expect(facts.list("boot.sulogin-force") == ["rescue.service"])
        #expect(facts.fact("boot.debug-shell")?.value == .boolean(true))
        #expect(try BootRoomSupport.declaredBoot("{}").isUnavailable("boot.debug-shell"))
    }

    @Test func profilesOfAppArmor() throws {
        let facts = try BootRoomSupport.declaredBoot(
            """
            {"security":{"apparmor":{"enable":true,"policies":{"a":{"state":"complain"},"b":{"state":"disable"},
            "c":{"enforce":false,"enable":true},"d":{"enforce":true,"enable":true},"e":{"enable":false}}}}}
            """)
        #expect(facts.list("boot.apparmor.complaining") == ["a", "c"])
        #expect(facts.list("boot.apparmor.profiles") == ["a", "c", "d"])
    }
}
