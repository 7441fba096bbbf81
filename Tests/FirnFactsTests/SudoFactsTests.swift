import FirnModel
import Testing

@testable import FirnFacts

/// How a sudo configuration could pass falsely, or alarm falsely.
@Suite struct SudoFactsTests {
    private static let wheel = "root ALL=(ALL:ALL) SETENV: ALL\n%wheel ALL=(ALL:ALL) SETENV: ALL\n"

    @Test func theStockConfigurationIsQuiet() throws {
        let facts = try SudoSupport.sudo(Self.wheel + "Defaults:root,%wheel env_keep+=TERMINFO_DIRS\n")
        for key: FactKey in [
            "sudo.nopasswd", "sudo.nopasswd.all", "sudo.nopasswd.escapes", "sudo.escapes", "sudo.writable-commands",
            "sudo.wildcards", "sudo.exclusions", "sudo.setenv-commands", "sudo.authenticate", "sudo.env_keep.dangerous",
            "sudo.password-of", "sudo.ignored-settings", "sudo.undefined-aliases",
        ] {
            #expect(facts.texts(key) == [], "\(key.rawValue)")
        }
        #expect(facts.texts("sudo.config-valid") == ["true"])
        #expect(facts.texts("sudo.use_pty") == ["true"])
        #expect(facts.texts("sudo.timestamp_timeout") == ["300"])
    }

    @Test(arguments: [
        // An alias, a group id, everyone, a later line, a continued line, another run-as user, a scoped setting.
        ("User_Alias A = %ops\nA ALL=(ALL) NOPASSWD: ALL\n", ["%ops"]),
        ("Cmnd_Alias E = ALL\n#1000 ALL=(root) NOPASSWD: E\n", ["#1000"]),
        ("ALL ALL=(ALL) NOPASSWD: ALL\n", ["ALL"]),
        ("ALL, !bob ALL=(ALL) NOPASSWD: ALL\n", ["ALL except bob"]),
        ("%wheel ALL=(ALL) ALL\n%wheel ALL=(ALL) \\\n NOPASSWD:\\\n ALL\n", ["%wheel"]),
        ("alice ALL=(ALL,!root) NOPASSWD: ALL\n", ["alice"]),
        ("alice ALL=(ALL) ALL\nDefaults:alice !authenticate\n", ["alice"]),
        ("alice ALL=(ALL) ALL\nDefaults>ALL !authenticate\n", ["alice"]),
        ("alice web1=(ALL) NOPASSWD: ALL\n", ["alice on web1"]),
        ("alice ALL=NOPASSWD: /bin/ls, ALL\n", ["alice"]),
        ("Defaults !authenticate\n%wheel ALL=(ALL) ALL\n", ["%wheel"]),
        ("Defaults exempt_group=admin\n%admin ALL=(ALL) ALL\n", ["%admin"]),
        // Those are none.
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice ALL=(ALL) ALL\n", []),
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice ALL=(ALL) !ALL\n", []),
        ("alice ALL=(ALL) NOPASSWD: ALL\nALL ALL=(ALL) PASSWD: ALL\n", []),
        ("Defaults !authenticate\nDefaults authenticate\nalice ALL=(ALL) ALL\n", []),
        ("Defaults !authenticate\nalice ALL=(ALL) PASSWD: ALL\n", []),
        ("alice ALL=(postgres) NOPASSWD: ALL\n", []),
        ("Defaults runas_default=postgres\nalice ALL=NOPASSWD: ALL\n", []),
        ("root ALL=(ALL) NOPASSWD: ALL\nDefaults:root !authenticate\n", []),
        ("#000 ALL=(ALL) NOPASSWD: ALL\n", []), ("alice ALL=(#00) NOPASSWD: ALL\n", ["alice"]),
        ("# alice ALL=(ALL) NOPASSWD: ALL\n", []),
        ("!alice ALL=(ALL) NOPASSWD: ALL\n", []),
        // A later line for one command, a time or a host does not take the rest back.
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice ALL=(ALL) PASSWD: /bin/su\n", ["alice"]),
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice ALL=(ALL) NOTAFTER=20200101000000Z ALL\n", ["alice"]),
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice db1=(ALL) ALL\n", ["alice"]),
        ("alice ALL=(ALL) NOPASSWD: ALL\nalice ALL=(root) ALL\n", ["alice"]),
    ])
    func whoIsRootWithoutAPassword(text: String, expected: [String]) throws {
        #expect(try SudoSupport.sudo(text).texts("sudo.nopasswd.all") == expected)
    }

