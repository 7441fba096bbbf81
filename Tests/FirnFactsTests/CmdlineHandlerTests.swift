import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@testable import FirnFacts

/// A line, the kernel that reads it, a fact and what the handler's source makes of it.
struct CmdlineCase: Sendable, CustomTestStringConvertible {
    var line: String
    var kernel: String?
    var fact: String
    var expected: String
    var reason: String

    init(_ line: String, _ kernel: String?, _ fact: String, _ expected: String, _ reason: String) {
        self.line = line
        self.kernel = kernel
        self.fact = fact
        self.expected = expected
        self.reason = reason
    }

    var testDescription: String { "\(fact) of [\(line)] on \(kernel ?? "an unknown kernel"): \(reason)" }
}

@Suite("Kernel command line: handlers")
struct CmdlineHandlerTests {
    static let mitigations: [CmdlineCase] = [
        .init("quiet", "6.12.17", "mitigations", "absent", "not there"),
        .init("mitigations=off", "5.4.53", "mitigations", "'off'", "cpu.c"),
        .init("mitigations=off mitigations=auto", "6.12.17", "mitigations", "'auto'", "a later one replaces whole"),
        .init("mitigations=auto,nosmt mitigations=auto", "6.12.17", "mitigations", "'auto'", "nothing is merged"),
        .init("mitigations=off mitigations=none", "6.12.17", "mitigations", "'off'", "unsupported leaves the setting"),
        .init("mitigations=none", "6.12.17", "mitigations", "?", "not a value the handler knows"),
        .init("mitigations=off,no_user_user", "6.12.17", "mitigations", "?", "no vectors before 6.17: strcmp"),
        .init("mitigations=off mitigations=auto", "6.18.37", "mitigations", "'off'", "6.17: vectors are only cleared"),
        .init(
            "mitigations=auto,nosmt mitigations=auto", "6.18.37", "mitigations", "'auto,nosmt'", "6.17: SMT stays on"),
        .init("mitigations=auto,no_user_kernel", "6.18.37", "mitigations", "'auto,no_user_kernel'", "one vector"),
        .init("mitigations=offline", "6.18.37", "mitigations", "'off'", "6.17: strncmp, the rest is reported"),
        .init(
            "mitigations=,no_guest_host", "6.18.37", "mitigations", "'auto,no_guest_host'", "no global option is auto"),
        .init(
            "mitigations=no_guest_host", "6.18.37", "mitigations", "?", "the first byte after the option is no comma"),
        .init(
            "mitigations=auto,no_user_kernel,no_user_user,no_guest_host,no_guest_guest", "6.18.37", "mitigations",
            "'off'", "off is every vector off"),
        .init("mitigations=off mitigations=auto", nil, "mitigations", "?", "the kernel decides and is not known"),
        .init("mitigations=off", nil, "mitigations", "'off'", "all kernels agree"),
        .init("mitigations", "6.12.17", "mitigations", "?", "strcmp of a null pointer"),
        .init("quiet -- mitigations=off", "6.12.17", "mitigations", "absent", "belongs to init"),
        // Sibling threads.
        .init("quiet", "6.12.17", "smt", "'on'", "nothing asks for it"),
        .init("nosmt", "6.12.17", "smt", "'off'", "smt_cmdline_disable"),
        .init("nosmt=force nosmt", "6.12.17", "smt", "'forceoff'", "cpu_smt_disable returns when force is set"),
        .init("nosmt nosmt=force", "6.12.17", "smt", "'forceoff'", "force comes over off"),
        .init("nosmt=off", "6.12.17", "smt", "'off'", "only force is compared; nothing switches on again"),
        .init("mitigations=auto,nosmt", "6.12.17", "smt", "'conditional'", "only where a bug needs it"),
        .init("l1tf=full,force", "6.12.17", "smt", "'conditional'", "only on processors with L1TF"),
        .init("mds=full,nosmt", "6.18.37", "smt", "'conditional'", "mds_nosmt"),
        .init("mitigations=auto,nosmt nosmt", "6.12.17", "smt", "'off'", "the request does not ask the processor"),
        // pti and nopti.
        .init("pti=on", "6.12.17", "pti", "'on'", "pti.c"),
        .init("nopti", "5.4.53", "pti", "'off'", "pti.c"),
        .init("nopti pti=on", "5.4.53", "pti", "'on'", "before the rewrite pti= ends the decision"),
        .init("pti=on nopti", "5.4.53", "pti", "'on'", "whatever the order"),
        .init("pti=on nopti", "6.12.17", "pti", "'off'", "early_param: the last one"),
        .init("nopti pti=on", "6.12.17", "pti", "'on'", "early_param: the last one"),
        .init("pti=on nopti", "6.6.50", "pti", "?", "the release of the change is not known"),
        .init("pti=on", "6.6.50", "pti", "'on'", "both handlers agree"),
        .init("mitigations=off", "6.12.17", "pti", "'off'", "cpu_mitigations_off"),
        .init("mitigations=off pti=on", "6.1.100", "pti", "'on'", "goto enable comes first"),
        .init("mitigations=off pti=on", "6.12.17", "pti", "'off'", "cpu_mitigations_off overrides"),
        .init("mitigations=off pti=on", "6.18.37", "pti", "'on'", "6.17: only auto follows the vectors"),
        .init("mitigations=auto,no_user_kernel", "6.18.37", "pti", "'off'", "6.17: user_kernel"),
        .init("mitigations=auto,no_guest_host", "6.18.37", "pti", "absent", "not pti's vector"),
        .init("pti=maybe", "6.12.17", "pti", "?", "-EINVAL"),
        .init("pti=off pti=maybe", "6.12.17", "pti", "'off'", "-EINVAL leaves the mode"),
        .init("pti=\"on\"", "5.4.53", "pti", "?", "cmdline_find_option knows no quotes, and \"on\" is no mode"),
        .init("pti=\"on\"", "6.12.17", "pti", "'on'", "next_arg removes the quotes"),
        .init("quiet -- nopti", "5.4.53", "pti", "'off'", "the raw search reads past --"),
        // Spectre v2 and speculative store bypass.
        .init("nospectre_v2 spectre_v2=on", "6.12.17", "spectre_v2", "'off'", "nospectre_v2 ends the decision"),
        .init("spectre_v2=on nospectre_v2", "6.18.37", "spectre_v2", "'off'", "wherever it stands"),
        .init("spectre_v2=off spectre_v2=auto", "6.12.17", "spectre_v2", "'auto'", "the last instance"),
        .init("mitigations=off spectre_v2=on", "6.12.17", "spectre_v2", "'off'", "cpu_mitigations_off"),
        .init("mitigations=off spectre_v2=on", "6.18.37", "spectre_v2", "'on'", "6.17: set on its own"),
        .init("mitigations=off", "6.18.37", "spectre_v2", "'off'", "6.17: auto follows the vectors"),
        .init("spectre_v2=strong", "6.12.17", "spectre_v2", "?", "switching to default mode, which the build decides"),
        .init("spectre-v2=off", "6.1.100", "spectre_v2", "absent", "the raw search knows no dashes"),
        .init("spectre_v2=off", "6.12.17", "spectre_v2_user", "'off'", "spectre_v2=off decides it"),
        .init(
            "nospec_store_bypass_disable spec_store_bypass_disable=on", "6.12.17", "spec_store_bypass_disable", "'off'",
            "ssb_parse_cmdline"),
        .init("mitigations=off", "5.4.53", "spec_store_bypass_disable", "'off'", "cpu_mitigations_off"),
        // The others.
        .init("mds=off mds=full", "6.12.17", "mds", "'full'", "the last one"),
        .init("mds=off mds=maybe", "6.12.17", "mds", "'off'", "unknown leaves it"),
        .init("mitigations=off mds=full", "6.12.17", "mds", "'off'", "mds_select_mitigation"),
        .init("mitigations=off mds=full", "6.18.37", "mds", "'full'", "6.17: only auto follows"),
        .init("srbds=off srbds=on", "6.12.17", "srbds", "'on'", "srbds_off = !strcmp(off)"),
        .init("vmscape=off", "5.4.53", "vmscape", "?", "5.4 has it only by backport"),
        .init("quiet", "5.4.53", "vmscape", "absent", "not there"),
        .init("mitigations=off", "6.12.17", "nospectre_v1", "true", "spectre_v1_select_mitigation"),
        .init("mds=off", "6.12.17", "disabled-mitigations", "[]", "mds is judged on its own"),
        .init("tsa=off nospectre_v1", "6.18.37", "disabled-mitigations", "['nospectre_v1' 'tsa']", "the table's order"),
        .init("tsx=perhaps", "6.12.17", "tsx", "'off'", "invalid option, defaulting to off"),
        .init("quiet", "6.12.17", "tsx", "?", "CONFIG_X86_INTEL_TSX_MODE"),
        .init("kvm_intel.vmentry_l1d_flush=always", "6.12.17", "kvm-intel.vmentry_l1d_flush", "'always'", "parameq"),
        .init("mitigations=off", "6.12.17", "ssbd", "'force-off'", "kernel-parameters.txt, mitigations=off"),
        .init("mitigations=off", "6.12.17", "kpti", "false", "kernel-parameters.txt, mitigations=off"),
        .init("mitigations=off", "6.12.17", "nospectre_bhb", "true", "kernel-parameters.txt, mitigations=off"),
        .init("ssbd=force-offline", "6.12.17", "ssbd", "'force-off'", "strncmp"),
    ]

