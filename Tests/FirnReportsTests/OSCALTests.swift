import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// OSCAL assessment results, judged by two programs of others and read back.
struct OSCALTests {
    private static let trestle = Tool.place.appendingPathComponent("trestle/bin/python3").path
    private static let isExpected =
        (Tool.hasSchemas && FileManager.default.fileExists(atPath: trestle))
        || ProcessInfo.processInfo.environment["CI"] != nil

    private static let reports: [(name: String, report: Report)] =
        SampleReports.all
        + HostileText.all.indices.filter { !$0.isMultiple(of: 7) || $0 > 100 }.map {
            ("hostile-\($0)", SampleReports.hostile(HostileText.all[$0]))
        }

    /// `oscal` keeps an unpacked database of 160 MB in the working directory: it gets one of its own.
    private static func judge(_ files: [String]) throws -> String {
        let place = Tool.place.appendingPathComponent("oscal")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let script = """
            import os, sys
            os.chdir(sys.argv[1])
            from oscal import AssessmentResults
            for name in sys.argv[2:]:
                document = AssessmentResults.load(name)
                print(document.validate(), os.path.basename(name), str(document.validation_errors[:1])[:300])
            """
        return try Tool.python.run(["-c", script, place.path] + files).output
    }

    private static func trestleReads(_ files: [String]) throws -> (code: Int32, output: String) {
        let script = """
            import pathlib, sys
            from trestle.oscal.assessment_results import AssessmentResults
            for name in sys.argv[1:]:
                for result in AssessmentResults.oscal_read(pathlib.Path(name)).results:
                    print(len(result.observations or []), len(result.findings or []), len(result.risks or []))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: trestle)
        process.arguments = ["-c", script] + files
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test(.enabled(if: isExpected)) func othersAcceptThem() throws {
        try withTemporaryDirectory { directory in
            var files: [String] = []
            for (name, report) in Self.reports {
                let file = directory.appendingPathComponent(name + ".json")
                try Data(OSCALReporter.render(report).utf8).write(to: file)
                files.append(file.path)
            }
            let judged = try Self.judge(files).split(separator: "\n").filter {
                $0.contains("hostile") || $0.contains(".json")
            }
            #expect(judged.count == files.count, "\(judged)")
            for line in judged { #expect(line.hasPrefix("True"), "\(line)") }
            let read = try Self.trestleReads(files)
            #expect(read.code == 0, "\(read.output.suffix(2000))")
        }
    }

    @Test(.enabled(if: isExpected)) func othersRefuseABrokenOne() throws {
        try withTemporaryDirectory { directory in
            let text = OSCALReporter.render(SampleReports.full)
            for (index, change) in [
                ("\"import-ap\"", "\"import-zz\""), ("\"not-satisfied\"", "\"unknown\""),
                ("\"last-modified\"", "\"laast-modified\""),
            ].enumerated() {
                let broken = directory.appendingPathComponent("broken-\(index).json")
                try Data(text.replacing(change.0, with: change.1).utf8).write(to: broken)
                #expect(try !Self.judge([broken.path]).contains("True"), "\(change)")
                #expect(try Self.trestleReads([broken.path]).code != 0, "\(change)")
            }
        }
    }

    // MARK: What it says

    private struct Document: Decodable {
        struct Body: Decodable { var results: [Section] }
        struct Section: Decodable {
            var observations: [Observation]?
            var findings: [Finding]?
            var risks: [Risk]?
        }
        struct Observation: Decodable { var uuid: String; var methods: [String] }
        struct Finding: Decodable {
            struct Target: Decodable {
                struct Status: Decodable { var state: String; var reason: String; var remarks: String? }
                enum CodingKeys: String, CodingKey {
                    case id = "target-id"
                    case status
                }
                var id: String
                var status: Status
            }
            var target: Target
        }
        struct Risk: Decodable { var status: String; var deadline: String? }
        enum CodingKeys: String, CodingKey { case body = "assessment-results" }
        var body: Body
    }

    private static func read(_ report: Report) throws -> [Document.Section] {
        try JSONDecoder().decode(Document.self, from: Data(OSCALReporter.render(report).utf8)).body.results
    }

    private static func report(_ outcomes: [Outcome]) -> Report {
        var report = SampleReports.single
        report.results = outcomes.map {
            Result(
                rule: "ssh.Protocol", title: "T", target: 0, source: .built, outcome: $0, severity: .high,
                observed: nil, expected: "x", evidence: [])
        }
        return report
    }

    /// "Could not tell" is never satisfied, and what nobody judged is no finding.
    @Test(
        arguments: [
            ([Outcome.pass], "satisfied", "pass"), ([.fail], "not-satisfied", "fail"),
            ([.unknown], "not-satisfied", "other"), ([.error], "not-satisfied", "other"),
            ([.pass, .fail], "not-satisfied", "fail"), ([.pass, .unknown], "not-satisfied", "other"),
            ([.error, .fail, .pass], "not-satisfied", "fail"), ([.pass, .notApplicable], "satisfied", "pass"),
            ([.pass, .notChecked], "satisfied", "pass"), ([.notChecked], nil, nil), ([.notApplicable], nil, nil),
            ([.notApplicable, .notChecked], nil, nil), ([], nil, nil),
        ] as [([Outcome], String?, String?)])
    func statesOfAFinding(outcomes: [Outcome], state: String?, reason: String?) throws {
        let sections = try Self.read(Self.report(outcomes))
        let findings = sections.flatMap { $0.findings ?? [] }
        #expect(findings.map(\.target.status.state) == (state.map { [$0] } ?? []))
        #expect(findings.map(\.target.status.reason) == (reason.map { [$0] } ?? []))
        #expect(findings.allSatisfy { ($0.target.status.remarks != nil) == ($0.target.status.reason == "other") })
        #expect(sections.flatMap { $0.observations ?? [] }.count == outcomes.count)
    }

    @Test func everyFailIsARiskAndAWaivedOneIsApproved() throws {
        for (_, report) in SampleReports.all {
            let risks = try Self.read(report).flatMap { $0.risks ?? [] }
            let tally = ReportSummary(report).total
            #expect(risks.count == tally.count(.fail))
            #expect(risks.count { $0.status == "deviation-approved" } == tally.waived)
            #expect(risks.filter { $0.status == "open" }.allSatisfy { $0.deadline == nil })
        }
        // The waiver of the sample holds until 2027-03-31, that day included.
        let waived = try Self.read(SampleReports.full).flatMap { $0.risks ?? [] }.compactMap(\.deadline)
        #expect(Set(waived) == ["2027-03-31T23:59:59Z"])
    }

    @Test func eachSystemHasItsResult() throws {
        #expect(
            try Self.read(SampleReports.hosts).map { $0.findings?.first?.target.status.state } == [
                "not-satisfied", "satisfied",
            ])
        #expect(try Self.read(SampleReports.empty).count == 1)
    }

    @Test func anotherResultIsAnotherDocument() throws {
        let one = OSCALReporter.render(Self.report([.pass]))
        let other = OSCALReporter.render(Self.report([.fail]))
        func uuid(_ text: String) -> String? {
            text.firstRange(of: "\"uuid\": \"").map { String(text[$0.upperBound...].prefix(36)) }
        }
        #expect(uuid(one) != uuid(other))
        #expect(uuid(one) == uuid(OSCALReporter.render(Self.report([.pass]))))
    }
}
