import FirnModel
import FirnReportCore
import FirnSigning
import FirnTestSupport
import Foundation
import Testing

/// `firn gate` as its users call it, on real systems.
struct GateCommandTests {
    /// 2026-11-24T12:00:00Z; the catalogue was made on that day.
    static let epoch: Int64 = 1_795_521_600
    static let now = "2026-11-24T13:00:00Z"

    private func gate(_ arguments: [String]) -> CommandLineRun {
        CommandLineRun(
            arguments: ["gate"] + arguments + ["--now", Self.now], isTerminal: false,
            columns: 400, environment: [:])
    }

    private func gate(_ arguments: String...) -> CommandLineRun { gate(arguments) }

    /// Declared and built reports of a fixture; made once, since a debug build takes seconds for each.
    private func reports(_ fixture: String, in directory: TemporaryDirectory) throws -> (String, String) {
        let texts = try #require(Self.made[fixture], "\(fixture) was not made")
        return (
            try directory.write("\(fixture)-declared.json", texts.declared),
            try directory.write("\(fixture)-built.json", texts.built)
        )
    }

    private static let made: [String: (declared: String, built: String)] = {
        var made: [String: (declared: String, built: String)] = [:]
        for fixture in ["current-a-default", "current-c-hardserver"] {
            let texts = [Fixture.config(fixture), Fixture.system(fixture)].map { target in
                CommandLineRun(
                    arguments: ["check", target, "--format", "json", "--now", now],
                    isTerminal: false, columns: 100, environment: ["SOURCE_DATE_EPOCH": String(epoch)]
                ).out
            }
            made[fixture] = (texts[0], texts[1])
        }
        return made
    }()