    @Test(arguments: [
        ("/run/current-system/sw/bin/vim /etc/hosts", true), ("/bin/less /var/log/x", true), ("/bin/find", true),
        ("/bin/find /var -name x", false), ("/bin/cat /var/log/*", true), ("/bin/cat /etc/motd", false),
        ("/bin/systemctl restart nginx", false), ("/bin/systemctl status nginx", true), ("/bin/systemctl", true),
        ("/bin/systemctl --no-pager status nginx", false), ("/bin/journalctl --no-pager", false),
        // Without a pager there are other ways.
        ("/bin/systemctl --no-pager *", true), ("/bin/systemctl --no-pager edit nginx", true),
        ("/bin/machinectl --no-pager shell", true), ("/bin/coredumpctl --no-pager gdb", true),
        ("/bin/systemctl -H web status nginx", true), ("/bin/git -C /srv/x pull", true),
        ("/bin/bash \"\"", true),
        ("/bin/bash /root/x.sh", false), ("/bin/python3.12", true), ("/bin/reboot", false), ("/usr/bin/", true),
        ("sudoedit /etc/hosts", false), ("sudoedit", true), ("/run/current-system/sw/bin/*", true), ("^/bin/.*$", true),
        ("/nix/store/x-systemd-245.6/bin/reboot", false),
    ])
    func commandsThatGiveAShell(command: String, isEscape: Bool) throws {
        let facts = try SudoSupport.sudo("alice ALL=(root) NOPASSWD: \(command)\n")
        #expect((facts.texts("sudo.nopasswd.escapes") != []) == isEscape)
        let asked = try SudoSupport.sudo("alice ALL=(root) \(command)\n")
        #expect((asked.texts("sudo.escapes") != []) == isEscape)
        #expect(asked.texts("sudo.nopasswd") == [])
    }

    @Test func noExecHelpsAgainstPagersOnly() throws {
        #expect(try SudoSupport.sudo("a ALL=NOPASSWD: NOEXEC: /bin/less\n").texts("sudo.nopasswd.escapes") == [])
        #expect(try SudoSupport.sudo("a ALL=NOPASSWD: NOEXEC: /bin/vim\n").texts("sudo.nopasswd.escapes") != [])
    }

    @Test(arguments: [
        ("/home/dev/deploy.sh", true), ("/tmp/x", true), ("/nix/store/*/bin/switch-to-configuration switch", true),
        ("/nix/store/*-system/bin/x", true), ("/nix/store/abc-x/bin/*", false), ("/run/current-system/sw/bin/x", false),
    ])
    func programsThatUsersCanChange(command: String, isWritable: Bool) throws {
        let facts = try SudoSupport.sudo("a ALL=(root) \(command)\n")
        #expect((facts.texts("sudo.writable-commands") != []) == isWritable)
    }

    @Test(arguments: [
        ("Defaults env_keep += \"LD_PRELOAD A\"\n", ["LD_PRELOAD"]), ("Defaults env_keep+=LD_*\n", ["LD_*"]),
        ("Defaults env_keep+=*\n", ["*"]), ("Defaults:alice env_keep+=PYTHONPATH\n", ["PYTHONPATH"]),
        ("Defaults env_keep+=LD_PRELOAD\nDefaults env_keep-=LD_PRELOAD\n", []),
        ("Defaults env_keep+=LD_PRELOAD\nDefaults env_keep=A\n", []), ("Defaults:root env_keep+=LD_PRELOAD\n", []),
        ("Defaults env_keep+=SSH_AUTH_SOCK\n", []),
        ("Defaults \\\n  env_keep+=\\\n  LD_PRELOAD\n", ["LD_PRELOAD"]),
    ])
    func variables(text: String, expected: [String]) throws {
        #expect(try SudoSupport.sudo(text + Self.wheel).texts("sudo.env_keep.dangerous") == expected)
    }