    static let memory: [CmdlineCase] = [
        .init("nokaslr", "6.12.17", "nokaslr", "true", "kaslr.c"),
        .init("quiet -- nokaslr", "6.12.17", "nokaslr", "true", "the decompressor reads the whole line"),
        .init("nokaslrs", "6.12.17", "nokaslr", "absent", "another word"),
        .init("nosmap", "5.4.53", "nosmap", "true", "__setup"),
        .init("nosmap", "6.18.37", "nosmap", "absent", "no handler since 5.19"),
        .init("nosmap", nil, "nosmap", "?", "the kernel decides and is not known"),
        .init("norandmaps=0", "6.12.17", "norandmaps", "true", "__setup without =: the rest is not read"),
        .init("norandmapsx", "6.12.17", "norandmaps", "true", "__setup without = takes every word that begins so"),
        .init("slab_nomerge", "6.12.17", "slab_nomerge", "true", "slab_common.c"),
        .init("slab-nomerge", "6.12.17", "slab_nomerge", "true", "parameqn"),
        .init("slab_nomerge slab_merge", "6.12.17", "slab_nomerge", "false", "the last one"),
        .init("slab_nomerge slub_nomerge=0", "6.12.17", "slab_nomerge", "true", "the value is not read"),
        .init("quiet", "6.12.17", "slab_nomerge", "?", "CONFIG_SLAB_MERGE_DEFAULT"),
        .init("init_on_alloc=1", "6.12.17", "init_on_alloc", "true", "kstrtobool"),
        .init("init_on_alloc=1 init_on_alloc=off", "6.12.17", "init_on_alloc", "false", "the last one"),
        .init("init_on_alloc=yep", "6.12.17", "init_on_alloc", "true", "kstrtobool reads the first letter"),
        .init("init_on_alloc=2", "6.12.17", "init_on_alloc", "?", "kstrtobool refuses"),
        .init("init_on_alloc=0 init_on_alloc=2", "6.12.17", "init_on_alloc", "false", "a refused one changes nothing"),
        .init("init_on_alloc", "6.12.17", "init_on_alloc", "?", "refused; the build decides"),
        .init("init_on_free=true", "5.4.53", "init_on_free", "?", "t was taught in 5.19"),
        .init("init_on_free=true", "6.12.17", "init_on_free", "true", "t is true"),
        .init("page_alloc.shuffle=1 page_alloc.shuffle=0", "6.12.17", "page_alloc.shuffle", "true", "never disabled"),
        .init("page_alloc.shuffle", "6.12.17", "page_alloc.shuffle", "absent", "shuffle_param_ops takes no bare word"),
        .init("page-alloc.shuffle=y", "6.12.17", "page_alloc.shuffle", "true", "parameq"),
        .init("randomize_kstack_offset=on", "6.12.17", "randomize_kstack_offset", "true", "kstrtobool"),
        .init("randomize_kstack_offset=on", "5.4.53", "randomize_kstack_offset", "absent", "since 5.13"),
        .init("slub_debug=FZP slub_debug=Z", "5.4.53", "slub_debug", "'Z'", "the last one replaces whole"),
        .init("slub_debug", "5.4.53", "slub_debug", "'FZPU'", "DEBUG_DEFAULT_FLAGS"),
        .init("kfence.sample_interval=0x64", "6.12.17", "kfence.sample_interval", "#100", "base 0"),
        .init("hash_pointers=always no_hash_pointers", "6.18.37", "hash_pointers", "'never'", "the last one"),
    ]

