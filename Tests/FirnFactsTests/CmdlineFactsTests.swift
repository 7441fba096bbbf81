import FirnCatalogue
import FirnCatalogueFiles
import FirnFacts
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation
import Testing

@Suite("Kernel command line: systems")
struct CmdlineFactsTests {
    private static let store = "/nix/store/0-nixos-system-test"

    private func built(
        _ files: [String: String], version: String? = "6.12.17", hasOwnKernel: Bool? = true
    ) throws -> Snapshot {
        var texts: [String: String] = [:]
        for (name, text) in files { texts[Self.store + "/" + name] = text }
        let view = SystemView(tree: MemoryTree(texts), toplevel: Self.store, etcRoot: Self.store + "/etc")
        return CmdlineSupport.snapshot(
            try CmdlineFacts.built(
                view, knowledge: try CmdlineSupport.knowledge(),
                context: CmdlineSupport.context(version, hasOwnKernel: hasOwnKernel)))
    }

    private func bootspec(_ parameters: [String], key: String = "org.nixos.bootspec.v1") -> String {
        "{\"\(key)\": {\"kernelParams\": [\(parameters.map { "\"\($0)\"" }.joined(separator: ", "))]}}"
    }

    @Test func kernelParamsAlone() throws {
        let snapshot = try built(["kernel-params": "audit=1 quiet"])
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.audit")) == "true")
        let evidence = snapshot.fact("cmdline.audit")?.evidence.first
        #expect(evidence == Evidence(path: Self.store + "/kernel-params", line: 1, text: "audit=1"))
    }

    @Test(arguments: ["org.nixos.bootspec.v1", "v1"])
    func bootspecThatAgrees(key: String) throws {
        let snapshot = try built([
            "kernel-params": "audit=1 quiet", "boot.json": bootspec(["audit=1", "quiet"], key: key),
        ])
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.audit")) == "true")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.quiet")) == "true")
    }

    @Test("Only the parameters that differ are unavailable, and the reason names both files")
    func bootspecThatDiffers() throws {
        let snapshot = try built([
            "kernel-params": "audit=1 quiet", "boot.json": bootspec(["audit=0", "quiet", "mitigations=off"]),
        ])
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.quiet")) == "true")
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.mitigations")) == "?")
        guard case .unavailable(let reason, _) = snapshot.fact("cmdline.audit") else {
            Issue.record("audit differs and must be unavailable")
            return
        }
        #expect(reason.contains("/kernel-params") && reason.contains("/boot.json"))
    }

    @Test(
        "What cannot be read makes every parameter unavailable, never absent",
        arguments: [
            ["boot.json": "{}"],
            ["kernel-params": "quiet", "boot.json": "{"],
            ["kernel-params": "quiet", "boot.json": "{}"],
            ["kernel-params": "quiet", "boot.json": "{\"v1\": {\"kernelParams\": [1]}}"],
            ["kernel-params": "-> /nix/store/missing"],
            ["kernel-params": "quiet", "boot.json": "-> /nix/store/missing"],
            ["kernel-params": "a\nb"],
            ["kernel-params": "quiet", "boot.json": "{\"v1\": {\"kernelParams\": [\"bootconfig\"]}}"],
            ["kernel-params": "quiet bootconfig", "boot.json": "{\"v1\": {\"kernelParams\": []}}"],
        ])
    func unreadable(files: [String: String]) throws {
        let snapshot = try built(files)
        for key in ["cmdline.audit", "cmdline.nokaslr", "cmdline.smt", "cmdline.sysctl.kernel.sysrq"] {
            #expect(CmdlineSupport.shown(snapshot.fact(FactKey(key))) == "?")
        }
    }

    @Test func withoutKernel() throws {
        let snapshot = try built(["nixos-version": "26.11"], hasOwnKernel: false)
        #expect(CmdlineSupport.shown(snapshot.fact("cmdline.nokaslr")) == "?")
        #expect(snapshot.batch.facts.isEmpty)
    }

    @Test("Every parameter of the table has a fact")
    func table() throws {
        let snapshot = try built(["kernel-params": "quiet"])
        #expect(snapshot.batch.facts.count >= 100)
        let node = try #require(try CmdlineSupport.knowledge().tables["cmdline"]?["parameter"]?.elements)
        for entry in node {
            let name = try #require(entry["name"]?.string)
            #expect(snapshot.batch.facts[FactKey("cmdline." + name)] != nil, "\(name)")
        }
    }

    @Test(
        "Broken knowledge is an error with its line, not a fact",
        arguments: [
            "loader-reserve = \"many\"", "unknown = 1",
            "[[parameter]]\nname = \"a\"\nkind = \"guess\"\nsource = \"x\"",
            "[[parameter]]\nname = \"a\"\nkind = \"replace\"\nsource = \"x\"",
            "[[parameter]]\nname = \"a\"\nkind = \"switch\"",
            "[[parameter]]\nname = \"a\"\nkind = \"switch\"\nsince = \"six\"\nsource = \"x\"",
        ])
    func brokenKnowledge(text: String) throws {
        let whole = "exclusive-modules = []\nlisted-mitigations = []\nunseen-sources = []\n" + text
        let prefix = text.hasPrefix("loader") ? "" : "loader-reserve = 0\n"
        let knowledge = Knowledge(tables: ["cmdline": try TOMLDocument.parse(prefix + whole, file: "cmdline.toml")])
        let options = OptionTree(name: "test", values: JSONNode(.object(JSONObject())))
        #expect(throws: DataError.self) {
            try CmdlineFacts.declared(options, knowledge: knowledge, context: CmdlineSupport.context("6.12"))
        }
    }

    // MARK: Fixtures

    private static let fixtures: [(name: String, kernel: String?)] = [
        ("current-a-default", "6.18.37"), ("current-b-hardened-profile", "6.18.37"),
        ("current-c-hardserver", "6.18.37"), ("current-d-insecure", "6.18.37"), ("current-f-iso", "6.18.37"),
        ("current-g-testvm", "6.18.37"), ("current-k-firewalld", "6.18.37"), ("current-o-overlay", "6.18.37"),
        ("current-s-specialisation", "6.18.37"), ("current-w-container", nil), ("modern-a-default", "6.12.17"),
        ("modern-b-hardened-profile", "6.12.15"), ("modern-c-hardserver", "6.12.17"),
        ("modern-d-insecure", "6.12.17"), ("modern-g-testvm", "6.12.17"), ("old-a-default", "5.4.53"),
        ("old-b-hardened-profile", "5.4.53"), ("old-d-insecure", "5.4.53"), ("old-e-container-host", "5.4.53"),
        ("old-f-iso", "5.4.53"), ("old-g-testvm", "5.4.53"),
    ]

    private static let hasFixtures = FileManager.default.fileExists(atPath: Repository.fixtures.path)

    private func fixtureContext(_ name: String) -> SystemContext {
        let kernel = Self.fixtures.first { $0.name == name }?.kernel
        return CmdlineSupport.context(kernel, hasOwnKernel: kernel != nil)
    }

    private func fixtureBuilt(_ name: String, specialisation: String? = nil) throws -> Snapshot {
        let tree = DirectoryTree(root: Repository.fixtures.appendingPathComponent("\(name)/system").path)
        var toplevel = try tree.resolve("/run/current-system")
        if let specialisation { toplevel = try tree.resolve("\(toplevel)/specialisation/\(specialisation)") }
        let view = SystemView(tree: tree, toplevel: toplevel, etcRoot: toplevel + "/etc")
        return CmdlineSupport.snapshot(
            try CmdlineFacts.built(
                view, knowledge: try CmdlineSupport.knowledge(), context: fixtureContext(name)))
    }

    private func fixtureDeclared(_ name: String) throws -> Snapshot {
        let path = Repository.fixtures.appendingPathComponent("\(name)/config.json").path
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let options = OptionTree(name: path, values: try JSONParser.parse(bytes))
        return CmdlineSupport.snapshot(
            try CmdlineFacts.declared(
                options, knowledge: try CmdlineSupport.knowledge(), context: fixtureContext(name)))
    }

    @Test("The same machine as JSON and as closure gives the same facts", arguments: fixtures.map(\.name))
    func conformance(name: String) throws {
        try #require(Self.hasFixtures, "the fixtures are missing: make fixtures")
        let built = try fixtureBuilt(name)
        let declared = try fixtureDeclared(name)
        let keys = Set(built.batch.facts.keys).union(declared.batch.facts.keys).union(["cmdline.nokaslr"])
        for key in keys {
            #expect(
                CmdlineSupport.shown(built.fact(key)) == CmdlineSupport.shown(declared.fact(key)), "\(key.rawValue)")
        }
    }

    /// Expected by hand from each fixture's facts.md and the handlers.
    @Test(arguments: [
        ("current-a-default", "mitigations", "absent"),
        ("current-a-default", "lsm", "['landlock' 'yama' 'bpf']"),
        ("current-a-default", "major-lsm", "'none'"),
        ("current-a-default", "init_on_alloc", "?"),
        ("current-a-default", "init", "absent"),
        ("current-a-default", "root", "'fstab'"),
        ("current-c-hardserver", "audit", "true"),
        ("current-c-hardserver", "audit_backlog_limit", "#4096"),
        ("current-c-hardserver", "mitigations", "'auto,nosmt'"),
        ("current-c-hardserver", "smt", "'off'"),
        ("current-c-hardserver", "pti", "'on'"),
        ("current-c-hardserver", "major-lsm", "'apparmor'"),
        ("current-c-hardserver", "lockdown", "'integrity'"),
        ("current-c-hardserver", "slab_nomerge", "true"),
        ("current-c-hardserver", "randomize_kstack_offset", "true"),
        ("current-d-insecure", "mitigations", "'off'"),
        ("current-d-insecure", "pti", "'off'"),
        ("current-d-insecure", "spectre_v2", "'off'"),
        ("current-d-insecure", "spec_store_bypass_disable", "'off'"),
        ("current-d-insecure", "nokaslr", "true"),
        ("current-d-insecure", "nosmap", "absent"),
        ("current-d-insecure", "apparmor", "false"),
        ("current-d-insecure", "audit", "false"),
        ("current-d-insecure", "systemd.debug_shell", "true"),
        ("current-d-insecure", "rd.systemd.debug_shell", "true"),
        ("current-f-iso", "nohibernate", "true"),
        ("current-g-testvm", "console", "['ttyS0' 'tty0']"),
        ("current-g-testvm", "boot.panic_on_fail", "true"),
        ("current-g-testvm", "clocksource", "?"),
        ("current-w-container", "lsm", "?"),
        ("modern-a-default", "major-lsm", "?"),
        ("modern-b-hardened-profile", "kvm-intel.vmentry_l1d_flush", "'always'"),
        ("modern-b-hardened-profile", "security", "'apparmor'"),
        ("modern-b-hardened-profile", "major-lsm", "'apparmor'"),
        ("modern-b-hardened-profile", "page_poison", "true"),
        ("modern-c-hardserver", "audit", "true"),
        ("modern-c-hardserver", "audit_backlog_limit", "#8192"),
        ("modern-c-hardserver", "fips", "true"),
        ("modern-c-hardserver", "lockdown", "'confidentiality'"),
        ("modern-d-insecure", "mitigations", "'off'"),
        ("modern-d-insecure", "pti", "'off'"),
        ("modern-d-insecure", "init", "'/bin/sh-not-really'"),
        ("modern-d-insecure", "apparmor", "false"),
        ("old-b-hardened-profile", "slub_debug", "'FZP'"),
        ("old-d-insecure", "pti", "'off'"),
        ("old-d-insecure", "init", "'/bin/sh-not-really'"),
        ("old-f-iso", "boot.shell_on_fail", "true"),
        ("old-f-iso", "root", "'LABEL=nixos-minimal-20.09-x86_64'"),
    ])
    func fixture(name: String, fact: String, expected: String) throws {
        try #require(Self.hasFixtures, "the fixtures are missing: make fixtures")
        #expect(CmdlineSupport.shown(try fixtureBuilt(name).fact(FactKey("cmdline." + fact))) == expected)
    }

    @Test("The rescue specialisation is weaker than its parent; the quiet one differs in the console only")
    func specialisations() throws {
        try #require(Self.hasFixtures, "the fixtures are missing: make fixtures")
        let parent = try fixtureBuilt("current-s-specialisation")
        let rescue = try fixtureBuilt("current-s-specialisation", specialisation: "rescue")
        let quiet = try fixtureBuilt("current-s-specialisation", specialisation: "quiet")
        #expect(CmdlineSupport.shown(rescue.fact("cmdline.mitigations")) == "'off'")
        #expect(CmdlineSupport.shown(rescue.fact("cmdline.systemd.debug_shell")) == "true")
        #expect(CmdlineSupport.shown(rescue.fact("cmdline.major-lsm")) == "'none'")
        #expect(CmdlineSupport.shown(rescue.fact("cmdline.audit")) == "absent")
        for key in parent.batch.facts.keys where key != "cmdline.quiet" && key != "cmdline.loglevel" {
            #expect(CmdlineSupport.shown(parent.fact(key)) == CmdlineSupport.shown(quiet.fact(key)), "\(key.rawValue)")
        }
        #expect(CmdlineSupport.shown(parent.fact("cmdline.mitigations")) == "absent")
    }
}
