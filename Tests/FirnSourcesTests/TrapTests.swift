import FirnModel
import FirnTestSupport
import Testing

/// The traps that each system's facts.md names, one line each, written by hand.
@Suite struct TrapTests {
    static let firstTraps = [
        Trap(
            fixture: "current-b-hardened-profile", rule: "cmdline.slab_nomerge", outcome: .unknown, shows: "",
            why: "the imported profile sets nothing"),
        Trap(
            fixture: "current-b-hardened-profile", rule: "sysctl.net.ipv4.conf.all.send_redirects", outcome: .fail,
            shows: "1", why: "the imported profile sets nothing"),
        Trap(
            fixture: "old-b-hardened-profile", rule: "sysctl.net.ipv4.conf.all.send_redirects", outcome: .pass,
            shows: "0", why: "on 20.09 the same profile does set it"),
        Trap(
            fixture: "current-c-hardserver", rule: "sysctl.kernel.perf_event_paranoid", outcome: .fail,
            shows: "70-vendor.conf", why: "a later file of environment.etc sets 1"),
        Trap(
            fixture: "current-c-hardserver", rule: "cmdline.audit_backlog_limit", outcome: .fail, shows: "4096",
            why: "the module's 4096 comes after the user's 8192"),
        Trap(
            fixture: "current-c-hardserver", rule: "ssh.MaxAuthTries", outcome: .pass, shows: "3",
            why: "settings are printed before extraConfig's 10"),
        Trap(
            fixture: "current-c-hardserver", rule: "ssh.match.AllowTcpForwarding", outcome: .fail,
            shows: "Match Group transfer", why: "real for that group"),
        Trap(
            fixture: "current-c-hardserver", rule: "sysctl.vm.unprivileged_userfaultfd", outcome: .pass,
            shows: "kernel default", why: "null is not emitted: the kernel's 0 counts, since 5.11"),
        Trap(
            fixture: "current-d-insecure", rule: "firewall.enabled", outcome: .fail, shows: "",
            why: "off although ports and ranges are listed"),
        Trap(
            fixture: "current-d-insecure", rule: "cmdline.systemd.debug_shell", outcome: .fail,
            shows: "systemd.debug-shell=1", why: "a root shell on tty9"),
        Trap(
            fixture: "current-d-insecure", rule: "cmdline.audit", outcome: .fail, shows: "audit=0", why: "audit=0"),
        Trap(
            fixture: "current-d-insecure", rule: "cmdline.apparmor", outcome: .fail, shows: "apparmor=0",
            why: "apparmor=0"),
        Trap(
            fixture: "current-d-insecure", rule: "ssh.Ciphers", outcome: .fail, shows: "3des-cbc",
            why: "socket activated sshd has the weak lists too"),
        Trap(
            fixture: "current-d-insecure", rule: "ssh.PermitEmptyPasswords", outcome: .fail, shows: "yes",
            why: "empty passwords are real"),
        Trap(
            fixture: "modern-d-insecure", rule: "cmdline.init", outcome: .fail, shows: "init=/bin/sh-not-really",
            why: "the loader's init= comes before the user's"),
        Trap(
            fixture: "old-d-insecure", rule: "sysctl.net.ipv4.conf.all.forwarding", outcome: .fail, shows: "1",
            why: "ip_forward=1 is written after conf.all.forwarding=0 and is the same switch"),
        Trap(
            fixture: "old-d-insecure", rule: "ssh.GatewayPorts", outcome: .fail, shows: "yes", why: "real"),
        Trap(
            fixture: "old-e-container-host", rule: "ssh.match.PasswordAuthentication", outcome: .fail,
            shows: "Match Address 10.0.0.0/8", why: "yes inside Match, no globally"),
        Trap(
            fixture: "old-e-container-host", rule: "ssh.PasswordAuthentication", outcome: .pass, shows: "no",
            why: "no globally"),
        Trap(
            fixture: "old-e-container-host", rule: "firewall.trusted-interfaces", outcome: .fail, shows: "wg0",
            why: "-I INPUT -i wg0 -j ACCEPT bypasses nixos-fw"),
        Trap(
            fixture: "old-e-container-host", rule: "firewall.forwards", outcome: .fail, shows: "8080",
            why: "DNAT to a container"),
        Trap(
            fixture: "current-f-iso", rule: "ssh.PermitRootLogin", outcome: .fail, shows: "yes",
            why: "the installer's sshd starts at boot; the role silences nothing"),
        Trap(
            fixture: "old-f-iso", rule: "ssh.PermitRootLogin", outcome: .fail, shows: "yes",
            why: "sshd is started by hand there, and root login is configured"),
        Trap(
            fixture: "old-f-iso", rule: "ssh.PasswordAuthentication", outcome: .notApplicable,
            shows: "ssh.enabled is false", why: "no wants link: it is not started at boot"),
        Trap(
            fixture: "old-f-iso", rule: "cmdline.boot.shell_on_fail", outcome: .fail, shows: "",
            why: "a root shell when the boot fails"),
        Trap(
            fixture: "current-g-testvm", rule: "firewall.enabled", outcome: .fail, shows: "",
            why: "a test VM is no role"),
        Trap(
            fixture: "current-k-firewalld", rule: "firewall.enabled", outcome: .pass, shows: "true",
            why: "the ports are firewalld's; nftables.service carries none of them"),
        Trap(
            fixture: "current-k-firewalld", rule: "firewall.trusted-interfaces", outcome: .fail, shows: "ens9",
            why: "ens9 is in the zone trusted"),
        Trap(
            fixture: "current-o-overlay", rule: "ssh.PermitRootLogin", outcome: .pass, shows: "no",
            why: "there is no /etc/static, and /etc is still read"),
        Trap(
            fixture: "current-s-specialisation", rule: "cmdline.mitigations", outcome: .fail, shows: "off",
            why: "the rescue entry boots without mitigations", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "firewall.enabled", outcome: .fail, shows: "",
            why: "the rescue entry has no firewall", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "ssh.PermitRootLogin", outcome: .fail, shows: "yes",
            why: "the rescue entry lets root in", specialisation: "rescue", sources: [.built]),
        Trap(
            fixture: "current-s-specialisation", rule: "cmdline.mitigations", outcome: .pass, shows: "",
            why: "quiet is not weaker", specialisation: "quiet", sources: [.built]),
        Trap(
            fixture: "current-w-container", rule: "sysctl.kernel.kptr_restrict", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "no kernel of its own"),
        Trap(
            fixture: "current-w-container", rule: "firewall.enabled", outcome: .fail, shows: "",
            why: "sshd listens there and nothing filters"),
    ]

