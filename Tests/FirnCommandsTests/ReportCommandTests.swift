import FirnModel
import FirnReportCore
import FirnSigning
import FirnTestSupport
import Foundation
import Testing

/// `firn report` and the bundle.
struct ReportCommandTests {
    private static let fixture = "current-c-hardserver"
    private static let environment = ["SOURCE_DATE_EPOCH": "1790000000"]

    private static func check(_ target: String, to path: String, profile: String = "minimal") throws {
        let run = CommandLineRun(
            ["check", target, "--profile", profile, "--format", "json=\(path)"], environment: environment)
        try #require(run.code != 2 && run.code != 64, "\(run.err)")
    }

    private static func contents(_ directory: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            result[name] = FileManager.default.contents(atPath: directory + "/" + name)
        }
        return result
    }

    private static func run(
        _ arguments: [String], in directory: String? = nil, environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    // MARK: Reports

    @Test func aSavedReportIsRenderedAsTheCheckDidIt() throws {
        let directory = try TemporaryDirectory()
        let check = CommandLineRun(
            ["check", Fixture.config(Self.fixture), "--format", "sarif", "--format", "json=\(directory("r.json"))"],
            environment: Self.environment)
        let report = CommandLineRun("report", directory("r.json"), "--format", "sarif")
        #expect(report.code == 0)
        #expect(report.out == check.out)
        #expect(report.err.isEmpty)
        #expect(CommandLineRun("report", directory("r.json")).out.contains("incomplete") || check.code != 3)
    }

    /// Layers that were saved apart drift as those checked together.
    @Test func driftIsFoundBetweenReports() throws {
        let directory = try TemporaryDirectory()
        let root = directory("root")
        #expect(try Self.run(["cp", "-a", Fixture.system(Self.fixture), root]).code == 0)
        let store = root + "/nix/store"
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: store).first { $0.hasSuffix("-sshd.conf-final") })
        #expect(chmod(store + "/" + name, 0o644) == 0)
        try String(contentsOfFile: store + "/" + name, encoding: .utf8)
            .replacing("PasswordAuthentication no", with: "PasswordAuthentication yes")
            .write(toFile: store + "/" + name, atomically: false, encoding: .utf8)
        try Self.check(Fixture.config(Self.fixture), to: directory("d.json"), profile: "standard")
        try Self.check(root, to: directory("b.json"), profile: "standard")
        let run = CommandLineRun("report", directory("d.json"), directory("b.json"), "--format", "json")
        let drift = try ReportJSON.decode(Array(run.out.utf8)).drift
        #expect(drift.map(\.rule).contains("ssh.PasswordAuthentication"))
        let together = CommandLineRun(
            ["check", Fixture.config(Self.fixture), root, "--format", "json"], environment: Self.environment)
        #expect(try ReportJSON.decode(Array(together.out.utf8)).drift == drift)
    }

    @Test func aSignedReportIsReadAndTheReaderToldThatNobodyCheckedIt() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        let bytes = Array(try #require(FileManager.default.contents(atPath: directory("r.json"))))
        var envelope = DSSEEnvelope(bytes, type: .report)
        try envelope.sign(with: PrivateKey(seed: [UInt8](repeating: 7, count: 32)))
        try directory.write("signed.json", envelope.encode())
        let run = CommandLineRun("report", directory("signed.json"), "--format", "json")
        #expect(run.code == 0)
        #expect(Array(run.out.utf8) == bytes)
        #expect(run.err.contains("its signature was not checked here"))
    }

    @Test func reportsOfAnotherCatalogueAreRenderedWithANote() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        var report = try ReportJSON.decode(
            Array(try #require(FileManager.default.contents(atPath: directory("r.json")))))
        report.catalogueDigest = String(repeating: "0", count: 64)
        try directory.write("other.json", ReportJSON.encode(report))
        let run = CommandLineRun("report", directory("other.json"), "--format", "sarif")
        #expect(run.code == 0)
        #expect(run.err.contains("another catalogue"))
        // And the two are not to be mixed.
        #expect(CommandLineRun("report", directory("r.json"), directory("other.json")).code == 2)
    }

    @Test func aWaiverThatHasEndedIsSaidAloud() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config("current-d-insecure"), to: directory("r.json"))
        var report = try ReportJSON.decode(
            Array(try #require(FileManager.default.contents(atPath: directory("r.json")))))
        let index = try #require(report.results.firstIndex { $0.outcome == .fail })
        report.results[index].waiver = Waiver(
            rule: report.results[index].rule, owner: "a", reason: "b", expires: "2026-06-30")
        try directory.write("waived.json", ReportJSON.encode(report))
        func note(_ now: String) -> Bool {
            CommandLineRun("report", directory("waived.json"), "--now", now).err.contains("have expired since")
        }
        // The last day counts whole.
        #expect(!note("2026-06-30T23:59:59Z"))
        #expect(note("2026-07-01T00:00:00Z"))
    }

    @Test(arguments: [
        ["report", "x", "--closure", "y"], ["report", "x", "--force"], ["report", "x", "--format", "cyclonedx"],
        ["report", "x", "--format", "cyclonedx=", "--closure", "y"], ["report", "x", "--format", "pdf"],
        ["report", "x", "--format", "cyclonedx", "--format", "json", "--closure", "y"], ["report"],
        ["report", "x", "--now", "tomorrow"],
    ])
    func usage(arguments: [String]) {
        #expect(CommandLineRun(arguments).code == 64)
    }

    @Test func inputErrorsAre2() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        try directory.write("bad.json", "{}")
        #expect(CommandLineRun("report", directory("nowhere.json")).code == 2)
        #expect(CommandLineRun("report", directory("bad.json")).code == 2)
        #expect(CommandLineRun("report", directory("r.json"), directory("r.json")).err.contains("given twice"))
    }

    // MARK: Bundle

    @Test func aBundleIsWholeAndItsChecksumsHold() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.system(Self.fixture), to: directory("r.json"))
        let out = directory("out")
        let run = CommandLineRun(
            "report", directory("r.json"), "--bundle", out, "--closure", Fixture.system(Self.fixture))
        #expect(run.code == 0, "\(run.err)")
        let names = try Self.contents(out).keys.sorted()
        #expect(
            names == [
                "SHA256SUMS", "gatehouse.cklb", "index.html", "index.json", "report.csv", "report.html", "report.json",
                "report.junit.xml", "report.md", "report.oscal.json", "report.prom", "report.sarif", "report.txt",
                "report.xccdf.xml", "sbom.cdx.json",
            ])
        for name in names { #expect(run.err.contains(out + "/" + name)) }
        #expect(try Self.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], in: out).code == 0)
        #expect(
            try Self.contents(out)["report.json"] == FileManager.default.contents(atPath: directory("r.json")))
        // Nothing is left beside it.
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["out", "r.json"])
        // One changed byte is found.
        var text = try #require(FileManager.default.contents(atPath: out + "/report.html"))
        text[100] ^= 1
        try text.write(to: URL(fileURLWithPath: out + "/report.html"))
        #expect(try Self.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], in: out).code != 0)
    }

    @Test func theIndexFollowsItsSchema() throws {
        let check = Repository.root.appendingPathComponent(".build/validators/venv/bin/check-jsonschema").path
        guard FileManager.default.isExecutableFile(atPath: check) || ProcessInfo.processInfo.environment["CI"] != nil
        else { return }
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        #expect(CommandLineRun("report", directory("r.json"), "--bundle", directory("out")).code == 0)
        let schema = Repository.path("reports/schema/bundle.schema.json")
        #expect(try Self.run([check, "--check-metaschema", schema]).code == 0)
        let good = try Self.run([check, "--schemafile", schema, directory("out/index.json")])
        #expect(good.code == 0, "\(good.output)")
        let text = try String(contentsOfFile: directory("out/index.json"), encoding: .utf8)
        try directory.write("broken.json", text.replacing("\"sha256\"", with: "\"sha1\""))
        #expect(try Self.run([check, "--schemafile", schema, directory("broken.json")]).code != 0)
    }

    /// Two runs, two time zones, two working directories.
    @Test func theSameInputGivesTheSameBytes() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.system(Self.fixture), to: directory("r.json"))
        let firn = Repository.root.appendingPathComponent(".build/debug/firn").path
        try #require(FileManager.default.isExecutableFile(atPath: firn))
        for (name, zone, place) in [("a", "UTC", "/"), ("b", "Pacific/Kiritimati", directory.path)] {
            let run = try Self.run(
                [
                    firn, "report", directory("r.json"), "--bundle", directory(name), "--closure",
                    Fixture.system(Self.fixture),
                ], in: place, environment: ["TZ": zone, "LC_ALL": name == "a" ? "C" : "tr_TR.UTF-8"])
            #expect(run.code == 0, "\(run.output)")
        }
        #expect(try Self.contents(directory("a")) == Self.contents(directory("b")))
    }

    @Test func onlyABundleIsReplacedAndOnlyWhenAsked() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        let arguments = ["report", directory("r.json"), "--bundle", directory("out")]
        // An empty directory is a place.
        try FileManager.default.createDirectory(atPath: directory("out"), withIntermediateDirectories: true)
        #expect(CommandLineRun(arguments).code == 0)
        let before = try Self.contents(directory("out"))
        #expect(CommandLineRun(arguments).err.contains("not empty"))
        #expect(CommandLineRun(arguments).code == 2)
        #expect(CommandLineRun(arguments + ["--force"]).code == 0)
        #expect(try Self.contents(directory("out")) == before)
        // What is not of a bundle stays.
        try directory.write("out/notes.txt", "mine")
        #expect(CommandLineRun(arguments + ["--force"]).err.contains("notes.txt"))
        #expect(FileManager.default.fileExists(atPath: directory("out/notes.txt")))
        try directory.write("home/index.json", "{}")
        #expect(CommandLineRun(["report", directory("r.json"), "--bundle", directory("home"), "--force"]).code == 2)
        #expect(try Self.contents(directory("home")).keys.sorted() == ["index.json"])
        try directory.link("link", to: directory("out"))
        #expect(CommandLineRun(["report", directory("r.json"), "--bundle", directory("link"), "--force"]).code == 2)
    }

    @Test func nothingHalfWrittenStays() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("r.json"))
        // The closure is of another system.
        let run = CommandLineRun(
            "report", directory("r.json"), "--bundle", directory("out"), "--closure",
            Fixture.system("current-a-default") + "/nowhere")
        #expect(run.code == 2)
        #expect(CommandLineRun("report", directory("r.json"), "--bundle", directory("no/parent")).code == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["r.json"])
    }

    @Test func eachSystemHasItsChecklistUnderASafeName() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.config(Self.fixture), to: directory("a.json"))
        try Self.check(Fixture.config("current-d-insecure"), to: directory("b.json"))
        for (name, host) in [("a.json", "../../etc/Passwd"), ("b.json", "../../ETC/passwd")] {
            var report = try ReportJSON.decode(
                Array(try #require(FileManager.default.contents(atPath: directory(name)))))
            report.targets[0].identity.hostName = host
            report.snapshots[0].identity.hostName = host
            try directory.write(name, ReportJSON.encode(report))
        }
        let run = CommandLineRun("report", directory("a.json"), directory("b.json"), "--bundle", directory("out"))
        #expect(run.code == 0, "\(run.err)")
        let lists = try Self.contents(directory("out")).keys.filter { $0.hasSuffix(".cklb") }.sorted()
        #expect(lists.count == 2)
        #expect(lists.allSatisfy { !$0.contains("/") && !$0.hasPrefix(".") })
        #expect(Set(lists.map { $0.lowercased() }).count == 2)
    }

    // MARK: Bill of materials

    /// A registration beside the store is believed, and a closure with a hole is refused.
    @Test func theRegistrationOfAnImageNamesTheClosure() throws {
        let directory = try TemporaryDirectory()
        let root = directory("root")
        #expect(try Self.run(["cp", "-a", Fixture.system(Self.fixture), root]).code == 0)
        try Self.check(root, to: directory("r.json"))
        let report = try ReportJSON.decode(
            Array(try #require(FileManager.default.contents(atPath: directory("r.json")))))
        let toplevel = try #require(report.targets[0].identity.toplevel)
        let other = "/nix/store/" + String(repeating: "0", count: 32) + "-glibc-2.40"
        let hash = String(repeating: "1", count: 64)
        let arguments = ["report", directory("r.json"), "--format", "cyclonedx", "--closure", root]
        try directory.write("root/nix-path-registration", "\(toplevel)\n\(hash)\n1\n\n1\n\(other)\n")
        let hole = CommandLineRun(arguments)
        #expect(hole.code == 2)
        #expect(hole.err.contains("is not registered"))
        try directory.write(
            "root/nix-path-registration", "\(toplevel)\n\(hash)\n1\n\n1\n\(other)\n\(other)\n\(hash)\n1\n\n0\n")
        let run = CommandLineRun(arguments)
        #expect(run.code == 0, "\(run.err)")
        #expect(run.out.contains("\"purl\": \"pkg:nix/glibc@2.40\""))
        #expect(run.out.contains("\"value\": \"registered\""))
    }

    @Test func aClosureOfAnotherSystemIsRefused() throws {
        let directory = try TemporaryDirectory()
        try Self.check(Fixture.system(Self.fixture), to: directory("r.json"))
        let other = Fixture.system("current-d-insecure")
        let run = CommandLineRun("report", directory("r.json"), "--format", "cyclonedx", "--closure", other)
        #expect(run.code == 2)
        #expect(run.out.isEmpty)
    }
}
