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

    /// The server has one file system: these mounts are not there, so their rules do not apply.
    static let mounts = ["mounts.home.", "mounts.var.", "mounts.var-log.", "mounts.var-log-audit.", "mounts.var-tmp."]

    /// What the module leaves as it is at strict, by reason. At minimal and at standard nothing is left.
    static let left: [String: Set<String>] = [
        "which machine or site it is must be known": [
            "boot.microcode", "boot.secure-boot", "logging.remote", "mounts.encrypted", "ssh.Banner", "time.nts",
        ],
        "profiles, units or store paths of what is installed must be chosen": [
            "audit.aud-escalation", "audit.aud-installers", "boot.apparmor", "wrappers.setuid",
        ],
        "the server itself holds the hash of a password": ["accounts.hash-in-store"],
        "NixOS defines it plainly, and a plain definition wins over the module": ["pam.null-password"],
        "root would be locked as well, and with a single administrator nobody gets in": ["pam.lockout.root"],
        "what is mounted before the options are read, or a group for it, is the owner's to make": [
            "mounts.proc.hidepid", "mounts.tmp.noexec",
        ],
        "only nftables can, and the module does not change the firewall's kind": ["firewall.forward.default"],
    ]

    /// The same on 20.09. PAM's rules came with 24.05, the settings of auditd with 25.11, and those of login.defs, sshd and sudo
    /// are lines of a text there, which only the owner can write whole.
    static let leftOn2009: [String: Set<String>] = [
        "minimal": ["age.kernel", "age.nixos"],
        "standard": [
            "age.kernel", "age.nixos", "age.openssh", "accounts.login-defs.ENCRYPT_METHOD", "pam.lockout.console",
            "pam.quality", "audit.auditd.admin_space_left", "audit.auditd.admin_space_left_action",
            "audit.auditd.disk_full_action", "audit.auditd.max_log_file_action", "audit.auditd.space_left",
            "audit.auditd.space_left_action", "ssh.ClientAliveInterval", "ssh.HostKeyAlgorithms",
            "ssh.PubkeyAcceptedAlgorithms",
            // What the export does not hold: policies of AppArmor, the channel of root.
            "boot.apparmor.enforced", "nix.upgrade-sources",
        ],
    ]

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
            case "notApplicable":
                #expect(
                    Self.notAsked.contains(row.rule) || Self.mounts.contains { row.rule.hasPrefix($0) },
                    "\(row.rule) does not apply")
            default: Issue.record("\(row.rule) is \(row.outcome) at \(level)")
            }
        }
        #expect(repaired >= ["minimal": 30, "standard": 140, "strict": 220][level] ?? .max)

        // What has no option to set, or is set by several.
        let open = Set(with.results.filter { ["fail", "unknown"].contains($0.outcome) }.map(\.rule))
        let expected = level == "strict" ? Self.left.values.reduce(into: Set<String>()) { $0.formUnion($1) } : []
        #expect(open == expected, "\(open.symmetricDifference(expected).sorted())")

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

    /// Live: 20.09 is not recorded. Its pandoc does not evaluate in every tree, and the manual is no matter of rules.
    @Test(
        .enabled(if: Nix.nixpkgs2009 != nil, "NIXPKGS_20_09 names no tree of 20.09"),
        arguments: ["minimal", "standard", "strict"])
    func anOldReleaseIsFound(_ level: String) throws {
        let tree = try #require(Nix.nixpkgs2009)
        let modules = """
            [ \(Repository.path("nix/modules/hardening.nix")) {
              security.hardening = { enable = true; level = "\(level)"; };
              documentation.enable = false;
              nixpkgs.overlays = [ (final: prev: { pandoc = prev.writeTextDir "bin/pandoc" ""; }) ];
            } ]
            """
        let answer = try Nix.run(
            "/usr/bin/nix-instantiate",
            [
                "--eval", "--strict", "--json", "--readonly-mode", Repository.path("nix/lib/evaluated-config.nix"),
                "--argstr", "system", "x86_64-linux", "--arg", "nixpkgs", tree, "--arg", "configuration",
                Repository.path("Tests/Fixtures/module/server.nix"), "--arg", "extraModules", modules,
            ])
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("old-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { Self.remove(directory) }
        try answer.output.write(to: URL(fileURLWithPath: directory + "/export.json"))
        let judged = try Self.judge(directory + "/export.json", level: level, in: directory)

        var repaired = 0
        for row in judged.results where row.fix?.path?.isEmpty == false {
            #expect(["pass", "notApplicable"].contains(row.outcome), "\(row.rule) is \(row.outcome)")
            if row.outcome == "pass" { repaired += 1 }
        }
        #expect(repaired >= ["minimal": 25, "standard": 100, "strict": 150][level] ?? .max, "\(repaired)")
        guard let left = Self.leftOn2009[level] else { return }
        let open = Set(judged.results.filter { ["fail", "unknown"].contains($0.outcome) }.map(\.rule))
        #expect(open == left, "\(open.symmetricDifference(left).sorted())")
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
