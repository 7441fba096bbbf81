import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

/// What decides a setting beside the lines of its files; seen in small systems.
struct SysctlFactsTests {
    private let kernel = SystemContext(kernelVersion: "6.18.37", hasOwnKernel: true)

    // MARK: - Files that cannot be read

    @Test func aDanglingFileHidesWhatNoLaterFileSets() throws {
        let snapshot = try SysctlSupport.built([
            "/etc/sysctl.d/10-a.conf": "kernel.kptr_restrict=2\nkernel.dmesg_restrict=1\n",
            "/etc/sysctl.d/50-gone.conf": "-> /nix/store/gone/50.conf",
            "/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=1\n",
        ])
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(1))
        #expect(snapshot.why("kernel.dmesg_restrict")?.contains("/nix/store/gone/50.conf") == true)
        #expect(snapshot.why("fs.protected_symlinks") != nil)
        #expect(snapshot.why("net.core.no_such_setting")?.contains("/nix/store/gone/50.conf") == true)
    }

    @Test func theSameValueAfterAHiddenFileHolds() throws {
        let snapshot = try SysctlSupport.built([
            "/etc/sysctl.d/10-a.conf": "kernel.kptr_restrict=1\n", "/etc/sysctl.d/50-gone.conf": "-> /nix/store/gone",
            "/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=1\n",
        ])
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(1))
    }

    /// The hidden file may set ip_forward, and whether forwarding=0 then changes anything decides over redirects.
    @Test func aHiddenFileHidesTheForwardingSwitchAltogether() throws {
        let snapshot = try SysctlSupport.built([
            "/etc/sysctl.d/50-gone.conf": "-> /nix/store/gone",
            "/etc/sysctl.d/60-nixos.conf": "net.ipv4.conf.all.accept_redirects=0\nnet.ipv4.conf.all.forwarding=0\n",
        ])
        #expect(snapshot.why("net.ipv4.conf.all.accept_redirects") != nil)
        #expect(snapshot.why("net.ipv4.ip_forward") != nil)
    }

    @Test func aFileWithoutPermissionIsNotAbsent() throws {
        var nodes = SysctlSupport.system([:]).mapValues { text in
            text.hasPrefix("-> ") ? MemoryTree.Node.link(String(text.dropFirst(3))) : .file(Array(text.utf8))
        }
        nodes["/etc/sysctl.d/99-secret.conf"] = .forbidden
        nodes["/etc/sysctl.d/60-nixos.conf"] = .file(Array("kernel.kptr_restrict=1\n".utf8))
        let snapshot = try SysctlSupport.built(MemoryTree(nodes: nodes))
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("Permission denied") == true)
    }

    @Test func aDirectoryThatLeadsNowhereHidesEverything() throws {
        let snapshot = try SysctlSupport.built(["/etc/sysctl.d": "-> /etc/static/sysctl.d"])
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("/etc/static") == true)
    }

    @Test func aFileOverTheLimitIsNotRead() throws {
        let snapshot = try SysctlSupport.built([
            "/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=1\n",
            "/etc/sysctl.d/61-big.conf": String(repeating: "#", count: 2 << 20),
        ])
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("larger") == true)
    }

    @Test func aGlobThatIsNotUnderstoodHidesWhatItMightReach() throws {
        let snapshot = try SysctlSupport.built([
            "/etc/sysctl.d/60-nixos.conf":
                "kernel.kptr_restrict=1\nnet.ipv4.conf.[[:alpha:]]*.rp_filter=0\nkernel.sysrq=0\n"
        ])
        #expect(snapshot.why("net.ipv4.conf.all.rp_filter") != nil)
        #expect(snapshot.sysctl("kernel.sysrq") == .integer(0))
    }

    // MARK: - Whether anything is applied

    private let hardened = ["/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=2\nfs.suid_dumpable=2\n"]

    @Test func aMaskedServiceAppliesNothing() throws {
        var files = hardened
        files["/etc/systemd/system/systemd-sysctl.service"] = "-> /dev/null"
        let snapshot = try SysctlSupport.built(files)
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(0))
        #expect(
            snapshot.fact("sysctl.kernel.kptr_restrict")?.evidence.last?.text
                == "systemd-sysctl.service is masked, so sysctl.d is not applied")
    }

    @Test(arguments: [
        "/etc/systemd/system/systemd-sysctl.service",
        "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service",
    ])
    func aServiceThatIsMissingOrNotStartedAppliesNothing(path: String) throws {
        let tree = MemoryTree(
            SysctlSupport.system(hardened.merging(["/etc/systemd/system/x.service": ""]) { $1 }, without: [path]))
        #expect(try SysctlSupport.built(tree).sysctl("kernel.kptr_restrict") == .integer(0))
    }

    @Test(arguments: [
        "[Unit]\nConditionPathExists=/etc/never\n", "[Unit]\nAssertVirtualization=no\n",
        "[Service]\nExecStart=\nExecStart=/bin/true\n", "[Service]\nExecStart=/bin/x/systemd-sysctl --prefix=/net\n",
        "[Unit]\nConditionPathIsReadWrite=/nonexistent\n", "[Service]\nExecCondition=/bin/false\n",
        "[Service]\nProtectKernelTunables=yes\n", "[Service]\nUser=nobody\n", "[Service]\nExecStartPre=/bin/false\n",
    ])
    func aServiceThatWasChangedIsNotTrusted(dropIn: String) throws {
        var files = hardened
        files["/etc/systemd/system/systemd-sysctl.service.d/overrides.conf"] = dropIn
        let snapshot = try SysctlSupport.built(files)
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("systemd-sysctl.service") == true)
    }

    @Test(arguments: ["service.d", "systemd-.service.d"])
    func dropInsOfManyUnitsCount(directory: String) throws {
        var files = hardened
        files["/etc/systemd/system/\(directory)/hardening.conf"] = "[Service]\nProtectKernelTunables=yes\n"
        #expect(try SysctlSupport.built(files).why("kernel.kptr_restrict")?.contains("ProtectKernelTunables") == true)
        // The unit's own file of that name takes its place, and a link to /dev/null takes it away.
        for own in ["[Unit]\nDescription=x\n", "-> /dev/null"] {
            files["/etc/systemd/system/systemd-sysctl.service.d/hardening.conf"] = own
            #expect(try SysctlSupport.built(files).sysctl("kernel.kptr_restrict") == .integer(2))
        }
    }

    @Test func whatNixOSAddsToTheServiceIsHarmless() throws {
        var files = hardened
        files["/etc/systemd/system/systemd-sysctl.service.d/overrides.conf"] =
            "[Unit]\nX-Restart-Triggers=/nix/store/x\n[Service]\nEnvironment=\"TZDIR=/nix/store/x\"\n"
        #expect(try SysctlSupport.built(files).sysctl("kernel.kptr_restrict") == .integer(2))
    }

    @Test func aServiceThatCannotBeReadIsNotTrusted() throws {
        var files = hardened
        files["/etc/systemd/system/systemd-sysctl.service"] =
            "-> /nix/store/x-unit-systemd-sysctl.service/systemd-sysctl.service"
        #expect(try SysctlSupport.built(files).why("kernel.kptr_restrict")?.contains("cannot be told") == true)
    }

    // MARK: - Single interfaces

    @Test func whatFilesSetForSingleInterfaces() throws {
        func named(_ text: String, _ name: String) throws -> FactValue? {
            try SysctlSupport.built(["/etc/sysctl.d/60-nixos.conf": text]).sysctl("interfaces.\(name)")
        }
        let text = """
            net.ipv4.conf.all.rp_filter=1
            net.ipv4.conf.eth0.rp_filter=0
            net.ipv4.conf.wlan0/100.rp_filter=2
            net.ipv4.conf.*.proxy_arp=1
            net.ipv4.conf.eth*.accept_redirects=1
            net.ipv4.conf.lo.send_redirects=1
            net.ipv6.conf.eth0.accept_ra=2
            """
        #expect(try named(text, "ipv4.rp_filter") == .list([.integer(0), .integer(2)]))
        #expect(try named(text, "ipv4.proxy_arp") == .list([]))
        #expect(try named(text, "ipv4.accept_redirects") == .list([.integer(1)]))
        #expect(try named(text, "ipv4.send_redirects") == .list([]))
        #expect(try named(text, "ipv6.accept_ra") == .list([.integer(2)]))
        #expect(try named("", "ipv6.accept_ra") == .list([]))
    }

    @Test func aFileThatCannotBeReadMayNameAnInterface() throws {
        let snapshot = try SysctlSupport.built(["/etc/sysctl.d/90-x.conf": "-> /nix/store/x"])
        #expect(snapshot.why("interfaces.ipv4.rp_filter") != nil)
    }

    // MARK: - Files that no generation owns

    @Test func filesLeftInEtcByHandOutliveASwitch() throws {
        let own = SysctlSupport.system([
            "/toplevel/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=2\nfs.suid_dumpable=0\n",
            "/toplevel/etc/systemd/system/systemd-sysctl.service": "[Service]\nExecStart=/nix/store/x/systemd-sysctl\n",
            "/toplevel/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service": "-> ../systemd-sysctl.service",
            "/etc/sysctl.d/60-nixos.conf": "-> /etc/static/sysctl.d/60-nixos.conf",
            "/etc/sysctl.d/70-old.conf": "-> /etc/static/sysctl.d/70-old.conf",
            "/etc/sysctl.d/80-copied.conf": "fs.suid_dumpable=1\n",
            "/etc/sysctl.d/99-local.conf": "kernel.kptr_restrict=0\n",
            "/etc/.clean": "sysctl.d/80-copied.conf\nsudoers\n",
        ])
        let view = SystemView(
            tree: MemoryTree(own), toplevel: "/toplevel", etcRoot: "/toplevel/etc", formerEtc: "/etc")
        let context = SystemContext(kernelVersion: "6.18.37", hasOwnKernel: true)
        let batch = try SysctlFacts.built(view, knowledge: try SysctlSupport.knowledge.get(), context: context)
        let snapshot = SysctlSupport.snapshot(batch, .built)
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(0))
        #expect(snapshot.origin("kernel.kptr_restrict") == "/etc/sysctl.d/99-local.conf:1")
        #expect(snapshot.sysctl("fs.suid_dumpable") == .integer(0))
    }

    /// 2 is refused before Linux 5.13; a 0 that is refused there is what the kernel has anyway.
    @Test func theRangeFollowsTheKernelsVersion() throws {
        func value(_ text: String, _ version: String) throws -> FactValue? {
            try built("kernel.unprivileged_bpf_disabled=\(text)\n", parameters: "", version: version)
                .sysctl("kernel.unprivileged_bpf_disabled")
        }
        #expect(try value("2", "6.18.37") == .integer(2))
        #expect(try value("2", "5.4.53") == nil)
        #expect(try value("1", "5.4.53") == .integer(1))
        #expect(try value("0", "5.4.53") == .integer(0))
        #expect(try value("0", "5.10.200") == nil)
    }

    @Test func withoutUnitsNothingCanBeTold() throws {
        let tree = MemoryTree(
            SysctlSupport.system(
                hardened.merging(["/etc/systemd/system": "-> /etc/static/systemd/system"]) { $1 },
                without: [
                    "/etc/systemd/system/systemd-sysctl.service",
                    "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service",
                ]))
        #expect(try SysctlSupport.built(tree).why("kernel.kptr_restrict") != nil)
    }

    // MARK: - Command line

    private func built(_ file: String, parameters: String, version: String = "6.18.37") throws -> Snapshot {
        try SysctlSupport.built(
            MemoryTree(SysctlSupport.system(["/etc/sysctl.d/60-nixos.conf": file], parameters: parameters)),
            context: SystemContext(kernelVersion: version, hasOwnKernel: true))
    }

    @Test func aParameterCountsWhereNoFileSetsTheKey() throws {
        let snapshot = try built(
            "kernel.kptr_restrict=1\n", parameters: "sysctl.kernel.kptr_restrict=2 sysctl.kernel/dmesg_restrict=1 quiet"
        )
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(1))
        #expect(snapshot.sysctl("kernel.dmesg_restrict") == .integer(1))
        #expect(snapshot.origin("kernel.dmesg_restrict") == "/toplevel/kernel-params:1")
    }

    @Test func whatFollowsTwoDashesBelongsToInit() throws {
        let snapshot = try built("", parameters: "quiet -- sysctl.kernel.kptr_restrict=2")
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(0))
    }

    @Test func quotesKeepBlanksTogether() throws {
        let snapshot = try built(
            "", parameters: #"sysctl.net.ipv4.ping_group_range="0 2147483647" "sysctl.kernel.printk=3 4 1 7""#)
        #expect(snapshot.sysctl("net.ipv4.ping_group_range") == .string("0 2147483647"))
        #expect(snapshot.sysctl("kernel.printk") == .string("3 4 1 7"))
    }

    @Test func oldKernelsDoNotReadSettingsFromTheirCommandLine() throws {
        let snapshot = try built("", parameters: "sysctl.kernel.kptr_restrict=2", version: "5.4.53")
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(0))
    }

    @Test func aValueThatCannotBeTakenBackBeatsAFile() throws {
        let snapshot = try built("kernel.yama.ptrace_scope=0\n", parameters: "sysctl.kernel.yama.ptrace_scope=3")
        #expect(snapshot.sysctl("kernel.yama.ptrace_scope") == .integer(3))
    }

    @Test func aModuleLeftOutOfLsmHasNoSettings() throws {
        let line = "kernel.yama.ptrace_scope=2\n"
        #expect(
            try built(line, parameters: "lsm=landlock,yama,bpf").sysctl("kernel.yama.ptrace_scope") == .integer(2))
        #expect(
            try built(line, parameters: "lsm=yama lsm=landlock,bpf").why("kernel.yama.ptrace_scope")?
                .contains("leaves out yama") == true)
    }

    @Test func aParameterThatChangesADefaultMakesItUnknown() throws {
        #expect(try built("", parameters: "panic_on_warn=1").why("kernel.panic_on_warn") != nil)
        #expect(try built("", parameters: "quiet").sysctl("kernel.panic_on_warn") == .integer(0))
    }

    @Test func withoutIPv6ThereIsNothingToSwitchOff() throws {
        let snapshot = try built("net.ipv6.conf.all.disable_ipv6=0\n", parameters: "ipv6.disable=1")
        #expect(snapshot.sysctl("net.ipv6.conf.all.disable_ipv6") == .integer(1))
    }

    @Test(arguments: ["sysrq_always_enabled", "quiet sysrq_always_enabled=1"])
    func someParametersBeatEveryFile(parameters: String) throws {
        #expect(try built("kernel.sysrq=0\n", parameters: parameters).sysctl("kernel.sysrq") == .integer(1))
    }

    @Test func aCommandLineThatCannotBeReadLeavesOnlyWhatFilesSet() throws {
        let tree = MemoryTree(
            SysctlSupport.system(
                ["/etc/sysctl.d/60-nixos.conf": "kernel.kptr_restrict=1\n"], without: ["/toplevel/kernel-params"]))
        let snapshot = try SysctlSupport.built(tree)
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(1))
        #expect(snapshot.why("kernel.perf_event_paranoid")?.contains("command line") == true)
    }

    // MARK: - Versions, ranges

    @Test func defaultsFollowTheKernelsVersion() throws {
        #expect(try built("", parameters: "", version: "5.4.53").sysctl("vm.unprivileged_userfaultfd") == .integer(1))
        #expect(try built("", parameters: "", version: "5.11").sysctl("vm.unprivileged_userfaultfd") == .integer(0))
        #expect(try built("", parameters: "", version: "4.5.7").sysctl("kernel.perf_event_paranoid") == .integer(1))
    }

    @Test func aSettingTheKernelDoesNotHaveIsNotKnownEvenWhenSet() throws {
        let snapshot = try built("kernel.io_uring_disabled=2\n", parameters: "", version: "6.1.9")
        #expect(snapshot.why("kernel.io_uring_disabled")?.contains("6.1.9") == true)
    }

    @Test func aRefusedValueSaysWhatIsKept() throws {
        let snapshot = try built("fs.suid_dumpable=3\nkernel.kptr_restrict=yes\n", parameters: "")
        #expect(snapshot.why("fs.suid_dumpable")?.contains("outside 0 to 2, and keeps 0") == true)
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("no number") == true)
    }

    /// kexec_load_disabled accepts 1 only, but a 0 that it has anyway is no riddle.
    @Test func aRefusedValueThatIsThereAnywayIsKnown() throws {
        let snapshot = try built("kernel.kexec_load_disabled=0\n", parameters: "")
        #expect(snapshot.sysctl("kernel.kexec_load_disabled") == .integer(0))
    }

    @Test func anotherKernelsDefaultsAreNotClaimed() throws {
        let tree = MemoryTree(SysctlSupport.system([:], kernel: "linux-zen-6.18.37"))
        #expect(try SysctlSupport.built(tree).why("kernel.kptr_restrict")?.contains("linux-zen") == true)
        let hardened = try SysctlSupport.built(tree, context: SystemContext(kernelVersion: nil, hasOwnKernel: true))
        #expect(hardened.why("kernel.io_uring_disabled") != nil)
    }

    @Test func nothingIsEverAbsent() throws {
        let snapshot = try SysctlSupport.built(["/etc/sysctl.d/60-nixos.conf": ""])
        for (key, fact) in snapshot.batch.facts {
            if case .absent = fact { Issue.record("\(key.rawValue)") }
        }
        #expect(snapshot.why("kernel.no_such_setting") != nil)
        #expect(snapshot.fact("cmdline.x") == nil)
    }

    // MARK: - Interfaces that no file names

    @Test func aGlobOverInterfacesBeatsDefaultThere() throws {
        let glob = "net.ipv4.conf.*.rp_filter=2\nnet.ipv4.conf.default.rp_filter=1\n"
        #expect(
            try SysctlSupport.built(["/etc/sysctl.d/a.conf": glob]).sysctl("net.ipv4.conf.*.rp_filter") == .integer(2))
        let named = "net.ipv4.conf.eth*.rp_filter=2\nnet.ipv4.conf.default.rp_filter=1\n"
        #expect(
            try SysctlSupport.built(["/etc/sysctl.d/a.conf": named]).sysctl("net.ipv4.conf.*.rp_filter") == .integer(1))
    }
}