    @Test(arguments: firstTraps + FamilyTruths.all.flatMap { $0.traps })
    func theTrapIsFound(trap: Trap) throws {
        var snapshots: [Snapshot] = []
        if trap.sources.contains(.declared) { snapshots.append(try Audit.declared(trap.fixture)) }
        if trap.sources.contains(.built) {
            let built = try Audit.built(trap.fixture).first { $0.specialisation == trap.specialisation }
            snapshots.append(try #require(built?.snapshot))
        }
        for snapshot in snapshots {
            let result = try #require(try Audit.outcomes(snapshot, profile: "strict")[trap.rule])
            #expect(result.outcome == trap.outcome, "\(snapshot.source): \(trap.why); \(result.message ?? "")")
            let words =
                [result.observed ?? "", result.message ?? ""]
                + result.evidence.map { "\($0.path) \($0.text ?? "")" }
            #expect(
                trap.shows.isEmpty || words.contains { $0.contains(trap.shows) },
                "\(snapshot.source) shows \(words)")
        }
    }

    @Test func theQuietSpecialisationIsNotReportedAsWeaker() throws {
        let systems = try Audit.built("current-s-specialisation")
        let parent = try #require(systems.first { $0.specialisation.isEmpty }?.snapshot)
        let quiet = try #require(systems.first { $0.specialisation == "quiet" }?.snapshot)
        let before = try Audit.outcomes(parent, profile: "strict")
        // What is judged once, with the parent that installs the boot loader, is no weakness.
        for (id, result) in try Audit.outcomes(quiet, profile: "strict")
        where result.outcome != .pass && !(result.outcome == .notApplicable && id.hasPrefix("boot.")) {
            #expect(before[id]?.outcome == result.outcome, "\(id)")
        }
    }
}
