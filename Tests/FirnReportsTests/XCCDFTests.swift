import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

extension Tool {
    static let oscap = Tool("oscap")
}

/// XCCDF 1.2 documents, judged by OpenSCAP and by its schema.
struct XCCDFTests {
    private static let schema = "/usr/share/openscap/schemas/xccdf/1.2/xccdf_1.2.xsd"

    private static let benchmark = ControlStatusTests.benchmark([
        ControlStatusTests.control([ControlRule("ssh.PermitRootLogin")]),
        Control(
            id: "V-2", ruleID: "SV-2r9_rule", version: "T-2", group: "SRG-2", severity: .low, title: "Two <&> \"2\"",
            check: "Look ]]>\ntwice.", fix: "Set.", ccis: ["CCI-000366"],
            automation: .static, sources: [.static], rules: [ControlRule("ssh.X11Forwarding")], coverage: .full,
            note: "odd"),
        Control(
            id: "V-3", ruleID: "SV-3r1_rule", version: "T-3", group: "SRG-3", severity: .high, title: "Three",
            check: "Ask.", fix: "Set.", automation: .manual, sources: [.person], coverage: .none, question: "Who?"),
    ])

    private static let reports = SampleReports.all.map(\.report) + HostileText.all.map(SampleReports.hostile)

    private static func render(_ report: Report) -> String {
        XCCDFReporter.render(report, options: RenderOptions(benchmarks: [benchmark]))
    }

    /// The results of a `TestResult` by its id, counted.
    private static func counts(_ text: String, _ id: String) throws -> [String: Int] {
        let start = try #require(text.range(of: "<TestResult id=\"xccdf_firn_testresult_\(id)\""))
        let end = try #require(text.range(of: "</TestResult>", range: start.upperBound..<text.endIndex))
        var counts: [String: Int] = [:]
        for piece in text[start.upperBound..<end.lowerBound].components(separatedBy: "<result>").dropFirst() {
            counts[String(piece.prefix { $0 != "<" }), default: 0] += 1
        }
        return counts
    }

    @Test func everyResultIsThereOnce() throws {
        let report = SampleReports.full
        let text = Self.render(report)
        let words: [(Outcome, String)] = [
            (.pass, "pass"), (.fail, "fail"), (.notApplicable, "notapplicable"), (.notChecked, "notchecked"),
            (.unknown, "unknown"), (.error, "error"),
        ]
        for (index, tally) in ReportSummary(report).targets.enumerated() {
            let counts = try Self.counts(text, "target-\(index + 1)")
            for (outcome, word) in words {
                #expect(counts[word] ?? 0 == tally.count(outcome), "\(index) \(word)")
            }
        }
        // PermitRootLogin fails, X11Forwarding could not be told, nobody asks the third.
        #expect(try Self.counts(text, "system-1-b") == ["fail": 1, "unknown": 1, "notchecked": 1])
    }

    @Test func idsArePublishersOrOurs() {
        let text = Self.render(SampleReports.full)
        #expect(text.contains("<Group id=\"xccdf_mil.disa.stig_group_V-2\">"))
        #expect(text.contains("<Rule id=\"xccdf_mil.disa.stig_rule_SV-2r9_rule\""))
        #expect(text.contains("<Rule id=\"xccdf_firn_rule_ssh.PermitRootLogin\""))
        #expect(text.contains("<ident system=\"http://cyber.mil/cci\">CCI-000366</ident>"))
        #expect(text.contains("Two &lt;&amp;&gt; &quot;2&quot;"))
        #expect(text.contains("Look ]]&gt;\ntwice."))
        #expect(XCCDFText.name("a b/ü\u{0}") == "a-20b-2f-fc-0")
        #expect(XCCDFText.name("") == "none")
        #expect(XCCDFText.names(["a b", "a-20b", "a b"]) == ["a b": "a-20b", "a-20b": "a-20b-2"])
    }

    /// openscap-report 1.0.0 reads no result that does not name its benchmark.
    @Test func everyResultNamesItsBenchmark() {
        let text = Self.render(SampleReports.full)
        let name = "xccdf_firn_benchmark_report"
        let results = text.split(separator: "<TestResult ").count - 1
        #expect(results > 1)
        #expect(text.split(separator: "<benchmark href=\"#\(name)\" id=\"\(name)\"").count - 1 == results)
    }

    @Test func aWaivedFailureStaysAFailure() throws {
        let text = Self.render(SampleReports.full)
        let start = try #require(text.range(of: "<rule-result idref=\"xccdf_firn_rule_sysctl.kernel.sysrq\""))
        let end = try #require(text.range(of: "</rule-result>", range: start.upperBound..<text.endIndex))
        let result = text[start.lowerBound..<end.lowerBound]
        #expect(result.contains("<result>fail</result>"))
        #expect(result.contains("Waived until 2027-03-31 by mira@example.org"))
        #expect(!text.contains("<override"))
    }

    /// Text of a target stays text, with and without a benchmark that shows it.
    @Test func hostileTextIsInert() {
        for (index, text) in HostileText.all.enumerated() {
            var report = SampleReports.hostile(text)
            // A control that shows hostile results too.
            report.results[0].rule = "ssh.PermitRootLogin"
            let xccdf = Self.render(report)
            let cklb = CKLBReporter.render(report, options: RenderOptions(benchmarks: [Self.benchmark]))
            #expect(!xccdf.contains("<FORGED"), "\(index)")
            for rendered in [xccdf, cklb] {
                #expect(!rendered.contains("\nFORGED"), "\(index)")
                let raw = rendered.unicodeScalars.contains { HostileText.controls.contains($0) && $0 != "\n" }
                #expect(!raw, "\(index)")
            }
        }
    }

