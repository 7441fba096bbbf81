import FirnModel
import Testing

@testable import FirnFacts

@Suite("facts of Nix")
struct NixFactsTests {
    private func value(_ conf: String, _ key: String) throws -> FactValue? {
        try BootRoomSupport.nix(conf).fact(FactKey("nix." + key))?.value
    }

    @Test func theLastValueCountsAndExtraAdds() throws {
        let facts = try BootRoomSupport.nix(
            "trusted-users = root\nextra-trusted-users = bob\nsandbox = false\nbuild-use-sandbox = relaxed\n"
                + "extra-allowed-users = anna\n")
        #expect(facts.list("nix.trusted-users") == ["root", "bob"])
        #expect(facts.list("nix.allowed-users") == ["*", "anna"])
        #expect(facts.fact("nix.sandbox")?.value == .string("relaxed"))
    }

    @Test func whatIsNotSetHasNixOwnDefault() throws {
        let facts = try BootRoomSupport.nix("# nothing\n")
        #expect(facts.fact("nix.sandbox")?.value == .string("true"))
        #expect(facts.fact("nix.sandbox-fallback")?.value == .boolean(true))
        #expect(facts.list("nix.trusted-users") == ["root"])
        #expect(facts.list("nix.substituters") == ["https://cache.nixos.org/"])
        #expect(facts.fact("nix.build-users-group")?.value == .string("nixbld"))
    }

    @Test(
        "what Nix refuses is unknown",
        arguments: ["broken\n", "a b c\n", "sandbox = maybe\n", "include gone.conf\n", "include\n"])
    func refused(_ conf: String) throws {
        #expect(try BootRoomSupport.nix(conf).isUnavailable("nix.sandbox"))
    }

    @Test func includesAreReadInPlace() throws {
        let files = ["/etc/nix/more.conf": "sandbox = false\nextra-trusted-users = bob\n"]
        let before = try BootRoomSupport.nix("sandbox = true\ninclude more.conf\n", files)
        #expect(before.fact("nix.sandbox")?.value == .string("false"))
        #expect(before.list("nix.trusted-users") == ["root", "bob"])
        let after = try BootRoomSupport.nix("!include /etc/nix/more.conf\nsandbox = true\n", files)
        #expect(after.fact("nix.sandbox")?.value == .string("true"))
    }

    @Test func anIncludeThatIsOnlyThereAtRunTimeMayHaveSetAnything() throws {
        let facts = try BootRoomSupport.nix("require-sigs = true\n!include /run/secrets/nix.conf\nsandbox = true\n")
        #expect(facts.isUnavailable("nix.require-sigs"))
        #expect(facts.fact("nix.sandbox")?.value == .string("true"))
    }

    @Test(
        "what the daemon is started with comes after all files",
        arguments: [
            "Environment=NIX_CONFIG=\"sandbox = false\"\n", "Environment=NIX_CONF_DIR=/x\n",
            "ExecStart=@/n/bin/nix-daemon nix-daemon --daemon --option sandbox false\n",
        ])
    func daemon(_ line: String) throws {
        let unit = "/etc/systemd/system/nix-daemon.service"
        #expect(try BootRoomSupport.nix("sandbox = true\n", [unit: "[Service]\n" + line]).isUnavailable("nix.sandbox"))
        let plain = try BootRoomSupport.nix(
            "sandbox = true\n", [unit: "[Service]\nExecStart=@/n/bin/nix-daemon nix-daemon --daemon\n"])
        #expect(plain.fact("nix.sandbox")?.value == .string("true"))
        let declared = try BootRoomSupport.declaredNix(
            "{\"nix\":{\"enable\":true,\"extraOptions\":\"\",\"settings\":{}},\"systemd\":{\"services\":{\"nix-daemon\":{\"environment\":{\"NIX_CONFIG\":\"x\"}}}}}"
        )
        #expect(declared.isUnavailable("nix.sandbox"))
    }

