import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// `firn waiver`, and `firn check --waivers`, as a person runs them. The tests' clock stands at 2026-09-21T14:13:20Z.
@Suite struct WaiverCommandTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    func waiver(_ rule: String, _ more: String = "", expires: String = "2027-03-31") -> String {
        "[[waiver]]\nrule = \"\(rule)\"\nowner = \"mira\"\nreason = \"decided\"\nexpires = \"\(expires)\"\n\(more)\n"
    }

    @Test func lintsACleanDirectory() throws {
        try directory.write("w/a.toml", waiver("sysctl.kernel.sysrq", "scope = { hosts = [\"web1\"] }"))
        let run = CommandLineRun("waiver", "lint", directory("w"))
        #expect(run.code == 0 && run.err.isEmpty)
        #expect(run.out == "1 waiver, 0 errors, 0 warnings\n")
    }

    @Test func warningsAloneAreNoFailure() throws {
        try directory.write(
            "w/a.toml", waiver("sysctl.kernel.sysrq", "scope = { hosts = [\"web1\"] }", expires: "2026-10-01"))
        let run = CommandLineRun("waiver", "lint", directory("w"))
        #expect(run.code == 0)
        #expect(run.out.contains("sysctl.kernel.sysrq: it holds 10 days more, until 2026-10-01"))
        #expect(CommandLineRun("waiver", "lint", directory("w"), "--within", "5").out.hasPrefix("1 waiver, 0 errors"))
        #expect(CommandLineRun("waiver", "lint", directory("w"), "--now", "2026-10-02").code == 1)
        // A date given as a day is its first second: the last day still holds.
        #expect(CommandLineRun("waiver", "lint", directory("w"), "--now", "2026-10-01T23:59:59Z").code == 0)
    }

    @Test func jsonHasEveryFinding() throws {
        try directory.write("w/a.toml", waiver("ssh.X11Forwardin") + "[[waiver]]\nrul = 1\n")
        let run = CommandLineRun("waiver", "lint", directory("w"), "--format", "json")
        #expect(run.code == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(run.out.utf8)) as? [String: Any])
        #expect(object["errors"] as? Int == 6)
        let findings = try #require(object["findings"] as? [[String: Any]])
        #expect(findings.map { $0["line"] as? Int } == [1, 7, 7, 7, 7, 8])
        #expect(findings[0]["kind"] as? String == "unknownRule")
    }

    @Test func aPathThatIsNotThereIsAnInputError() {
        for command in ["lint", "list"] {
            let run = CommandLineRun("waiver", command, directory("none"))
            #expect(run.code == 2)
            #expect(run.err == "firn: \(directory("none")): No such file or directory\n")
        }
    }

    /// Names of files and all words of waivers are somebody else's.
    @Test func hostileWordsStayText() throws {
        let hostile = "\\u001b]0;owned\\u0007\\u202e\\u0000".replacingOccurrences(of: "\\u0000", with: "\\u0085")
        try directory.write(
            "w/\u{1b}[31m.toml",
            "[[waiver]]\nrule = \"a.\(hostile)\"\nowner = \"o\(hostile)\"\nreason = \"r\(hostile)\"\n"
                + "ticket = \"t\(hostile)\"\nexpires = \"2027-01-01\"\nscope = { hosts = [\"h\(hostile)\"] }\n")
        for arguments in [["waiver", "lint", directory("w")], ["waiver", "list", directory("w")]] {
            for format in ["text", "json"] {
                let run = CommandLineRun(
                    arguments: arguments + ["--format", format], isTerminal: false, columns: 80, environment: [:])
                let text = run.out + run.err
                #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) }, "\(text)")
                #expect(!run.out.isEmpty)
            }
        }
        try directory.write("w/b.toml", "[[waiver]]\n\"\(hostile)\" = 1\n")
        let run = CommandLineRun("check", Fixture.config("modern-a-default"), "--waivers", directory("w"))
        #expect(run.code == 2)
        #expect(run.err.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) })
    }

    @Test func listsTheNearestEndFirst() throws {
        try directory.write(
            "w/a.toml",
            waiver("sysctl.kernel.sysrq", "ticket = \"OPS-1\"", expires: "2027-03-31")
                + waiver(
                    "ssh.X11Forwarding", "scope = { hosts = [\"web1\"], sources = [\"built\"] }", expires: "2026-09-21")
                + waiver("ssh.Banner", expires: "2026-09-20"))
        let run = CommandLineRun("waiver", "list", directory("w"))
        #expect(run.code == 0)
        let expected = """
            until       days left  rule                 for               owner  reason
            2026-09-20    expired  ssh.Banner           everything        mira   decided
            2026-09-21          0  ssh.X11Forwarding    web1, built only  mira   decided
            2027-03-31        191  sysctl.kernel.sysrq  everything        mira   decided (OPS-1)

            """
        #expect(run.out == expected)
        #expect(
            CommandLineRun("waiver", "list", try directory.write("empty.toml", "")).out == "no waivers\n")
    }

    // MARK: - check --waivers

    /// A rule that fails on the fixture, as its own report says.
    func failing(_ fixture: String) throws -> (rule: String, fails: Int) {
        let path = directory("plain.json")
        _ = CommandLineRun("check", Fixture.config(fixture), "--format", "json=" + path)
        let report = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        let failed = report.results.filter { $0.outcome == .fail }
        return (try #require(failed.first?.rule), failed.count)
    }

    @Test func checkAcceptsAndSaysSo() throws {
        let (rule, fails) = try failing("modern-a-default")
        try directory.write("w/a.toml", waiver(rule, "max-severity = \"critical\""))
        let path = directory("waived.json")
        let run = CommandLineRun(
            "check", Fixture.config("modern-a-default"), "--waivers", directory("w"), "--format", "json=" + path,
            "--format", "text")
        #expect(run.err.isEmpty)
        #expect(run.out.contains("WAIV"))
        #expect(run.out.contains("by mira until 2027-03-31: decided"))
        let report = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        let waived = report.results.filter { $0.waiver != nil }
        #expect(waived.map(\.rule) == [rule])
        #expect(waived.allSatisfy { $0.outcome == .fail })
        #expect(report.results.count { $0.outcome == .fail } == fails)
        #expect(!report.notes.contains { $0.contains("waiver") })
    }

    @Test func anExpiredWaiverAcceptsNothingAndIsNoted() throws {
        let (rule, _) = try failing("modern-a-default")
        try directory.write("w/a.toml", waiver(rule, expires: "2026-09-20"))
        let path = directory("expired.json")
        _ = CommandLineRun(
            "check", Fixture.config("modern-a-default"), "--waivers", directory("w"), "--format", "json=" + path)
        let report = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(report.results.allSatisfy { $0.waiver == nil })
        #expect(
            report.notes.contains(
                "A waiver was not applied: \(directory("w"))/a.toml:1: the waiver for \(rule) expired: 2026-09-20 was "
                    + "its last day."))
        // A clock set back does not make it hold: SOURCE_DATE_EPOCH is not asked, and --now of years ago finds the term
        // too long.
        let old = CommandLineRun(
            arguments: [
                "check", Fixture.config("modern-a-default"), "--waivers", directory("w"), "--format", "json=" + path,
            ], isTerminal: false, columns: 100, environment: ["SOURCE_DATE_EPOCH": "315532800"])
        #expect(old.err.isEmpty)
        let again = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(again.results.allSatisfy { $0.waiver == nil })
    }

    @Test func checkRefusesAWaiverThatIsWrong() throws {
        try directory.write("w/a.toml", "[[waiver]]\nrule = \"ssh.Banner\"\nexpires = \"2027-01-01\"\n")
        let run = CommandLineRun("check", Fixture.config("modern-a-default"), "--waivers", directory("w"))
        #expect(run.code == 2 && run.out.isEmpty)
        #expect(run.err.contains("a.toml:1: \"owner\" is missing\n"))
        #expect(CommandLineRun("check", Fixture.config("modern-a-default"), "--waivers", directory("none")).code == 2)
    }
}
