import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@testable import FirnFacts

@Suite struct AccountsLoginTests {
    typealias Support = AccountsSupport
    private let root = AccountsSupport.user("root", "\"uid\":0")

    private func unit(_ name: String, _ exec: String) -> [String: String] {
        ["/etc/systemd/system/\(name)": "[Service]\nExecStart=\nExecStart=\(exec)\n"]
    }

    private func built(_ files: [String: String]) throws -> FactBatch {
        try Support.built(Support.script(root), files)
    }

    // MARK: - Consoles

    @Test func gettysInTheirForms() throws {
        let store = "/nix/store/22222222222222222222222222222222"
        let cases: [([String: String], String, String)] = [
            (
                unit("getty@.service", "\(store)-util-linux/bin/agetty --autologin root --noclear %I $TERM"),
                "console: root", ""
            ),
            (unit("getty@.service", "@\(store)-util-linux/sbin/agetty agetty -a kim %I"), "console: kim", ""),
            (unit("serial-getty@.service", "-\(store)-x/bin/agetty '--autologin=kim' %I"), "console: kim", ""),
            (unit("console-getty.service", "\(store)-x/bin/agetty --autologin \"kim\" console"), "console: kim", ""),
            (unit("container-getty@.service", "\(store)-x/bin/agetty --autologin kim pts/%I"), "console: kim", ""),
            (unit("getty@.service", "\(store)-x/bin/agetty --login-program \(store)-shadow/bin/login %I"), "", ""),
            (
                unit("getty@.service", "\(store)-x/bin/agetty --skip-login --login-program \(store)-bash/bin/bash %I"),
                "", "bash in place of login"
            ),
            (unit("getty@.service", "\(store)-x/bin/agetty -n -l /bin/sh %I"), "", "sh in place of login"),
            (
                unit("getty@.service", "\(store)-x/bin/agetty --login-options '-f -- \\\\u' %I"), "",
                "login -f asks for no password"
            ),
            (unit("getty@.service", "\(store)-x/bin/agetty --login-program /opt/ask %I"), "", "?"),
            (unit("getty@.service", "\(store)-shadow/bin/login -p -f root"), "console: root", ""),
            (
                unit(
                    "kmsconvt@.service", "\(store)-k/bin/kmscon --vt=%I --login -- \(store)-shadow/bin/login -p -f kim"),
                "console: kim", ""
            ),
            (["/etc/systemd/system/getty@.service": "-> /dev/null"], "", ""),
        ]
        for (files, logins, bypass) in cases {
            let batch = try built(files)
            #expect(batch.account("autologin") == logins, "\(files)")
            #expect(batch.account("getty.bypass") == bypass, "\(files)")
        }
    }

