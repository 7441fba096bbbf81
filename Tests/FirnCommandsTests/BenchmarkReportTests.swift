import FirnTestSupport
import Foundation
import Testing

/// The NixOS STIG on real systems. The truth is read from the generated files of each system by hand, and from the
/// check text of each control.
@Suite struct BenchmarkReportTests {
    private struct Rule: Decodable {
        var group_id: String
        var status: String
        var finding_details: String
    }

    private struct Checklist: Decodable {
        struct Target: Decodable {
            var host_name: String
        }
        struct STIG: Decodable {
            var rules: [Rule]
        }
        var target_data: Target
        var stigs: [STIG]
    }

    private static func checklist(_ fixture: String, _ extra: [String] = []) throws -> Checklist {
        let run = CommandLineRun(
            arguments: [
                "check", Fixture.config(fixture), Fixture.system(fixture), "--profile", "strict", "--now", "2026-11-24",
                "--format", "cklb",
            ] + extra, isTerminal: false, columns: 100, environment: [:])
        return try JSONDecoder().decode(Checklist.self, from: Data(run.out.utf8))
    }

    private static let hardserver: [(id: String, status: String, reason: String)] = [
        ("V-268088", "not_a_finding", "sshd_config: LogLevel VERBOSE, and the Match block sets none"),
        ("V-268089", "open", "sshd_config: Ciphers aes256-gcm and chacha20, not the three of the STIG"),
        ("V-268092", "not_reviewed", "audit=1 on the command line, but the check reads /proc/cmdline"),
        ("V-268101", "open", "auditd.conf: space_left_action = syslog is a finding by the letter"),
        ("V-268103", "not_a_finding", "auditd.conf: space_left = 25%"),
        ("V-268104", "not_a_finding", "auditd.conf: admin_space_left = 10%"),
        ("V-268105", "open", "auditd.conf: disk_full_action = suspend"),
        ("V-268110", "not_reviewed", "auditd.conf has no log_group: the default is root, but the line is missing"),
        ("V-268130", "not_reviewed", "login.defs: YESCRYPT; the STIG names no order above SHA512"),
        ("V-268132", "not_a_finding", "login.defs: PASS_MIN_DAYS 1"),
        ("V-268133", "open", "login.defs: PASS_MAX_DAYS 90"),
        ("V-268137", "not_a_finding", "sshd_config: PermitRootLogin no, and the Match block sets none"),
        ("V-268142", "not_a_finding", "sshd_config: ClientAliveInterval 300"),
        ("V-268143", "open", "sshd_config: ClientAliveCountMax 2"),
        ("V-268152", "not_a_finding", "nix.conf: allowed-users = @wheel, trusted-users = root"),
        ("V-268154", "not_reviewed", "require-sigs is on; Nix' default satisfies the rule, the check wants the line"),
        ("V-268155", "open", "sudoers: timestamp_timeout=5"),
        ("V-268156", "open", "sudoers: %wheel runs journalctl with NOPASSWD"),
        ("V-268157", "open", "sshd_config: Macs hmac-sha2-512-etm"),
        ("V-268160", "not_reviewed", "kptr_restrict is 2: stricter, but the STIG wants exactly 1"),
        ("V-268171", "open", "login.defs has no FAIL_DELAY"),
        ("V-268172", "not_a_finding", "no display manager and no getty logs anybody in"),
        ("V-268176", "not_a_finding", "sshd_config: UsePAM yes"),
        ("V-268181", "not_a_finding", "login.defs: UMASK 077"),
        ("V-268079", "not_reviewed", "only a person knows the emergency accounts"),
    ]

    private static let insecure: [(id: String, status: String, reason: String)] = [
        ("V-268078", "open", "networking.firewall.enable is false"),
        ("V-268080", "open", "auditing is off"),
        ("V-268088", "open", "sshd_config: LogLevel QUIET"),
        ("V-268091", "open", "no audit rules are loaded: the rule on them does not apply, yet it is a finding"),
        ("V-268103", "open", "there is no auditd.conf"),
        ("V-268130", "open", "login.defs: ENCRYPT_METHOD DES"),
        ("V-268132", "open", "login.defs has no PASS_MIN_DAYS"),
        ("V-268137", "open", "sshd_config: PermitRootLogin yes"),
        ("V-268152", "open", "nix.conf: allowed-users = *"),
        ("V-268154", "open", "nix.conf: require-sigs = false"),
        ("V-268155", "open", "sudoers has no timestamp_timeout"),
        ("V-268156", "open", "sudoers: %wheel with NOPASSWD"),
        ("V-268171", "open", "login.defs has no FAIL_DELAY"),
        ("V-268172", "open", "root is logged in on the console"),
        ("V-268176", "not_a_finding", "sshd_config: UsePAM yes"),
        ("V-268181", "open", "login.defs: UMASK 000"),
    ]

