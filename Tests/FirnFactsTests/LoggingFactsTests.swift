import FirnModel
import Testing

@testable import FirnFacts

@Suite struct LoggingFactsTests {
    private func journald(_ text: String, _ dropIns: [String: String] = [:]) throws -> FactBatch {
        var files = ["/etc/systemd/journald.conf": text]
        for (name, text) in dropIns { files["/etc/systemd/journald.conf.d/" + name] = text }
        return try AuditSupport.logging(files)
    }

    @Test func theLastValidValueCounts() throws {
        let one = try journald("[Journal]\nStorage=persistent\nStorage=volatile\n")
        #expect(one.text("logging.journald.Storage") == "volatile")
        let typo = try journald("[Journal]\nStorage=volatile\nStorage=persistant\n")
        #expect(typo.text("logging.journald.Storage") == "volatile")
        let empty = try journald("[Journal]\nStorage=none\nStorage=\n")
        #expect(empty.text("logging.journald.Storage") == "auto")
        let section = try journald("[Journald]\nStorage=none\n")
        #expect(section.text("logging.journald.Storage") == "auto")
        let dropIn = try journald(
            "[Journal]\nStorage=persistent\n",
            ["20-b.conf": "[Journal]\nStorage=none\n", "10-a.conf": "[Journal]\nStorage=auto\n"])
        #expect(dropIn.text("logging.journald.Storage") == "none")
        #expect(dropIn.places("logging.journald.Storage").contains("20-b.conf:2"))
        let off = try journald("[Journal]\nStorage=persistent\n", ["20-b.conf": "-> /dev/null"])
        #expect(off.text("logging.journald.Storage") == "?")
    }

    @Test func theRateLimitIsOffWhenEitherPartIs() throws {
        #expect(try journald("[Journal]\n").text("logging.journald.rate-limited") == "true")
        #expect(try journald("[Journal]\nRateLimitBurst=0\n").text("logging.journald.rate-limited") == "false")
        #expect(try journald("[Journal]\nRateLimitIntervalSec=0\n").text("logging.journald.rate-limited") == "false")
        #expect(try journald("[Journal]\nRateLimitInterval=0s\n").text("logging.journald.rate-limited") == "false")
        #expect(try journald("[Journal]\nRateLimitInterval=30s\n").text("logging.journald.rate-limited") == "true")
    }

    @Test func sizesAndLevels() throws {
        #expect(try journald("[Journal]\nSystemMaxUse=2G\n").text("logging.journald.SystemMaxUse") == "2147483648")
        #expect(try journald("[Journal]\n").text("logging.journald.SystemMaxUse") == "absent")
        #expect(try journald("[Journal]\nMaxLevelStore=3\n").text("logging.journald.MaxLevelStore") == "err")
        #expect(try journald("[Journal]\nCompress=1K\n").text("logging.journald.Compress") == "true")
        #expect(try journald("[Journal]\nCompress=no\n").text("logging.journald.Compress") == "false")
    }

    @Test func aFileThatCannotBeReadIsNotADefault() throws {
        let batch = try AuditSupport.logging(["/etc/systemd/journald.conf": "-> /nix/store/gone"])
        #expect(batch.text("logging.journald.Storage") == "?")
        // systemd skips a line without "=", and so does the reader.
        #expect(try journald("no section line\n").text("logging.journald.Seal") == "true")
        let tooLong = String(repeating: "#", count: 3 << 20)
        #expect(try journald(tooLong).text("logging.journald.Seal") == "?")
    }

    private func core(_ files: [String: String]) throws -> String {
        try AuditSupport.logging(files.merging(["/etc/hostname": "x"]) { $1 }).text("logging.coredump.Storage")
    }

