import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// Trends as characters and as a drawing.
struct SparklineTests {
    @Test(
        arguments: [
            ([], "", ""), ([0], "▁", "_"), ([0, 0], "▁▁", "__"), ([5], "█", "#"), ([0, 7], "▁█", "_#"),
            ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█", "_..--==#"),
            // One of many never looks like none.
            ([0, 1, 1000], "▁▂█", "_.#"), ([-3, 2], "▁█", "_#"),
        ] as [([Int], String, String)])
    func numbers(_ values: [Int], _ blocks: String, _ ascii: String) {
        #expect(Sparkline.text(values) == blocks)
        let plain = Sparkline.text(values, isASCII: true)
        #expect(plain.utf8.allSatisfy { $0 < 0x80 } && plain.count == values.count)
        if values != [0, 1, 2, 3, 4, 5, 6, 7] { #expect(plain == ascii) }
    }

    @Test func states() {
        #expect(Sparkline.text(HistoryTrend.State.allCases) == "·▁▄?█")
        #expect(Sparkline.text(HistoryTrend.State.allCases, isASCII: true) == "._w?#")
    }

    static func trend(_ host: String, _ times: [Int64]) -> HistoryTrend {
        HistoryTrend(
            host: host,
            points: times.enumerated().map { index, time in
                HistoryTrend.Point(
                    collectedAt: time, profile: host, fails: [.high: index, .low: 3], waived: 0, untold: 1)
            },
            rules: [
                HistoryTrend.Rule(id: host, severity: .high, states: times.map { _ in HistoryTrend.State.fails })
            ])
    }

    /// No clock of a report makes a drawing impossible.
    @Test(arguments: [[0], [0, 0], [.min, .max], [Int64.min, 0], [1, 2, 3], Array(0..<500)] as [[Int64]])
    func anyTimesAreDrawn(_ times: [Int64]) {
        for format in HistoryFormat.allCases {
            for width in [20, 40, 100, 300] {
                let text = format.render([Self.trend("web1", times)], RenderOptions(width: width))
                #expect(text.hasSuffix("\n") && !text.contains("nan"))
            }
        }
    }

    @Test(arguments: HostileText.all.indices)
    func hostileTextStaysText(_ index: Int) {
        let trends = [Self.trend(HostileText.all[index], [0, 86_400]), Self.trend("b", [0])]
        for format in HistoryFormat.allCases {
            let text = format.render(trends, RenderOptions(width: 60, verbosity: .all))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) }, "\(format)")
            #expect(!text.contains("\nFORGED") && (format != .svg || !text.contains("<FORGED")), "\(format)")
        }
    }

    @Test(.enabled(if: Tool.xmllint.isExpected))
    func theDrawingIsXML() throws {
        try withTemporaryDirectory { directory in
            let all = HostileText.all.map { Self.trend($0, [0, 86_400]) }
            for (index, trends) in [all, [], [Self.trend("a", [0])]].enumerated() {
                let file = directory.appendingPathComponent("\(index).svg")
                let text = HistoryFormat.svg.render(trends, RenderOptions())
                try Data(text.utf8).write(to: file)
                let run = try Tool.xmllint.run(["--noout", "--nonet", file.path])
                #expect(run.code == 0, "\(run.output)")
                #expect(text.contains("<title ") && text.contains("<desc ") && !text.contains("<script"))
            }
            let broken = directory.appendingPathComponent("broken.svg")
            try Data("<svg><title></svg>".utf8).write(to: broken)
            #expect(try Tool.xmllint.run(["--noout", broken.path]).code != 0)
        }
    }

    // MARK: - Waivers in the text report

    @Test func theTextReportShowsAWholeWaiver() {
        var report = SampleReports.full
        for index in report.results.indices where report.results[index].waiver != nil {
            report.results[index].waiver = Waiver(
                rule: "sysctl.kernel.sysrq", scope: WaiverScope(hosts: ["web1"], sources: [.declared, .built]),
                owner: "mira", reason: "because", ticket: "OPS-1", expires: "2027-03-31", maximumSeverity: .low)
        }
        let text = TextReporter.render(report, options: RenderOptions(width: 100, verbosity: .details))
        #expect(text.contains("by mira until 2027-03-31: because"))
        #expect(text.contains("ticket OPS-1; for web1, declared+built only; at most low"))
        #expect(WaiverText.scope(Waiver(rule: "r", owner: "o", reason: "r", expires: "e")) == "everything")
    }

    @Test func tablesAlignAndFold() {
        var table = TextTable(width: 60, colour: false)
        table.header(TextTable.Cell("a"), TextTable.Cell("n", isNumber: true), TextTable.Cell("text"))
        table.add(
            TextTable.Cell("one"), TextTable.Cell("5", isNumber: true),
            TextTable.Cell("words that go on and on until they no longer fit one line"))
        table.add(TextTable.Cell("\u{1b}x"), TextTable.Cell("100", isNumber: true), TextTable.Cell("w"))
        let expected = """
            a          n  text
            one        5  words that go on and on until they no longer
                          fit one line
            \\u{1b}x  100  w

            """
        #expect(table.render() == expected)
        var narrow = TextTable(width: 40, colour: false)
        narrow.header(TextTable.Cell("name"), TextTable.Cell("reason"))
        narrow.add(TextTable.Cell("a name that takes all of it"), TextTable.Cell("a reason that stands below, wrapped"))
        #expect(narrow.render() == "name\na name that takes all of it\n    a reason that stands below, wrapped\n")
    }
}
