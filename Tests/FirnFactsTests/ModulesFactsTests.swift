import FirnFacts
import FirnModel
import FirnTestSupport
import Testing

@Suite struct ModulesFactsTests {
    private func built(_ text: String, parameters: String = "loglevel=4", _ more: [String: String] = [:]) throws
        -> Snapshot
    {
        try KernelSupport.built(
            ["/etc/modprobe.d/nixos.conf": text].merging(more) { $1 }, parameters: parameters)
    }

    private func lists(_ snapshot: Snapshot, _ group: String) -> [FactValue?] {
        [snapshot.known("modules.autoloads.\(group)"), snapshot.known("modules.loadable.\(group)")]
    }

    @Test func nothingIsKeptOutByDefault() throws {
        let snapshot = try built("\n")
        let all = FactValue.strings(["sctp", "rds", "tipc"])
        #expect(lists(snapshot, "network-protocols") == [all, all])
        #expect(snapshot.shown("modules.autoloads.network-protocols").contains("nothing keeps out sctp, rds, tipc"))
    }

    @Test func aBlacklistStopsAliasesOnly() throws {
        let snapshot = try built("blacklist sctp\nblacklist rds\nblacklist tipc\n")
        #expect(lists(snapshot, "network-protocols") == [.strings([]), .strings(["sctp", "rds", "tipc"])])
        #expect(snapshot.shown("modules.loadable.network-protocols").contains("nixos.conf:1 blacklist sctp"))
    }

    @Test(arguments: [
        "/bin/false", "/bin/true", "/run/current-system/sw/bin/false", "/nix/store/x-coreutils-9.11/bin/false", "false",
        "/usr/bin/false  now", ":",
    ])
    func anInstallLineThatDoesNothingStopsTheNameToo(command: String) throws {
        let snapshot = try built("install sctp \(command)\ninstall rds \(command)\ninstall tipc \(command)\n")
        #expect(lists(snapshot, "network-protocols") == [.strings([]), .strings([])])
        #expect(snapshot.known("modules.install-commands") == .strings([]))
    }

    @Test(arguments: [
        "/bin/false; /sbin/insmod /x.ko", "/bin/false || modprobe --ignore-install tipc", "/bin/echo", "/bin/true && x",
        "$(which false)", "/sbin/modprobe --ignore-install tipc", "`false`", "/bin/falsetto", "sh -c false",
    ])
    func anyOtherCommandIsNotJudged(command: String) throws {
        let snapshot = try built("install tipc \(command)\ninstall sctp false\ninstall rds false\n")
        #expect(snapshot.reason("modules.autoloads.network-protocols") != nil)
        #expect(snapshot.reason("modules.loadable.network-protocols") != nil)
        #expect(snapshot.known("modules.install-commands") == .strings(["tipc: \(command)"]))
    }

    @Test func aBlacklistStopsAliasesBeforeACommandRuns() throws {
        let snapshot = try built("blacklist tipc\ninstall tipc /bin/echo\ninstall sctp false\ninstall rds false\n")
        #expect(snapshot.known("modules.autoloads.network-protocols") == .strings([]))
        #expect(snapshot.reason("modules.loadable.network-protocols") != nil)
    }

    @Test func whatAModuleNeedsKeepsItOutOnlyWhereItIsBlocked() throws {
        #expect(lists(try built("install usb-storage false\n"), "usb-storage") == [.strings([]), .strings([])])
        let weak = try built("blacklist usb-storage\n")
        #expect(lists(weak, "usb-storage") == [.strings(["uas"]), .strings(["usb_storage", "uas"])])
    }

    /// The first line that matches counts, whatever comes later (libkmod, kmod_module_get_install_commands).
    @Test func theFirstInstallLineCounts() throws {
        let later = try built("install sctp /bin/echo x\n", ["/etc/modprobe.d/zz.conf": "install sctp /bin/false\n"])
        #expect(later.known("modules.install-commands") == .strings(["sctp: /bin/echo x"]))
        let earlier = try built("install sctp /bin/echo x\n", ["/etc/modprobe.d/aa.conf": "install sctp /bin/false\n"])
        #expect(earlier.known("modules.loadable.network-protocols") == .strings(["rds", "tipc"]))
    }

