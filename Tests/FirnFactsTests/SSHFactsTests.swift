import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@testable import FirnFacts

@Suite struct SSHFactsTests {
    private func isUnavailable(_ fact: Fact?) -> Bool {
        if case .unavailable? = fact { true } else { false }
    }

    private func isAbsent(_ fact: Fact?) -> Bool {
        if case .absent? = fact { true } else { false }
    }

    private func view(_ texts: [String: String]) -> SystemView {
        SystemView(tree: MemoryTree(texts), toplevel: "/", etcRoot: "/etc")
    }

    private func built(_ view: SystemView) throws -> FactBatch {
        try SSHFacts.built(view, knowledge: try SSHSupport.knowledge.get(), context: SystemContext())
    }

    // MARK: Whether sshd runs

    @Test func withoutSSHDThereIsNothing() throws {
        let batch = try built(view(["/etc/systemd/system/other.service": "[Service]\n"]))
        #expect(batch.value("configured") == .boolean(false))
        #expect(batch.value("enabled") == .boolean(false))
        #expect(isAbsent(batch.ssh("PermitRootLogin")))
        #expect(batch.ssh("PermitRootLogin")?.evidence.first?.text == "sshd is not enabled")
        #expect(isAbsent(batch.ssh("match.PasswordAuthentication")))
    }

    @Test func theLinkDecides() throws {
        let batch = try SSHSupport.built(config: "PermitRootLogin yes\n", wanted: false)
        #expect(batch.value("configured") == .boolean(true))
        #expect(batch.value("enabled") == .boolean(false))
        #expect(batch.value("PermitRootLogin") == .string("yes"))
    }

    @Test(
        "whatever unit pulls sshd in starts it",
        arguments: [
            "nix-daemon.service.wants/sshd.service", "multi-user.target.upholds/sshd.service",
            "multi-user.target.requires/sshd.service",
        ])
    func otherLinks(_ link: String) throws {
        let batch = try SSHSupport.built(
            config: "", files: ["/etc/systemd/system/" + link: "-> ../sshd.service"], wanted: false)
        #expect(batch.value("enabled") == .boolean(true))
    }

    @Test("a unit's own line starts sshd as a link does")
    func wantsLine() throws {
        let batch = try SSHSupport.built(
            config: "", files: ["/etc/systemd/system/other.service": "[Unit]\nWants=a.service sshd.service\n"],
            wanted: false)
        #expect(batch.value("enabled") == .boolean(true))
    }

    @Test func aMaskedUnitDoesNotStart() throws {
        let batch = try SSHSupport.built(config: "", files: ["/etc/systemd/system/sshd.service": "-> /dev/null"])
        #expect(batch.value("enabled") == .boolean(false))
    }

    @Test func quotedArgumentsOfSSHDAreRead() throws {
        let unit =
            "[Service]\nExecStart=/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/sshd -D "
            + "\"-oPermitEmptyPasswords yes\"\n"
        let batch = try SSHSupport.built(
            config: "PermitEmptyPasswords no\n", files: ["/etc/systemd/system/sshd.service": unit])
        #expect(batch.ssh("PermitEmptyPasswords")?.value == .string("yes"))
    }

    @Test(
        "a command whose arguments systemd decides, or another program, tells nothing of sshd",
        arguments: [
            "sshd -D $OPTS", "sshd -D ${OPTS}", "sshd -D -p %i", "sshd-wrapper -D",
        ])
    func commandsThatAreNotFollowed(_ command: String) throws {
        let unit =
            "[Service]\nExecStart=/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/\(command)\n"
        let batch = try SSHSupport.built(
            config: "PermitEmptyPasswords no\n", files: ["/etc/systemd/system/sshd.service": unit])
        #expect(batch.value("enabled") == .boolean(true))
        #expect(isUnavailable(batch.ssh("PermitEmptyPasswords")))
        #expect(isUnavailable(batch.ssh("match.PermitRootLogin")))
    }

