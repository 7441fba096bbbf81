import FirnModel
import FirnParsing
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// The verdict as JSON and as text.
struct VerdictTests {
    static func digest(_ character: Character) -> String { String(repeating: character, count: 64) }

    static let blocked = Verdict(
        decision: .blocked, policy: "build", policyDigest: digest("a"),
        reasons: [
            Verdict.Reason(
                kind: .fail, rule: "ssh.PermitRootLogin", target: 0, message: "ssh.PermitRootLogin in declared fails"),
            Verdict.Reason(kind: .missing, message: "there is no built report of this system"),
        ], warnings: ["1 failure is waived"], open: ["kconfig.STRICT_DEVMEM", "live.booted"], judgedAt: 1_800_000_000,
        validUntil: 1_800_086_400,
        inputs: [Verdict.Input(name: "declared.json", digest: digest("1"), signer: "SHA256:k")],
        artifact: Verdict.Artifact(
            name: "a.iso", kind: "iso", digest: digest("7"), size: 1000, limit: 3 << 30, isVerified: false),
        toplevel: SampleReports.toplevel, closureDigest: ClosureDigest(value: digest("5"), origin: .recomputed),
        waiversDigest: digest("e"), baselineDigest: nil, profile: "standard", profileDigest: digest("b"),
        catalogueDigest: digest("c"))

    static var pass: Verdict {
        var verdict = blocked
        verdict.decision = .pass
        verdict.reasons = []
        verdict.artifact = nil
        verdict.closureDigest = nil
        verdict.toplevel = nil
        return verdict
    }

    @Test func roundTrip() throws {
        for verdict in [Self.blocked, Self.pass] {
            let text = VerdictJSON.encode(verdict)
            #expect(try VerdictJSON.decode(Array(text.utf8)) == verdict)
            #expect(VerdictJSON.encode(try VerdictJSON.decode(Array(text.utf8))) == text)
            var report = SampleReports.full
            report.verdict = verdict
            #expect(try ReportJSON.decode(Array(ReportJSON.encode(report).utf8)) == report)
        }
    }

    /// What both the schema and the reader refuse.
    static let changes: [(old: String, new: String, message: String)] = [
        ("\"schemaVersion\": 1", "\"schemaVersion\": 2", "schema version 2"),
        ("\"decision\": \"blocked\"", "\"decision\": \"pass\"", "is a pass with reasons against it"),
        ("\"decision\": \"blocked\"", "\"decision\": \"maybe\"", "cannot be 'maybe'"),
        ("\"kind\": \"fail\"", "\"kind\": \"nothing\"", "cannot be 'nothing'"),
        ("\"target\": 0", "\"target\": -1", "must be a count"),
        ("\"kind\": \"iso\"", "\"kind\": \"usb\"", "cannot be 'usb'"),
        ("\"size\": 1000", "\"size\": -1", "must be a count"),
        ("\"isVerified\": false", "\"isVerified\": \"no\"", "must be true or false"),
        ("\"warnings\"", "\"warning\"", "unknown key 'warning'"),
        ("\"origin\": \"recomputed\"", "\"origin\": \"guessed\"", "cannot be 'guessed'"),
        (digest("7"), "7", "must be 64 lower-case hex digits"),
        (digest("a"), digest("A"), "must be 64 lower-case hex digits"),
        (digest("5"), "", "must be 64 lower-case hex digits"),
        ("\"judgedAt\": \"2027", "\"judgedAt\": \"in 2027", "must be a UTC time"),
    ]

    @Test func changedVerdictsAreRefused() throws {
        for (old, new, message) in Self.changes {
            let text = VerdictJSON.encode(Self.blocked).replacing(old, with: new)
            #expect(text != VerdictJSON.encode(Self.blocked))
            let error = try #require(throws: ParseError.self) { try VerdictJSON.decode(Array(text.utf8)) }
            #expect(error.message.contains(message), "\(error)")
        }
        var none = Self.blocked
        none.reasons = []
        #expect(throws: ParseError.self) { try VerdictJSON.decode(Array(VerdictJSON.encode(none).utf8)) }
        none = Self.pass
        none.inputs = []
        #expect(throws: ParseError.self) { try VerdictJSON.decode(Array(VerdictJSON.encode(none).utf8)) }
        // In a report a reason names one of its targets.
        var report = SampleReports.full
        report.verdict = Self.blocked
        report.verdict?.reasons[0].target = 9
        #expect(throws: ParseError.self) { try ReportJSON.decode(Array(ReportJSON.encode(report).utf8)) }
    }