    /// hardserver sets `boot.kernelModules` and more, but not all of standard: by hand, sudo lets wheel run journalctl
    /// without a password, which escapes to a shell.
    @Test func aRealSystemIsBlockedForItsReasons() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-c-hardserver", in: directory)
        let result = gate(declared, built, "--details")
        #expect(result.code == 1, "\(result.err)")
        #expect(result.out.hasPrefix("✗ BLOCKED  policy build, profile standard: "))
        #expect(result.out.contains("sudo.nopasswd.escapes"))
        #expect(!result.out.contains("changed after it was made"))
        #expect(!result.out.contains("not of one system"))
        #expect(result.out.contains("open until live"))
        // The release policy misses the live report besides.
        let release = gate(declared, built, "--policy", "release")
        #expect(release.out.contains("there is no live report of this system"))
    }

    @Test func theVerdictIsWrittenAndTheReportCarriesIt() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        let result = gate(
            declared, built, "--verdict", directory("v.json"), "--format", "json=" + directory("r.json"))
        #expect(result.code == 1)
        #expect(result.out.hasPrefix("✗ BLOCKED"))
        let verdict = try VerdictJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: directory("v.json")))))
        let report = try ReportJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: directory("r.json")))))
        #expect(report.verdict == verdict)
        #expect(report.targets.count == 2)
        #expect(verdict.inputs.map(\.name) == ["current-a-default-declared.json", "current-a-default-built.json"])
        // The report of the gate can be gated again: its verdict and waivers decide nothing.
        #expect(gate(directory("r.json")).code == 1)
        let kept = CommandLineRun("gate", "--check", directory("v.json"), "--now", Self.now)
        #expect(kept.code == 1)
        #expect(kept.out.hasPrefix("✗ BLOCKED"))
    }

    @Test func reportsOfTwoSystemsBlock() throws {
        let directory = try TemporaryDirectory()
        let (declared, _) = try reports("current-a-default", in: directory)
        let (_, built) = try reports("current-c-hardserver", in: directory)
        let result = gate(declared, built)
        #expect(result.code == 1)
        #expect(result.out.contains("are not of one system"))
    }

    @Test func anEditedFileIsRefusedOrBlocks() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        let text = try String(contentsOfFile: built, encoding: .utf8)
        // The counts no longer agree: the reader refuses it.
        let careless = try directory.write(
            "careless.json", text.replacing("\"outcome\": \"fail\"", with: "\"outcome\": \"pass\""))
        let refused = gate(declared, careless)
        #expect(refused.code == 2)
        #expect(refused.err.contains("has a summary that its results do not bear out"))
        #expect(refused.err.split(separator: "\n").count == 1)
        // Whoever writes the counts anew is found by the facts.
        var report = try ReportJSON.decode(Array(text.utf8))
        for index in report.results.indices where report.results[index].outcome == .fail {
            report.results[index].outcome = .pass
        }
        let careful = try directory.write("careful.json", ReportJSON.encode(report))
        let blocked = gate(declared, careful)
        #expect(blocked.code == 1)
        #expect(blocked.out.contains("records pass where its facts give fail"))
        #expect(blocked.out.contains("more results from what its facts give"))
    }

    @Test func signedReports() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        let key = try PrivateKey(seed: [UInt8](repeating: 1, count: 32))
        let other = try PrivateKey(seed: [UInt8](repeating: 2, count: 32))
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: built)))
        var envelope = DSSEEnvelope(bytes, type: .report)
        try envelope.sign(with: key)
        let signed = try directory.write("signed.json", envelope.encode())
        var stranger = DSSEEnvelope(bytes, type: .report)
        try stranger.sign(with: other)
        let strange = try directory.write("strange.json", stranger.encode())
        var changed = envelope
        changed.payload.append(UInt8(ascii: "\n"))
        let edited = try directory.write("edited.json", changed.encode())
        changed = envelope
        changed.signatures = []
        let stripped = try directory.write("stripped.json", changed.encode())
        let policy = try directory.write(
            "policy.toml",
            """
            id = "mine"
            title = "Mine"
            profile = "standard"
            fail-on = "critical"
            sources = ["declared", "built"]
            must-be-signed = ["built"]
            drift = "none"
            [maximum-age]
            declared = "1d"
            built = "1d"
            [[agent-key]]
            name = "ci"
            key = "\(key.publicKey.openSSH)"
            """)
        func reasons(_ report: String) throws -> [Verdict.ReasonKind] {
            let result = gate(declared, report, "--policy", policy, "--verdict", directory("v.json"))
            #expect(result.code != 2, "\(result.err)")
            let verdict = try VerdictJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: directory("v.json")))))
            return verdict.reasons.map(\.kind).filter { $0 != .fail && $0 != .unknown }
        }
        #expect(try reasons(signed) == [])
        #expect(try reasons(built) == [.unsigned])
        #expect(try reasons(stripped) == [.unsigned])
        #expect(try reasons(strange) == [.unknownKey])
        #expect(try reasons(edited) == [.tampered])
        let result = gate(declared, signed, "--policy", policy)
        #expect(result.out.contains("signed by " + key.publicKey.fingerprint))
        // A policy whose key is none.
        let broken = try directory.write(
            "broken.toml",
            try String(contentsOfFile: policy, encoding: .utf8).replacing(key.publicKey.openSSH, with: "ssh-rsa AAAA"))
        let refused = gate(declared, signed, "--policy", broken)
        #expect(refused.code == 2)
        #expect(refused.err.contains("broken.toml:11: the agent key \"ci\""))
    }

    /// Whoever changes facts and what they give makes a report that the gate believes; the signature of the real one does
    /// not survive it.
    @Test func factsChangedConsistentlyNeedASignature() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-c-hardserver", in: directory)
        var report = try ReportJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: built))))
        let rule = "sudo.nopasswd.escapes"
        let index = try #require(report.results.firstIndex { $0.rule == rule && $0.outcome == .fail })
        let nothing = FactValue.list([])
        report.snapshots[0].batch.facts[FactKey(rule)] = .known(nothing, report.results[index].evidence)
        report.results[index].outcome = .pass
        report.results[index].observed = nothing.description
        report.results[index].message = nil
        let forged = ReportJSON.encode(report)
        let key = try PrivateKey(seed: [UInt8](repeating: 1, count: 32))
        var envelope = DSSEEnvelope(Array(try Data(contentsOf: URL(fileURLWithPath: built))), type: .report)
        try envelope.sign(with: key)
        envelope.payload = Array(forged.utf8)
        let policy = """
            id = "mine"
            title = "Mine"
            profile = "standard"
            fail-on = "low"
            sources = ["declared", "built"]
            drift = "none"

            """
        let rest = """
            [maximum-age]
            declared = "1d"
            built = "1d"
            [[agent-key]]
            name = "ci"
            key = "\(key.publicKey.openSSH)"
            """
        let plain = try directory.write("plain.toml", policy + rest)
        let signing = try directory.write("signing.toml", policy + "must-be-signed = [\"built\"]\n" + rest)
        func reasons(_ report: String, _ policy: String) throws -> [Verdict.Reason] {
            let result = gate(declared, report, "--policy", policy, "--verdict", directory("v.json"))
            #expect(result.code == 1, "\(result.err)")
            return try VerdictJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: directory("v.json"))))).reasons
        }
        func isFound(_ reasons: [Verdict.Reason]) -> Bool {
            reasons.contains { $0.kind == .fail && $0.rule == rule && $0.target == 1 }
        }
        #expect(isFound(try reasons(built, plain)))
        let text = try directory.write("forged.json", forged)
        let believed = try reasons(text, plain)
        #expect(!believed.contains { $0.kind == .tampered })
        #expect(!isFound(believed))
        #expect(try reasons(text, signing).contains { $0.kind == .unsigned })
        let signed = try directory.write("signed.json", envelope.encode())
        #expect(try reasons(signed, signing).contains { $0.kind == .tampered })
    }

    @Test func artifactsAreToldByTheirContent() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        func padded(_ magic: [UInt8], at offset: Int) -> [UInt8] {
            [UInt8](repeating: 0, count: offset) + magic + [UInt8](repeating: 0, count: 40_000)
        }
        func artifact(_ path: String) throws -> Verdict.Artifact {
            let result = gate(declared, built, "--artifact", path, "--verdict", directory("v.json"))
            #expect(result.code == 1, "\(result.err)")
            let verdict = try VerdictJSON.decode(Array(Data(contentsOf: URL(fileURLWithPath: directory("v.json")))))
            return try #require(verdict.artifact)
        }
        // printf '\x1f\x8b' | sha256sum
        #expect(
            try artifact(directory.write("s.wsl", bytes: [0x1f, 0x8b])).digest
                == "ee98dc6af27a9f1c8cc4aaa2fd05b5f6e7c98f51390253a5263b0d096c3510fe")
        let iso = try artifact(try directory.write("x", bytes: padded(Array("CD001".utf8), at: 0x8001)))
        #expect(iso.kind == "iso")
        #expect(iso.size == 0x8001 + 5 + 40_000)
        #expect(iso.limit == 3072 << 20)
        #expect(iso.isVerified == false)
        // The other kinds are compared with that verdict, which reads no report again.
        func check(_ name: String, _ bytes: [UInt8]) throws -> CommandLineRun {
            gate("--check", directory("v.json"), "--artifact", try directory.write(name, bytes: bytes))
        }
        for (name, bytes, kind) in [
            ("q", padded([0x51, 0x46, 0x49, 0xfb], at: 0), "vm"), ("d", padded([0x55, 0xaa], at: 510), "vm"),
            ("t", padded(Array("ustar".utf8), at: 257), "wsl"), ("n.wsl", padded([0x1f, 0x8b], at: 0), "wsl"),
        ] {
            let result = try check(name, bytes)
            #expect(result.code == 1, "\(result.err)")
            #expect(
                result.out.contains("\(name) is not the artifact of the verdict: it is of the kind \(kind), not iso"))
        }
        for (name, bytes) in [("e", []), ("z", padded([0], at: 0)), ("disk.img.gz", padded([0x1f, 0x8b], at: 0))] {
            let result = try check(name, bytes)
            #expect(result.code == 2)
            #expect(result.err.split(separator: "\n").count == 1)
        }
    }

    @Test func machinesAreMeasuredByTheirClosure() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        let hash = String(repeating: "0", count: 32)
        let store = "root/nix/store/\(hash)-nixos-vm"
        try directory.write(store + "/bin/run-web-vm", "#!/bin/sh\n")
        try directory.link(store + "/system", to: "/nix/store/\(hash)-other")
        let result = gate(declared, built, "--artifact", directory(store), "--verdict", directory("v.json"))
        #expect(result.code == 1, "\(result.err)")
        #expect(result.out.contains("is a machine of /nix/store/\(hash)-other"))
        let info = "info"
        try directory.write(info + "/store-paths", "/nix/store/\(hash)-nixos-vm\n")
        try directory.write(info + "/total-nar-size", "5368709120\n")
        let large = gate(declared, built, "--artifact", directory(store), "--closure-info", directory(info))
        #expect(large.out.contains("has 5120 MB, and vm may have 4096 MB"))
        try directory.write(info + "/store-paths", "/nix/store/\(hash)-other\n")
        let other = gate(declared, built, "--artifact", directory(store), "--closure-info", directory(info))
        #expect(other.code == 2)
        #expect(other.err.contains("does not hold /nix/store/\(hash)-nixos-vm"))
        // A copy outside of a store is bound to no closure.
        try directory.write("copy/bin/run-web-vm", "#!/bin/sh\n")
        let copy = gate(declared, built, "--artifact", directory("copy"), "--closure-info", directory(info))
        #expect(copy.code == 2)
        #expect(copy.err.contains("the build result is in no store"))
    }

    @Test func badInput() throws {
        let directory = try TemporaryDirectory()
        let (declared, built) = try reports("current-a-default", in: directory)
        #expect(CommandLineRun("gate").code == 64)
        for arguments in [
            [declared, declared], [directory("none.json")], [directory.path], [declared, "--policy", "none"],
            [declared, "--policy", directory("none.toml")], [declared, "--waivers", directory("none")],
            [declared, built, "--profile", "minimal"], [declared, "--artifact", directory("none")],
            [declared, "--baseline", directory("none")], ["--check", declared],
        ] {
            let result = gate(arguments)
            #expect(result.code == 2, "\(arguments)")
            #expect(result.err.split(separator: "\n").count == 1, "\(result.err)")
            #expect(result.out.isEmpty)
        }
        #expect(gate(declared, "--closure-info", "x").code == 64)
        #expect(gate(declared, "--check", "v.json").code == 64)
    }
}