    @Test func aCircleOfIncludesEnds() throws {
        let facts = try BootRoomSupport.nix("include nix.conf\n")
        #expect(facts.isUnavailable("nix.sandbox"))
    }

    @Test(
        "addresses",
        arguments: [
            ("http://a", true, false), ("HTTP://a", true, false), ("https://a", false, false),
            ("ftp://a/b", true, false),
            ("http://localhost:5000", false, false), ("http://127.0.0.1", false, false),
            ("http://[::1]/x", false, false),
            ("http://localhost.example.org", true, false), ("http://u@127.0.0.1/", false, false),
            ("ssh-ng://b?trusted=1", false, true), ("https://a?priority=10&trusted=true", false, true),
            ("https://a?trusted=0", false, false), ("https://a?x=trusted=1", false, false),
            ("s3://b?trusted=yes", false, true),
        ])
    func addresses(_ url: String, _ isInsecure: Bool, _ isTrusted: Bool) throws {
        for setting in ["substituters", "extra-substituters", "trusted-substituters", "binary-caches"] {
            let facts = try BootRoomSupport.nix("\(setting) = \(url)\n")
            #expect(facts.list("nix.substituters.insecure")?.isEmpty == !isInsecure)
            #expect(facts.list("nix.substituters.trusted")?.isEmpty == !isTrusted)
        }
    }

    @Test func noTokenIsShown() throws {
        let facts = try BootRoomSupport.nix(
            "access-tokens = github.com=hunter2\nsubstituters = https://u:hunter2@cache.example.org/x?secret=hunter2\n"
                + "unknown-setting = hunter2\nflake-registry = https://u:hunter2@h/r.json\nnetrc-file = /nix/store/x-netrc\n"
        )
        #expect(facts.list("nix.secrets") == ["access-tokens", "netrc-file", "substituters"])
        #expect(facts.list("nix.substituters") == ["https://cache.example.org/x"])
        #expect(!facts.everyWord.contains("hunter2"))
        let harmless = try BootRoomSupport.nix("netrc-file = /run/secrets/netrc\nsecret-key-files = /var/key\n")
        #expect(harmless.list("nix.secrets") == [])
    }

    @Test(
        "paths of the host in the sandbox",
        arguments: [
            ("/", ["/"]), ("/bin/sh=/nix/store/b/bin/sh", []), ("/dev/kvm?", []),
            ("/var/cache/ccache", ["/var/cache/ccache"]),
            ("/x=/", ["/x=/"]), ("/x=/nix/store/y", []),
        ] as [(String, [String])])
    func sandboxPaths(_ path: String, _ wide: [String]) throws {
        #expect(try BootRoomSupport.nix("extra-sandbox-paths = \(path)\n").list("nix.sandbox-paths.wide") == wide)
    }