    @Test func everyPrefixIsRefused() {
        let bytes = Array(VerdictJSON.encode(Self.blocked).utf8)
        for count in 0..<(bytes.count - 1) {
            #expect(throws: ParseError.self) { try VerdictJSON.decode(Array(bytes[..<count])) }
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected))
    func theSchemaAcceptsOursAndRefusesWhatTheReaderRefuses() throws {
        try withTemporaryDirectory { directory in
            func write(_ text: String, _ name: String) throws -> String {
                let url = directory.appendingPathComponent(name)
                try Data(text.utf8).write(to: url)
                return url.path
            }
            let schema = Repository.path("reports/schema/verdict.schema.json")
            let reportSchema = Repository.path("reports/schema/report.schema.json")
            #expect(try Tool.checkJSONSchema.run(["--check-metaschema", schema, reportSchema]).code == 0)
            let good = try [
                write(VerdictJSON.encode(Self.blocked), "blocked.json"),
                write(VerdictJSON.encode(Self.pass), "pass.json"),
            ]
            let run = try Tool.checkJSONSchema.run(["--schemafile", schema] + good)
            #expect(run.code == 0, "\(run.output)")
            var report = SampleReports.full
            report.verdict = Self.blocked
            let joined = try Tool.checkJSONSchema.run(
                ["--schemafile", reportSchema, write(ReportJSON.encode(report), "report.json")])
            #expect(joined.code == 0, "\(joined.output)")
            var none = Self.blocked
            none.reasons = []
            var texts = Self.changes.map { VerdictJSON.encode(Self.blocked).replacing($0.old, with: $0.new) }
            texts.append(VerdictJSON.encode(none))
            none = Self.pass
            none.inputs = []
            texts.append(VerdictJSON.encode(none))
            var files: [String] = []
            for (index, text) in texts.enumerated() { files.append(try write(text, "bad\(index).json")) }
            let bad = try Tool.checkJSONSchema.run(["-o", "json", "--schemafile", schema] + files)
            #expect(bad.code != 0)
            for file in files { #expect(bad.output.contains("\"" + file + "\""), "the schema accepts \(file)") }
        }
    }

    @Test func schemaNamesEveryKind() throws {
        let node = try JSONParser.parse(try Repository.bytes("reports/schema/verdict.schema.json"))
        let kinds = node["properties"]?["reasons"]?["items"]?["properties"]?["kind"]?["enum"]?.array
        #expect(kinds?.compactMap(\.string) == Verdict.ReasonKind.allCases.map(\.rawValue))
    }

    @Test func exitCodes() {
        func code(_ kinds: Verdict.ReasonKind...) -> Int32 {
            var verdict = Self.blocked
            verdict.reasons = kinds.map { Verdict.Reason(kind: $0, message: "") }
            return verdict.exitCode
        }
        #expect(Self.pass.exitCode == 0)
        #expect(code(.fail) == 1)
        #expect(code(.fail, .missing) == 1)
        #expect(code(.missing, .unknown, .stale) == 3)
        #expect(code(.fail, .error) == 2)
        #expect(code(.tampered) == 1)
    }

    @Test func oneIsSaidInTheSingular() {
        #expect(Verdict.ReasonKind.fail.counted(1) == "1 failure")
        #expect(Verdict.ReasonKind.fail.counted(2) == "2 failures")
        #expect(Verdict.ReasonKind.drift.counted(1) == "1 difference between layers")
        #expect(Verdict.ReasonKind.waiverExpired.counted(1) == "1 expired waiver")
        #expect(Verdict.ReasonKind.missing.counted(1) == "1 missing")
    }

    /// What has run out is not repaired by a new report alone: the gate must be asked.
    @Test func aKeptVerdictThatEndedSaysToAskAgain() {
        let text = TextReporter.renderKeptVerdict(
            Self.pass, reasons: [Verdict.Reason(kind: .stale, message: "it ended")],
            options: RenderOptions(width: 100))
        #expect(text.contains("✗ it ended\n  → Ask the gate again, with new reports where they are too old.\n"))
    }

    @Test func text() {
        var report = SampleReports.full
        report.verdict = Self.blocked
        let text = TextReporter.renderVerdict(report, options: RenderOptions(width: 100))
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.first == "✗ BLOCKED  policy build, profile standard: 1 failure, 1 missing")
        #expect(text.contains("✗ there is no built report of this system\n  → Add the report of that source."))
        #expect(text.contains("── open until live  2 "))
        #expect(!text.contains("\u{1b}"))
        let whole = TextReporter.render(report, options: RenderOptions(width: 100))
        #expect(whole.hasPrefix(lines[0]))
        #expect(whole.hasSuffix("  ✗ BLOCKED  policy build, profile standard: 1 failure, 1 missing\n"))
        report.verdict = Self.pass
        let pass = TextReporter.renderVerdict(report, options: RenderOptions(width: 120))
        #expect(
            pass.hasPrefix(
                "✓ PASS  policy build, profile standard, 2 open until live, valid until 2027-01-16T08:00:00Z\n"))
    }

    @Test(arguments: ["a\u{1b}[31mb", "a\nb", "<script>", "\u{202e}x"])
    func hostileTextIsInert(_ hostile: String) throws {
        var verdict = Self.blocked
        verdict.policy = hostile
        verdict.reasons = [Verdict.Reason(kind: .tampered, rule: hostile, message: hostile)]
        verdict.warnings = [hostile]
        verdict.open = [hostile]
        verdict.inputs[0].name = hostile
        verdict.artifact?.name = hostile
        verdict.toplevel = hostile
        var report = SampleReports.full
        report.verdict = verdict
        let text = TextReporter.renderVerdict(report, options: RenderOptions())
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) })
        let json = VerdictJSON.encode(verdict)
        #expect(json.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) })
        #expect(try VerdictJSON.decode(Array(json.utf8)) == verdict)
    }
}
