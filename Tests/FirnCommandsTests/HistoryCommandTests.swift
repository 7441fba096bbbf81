import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// `firn history` as a person runs it.
@Suite struct HistoryCommandTests {
    let directory: TemporaryDirectory
    var database: String { directory("h.db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    func report(_ fixture: String, _ name: String, at time: String) throws -> String {
        let path = directory(name)
        let run = CommandLineRun(
            arguments: ["check", Fixture.config(fixture), "--format", "json=" + path], isTerminal: false, columns: 100,
            environment: ["SOURCE_DATE_EPOCH": String(try #require(Timestamp.seconds(time)))])
        try #require(run.err.isEmpty)
        return path
    }

    @Test func addsAndShows() throws {
        let first = try report("modern-a-default", "1.json", at: "2026-01-01T00:00:00Z")
        let second = try report("modern-a-default", "2.json", at: "2026-02-01T00:00:00Z")
        #expect(CommandLineRun("history", "add", first, second, "--database", database).out == "2 added\n")
        #expect(
            CommandLineRun("history", "add", second, first, "--database", database).out
                == "0 added, 2 already there\n")
        // The same report in another spelling.
        let spaced = try directory.write(
            "3.json", try String(contentsOfFile: first, encoding: .utf8).replacingOccurrences(of: "\n", with: "\n "))
        let again = CommandLineRun("history", "add", spaced, "--database", database)
        #expect(again.out == "0 added, 1 already there\n", "\(again.out)\(again.err)")

        let text = CommandLineRun("history", "show", "--database", database)
        #expect(text.code == 0 && text.err.isEmpty)
        #expect(text.out.hasPrefix("plain  2 reports, 2026-01-01 to 2026-02-01, profile standard\n"))
        #expect(text.out.contains("██"))
        let ascii = CommandLineRun(
            arguments: ["history", "show", "--database", database], isTerminal: false, columns: 80,
            environment: ["LC_ALL": "C"])
        #expect(ascii.out.utf8.allSatisfy { $0 < 0x80 })
        #expect(ascii.out.contains("##"))
        let since = CommandLineRun("history", "show", "--database", database, "--since", "2026-01-15")
        #expect(since.out.hasPrefix("plain  1 report, 2026-02-01,"))
        let json = CommandLineRun("history", "show", "--database", database, "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [String: Any])
        #expect((object["hosts"] as? [[String: Any]])?.count == 1)
        let svg = CommandLineRun("history", "show", "--database", database, "--format", "svg")
        #expect(svg.out.contains("<title id=\"firn-title\">") && !svg.out.contains("<script"))
        let parser = XMLCheck(svg.out)
        #expect(parser.isWellFormed)
        for arguments in [["--host", "plane"], ["--rule", "ssh.none"]] {
            let run = CommandLineRun(
                arguments: ["history", "show", "--database", database] + arguments, isTerminal: false, columns: 80,
                environment: [:])
            #expect(run.code == 2 && run.out.isEmpty)
        }
    }

    @Test func badInputIsOneLine() throws {
        let good = try report("modern-a-default", "1.json", at: "2026-01-01T00:00:00Z")
        let text = try directory.write("text.db", String(repeating: "not a database at all\n", count: 100))
        for arguments in [
            ["history", "show", "--database", directory("none.db")], ["history", "show", "--database", text],
            ["history", "add", good, "--database", text], ["history", "add", good, "--database", directory("no/h.db")],
            ["history", "add", good, directory("none.json"), "--database", directory("new.db")],
            ["history", "show", "--database", directory.path],
        ] {
            let run = CommandLineRun(arguments: arguments, isTerminal: false, columns: 80, environment: [:])
            #expect(run.code == 2 && run.out.isEmpty, "\(arguments)")
            #expect(run.err.hasPrefix("firn: ") && run.err.unicodeScalars.count { $0 == "\n" } == 1, "\(run.err)")
        }
        // A bad report among good ones: nothing was added, nothing made.
        #expect(!FileManager.default.fileExists(atPath: directory("new.db")))
        #expect(!FileManager.default.fileExists(atPath: directory("none.db")))
    }

    /// Host names and rule ids of a report are somebody else's.
    @Test func hostileNamesStayText() throws {
        let hostile = "\u{1b}[31m</title><script>alert(1)</script>\u{202e}\n]]>"
        let good = try report("modern-a-default", "1.json", at: "2026-01-01T00:00:00Z")
        var changed = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: good))))
        changed = HostileReport.renamed(changed, hostile)
        let path = try directory.write("hostile.json", ReportJSON.encode(changed))
        #expect(CommandLineRun("history", "add", path, "--database", database).code == 0)
        for format in ["text", "json", "svg"] {
            let run = CommandLineRun("history", "show", "--database", database, "--format", format)
            #expect(run.code == 0)
            #expect(run.out.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) }, "\(format)")
            if format == "svg" {
                #expect(!run.out.contains("<script"))
                #expect(XMLCheck(run.out).isWellFormed)
            }
        }
        let run = CommandLineRun("history", "show", "--database", database, "--host", hostile, "--rule", "x\u{1b}")
        #expect(run.code == 2 && run.err.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) })
    }
}
