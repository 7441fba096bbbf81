import FirnModel
import Testing

@testable import FirnFacts

/// Wrappers from scripts and options, the modes among them.
@Suite struct WrappersFactsTests {
    @Test(
        arguments: [
            ("u+s,g-s,u+rx,g+x,o+x", 0o4511), ("u+rx,g+x", 0o510), ("4755", 0o4755), ("a+rx,o+w", 0o557),
            ("u=rwx,go=rx", 0o755),
            ("+x", 0o111), ("u+s,g+s,u+rwx,g+rx,o+t", 0o7750),
        ] as [(String, UInt16)])
    func modes(text: String, expected: UInt16) {
        #expect(FileMode.applied(text, to: 0) == expected)
    }

    @Test(arguments: ["", "u", "u+q", "rwx", "99", "u+rx,", "12345678"])
    func malformedModes(text: String) {
        #expect(FileMode.applied(text, to: 0) == nil)
    }

    @Test func stockWrappersAreQuiet() throws {
        let facts = try SudoSupport.wrappers(SudoSupport.script(["su", "sudo", "mount", "unix_chkpwd"]))
        #expect(facts.texts("wrappers.setuid") == ["mount", "su", "sudo", "unix_chkpwd"])
        for key: FactKey in [
            "wrappers.dangerous", "wrappers.unexpected", "wrappers.root-capabilities", "wrappers.writable",
            "wrappers.setgid",
        ] {
            #expect(facts.texts(key) == [], "\(key.rawValue)")
        }
    }

    @Test func aKnownNameAroundAnotherProgramIsFound() throws {
        let script = SudoSupport.script(["mount"]).replacing("security-wrapper-mount-", with: "security-wrapper-bash-")
        let facts = try SudoSupport.wrappers(script)
        #expect(facts.texts("wrappers.dangerous") == ["mount (bash)"])
        #expect(facts.texts("wrappers.unexpected") == ["mount (bash)"])
    }

    @Test(arguments: ["python3.12", "vim", "find", "busybox", "env"])
    func dangerous(name: String) throws {
        #expect(try SudoSupport.wrappers(SudoSupport.script([name])).texts("wrappers.dangerous") == [name])
        // Without special rights it is only a copy.
        let plain = SudoSupport.script([name], mode: "u+rx,g+x,o+x")
        #expect(try SudoSupport.wrappers(plain).texts("wrappers.dangerous") == [])
    }

    @Test func lesserRightsAreNoRootShell() throws {
        func dangerous(_ name: String, _ capability: String) throws -> FactBatch {
            try SudoSupport.wrappers(
                SudoSupport.script([name], mode: "u+rx,g+x,o+x")
                    + "/x/bin/setcap \"cap_setpcap,\(capability)+ep\" \"$wrapperDir/\(name)\"\n")
        }
        for (name, capability) in [
            ("nmap", "cap_net_raw"), ("ip", "cap_net_admin"), ("nice", "cap_sys_nice"), ("perf", "cap_perfmon"),
        ] {
            let facts = try dangerous(name, capability)
            #expect(facts.texts("wrappers.dangerous") == [])
            #expect(facts.texts("wrappers.unexpected") == [name])
        }
        #expect(try dangerous("python3.12", "cap_setuid").texts("wrappers.dangerous") == ["python3.12"])
        // One that only its owner can start makes nobody root.
        let own = try SudoSupport.wrappers(SudoSupport.script(["bash"], mode: "u+s,g-s,u+rx"))
        #expect(own.texts("wrappers.dangerous") == [])
        #expect(own.texts("wrappers.unexpected") == ["bash"])
        let group = try SudoSupport.wrappers(SudoSupport.script(["bash"], mode: "u+s,g-s,u+rx,g+x", group: "users"))
        #expect(group.texts("wrappers.dangerous") == ["bash"])
    }

    @Test(arguments: ["fping", "bwrap", "screen", "xscreensaver-auth", "mount.davfs"])
    func wrappersOfModulesAreExpected(name: String) throws {
        let facts = try SudoSupport.wrappers(SudoSupport.script([name]))
        #expect(facts.texts("wrappers.unexpected") == [])
        #expect(facts.texts("wrappers.dangerous") == [])
    }

