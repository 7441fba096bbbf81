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
                let text = String(decoding: format.render(report, options), as: UTF8.self)
                #expect(!text.unicodeScalars.contains(where: Self.isForbidden), "\(format.name) \(options.width)")
                #expect(
                    !text.contains("\nFORGED") && (format.name != "junit" || !text.contains("<FORGED")),
                    "\(format.name)")
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