    static let interfaces: [CmdlineCase] = [
        .init("debugfs=off debugfs=maybe", "6.12.17", "debugfs", "'off'", "unknown leaves it"),
        .init("debugfs=off", "5.4.53", "debugfs", "absent", "since 5.10"),
        .init("vsyscall=xonly vsyscall=none", "6.12.17", "vsyscall", "'none'", "the last one"),
        .init("lockdown=confidentiality lockdown=integrity", "6.12.17", "lockdown", "'confidentiality'", "-EPERM"),
        .init("lockdown=integrity lockdown=confidentiality", "6.12.17", "lockdown", "'confidentiality'", "raised"),
        .init("quiet", "6.12.17", "lockdown", "?", "CONFIG_LOCK_DOWN_KERNEL_FORCE"),
        .init("module.sig_enforce=1 module.sig_enforce=0", "6.12.17", "module.sig_enforce", "true", "-EROFS"),
        .init("module.sig_enforce", "6.12.17", "module.sig_enforce", "true", "no equals means set"),
        .init("module.sig_enforce=0", "6.12.17", "module.sig_enforce", "?", "a build that forces it keeps it"),
        .init("lsm=landlock,apparmor lsm=yama", "6.12.17", "lsm", "['yama']", "the last one is the whole list"),
        .init("quiet", "6.12.17", "lsm", "?", "CONFIG_LSM"),
        .init("lsm=yama security=apparmor", "6.12.17", "security", "absent", "superseded by lsm="),
        .init("lsm=yama security=apparmor", "6.12.17", "major-lsm", "'none'", "security= is ignored"),
        .init("security=apparmor apparmor=1", "6.12.17", "major-lsm", "'apparmor'", "choose_major_lsm"),
        .init("lsm=selinux,apparmor", "6.12.17", "major-lsm", "'selinux'", "the first exclusive one"),
        .init("lsm=selinux,apparmor selinux=0", "6.12.17", "major-lsm", "'apparmor'", "selinux is switched off"),
        .init("lsm=apparmor apparmor=0", "6.12.17", "major-lsm", "'none'", "apparmor is switched off"),
        .init("apparmor=0", "6.12.17", "major-lsm", "?", "CONFIG_LSM decides the rest"),
        .init("apparmor=on", "6.12.17", "apparmor", "?", "kstrtoul knows no words"),
        .init("apparmor=0 apparmor=on", "6.12.17", "apparmor", "false", "refused, so 0 stays"),
        .init("audit=off", "6.12.17", "audit", "false", "strcasecmp"),
        .init("audit=OFF", "6.12.17", "audit", "false", "strcasecmp"),
        .init("audit=maybe", "6.12.17", "audit", "true", "reported, and counts as on"),
        .init("audit", "6.12.17", "audit", "absent", "__setup(\"audit=\") wants the equals sign"),
        .init("audit=1 audit=0", "6.12.17", "audit", "false", "the last one"),
        .init(
            "audit_backlog_limit=8192 audit_backlog_limit=4096", "6.18.37", "audit_backlog_limit", "#4096",
            "the last one"),
        .init(
            "audit_backlog_limit=8192 audit_backlog_limit=many", "6.18.37", "audit_backlog_limit", "#8192",
            "unable to parse"),
        .init("audit_backlog_limit=-1", "6.18.37", "audit_backlog_limit", "?", "kstrtouint refuses a sign"),
        .init("nohibernate", "6.12.17", "nohibernate", "true", "hibernate.c"),
        .init("hibernate=no", "6.12.17", "nohibernate", "true", "hibernate_setup"),
        .init("iommu=pt", "6.12.17", "iommu.passthrough", "true", "iommu_set_default_passthrough"),
        .init(
            "intel_iommu=on,sm_on intel_iommu=igfx_off", "6.12.17", "intel_iommu", "['on' 'sm_on' 'igfx_off']", "adds"),
        .init("panic=-1", "6.12.17", "panic", "#-1", "int"),
        .init("console=ttyS0 console=tty0", "6.12.17", "console", "['ttyS0' 'tty0']", "adds"),
        .init(
            "sysctl.kernel.sysrq=0 sysctl.kernel.sysrq=1", "6.12.17", "sysctl.kernel.sysrq", "'1'", "written in order"),
        .init("sysctl.net/ipv4/ip_forward=1", "6.12.17", "sysctl.net.ipv4.ip_forward", "'1'", "dots and slashes"),
        .init("quiet", "6.12.17", "sysctl.kernel.sysrq", "absent", "open family"),
        .init("sysctl.kernel.sysrq=1", "5.4.53", "sysctl.kernel.sysrq", "absent", "since 5.8"),
        .init("foo=1", "6.12.17", "foo", "?", "no handler in the table"),
        .init("quiet", "6.12.17", "foo", "?", "no handler in the table, there or not"),
    ]