    @Test func patternsAndSpellingsAreKmods() throws {
        let snapshot = try built(
            "install firewire[_-]* /bin/false\ninstall usb-stor?ge /bin/false\ninstall thunderbol[a-z] /bin/false\n"
                + "  blacklist n-gsm\nblacklist \\\n n-hdlc\n")
        #expect(lists(snapshot, "firewire") == [.strings([]), .strings([])])
        #expect(lists(snapshot, "usb-storage") == [.strings([]), .strings([])])
        #expect(lists(snapshot, "thunderbolt") == [.strings([]), .strings([])])
        #expect(snapshot.known("modules.autoloads.line-disciplines") == .strings([]))
    }

    @Test func onlyFilesKmodReadsCount() throws {
        let snapshot = try built(
            "",
            [
                "/etc/modprobe.d/.hidden.conf": "blacklist sctp\n", "/etc/modprobe.d/readme.txt": "blacklist sctp\n",
                "/etc/modprobe.d/x.conf/inner": "blacklist sctp\n", "/etc/modprobe.d/old.alias": "blacklist rds\n",
                "/etc/modprobe.d/null.conf": "-> /dev/null",
            ])
        #expect(snapshot.known("modules.autoloads.network-protocols") == .strings(["sctp", "tipc"]))
    }

    @Test func theFirstDirectoryWithANameWins() throws {
        let snapshot = try built(
            "", ["/usr/lib/modprobe.d/nixos.conf": "blacklist sctp\n", "/run/modprobe.d/a.conf": "blacklist rds\n"])
        #expect(snapshot.known("modules.autoloads.network-protocols") == .strings(["sctp", "tipc"]))
    }

    @Test func theKernelsCommandLineCounts() throws {
        let weak = try built("", parameters: "modprobe.blacklist=sctp,rds,tipc")
        #expect(lists(weak, "network-protocols") == [.strings([]), .strings(["sctp", "rds", "tipc"])])
        let strong = try built("", parameters: "module_blacklist=sctp module_blacklist=rds,tipc")
        #expect(lists(strong, "network-protocols") == [.strings(["sctp"]), .strings(["sctp"])])
    }

    @Test func aliasesThatLeadNowhereStopTheKernelOnly() throws {
        let snapshot = try built("alias net-pf-21 off\nblacklist sctp\nblacklist tipc\n")
        #expect(lists(snapshot, "network-protocols") == [.strings([]), .strings(["sctp", "rds", "tipc"])])
        let kept = try built("alias net-pf-21 off\nalias net-pf-2* rds\nblacklist sctp\nblacklist tipc\n")
        #expect(kept.known("modules.autoloads.network-protocols") == .strings(["rds"]))
    }

    @Test func whatIsLoadedAtBootNeedsNoAlias() throws {
        let snapshot = try built(
            "alias net-pf-21 off\nblacklist sctp\nblacklist tipc\n", ["/etc/modules-load.d/nixos.conf": "rds\nsctp\n"])
        #expect(snapshot.known("modules.autoloads.network-protocols") == .strings(["rds"]))
        #expect(snapshot.shown("modules.autoloads.network-protocols").contains("modules-load.d/nixos.conf:1 rds"))
    }

    @Test(arguments: [
        ("-> /nix/store/00000000000000000000000000000000-secret.conf", "links to"), ("\u{0}", "NUL"),
    ])
    func aFileThatCannotBeReadMaySayAnything(text: String, word: String) throws {
        let snapshot = try built("install sctp false\n", ["/etc/modprobe.d/a.conf": text])
        for key in ["modules.autoloads.network-protocols", "modules.loadable.firewire", "modules.install-commands"] {
            #expect(snapshot.reason(key)?.contains(word) == true, "\(key)")
        }
    }

    @Test func filesOfNixpkgsAreKnownByTheirStoreName() throws {
        let store = "/nix/store/00000000000000000000000000000000-"
        let snapshot = try built(
            "",
            [
                "/etc/modprobe.d/ubuntu.conf": "-> \(store)kmod-blacklist-31+20240202/modprobe.conf",
                "/etc/modprobe.d/debian.conf": "-> \(store)kmod-debian-aliases.conf-30+20230601-2",
                "/etc/modprobe.d/systemd.conf": "-> \(store)systemd-260.2/lib/modprobe.d/systemd.conf",
            ])
        #expect(snapshot.known("modules.autoloads.amateur-radio") == .strings([]))
        #expect(snapshot.known("modules.loadable.amateur-radio") == .strings(["ax25", "netrom", "rose"]))
    }

