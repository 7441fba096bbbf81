/// Unit files for the comparison with systemd-analyze: every directive with good, odd and wrong values, alone and mixed.
enum UnitsOracleCases {
    struct Texts {
        var main: String
        var dropIn: String?
    }

    private static let switches = [
        "LockPersonality", "MemoryDenyWriteExecute", "NoNewPrivileges", "PrivateDevices", "PrivateMounts",
        "PrivateNetwork", "PrivateTmp", "PrivateUsers", "ProtectClock", "ProtectControlGroups", "ProtectHostname",
        "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "RemoveIPC", "RestrictRealtime",
        "RestrictSUIDSGID", "DynamicUser",
    ]

    private static let switchValues = [
        "yes", "no", "true", "1", "on", "off", "", "maybe", "YES", "t", "disconnected", "strict",
    ]

    private static let values: [(key: String, values: [String])] = [
        ("User", ["", "root", "0", "nobody", "daemon", "web", "%i", "1000"]),
        ("SupplementaryGroups", ["", "wheel", "audio video", "\"disk\""]),
        (
            "CapabilityBoundingSet",
            [
                "", "~", "CAP_NET_ADMIN", "CAP_NET_ADMIN CAP_SYS_ADMIN", "~CAP_SYS_ADMIN", "~CAP_SYS_ADMIN CAP_KILL",
                "cap_kill", "CAP_NONSENSE", "CAP_NONSENSE CAP_KILL", "21", "~0 1 2", "CAP_AUDIT_WRITE CAP_CHOWN",
                "\"CAP_KILL\" CAP_LEASE", "~CAP_NONSENSE", "CAP_SYS_TIME CAP_WAKE_ALARM CAP_SYSLOG",
            ]
        ),
        ("AmbientCapabilities", ["", "~", "CAP_NET_RAW", "~CAP_NET_RAW", "CAP_NONSENSE", "CAP_NET_RAW CAP_KILL"]),
        ("Delegate", ["", "yes", "no", "cpu memory", "nonsense", "off"]),
        (
            "DeviceAllow",
            [
                "", "/dev/null rw", "char-rtc r", "block-loop", "null", "/dev/kvm", "/etc/passwd", "/dev/kvm xyz",
                "\"/dev/kvm\" rw", "char-*", "/dev/a/../b", "/dev/",
            ]
        ),
        ("DevicePolicy", ["", "auto", "closed", "strict", "Closed", "nonsense"]),
        (
            "IPAddressDeny",
            [
                "", "any", "localhost", "0.0.0.0/0", "::/0", "0.0.0.0/0 ::/0", "10.0.0.0/8", "nonsense", "10.0.0.0/0",
                "any 10.0.0.1", "::1/0", "link-local multicast",
            ]
        ),
        (
            "IPAddressAllow",
            [
                "", "any", "localhost", "127.0.0.1", "::1", "10.0.0.0/8", "localhost 10.0.0.1", "127.0.0.0/8 ::1/128",
                "multicast", "1.2.3", "300.1.1.1", "127.0.0.1/99", "::1/0", "link-local",
            ]
        ),
        ("IPIngressFilterPath", ["", "/sys/fs/bpf/in"]),
        ("IPEgressFilterPath", ["", "/sys/fs/bpf/out"]),
        ("KeyringMode", ["", "inherit", "private", "shared", "nonsense"]),
        ("NotifyAccess", ["", "none", "main", "exec", "all", "All"]),
        ("ProcSubset", ["", "all", "pid", "nonsense"]),
        ("ProtectProc", ["", "default", "noaccess", "invisible", "ptraceable", "nonsense"]),
        ("ProtectHome", ["", "yes", "no", "read-only", "tmpfs", "true", "off", "Read-Only", "nonsense"]),
        ("ProtectSystem", ["", "yes", "no", "full", "strict", "1", "srict", "STRICT"]),
        (
            "RestrictAddressFamilies",
            [
                "", "none", "AF_UNIX", "AF_INET AF_INET6", "~AF_PACKET", "~AF_UNIX AF_NETLINK", "AF_LOCAL", "~none",
                "AF_NONSENSE", "AF_VSOCK AF_ALG", "~AF_INET", "AF_INET AF_NONSENSE", "~", "af_unix", "AF_ROUTE",
                "~AF_CAN", "AF_INET6 AF_NETLINK AF_PACKET AF_UNIX AF_BLUETOOTH",
            ]
        ),
        (
            "RestrictNamespaces",
            [
                "", "yes", "no", "net", "net user", "~net", "~net user mnt", "nonsense", "~yes", "cgroup ipc uts pid",
                "~", "user nonsense", "~user nonsense", "NET",
            ]
        ),
        ("RootDirectory", ["", "/", "//", "/srv", "relative", "/srv/../", "/.", "/a/b//c"]),
        ("RootImage", ["", "/", "/srv/image.raw", "relative"]),
        ("MountImages", ["", "/a:/b"]),
        (
            "SystemCallArchitectures",
            ["", "native", "x86-64", "native x86", "nonsense", "x86-64 x32", "native nonsense"]
        ),
        (
            "SystemCallFilter",
            [
                "", "@system-service", "~@privileged", "~@privileged @resources", "@known", "~", "~@clock",
                "~@clock:EPERM", "@system-service:EPERM", "open read write", "~ptrace", "~ptrace:ENOSYS kexec_load",
                "nonsense", "~nonsense", "@nonsense", "~@nonsense", "@mount @module",
                "~reboot kexec_file_load kexec_load",
                "~vm86 vm86old modify_ldt", "@default", "~@default", "~@obsolete", "~swapon swapoff", "@swap", "mount",
                "~@debug @module @mount @raw-io @reboot @swap @cpu-emulation @obsolete @clock @privileged @resources",
                "~uselib ustat sysfs", "~modify_ldt", "~@cpu-emulation", "~iopl ioperm", "~clock_settime adjtimex",
                "~settimeofday clock_adjtime adjtimex clock_settime", "sched_setaffinity", "~ptrace:kill", "~1",
            ]
        ),
        (
            "UMask",
            ["", "0", "0000", "0022", "022", "0077", "0027", "0007", "0002", "0026", "9", "77777", "0177", "-1"]
        ),
    ]

