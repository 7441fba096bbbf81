import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// Checklists, judged by our own strict schema.
struct CKLBTests {
    private static let benchmark = ControlStatusTests.benchmark([
        ControlStatusTests.control(),
        Control(
            id: "V-2", ruleID: "SV-2r9_rule", version: "T-2", group: "SRG-2", severity: .low, title: "Two",
            check: "Look\ntwice.", fix: "Set.", ccis: ["CCI-000366"], automation: .manual, sources: [.person],
            coverage: .none, question: "Who?"),
    ])

    private static func one(_ results: [Result], host: String? = "hardserver") -> Report {
        var report = ControlStatusTests.report(results)
        report.targets = [
            ReportTarget(
                kind: "system-closure", name: "result", size: nil, source: .built, identity: Identity(hostName: host))
        ]
        return report
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static func rules(_ text: String) throws -> [[String: Any]] {
        let stigs = try #require(try object(text)["stigs"] as? [[String: Any]])
        return try stigs.flatMap { try #require($0["rules"] as? [[String: Any]]) }
    }

    private static let options = RenderOptions(benchmarks: [benchmark])

    @Test func aChecklistHasEveryControlAndNothingElse() throws {
        let report = Self.one([ControlStatusTests.result("t.a", .pass), ControlStatusTests.result("t.other", .fail)])
        let text = CKLBReporter.render(report, options: Self.options)
        let rules = try Self.rules(text)
        #expect(rules.map { $0["group_id"] as? String } == ["V-1", "V-2"])
        #expect(rules.map { $0["rule_id"] as? String } == ["SV-1r1", "SV-2r9"])
        #expect(rules.map { $0["rule_id_src"] as? String } == ["SV-1r1_rule", "SV-2r9_rule"])
        #expect(rules.map { $0["status"] as? String } == ["not_a_finding", "not_reviewed"])
        #expect(rules[1]["check_content"] as? String == "Look\ntwice.")
        #expect(!text.contains("t.other"))
        let root = try Self.object(text)
        #expect((root["target_data"] as? [String: Any])?["host_name"] as? String == "hardserver")
        let stig = try #require((root["stigs"] as? [[String: Any]])?.first)
        #expect(stig["release_info"] as? String == "Release: 1 Benchmark Date: 01 Oct 2025")
        #expect(stig["size"] as? Int == 2)
    }

    /// Another result gives another id, the same result the same bytes.
    @Test func identifiersFollowTheContent() throws {
        let pass = Self.one([ControlStatusTests.result("t.a", .pass)])
        let fail = Self.one([ControlStatusTests.result("t.a", .fail)])
        let texts = [pass, pass, fail].map { CKLBReporter.render($0, options: Self.options) }
        #expect(texts[0] == texts[1])
        #expect(try Self.object(texts[0])["id"] as? String != Self.object(texts[2])["id"] as? String)
        let ids = try Self.rules(texts[0]).compactMap { $0["uuid"] as? String }
        #expect(Set(ids).count == 2)
    }

    @Test func withoutABenchmarkRulesKeepTheirOwnIds() throws {
        let report = Self.one([ControlStatusTests.result("t.a", .fail), ControlStatusTests.result("t.b", .pass)])
        let text = CKLBReporter.render(report, options: RenderOptions())
        let rules = try Self.rules(text)
        #expect(rules.map { $0["group_id"] as? String } == ["t.a", "t.b"])
        #expect(rules.map { $0["status"] as? String } == ["open", "not_a_finding"])
        #expect(!text.contains("V-"))
        #expect((rules[0]["discussion"] as? String)?.contains("were not at hand") == true)
    }

    @Test func hostsAreNeverMixed() throws {
        #expect(
            ReportFormat.cklb.objection(SampleReports.hosts)
                == "a checklist is of one system, and this report has 2 (alpha, beta); firn report --bundle writes one for each"
        )
        #expect(ReportFormat.cklb.objection(SampleReports.empty) != nil)
        #expect(ReportFormat.cklb.objection(SampleReports.full) == nil)
        let text = CKLBReporter.render(SampleReports.hosts, options: Self.options)
        #expect(try Self.rules(text).allSatisfy { $0["status"] as? String == "not_reviewed" })
        // One system of several is a checklist of its own.
        let systems = ReportSystem.of(SampleReports.hosts)
        let each = systems.map { CKLBReporter.render(SampleReports.hosts, system: $0, options: RenderOptions()) }
        #expect(
            try each.map { try Self.rules($0)[0]["status"] as? String } == ["open", "not_a_finding"])
        #expect(!each[0].contains("beta"))
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected))
    func theSchemaAcceptsChecklistsAndRefusesOthers() throws {
        let schema = Repository.path("reports/schema/cklb.schema.json")
        #expect(try Tool.checkJSONSchema.run(["--check-metaschema", schema]).code == 0)
        let reports =
            SampleReports.all.map(\.report) + HostileText.all.map(SampleReports.hostile)
        try withTemporaryDirectory { directory in
            var files: [String] = []
            for (index, report) in reports.enumerated() {
                for (kind, options) in [("b", Self.options), ("r", RenderOptions())] {
                    let file = directory.appendingPathComponent("\(index)\(kind).cklb")
                    try Data(CKLBReporter.render(report, options: options).utf8).write(to: file)
                    files.append(file.path)
                }
            }
            let run = try Tool.checkJSONSchema.run(["--schemafile", schema] + files)
            #expect(run.code == 0, "\(run.output)")

            let sound = CKLBReporter.render(
                Self.one([ControlStatusTests.result("t.a", .pass)]), options: Self.options)
            let broken = [
                ("\"status\": \"not_a_finding\"", "\"status\": \"NotAFinding\""),
                ("\"cklb_version\": \"1.0\"", "\"cklb_version\": 1"),
                ("\"classification\": null", "\"classification\": \"Unclassified\""),
                ("\"has_path\": false", "\"has_path\": false, \"extra\": 1"),
                ("\"host_name\"", "\"hostname\""), ("\"severity\": \"medium\"", "\"severity\": \"critical\""),
                ("\"CCI-000366\"", "\"CCI-366\""), ("\"overrides\": {", "\"overrides\": {\"severity\": 1"),
                ("\"weight\": \"10.0\",", ""), ("\"release_info\": \"Release: 1 ", "\"release_info\": \"R1 "),
            ]
            for (index, change) in broken.enumerated() {
                #expect(sound.contains(change.0), "\(change.0)")
                let file = directory.appendingPathComponent("broken-\(index).cklb")
                try Data(sound.replacing(change.0, with: change.1, maxReplacements: 1).utf8).write(to: file)
                #expect(
                    try Tool.checkJSONSchema.run(["--schemafile", schema, file.path]).code != 0,
                    "the schema accepts \(change.1)")
            }
        }
    }

    /// RFC 9562, appendix A.4 hashes another namespace; SHA-1 is that of FIPS 180's examples.
    @Test func namesGiveUUIDs() {
        func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
        #expect(hex(NameUUID.sha1([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(hex(NameUUID.sha1(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            hex(NameUUID.sha1([UInt8](repeating: UInt8(ascii: "a"), count: 1000)))
                == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
        let uuid = NameUUID.of("a", "bc")
        #expect(uuid == NameUUID.of("a", "bc"))
        #expect(uuid != NameUUID.of("ab", "c"))
        #expect(UUID(uuidString: uuid) != nil)
        #expect(Array(uuid)[14] == "5")
    }
}
