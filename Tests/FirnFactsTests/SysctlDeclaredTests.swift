import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

/// The same facts from evaluated options.
struct SysctlDeclaredTests {
    private func declared(_ json: String, unavailable: [String: String] = [:]) throws -> Snapshot {
        let options = OptionTree(
            name: "config.json", values: try JSONParser.parse(Array(json.utf8)), unavailable: unavailable)
        let context = SystemContext(kernelVersion: "6.18.37", hasOwnKernel: true)
        return SysctlSupport.snapshot(
            try SysctlFacts.declared(options, knowledge: try SysctlSupport.knowledge.get(), context: context), .declared
        )
    }

    private func system(etc: String, sysctl: String = "{}", more: String = "") -> String {
        """
        {"boot": {"kernel": {"sysctl": \(sysctl)}, "kernelParams": ["loglevel=4"],
                  "kernelPackages": {"kernel": {"name": "linux-6.18.37"}}},
         "environment": {"etc": \(etc)}\(more)}
        """
    }

    @Test func anOptionThatCouldNotBeEvaluatedLeavesItsServiceUnknown() throws {
        let snapshot = try declared(
            system(etc: "{}", more: #", "security": {}"#), unavailable: ["security.lockKernelModules": "it throws"])
        #expect(snapshot.why("kernel.modules_disabled") == "it throws")
    }

    @Test(arguments: [
        (["a", "b-c'd"], "a.b-c'd"), (["networks", "10-lan"], #"networks."10-lan""#), (["-x"], #""-x""#),
        (["kernel.x"], #""kernel.x""#), ([#"a"b\c"#], #""a\"b\\c""#), (["${x}"], #""\${x}""#), ([""], #""""#),
    ])
    func pathsAreSpelledAsNixSpellsThem(path: [String], text: String) {
        #expect(OptionTree.spelled(path) == text)
    }

    @Test func settingsAreWrittenAsNixOSWritesThem() throws {
        let snapshot = try declared(
            system(
                etc: "{}",
                sysctl:
                    #"{"kernel.kptr_restrict": 2, "kernel.dmesg_restrict": true, "kernel.sysrq": false, "fs.suid_dumpable": null, "net.ipv4.ping_group_range": "0  10"}"#
            ))
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(2))
        #expect(snapshot.sysctl("kernel.dmesg_restrict") == .integer(1))
        #expect(snapshot.sysctl("kernel.sysrq") == .integer(0))
        #expect(snapshot.sysctl("fs.suid_dumpable") == .integer(0))
        #expect(snapshot.fact("sysctl.fs.suid_dumpable")?.evidence.first?.text?.contains("kernel default") == true)
        #expect(snapshot.sysctl("net.ipv4.ping_group_range") == .string("0 10"))
        #expect(snapshot.origin("kernel.kptr_restrict") == #"boot.kernel.sysctl."kernel.kptr_restrict":1"#)
    }

    @Test func anotherFileOfEtcIsReadAtItsName() throws {
        let snapshot = try declared(
            system(
                etc:
                    #"{"x": {"target": "sysctl.d/99-x.conf", "text": "kernel.kptr_restrict = 0"}, "sysctl.d/60-nixos.conf": {"text": "kernel.kptr_restrict=2\n"}, "sysctl.d/99-off.conf": {"enable": false, "text": "kernel.kptr_restrict=9"}}"#
            ))
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(0))
        #expect(snapshot.origin("kernel.kptr_restrict") == "environment.etc.x.text:3")
    }

    @Test func aPackageFileThatIsNotKnownHidesWhatComesBefore() throws {
        let snapshot = try declared(
            system(
                etc:
                    #"{"sysctl.d/55-vendor.conf": {"source": "/nix/store/00000000000000000000000000000000-vendor-1.0/55.conf", "text": null}}"#,
                sysctl: #"{"kernel.kptr_restrict": 2}"#))
        #expect(snapshot.sysctl("kernel.kptr_restrict") == .integer(2))
        #expect(snapshot.why("kernel.perf_event_paranoid")?.contains("55-vendor.conf") == true)
        #expect(snapshot.why("kernel.anything")?.contains("55-vendor.conf") == true)
    }

    @Test(arguments: ["246.7", "250.4", "262.1"]) func anUnknownSystemdIsNotGuessed(version: String) throws {
        let snapshot = try declared(
            system(
                etc:
                    #"{"sysctl.d/50-default.conf": {"source": "/nix/store/00000000000000000000000000000000-systemd-\#(version)/example/sysctl.d/50-default.conf"}}"#
            ))
        #expect(snapshot.why("fs.protected_symlinks") != nil)
    }

    @Test func aTextWhoseSourceWasReplacedIsNotBelieved() throws {
        let snapshot = try declared(
            system(
                etc:
                    #"{"sysctl.d/60-nixos.conf": {"text": "kernel.kptr_restrict=2\n", "source": "/nix/store/00000000000000000000000000000000-mine.conf"}}"#
            ))
        #expect(snapshot.sysctl("kernel.kptr_restrict") == nil)
    }

    @Test func sysctlDirectoryLinkedAsAWholeHidesEverything() throws {
        let snapshot = try declared(
            system(
                etc: #"{"sysctl.d": {"source": "/nix/store/00000000000000000000000000000000-d"}}"#,
                sysctl: #"{"kernel.kptr_restrict": 2}"#))
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("as a whole") == true)
    }

    @Test func whatTheExporterCouldNotEvaluateIsNotKnown() throws {
        let text = system(etc: "{}", sysctl: #"{"kernel.kptr_restrict": 2}"#)
        let etc = try declared(text, unavailable: ["environment.etc": "broken"])
        #expect(etc.why("kernel.kptr_restrict")?.contains("broken") == true)
        let file = try declared(text, unavailable: [#"environment.etc."sysctl.d/99-x.conf""#: "throws"])
        #expect(file.why("kernel.kptr_restrict")?.contains("throws") == true)
        let one = try declared(text, unavailable: [#"boot.kernel.sysctl."kernel.sysrq""#: "throws"])
        #expect(one.why("kernel.sysrq") != nil)
        let missing = try declared(#"{"boot": {"kernel": {"sysctl": {"kernel.kptr_restrict": 2}}}}"#)
        #expect(missing.why("kernel.kptr_restrict")?.contains("environment.etc") == true)
    }

    @Test func aServiceThatIsOffAppliesNothing() throws {
        let sysctl = #"{"kernel.kptr_restrict": 2}"#
        let off = try declared(
            system(
                etc: "{}", sysctl: sysctl,
                more: #", "systemd": {"services": {"systemd-sysctl": {"enable": false}}}"#))
        #expect(off.sysctl("kernel.kptr_restrict") == .integer(0))
        let suppressed = try declared(
            system(
                etc: "{}", sysctl: sysctl,
                more: #", "systemd": {"suppressedSystemUnits": ["systemd-sysctl.service"]}"#))
        #expect(suppressed.sysctl("kernel.kptr_restrict") == .integer(0))
    }

    @Test(arguments: [
        #"{"unitConfig": {"ConditionPathExists": "/etc/never"}}"#,
        #"{"serviceConfig": {"ExecStart": ["", "/bin/true"]}}"#,
        #"{"serviceConfig": {"ProtectKernelTunables": true}}"#, #"{"serviceConfig": {"User": "nobody"}}"#,
        #"{"unitConfig": {"ConditionPathIsReadWrite": "/nonexistent"}}"#, #"{"preStart": "false"}"#,
        #"{"confinement": {"enable": true}}"#, #"{"postStart": "sysctl -w kernel.kptr_restrict=0"}"#,
    ])
    func aServiceThatWasChangedIsNotTrusted(service: String) throws {
        let snapshot = try declared(
            system(
                etc: "{}", sysctl: #"{"kernel.kptr_restrict": 2}"#,
                more: #", "systemd": {"services": {"systemd-sysctl": \#(service)}}"#))
        #expect(snapshot.why("kernel.kptr_restrict")?.contains("systemd-sysctl.service") == true)
    }

    @Test func aBrokenTableNamesFileAndLine() throws {
        var knowledge = try SysctlSupport.knowledge.get()
        knowledge.tables["sysctl-defaults"] = DataNode(
            .table([
                .init(
                    key: "setting",
                    node: DataNode(
                        .array([DataNode(.table([.init(key: "name", node: DataNode(.integer(1)))]), line: 7)])))
            ]))
        let options = OptionTree(name: "config.json", values: JSONNode(.null))
        let error = #expect(throws: DataError.self) {
            try SysctlFacts.declared(options, knowledge: knowledge, context: SystemContext())
        }
        #expect(error?.file == "profiles/knowledge/sysctl-defaults.toml")
        #expect(error?.line == 7)
    }
}
