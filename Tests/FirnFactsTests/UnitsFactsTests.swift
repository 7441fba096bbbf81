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
        for name in ["CAP_DAC_READ_SEARCH", "CAP_SYS_BOOT", "CAP_BPF CAP_PERFMON"] {
            #expect(UnitsSupport.list(try service("AmbientCapabilities=\(name)\n"), key) == ["a.service \(name)"])
        }
        #expect(UnitsSupport.list(try service("AmbientCapabilities=CAP_BPF CAP_NET_ADMIN\n"), key) == [])
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
        for key in UnitsFacts.lists where key != "units.masked-guards" && key != "units.idle-upkeep" {
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
        // Interpreters and wrappers with a program of others.
        let script = ["a.service /home/ci/run"]
        for command in [
            "bash -e /home/ci/run --now", "sh -c '/home/ci/run --now'", "sh -ec 'exec /home/ci/run'",
            "python3.13 -u /home/ci/run", "env HOME=/root /home/ci/run", "nice -n 10 bash /home/ci/run",
            "timeout 5 env A=1 perl -w /home/ci/run",
        ] {
            #expect(try list("ExecStart=/nix/store/x/bin/\(command)\n") == script, "\(command)")
        }
        for command in ["python3 -c /home/ci/run", "sh -c 'ls /home/ci/run'", "env HOME=/home/ci /nix/store/x/bin/x"] {
            #expect(try list("ExecStart=/nix/store/x/bin/\(command)\n") == [], "\(command)")
        }
        // Its own /tmp holds what it put there.
        #expect(try list("ExecStart=/tmp/x\nPrivateTmp=true\n") == [])
        #expect(try list("ExecStart=/home/x/y\nPrivateTmp=true\n") == ["a.service /home/x/y"])
    }

    @Test func programsThatAScriptOfTheUnitRuns() throws {
        let key: FactKey = "units.writable-executables"
        let program = "/nix/store/h-unit-script-a-start/bin/a-start"
        func list(_ script: String, _ more: String = "") throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built(
                    wanted.merging(["a.service": "[Service]\nExecStart=\(program)\n" + more, program: script]) { $1 }),
                key)
        }
        let start = "#! /nix/store/x/bin/bash -e\n"
        let found = ["a.service /home/ci/run"]
        #expect(try list(start + "cd /\n/home/ci/run --now\n") == found)
        #expect(try list(start + "if true; then\n  X=1 exec bash \\\n /home/ci/run\nfi\n") == found)
        #expect(try list(start + "test -e /home/ci/run && /home/ci/run\n") == found)
        #expect(try list(start + "/home/ci/run\n", "User=ci\n") == [])
        #expect(try list(start + "# /home/ci/run\nmkdir -p /home/ci/x\ncat /tmp/x | sort > /tmp/y\n") == [])
        #expect(try list(start + "cat > /tmp/list <<EOF\n/home/ci/run\nEOF\n") == [])
        #expect(try list(start + "case $1 in\n/home/*) true ;;\nesac\n") == [])
        // A script that is not in the target is not clean.
        let gone = try UnitsSupport.built(wanted.merging(["a.service": "[Service]\nExecStart=\(program)\n"]) { $1 })
        #expect(UnitsSupport.list(gone, key).first?.hasPrefix("unavailable") == true)
        let declared = try UnitsSupport.declared(
            #"""
            {"systemd":{"services":{"a":{"wantedBy":["multi-user.target"],"script":"set -e\nbash /home/ci/run\n","serviceConfig":{"ExecStart":"/nix/store/h-unit-script-a-start/bin/a-start"}}},"units":{},"sockets":{}}}
            """#)
        #expect(UnitsSupport.list(declared, key) == found)
    }

    @Test func rootShells() throws {
        let key: FactKey = "units.root-shells"
        func list(_ lines: String) throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built([
                    "shell@.service": "[Service]\n" + lines,
                    "shell.socket": "[Socket]\nListenStream=4444\nAccept=yes\n",
                    "sockets.target.wants/shell.socket": "-> ../shell.socket",
                ]), key)
        }
        #expect(try list("ExecStart=/nix/store/x/bin/sh -i\nStandardInput=socket\n") == ["shell@.service"])
        #expect(try list("ExecStart=/nix/store/x/bin/sh -i\nStandardInput=socket\nUser=guest\n") == [])
        #expect(try list("ExecStart=/nix/store/x/bin/sh /nix/store/y/ask\nStandardInput=socket\n") == [])
        #expect(try list("ExecStart=/nix/store/x/bin/sh -i\n") == [])
    }

    @Test func rescueShells() throws {
        func list(_ lines: String) throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built(["emergency.service": "[Service]\n" + lines]), "units.rescue-shells")
        }
        #expect(try list("ExecStart=/x/systemd-sulogin-shell emergency\n") == [])
        #expect(
            try list("ExecStart=/x/systemd-sulogin-shell\nExecStart=\nExecStart=/bin/sh -l\n") == ["emergency.service"])
        #expect(try list("ExecStart=/x/sulogin --force\n") == ["emergency.service"])
        // The variable is judged by boot.sulogin-force: a root with a password is asked all the same.
        #expect(try list("Environment=SYSTEMD_SULOGIN_FORCE=1\nExecStart=/x/systemd-sulogin-shell emergency\n") == [])
    }

    @Test func protectionTakenBackAndSettingsIgnored() throws {
        let undone = try service("ProtectSystem=full\nReadWritePaths=-/\n")
        #expect(UnitsSupport.list(undone, "units.undone-protection") == ["a.service ReadWritePaths=/"])
        let reset = try service("ProtectSystem=full\nReadWritePaths=/\nReadWritePaths=\nReadWritePaths=/var/lib/a\n")
        #expect(UnitsSupport.list(reset, "units.undone-protection") == [])
        #expect(UnitsSupport.list(try service("ReadWritePaths=/\n"), "units.undone-protection") == [])
        for path in ["/etc", "/etc/", "//nix/./store/"] {
            let found = UnitsSupport.list(
                try service("ProtectSystem=strict\nReadWritePaths=\(path)\n"), "units.undone-protection")
            #expect(found.count == 1, "\(path)")
        }
        // /etc is only protected by "full" and "strict", and a file in it is not all of it.
        for lines in ["ProtectSystem=yes\nReadWritePaths=/etc\n", "ProtectSystem=full\nReadWritePaths=/etc/a\n"] {
            #expect(UnitsSupport.list(try service(lines), "units.undone-protection") == [])
        }
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
        func list(_ lines: String, _ key: FactKey, name: String = "incus") throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built([
                    "\(name).socket": "[Socket]\n" + lines,
                    "sockets.target.wants/\(name).socket": "-> ../\(name).socket",
                    "\(name).service": "[Service]\nExecStart=/x/incusd\n",
                ]), key)
        }
        let open: FactKey = "units.control-sockets.network"
        #expect(
            try list("ListenStream=/run/i.sock\nListenStream=0.0.0.0:8443\n", open) == ["incus.socket 0.0.0.0:8443"])
        #expect(try list("ListenStream=2375\n", open) == ["incus.socket 2375"])
        #expect(try list("ListenStream=[::]:2375\n", open) == ["incus.socket [::]:2375"])
        #expect(try list("ListenStream=127.0.0.1:2375\nListenStream=[::1]:2375\n", open) == [])
        #expect(try list("ListenStream=[::ffff:127.0.0.1]:2375\n", open) == [])
        #expect(try list("ListenStream=2375\nBindToDevice=lo\n", open) == [])
        #expect(try list("ListenStream=2375\nListenStream=\nListenStream=/run/docker.sock\n", open) == [])
        // Docker's addresses, and whether they ask for a certificate, are the network family's.
        #expect(try list("ListenStream=0.0.0.0:2375\n", open, name: "docker") == [])
        let all: FactKey = "units.control-sockets.writable"
        #expect(try list("ListenStream=/run/docker.sock\n", all, name: "docker") == ["docker.socket /run/docker.sock"])
        #expect(try list("ListenStream=/run/docker.sock\nSocketMode=0660\n", all, name: "docker") == [])
    }

    @Test func socketsOfAnExportThatNamesOnlyUnits() throws {
        func facts(_ units: String) throws -> FactBatch {
            try UnitsSupport.declared(#"{"systemd":{"services":{},"units":{\#(units)}}}"#)
        }
        let docker = try facts(#""docker.socket":{"enable":true,"wantedBy":["sockets.target"]}"#)
        #expect(UnitsSupport.list(docker, "units.control-sockets.network") == [])
        #expect(UnitsSupport.list(docker, "units.control-sockets.writable")[0].hasPrefix("unavailable"))
        let incus = try facts(#""incus.socket":{"enable":true,"wantedBy":["sockets.target"]}"#)
        #expect(UnitsSupport.list(incus, "units.control-sockets.network")[0].hasPrefix("unavailable"))
        let none = try facts(#""docker.socket":{"enable":true,"wantedBy":[]}"#)
        #expect(UnitsSupport.list(none, "units.control-sockets.writable") == [])
    }

    @Test func rootBehindNetworkSockets() throws {
        func list(_ address: String, service: String = "tftp.service") throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built([
                    "x.socket": "[Socket]\nListenStream=\(address)\nService=\(service)\n",
                    "sockets.target.wants/x.socket": "-> ../x.socket", service: "[Service]\nExecStart=/x/y\n",
                ]), "units.root-listeners")
        }
        #expect(try list("0.0.0.0:69") == ["x.socket 0.0.0.0:69"])
        #expect(try list("127.0.0.1:631") == [])
        for service in ["docker.service", "cockpit.service", "sshd@.service"] {
            #expect(try list("0.0.0.0:2375", service: service) == [], "\(service)")
        }
    }

    @Test func guardsAndPrograms() throws {
        let masked = try UnitsSupport.built(["auditd.service": "-> /dev/null", "console-getty.service": "-> /dev/null"])
        #expect(UnitsSupport.list(masked, "units.masked-guards") == ["auditd.service"])
        // wantedBy = mkForce [] kills a guard as well.
        let unit = "-> /nix/store/h-unit-auditd.service/auditd.service"
        let files = [
            "auditd.service": unit, "/nix/store/h-unit-auditd.service/auditd.service": "[Service]\nExecStart=/x\n",
        ]
        #expect(UnitsSupport.list(try UnitsSupport.built(files), "units.masked-guards") == ["auditd.service"])
        let started = files.merging(["multi-user.target.wants/auditd.service": "-> ../auditd.service"]) { $1 }
        #expect(UnitsSupport.list(try UnitsSupport.built(started), "units.masked-guards") == [])
        let upkeep = [
            "nixos-upgrade.timer": "-> /nix/store/h-unit-nixos-upgrade.timer/nixos-upgrade.timer",
            "acme-renew-a.timer": "-> /dev/null", "fstrim.timer": "-> /nix/store/h-util-linux-2/lib/fstrim.timer",
        ]
        #expect(
            UnitsSupport.list(try UnitsSupport.built(upkeep), "units.idle-upkeep")
                == ["acme-renew-a.timer", "nixos-upgrade.timer"])
        let wantedTimer = upkeep.merging(["timers.target.wants/nixos-upgrade.timer": ""]) { $1 }
        #expect(
            UnitsSupport.list(try UnitsSupport.built(wantedTimer), "units.idle-upkeep") == ["acme-renew-a.timer"])
        let partial = try service("")
        #expect(UnitsSupport.list(partial, "units.missing-executables")[0].hasPrefix("unavailable"))
        let whole = try service(
            "",
            [
                "/nix/store/t/systemd/lib/systemd/systemd": "program", "/nix/store/x/share/doc": "text",
            ])
        #expect(UnitsSupport.list(whole, "units.missing-executables") == ["a.service /nix/store/x/bin/a"])
        // Where systemd itself lacks programs the target is a partial copy.
        let copied = try service(
            "ExecStartPre=/bin/sh\nType=oneshot\nExecStart=/nix/store/s-systemd-260/lib/systemd/systemd-x\n",
            [
                "/nix/store/t/systemd": "-> /nix/store/s-systemd-260", "/nix/store/x/share/doc": "text",
                "/nix/store/s-systemd-260/lib/systemd/systemd": "program",
            ])
        #expect(UnitsSupport.list(copied, "units.missing-executables")[0].hasPrefix("unavailable"))
        // A bare name is looked up by systemd; the system's own profile is in the toplevel.
        let named = try UnitsSupport.built(
            wanted.merging([
                "a.service":
                    "[Service]\nType=oneshot\nExecStart=systemd-tmpfiles --create\nExecStart=/run/current-system/sw/bin/true\n",
                "/nix/store/t/systemd/lib/systemd/systemd": "program", "/nix/store/t/sw/bin/true": "program",
            ]) { $1 })
        #expect(UnitsSupport.list(named, "units.missing-executables") == [])
        let there = try service(
            "", ["/nix/store/t/systemd/lib/systemd/systemd": "program", "/nix/store/x/bin/a": "program"])
        #expect(UnitsSupport.list(there, "units.missing-executables") == [])
    }

    @Test func instancesOfWhatIsByNature() throws {
        func list(_ name: String) throws -> [String] {
            UnitsSupport.list(
                try UnitsSupport.built([
                    name: "[Service]\nExecStart=/nix/store/x/bin/a\n",
                    "multi-user.target.wants/\(name)": "-> ../\(name)",
                ]), "units.unconfined")
        }
        #expect(try list("container@web.service") == [])
        #expect(try list("openvpn-home.service") == [])
        #expect(try list("other@web.service").count == 1)
    }

    @Test func unitsBesideTheConfiguration() throws {
        #expect(UnitsSupport.list(try service(""), "units.outside") == [])
        let other = try service("", ["/etc/systemd/system.control/a.service.d/50-CPUWeight.conf": "[Service]\n"])
        #expect(UnitsSupport.list(other, "units.outside") == ["a.service.d"])
        let profile = try service("", ["/nix/var/nix/profiles/default/lib/systemd/system/b.service": "[Service]\n"])
        #expect(UnitsSupport.list(profile, "units.outside") == ["b.service"])
    }

    @Test func optionsGiveTheSameAnswers() throws {
        let batch = try UnitsSupport.declared(
            """
            {"systemd":{"services":{
              "a":{"enable":true,"wantedBy":["multi-user.target"],"serviceConfig":{"ExecStart":"/x","UMask":"0000","AmbientCapabilities":["CAP_SYS_ADMIN"]}},
              "b":{"enable":true,"wantedBy":[],"serviceConfig":{"ExecStart":"/x","UMask":"0000"}},
              "auditd":{"enable":false,"wantedBy":[],"serviceConfig":{}},
              "docker":{"enable":true,"wantedBy":["multi-user.target"],"serviceConfig":{"ExecStart":["","/x"],"UMask":"0000"}},
              "fail2ban":{"enable":true,"wantedBy":[],"serviceConfig":{"ExecStart":"/x"}},
              "usbguard":{"enable":true,"wantedBy":[],"serviceConfig":{"ExecStart":"/x"}}
            },"units":{"nixos-upgrade.timer":{"enable":true,"wantedBy":[]},"logrotate.timer":{"enable":true,"wantedBy":["timers.target"]}},
            "targets":{"guards":{"wants":["usbguard.service"]}},"sockets":{}}}
            """)
        #expect(UnitsSupport.list(batch, "units.umask") == ["a.service 0000", "docker.service 0000"])
        #expect(UnitsSupport.list(batch, "units.ambient-capabilities") == ["a.service CAP_SYS_ADMIN"])
        #expect(UnitsSupport.list(batch, "units.masked-guards") == ["auditd.service", "fail2ban.service"])
        #expect(UnitsSupport.list(batch, "units.idle-upkeep") == ["nixos-upgrade.timer"])
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
