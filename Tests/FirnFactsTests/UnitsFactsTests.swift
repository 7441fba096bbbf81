import FirnModel
import FirnTestSupport
import Testing

@testable import FirnFacts

/// The facts of units, and how each could be passed or raised falsely.
@Suite struct UnitsFactsTests {
    private let wanted = ["multi-user.target.wants/a.service": "-> ../a.service"]

    private func service(_ lines: String, wanted: Bool = true, _ more: [String: String] = [:]) throws -> FactBatch {
        var files = ["a.service": "[Service]\nExecStart=/nix/store/x/bin/a\n" + lines]
        if wanted { files.merge(self.wanted) { own, _ in own } }
        files.merge(more) { _, other in other }
        return try UnitsSupport.built(files)
    }

    @Test func capabilitiesThatAmountToRoot() throws {
        let key: FactKey = "units.ambient-capabilities"
        #expect(
            UnitsSupport.list(try service("AmbientCapabilities=CAP_SYS_ADMIN\n"), key) == ["a.service CAP_SYS_ADMIN"])
        #expect(UnitsSupport.list(try service("AmbientCapabilities=CAP_NET_ADMIN\n"), key) == [])
        #expect(UnitsSupport.list(try service("AmbientCapabilities=CAP_SYS_ADMIN\n", wanted: false), key) == [])
        // Reset later, or taken away by the bounding set.
        #expect(
            UnitsSupport.list(try service("AmbientCapabilities=CAP_SYS_ADMIN\nAmbientCapabilities=\n"), key) == [])
        #expect(
            UnitsSupport.list(try service("AmbientCapabilities=CAP_SYS_ADMIN\nCapabilityBoundingSet=\n"), key) == [])
        // By a drop-in, by a number, by all but a few.
        let dropIn = ["a.service.d/overrides.conf": "[Service]\nAmbientCapabilities=21\n"]
        #expect(UnitsSupport.list(try service("", dropIn), key) == ["a.service CAP_SYS_ADMIN"])
        let most = UnitsSupport.list(try service("AmbientCapabilities=~CAP_KILL\n"), key)
        #expect(most.count == 1 && most[0].contains("CAP_SYS_ADMIN"))
    }

    @Test func whatStartsAServiceDecidesWhetherItIsJudged() throws {
        let key: FactKey = "units.umask"
        let mask = "UMask=0000\n"
        let found = ["a.service 0000"]
        #expect(UnitsSupport.list(try service(mask), key) == found)
        #expect(UnitsSupport.list(try service(mask, wanted: false), key) == [])
        for starter in [
            ["a.socket": "[Socket]\nListenStream=80\n", "sockets.target.wants/a.socket": "-> ../a.socket"],
            ["b.timer": "[Timer]\nUnit=a.service\n", "timers.target.wants/b.timer": "-> ../b.timer"],
            [
                "b.service": "[Unit]\nWants=a.service\n[Service]\nExecStart=/b\n",
                "multi-user.target.requires/b.service": "",
            ],
            ["alias.service": "-> a.service", "multi-user.target.wants/alias.service": "-> ../a.service"],
        ] {
            #expect(UnitsSupport.list(try service(mask, wanted: false, starter), key) == found, "\(starter)")
        }
        let rescue = ["rescue.target.wants/a.service": "-> ../a.service"]
        #expect(UnitsSupport.list(try service(mask, wanted: false, rescue), key) == [])
        // A service that says nothing to start is refused by systemd, and one that is masked never starts.
        #expect(
            UnitsSupport.list(try UnitsSupport.built(wanted.merging(["a.service": "[Service]\nUMask=0\n"]) { $1 }), key)
                == [])
        #expect(
            UnitsSupport.list(try UnitsSupport.built(wanted.merging(["a.service": "-> /dev/null"]) { $1 }), key) == [])
    }

    @Test func whatCannotBeReadIsNeverNothing() throws {
        let batch = try UnitsSupport.built(wanted.merging(["a.service": "-> /nix/store/gone/a.service"]) { $1 })
        for key in UnitsFacts.lists where key != "units.masked-guards" {
            #expect(UnitsSupport.list(batch, key).first?.hasPrefix("unavailable") == true, "\(key.rawValue)")
        }
        // Where nothing starts it, it does not matter.
        let idle = try UnitsSupport.built(["a.service": "-> /nix/store/gone/a.service"])
        #expect(UnitsSupport.list(idle, "units.umask") == [])
    }

    @Test func programsFromPlacesThatOthersWrite() throws {
        let key: FactKey = "units.writable-executables"
        func list(_ lines: String) throws -> [String] {
            let files = wanted.merging(["a.service": "[Service]\n" + lines]) { $1 }
            return UnitsSupport.list(try UnitsSupport.built(files), key)
        }
        #expect(try list("ExecStart=/tmp/x\n") == ["a.service /tmp/x"])
        #expect(try list("ExecStart=@-/home/ci/run.sh run\n") == ["a.service /home/ci/run.sh"])
        #expect(try list("ExecStart=/bin/sh /var/tmp/x.sh\n") == ["a.service /var/tmp/x.sh"])
        #expect(try list("ExecStart=/home/web/app\nUser=web\n") == [])
        #expect(try list("ExecStart=/bin/true\nExecStartPre=+/home/web/app\nUser=web\n") == ["a.service /home/web/app"])
        #expect(try list("ExecStart=/nix/store/x/bin/x --state /tmp/x\n") == [])
    }

    @Test func rootShells() throws {
        let shell = "[Service]\nExecStart=/nix/store/x/bin/sh\nStandardInput=tty\nTTYPath=/dev/tty9\n"
        let debug = ["debug-shell.service": shell, "sysinit.target.wants/debug-shell.service": ""]
        #expect(UnitsSupport.list(try UnitsSupport.built(debug), "units.root-shells") == ["debug-shell.service"])
        #expect(
            UnitsSupport.list(try UnitsSupport.built(["debug-shell.service": shell]), "units.root-shells") == [])
        let other = wanted.merging(["a.service": shell]) { $1 }
        #expect(UnitsSupport.list(try UnitsSupport.built(other), "units.root-shells") == ["a.service"])
        let rescue = [
            "emergency.service":
                "[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\nExecStart=/x/systemd-sulogin-shell emergency\n"
        ]
        #expect(UnitsSupport.list(try UnitsSupport.built(rescue), "units.rescue-shells") == ["emergency.service"])
        let calm = [
            "emergency.service": "[Service]\nEnvironment=HOME=/root\nExecStart=/x/systemd-sulogin-shell emergency\n"
        ]
        #expect(UnitsSupport.list(try UnitsSupport.built(calm), "units.rescue-shells") == [])
    }

    @Test func protectionTakenBackAndSettingsIgnored() throws {
        let undone = try service("ProtectSystem=full\nReadWritePaths=-/\n")
        #expect(UnitsSupport.list(undone, "units.undone-protection") == ["a.service ReadWritePaths=/"])
        let reset = try service("ProtectSystem=full\nReadWritePaths=/\nReadWritePaths=\nReadWritePaths=/var/lib/a\n")
        #expect(UnitsSupport.list(reset, "units.undone-protection") == [])
        #expect(UnitsSupport.list(try service("ReadWritePaths=/\n"), "units.undone-protection") == [])
        let typo = try service("ProtectSystem=srict\n[Unit]\nNoNewPrivileges=true\n")
        #expect(
            UnitsSupport.list(typo, "units.ignored-settings")
                == ["a.service NoNewPrivileges= in [Unit]", "a.service ProtectSystem=srict"])
        #expect(UnitsSupport.list(try service("PrivateTmp=disconnected\n"), "units.ignored-settings") == [])
        #expect(UnitsSupport.list(try service("SystemCallFilter=@known\n"), "units.idle-filters") == ["a.service"])
        #expect(UnitsSupport.list(try service("SystemCallFilter=~\n"), "units.idle-filters") == ["a.service"])
        #expect(UnitsSupport.list(try service("SystemCallFilter=~@keyring\n"), "units.idle-filters") == [])
    }

    @Test func socketsThatCommandRoot() throws {
        func list(_ lines: String, _ key: FactKey) throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built([
                    "docker.socket": "[Socket]\n" + lines, "sockets.target.wants/docker.socket": "-> ../docker.socket",
                    "docker.service": "[Service]\nExecStart=/x/dockerd\n",
                ]), key)
        }
        let open: FactKey = "units.control-sockets.network"
        #expect(
            try list("ListenStream=/run/docker.sock\nListenStream=0.0.0.0:2375\n", open) == [
                "docker.socket 0.0.0.0:2375"
            ])
        #expect(try list("ListenStream=2375\n", open) == ["docker.socket 2375"])
        #expect(try list("ListenStream=[::]:2375\n", open) == ["docker.socket [::]:2375"])
        #expect(try list("ListenStream=127.0.0.1:2375\nListenStream=[::1]:2375\n", open) == [])
        #expect(try list("ListenStream=2375\nListenStream=\nListenStream=/run/docker.sock\n", open) == [])
        let all: FactKey = "units.control-sockets.writable"
        #expect(try list("ListenStream=/run/docker.sock\n", all) == ["docker.socket /run/docker.sock"])
        #expect(try list("ListenStream=/run/docker.sock\nSocketMode=0660\n", all) == [])
    }

    @Test func guardsAndPrograms() throws {
        let masked = try UnitsSupport.built(["auditd.service": "-> /dev/null", "console-getty.service": "-> /dev/null"])
        #expect(UnitsSupport.list(masked, "units.masked-guards") == ["auditd.service"])
        let partial = try service("")
        #expect(UnitsSupport.list(partial, "units.missing-executables")[0].hasPrefix("unavailable"))
        let whole = try service(
            "",
            [
                "/nix/store/t/systemd/lib/systemd/systemd": "program", "/nix/store/x/share/doc": "text",
            ])
        #expect(UnitsSupport.list(whole, "units.missing-executables") == ["a.service /nix/store/x/bin/a"])
        let there = try service(
            "", ["/nix/store/t/systemd/lib/systemd/systemd": "program", "/nix/store/x/bin/a": "program"])
        #expect(UnitsSupport.list(there, "units.missing-executables") == [])
    }

    @Test func optionsGiveTheSameAnswers() throws {
        let batch = try UnitsSupport.declared(
            """
            {"systemd":{"ctrlAltDelUnit":"","services":{
              "a":{"enable":true,"wantedBy":["multi-user.target"],"serviceConfig":{"ExecStart":"/x","UMask":"0000","AmbientCapabilities":["CAP_SYS_ADMIN"]}},
              "b":{"enable":true,"wantedBy":[],"serviceConfig":{"ExecStart":"/x","UMask":"0000"}},
              "auditd":{"enable":false,"wantedBy":[],"serviceConfig":{}},
              "docker":{"enable":true,"wantedBy":["multi-user.target"],"serviceConfig":{"ExecStart":["","/x"],"UMask":"0000"}}
            },"units":{},"sockets":{}}}
            """)
        #expect(UnitsSupport.list(batch, "units.umask") == ["a.service 0000", "docker.service 0000"])
        #expect(UnitsSupport.list(batch, "units.ambient-capabilities") == ["a.service CAP_SYS_ADMIN"])
        #expect(UnitsSupport.list(batch, "units.masked-guards") == ["auditd.service"])
        #expect(batch.facts["units.ctrl-alt-del"]?.value == .string("none"))
        #expect(batch.facts["units.score.a.service"]?.value == .integer(97))
        #expect(batch.facts["units.score.docker.service"] == nil)
    }

    @Test func anOptionThatCouldNotBeEvaluatedIsNotNothing() throws {
        let batch = try UnitsSupport.declared(
            #"{"systemd":{"services":{"a":{"wantedBy":["multi-user.target"],"serviceConfig":"<evaluation error>"}},"units":{}}}"#
        )
        #expect(UnitsSupport.list(batch, "units.umask")[0].hasPrefix("unavailable"))
        let none = try UnitsSupport.declared(#"{"systemd":{}}"#)
        #expect(UnitsSupport.list(none, "units.umask")[0].hasPrefix("unavailable"))
    }
}