    // MARK: - What the kernel has, and what is in use

    @Test func aKernelThatShowsItsModulesIsBelieved() throws {
        let root = "/toplevel/kernel-modules/lib/modules/6.18.37"
        let tree = [
            root + "/modules.dep": "kernel/net/sctp/sctp.ko.xz: kernel/lib/libcrc32c.ko.xz\nkernel/net/tipc/tipc.ko:\n",
            root + "/modules.builtin": "kernel/net/rds/rds.ko\n",
        ]
        let snapshot = try built("install rds /bin/false\nblacklist tipc\ninstall tipc /bin/false\n", tree)
        #expect(lists(snapshot, "network-protocols") == [.strings(["sctp", "rds"]), .strings(["sctp", "rds"])])
        #expect(snapshot.shown("modules.autoloads.network-protocols").contains("rds is built into the kernel"))
        #expect(snapshot.known("modules.loadable.file-systems") == .strings([]))
        // Without modules.builtin, or for another version, nothing is known.
        let half = try built("", [root + "/modules.dep": "kernel/x.ko:\n"])
        #expect(half.known("modules.autoloads.network-protocols") == .strings(["sctp", "rds", "tipc"]))
        let other = Dictionary(
            uniqueKeysWithValues: tree.map { ($0.key.replacing("6.18.37", with: "6.1.0"), $0.value) })
        #expect(
            try built("", other).known("modules.autoloads.network-protocols") == .strings(["sctp", "rds", "tipc"]))
    }

    @Test func modulesThatThisKernelLostAreNotAskedFor() throws {
        let old = try KernelSupport.built([:], context: SystemContext(kernelVersion: "5.4.53", hasOwnKernel: true))
        #expect(old.known("modules.autoloads.network-protocols") == .strings(["dccp", "sctp", "rds", "tipc"]))
        let unknown = try KernelSupport.built([:], context: SystemContext(kernelVersion: nil, hasOwnKernel: true))
        #expect(unknown.known("modules.autoloads.network-protocols") == .strings(["dccp", "sctp", "rds", "tipc"]))
    }

    @Test func whatTheConfigurationUsesIsNotAskedFor() throws {
        let snapshot = try built("", ["/etc/fstab": "# x\n/dev/sdb1 /old hfsplus ro 0 0\n/dev/sr0 /media udf ro 0 0\n"])
        let value = snapshot.known("modules.autoloads.file-systems")
        guard case .list(let names)? = value else { throw Missing() }
        #expect(!names.contains(.string("hfsplus")))
        #expect(!names.contains(.string("udf")))
        #expect(names.contains(.string("hfs")))
        let radio = try built("", ["/etc/systemd/system/bluetooth.service": "[Service]\nExecStart=/x\n"])
        #expect(radio.known("modules.loadable.bluetooth") == .strings([]))
    }

    struct Missing: Error {}

    @Test func modulesAtBootAreListedAsTheKernelSpellsThem() throws {
        let snapshot = try built(
            "",
            ["/etc/modules-load.d/nixos.conf": "# x\nnls-cp437\nloop\n\n;y\nloop\n", "/etc/modules-load.d/x": "no\n"])
        #expect(snapshot.known("modules.at-boot") == .strings(["loop", "nls_cp437"]))
    }

    @Test func theLockIsAServiceThatStarts() throws {
        let unit = "/etc/systemd/system/disable-kernel-module-loading.service"
        let wants = "/etc/systemd/system/multi-user.target.wants/disable-kernel-module-loading.service"
        let text = "[Service]\nExecStart=/nix/store/x/bin/start\n"
        #expect(try built("").known("modules.locked") == .boolean(false))
        #expect(try built("", [unit: text]).known("modules.locked") == .boolean(false))
        #expect(try built("", [unit: text, wants: "-> ../x"]).known("modules.locked") == .boolean(true))
        #expect(try built("", [unit: "-> /dev/null", wants: "-> ../x"]).known("modules.locked") == .boolean(false))
    }

    @Test func aContainerHasNoModules() throws {
        let snapshot = try KernelSupport.built([:], context: SystemContext(hasOwnKernel: false))
        #expect(snapshot.fact("modules.autoloads.firewire") == nil)
    }

    // MARK: - Declared

    private func declared(_ text: String, more: String = "") throws -> Snapshot {
        try KernelSupport.declared(
            """
            { "environment": { "etc": { "modprobe.d/nixos.conf": { "enable": true, "text": "\(text)" }\(more) } },
              "boot": { "kernelModules": ["nls-cp437", "loop"] }, "fileSystems": { "/x": { "fsType": "udf" } },
              "security": { "lockKernelModules": true } }
            """)
    }

    @Test func theOptionsSayTheSame() throws {
        let snapshot = try declared(#"blacklist sctp\ninstall rds /bin/false\n"#)
        #expect(lists(snapshot, "network-protocols") == [.strings(["tipc"]), .strings(["sctp", "tipc"])])
        #expect(snapshot.shown("modules.loadable.network-protocols").contains("line 1: blacklist sctp"))
        #expect(snapshot.known("modules.at-boot") == .strings(["loop", "nls_cp437"]))
        #expect(snapshot.known("modules.locked") == .boolean(true))
    }

    @Test(arguments: [
        #", "modprobe.d/a.conf": { "source": "/nix/store/00000000000000000000000000000000-own.conf", "text": null }"#,
        #", "vendor": { "target": "modprobe.d/vendor.conf", "source": "/nix/store/x/y" }"#,
    ])
    func aFileWhoseTextTheOptionsDoNotShowMaySayAnything(more: String) throws {
        let snapshot = try declared("install rds false", more: more)
        #expect(snapshot.reason("modules.autoloads.network-protocols") != nil)
        #expect(snapshot.reason("modules.install-commands") != nil)
    }

    @Test func aFileThatIsSwitchedOffDoesNotCount() throws {
        let more = #", "modprobe.d/a.conf": { "enable": false, "source": "/nix/store/x-own.conf" }"#
        let snapshot = try declared("blacklist sctp", more: more)
        #expect(snapshot.known("modules.autoloads.network-protocols") == .strings(["rds", "tipc"]))
    }

    @Test func anExportWithoutTheFilesProvesNothing() throws {
        let snapshot = try KernelSupport.declared(#"{ "boot": { "blacklistedKernelModules": ["sctp"] } }"#)
        #expect(snapshot.reason("modules.autoloads.network-protocols") != nil)
        #expect(snapshot.reason("modules.at-boot") != nil)
        #expect(snapshot.reason("modules.locked") != nil)
    }

    /// A module is only asked about where the kernel has it.
    @Test(arguments: [
        ("5.4.53", "file-servers", []), ("5.15.1", "file-servers", ["ksmbd"]),
        ("5.4.53", "test-drivers", ["vivid", "vimc"]), ("7.1.1", "amateur-radio", []),
        ("7.0.1", "amateur-radio", ["ax25", "netrom", "rose"]),
        ("5.4.53", "can-bus", ["can", "can_raw", "can_bcm", "can_gw", "can_j1939"]),
    ])
    func modulesComeAndGo(kernel: String, group: String, modules: [String]) throws {
        let snapshot = try KernelSupport.built(
            ["/etc/modprobe.d/nixos.conf": "\n"],
            context: SystemContext(release: "26.05", kernelVersion: kernel, hasOwnKernel: true))
        #expect(snapshot.known("modules.loadable.\(group)") == .strings(modules))
    }

    @Test func aLineDisciplineNeedsRootWhereTheSettingSaysSo() throws {
        let setting = ["/etc/sysctl.d/60-nixos.conf": "dev.tty.ldisc_autoload=0\n"]
        let both = FactValue.strings(["n_gsm", "n_hdlc"])
        #expect(lists(try built("\n", setting), "line-disciplines") == [.strings([]), both])
        #expect(lists(try built("\n"), "line-disciplines") == [both, both])
        let atBoot = setting.merging(["/etc/modules-load.d/nixos.conf": "n_gsm\n"]) { $1 }
        #expect(lists(try built("\n", atBoot), "line-disciplines") == [.strings(["n_gsm"]), both])
    }
}