    @Test func generatedScriptsAreLookedInto() throws {
        let script = "/nix/store/33333333333333333333333333333333-getty"
        let unit = unit("getty@.service", script)
        let text =
            "#! /bin/dash\nif test \"$TTY\" = tty1; then\n  exec /bin/agetty --noclear \\\n    --autologin root $TTY\nfi\n"
        #expect(try built(unit.merging([script: text]) { $1 }).account("autologin.root") == "console: root")
        let once = "#!/bin/sh\notherArgs=\"--noclear $TTY\";\nexec /bin/agetty $otherArgs --autologin kim;\n"
        #expect(try built(unit.merging([script: once]) { $1 }).account("autologin") == "console: kim")
        #expect(
            try built(unit.merging([script: "#!/bin/sh\n# --autologin root\nexec agetty $TTY\n"]) { $1 }).account(
                "autologin") == "")
        let variable = "#!/bin/sh\nexec agetty --autologin $WHO $TTY\n"
        #expect(try built(unit.merging([script: variable]) { $1 }).account("autologin") == "?")
        let bypass = "#!/bin/sh\nexec agetty --login-options '-p -f -- \\u' $TTY\n"
        #expect(
            try built(unit.merging([script: bypass]) { $1 }).account("getty.bypass") == "login -f asks for no password")
        let kmscon = self.unit("kmsconvt@.service", "/nix/store/k/bin/kmscon --vt=%I --login -- \(script)")
        let login = "#!/bin/sh\nexec /nix/store/s/bin/login -p -f -- kim\n"
        #expect(try built(kmscon.merging([script: login]) { $1 }).account("autologin") == "console: kim")
        #expect(try built(kmscon).account("autologin") == "?")
        // The script is not in the target.
        #expect(try built(unit).account("autologin") == "?")
        #expect(try built(unit).account("getty.bypass") == "?")
    }

    @Test func oneTerminalAlone() throws {
        let dropIn = [
            "/etc/systemd/system/getty@tty1.service.d/overrides.conf":
                "[Service]\nExecStart=\nExecStart=@/nix/store/x/bin/agetty agetty --autologin root %I\n"
        ]
        #expect(try built(dropIn).account("autologin.root") == "console: root")
        let masked = [
            "/etc/systemd/system/serial-getty@ttyS0.service": "-> /nix/store/m/x", "/nix/store/m/x": "-> /dev/null",
        ]
        #expect(try built(masked).account("autologin") == "")
    }

    @Test func anotherNameOfRootIsRootToo() throws {
        let batch = try Support.built(
            Support.script(root + "," + Support.user("toor", "\"uid\":0")),
            unit("getty@.service", "/bin/agetty --autologin toor %I"))
        #expect(batch.account("autologin.root") == "console: toor")
    }

    // MARK: - Display managers

    @Test func displayManagers() throws {
        let cases: [([String: String], String)] = [
            (
                ["/etc/lightdm/lightdm.conf": "[LightDM]\nminimum-vt=1\n[Seat:*]\n  autologin-user = kim\n"],
                "display-manager: kim"
            ),
            (["/etc/sddm.conf.d/00-nixos.conf": "[Autologin]\nUser=kim\nSession=plasma\n"], "display-manager: kim"),
            (
                [
                    "/etc/sddm.conf.d/00-nixos.conf": "[Autologin]\nUser=kim\n",
                    "/etc/sddm.conf.d/10-off.conf": "[Autologin]\nUser=\n",
                ], ""
            ),
            (["/etc/sddm.conf": "[Autologin]\nUser=root\n"], "display-manager: root"),
            (
                ["/etc/gdm/custom.conf": "[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=kim\n"],
                "display-manager: kim"
            ),
            (["/etc/gdm/custom.conf": "[daemon]\nAutomaticLoginEnable=false\nAutomaticLogin=kim\n"], ""),
            (
                ["/etc/gdm/custom.conf": "[daemon]\nTimedLoginEnable=true\nTimedLogin=kim\nTimedLoginDelay=5\n"],
                "display-manager: kim"
            ),
            (["/etc/ly/config.ini": "auto_login_user=kim\n"], "display-manager: kim"),
            (
                [
                    "/etc/systemd/system/greetd.service":
                        "[Service]\nExecStart=/nix/store/g/bin/greetd --config /nix/store/c.toml\n",
                    "/nix/store/c.toml":
                        "[default_session]\ncommand = \"a\"\nuser = \"greeter\"\n\n[initial_session]\ncommand = \"sway\"\nuser = \"kim\"\n",
                ], "greetd: kim"
            ),
            (
                [
                    "/etc/systemd/system/greetd.service":
                        "[Service]\nExecStart=/nix/store/g/bin/greetd --config /nix/store/c.toml\n",
                    "/nix/store/c.toml": "[default_session]\nuser = \"greeter\"\n",
                ], ""
            ),
            (
                [
                    "/etc/systemd/system/greetd.service":
                        "[Service]\nExecStart=/nix/store/g/bin/greetd --config /nix/store/c.toml\n"
                ], "?"
            ),
            (
                [
                    "/etc/systemd/system/greetd.service": "[Service]\nExecStart=/g/greetd\n",
                    "/etc/greetd/config.toml": "initial_session = { command = \"a\", user = \"kim\" }\n",
                ], "?"
            ),
            (["/etc/systemd/system/cage-tty1.service": "[Service]\nUser=kim\n"], "cage: kim"),
        ]
        for (files, logins) in cases { #expect(try built(files).account("autologin") == logins, "\(files)") }
    }

    @Test func declaredLogins() throws {
        func logins(_ services: String) throws -> String {
            try Support.declared("{\"services\":{\(services)}}").account("autologin")
        }
        #expect(try logins("\"getty\":{\"autologinUser\":null}") == "")
        #expect(try logins("\"getty\":{\"autologinUser\":\"root\"}") == "console: root")
        #expect(try logins("\"mingetty\":{\"autologinUser\":\"kim\"}") == "console: kim")
        #expect(try logins("\"x\":{}") == "?")
        let getty = "\"getty\":{\"autologinUser\":null},"
        #expect(
            try logins(getty + "\"displayManager\":{\"enable\":true,\"autoLogin\":{\"enable\":true,\"user\":\"kim\"}}")
                == "display-manager: kim")
        #expect(
            try logins(getty + "\"displayManager\":{\"enable\":false,\"autoLogin\":{\"enable\":true,\"user\":\"kim\"}}")
                == "")
        #expect(
            try logins(
                getty
                    + "\"xserver\":{\"enable\":true,\"displayManager\":{\"autoLogin\":{\"enable\":true,\"user\":\"kim\"}}}"
            ) == "display-manager: kim")
        #expect(
            try logins(getty + "\"greetd\":{\"enable\":true,\"settings\":{\"initial_session\":{\"user\":\"kim\"}}}")
                == "greetd: kim")
        #expect(
            try logins(
                getty
                    + "\"displayManager\":{\"sddm\":{\"enable\":true,\"settings\":{\"Autologin\":{\"User\":\"kim\"}}}}")
                == "display-manager: kim")
        let unit = try Support.declared(
            "{\"services\":{\"getty\":{\"autologinUser\":null}},\"systemd\":{\"services\":{\"getty@tty1\":{\"serviceConfig\":{\"ExecStart\":[\"\",\"@/nix/store/u/bin/agetty agetty --autologin root %I\"]}}}}}"
        )
        #expect(unit.account("autologin.root") == "console: root")
        let bypass = try Support.declared(
            "{\"services\":{\"getty\":{\"autologinUser\":null,\"extraArgs\":[\"--skip-login\"],\"loginProgram\":\"/nix/store/b/bin/bash\"}}}"
        )
        #expect(bypass.account("getty.bypass") == "bash in place of login")
        // Without the option the command lines of the gettys tell, unless one is a script.
        func gettys(_ first: String) throws -> String {
            let login = "\"/nix/store/u/bin/agetty --login-program /nix/store/s/bin/login --keep-baud %I\""
            return try Support.declared(
                "{\"services\":{\"getty\":{\"autologinUser\":null}},\"systemd\":{\"services\":{\"getty@\":{\"serviceConfig\":{\"ExecStart\":[\"\",\(first)]}},\"serial-getty@\":{\"serviceConfig\":{\"ExecStart\":[\"\",\(login)]}}}}}"
            ).account("getty.bypass")
        }
        #expect(try gettys("\"@/nix/store/u/bin/agetty agetty --login-program /nix/store/s/bin/login %I\"").isEmpty)
        #expect(try gettys("\"/nix/store/x-getty\"") == "not supplied")
        // An option this export does not hold is not answered for.
        #expect(
            try Support.declared("{\"services\":{\"getty\":{\"autologinUser\":null}}}").account("getty.bypass")
                == "not supplied")
    }

    // MARK: - Keys

    @Test func keysOfFilesAndHomes() throws {
        let key = Support.ed25519
        let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA" + "gQ" + String(repeating: "A", count: 0)
        let batch = try built([
            "/etc/ssh/authorized_keys.d/root": "# c\n\(key) a\n", "/etc/ssh/authorized_keys.d/root.mode": "0444",
            "/etc/ssh/authorized_keys.d/kim":
                "command=\"x\" \(key)\nrestrict,command=\"x\" \(key)\ncert-authority \(key)\ncert-authority,principals=\"a\" \(key)\n\(rsa)\n",
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nanna:x:1000:100::/home/anna:/bin/sh\n", "/etc/shadow": "",
            "/etc/group": "", "/home/anna/.ssh/authorized_keys": "broken\n", "/root/.ssh/authorized_keys2": key + "\n",
        ])
        #expect(batch.account("keys.root") == "root: ssh-ed25519 256")
        #expect(
            batch.facts["accounts.keys.root"]?.evidence.map(\.path) == [
                "/etc/ssh/authorized_keys.d/root", "/root/.ssh/authorized_keys2",
            ])
        #expect(batch.account("keys.forced-unrestricted") == "kim")
        #expect(batch.facts["accounts.keys.forced-unrestricted"]?.evidence.count == 1)
        #expect(batch.facts["accounts.keys.cert-authority"]?.evidence.map(\.line) == [3])
        #expect(batch.account("keys.refused") == "anna, kim")
        #expect(batch.account("keys.types") == "ssh-ed25519")
    }

    @Test func keysOfOptions() throws {
        func keys(_ authorized: String, enable: String = "true") throws -> FactBatch {
            try Support.declared(
                "{\"services\":{\"openssh\":{\"enable\":\(enable)}},\"users\":{\"users\":{\"root\":{\"openssh\":{\"authorizedKeys\":{\(authorized)}}}}}}"
            )
        }
        let one = "\"keys\":[\"\(Support.ed25519)\"]"
        #expect(try keys(one).account("keys.root") == "root: ssh-ed25519 256")
        #expect(try keys(one, enable: "false").account("keys.root") == "")
        #expect(try keys(one, enable: "null").account("keys.root") == "?")
        #expect(try keys("\"keys\":[],\"keyFiles\":[\"/nix/store/k\"]").account("keys.root") == "?")
        #expect(try keys(one + ",\"keyFiles\":[\"/nix/store/k\"]").account("keys.root") == "root: ssh-ed25519 256")
        // A list of all types is only known whole.
        #expect(try keys(one + ",\"keyFiles\":[\"/nix/store/k\"]").account("keys.types") == "?")
    }

    // MARK: - login.defs

    @Test func loginDefs() throws {
        func value(_ text: String, _ key: String) throws -> String {
            try built(["/etc/login.defs": text]).account("login-defs." + key)
        }
        #expect(try value("UMASK 022\nUMASK 077\n", "UMASK") == "077")
        #expect(try value("UMASK 77\n", "UMASK") == "115")
        #expect(try value("", "UMASK") == "022")
        #expect(try value("UMASK none\n", "UMASK") == "?")
        #expect(try value("UMASK 027\n", "HOME_MODE") == "750")
        #expect(try value("UMASK 027\nHOME_MODE 0700\n", "HOME_MODE") == "700")
        #expect(try value("encrypt_method YESCRYPT\n", "ENCRYPT_METHOD") == "DES")
        #expect(try value("PASS_MAX_DAYS 60\n", "PASS_MAX_DAYS") == "60")
        #expect(try value("PASS_MAX_DAYS 60 # c\n", "PASS_MAX_DAYS") == "?")
        var files = Support.script(root)
        files["/etc/login.defs"] = nil
        #expect(try Support.built(files).account("login-defs.UMASK") == "absent")
    }

    @Test func declaredLoginDefs() throws {
        let settings = "{\"security\":{\"loginDefs\":{\"settings\":{\"UMASK\":\"022\",\"PASS_MAX_DAYS\":60}}}}"
        #expect(try Support.declared(settings).account("login-defs.UMASK") == "022")
        #expect(try Support.declared(settings).account("login-defs.PASS_MAX_DAYS") == "60")
        #expect(try Support.declared("{}", release: "20.09").account("login-defs.UMASK") == "077")
        #expect(try Support.declared("{}", release: "22.05").account("login-defs.UMASK") == "?")
        #expect(try Support.declared("{}", release: nil).account("login-defs.UMASK") == "?")
        let text =
            "{\"environment\":{\"etc\":{\"login.defs\":{\"text\":\"UMASK 000\\n\"}}},\"security\":{\"loginDefs\":{\"settings\":{\"UMASK\":\"077\"}}}}"
        #expect(try Support.declared(text).account("login-defs.UMASK") == "000")
        #expect(
            try Support.declared("{\"security\":{\"shadow\":{\"enable\":false}}}").account("login-defs.UMASK")
                == "absent")
    }
}