    /// The cases: each value alone, then values mixed by a generator that always starts in the same way.
    static func all() -> [Texts] {
        var cases: [Texts] = []
        for key in switches {
            for value in switchValues { cases.append(Texts(main: unit(["\(key)=\(value)"]))) }
        }
        for (key, values) in values {
            for value in values { cases.append(Texts(main: unit(["\(key)=\(value)"]))) }
            for first in values {
                for second in values where first != second {
                    cases.append(Texts(main: unit(["\(key)=\(first)"]), dropIn: "[Service]\n\(key)=\(second)\n"))
                }
            }
        }
        var state: UInt64 = 0x5EED
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for number in 0..<400 {
            var lines: [String] = []
            for _ in 0..<(2 + next(14)) {
                if next(2) == 0 {
                    lines.append("\(switches[next(switches.count)])=\(switchValues[next(switchValues.count)])")
                } else {
                    let (key, choices) = values[next(values.count)]
                    lines.append("\(key)=\(choices[next(choices.count)])")
                }
            }
            let half = number % 3 == 0 ? lines.count / 2 : lines.count
            let dependencies = number % 7 == 0 ? "DefaultDependencies=no\n" : ""
            cases.append(
                Texts(
                    main: unit(Array(lines[..<half]), head: dependencies),
                    dropIn: half == lines.count ? nil : "[Service]\n" + lines[half...].joined(separator: "\n") + "\n"))
        }
        return cases
    }

    private static func unit(_ lines: [String], head: String = "") -> String {
        "[Unit]\nDescription=Made up\n\(head)[Service]\nExecStart=/bin/true\n" + lines.joined(separator: "\n") + "\n"
    }
}
