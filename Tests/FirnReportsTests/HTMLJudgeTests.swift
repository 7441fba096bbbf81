import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

extension Tool {
    static let tidy = Tool("tidy")
    static let chromium = Tool("chromium")
}

/// Programs that read HTML for a living judge the page: tidy, html5lib, and a real browser.
@Suite(.serialized)
struct HTMLJudgeTests {
    private static let reports: [(name: String, report: Report)] =
        HTMLReporterTests.reports
        + HostileText.all.enumerated().map { ("hostile-\($0.offset)", HTMLSamples.hostile($0.element)) }
        + [("hostile-systems", HTMLSamples.hostileSystems("\"/><script>document.title='FORGED'</script>"))]

    private func write(_ report: Report, to directory: URL, _ name: String = "page") throws -> String {
        let file = directory.appendingPathComponent(name + ".html")
        try Data(ReportFormat.html.render(report, RenderOptions())).write(to: file)
        return file.path
    }

    /// tidy 5.6 knows HTML 5 and says nothing at all, neither errors nor warnings.
    @Test(.enabled(if: Tool.tidy.isExpected))
    func tidyAcceptsPages() throws {
        try withTemporaryDirectory { directory in
            for (name, report) in Self.reports {
                let run = try Tool.tidy.run(["-e", "-q", try write(report, to: directory)])
                #expect(run.code == 0 && run.output.isEmpty, "\(name): \(run.output)")
            }
            let file = directory.appendingPathComponent("broken.html")
            let page = String(decoding: ReportFormat.html.render(SampleReports.full, RenderOptions()), as: UTF8.self)
            try Data(page.replacing("</table>", with: "").utf8).write(to: file)
            #expect(try Tool.tidy.run(["-e", "-q", file.path]).code != 0)
        }
    }

    /// html5lib is the parser of the HTML standard; it lists every parse error the standard names.
    @Test(.enabled(if: Tool.python.isExpected && Tool.hasSchemas))
    func html5libFindsNoParseError() throws {
        let script = """
            import html5lib, sys
            for name in sys.argv[1:]:
                parser = html5lib.HTMLParser()
                parser.parse(open(name, encoding="utf-8").read())
                if parser.errors: print(name, parser.errors[:3])
            """
        try withTemporaryDirectory { directory in
            let files = try Self.reports.prefix(60).map { try write($0.report, to: directory, $0.name) }
            let run = try Tool.python.run(["-c", script] + files)
            #expect(run.code == 0 && run.output.isEmpty, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.html")
            try Data("<!DOCTYPE html><title>x</title><p id=a id=b>".utf8).write(to: broken)
            #expect(try !Tool.python.run(["-c", script, broken.path]).output.isEmpty)
        }
    }

    /// The policy's digests are those of the style and the script the page brings.
    @Test(.enabled(if: Tool.python.isExpected))
    func thePolicyNamesStyleAndScript() throws {
        for text in ["\(HTMLAssets.style)", "\(HTMLAssets.script)"] {
            let run = try Tool.python.run([
                "-c",
                "import hashlib,base64,sys;print(base64.b64encode(hashlib.sha256(sys.argv[1].encode()).digest()).decode())",
                text,
            ])
            let digest = run.output.trimmingCharacters(in: .newlines)
            #expect("\(HTMLAssets.policy)".contains("'sha256-\(digest)'"), "the digest is now \(digest)")
        }
        for part in ["default-src 'none'", "base-uri 'none'", "form-action 'none'"] {
            #expect("\(HTMLAssets.policy)".contains(part))
        }
        #expect(!"\(HTMLAssets.policy)".contains("unsafe"))
    }

    // MARK: In a browser

    private struct Answer: Decodable {
        var values: [String?]
        var requests: [String]
        var log: [String]
    }

    private static let isExpected = Tool.chromium.isExpected && Tool.python.isExpected