    @Test(
        arguments: [
            ("timestamp_timeout=-1", "sudo.timestamp_timeout", "-1"),
            ("timestamp_timeout=0.5", "sudo.timestamp_timeout", "30"),
            ("!timestamp_timeout", "sudo.timestamp_timeout", "0"), ("!use_pty", "sudo.use_pty", "false"),
            ("!tty_tickets", "sudo.timestamp_type", "global"),
            ("timestamp_type=global", "sudo.timestamp_type", "global"),
            ("!syslog", "sudo.log", "false"), ("!syslog, logfile=/var/log/sudo.log", "sudo.log", "true"),
            ("passwd_tries=20", "sudo.passwd_tries", "20"), ("visiblepw", "sudo.visiblepw", "true"),
            ("!env_reset", "sudo.env_reset", "false"), ("setenv", "sudo.setenv", "true"),
            ("targetpw", "sudo.password-of", "targetpw"),
        ] as [(String, FactKey, String)])
    func settings(text: String, key: FactKey, expected: String) throws {
        #expect(try SudoSupport.sudo("Defaults \(text)\n" + Self.wheel).texts(key) == [expected])
        // For one user only it is as weak; where it is stronger, the others count.
        guard !["30", "0"].contains(expected) else { return }
        #expect(try SudoSupport.sudo("Defaults:alice \(text)\n" + Self.wheel).texts(key) == [expected])
    }

    @Test func aLaterSettingWins() throws {
        let text = "Defaults !use_pty\nDefaults:alice !use_pty\nDefaults use_pty\n" + Self.wheel
        #expect(try SudoSupport.sudo(text).texts("sudo.use_pty") == ["true"])
        let command = "Defaults!/bin/x !use_pty\nDefaults use_pty\n" + Self.wheel
        #expect(try SudoSupport.sudo(command).texts("sudo.use_pty") == ["false"])
    }

    @Test func versionsAndImplementations() throws {
        #expect(try SudoSupport.sudo(Self.wheel, package: "sudo-1.9.13p3").texts("sudo.use_pty") == ["false"])
        #expect(try SudoSupport.sudo(Self.wheel, package: "sudo-unstable").isUnavailable("sudo.use_pty"))
        let rust = try SudoSupport.sudo("Defaults !env_reset, logfile=/x\n" + Self.wheel, package: "sudo-rs-0.2.14")
        #expect(rust.texts("sudo.implementation") == ["sudo-rs"])
        #expect(rust.texts("sudo.ignored-settings") == ["logfile"])
        #expect(rust.texts("sudo.use_pty") == ["true"])
        #expect(rust.texts("sudo.timestamp_timeout") == ["900"])
    }

    @Test(
        arguments: [
            ("", "0.2.12", "sudo.pwfeedback", ["false"]), ("", "0.2.13", "sudo.pwfeedback", ["true"]),
            ("pwfeedback", "0.2.3", "sudo.pwfeedback", ["false"]),
            ("!pwfeedback", "0.2.14", "sudo.pwfeedback", ["false"]),
            ("noexec", "0.2.5", "sudo.ignored-settings", ["noexec"]), ("noexec", "0.2.7", "sudo.ignored-settings", []),
            ("runcwd=/", "0.2.13", "sudo.ignored-settings", ["runcwd"]),
            ("runcwd=/", "0.2.14", "sudo.ignored-settings", []),
            ("log_output", "0.2.14", "sudo.ignored-settings", ["log_output"]),
            ("timestamp_type=global", "0.2.14", "sudo.timestamp_type", ["tty"]),
            // Taken and not acted on: it goes on as always.
            ("!env_reset", "0.2.14", "sudo.env_reset", ["true"]),
            ("!env_reset", "0.2.14", "sudo.ignored-settings", []),
            ("visiblepw", "0.2.14", "sudo.visiblepw", ["false"]),
            ("!syslog", "0.2.14", "sudo.log", ["true"]), ("passwd_tries=0", "0.2.9", "sudo.passwd_tries", ["0"]),
        ] as [(String, String, FactKey, [String])])
    func settingsOfSudoRsByVersion(setting: String, version: String, key: FactKey, expected: [String]) throws {
        let text = setting.isEmpty ? Self.wheel : "Defaults \(setting)\n" + Self.wheel
        #expect(try SudoSupport.sudo(text, package: "sudo-rs-\(version)").texts(key) == expected)
    }

    @Test func aVersionThatIsNotKnownDoesNotDecide() throws {
        let facts = try SudoSupport.sudo("Defaults noexec\n" + Self.wheel, package: "sudo-rs-unstable")
        #expect(facts.isUnavailable("sudo.ignored-settings"))
        #expect(facts.isUnavailable("sudo.pwfeedback"))
    }

    @Test func sudoInThePathBesideSudoRsInTheWrapperIsNotTakenForIt() throws {
        let text = "# Don't edit this file. Set the NixOS options ‘security.sudo-rs.configFile’\n" + Self.wheel
        #expect(try SudoSupport.sudo(text).isUnavailable("sudo.implementation"))
        #expect(try SudoSupport.sudo(text).isUnavailable("sudo.use_pty"))
        #expect(try SudoSupport.sudo(text, package: "sudo-rs-0.2.14").texts("sudo.implementation") == ["sudo-rs"])
    }