    static let access: [CmdlineCase] = [
        .init("init=/a init=/b", "6.12.17", "init", "'/b'", "the last one"),
        .init("quiet -- init=/bin/sh", "6.12.17", "init", "absent", "an argument of init"),
        .init("boot.shell_on_fail", "6.12.17", "boot.shell_on_fail", "true", "stage 1"),
        .init("boot.shell-on-fail", "6.12.17", "boot.shell_on_fail", "absent", "the script compares whole words"),
        .init("boot.shell_on_fail=0", "6.12.17", "boot.shell_on_fail", "absent", "the script compares whole words"),
        .init("debug1", "6.12.17", "boot.debug1", "true", "the same case of the script"),
        .init("stage1panic=1", "6.12.17", "boot.panic_on_fail", "true", "the same case of the script"),
        .init("systemd.debug-shell=1", "6.12.17", "systemd.debug_shell", "true", "dash and underscore alike"),
        .init("systemd.debug_shell", "6.12.17", "systemd.debug_shell", "true", "bare is true"),
        .init(
            "systemd.debug_shell=1 systemd.debug_shell=no", "6.12.17", "systemd.debug_shell", "false", "the last one"),
        .init("systemd.debug_shell=ttyS0", "6.12.17", "systemd.debug_shell", "true", "names a terminal, and is on"),
        .init("systemd.debug_shell=2", "6.12.17", "systemd.debug_shell", "true", "no boolean, so a terminal"),
        .init("rd.systemd.debug_shell", "6.12.17", "systemd.debug_shell", "absent", "the initrd's own"),
        .init("rd.systemd.debug_shell", "6.12.17", "rd.systemd.debug_shell", "true", "the initrd's own"),
        .init("quiet -- systemd.debug_shell", "6.12.17", "systemd.debug_shell", "true", "systemd reads past --"),
        .init("single", "6.12.17", "systemd.unit", "'rescue.target'", "runlevel_to_target"),
        .init("1", "6.12.17", "systemd.unit", "'rescue.target'", "runlevel_to_target"),
        .init("S", "6.12.17", "systemd.unit", "'rescue.target'", "runlevel_to_target"),
        .init("emergency", "6.12.17", "systemd.unit", "'emergency.target'", "runlevel_to_target"),
        .init("single=1", "6.12.17", "systemd.unit", "absent", "only without a value"),
        .init("single systemd.unit=a.target", "6.12.17", "systemd.unit", "'a.target'", "the last one"),
        .init("systemd.unit=a.target 1", "6.12.17", "systemd.unit", "'rescue.target'", "the last one"),
        .init("SYSTEMD_SULOGIN_FORCE=1", "6.12.17", "SYSTEMD_SULOGIN_FORCE", "true", "sulogin-shell.c"),
        .init("SYSTEMD_SULOGIN_FORCE", "6.12.17", "SYSTEMD_SULOGIN_FORCE", "true", "proc_cmdline_get_bool"),
        .init("systemd.setenv=SYSTEMD_SULOGIN_FORCE=yes", "6.12.17", "SYSTEMD_SULOGIN_FORCE", "true", "getenv_bool"),
        .init(
            "systemd.setenv=SYSTEMD_SULOGIN_FORCE=1 SYSTEMD_SULOGIN_FORCE=0", "6.12.17", "SYSTEMD_SULOGIN_FORCE",
            "true",
            "either one is enough"),
        .init("SYSTEMD_SULOGIN_FORCE=0", "6.12.17", "SYSTEMD_SULOGIN_FORCE", "false", "no"),
        .init("systemd.setenv=A=b systemd.setenv=C=d", "6.12.17", "systemd.setenv", "['A' 'C']", "names only"),
    ]