    @Test func aHardenedServer() throws {
        let list = try Self.checklist("current-c-hardserver")
        #expect(list.target_data.host_name == "gatehouse")
        try compare(list, Self.hardserver)
    }

    @Test func anInsecureSystem() throws {
        let list = try Self.checklist("current-d-insecure")
        try compare(list, Self.insecure)
        // Two controls hold, both read above or below: sshd uses PAM, and 26.11 is supported.
        let closed = list.stigs[0].rules.filter { $0.status == "not_a_finding" }.map(\.group_id)
        #expect(closed == ["V-268176", "V-268180"])
    }

    /// A container has no kernel of its own. The STIG's commands run there all the same, and no check says that it
    /// does not apply: a person decides.
    @Test func aContainer() throws {
        let list = try Self.checklist("current-w-container")
        try compare(
            list,
            [
                ("V-268092", "not_reviewed", "the command line is the host's"),
                ("V-268141", "not_reviewed", "the network, and its sysctl, may be the container's own"),
                ("V-268160", "not_reviewed", "the kernel is the host's"),
                ("V-268161", "not_reviewed", "the kernel is the host's"),
            ])
    }

    private func compare(_ list: Checklist, _ truth: [(id: String, status: String, reason: String)]) throws {
        #expect(list.stigs.count == 1)
        #expect(list.stigs[0].rules.count == 103)
        for (id, status, reason) in truth {
            let rule = try #require(list.stigs[0].rules.first { $0.group_id == id })
            #expect(rule.status == status, "\(id): \(reason)\n\(rule.finding_details)")
        }
        // Nothing that only a person or the running system can tell is ever closed.
        for rule in list.stigs[0].rules where rule.status == "not_a_finding" {
            #expect(rule.finding_details.hasPrefix("Every rule that answers this control passes"), "\(rule.group_id)")
        }
    }

    /// At a lower level fewer rules are asked: less is reviewed, and nothing more is closed.
    @Test func aLowerProfileClosesNothingMore() throws {
        let strict = try Self.checklist("current-c-hardserver").stigs[0].rules
        let minimal = try Self.checklist("current-c-hardserver", ["--profile", "minimal"]).stigs[0].rules
        for (high, low) in zip(strict, minimal) where low.status == "not_a_finding" {
            #expect(high.status == "not_a_finding", "\(low.group_id)")
        }
        #expect(
            minimal.first { $0.group_id == "V-268152" }?.finding_details.hasPrefix(
                "The profile does not ask nix.allowed-users.") == true)
    }

    @Test func resultsNameTheirControls() throws {
        let run = CommandLineRun("check", Fixture.config("current-c-hardserver"), "--format", "json")
        #expect(run.out.contains("\"V-268137\""))
        let explained = CommandLineRun("explain", "ssh.PermitRootLogin").out
        #expect(explained.contains("controls") && explained.contains("V-268137"))
        #expect(CommandLineRun("profiles", "show", "strict").out.contains("V-268137"))
        #expect(CommandLineRun("rules", "list", "--format", "json").out.contains("\"controls\""))
    }

    @Test func severalSystemsAreNoChecklist() throws {
        let run = CommandLineRun(
            "check", Fixture.config("current-c-hardserver"), Fixture.config("current-d-insecure"), "--format", "cklb")
        #expect(run.code == 2)
        #expect(run.err.contains("--format cklb: a checklist is of one system, and this report has 2"))
        #expect(run.out.isEmpty)
        let both = CommandLineRun(
            "check", Fixture.config("current-c-hardserver"), Fixture.config("current-d-insecure"), "--format", "xccdf")
        #expect(both.out.contains("testresult_system-1-nixos-stig-v1r2"))
        #expect(both.out.contains("testresult_system-2-nixos-stig-v1r2"))
    }

    /// docs/benchmarks.md is as the data is.
    @Test func thePageCountsRight() throws {
        let page = try String(contentsOfFile: Repository.path("docs/benchmarks.md"), encoding: .utf8)
        let data = try String(
            contentsOfFile: Repository.path("profiles/benchmarks/nixos-stig-v1r2.toml"), encoding: .utf8)
        for (word, label) in [("full", "full"), ("partial", "partial"), ("none", "none")] {
            let count = data.components(separatedBy: "\ncoverage = \"\(word)\"").count - 1
            #expect(page.contains("| \(label) | \(count) |"), "\(label): \(count)")
        }
    }
}