@Suite struct AccountsIdentityTests {
    typealias Support = AccountsSupport

    private func account(_ name: String, _ uid: String, _ fields: String = "") -> String {
        "{\"name\":\"\(name)\",\"uid\":\(uid),\"group\":\"users\",\"shell\":\"/run/current-system/sw/bin/bash\"\(fields)}"
    }

    @Test func identities() throws {
        let batch = try Support.built(
            Support.script(
                account("root", "0") + "," + account("toor", "0") + "," + account("a", "1000") + ","
                    + account("b", "1000")
                    + "," + account("c", "1001", ",\"group2\":1") + "," + account("c", "1002"),
                groups:
                    "{\"name\":\"root\",\"gid\":0,\"members\":[\"a\"]},{\"name\":\"x\",\"gid\":5,\"members\":[]},{\"name\":\"y\",\"gid\":5,\"members\":[]}"
            ))
        #expect(batch.account("uid0") == "root, toor")
        #expect(batch.account("duplicate-uids") == "0: root, toor, 1000: a, b")
        #expect(batch.account("duplicate-gids") == "5: x, y")
        #expect(batch.account("duplicate-names") == "c")
        #expect(batch.account("gid0") == "a")
    }

    @Test func groups() throws {
        let groups =
            "{\"name\":\"docker\",\"gid\":131,\"members\":[\"kim\",\"root\"]},{\"name\":\"disk\",\"gid\":6,\"members\":[\"kim\"]},{\"name\":\"video\",\"gid\":26,\"members\":[\"app\",\"kim\"]},{\"name\":\"wheel\",\"gid\":1,\"members\":[\"kim\"]}"
        let batch = try Support.built(
            Support.script(
                account("root", "0") + "," + account("kim", "1000") + ","
                    + account("app", "400", ",\"isSystemUser\":true"),
                groups: groups))
        #expect(batch.account("groups.root") == "docker: kim")
        #expect(batch.account("groups.raw") == "disk: kim")
        #expect(batch.account("groups.devices") == "video: kim")
        #expect(batch.account("wheel") == "kim")
        #expect(batch.account("wheel.count") == "1")
        // A primary group is membership too.
        let primary = try Support.built(
            Support.script("{\"name\":\"kim\",\"uid\":1000,\"group\":\"docker\",\"shell\":\"/bin/sh\"}", groups: groups)
        )
        #expect(primary.account("groups.root") == "docker: kim")
    }

