import FirnFacts
import FirnModel
import FirnTestSupport
import Foundation
import Testing

/// The traps that the fixtures' facts.md name, and the same machine seen from both sides.
struct SysctlFixtureTests {
    /// One expectation, written by hand from facts.md and the files it names.
    struct Expectation: Sendable, CustomTestStringConvertible {
        var fixture: String
        var key: String
        var value: FactValue
        /// File and line that decide it, in the closure.
        var origin: String?

        init(_ fixture: String, _ key: String, _ value: Int64, _ origin: String? = nil) {
            self.init(fixture, key, .integer(value), origin)
        }

        init(_ fixture: String, _ key: String, _ value: FactValue, _ origin: String? = nil) {
            self.fixture = fixture
            self.key = key
            self.value = value
            self.origin = origin
        }

        var testDescription: String { "\(fixture) \(key)" }
    }

    static let expectations: [Expectation] = [
        // 60-nixos.conf says 3, the vendor's file sorts later and says 1.
        Expectation("current-c-hardserver", "kernel.perf_event_paranoid", 1, "/etc/sysctl.d/70-vendor.conf:2"),
        Expectation("current-c-hardserver", "fs.suid_dumpable", 0, "/etc/sysctl.d/60-nixos.conf:6"),
        // coredump off leaves 50-default.conf in place on 26.11 ...
        Expectation(
            "current-c-hardserver", "net.ipv4.conf.default.accept_source_route", 0, "/etc/sysctl.d/50-default.conf:11"),
        Expectation("current-c-hardserver", "fs.protected_symlinks", 1),
        Expectation("current-c-hardserver", "kernel.core_pattern", .string("core")),
        Expectation("current-c-hardserver", "kernel.sysrq", 0),
        // ... and takes it away on 25.05, so the kernel's defaults hold.
        Expectation("modern-c-hardserver", "fs.protected_hardlinks", 0, "Linux 6.12.17:0"),
        Expectation("modern-c-hardserver", "fs.protected_symlinks", 0),
        Expectation("modern-c-hardserver", "net.ipv4.conf.default.accept_source_route", 1),
        Expectation("modern-c-hardserver", "fs.protected_fifos", 2),
        Expectation("modern-c-hardserver", "vm.unprivileged_userfaultfd", 0),
        Expectation("modern-c-hardserver", "kernel.core_pattern", .string("|/bin/false")),
        // 50-coredump.conf lets set-user-ID programs dump.
        Expectation("current-a-default", "fs.suid_dumpable", 2, "/etc/sysctl.d/50-coredump.conf:37"),
        Expectation("modern-a-default", "fs.suid_dumpable", 2),
        Expectation("old-a-default", "fs.suid_dumpable", 2),
        Expectation("current-d-insecure", "fs.suid_dumpable", 1, "/etc/sysctl.d/60-nixos.conf:5"),
        // conf.all.forwarding=0 is written before ip_forward=1: the switch ends on, and takes default with it.
        Expectation("old-d-insecure", "net.ipv4.conf.all.forwarding", 1, "/etc/sysctl.d/60-nixos.conf:12"),
        Expectation("old-d-insecure", "net.ipv4.ip_forward", 1),
        Expectation("old-d-insecure", "net.ipv4.conf.default.forwarding", 1),
        // Turning forwarding on turns redirects off, whatever the file said before.
        Expectation("old-d-insecure", "net.ipv4.conf.all.accept_redirects", 0),
        Expectation("old-d-insecure", "net.ipv4.conf.all.accept_source_route", 1),
        Expectation("old-d-insecure", "kernel.randomize_va_space", 0),
        // 5.4 accepts only 1 here: the 0 is refused, and is what the kernel has.
        Expectation("old-d-insecure", "kernel.unprivileged_bpf_disabled", 0),
        Expectation("old-e-container-host", "net.ipv4.ip_forward", 1),
        Expectation("old-e-container-host", "net.ipv6.conf.all.forwarding", 1),
        Expectation("old-e-container-host", "net.ipv6.conf.default.forwarding", 1),
        Expectation("old-e-container-host", "user.max_user_namespaces", 28633),
        // 245 has plain keys, 257 and 260 globs that leave `all` alone.
        Expectation("old-a-default", "net.ipv4.conf.all.rp_filter", 2, "/etc/sysctl.d/50-default.conf:4"),
        Expectation("old-a-default", "net.ipv4.conf.default.rp_filter", 0),
        Expectation("modern-a-default", "net.ipv4.conf.all.rp_filter", 0),
        Expectation("modern-a-default", "net.ipv4.conf.default.rp_filter", 2),
        Expectation("current-k-firewalld", "net.ipv4.conf.all.rp_filter", 2, "/etc/sysctl.d/60-nixos.conf:7"),
        Expectation("modern-b-hardened-profile", "net.ipv4.conf.all.rp_filter", 1),
        Expectation("current-b-hardened-profile", "net.ipv4.conf.all.rp_filter", 0),
        // `default` says 1, but systemd's glob writes 2 to every interface, and the larger of it and `all` counts.
        Expectation("current-c-hardserver", "net.ipv4.conf.default.rp_filter", 1, "/etc/sysctl.d/60-nixos.conf:25"),
        Expectation("current-c-hardserver", "net.ipv4.conf.*.rp_filter", 2, "/etc/sysctl.d/50-default.conf:7"),
        Expectation("modern-c-hardserver", "net.ipv4.conf.*.rp_filter", 1),
        Expectation("old-a-default", "net.ipv4.conf.*.rp_filter", 0),
        // security.lockKernelModules is no line of any file.
        Expectation(
            "modern-b-hardened-profile", "kernel.modules_disabled", 1,
            "/etc/systemd/system/disable-kernel-module-loading.service:0"),
        Expectation("current-c-hardserver", "kernel.modules_disabled", 1),
        Expectation("current-a-default", "kernel.modules_disabled", 0),
        // Booleans and text in one spelling.
        Expectation("modern-b-hardened-profile", "kernel.ftrace_enabled", 0),
        Expectation("current-a-default", "net.ipv6.conf.default.use_tempaddr", 2),
        Expectation("current-a-default", "net.ipv4.ping_group_range", .string("0 2147483647")),
        Expectation("current-a-default", "kernel.printk", .string("4")),
        Expectation("current-d-insecure", "kernel.perf_event_paranoid", -1),
        Expectation("current-d-insecure", "vm.mmap_min_addr", 0),
        Expectation("current-d-insecure", "net.ipv6.conf.all.accept_ra", 2),
        Expectation("modern-a-default", "kernel.perf_event_paranoid", 2, "Linux 6.12.17:0"),
        Expectation("modern-a-default", "net.ipv4.conf.all.send_redirects", 1),
        Expectation("current-s-specialisation", "kernel.yama.ptrace_scope", 1),
        Expectation("current-w-container", "kernel.yama.ptrace_scope", 2),
    ]