    @Test func atBelongsToItsOwnAccount() throws {
        let script = SudoSupport.script(["at"], mode: "u+s,g+s,u+rx,g+x,o+x", group: "atd").replacing(
            "root:atd", with: "atd:atd")
        let facts = try SudoSupport.wrappers(script)
        #expect(facts.texts("wrappers.unexpected") == [])
        #expect(facts.texts("wrappers.setuid.others") == [])
        let other = try SudoSupport.wrappers(script.replacing("atd:atd", with: "nobody:atd"))
        #expect(other.texts("wrappers.setuid.others") == ["at nobody"])
        #expect(other.texts("wrappers.unexpected") == ["at"])
    }

    @Test func writableAndSetgid() throws {
        let facts = try SudoSupport.wrappers(
            SudoSupport.script(["helper"], mode: "u-s,g+s,u+rx,g+rx,o+rwx", group: "shadow"))
        #expect(facts.texts("wrappers.writable") == ["helper"])
        #expect(facts.texts("wrappers.setgid") == ["helper shadow"])
        #expect(facts.texts("wrappers.unexpected") == ["helper"])
    }

    @Test func capabilities() throws {
        let base = SudoSupport.script(["newuidmap", "thing"], mode: "u+rx,g+x,o+x")
        let facts = try SudoSupport.wrappers(
            base + "/x/bin/setcap \"cap_setpcap,cap_setuid+ep\" \"$wrapperDir/newuidmap\"\n"
                + "/x/bin/setcap \"cap_setpcap,cap_sys_admin,cap_net_raw+ep\" \"$wrapperDir/thing\"\n")
        #expect(facts.texts("wrappers.capabilities") == ["newuidmap cap_setuid", "thing cap_net_raw,cap_sys_admin"])
        #expect(facts.texts("wrappers.root-capabilities") == ["thing cap_sys_admin"])
        let odd = try SudoSupport.wrappers(base + "setcap \"cap_setpcap,what\" $wrapperDir/thing\n")
        #expect(odd.isUnavailable("wrappers.root-capabilities"))
    }

    @Test(arguments: [
        "cp /x/bash $wrapperDir/../bash\n", "install -m 4755 /x/bash $wrapperDir/bash\n", "chmod u+s $wrapperDir/*\n",
        "for w in a b; do cp /x/$w $wrapperDir/$w; done\n", "cp /x/a $wrapperDir/a; chmod 4755 $wrapperDir/a\n",
        "cp /x/a /run/wrappers/bin/a\n", "chmod $MODE $wrapperDir/su\n", "ln -s /x \"$wrapperDir/y\" && true\n",
        "chown root $wrapperDir/su\n",
    ])
    func commandsThatAreNotKnownAreNotPassed(line: String) throws {
        let facts = try SudoSupport.wrappers(SudoSupport.script(["su"]) + line)
        #expect(facts.isUnavailable("wrappers.setuid"))
        #expect(facts.isUnavailable("wrappers.dangerous"))
    }

    @Test func aSystemThatMakesNone() throws {
        let options = try SudoSupport.options(
            "{\"security\": {\"enableWrappers\": false, \"wrappers\": {\"find\": {\"setuid\": true, \"owner\": \"root\"}}}}"
        )
        let facts = try WrappersFacts.declared(
            options, knowledge: try SudoSupport.knowledge.get(), context: SystemContext())
        #expect(facts.texts("wrappers.enabled") == ["false"])
        #expect(facts.texts("wrappers.dangerous") == [])
    }

    @Test func optionsWithoutTypesHaveTheDefaultsOfTheirRelease() throws {
        let options = try SudoSupport.options(
            """
            {"security": {"wrappers": {"su": {"source": "/x/bin/su"}, "nmap": {"setuid": true, "source": "/x/bin/env"},
            "off": {"enable": false, "setuid": true, "source": "/x/bin/bash"},
            "ping": {"capabilities": "cap_net_raw+p", "source": "/x/bin/ping"}}}}
            """)
        let facts = try WrappersFacts.declared(
            options, knowledge: try SudoSupport.knowledge.get(), context: SystemContext())
        #expect(facts.texts("wrappers.setuid") == ["su"])
        #expect(facts.texts("wrappers.setuid.others") == ["nmap nobody"])
        #expect(facts.texts("wrappers.capabilities") == ["ping cap_net_raw"])
        #expect(facts.texts("wrappers.dangerous") == ["nmap (env)"])
    }
}
