import FirnCatalogue
import FirnFacts
import FirnModel
import Foundation
import Testing

@testable import FirnHost

/// The running machine as a source.
@Suite struct LiveHostTests {
    @Test func aDirectoryWithoutProcIsNoRunningMachine() throws {
        let knowledge = try Catalogue.embedded().knowledge
        let error = #expect(throws: SourceError.self) {
            _ = try LiveHost.open(root: "/usr/share", knowledge: knowledge)
        }
        #expect(error?.reason == "there is no /proc in it: this is no running machine")
    }

    @Test func thisMachineNamesItsKernelAndItsBoot() throws {
        let knowledge = try Catalogue.embedded().knowledge
        let snapshot = try LiveHost.open(knowledge: knowledge).collect(now: 1)
        #expect(snapshot.source == .live)
        #expect(snapshot.identity.bootID?.count == 36)
        #expect(snapshot.fact("system.kernel-version")?.value != nil)
    }

    /// A root made by hand: what says "container", and the namespaces of the process.
    private func root(_ files: [String: String], namespaces: [String: String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-root-\(UUID().uuidString)")
        let own = root.appendingPathComponent("proc/self/ns")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        for (name, target) in namespaces {
            try FileManager.default.createSymbolicLink(
                atPath: own.appendingPathComponent(name).path, withDestinationPath: target)
        }
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return root
    }

    private static let first = ["pid": "pid:[4026531836]", "uts": "uts:[4026531838]", "ipc": "ipc:[4026531839]"]

    /// A planted or forgotten marker must not make every rule on the kernel inapplicable.
    @Test func aMarkerInTheFirstNamespacesIsNoContainer() throws {
        let knowledge = try Catalogue.embedded().knowledge
        for (files, namespaces, kind) in [
            ([".dockerenv": ""], Self.first, nil),
            ([".dockerenv": ""], Self.first.merging(["pid": "pid:[4026532001]"]) { $1 }, "docker"),
            ([".dockerenv": ""], [:], "docker"),
            (["run/systemd/container": "systemd-nspawn\n"], ["pid": "pid:[4026532001]"], "systemd-nspawn"),
            (["proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"], Self.first, "wsl"),
            ([:], [:], nil),
        ] as [([String: String], [String: String], String?)] {
            let root = try root(files, namespaces: namespaces)
            defer { try? FileManager.default.removeItem(at: root) }
            let host = try LiveHost.open(root: root.path, knowledge: knowledge).host
            #expect(host.container?.kind == kind, "\(files) \(namespaces)")
            let fact = LiveSystem.facts(host).batch.facts["system.has-own-kernel"]
            #expect(fact?.value == .boolean(kind == nil))
        }
    }

    /// A NixOS whose system cannot be told is no other Linux: that would spare it the rules of NixOS.
    @Test func anActiveSystemThatCannotBeToldIsAnError() throws {
        let knowledge = try Catalogue.embedded().knowledge
        for link in ["/nix/store/gone", nil] {
            let root = try root(["etc/NIXOS": "", "proc/sys/kernel/hostname": "x\n"], namespaces: [:])
            defer { try? FileManager.default.removeItem(at: root) }
            if let link {
                try FileManager.default.createDirectory(
                    at: root.appendingPathComponent("run"), withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(
                    atPath: root.path + "/run/current-system", withDestinationPath: link)
            }
            let error = #expect(throws: SourceError.self) {
                _ = try LiveHost.open(root: root.path, knowledge: knowledge)
            }
            #expect(error?.reason.hasPrefix("which NixOS system is active cannot be told") == true)
        }
    }

    /// What a service does is not told by its files: it may be stopped.
    @Test func filesOfServicesAreNoLiveAnswer() {
        let families = LiveFamilies.fromFiles(isNixOS: true)
        for name in ["time", "logging", "network", "tls", "nix", "wrappers", "units", "ssh"] {
            #expect(!families.contains(name), "\(name)")
        }
    }

    /// On another Linux a rule of NixOS alone is not applicable, and nothing is a false alarm.
    @Test func anotherLinuxIsJudgedByWhatHoldsThere() throws {
        let root = try root(["proc/sys/kernel/hostname": "plain\n"], namespaces: [:])
        defer { try? FileManager.default.removeItem(at: root) }
        let knowledge = try Catalogue.embedded().knowledge
        let snapshot = try LiveHost.open(root: root.path, knowledge: knowledge).collect(now: 1)
        #expect(snapshot.fact("system.nixos")?.value == .boolean(false))
        #expect(snapshot.inapplicability("nix.sandbox")?.contains("no NixOS system") == true)
        #expect(snapshot.inapplicability("pam.services") != nil)
        // What is to be collected of any Linux is not waved through before it is.
        #expect(snapshot.inapplicability("sysctl.kernel.kptr_restrict") == nil)
    }
}