    @Test(
        "penalties that hit nobody are no limit",
        arguments: [
            ("PerSourcePenalties authfail:0\n", false), ("PerSourcePenaltyExemptList 0.0.0.0/0,::/0\n", false),
            ("PerSourcePenalties authfail:10s\n", true), ("PerSourcePenaltyExemptList 10.0.0.0/8\n", true),
        ])
    func emptyPenalties(_ config: String, _ limits: Bool) throws {
        #expect(try SSHSupport.built(config: config).value("rate-limit.penalties") == .boolean(limits))
    }

    @Test("a file that replaces the module's is not the settings")
    func replacedFile() throws {
        for etc in [
            #"{"source": "/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-sshd_config", "text": null}"#,
            #"{"source": "/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-etc-sshd_config", "text": "Port 22"}"#,
        ] {
            let json =
                #"{"services": {"openssh": {"enable": true, "settings": {}, "extraConfig": ""}}, "#
                + #""environment": {"etc": {"ssh/sshd_config": \#(etc)}}}"#
            let batch = try SSHSupport.declared(json: Array(json.utf8))
            #expect(isUnavailable(batch.ssh("PermitEmptyPasswords")))
        }
    }

    @Test func socketActivation() throws {
        let batch = try built(
            view([
                "/etc/ssh/sshd_config": "Port 22\n",
                "/etc/systemd/system/sshd@.service":
                    "[Service]\nExecStart=-/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/sshd -i -D -f /etc/ssh/sshd_config\n",
                "/etc/systemd/system/sshd.socket":
                    "[Socket]\nListenStream=2022\nListenStream=10.0.0.1:22\nListenStream=[fe80::1]:24\n",
                "/etc/systemd/system/sockets.target.wants/sshd.socket": "-> ../sshd.socket",
            ]))
        #expect(batch.value("enabled") == .boolean(true))
        #expect(batch.value("activation") == .string("socket"))
        #expect(batch.value("version") == .string("10.3"))
        #expect(batch.value("listen") == .strings(["0.0.0.0:2022", "[::]:2022", "10.0.0.1:22", "[fe80::1]:24"]))
        #expect(batch.value("ports") == .list([.integer(22), .integer(24), .integer(2022)]))
        // One sshd a connection keeps no count of addresses.
        #expect(batch.value("rate-limit.penalties") == .boolean(false))
        #expect(batch.value("rate-limit.max-startups") == .boolean(false))
    }

    @Test func whatCannotBeReadIsUnavailable() throws {
        let unit = "[Service]\nExecStart=/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/sshd -D\n"
        for node: MemoryTree.Node in [.forbidden, .link("/nix/store/gone/sshd_config"), .file([0xff, 0xfe])] {
            let tree = MemoryTree(nodes: [
                "/etc/ssh/sshd_config": node,
                "/etc/systemd/system/sshd.service": .file(Array(unit.utf8)),
                "/etc/systemd/system/multi-user.target.wants/sshd.service": .link("../sshd.service"),
            ])
            let batch = try built(SystemView(tree: tree, toplevel: "/", etcRoot: "/etc"))
            #expect(batch.value("enabled") == .boolean(true))
            for key in ["PermitRootLogin", "Ciphers", "match.PermitRootLogin", "config-valid", "ports"] {
                #expect(isUnavailable(batch.ssh(key)), "\(key): \(String(describing: batch.ssh(key)))")
            }
        }
    }

    // MARK: Includes

    @Test func includesInTheImage() throws {
        let batch = try SSHSupport.built(
            config: "Include sshd_config.d/*.conf\nPermitRootLogin no\nInclude /nix/store/x-extra\n",
            files: [
                "/etc/ssh/sshd_config.d/10.conf": "-> /etc/static/10.conf",
                "/etc/static/10.conf": "PermitRootLogin yes\nMatch User bob\nPasswordAuthentication yes\n",
                "/etc/ssh/sshd_config.d/10.conf.mode": "0400",
                "/nix/store/x-extra": "X11Forwarding yes\n",
            ])
        #expect(batch.value("PermitRootLogin") == .string("yes"))
        #expect(batch.ssh("PermitRootLogin")?.evidence.first?.path == "/etc/ssh/sshd_config.d/10.conf")
        #expect(batch.value("X11Forwarding") == .string("yes"))
        #expect(batch.value("match.PasswordAuthentication") == .strings(["yes"]))
        #expect(batch.value("config-valid") == .boolean(true))
    }