    @Test func accountsOfServices() throws {
        let hash = "$6$salt$" + String(repeating: "a", count: 86)
        let batch = try Support.built(
            Support.script(
                account("a", "400", ",\"hashedPassword\":\"\(hash)\"") + "," + account("b", "401") + ","
                    + "{\"name\":\"c\",\"uid\":402,\"group\":\"c\",\"shell\":\"/run/current-system/sw/bin/nologin\",\"hashedPassword\":\"\(hash)\"}"
                    + "," + account("d", "null", ",\"isSystemUser\":true,\"hashedPasswordFile\":\"/run/secrets/d\"")))
        #expect(batch.account("system-logins") == "a, d")
        #expect(batch.account("system-shells") == "a, b, d")
    }

    @Test func shells() throws {
        let knowledge = try AccountsKnowledge(try Support.knowledge.get())
        let store = "/nix/store/00000000000000000000000000000000-"
        for shell in [
            "/run/current-system/sw/bin/nologin", "/bin/false", store + "shadow-4.19.4", store + "util-linux-2.42-bin",
            store + "x/bin/nologin",
        ] {
            #expect(!knowledge.isLoginShell(shell), "\(shell)")
        }
        for shell in [
            "", "/bin/sh", store + "bash-interactive-5.3p9", store + "shadowsocks-1.0", store + "x/bin/git-shell",
        ] {
            #expect(knowledge.isLoginShell(shell), "\(shell)")
        }
    }