    @Test func coreDumps() throws {
        let systemd = ["/etc/sysctl.d/50-coredump.conf": "-> /nix/store/gone"]
        #expect(try core(systemd) == "external")
        #expect(
            try core(systemd.merging(["/etc/systemd/coredump.conf": "[Coredump]\nStorage=none\n"]) { $1 }) == "none")
        #expect(try core([:]) == "file")
        let pipe = "kernel.core_pattern=|/bin/false\n"
        #expect(try core(systemd.merging(["/etc/sysctl.d/60-nixos.conf": pipe]) { $1 }) == "none")
        #expect(
            try core([
                "/etc/sysctl.d/60-nixos.conf": pipe,
                "/etc/sysctl.d/90-x.conf": "kernel.core_pattern = |/bin/up --t x\n",
            ]) == "pipe")
        #expect(try core(systemd.merging(["/etc/sysctl.d/99-x.conf": "-> /nix/store/gone"]) { $1 }) == "?")
    }

    private func remote(_ unit: String, _ start: String, _ files: [String: String] = [:]) throws -> FactBatch {
        try AuditSupport.logging(
            [
                "/etc/systemd/system/\(unit)": "[Service]\nExecStart=\(start)\n",
                "/etc/systemd/system/multi-user.target.wants/\(unit)": "-> ../\(unit)",
            ].merging(files) { $1 })
    }

    @Test func remoteLogging() throws {
        let conf = AuditSupport.store + "syslog.conf"
        func rsyslog(_ text: String) throws -> String {
            try remote("syslog.service", "/x/rsyslogd -f \(conf) -n", [conf: text]).text("logging.remote")
        }
        #expect(try rsyslog("*.* @@logs.example.org:514\n") == "rsyslogd")
        #expect(try rsyslog("#*.* @@logs.example.org:514\n*.* /var/log/messages\n") == "(none)")
        #expect(try rsyslog("action(type=\"omrelp\" target=\"logs\")\n") == "rsyslogd")
        #expect(
            try remote("systemd-journal-upload.service", "/x/upload").text("logging.remote")
                == "systemd-journal-upload")
        #expect(try remote("vector.service", "/x/vector").text("logging.remote") == "?")
        #expect(try remote("other.service", "/x/other").text("logging.remote") == "(none)")
        let unwanted = try AuditSupport.logging([
            "/etc/systemd/system/systemd-journal-upload.service": "[Service]\nExecStart=/x\n"
        ])
        #expect(unwanted.text("logging.remote") == "(none)")
    }

    @Test func aSecretInASyslogLineIsNotShown() throws {
        let conf = AuditSupport.store + "syslog.conf"
        let batch = try remote(
            "syslog.service", "/x/rsyslogd -f \(conf)", [conf: "*.* @@logs?token=hunter2canary\n"])
        #expect(!batch.places("logging.remote").contains("canary"))
    }

    @Test func theGatewayIsSeen() throws {
        let batch = try remote("systemd-journal-gatewayd.socket", "/x")
        #expect(batch.text("logging.gateway") == "true")
    }
}

@Suite struct TimeFactsTests {
    private func system(_ units: [String: String], _ files: [String: String] = [:]) throws -> FactBatch {
        var all = files
        for (unit, start) in units {
            all["/etc/systemd/system/\(unit)"] = "[Service]\nExecStart=\(start)\n"
            all["/etc/systemd/system/multi-user.target.wants/\(unit)"] = "-> ../\(unit)"
        }
        all["/etc/hostname"] = "x"
        return try AuditSupport.time(all)
    }

    @Test func timesyncdAsksTheFallbackOnlyWithoutServers() throws {
        let unit = ["systemd-timesyncd.service": "/x"]
        func servers(_ text: String) throws -> String {
            try system(unit, ["/etc/systemd/timesyncd.conf": text]).text("time.servers")
        }
        #expect(try servers("[Time]\nNTP=a b\nFallbackNTP=c\n") == "a, b")
        #expect(try servers("[Time]\nNTP=\nFallbackNTP=c\n") == "c")
        #expect(try servers("[Time]\nNTP=a\nNTP=b\n") == "a, b")
        #expect(try servers("[Time]\nNTP=a\nNTP=\nNTP=b\n") == "b")
        #expect(try servers("[Time]\n") == "?")
    }

    @Test func chronyWithAndWithoutNTS() throws {
        let conf = AuditSupport.store + "chrony.conf"
        let unit = ["chronyd.service": "/x/chronyd -n -u chrony -f \(conf)"]
        let signed = try system(unit, [conf: "server time.example.org iburst nts\npool b.example.org nts\n"])
        #expect(signed.text("time.unauthenticated") == "(none)")
        let mixed = try system(
            unit, [conf: "server time.example.org iburst nts\nserver b.example.org iburst\n#pool c\n"])
        #expect(mixed.text("time.unauthenticated") == "b.example.org")
        #expect(mixed.text("time.servers") == "time.example.org, b.example.org")
        #expect(try system(unit).text("time.servers") == "?")
        #expect(try system(unit).text("time.count") == "1")
    }

    @Test func ntpdRs() throws {
        let conf = AuditSupport.store + "ntpd-rs.toml"
        let unit = ["ntpd-rs.service": "/x/ntp-daemon --config=\(conf)"]
        let text = """
            [observability]
            [[source]]
            mode = "nts"
            address = "a.example.org"
            [[source]]
            mode = "pool"
            address = "b.example.org"
            """
        #expect(try system(unit, [conf: text]).text("time.unauthenticated") == "b.example.org")
    }

    @Test func twoServicesAndNone() throws {
        #expect(try system([:]).text("time.count") == "0")
        #expect(try system([:]).text("time.servers") == "absent")
        let two = try system(["systemd-timesyncd.service": "/x", "chronyd.service": "/x"])
        #expect(two.list("time.services") == ["systemd-timesyncd", "chrony"])
    }
}