    /// Opens a page in Chromium; what expressions give is text.
    private func browse(_ page: String, set: [String] = [], _ expressions: [String]) throws -> Answer {
        let program = try #require(Tool.chromium.path)
        let driver = Repository.path("Tests/FirnReportsTests/Validators/browser.py")
        let run = try Tool.python.run(
            [driver, program, page] + set.flatMap { ["--set", $0] }
                + expressions.flatMap { ["--eval", "String(\($0))"] })
        #expect(run.code == 0, "\(run.output)")
        return try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
    }

    private static let attacks = [
        "<script>document.title='FORGED'</script>", "\"><img src=x onerror=\"document.title='FORGED'\">",
        "'><svg onload=document.title='FORGED'>", "</title><script>document.title='FORGED'</script>",
        "</style><script>document.title='FORGED'</script>", "</script><script>document.title='FORGED'</script>",
        "--><b onmouseover=1>", "javascript:document.title='FORGED'", "<iframe src=//example.org>",
        "<link rel=stylesheet href=//example.org/x.css>", "<base href=//example.org>", "{{constructor}}",
    ]

    /// A page of hostile texts in a real browser: nothing is injected, nothing runs, nothing is asked for, and the
    /// policy is never even needed.
    @Test(.enabled(if: isExpected), arguments: attacks)
    func nothingHostileRuns(_ text: String) throws {
        try withTemporaryDirectory { directory in
            let benign = try browse(
                try write(HTMLSamples.hostileSystems("plain"), to: directory), ["document.scripts.length"])
            let page = try write(HTMLSamples.hostileSystems(text), to: directory)
            let answer = try browse(
                page,
                [
                    "document.scripts.length", "document.title.endsWith('Firn audit report')",
                    "document.querySelectorAll('img,iframe,link,base,object,embed,b,svg[onload]').length",
                    """
                    Array.from(document.querySelectorAll('*')).filter(e => Array.from(e.attributes).some(
                    a => a.name.startsWith('on') || a.name === 'style')).length
                    """,
                    "document.body.textContent.includes(\(Self.quoted(text)))",
                ])
            #expect(answer.values == [benign.values[0], "true", "0", "0", "true"])
            #expect(answer.requests.count == 1 && answer.log.isEmpty, "\(answer)")
        }
    }