    @Test func homes() throws {
        let users =
            account("a", "1000", ",\"createHome\":true,\"homeMode\":\"777\"") + ","
            + account("b", "1001", ",\"createHome\":true,\"homeMode\":\"0755\"") + ","
            + account("c", "1002", ",\"createHome\":false,\"homeMode\":\"777\"") + ","
            + account("d", "400", ",\"createHome\":true,\"homeMode\":\"755\",\"isSystemUser\":true") + ","
            + account("e", "1003", ",\"createHome\":true,\"homeMode\":\"1777\"")
        let batch = try Support.built(Support.script(users))
        #expect(batch.account("home.world-writable") == "a, e")
        #expect(batch.account("home.world-readable") == "a, b, e")
        let odd = try Support.built(Support.script(account("a", "1000", ",\"createHome\":true,\"homeMode\":\"rwx\"")))
        #expect(odd.account("home.world-writable") == "?")
    }

    @Test func subordinateIds() throws {
        func batch(_ subuid: String) throws -> FactBatch {
            try Support.built(
                Support.script(account("root", "0") + "," + account("a", "1000")),
                [
                    "/etc/passwd": "root:x:0:0::/root:/bin/sh\na:x:1000:100::/:/bin/sh\nb:x:1001:100::/:/bin/sh\n",
                    "/etc/shadow": "", "/etc/group": "root:x:0:\n", "/etc/subuid": subuid,
                ])
        }
        #expect(try batch("a:100000:65536\nb:165536:65536\n").account("subordinate-ids.overlap") == "")
        #expect(try batch("a:100000:65536\nb:165535:65536\n").account("subordinate-ids.overlap") == "a, b")
        #expect(try batch("a:100000:65536\n1000:120000:65536\n").account("subordinate-ids.overlap") == "")
        #expect(try batch("a:100000:900000\na:150000:2\nb:200000:2\n").account("subordinate-ids.overlap") == "a, b")
        #expect(try batch("a:0:65536\n").account("subordinate-ids.accounts") == "a: a, a: b, a: root")
        let huge =
            "{\"name\":\"a\",\"uid\":1,\"subUidRanges\":[{\"startUid\":9223372036854775807,\"count\":9223372036854775807}]}"
        #expect(try Support.built(Support.script(huge)).account("subordinate-ids.overlap") == "")
    }