    @Test func noExecDoesNothingInASudoRsThatDoesNotKnowIt() throws {
        let text = "a ALL=NOPASSWD: NOEXEC: /bin/less\n"
        #expect(try SudoSupport.sudo(text, package: "sudo-rs-0.2.5").texts("sudo.nopasswd.escapes") != [])
        #expect(try SudoSupport.sudo(text, package: "sudo-rs-0.2.7").texts("sudo.nopasswd.escapes") == [])
    }

    @Test(arguments: [
        ("Defaults secure_path=/a:/b\n", ["/a", "/b"]), ("Defaults secure_path=/a:.\n", ["/a", "."]),
        ("", ["absent"]), ("Defaults !secure_path\n", ["absent"]),
        // Weak for anybody is weak.
        ("Defaults:alice secure_path=/a\n", ["absent"]),
        ("Defaults secure_path=/a\nDefaults:alice !secure_path\nDefaults:bob secure_path=/a\n", ["absent"]),
        ("Defaults secure_path=/a\nDefaults:bob secure_path=.\n", ["/a", "."]),
    ])
    func thePathThatIsWeakestForAnybody(text: String, expected: [String]) throws {
        #expect(try SudoSupport.sudo(text + Self.wheel).texts("sudo.secure_path") == expected)
    }

    @Test(arguments: [
        ("Defaults:alice !syslog\n", "false"), ("Defaults!/bin/sh !log_allowed\n", "false"),
        ("Defaults !syslog\nDefaults syslog=auth\n", "true"), ("Defaults syslog=auth\nDefaults !syslog\n", "false"),
        ("Defaults !syslog\nDefaults:alice logfile=/a\n", "false"),
        ("Defaults !syslog, logfile=/a\nDefaults:alice !logfile\n", "false"),
    ])
    func whatIsNotLogged(text: String, expected: String) throws {
        #expect(try SudoSupport.sudo(text + Self.wheel).texts("sudo.log") == [expected])
    }

    @Test func anIncludedFileIsReadInItsPlace() throws {
        let facts = try SudoSupport.sudo(
            "\n\n\nDefaults !syslog\n@includedir /etc/sudoers.d\n" + Self.wheel,
            files: ["/etc/sudoers.d/a": "Defaults syslog=auth\n"])
        #expect(facts.texts("sudo.log") == ["true"])
    }