    @Test func anEmptyGlobInTheImageIsNothing() throws {
        let batch = try SSHSupport.built(
            config: "Include /etc/ssh/sshd_config.d/*.conf\nInclude ~/x\nPermitRootLogin no\n")
        #expect(batch.value("PermitRootLogin") == .string("no"))
        #expect(isAbsent(batch.ssh("match.PermitRootLogin")))
    }

    @Test(arguments: [
        "/run/secrets/sshd", "/run/sshd.d/*.conf", "/var/lib/x.conf", "/var/lib/d/*.conf", "/etc/ssh/local.conf",
    ])
    func whatMayExistAtRunTimeIsUnknown(path: String) throws {
        let batch = try SSHSupport.built(
            config: "X11Forwarding no\nInclude \(path)\nPermitRootLogin no\n", files: ["/var/lib/d/x.txt": ""])
        #expect(batch.value("X11Forwarding") == .string("no"))
        for key in [
            "PermitRootLogin", "MaxAuthTries", "Ciphers", "match.PermitRootLogin", "match.blocks", "config-valid",
        ] {
            #expect(isUnavailable(batch.ssh(key)), "\(key): \(String(describing: batch.ssh(key)))")
        }
    }

    // MARK: Releases

    @Test func anUnknownReleaseHasNoDefaults() throws {
        let batch = try SSHSupport.built(config: "PermitRootLogin no\nCiphers aes256-ctr\n", openssh: "unstable")
        #expect(isUnavailable(batch.ssh("version")))
        #expect(batch.value("PermitRootLogin") == .string("no"))
        #expect(batch.value("Ciphers") == .strings(["aes256-ctr"]))
        for key in ["MaxAuthTries", "MACs", "KexAlgorithms", "PubkeyAcceptedAlgorithms.broken", "rate-limit.penalties"]
        {
            #expect(isUnavailable(batch.ssh(key)), "\(key)")
        }
    }

    @Test func aReleaseThatIsNewerThanTheTables() throws {
        let batch = try SSHSupport.built(config: "NewKeyword yes\nMACs hmac-sha2-512\n", openssh: "10.9p1")
        #expect(batch.value("version") == .string("10.9"))
        #expect(isUnavailable(batch.ssh("config-valid")))
        #expect(isUnavailable(batch.ssh("Ciphers")))
        #expect(batch.value("MACs") == .strings(["hmac-sha2-512"]))
        #expect(batch.value("terrapin") == .boolean(false))
    }

    @Test func theReleaseFromTheSubsystem() throws {
        let batch = try SSHSupport.built(
            config: "Subsystem sftp /nix/store/qh8rvchxsby31zknbn6sxv07vjcq4xgh-openssh-8.2p1/libexec/sftp-server\n",
            openssh: "wrapped")
        #expect(batch.value("version") == .string("8.2"))
    }

    @Test(arguments: [
        ("/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/sshd", "10.3p1"),
        ("/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-with-hpn-9.9p2/bin/sshd", "9.9p2"),
        ("/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh_gssapi-9.8p1", "9.8p1"),
        ("/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-dropbear-2024.86/bin/dropbear", nil), ("/usr/sbin/sshd", nil),
        ("", nil),
    ])
    func packages(path: String, release: String?) {
        #expect(SSHPackage.release(path)?.text == release)
    }

    /// Before 8.7 keyboard-interactive logins had two switches, and either turned them on.
    @Test func keyboardInteractiveOfOldReleases() throws {
        for (text, expected) in [
            ("", "yes"), ("ChallengeResponseAuthentication no\n", "no"), ("KbdInteractiveAuthentication no\n", "yes"),
            ("ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n", "yes"),
        ] {
            let batch = try SSHSupport.built(config: text, openssh: "8.2p1")
            #expect(batch.value("KbdInteractiveAuthentication") == .string(expected), "\(text)")
        }
        let new = try SSHSupport.built(config: "ChallengeResponseAuthentication no\n")
        #expect(new.value("KbdInteractiveAuthentication") == .string("no"))
        #expect(isAbsent(new.ssh("ChallengeResponseAuthentication")))
    }

