import FirnFacts
import FirnModel
import FirnTestSupport
import Testing

@Suite struct KconfigFactsTests {
    static let header = "# Linux/x86 6.18.37 Kernel Configuration\n"
    static let place = KernelSupport.kernel + "/config"

    private func built(_ configuration: String, parameters: String = "loglevel=4") throws -> Snapshot {
        try KernelSupport.built([Self.place: Self.header + configuration], parameters: parameters)
    }

    @Test func optionsAreFactsWithTheirLine() throws {
        let snapshot = try built(
            "CONFIG_SECCOMP=y\nCONFIG_IP_SCTP=m\nCONFIG_PANIC_TIMEOUT=-1\n# CONFIG_DEVMEM is not set\n"
                + "CONFIG_LSM=\"yama,bpf\"\n")
        #expect(snapshot.known("kconfig.available") == .boolean(true))
        #expect(snapshot.known("kconfig.CONFIG_SECCOMP") == .string("y"))
        #expect(snapshot.known("kconfig.CONFIG_IP_SCTP") == .string("m"))
        #expect(snapshot.known("kconfig.CONFIG_PANIC_TIMEOUT") == .integer(-1))
        #expect(snapshot.known("kconfig.CONFIG_LSM") == .string("yama,bpf"))
        #expect(snapshot.isAbsent("kconfig.CONFIG_DEVMEM"))
        #expect(snapshot.shown("kconfig.CONFIG_DEVMEM") == "\(Self.place):5 # CONFIG_DEVMEM is not set")
        #expect(snapshot.isAbsent("kconfig.CONFIG_KASAN_HW_TAGS"))
        #expect(snapshot.reason("kconfig.CONFIG_NOBODY_ASKS")?.contains("table") == true)
    }

    @Test func withoutAConfigurationOnlyThatIsSaid() throws {
        let snapshot = try KernelSupport.built([:])
        #expect(snapshot.known("kconfig.available") == .boolean(false))
        #expect(snapshot.fact("kconfig.CONFIG_SECCOMP") == nil)
    }

    @Test(arguments: [
        "/etc/kernel/config", KernelSupport.kernel + "/.config", KernelSupport.kernel + "/config-6.18.37",
        KernelSupport.kernel + "/lib/modules/6.18.37/build/.config",
        "/toplevel/kernel-modules/lib/modules/6.18.37/build/.config",
    ])
    func placesThatAreTiedToTheKernelAreRead(path: String) throws {
        let snapshot = try KernelSupport.built([path: Self.header + "CONFIG_SECCOMP=y\n"])
        #expect(snapshot.known("kconfig.CONFIG_SECCOMP") == .string("y"))
    }

    /// The store name of a kernel stays the same under another configuration, so a name proves nothing.
    @Test(arguments: [
        "/nix/store/11111111111111111111111111111111-linux-6.18.37-dev/lib/modules/6.18.37/build/.config",
        "/boot/config-6.18.37", "/nix/store/11111111111111111111111111111111-linux-config-6.18.37",
    ])
    func aFileThatOnlyHasTheNameIsNotTaken(path: String) throws {
        let snapshot = try KernelSupport.built([path: Self.header + "CONFIG_SECCOMP=y\n"])
        #expect(snapshot.known("kconfig.available") == .boolean(false))
    }

    @Test(arguments: [
        ("# Linux/x86 6.12.1 Kernel Configuration\nCONFIG_SECCOMP=y\n", "6.12.1"),
        ("CONFIG_SECCOMP=y\n", "which kernel"),
        ("# Linux/x86 6.18.37 Kernel Configuration\nCONFIG_SECCOMP\n", "line 2"), ("\u{1f}\u{fffd}", "line 1"),
    ])
    func aConfigurationThatCannotBeUsedMakesAllUnavailable(text: String, word: String) throws {
        let snapshot = try KernelSupport.built([Self.place: text])
        for key in ["kconfig.available", "kconfig.CONFIG_SECCOMP", "kconfig.CONFIG_DEVMEM"] {
            #expect(snapshot.reason(key)?.contains(word) == true)
        }
        #expect(snapshot.reason("sysctl.kernel.dmesg_restrict") != nil)
    }

    @Test func aCompressedOneIsSaidToBe() throws {
        let snapshot = try KernelSupport.built([KernelSupport.kernel + "/config.gz": "x"])
        #expect(snapshot.reason("kconfig.CONFIG_SECCOMP")?.contains("compressed") == true)
    }

    @Test func aPatchedKernelsOwnConfigurationIsItsOwn() throws {
        let snapshot = try KernelSupport.built(
            [Self.place: "# Linux/x86 6.18.37-hardened1 Kernel Configuration\nCONFIG_SECCOMP=y\n"])
        #expect(snapshot.known("kconfig.CONFIG_SECCOMP") == .string("y"))
    }

    @Test func aContainerHasNone() throws {
        let snapshot = try KernelSupport.built([:], context: SystemContext(release: "26.05", hasOwnKernel: false))
        #expect(snapshot.fact("kconfig.available") == nil)
    }

    @Test func theOptionsDoNotCarryIt() throws {
        #expect(try KernelSupport.declared("{}").fact("kconfig.available") == nil)
    }

    // MARK: - Defaults of other families (docs/adr/0003)