    @Test func homesBesideTheUsualPlace() throws {
        let users =
            #"{"users": [{"name": "ops", "uid": 1000, "group": "users", "home": "/data/ops", "createHome": true}, "#
            + #"{"name": "root", "uid": 0, "group": "root", "home": "/root", "createHome": true}], "groups": []}"#
        let files = [
            "/toplevel/activate":
                "perl -w \(SudoSupport.store)update-users-groups.pl \(SudoSupport.store)users-groups.json\n",
            "\(SudoSupport.store)users-groups.json": users,
        ]
        for (path, expected) in [
            ("/data/ops/run.sh", ["a: /data/ops/run.sh"]), ("/data/other/run.sh", []), ("/root/run.sh", []),
        ] {
            let facts = try SudoSupport.sudo("a ALL=(root) \(path)\n", files: files)
            #expect(facts.texts("sudo.writable-commands") == expected)
        }
        // Without the accounts it cannot be told; a program of the system needs none.
        #expect(
            try SudoSupport.sudo("a ALL=(root) /data/ops/run.sh\n").isUnavailable("sudo.writable-commands"))
        #expect(
            try SudoSupport.sudo("a ALL=(root) /run/current-system/sw/bin/x\n").texts("sudo.writable-commands") == [])
    }

    @Test func theOwnerOfTheFile() throws {
        func owner(_ files: [String: String]) throws -> [String] {
            try SudoSupport.sudo(Self.wheel, files: files).texts("sudo.file-owner")
        }
        #expect(try owner([:]) == ["root:root"])
        #expect(
            try owner(["/toplevel/etc/sudoers.uid": "+0\n", "/toplevel/etc/sudoers.gid": "users\n"]) == ["root:users"])
    }

    @Test func includesAreFollowed() throws {
        let facts = try SudoSupport.sudo(
            Self.wheel + "@includedir /etc/sudoers.d\n",
            files: [
                "/etc/sudoers.d/10-ops": "%ops ALL=(ALL) NOPASSWD: ALL\n",
                "/etc/sudoers.d/20-old~": "x ALL=(ALL) NOPASSWD: ALL\n",
                "/etc/sudoers.d/30.bak": "y ALL=(ALL) NOPASSWD: ALL\n",
            ])
        #expect(facts.texts("sudo.nopasswd.all") == ["%ops"])
        #expect(
            try SudoSupport.sudo(Self.wheel + "#includedir /etc/sudoers.d\n").texts("sudo.config-valid") == ["true"])
        let missing = try SudoSupport.sudo(Self.wheel + "@include /etc/sudoers.local\n")
        #expect(missing.texts("sudo.config-valid") == ["false"])
        #expect(missing.isUnavailable("sudo.nopasswd.all"))
        #expect(
            try SudoSupport.sudo("@include sudoers\n").isUnavailable("sudo.nopasswd.all"), "a file that includes itself"
        )
        #expect(try SudoSupport.sudo("@include /etc/sudoers.%h\n").isUnavailable("sudo.nopasswd.all"))
    }

    @Test func whatIsNotUnderstoodIsNotPassed() throws {
        let facts = try SudoSupport.sudo(Self.wheel + "alice ALL=(ALL) NOPASSWD ALL\n")
        #expect(facts.isUnavailable("sudo.nopasswd.all"))
        #expect(facts.texts("sudo.config-valid") == ["false"])
        let unknown = try SudoSupport.sudo(Self.wheel + "Defaults authenticated\n")
        #expect(unknown.texts("sudo.config-valid") == ["false"])
        #expect(unknown.texts("sudo.nopasswd.all") == [])
    }

    @Test func exclusionsAndEnvironmentsOfSingleCommands() throws {
        let facts = try SudoSupport.sudo("%ops ALL=(ALL) ALL, !/bin/su\nalice ALL=(root) SETENV: /bin/reboot\n")
        #expect(facts.texts("sudo.exclusions") == ["%ops: !/bin/su"])
        #expect(facts.texts("sudo.setenv-commands") == ["alice: /bin/reboot"])
    }

    @Test func argumentsThatMayHoldASecretAreNotShown() throws {
        let facts = try SudoSupport.sudo(
            "a ALL=NOPASSWD: /bin/backup --password hunter2, /bin/b 0123456789abcdef0123456789\n")
        let text = facts.facts.values.flatMap { fact in
            [fact.value?.description ?? ""] + fact.evidence.map { $0.text ?? "" }
        }.joined(separator: " ")
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("0123456789abcdef"))
    }

    @Test func withoutSudoNothingIsJudged() throws {
        let view = SudoSupport.system(SudoSupport.script(["su"]), ["/etc/sudoers": "x ALL=(ALL) NOPASSWD: ALL\n"])
        let facts = try SudoFacts.built(view, knowledge: try SudoSupport.knowledge.get(), context: SystemContext())
        #expect(facts.texts("sudo.enabled") == ["false"])
        #expect(facts.texts("sudo.nopasswd.all") == ["absent"])
    }

    @Test(arguments: [
        ("permit nopass kim\n", ["kim"]), ("permit nopass :wheel as root\n", [":wheel"]),
        ("permit nopass kim\npermit kim\n", []), ("permit nopass kim\ndeny kim\n", []),
        ("permit nopass kim\npermit kim cmd reboot\n", ["kim"]), ("permit nopass root\n", []),
        ("permit nopass kim as www\n", []), ("permit nopass \\\n kim\n", ["kim"]), ("permit \"nopass\"\n", []),
    ])
    func doasWithoutAPassword(text: String, expected: [String]) throws {
        #expect(try SudoSupport.doas(text).texts("sudo.doas.nopass.all") == expected)
    }

    @Test func doasOptions() throws {
        let facts = try SudoSupport.doas(
            "permit keepenv nolog a\npermit setenv { LD_PRELOAD PATH=/bin -IFS } b\npermit nopass :u cmd less\n")
        #expect(facts.texts("sudo.doas.keepenv") == ["a"])
        #expect(facts.texts("sudo.doas.nolog") == ["a"])
        #expect(facts.texts("sudo.doas.setenv.dangerous") == ["b LD_PRELOAD"])
        #expect(facts.texts("sudo.doas.nopass.escapes") == [":u: less"])
        #expect(try SudoSupport.doas("permit\n").isUnavailable("sudo.doas.nopass.all"))
    }
}