    @Test func linesThatOpenFiles() throws {
        func opened(_ line: String) throws -> String {
            try Support.built(Support.script(account("root", "0")), ["/etc/tmpfiles.d/x.conf": line + "\n"])
                .account("files-opened")
        }
        #expect(try opened("z /etc/shadow 0644 root root -") == "/etc/shadow 0644")
        #expect(try opened("'z' '/etc/shadow' '0640' 'root' 'shadow'") == "")
        #expect(try opened("z /etc/shad* 0604 root root -") == "/etc/shadow 0604")
        #expect(
            try opened("Z /etc ~0777 root root -")
                == "/etc/group ~0777, /etc/gshadow ~0777, /etc/passwd ~0777, /etc/shadow ~0777")
        #expect(try opened("f /etc/passwd 0666 root root -") == "/etc/passwd 0666")
        #expect(try opened("R! /etc/shadow.lock - - - -") == "")
        #expect(try opened("# z /etc/shadow 0644") == "")
        let content = try Support.built(
            Support.script(account("root", "0")),
            ["/etc/tmpfiles.d/x.conf": "f+ /etc/shadow 0644 root root - root:canary:1::::::\n"])
        #expect(content.account("files-opened") == "/etc/shadow 0644")
        #expect(!"\(content)".contains("canary"))
        let settings = try Support.declared(
            "{\"systemd\":{\"tmpfiles\":{\"rules\":[],\"settings\":{\"x\":{\"/etc/passwd\":{\"z\":{\"mode\":\"0666\"}}}}}}}"
        )
        #expect(settings.account("files-opened") == "/etc/passwd 0666")
        let unread = ["/etc/tmpfiles.d/y.conf": "-> /nix/store/gone/y.conf"]
        #expect(try Support.built(Support.script(account("root", "0")), unread).account("files-opened") == "?")
    }

    @Test func declaredAlone() throws {
        let json = """
            {"users":{"mutableUsers":false,"enforceIdUniqueness":false,"groups":{"wheel":{"gid":1,"members":[]},"docker":{"members":["kim"]}},
            "users":{"kim":{"uid":1000,"isNormalUser":true,"extraGroups":["wheel"]},"off":{"enable":false,"hashedPassword":"","uid":0}}}}
            """
        let batch = try Support.declared(json)
        #expect(batch.account("wheel") == "kim")
        #expect(batch.account("groups.root") == "docker: kim")
        #expect(batch.account("empty-password") == "")
        #expect(batch.account("uid0") == "")
        #expect(batch.account("mutable-users") == "false")
        #expect(batch.account("enforce-id-uniqueness") == "false")
        #expect(batch.account("in-passwd") == "not supplied")
    }
}