    /// The test above can fail: a page that lets a text through is seen.
    @Test(.enabled(if: isExpected))
    func theBrowserSeesWhatRuns() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("bad.html")
            let page = String(decoding: ReportFormat.html.render(SampleReports.full, RenderOptions()), as: UTF8.self)
            try Data(page.replacing("<h1>", with: "<img src='https://example.invalid/x'><script>1</script><h1>").utf8)
                .write(to: file)
            let answer = try browse(file.path, ["document.scripts.length"])
            #expect(answer.values == ["2"])
            // The page's own policy stops the script and the picture.
            #expect(answer.log.count >= 2, "\(answer)")
        }
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test(.enabled(if: isExpected))
    func theFilterHidesWhatDoesNotMatch() throws {
        let enter = { (field: String, value: String) in
            """
            (document.getElementById('\(field)').value = '\(value)', document.getElementById('filter').requestSubmit(),
            Array.from(document.querySelectorAll('[data-i]')).filter(e => e.getClientRects().length).length + ' '
            + document.getElementById('shown').textContent)
            """
        }
        let reset = "(document.getElementById('show-all').click(), document.getElementById('shown').textContent)"
        try withTemporaryDirectory { directory in
            let page = try write(SampleReports.full, to: directory)
            let answer = try browse(
                page,
                [
                    // Four findings, one accepted, one drift, five untold (one of them in error), one not applicable,
                    // one not checked by any source, two passes: see the sample.
                    "document.getElementById('filter').hidden", "document.getElementById('shown').textContent",
                    enter("by-severity", "critical"), reset, enter("by-outcome", "waived"), reset,
                    enter("q", "SYSRQ magic"), reset, enter("q", "no such text"),
                    "document.getElementById('findings').hidden", reset,
                    "document.getElementById('findings').hidden",
                    // A folded list opens when the filter finds something in it, and closes again.
                    enter("by-outcome", "pass"), "document.querySelector('#passed details').open", reset,
                    "document.querySelector('#passed details').open",
                    "(document.getElementById('open-all').click(), document.querySelectorAll('.finding details:not([open])').length)",
                ])
            let all = try #require(answer.values[1])
            #expect(answer.values[0] == "false" && all.hasSuffix(" entries"))
            let total = all.dropLast(" entries".count)
            #expect(answer.values[2]?.hasSuffix(" of \(total) entries") == true)
            #expect(answer.values[4] == "1 1 of \(total) entries")
            #expect(answer.values[6] == "1 1 of \(total) entries")
            #expect(answer.values[8] == "0 0 of \(total) entries: nothing matches, which is no pass")
            #expect(answer.values[9] == "true" && answer.values[11] == "false")
            #expect([3, 5, 7, 10, 14].allSatisfy { answer.values[$0] == all })
            #expect(answer.values[13] == "true" && answer.values[15] == "false")
            #expect(answer.values[16] == "0")
            #expect(answer.log.isEmpty, "\(answer.log)")
        }
    }

    /// Without script the page is complete and shows no control that would do nothing; with it, a link into a folded
    /// part opens it, and a verdict past its time says so.
    @Test(.enabled(if: isExpected))
    func scriptOnlyAdds() throws {
        try withTemporaryDirectory { directory in
            let page = try write(HTMLSamples.passed, to: directory)
            let shown = { (place: String) in "(document.getElementById('\(place)').getClientRects().length > 0)" }
            let without = try browse(page, set: ["script=off"], [shown("filter"), shown("findings"), shown("verdict")])
            #expect(without.values == ["false", "true", "true"])
            let with = try browse(page, set: ["hash=passed"], ["document.querySelector('#passed details').open"])
            #expect(with.values == ["true"])
            var report = HTMLSamples.passed
            report.verdict?.validUntil = 1
            let stale = try browse(
                try write(report, to: directory), ["document.querySelector('[data-until]').hidden"])
            #expect(stale.values == ["false"])
            var valid = HTMLSamples.passed
            valid.verdict?.validUntil = Timestamp.latest
            let fresh = try browse(try write(valid, to: directory), ["document.querySelector('[data-until]').hidden"])
            #expect(fresh.values == ["true"])
        }
    }

    /// No page scrolls sideways on a phone; nothing is asked of the network; paper has the folded evidence.
    @Test(.enabled(if: isExpected), arguments: ["full", "hosts", "blocked", "empty", "hostile"])
    func fitsEveryWidth(_ name: String) throws {
        let report =
            name == "hostile"
            ? HTMLSamples.hostileSystems(String(repeating: "x", count: 5000))
            : try #require(HTMLReporterTests.reports.first { $0.name == name }?.report)
        try withTemporaryDirectory { directory in
            let page = try write(report, to: directory)
            for (width, scheme) in [(320, "light"), (390, "dark"), (1366, "light")] {
                let answer = try browse(
                    page, set: ["width=\(width)", "scheme=\(scheme)"],
                    ["document.documentElement.scrollWidth <= innerWidth", "getComputedStyle(document.body).color"])
                #expect(answer.values[0] == "true", "\(name) at \(width)")
                // The dark theme's text is light (#e4eaf0), the other's dark (#18222d).
                #expect(answer.values[1] == (scheme == "dark" ? "rgb(228, 234, 240)" : "rgb(24, 34, 45)"))
                #expect(answer.requests == ["file://" + page] && answer.log.isEmpty, "\(answer)")
            }
            let paper = try browse(
                page, set: ["media=print", "scheme=dark", "width=794"],
                ["getComputedStyle(document.body).color", "document.documentElement.scrollWidth <= innerWidth"])
            #expect(paper.values == ["rgb(24, 34, 45)", "true"])
        }
    }
}
