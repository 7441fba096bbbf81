import FirnReports
import FirnTestSupport
import Foundation
import Testing

/// The same input gives the same bytes in every format, wherever and whenever the command runs.
@Suite struct DeterminismTests {
    private func run(_ arguments: [String], in directory: String, _ environment: [String: String]) throws -> Data {
        let process = Process()
        process.executableURL = Repository.root.appendingPathComponent(".build/debug/firn")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = environment.merging(["SOURCE_DATE_EPOCH": "1795245180", "PATH": "/usr/bin:/bin"]) {
            own, _ in own
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1 || process.terminationStatus == 3)
        return data
    }

    @Test(arguments: ReportFormat.all.map(\.name))
    func placeTimeZoneAndLocaleChangeNothing(_ format: String) throws {
        let directory = try TemporaryDirectory()
        let arguments = [
            "check", Fixture.config("current-d-insecure"), Fixture.system("current-d-insecure"), "--profile", "strict",
            "--now", "2026-11-24T00:00:00Z", "--format", format,
        ]
        let first = try run(arguments, in: "/", ["TZ": "UTC", "LC_ALL": "C"])
        let second = try run(
            arguments, in: directory.path,
            ["TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "COLUMNS": "40"])
        #expect(first == second)
        #expect(!first.isEmpty, "\(format)")
    }
}
