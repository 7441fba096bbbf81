import FirnModel
import FirnReportCore
import FirnSigning
import FirnTestSupport
import Foundation
import Testing

@Suite struct SignCommandTests {
    /// PyPI in-toto-attestation reads the statement; both predicates.
    @Test(arguments: ["test-result", "vsa"])
    func inTotoAttestationReadsTheStatement(type: String) throws {
        let release = try SignedRelease()
        try release.sign("verdict.json", "report.json", "--type", type, to: "signed.json")
        let payload = try release.envelope("signed.json").payload
        let script = """
            import sys, json
            from google.protobuf import json_format
            from in_toto_attestation.v1.statement import Statement
            from in_toto_attestation.v1 import statement_pb2
            message = json_format.Parse(sys.stdin.read(), statement_pb2.Statement())
            statement = Statement.copy_from_pb(message)
            statement.validate()
            for subject in statement.pb.subject: print(subject.name, dict(subject.digest))
            if "test-result" in statement.pb.predicate_type:
                from in_toto_attestation.predicates.test_result.v0 import test_result_pb2 as kind
                predicate = kind.TestResult()
            else:
                from in_toto_attestation.predicates.vsa.v1 import vsa_pb2 as kind
                predicate = kind.VerificationSummary()
            fields = json_format.MessageToDict(statement.pb.predicate)
            # The package's description has text here, against the specification, which has a list.
            levels = fields.pop("verifiedLevels", [])
            assert all(isinstance(level, str) for level in levels)
            json_format.ParseDict(fields, predicate, ignore_unknown_fields=True)
            print(levels, predicate)
            """
        func judge(_ bytes: [UInt8]) throws -> (code: Int32, output: String) {
            let process = Process()
            process.executableURL = Repository.root.appendingPathComponent(".build/validators/venv/bin/python3")
            process.arguments = ["-c", script]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            process.standardError = output
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(bytes))
            try input.fileHandleForWriting.close()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }
        let good = try judge(payload)
        #expect(good.code == 0, "\(good.output)")
        #expect(good.output.contains("nixos.iso") && good.output.contains("nixClosureSha256"))
        #expect(
            good.output.contains(
                type == "vsa" ? "FIRN_PROFILE_STANDARD" : "sysctl.kernel.kptr_restrict (built)"), "\(good.output)")
        let text = String(decoding: payload, as: UTF8.self)
        let bad = try judge(Array(text.replacingOccurrences(of: "Statement/v1", with: "Statement/v2").utf8))
        #expect(bad.code != 0, "the judge refuses nothing")
    }

    @Test func theStatementSaysWhatTheVerdictSays() throws {
        let release = try SignedRelease()
        let statement = try ReleaseStatement.decode(try release.envelope().payload)
        #expect(statement.subjects.map(\.name) == ["nixos.iso", SignedRelease.top])
        #expect(statement.verdict.closureDigest?.origin == .recomputed)
        #expect(statement.tests?.passed == ["sysctl.kernel.kptr_restrict (built)"])
        #expect(statement.tests?.warned == ["sysctl.kernel.sysrq (built)"])
        #expect(statement.tests?.failed == [])
        #expect(statement.verdictDigest == (try release.sha256("verdict.json")))
        let again = try ReleaseStatement.decode(Array(statement.encode().utf8))
        #expect(again == statement)
    }

    @Test func theSameInputGivesTheSameBytes() throws {
        let release = try SignedRelease()
        try release.sign("verdict.json", "report.json", to: "one.json")
        try release.sign("verdict.json", "report.json", to: "two.json")
        #expect(try release.bytes("one.json") == release.bytes("two.json"))
    }

    @Test func aBlockedVerdictIsSignedAsFailed() throws {
        let release = try SignedRelease()
        try release.directory.write("b.json", VerdictJSON.encode(try release.verdict(decision: .blocked)))
        let run = CommandLineRun("sign", release.directory("b.json"), "--key", release.directory("release.pem"))
        #expect(run.code == 0)
        #expect(run.err.contains("the gate blocked this release; the statement says FAILED"))
        let payload = try DSSEEnvelope.decode(Array(run.out.utf8)).payload
        #expect(String(decoding: payload, as: UTF8.self).contains(#""result": "FAILED""#))
    }

    @Test func whatTheVerdictIsNotAboutIsNotSigned() throws {
        let release = try SignedRelease()
        let key = ["--key", release.directory("release.pem")]
        func sign(_ arguments: [String]) -> CommandLineRun {
            CommandLineRun(
                arguments: ["sign"] + arguments + key, isTerminal: false, columns: 100, environment: [:])
        }
        let verdict = release.directory("verdict.json")
        for (arguments, reason) in [
            ([verdict, release.directory("old.json")], "does not rest on this report"),
            ([release.directory("report.json")], "no verdict is among the files"),
            ([verdict, verdict], "more than one verdict"),
            ([verdict, "--artifact", release.directory("report.json")], "this is not the artifact of the verdict"),
            ([verdict, "--closure", release.directory("waivers")], "neither a store path nor a root directory"),
            ([release.directory("report.signed.json"), "--type", "report"], "this is signed already"),
            ([verdict, "--type", "report"], "this program reads version 3"),
        ] {
            let run = sign(arguments)
            #expect(run.code == 2 && run.err.contains(reason) && run.out.isEmpty, "\(arguments): \(run.err)")
        }
        // A closure that is not the judged one.
        var judged = try release.verdict()
        judged.closureDigest = ClosureDigest(value: SignedRelease.digest("0"), origin: .registered)
        try release.directory.write("judged.json", VerdictJSON.encode(judged))
        let run = sign([release.directory("judged.json"), "--closure", release.directory("root")])
        #expect(run.code == 2 && run.err.contains("the closure is not the one that was judged"))
        // A bundle that was touched.
        try release.edit("bundle/report.csv", "pass", "fail")
        let bundle = sign(["--bundle", release.directory("bundle")])
        #expect(bundle.code == 2 && bundle.err.contains("report.csv is not what SHA256SUMS says"))
    }

    @Test func aKeyOthersMayReadIsRefused() throws {
        let release = try SignedRelease()
        for mode in [0o640, 0o604, 0o644] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: release.directory("release.pem"))
            let run = CommandLineRun(
                "sign", release.directory("verdict.json"), "--key", release.directory("release.pem"))
            #expect(run.code == 2 && run.err.contains("run: chmod 600"))
        }
    }

    /// The advice to change its mode is given for a private key only, never for a device or a public key.
    @Test func whatIsNoPrivateKeyIsSaidToBeNone() throws {
        let release = try SignedRelease()
        for (path, reason) in [
            ("/dev/null", "this is no file"), (release.directory("root"), "this is no file"),
            (release.directory("release.pub"), "this is a public key"),
        ] {
            let run = CommandLineRun("sign", release.directory("verdict.json"), "--key", path)
            #expect(run.code == 2 && run.err.contains(reason) && !run.err.contains("chmod"), "\(run.err)")
        }
    }

    /// The gate takes no waiver from a report, so the lists of a statement do not either; they take those of the gate.
    @Test func aWaiverCountsOnlyWhereTheGateHadWaivers() throws {
        let release = try SignedRelease()
        var verdict = try release.verdict()
        verdict.waiversDigest = nil
        verdict.warnings = ["1 failure below high does not block"]
        try release.directory.write("verdict.json", VerdictJSON.encode(verdict))
        try release.sign("verdict.json", "report.json", to: "signed.json")
        let own = try ReleaseStatement.decode(try release.envelope("signed.json").payload)
        #expect(own.tests?.warned == [] && own.tests?.failed == ["sysctl.kernel.sysrq (built)"])
        var report = SignedRelease.report(challenge: nil)
        report.verdict = try release.verdict()
        try release.directory.write("judged.json", ReportJSON.encode(report))
        try release.sign("judged.json", to: "signed.json")
        let judged = try ReleaseStatement.decode(try release.envelope("signed.json").payload)
        #expect(judged.tests?.warned == ["sysctl.kernel.sysrq (built)"] && judged.tests?.failed == [])
    }

    @Test func theSecretIsInNoOutput() throws {
        let release = try SignedRelease()
        // The seed, 32 times the byte 1, in base 64 and in hex.
        let secrets = ["AQEBAQEBAQEB", "0101010101010101"]
        let runs = [
            CommandLineRun("sign", release.directory("verdict.json"), "--key", release.directory("release.pem")),
            release.run(["release.json", "--key", release.directory("release.pem")]),
        ]
        for run in runs {
            for secret in secrets { #expect(!(run.out + run.err).contains(secret)) }
        }
    }

    @Test func helpHasExamples() {
        for command in ["sign", "verify"] {
            let run = CommandLineRun(command, "--help")
            #expect(run.code == 0 && run.out.contains("Examples:") && run.out.contains("Exit codes:"))
        }
    }

    @Test(arguments: [
        ["sign"], ["sign", "--key", "k"], ["sign", "--bundle", "b", "v.json", "--key", "k"], ["verify", "x"],
        ["verify", "x", "--key", "k", "--signature-only", "--artifact", "a"],
        ["verify", "x", "--key", "k", "--challenge", ""],
    ])
    func usageErrors(arguments: [String]) {
        let run = CommandLineRun(arguments: arguments, isTerminal: false, columns: 100, environment: [:])
        #expect(run.code == 64, "\(run.err)")
    }

    /// File names and texts of a statement cannot move the cursor of who verifies it.
    @Test func hostileNamesAreShownNotPassedOn() throws {
        let release = try SignedRelease()
        try release.directory.write("bundle/\u{1b}[2Jx\u{202e}", "x")
        let run = release.run(["bundle", "--key", release.directory("release.pub")])
        #expect(run.code == 1)
        #expect(run.out.contains("\\u{1b}[2Jx\\u{202e} was added"))
        #expect(!run.out.contains("\u{1b}"))
    }
}