    @Test(arguments: expectations) func theTrapIsSeen(_ expectation: Expectation) throws {
        let (declared, built) = try SysctlSupport.fixture(expectation.fixture)
        #expect(built.sysctl(expectation.key) == expectation.value)
        if let origin = expectation.origin { #expect(built.origin(expectation.key) == origin) }
        if case .unavailable(let reason, _)? = declared.fact(FactKey("sysctl." + expectation.key)) {
            #expect(Self.onlyInTheBuild.contains(expectation.key), "\(reason)")
        } else {
            #expect(declared.sysctl(expectation.key) == expectation.value)
        }
    }

    /// Settings that the options name without their value.
    static let onlyInTheBuild: Set<String> = ["kernel.core_pattern", "vm.mmap_rnd_bits", "vm.mmap_rnd_compat_bits"]

    @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted())
    func bothSidesAgree(_ fixture: String) throws {
        let (declared, built) = try SysctlSupport.fixture(fixture)
        var known = 0
        for key in Set(declared.batch.facts.keys).union(built.batch.facts.keys) {
            let name = String(key.rawValue.dropFirst("sysctl.".count))
            switch (declared.fact(key)?.value, built.fact(key)?.value) {
            case (let left?, let right?):
                known += 1
                #expect(left == right, "\(name)")
            case (nil, nil): break
            case (nil, _?): #expect(Self.onlyInTheBuild.contains(name), "\(name): \(declared.why(name) ?? "")")
            case (_?, nil): Issue.record("\(name) is only known to the options: \(built.why(name) ?? "")")
            }
        }
        #expect(known >= (fixture.hasSuffix("container") || fixture == "modern-b-hardened-profile" ? 20 : 100))
    }

    @Test func nullIsNotWritten() throws {
        let (declared, built) = try SysctlSupport.fixture("current-a-default")
        for key in ["net.core.rmem_max", "net.core.wmem_max"] {
            #expect(declared.sysctl(key) == nil)
            #expect(built.sysctl(key) == nil)
            #expect(built.why(key) != nil)
        }
    }

    @Test func redirectsThatASecondRunTurnsOnAreNotCalledOff() throws {
        for fixture in ["current-d-insecure", "modern-d-insecure"] {
            let (declared, built) = try SysctlSupport.fixture(fixture)
            for side in [declared, built] {
                #expect(side.why("net.ipv4.conf.all.accept_redirects")?.contains("0 after boot and 1 once") == true)
            }
        }
    }

    @Test func aPatchedKernelHasNoKnownDefaults() throws {
        let (_, built) = try SysctlSupport.fixture("modern-b-hardened-profile")
        #expect(built.why("kernel.perf_event_paranoid")?.contains("linux-hardened") == true)
        #expect(built.sysctl("kernel.kptr_restrict") == .integer(2))
    }

    @Test func aContainerHasNoDefaultsOfItsOwn() throws {
        let (_, built) = try SysctlSupport.fixture("current-w-container")
        #expect(built.why("net.ipv4.conf.all.send_redirects")?.contains("no kernel of its own") == true)
        #expect(built.sysctl("kernel.kptr_restrict") == .integer(1))
    }
}
