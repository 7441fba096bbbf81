import FirnTestSupport
import Foundation
import Testing

/// The script of the gate's derivation, run as a builder runs it, on a real generated system.
struct GateBuilderTests {
    /// Runs `nix/lib/gate.sh` with nothing of the caller's environment; `rules` are what the profile asks for beside nothing.
    static func build(
        _ fixture: String, profile: String, policy: String = "build", waivers: String = "",
        waiverName: String = "w.toml"
    ) throws
        -> (answer: Nix.Answer, out: URL, clean: () -> Void)
    {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("gate-\(UUID().uuidString)")
        let bin = scratch.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: bin.appendingPathComponent("firn").path, withDestinationPath: Overridden.firn)
        let out = scratch.appendingPathComponent("out")
        var given = ["profile": profile, "policy": policy]
        // Contents, since the builder takes files.
        for (name, text) in given where text.contains("\n") {
            let file = scratch.appendingPathComponent("\(name).toml")
            try Data(text.utf8).write(to: file)
            given[name] = file.path
        }
        var list = ""
        if !waivers.isEmpty {
            let file = scratch.appendingPathComponent(waiverName)
            try Data(waivers.utf8).write(to: file)
            list = file.path + "\n"
        }
        let system = Repository.fixtures.appendingPathComponent(fixture)
        let answer = try Nix.run(
            "env",
            [
                "-i", "PATH=\(bin.path):/usr/bin:/bin", "HOME=/homeless-shelter", "TMPDIR=\(scratch.path)",
                "SOURCE_DATE_EPOCH=315532800", "out=\(out.path)",
                "options=\(system.appendingPathComponent("config.json").path)",
                "toplevel=\(system.appendingPathComponent("system").path)", "waivers=\(list)",
            ] + given.map { "\($0)=\($1)" } + ["bash", "-e", Repository.path("nix/lib/gate.sh")])
        return (answer, out, { try? FileManager.default.removeItem(at: scratch) })
    }

    @Test func aWeakSystemIsStoppedWithItsReport() throws {
        let run = try Self.build("current-d-insecure", profile: "standard")
        defer { run.clean() }
        #expect(run.answer.code == 1)
        #expect(run.answer.errors.contains("BLOCKED"))
        #expect(run.answer.errors.contains("ssh.PermitRootLogin"))
        #expect(!FileManager.default.fileExists(atPath: run.out.path))
    }

    /// A profile of the level minimal without what the hardened fixture is known to fail or cannot tell, so that it passes;
    /// the weak one fails the same.
    static func profile() throws -> (profile: String, policy: String) {
        let policy = try String(decoding: Repository.bytes("profiles/policies/build.toml"), as: UTF8.self)
            .replacingOccurrences(of: #"profile = "standard""#, with: #"profile = "minimal""#)
        let profile = """
            id = "without-known-failures"
            title = "Minimal without what the hardened fixture fails"
            inherits = "minimal"
            [drop]
            "sudo.nopasswd.escapes" = { reason = "the fixture lets a command run without a password" }
            "sysctl.kernel.perf_event_paranoid" = { reason = "a later file of the fixture sets it" }
            "accounts.files-opened" = { reason = "a package that the fixture lacks could say more" }
            "secrets.shadow-mode" = { reason = "a package that the fixture lacks could say more" }
            "sysctl.kernel.randomize_va_space" = { reason = "the fixture lacks the configuration of its kernel" }
            """
        return (profile, policy)
    }

    @Test(arguments: [("current-c-hardserver", true), ("current-d-insecure", false)])
    func theLevelMinimal(fixture: String, passes: Bool) throws {
        let (profile, policy) = try Self.profile()
        let run = try Self.build(fixture, profile: profile, policy: policy)
        defer { run.clean() }
        #expect((run.answer.code == 0) == passes, "\(run.answer.errors.suffix(3000))")
        #expect(FileManager.default.fileExists(atPath: run.out.path) == passes)
        guard passes else { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: run.out.path).sorted()
        #expect(
            names == ["built.json", "declared.json", "report.html", "report.sarif", "report.txt", "verdict.json"])
        let verdict = try JSONSerialization.jsonObject(
            with: Data(contentsOf: run.out.appendingPathComponent("verdict.json")))
        // Judged by the clock, not by the year a build believes in.
        #expect("\(ExporterTests.value(verdict, "validUntil") ?? "")".hasPrefix("20"))
        #expect(run.answer.text.contains("PASS"))
    }

    /// On a system that passes without it: nothing else can be what stops it.
    @Test(arguments: ["w.toml", "waivers", ".hidden.toml", "w.txt", "with a blank.toml"])
    func aBrokenWaiverStopsIt(name: String) throws {
        let (profile, policy) = try Self.profile()
        let run = try Self.build(
            "current-c-hardserver", profile: profile, policy: policy, waivers: "nonsense = 1\n", waiverName: name)
        defer { run.clean() }
        #expect(run.answer.code == 2, "\(run.answer.errors.suffix(3000))")
        #expect(run.answer.errors.contains("nonsense"))
        #expect(!FileManager.default.fileExists(atPath: run.out.path))
    }

    @Test func aBrokenTargetStopsIt() throws {
        let target = try Self.build("no-such-system", profile: "standard")
        defer { target.clean() }
        #expect(target.answer.code == 2)
        #expect(target.answer.errors.contains("firn check of"))
    }
}