    @Test(arguments: mitigations + memory + interfaces + access)
    func handler(_ test: CmdlineCase) throws {
        let snapshot = try CmdlineSupport.declared(test.line, test.kernel)
        let fact = snapshot.fact(FactKey("cmdline." + test.fact))
        #expect(CmdlineSupport.shown(fact) == test.expected, "\(test.reason): \(String(describing: fact))")
    }

    @Test("The value of an assigned variable is in no evidence and no value")
    func secrets() throws {
        let snapshot = try CmdlineSupport.declared("systemd.setenv=TOKEN=canary-7f3a quiet", "6.12.17")
        #expect(snapshot.fact("cmdline.systemd.setenv")?.evidence.first?.text == "systemd.setenv=TOKEN=...")
        #expect(!"\(snapshot)".contains("canary-7f3a"))
    }

    @Test("A parameter where the kernel may cut the line is unavailable, one before it is not")
    func cutLine() throws {
        let filler = String(repeating: "x", count: 1_800)
        let snapshot = try CmdlineSupport.declared(
            "audit=1 filler=\(filler) nokaslr init_on_free=1 mitigations=off", "6.12.17")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.audit")) == "true")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.nokaslr")) == "?")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.init_on_free")) == "?")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.norandmaps")) == "absent")
        for name in ["mitigations", "mds", "pti", "smt", "disabled-mitigations"] {
            #expect(CmdlineSupport.shown(snapshot.fact(FactKey("cmdline." + name))) == "?", "\(name)")
        }
    }

    @Test("bootconfig adds parameters from the initrd that nobody saw, so nothing is known")
    func bootconfig() throws {
        let snapshot = try CmdlineSupport.declared("audit=1 bootconfig", "6.12.17")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.audit")) == "?")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.nokaslr")) == "?")
    }

    @Test("Evidence is the option and the element of the list that holds the word")
    func evidence() throws {
        let snapshot = try CmdlineSupport.declared("audit=1 audit=0", "6.12.17")
        let evidence = snapshot.fact("cmdline.audit")?.evidence
        #expect(evidence?.map(\.path) == ["boot.kernelParams"])
        #expect(evidence?.map(\.text) == ["audit=0"])
    }

    @Test(
        arguments: [
            ("5.4.53", "5.19", true), ("6.18.37", "6.17", false), ("6.9-rc1", "6.9", false), ("6.12", "6.12.1", true),
        ])
    func versions(left: String, right: String, isOlder: Bool) throws {
        let first = try #require(KernelVersion(left))
        let second = try #require(KernelVersion(right))
        #expect((first < second) == isOlder)
        #expect(KernelVersion("six") == nil)
    }
}