    @Test func keysAreComparedWholeAndNamed() throws {
        let official = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="
        #expect(
            try BootRoomSupport.nix("trusted-public-keys = \(official)\n").list("nix.trusted-public-keys.unknown") == []
        )
        // The name of the official key with another key is another key.
        #expect(
            try BootRoomSupport.nix("trusted-public-keys = \(official) cache.nixos.org-1:AAAA\n")
                .list("nix.trusted-public-keys.unknown") == ["cache.nixos.org-1"])
    }

    @Test func hooksThatAreOffAreNone() throws {
        #expect(try BootRoomSupport.nix("diff-hook = /bin/x\n").list("nix.hooks") == [])
        #expect(try BootRoomSupport.nix("diff-hook = /bin/x\nrun-diff-hook = yes\n").list("nix.hooks") == ["diff-hook"])
    }

    @Test func withoutNixThereIsNothingToJudge() throws {
        let facts = try BootRoomSupport.nix(nil)
        #expect(facts.fact("nix.enabled")?.value == .boolean(false))
        #expect(facts.fact("nix.sandbox") == nil)
        let daemon = try BootRoomSupport.nix(nil, ["/etc/systemd/system/nix-daemon.socket": "[Socket]\n"])
        #expect(daemon.fact("nix.sandbox")?.value == .string("true"))
        let lost = try BootRoomSupport.nix("-> /nix/store/gone")
        #expect(lost.isUnavailable("nix.sandbox"))
    }

    @Test func aTimerThatNothingStartsIsOff() throws {
        let unit = "/etc/systemd/system/nixos-upgrade.timer"
        #expect(try BootRoomSupport.nix("", [unit: "[Timer]\n"]).fact("nix.auto-upgrade")?.value == .boolean(false))
        let on = try BootRoomSupport.nix(
            "",
            [
                unit: "[Timer]\n",
                "/etc/systemd/system/timers.target.wants/nixos-upgrade.timer": "-> ../nixos-upgrade.timer",
                "/etc/systemd/system/nixos-upgrade.service": "[Service]\nExecStart=/nix/store/u/bin/start \n",
                "/nix/store/u/bin/start":
                    "nixos-rebuild switch -I nixpkgs=http://u:hunter2@channels.example.org/x.tar.gz\n",
            ])
        #expect(on.fact("nix.auto-upgrade")?.value == .boolean(true))
        #expect(on.fact("nix.auto-upgrade.reboot")?.value == .boolean(false))
        #expect(on.list("nix.upgrade-sources.insecure") == ["http://channels.example.org/x.tar.gz"])
        #expect(!on.everyWord.contains("hunter2"))
    }

    @Test func theDaemonOnAPort() throws {
        let facts = try BootRoomSupport.nix(
            "",
            [
                "/etc/systemd/system/nix-daemon.socket":
                    "[Socket]\nListenStream=/nix/var/nix/daemon-socket/socket\nListenStream=9999\n"
            ])
        #expect(facts.list("nix.daemon.listen") == ["9999"])
    }

    @Test(
        "the store over ssh",
        arguments: [
            ("", "off"), ("Match User nix-ssh\n  ForceCommand /n/bin/nix-store --serve\n", "read"),
            ("Match User nix-ssh\n  ForceCommand /n/bin/nix-store --serve --write\n", "write"),
            ("Match User nix-ssh\n  ForceCommand /n/bin/nix-daemon --stdio\n", "read"),
        ])
    func sshServe(_ text: String, _ value: String) throws {
        let facts = try BootRoomSupport.nix("", ["/etc/ssh/sshd_config": "Port 22\n" + text])
        #expect(facts.fact("nix.ssh-serve")?.value == .string(value))
    }

    @Test func registry() throws {
        let text = """
            {"version":2,"flakes":[
            {"from":{"id":"a","type":"indirect"},"to":{"type":"path","path":"/nix/store/x"}},
            {"from":{"id":"b","type":"indirect"},"to":{"type":"path","path":"/etc/nixos"}},
            {"from":{"id":"c","type":"indirect"},"to":{"type":"github","owner":"o","repo":"r"}},
            {"from":{"id":"d","type":"indirect"},"to":{"type":"github","owner":"o","repo":"r","rev":"0"}}]}
            """
        #expect(
            try BootRoomSupport.nix("", ["/etc/nix/registry.json": text]).list("nix.registry.unlocked") == ["b", "c"])
        #expect(try BootRoomSupport.nix("", ["/etc/nix/registry.json": "[]"]).isUnavailable("nix.registry.unlocked"))
    }

    // MARK: Declared

    @Test func declaredSettingsAreWrittenAsTheModuleDoes() throws {
        let facts = try BootRoomSupport.declaredNix(
            """
            {"nix":{"enable":true,"extraOptions":"sandbox = false\\n","settings":{"extra-trusted-users":["bob"],
            "trusted-users":["root"],"sandbox":true,"require-sigs":true,"builders":null}}}
            """)
        #expect(facts.list("nix.trusted-users") == ["root", "bob"])
        #expect(facts.fact("nix.sandbox")?.value == .string("false"))
    }

    @Test func declaredUnknowns() throws {
        let facts = try BootRoomSupport.declaredNix(
            "{\"nix\":{\"enable\":true,\"extraOptions\":\"!include /run/x\\n\",\"settings\":{\"sandbox\":true}}}")
        #expect(facts.isUnavailable("nix.sandbox"))
        #expect(try BootRoomSupport.declaredNix("{\"nix\":{\"enable\":true}}").isUnavailable("nix.sandbox"))
        #expect(try BootRoomSupport.declaredNix("{}").isUnavailable("nix.enabled"))
        #expect(
            try BootRoomSupport.declaredNix("{\"nix\":{\"enable\":false}}").fact("nix.enabled")?.value
                == .boolean(false))
    }

    @Test func olderOptions() throws {
        let facts = try BootRoomSupport.declaredNix(
            """
            {"nix":{"trustedUsers":["root","bob"],"useSandbox":"relaxed","requireSignedBinaryCaches":false,
            "binaryCaches":["http://a"],"trustedBinaryCaches":[],"allowedUsers":["*"],"extraOptions":""}}
            """)
        #expect(facts.list("nix.trusted-users") == ["root", "bob"])
        #expect(facts.fact("nix.sandbox")?.value == .string("relaxed"))
        #expect(facts.fact("nix.require-sigs")?.value == .boolean(false))
        #expect(facts.list("nix.substituters.insecure") == ["http://a"])
        #expect(facts.isUnavailable("nix.trusted-public-keys.unknown"))
    }

    /// An address that is not exported may hold a password.
    @Test func secretsNeedEverySettingThatMayHoldOne() throws {
        let old = #""trustedUsers":["root"],"extraOptions":"","binaryCaches":[]"#
        #expect(try BootRoomSupport.declaredNix("{\"nix\":{\(old)}}").isUnavailable("nix.secrets"))
        #expect(
            try BootRoomSupport.declaredNix("{\"nix\":{\(old),\"trustedBinaryCaches\":[]}}").list("nix.secrets") == [])
    }

    @Test func trustedUsersBeyondWheel() throws {
        #expect(try BootRoomSupport.nix("trusted-users = root @wheel\n").list("nix.trusted-users.beyond-wheel") == [])
        #expect(try BootRoomSupport.nix("# nothing\n").list("nix.trusted-users.beyond-wheel") == [])
        #expect(
            try BootRoomSupport.nix("trusted-users = root @wheel\nextra-trusted-users = guest @users\n")
                .list("nix.trusted-users.beyond-wheel") == ["guest", "@users"])
    }

    @Test func theDaemonOnAPortAsDeclared() throws {
        func facts(_ sockets: String) throws -> Snapshot {
            try BootRoomSupport.declaredNix(
                #"{"nix":{"enable":true,"settings":{},"extraOptions":""}"# + sockets + "}")
        }
        let own = #","systemd":{"sockets":{"nix-daemon":{"enable":true,"listenStreams":["/x"],"#
        #expect(try facts(own + #""socketConfig":{"ListenStream":"9999"}}}}"#).list("nix.daemon.listen") == ["9999"])
        #expect(try facts(own + #""socketConfig":{}}}}"#).list("nix.daemon.listen") == [])
        #expect(
            try facts(own + #""socketConfig":{"ListenStream":["", "[::]:9999"]}}}}"#).list("nix.daemon.listen")
                == ["[::]:9999"])
        #expect(try facts(own + #""socketConfig":{"ListenStream":9999}}}}"#).isUnavailable("nix.daemon.listen"))
        #expect(try facts(#","systemd":{"sockets":{}}"#).list("nix.daemon.listen") == [])
        #expect(try facts("").fact("nix.daemon.listen") == nil)
    }
}
