import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// Reports of real systems, read back and judged by other people's validators.
@Suite struct RealReportTests {
    private static let validators = Repository.root.appendingPathComponent(".build/validators").path
    private static let hasValidators =
        FileManager.default.fileExists(atPath: validators + "/junit-10.xsd")
        || ProcessInfo.processInfo.environment["CI"] != nil

    private func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test(
        .enabled(if: hasValidators),
        arguments: ["old-e-container-host", "modern-c-hardserver", "current-d-insecure", "current-s-specialisation"])
    func validatorsAcceptThem(fixture: String) throws {
        let directory = try TemporaryDirectory()
        let audit = CommandLineRun([
            "check", Fixture.config(fixture), Fixture.system(fixture), "--profile", "strict", "--all", "--format",
            "json=\(directory("r.json"))", "--format", "sarif=\(directory("r.sarif"))", "--format",
            "junit=\(directory("r.xml"))",
        ])
        #expect(audit.code == 1 || audit.code == 3, "\(audit.err)")
        let check = Self.validators + "/venv/bin/check-jsonschema"
        let report = try run([
            check, "--schemafile", Repository.path("reports/schema/report.schema.json"), directory("r.json"),
        ])
        #expect(report.code == 0, "\(report.output)")
        let sarif = try run([check, "--schemafile", Self.validators + "/sarif-2.1.0.json", directory("r.sarif")])
        #expect(sarif.code == 0, "\(sarif.output)")
        let junit = try run(["xmllint", "--noout", "--schema", Self.validators + "/junit-10.xsd", directory("r.xml")])
        #expect(junit.code == 0, "\(junit.output)")
    }

    @Test(arguments: ["old-a-default", "current-c-hardserver", "current-s-specialisation"])
    func aRealReportIsReadBackAsItWas(fixture: String) throws {
        let run = CommandLineRun([
            "check", Fixture.config(fixture), Fixture.system(fixture), "--profile", "strict", "--format", "json",
        ])
        let report = try ReportJSON.decode(Array(run.out.utf8))
        #expect(ReportJSON.encode(report) == run.out)
    }

    /// The compiled options and closure of one system do not drift; a closure changed by hand does.
    @Test func driftNamesTheLayer() throws {
        let fixture = "current-c-hardserver"
        let clean = CommandLineRun(["check", Fixture.config(fixture), Fixture.system(fixture), "--format", "json"])
        #expect(try ReportJSON.decode(Array(clean.out.utf8)).drift.isEmpty)

        let directory = try TemporaryDirectory()
        let root = directory("root")
        #expect(try run(["cp", "-a", Fixture.system(fixture), root]).code == 0)
        let store = root + "/nix/store"
        let names = try FileManager.default.contentsOfDirectory(atPath: store)
        let name = try #require(names.first { $0.hasSuffix("-sshd.conf-final") })
        let path = store + "/" + name
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(chmod(path, 0o644) == 0)
        try text.replacing("PasswordAuthentication no", with: "PasswordAuthentication yes")
            .write(toFile: path, atomically: false, encoding: .utf8)
        let changed = CommandLineRun(["check", Fixture.config(fixture), root, "--format", "json"])
        let drift = try ReportJSON.decode(Array(changed.out.utf8)).drift
        #expect(drift.map(\.rule).contains("ssh.PasswordAuthentication"))
        #expect(drift.allSatisfy { $0.layer == .built })
        #expect(drift.first?.message.hasPrefix("declared no, built yes") == true, "\(drift.first?.message ?? "")")
    }
}