    /// NISTIR 7275 Rev. 4, section 7.3: not applicable and not checked do not count; unknown and error count as failed.
    @Test func scoresFollowTheSpecification() {
        var score = XCCDFScore(weight: 100)
        #expect((score.share, score.weighed(score.counted)) == ("0.0", "0.0"))
        for word in ["pass", "fail", "unknown", "error", "notapplicable", "notchecked", "pass", "pass"] {
            score.add(word)
        }
        #expect((score.passed, score.counted) == (3, 6))
        #expect(score.share == "50.000000")
        #expect(score.weighed(score.passed) == "30.0")
        #expect(score.weighed(score.counted) == "60.0")
        var third = XCCDFScore(weight: 10)
        for word in ["pass", "fail", "fail"] { third.add(word) }
        #expect(third.share == "33.333333")
        // One passes, one does not apply.
        let text = Self.render(SampleReports.single)
        #expect(text.contains("<score system=\"urn:xccdf:scoring:flat-unweighted\" maximum=\"1\">1</score>"))
        #expect(text.contains("<score system=\"urn:xccdf:scoring:default\" maximum=\"100.0\">100.000000</score>"))
    }

    @Test(.enabled(if: Tool.oscap.isExpected && Tool.xmllint.isExpected))
    func openSCAPAcceptsThem() throws {
        try withTemporaryDirectory { directory in
            for (index, report) in Self.reports.enumerated() {
                for (kind, options) in [("b", RenderOptions(benchmarks: [Self.benchmark])), ("r", RenderOptions())] {
                    let file = directory.appendingPathComponent("\(index)\(kind).xml")
                    try Data(XCCDFReporter.render(report, options: options).utf8).write(to: file)
                    let run = try Tool.oscap.run(["xccdf", "validate", file.path])
                    #expect(run.code == 0, "\(index)\(kind): \(run.output.prefix(2000))")
                    let lint = try Tool.xmllint.run(["--noout", "--nonet", "--schema", Self.schema, file.path])
                    #expect(lint.code == 0, "\(index)\(kind): \(lint.output.prefix(2000))")
                }
            }
            let sound = Self.render(SampleReports.full)
            for (index, change) in [
                ("<result>fail</result>", "<result>failed</result>"), ("xccdf_firn_rule_", "firn_rule_"),
                ("<status date", "<state date"), ("end-time=", "finished="),
                ("idref=\"xccdf_mil.disa.stig_rule_SV-1r1_rule\"", "idref=\"xccdf_mil.disa.stig_rule_SV-9r1_rule\""),
            ].enumerated() {
                #expect(sound.contains(change.0))
                let file = directory.appendingPathComponent("broken-\(index).xml")
                try Data(sound.replacing(change.0, with: change.1).utf8).write(to: file)
                let lint = try Tool.xmllint.run(["--noout", "--nonet", "--schema", Self.schema, file.path])
                #expect(lint.code != 0, "\(change.1)")
                #expect(try Tool.oscap.run(["xccdf", "validate", file.path]).code != 0, "\(change.1)")
            }
        }
    }

    @Test(.enabled(if: Tool.oscap.isExpected))
    func openSCAPReadsThemAndCountsAsWeDo() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("full.xml")
            let text = Self.render(SampleReports.full)
            try Data(text.utf8).write(to: file)
            let info = try Tool.oscap.run(["info", file.path])
            #expect(info.code == 0)
            for id in ["target-1", "target-2", "system-1-b"] {
                #expect(info.output.contains("Result ID: xccdf_firn_testresult_\(id)"), "\(info.output)")
            }
            let page = try Tool.oscap.run(["xccdf", "generate", "report", file.path])
            #expect(page.code == 0)
            // The report shows the last result, and writes the class of each rule twice.
            #expect(page.output.contains("xccdf_firn_testresult_system-1-b"))
            for (word, count) in try Self.counts(text, "system-1-b") {
                let found = page.output.components(separatedBy: "rule-result rule-result-\(word)\"").count - 1
                #expect(found == count * 2 || found == count, "\(word): \(found)")
            }
        }
    }
}

/// 10,000 results, with the controls of a benchmark, in both formats.
struct BenchmarkFormatSpeedTests {
    @Test func tenThousandResultsAreFast() {
        let controls = (0..<100).map { number in
            Control(
                id: "V-\(number)", ruleID: "SV-\(number)r1_rule", version: "T-\(number)", group: "SRG-1",
                severity: .medium, title: "T", check: "C", fix: "F", automation: .static, sources: [.static],
                rules: (0..<3).map { ControlRule("t.\(number * 3 + $0)") }, coverage: .full)
        }
        let options = RenderOptions(benchmarks: [ControlStatusTests.benchmark(controls)])
        let results = (0..<10_000).map { number in
            ControlStatusTests.result("t.\(number)", Outcome.allCases[number % Outcome.allCases.count])
        }
        var report = ControlStatusTests.report(results)
        report.targets.removeLast()
        for format in [ReportFormat.xccdf, .cklb] {
            let clock = ContinuousClock()
            var bytes: [UInt8] = []
            let time = clock.measure { bytes = format.render(report, options) }
            print("\(format.name): \(bytes.count) bytes in \(time)")
            // A debug build on a busy machine; the bound for a release build is a second.
            #expect(time < .seconds(20), "\(format.name)")
            #expect(bytes == format.render(report, options))
        }
    }
}