    @Test func keywordsAReleaseDoesNotHaveAreAbsent() throws {
        let batch = try SSHSupport.built(config: "", openssh: "8.2p1")
        #expect(isAbsent(batch.ssh("RequiredRSASize")))
        #expect(batch.value("PubkeyAcceptedAlgorithms") != nil)
        #expect(batch.value("rate-limit.penalties") == .boolean(false))
        #expect(
            try SSHSupport.built(config: "PubkeyAcceptedAlgorithms ssh-ed25519\n", openssh: "8.2p1").value(
                "config-valid") == .boolean(false))
    }

    @Test func patchedKeywords() throws {
        let batch = try SSHSupport.built(config: "GSSAPIKeyExchange yes\n")
        #expect(isUnavailable(batch.ssh("config-valid")))
    }

    // MARK: Validity

    @Test func anInvalidConfigurationNamesItsLines() throws {
        let batch = try SSHSupport.built(config: "PermitRootLogin no\nPermitRootLogni yes\nMaxAuthTries x\n")
        #expect(batch.value("config-valid") == .boolean(false))
        #expect(batch.ssh("config-valid")?.evidence.map(\.line) == [2, 3])
        #expect(batch.value("PermitRootLogin") == .string("no"))
        #expect(isUnavailable(batch.ssh("MaxAuthTries")))
    }

    // MARK: Command line

    @Test func theCommandLineComesFirst() throws {
        let store = "/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1/bin/sshd"
        let batch = try SSHSupport.built(
            config: "X11Forwarding yes\n",
            files: [
                "/etc/systemd/system/sshd.service":
                    "[Service]\nExecStart=\(store) -D -4 -p 2222 -o PermitRootLogin=no -o \"AllowUsers a b\" -f/etc/ssh/other\n",
                "/etc/ssh/other": "PermitRootLogin yes\nPort 22\n",
            ])
        #expect(batch.value("PermitRootLogin") == .string("no"))
        #expect(batch.value("X11Forwarding") == .string("no"))
        #expect(batch.value("listen") == .strings(["0.0.0.0:2222"]))
        #expect(batch.value("AllowUsers") == .strings(["a", "b"]))
        #expect(batch.value("config-valid") == .boolean(true))
        let opaque = try SSHSupport.built(
            config: "PermitRootLogin no\n",
            files: ["/etc/systemd/system/sshd.service": "[Service]\nExecStart=\(store) -D $OPTIONS\n"])
        #expect(opaque.value("enabled") == .boolean(true))
        #expect(isUnavailable(opaque.ssh("PermitRootLogin")))
    }

    // MARK: Secrets

    @Test func noValueOfAnEnvironmentVariableIsAFact() throws {
        let batch = try SSHSupport.built(config: "SetEnv TOKEN=canary-7f3a A=b\nMatch User x\nSetEnv T=canary-7f3b\n")
        #expect(batch.value("SetEnv") == .strings(["TOKEN", "A"]))
        #expect(!"\(batch)".contains("canary"))
    }

    // MARK: Options

    @Test func optionsWithoutTheModule() throws {
        let batch = try SSHSupport.declared(json: Array("{\"services\":{}}".utf8))
        for key in ["configured", "enabled", "PermitRootLogin", "match.PermitRootLogin"] {
            #expect(isUnavailable(batch.ssh(key)), "\(key)")
        }
        let off = try SSHSupport.declared(json: Array(#"{"services":{"openssh":{"enable":false}}}"#.utf8))
        #expect(off.value("enabled") == .boolean(false))
        #expect(isAbsent(off.ssh("PermitRootLogin")))
    }

    @Test func settingsBecomeLines() throws {
        let batch = try SSHSupport.declared(
            json: Array(
                #"""
                {"services":{"openssh":{"enable":true,"package":"/nix/store/ww2wf5b928m0b53dp2bdifpgqqyfshvb-openssh-10.3p1",
                "settings":{"X11Forwarding":true,"MaxAuthTries":3,"Banner":null,"Ciphers":["aes256-ctr","aes128-ctr"],
                "AllowGroups":["wheel","ssh users"],"LogLevel":"VERBOSE"},
                "extraConfig":"MaxAuthTries 9\nInclude /etc/x\nPermitRootLogin no\n"}}}
                """#.utf8))
        #expect(batch.value("enabled") == .boolean(true))
        #expect(batch.value("X11Forwarding") == .string("yes"))
        #expect(batch.value("MaxAuthTries") == .integer(3))
        #expect(batch.value("Ciphers") == .strings(["aes256-ctr", "aes128-ctr"]))
        #expect(batch.ssh("LogLevel")?.evidence.first?.path == "services.openssh.settings.LogLevel")
        #expect(batch.ssh("LogLevel")?.evidence.first?.line == 3)
        // The options do not hold the files of an Include.
        #expect(isUnavailable(batch.ssh("PermitRootLogin")))
        #expect(isUnavailable(batch.ssh("AllowGroups")))
    }

    @Test func derivedFacts() throws {
        let batch = try SSHSupport.built(
            config: "HostKey /etc/ssh/ssh_host_ed25519_key\nPubkeyAcceptedAlgorithms +ssh-rsa\nMaxStartups 5:60:20\n",
            openssh: "9.2p1")
        #expect(batch.value("host-keys") == .strings(["ed25519"]))
        #expect(batch.value("HostKeyAlgorithms.offered") == .strings(["ssh-ed25519"]))
        #expect(batch.value("PubkeyAcceptedAlgorithms.broken") == .strings(["ssh-rsa"]))
        #expect(batch.value("CASignatureAlgorithms.broken") == .list([]))
        #expect(batch.value("MaxStartups.full") == .integer(20))
        #expect(batch.value("terrapin") == .boolean(true))
        let other = try SSHSupport.built(
            config: "HostKey /run/keys/mine\nCiphers aes256-gcm@openssh.com\nPerSourcePenalties no\n", openssh: "9.9p2")
        #expect(other.value("host-keys") == .strings(["mine"]))
        #expect(other.value("HostKeyAlgorithms.offered") == other.value("HostKeyAlgorithms"))
        #expect(other.value("rate-limit.penalties") == .boolean(false))
        let old = try SSHSupport.built(
            config: "Ciphers aes256-cbc\nMACs hmac-sha2-256-etm@openssh.com\n", openssh: "9.2p1")
        #expect(old.value("terrapin") == .boolean(true))
        let safe = try SSHSupport.built(config: "Ciphers aes256-ctr,aes256-cbc\nMACs hmac-sha2-256\n", openssh: "9.2p1")
        #expect(safe.value("terrapin") == .boolean(false))
    }

    @Test func brokenKnowledgeIsAnErrorWithItsPlace() throws {
        var knowledge = try SSHSupport.knowledge.get()
        knowledge.tables["ssh-keywords"] = nil
        #expect(throws: DataError.self) {
            try SSHFacts.built(view([:]), knowledge: knowledge, context: SystemContext())
        }
    }
}

/// What the facts pages of the fixtures say of sshd, by hand.
@Suite struct SSHFixtureTruthTests {
    static let truth: [(String, String, FactValue)] = [
        ("old-a-default", "version", .string("8.2")),
        ("old-a-default", "PasswordAuthentication", .string("yes")),
        ("old-a-default", "KbdInteractiveAuthentication", .string("yes")),
        ("old-a-default", "PrintMotd", .string("no")),
        (
            "old-a-default", "KexAlgorithms",
            .strings(["curve25519-sha256@libssh.org", "diffie-hellman-group-exchange-sha256"])
        ),
        (
            "old-a-default", "HostKeyAlgorithms.offered",
            .strings(["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"])
        ),
        ("old-d-insecure", "activation", .string("socket")),
        ("old-d-insecure", "ports", .list([.integer(22), .integer(2222)])),
        ("old-d-insecure", "PermitEmptyPasswords", .string("yes")),
        ("old-d-insecure", "StrictModes", .string("no")),
        ("old-d-insecure", "MaxAuthTries", .integer(20)),
        ("old-d-insecure", "UseDNS", .string("yes")),
        ("old-d-insecure", "config-valid", .boolean(true)),
        ("old-e-container-host", "PasswordAuthentication", .string("no")),
        ("old-e-container-host", "match.PasswordAuthentication", .strings(["yes"])),
        ("old-e-container-host", "match.blocks", .strings(["Address 10.0.0.0/8"])),
        ("old-f-iso", "enabled", .boolean(false)),
        ("old-f-iso", "configured", .boolean(true)),
        ("old-f-iso", "PermitRootLogin", .string("yes")),
        ("modern-a-default", "version", .string("9.9")),
        ("modern-a-default", "PermitRootLogin", .string("prohibit-password")),
        ("modern-a-default", "LoginGraceTime", .integer(120)),
        ("modern-a-default", "PerSourcePenalties", .string("yes")),
        ("modern-c-hardserver", "AllowGroups", .strings(["sshusers", "wheel"])),
        ("modern-c-hardserver", "ClientAliveInterval", .integer(600)),
        ("modern-c-hardserver", "Subsystem", .list([])),
        ("modern-c-hardserver", "host-keys", .strings(["ed25519"])),
        ("modern-c-hardserver", "match.ForceCommand", .strings(["internal-sftp"])),
        ("modern-c-hardserver", "rate-limit.fail2ban", .boolean(true)),
        ("modern-d-insecure", "LogLevel", .string("QUIET")),
        ("modern-d-insecure", "MACs", .strings(["hmac-md5", "hmac-sha1", "umac-64@openssh.com"])),
        ("modern-d-insecure", "PubkeyAcceptedAlgorithms.broken", .strings(["ssh-rsa"])),
        // A build of 9.9 as its authors make it has no DSA, and refuses the name.
        ("modern-d-insecure", "config-valid", .boolean(false)),
        ("current-a-default", "version", .string("10.3")),
        ("current-a-default", "Banner", .string("none")),
        // extraConfig comes after the settings: its MaxAuthTries 10 does not count, its MaxSessions does.
        ("current-c-hardserver", "MaxAuthTries", .integer(3)),
        ("current-c-hardserver", "MaxSessions", .integer(4)),
        ("current-c-hardserver", "match.AllowTcpForwarding", .strings(["yes"])),
        ("current-d-insecure", "PermitUserEnvironment", .string("yes")),
        ("current-d-insecure", "HostbasedAuthentication", .string("yes")),
        ("current-d-insecure", "IgnoreRhosts", .string("no")),
        ("current-d-insecure", "ports", .list([.integer(22), .integer(2022)])),
        ("current-d-insecure", "config-valid", .boolean(true)),
        ("current-f-iso", "enabled", .boolean(true)),
        ("current-f-iso", "PermitRootLogin", .string("yes")),
        ("current-k-firewalld", "listen", .strings(["10.0.0.1:22"])),
        ("current-w-container", "activation", .string("socket")),
        ("current-w-container", "ports", .list([.integer(2022)])),
    ]

    /// A specialisation is a whole system of its own: "rescue" is weaker than its parent.
    @Test func theSpecialisationIsWeaker() throws {
        let parent = try SSHSupport.view("current-s-specialisation")
        for (name, login, password) in [("rescue", "yes", "yes"), ("quiet", "no", "no")] {
            let toplevel = try parent.tree.resolve(parent.toplevel + "/specialisation/" + name)
            let batch = try SSHFacts.built(
                SystemView(tree: parent.tree, toplevel: toplevel, etcRoot: toplevel + "/etc"),
                knowledge: try SSHSupport.knowledge.get(), context: SystemContext())
            #expect(batch.value("PermitRootLogin") == .string(login), "\(name)")
            #expect(batch.value("PasswordAuthentication") == .string(password), "\(name)")
        }
    }

    @Test(arguments: truth.indices)
    func holds(index: Int) throws {
        let (fixture, key, value) = Self.truth[index]
        #expect(try SSHSupport.built(fixture).value(key) == value, "built \(fixture) \(key)")
        #expect(try SSHSupport.declared(fixture).value(key) == value, "declared \(fixture) \(key)")
    }
}
