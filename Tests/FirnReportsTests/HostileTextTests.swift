import FirnModel
import FirnReportCore
import Foundation
import Testing

@testable import FirnReports

/// No text of a target reaches a reader raw, in any format.
struct HostileTextTests {
    private static let options = [
        RenderOptions(width: 40, verbosity: .all), RenderOptions(width: 80), RenderOptions(width: 140, verbosity: .all),
    ]

    private static let forbidden = Set(HostileText.controls).subtracting(["\n"])

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        !(0x20...0x7e).contains(scalar.value) && forbidden.contains(scalar)
    }

    @Test(arguments: HostileText.all.indices)
    func nothingInvisibleIsWritten(_ index: Int) {
        let report = SampleReports.hostile(HostileText.all[index])
        for format in ReportFormat.all {
            for options in Self.options {
                var text = String(decoding: format.render(report, options), as: UTF8.self)
                // RFC 4180 ends lines with CR LF; there is no other CR.
                if format.name == "csv" { text = text.replacing("\r\n", with: "\n") }
                #expect(!text.unicodeScalars.contains(where: Self.isForbidden), "\(format.name) \(options.width)")
                #expect(
                    !text.contains("\nFORGED") && (format.name != "junit" || !text.contains("<FORGED")),
                    "\(format.name) \(options.width)")
                #expect(text.unicodeScalars.last == "\n", "\(format.name)")
            }
        }
    }

    @Test(arguments: HostileText.all.indices)
    func colourAddsOnlyItsOwnSequences(_ index: Int) {
        let report = SampleReports.hostile(HostileText.all[index])
        let plain = TextReporter.render(report, options: RenderOptions(width: 80, verbosity: .all))
        var coloured = TextReporter.render(report, options: RenderOptions(colour: true, width: 80, verbosity: .all))
        for parameters in ["0", "1", "2", "1;31", "31", "33", "36", "32"] {
            coloured = coloured.replacingOccurrences(of: "\u{1b}[\(parameters)m", with: "")
        }
        #expect(coloured == plain)
    }

    @Test(arguments: HostileText.all.indices)
    func jsonGivesTheExactTextBack(_ index: Int) throws {
        let report = SampleReports.hostile(HostileText.all[index])
        let document = ReportJSON.encode(report)
        let read = try ReportJSON.decode(Array(document.utf8))
        #expect(read == report)
        // Equality of strings is canonical equivalence; bytes say more.
        #expect(ReportJSON.encode(read) == document)
        #expect(read.profile.unicodeScalars.elementsEqual(report.profile.unicodeScalars))
    }

    /// JSON can spell half a surrogate pair, which no string holds: a report with one is refused, not repaired.
    @Test(arguments: [#"\ud800"#, #"\udc00"#, #"\ud800\u0041"#, #"\udc00\ud800"#])
    func loneSurrogatesAreRefused(_ escape: String) {
        let document = ReportJSON.encode(SampleReports.full).replacing(
            "Only strong ciphers are offered", with: "Only \(escape) ciphers are offered")
        #expect(document.contains(escape))
        #expect(throws: (any Error).self) { try ReportJSON.decode(Array(document.utf8)) }
    }

    @Test func cellsThatLookLikeFormulasBeginWithAnApostrophe() {
        for text in ["=1", "+1", "-1", "@x", " =1", "\"=1", "' =1", "'x", "\u{ff1d}1", "\u{a0}=1"] {
            #expect(CSVReporter.needsApostrophe(text), "\(text)")
        }
        for text in ["", "a=1", "1-1", "\\t=1", "x'", "(=1)"] { #expect(!CSVReporter.needsApostrophe(text), "\(text)") }
    }

    @Test func aMarkdownPageStaysWithinTheLimitAndSaysWhatIsMissing() {
        var report = SampleReports.full
        let finding = report.results[5]
        report.results = (0..<3000).map { index in
            var result = finding
            result.rule = "ssh.rule\(index)"
            result.severity = index == 2999 ? .critical : .low
            result.message = String(repeating: "|`<&", count: 500)
            return result
        }
        let text = MarkdownReporter.render(report)
        #expect(text.utf8.count <= MarkdownReporter.limit)
        #expect(text.utf8.count > 40_000)
        #expect(text.contains("more findings, see the HTML or JSON report"))
        // The worst is kept, whatever its place.
        #expect(text.contains("- **critical**") && text.contains("`ssh.rule2999`"))
        for text in HostileText.all {
            var many = SampleReports.hostile(text)
            many.drift = Array(repeating: many.drift[0], count: 500)
            many.verdict?.reasons = Array(repeating: Verdict.Reason(kind: .fail, message: text), count: 500)
            many.targets = Array(repeating: many.targets[0], count: 300)
            many.notes = Array(repeating: text, count: 500)
            #expect(MarkdownReporter.render(many).utf8.count <= MarkdownReporter.limit)
        }
    }

    @Test func metricsAreBounded() {
        var report = SampleReports.hosts
        report.targets = (0..<1000).map { index in
            ReportTarget(
                kind: "live-host", name: "h\(index)", size: nil, source: .live,
                identity: Identity(hostName: "h\(index)"))
        }
        let finding = report.results[0]
        report.results = (0..<5000).map { index in
            var result = finding
            result.rule = "ssh.rule\(index)"
            result.target = index % 1000
            result.source = .live
            return result
        }
        let lines = OpenMetrics.render(report).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("firn_rule_failed{") } == OpenMetrics.ruleLimit)
        #expect(lines.contains("firn_rules_failed_omitted 4500"))
        #expect(lines.count { $0.hasPrefix("firn_waived{") } == OpenMetrics.systemLimit + 1)
        #expect(lines.contains(#"firn_findings{system="other systems",source="live",severity="high"} 4000"#))
    }

    @Test func sarifLeavesTheLeastSevereOutAndSaysSo() {
        var report = SampleReports.hosts
        report.results = Array(repeating: report.results[0], count: SARIFReporter.resultLimit + 2)
        report.results[0].severity = .info
        report.results[1].severity = .low
        let text = SARIFReporter.render(report, options: RenderOptions())
        #expect(text.contains("\"omittedResults\": 2") && text.contains("2 results, the least severe, are left out"))
        #expect(!text.contains("\"level\": \"note\","))
    }

    @Test func escapesAreVisible() {
        #expect(VisibleText.escape("a\u{1b}[2J\n\r\t\u{0}\u{202e}é") == "a\\u{1b}[2J\\n\\r\\t\\u{0}\\u{202e}é")
        #expect(VisibleText.escape("\u{9b}\u{7f}\u{2066}\u{e0041}") == "\\u{9b}\\u{7f}\\u{2066}\\u{e0041}")
        #expect(VisibleText.escape("plain: \\ \" ' < ~") == "plain: \\ \" ' < ~")
        #expect(VisibleText.escape("abcdef", limit: 3) == "abc ... (6 characters)")
        #expect(VisibleText.escape("abc", limit: 3) == "abc")
        #expect(VisibleText.escape("\r\nx", limit: 1) == "\\r ... (3 characters)")
    }

    @Test func escapingTwiceChangesNothing() {
        for text in HostileText.all {
            #expect(VisibleText.escape(VisibleText.escape(text)) == VisibleText.escape(text))
        }
    }
}
