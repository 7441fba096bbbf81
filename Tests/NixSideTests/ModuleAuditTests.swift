import FirnCommands
import FirnTestSupport
import Foundation
import Synchronization
import Testing

/// The auditor judges a plain server of NixOS 26.11 with the hardening module: what the module sets, it finds.
///
/// The exports are recorded (scripts/record-module-exports writes them), since CI has no nixpkgs.
struct ModuleAuditTests {
    struct Judged: Decodable {
        struct Fix: Decodable { var path: [String]? }
        struct Row: Decodable {
            var rule: String
            var outcome: String
            var fix: Fix?
        }
        var results: [Row]
        var outcomes: [String: String] { Dictionary(results.map { ($0.rule, $0.outcome) }) { first, _ in first } }
    }

    /// Rules that do not apply to this server, since what they are about is switched off or is not there.
    static let notAsked: Set<String> = [
        // cron, a log file of sudo, a syslog daemon, resolved, Samba, httpd, polkit
        "audit.stig-cron", "audit.cis-sudo-log", "logging.journald.ForwardToSyslog", "network.resolved.DNSOverTLS",
        "network.resolved.DNSSEC", "network.resolved.LLMNR", "network.resolved.MulticastDNS", "network.samba.encrypt",
        "network.samba.map-to-guest", "network.samba.server-min-protocol", "network.samba.server-signing",
        "tls.httpd.ciphers", "tls.httpd.protocols", "polkit.admins", "polkit.pkexec",
        // flakes; logins by the keys of hosts, and by passwords, which are off
        "nix.flake-registry", "ssh.HostbasedAcceptedAlgorithms", "ssh.rate-limit",
    ]

    /// Rules about mounts that this server does not have. The recording exporter cannot tell the mounts of systemd
    /// ("its evaluation throws"), so they are unknown with and without the module; ModuleTests looks at the values.
    static let mounts = ["mounts.home.", "mounts.var.", "mounts.var-log.", "mounts.var-log-audit.", "mounts.var-tmp."]

    /// Some of what NixOS does not do by itself, by level.
    static let broken: [String: Set<String>] = [
        "minimal": [],
        "standard": [
            "sysctl.kernel.kexec_load_disabled", "audit.enabled", "audit.auditd.enabled", "ssh.PasswordAuthentication",
            "ssh.KbdInteractiveAuthentication", "modules.network-protocols", "pam.su.wheel",
        ],
        "strict": [
            "sysctl.net.ipv4.conf.all.rp_filter", "audit.enabled", "ssh.AllowGroups", "firewall.icmp.echo",
            "modules.locked", "accounts.mutable-users", "nix.allowed-users", "boot.usbguard",
        ],
    ]

    @Test(arguments: ["minimal", "standard", "strict"]) func theLevelIsFound(_ level: String) throws {
        let exports = try Self.unpack()
        defer { Self.remove(exports) }
        let with = try Self.judge(exports + "/exports/\(level).json", level: level, in: exports)
        let without = try Self.judge(exports + "/exports/plain.json", level: level, in: exports).outcomes

        var repaired = 0
        for row in with.results where row.fix?.path?.isEmpty == false {
            switch row.outcome {
            case "pass": repaired += 1
            case "notApplicable": #expect(Self.notAsked.contains(row.rule), "\(row.rule) does not apply")
            case "unknown":
                #expect(Self.mounts.contains { row.rule.hasPrefix($0) }, "\(row.rule) is not known")
                #expect(without[row.rule] == "unknown", "\(row.rule)")
            default: Issue.record("\(row.rule) is \(row.outcome) at \(level)")
            }
        }
        #expect(repaired >= ["minimal": 30, "standard": 140, "strict": 220][level] ?? .max)

        let outcomes = with.outcomes
        for rule in Self.broken[level] ?? [] {
            #expect(without[rule] == "fail", "\(rule) without the module: \(without[rule] ?? "-")")
            #expect(outcomes[rule] == "pass", "\(rule) with the module: \(outcomes[rule] ?? "-")")
        }
        // The module breaks nothing. Passwords are off, so that nobody asks how their guessing is slowed down.
        for (rule, outcome) in without where outcome == "pass" && rule != "ssh.rate-limit" {
            #expect(outcomes[rule] == "pass", "\(rule) passed before, and is \(outcomes[rule] ?? "-")")
        }
    }

    private static func unpack() throws -> String {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("exports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let answer = try Nix.run(
            "tar", ["-xJf", Repository.path("Tests/Fixtures/module/exports.tar.xz"), "-C", directory.path])
        try #require(answer.code == 0, "\(answer.errors)")
        return directory.path
    }

    private static func remove(_ directory: String) {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            print("\(directory) could not be removed: \(error)")
        }
    }

    private static func judge(_ export: String, level: String, in directory: String) throws -> Judged {
        let report = directory + "/report-\(UUID().uuidString).json"
        let errors = ErrorText()
        let console = Console(
            out: { _ in }, err: { errors.append($0) }, isTerminal: false, columns: 100, environment: [:],
            now: { 1_790_000_000 })
        let code = FirnCommand.run(
            ["check", export, "--profile", level, "--format", "json=" + report], console: console)
        // 3: something could not be told, as of any export.
        try #require([0, 1, 3].contains(code), "\(errors.text)")
        return try JSONDecoder().decode(Judged.self, from: Data(contentsOf: URL(fileURLWithPath: report)))
    }

    private final class ErrorText: Sendable {
        private let content = Mutex("")
        func append(_ more: String) { content.withLock { $0 += more } }
        var text: String { content.withLock { $0 } }
    }
}