    @Test func settingsThatNothingSetsHaveTheConfiguredDefault() throws {
        let snapshot = try built(
            "CONFIG_SECURITY_DMESG_RESTRICT=y\nCONFIG_BPF_UNPRIV_DEFAULT_OFF=y\nCONFIG_SECURITY_YAMA=y\n"
                + "CONFIG_MAGIC_SYSRQ_DEFAULT_ENABLE=0x1\nCONFIG_PANIC_TIMEOUT=0\n# CONFIG_COMPAT_BRK is not set\n"
                + "CONFIG_ARCH_MMAP_RND_BITS=28\nCONFIG_MODPROBE_PATH=\"/sbin/modprobe\"\n")
        for (key, value) in [
            ("dmesg_restrict", FactValue.integer(1)), ("unprivileged_bpf_disabled", .integer(2)),
            ("yama.ptrace_scope", .integer(1)), ("sysrq", .integer(1)), ("panic", .integer(0)),
            ("randomize_va_space", .integer(2)), ("panic_on_oops", .integer(0)),
            ("modprobe", .string("/sbin/modprobe")),
        ] {
            #expect(snapshot.known("sysctl.kernel.\(key)") == value, "\(key)")
        }
        #expect(snapshot.known("sysctl.vm.mmap_rnd_bits") == .integer(28))
        #expect(snapshot.known("sysctl.dev.tty.ldisc_autoload") == .integer(0))
        #expect(snapshot.shown("sysctl.kernel.dmesg_restrict").contains("CONFIG_SECURITY_DMESG_RESTRICT=y"))
        // Yama that is not built has no setting: nothing is claimed.
        #expect(try built("CONFIG_SECCOMP=y\n").reason("sysctl.kernel.yama.ptrace_scope") != nil)
        #expect(try built("CONFIG_SECCOMP=y\n").known("sysctl.kernel.dmesg_restrict") == .integer(0))
        #expect(try KernelSupport.built([:]).reason("sysctl.kernel.dmesg_restrict") != nil)
    }

    @Test func aFileStillBeatsTheDefault() throws {
        let snapshot = try KernelSupport.built([
            Self.place: Self.header + "CONFIG_SECURITY_DMESG_RESTRICT=y\n",
            "/etc/sysctl.d/60-nixos.conf": "kernel.dmesg_restrict=0\n",
        ])
        #expect(snapshot.known("sysctl.kernel.dmesg_restrict") == .integer(0))
    }

    @Test func parametersThatAreNotOnTheLineHaveTheConfiguredDefault() throws {
        let snapshot = try built(
            "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\n# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set\n"
                + "CONFIG_SLAB_MERGE_DEFAULT=y\nCONFIG_LEGACY_VSYSCALL_XONLY=y\nCONFIG_KFENCE=y\n"
                + "CONFIG_KFENCE_SAMPLE_INTERVAL=100\nCONFIG_LSM=\"landlock,yama\"\nCONFIG_DEBUG_FS_ALLOW_NONE=y\n"
                + "CONFIG_IA32_EMULATION=y\n")
        for (name, value) in [
            ("init_on_alloc", FactValue.boolean(true)), ("init_on_free", .boolean(false)),
            ("slab_nomerge", .boolean(false)), ("vsyscall", .string("xonly")),
            ("kfence.sample_interval", .integer(100)), ("lsm", .strings(["landlock", "yama"])),
            ("debugfs", .string("off")), ("ia32_emulation", .boolean(true)), ("module.sig_enforce", .boolean(false)),
        ] {
            #expect(snapshot.known("cmdline.\(name)") == value, "\(name)")
        }
        #expect(snapshot.isAbsent("cmdline.lockdown"))
        #expect(snapshot.shown("cmdline.init_on_alloc").contains("CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y"))
        #expect(try KernelSupport.built([:]).reason("cmdline.init_on_alloc") != nil)
    }

    @Test func theLineBeatsTheConfiguration() throws {
        let snapshot = try built("CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\n", parameters: "init_on_alloc=0")
        #expect(snapshot.known("cmdline.init_on_alloc") == .boolean(false))
    }

    /// `lockdown=` and `module.sig_enforce=1` do nothing on the stock kernel of nixpkgs.
    @Test func aParameterTheKernelIsBuiltWithoutDoesNothing() throws {
        let line = "lockdown=integrity module.sig_enforce=1"
        let without = try built("CONFIG_SECCOMP=y\n", parameters: line)
        #expect(without.isAbsent("cmdline.lockdown"))
        #expect(without.isAbsent("cmdline.module.sig_enforce"))
        #expect(without.shown("cmdline.lockdown").contains("built without CONFIG_SECURITY_LOCKDOWN_LSM"))
        let with = try built("CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_MODULE_SIG=y\n", parameters: line)
        #expect(with.known("cmdline.lockdown") == .string("integrity"))
        #expect(with.known("cmdline.module.sig_enforce") == .boolean(true))
    }

    @Test func everyOptionARuleAsksForIsInTheTable() throws {
        let knowledge = try KernelSupport.knowledge.get()
        let options = Set(knowledge.tables["kconfig"]?["options"]?.strings ?? [])
        for table in ["sysctl-defaults", "cmdline"] {
            for row in (knowledge.tables[table]?["setting"] ?? knowledge.tables[table]?["parameter"])?.elements ?? [] {
                var names: [String] = []
                if row["kconfig-values"] != nil || row["kconfig-as-is"] != nil {
                    names += [row["kconfig"]?.string].compactMap { $0 }
                }
                names += [row["default-value-of"]?.string, row["needs-kconfig"]?.string].compactMap { $0 }
                names += (row["default-choices"]?.elements ?? []).compactMap { $0["option"]?.string }
                #expect(options.isSuperset(of: names), "\(names)")
            }
        }
        let text = String(decoding: try Repository.bytes("profiles/rules/kconfig.toml"), as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("fact = \"kconfig.CONFIG_") {
            let name = String(line.dropFirst("fact = \"kconfig.".count).dropLast())
            #expect(options.contains(name), "\(name)")
        }
    }
}
