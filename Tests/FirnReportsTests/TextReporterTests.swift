import FirnModel
import Testing

@testable import FirnReports

struct TextReporterTests {
    private func render(
        _ report: Report, width: Int = 80, _ verbosity: RenderOptions.Verbosity = .findings, failOn: Severity = .low
    ) -> String {
        TextReporter.render(report, options: RenderOptions(width: width, verbosity: verbosity, failOn: failOn))
    }

    private func lastLine(_ report: Report, failOn: Severity = .low) -> String {
        let lines = render(report, width: 400, failOn: failOn).split(separator: "\n")
        return String(lines.last ?? "").trimmingPrefix { $0 == " " }.description
    }

    @Test func theAnswer() {
        #expect(lastLine(SampleReports.single) == "no findings: pass")
        #expect(lastLine(SampleReports.hosts) == "1 finding: fail")
        #expect(lastLine(SampleReports.hosts, failOn: .critical) == "1 finding (1 below critical): pass")
        #expect(lastLine(SampleReports.empty) == "nothing was judged: incomplete")
        #expect(
            lastLine(SampleReports.full) == """
                4 findings (1 below low), 1 waived, 3 could not be told, 1 in error, 1 differs between layers, \
                1 not checked by any source: error
                """)
        var incomplete = SampleReports.full
        incomplete.results.removeAll { $0.outcome == .error }
        incomplete.drift = []
        #expect(lastLine(incomplete).hasSuffix("3 could not be told, 1 not checked by any source: incomplete"))
    }

    @Test func nothingJudgedIsNoPass() {
        var report = SampleReports.single
        report.results.removeAll { $0.outcome == .pass }
        #expect(lastLine(report) == "no findings, nothing could be judged on some target: incomplete")
    }

    @Test(arguments: [60, 80, 100, 140, 200])
    func linesFit(_ width: Int) {
        for (name, report) in SampleReports.all where name != "hostile" {
            for line in render(report, width: width, .all).split(separator: "\n") {
                #expect(line.last != " ", "\(name): \(line)")
                if TextCanvas.columns(String(line)) <= width { continue }
                // Only code and words that have no place to break run over; and the table of counts, which needs 78.
                let words = line.split(separator: " ")
                let isTable =
                    line.contains("not applicable  not checked")
                    || line.prefixMatch(of: #/  ([0-9]+ )?(declared|built|live)  /#) != nil
                let isCode = line.contains(" = ") || line.contains(";")
                let column = line.prefix { $0 == " " }.count
                let isOneWord = words.count == 1 || words.count == 2 && column <= 6
                #expect(isCode || isOneWord || isTable && width < 80, "\(name) \(width): \(line)")
            }
        }
    }

    @Test func verbosityAddsOnly() {
        for (name, report) in SampleReports.all {
            let short = Set(render(report).split(separator: "\n"))
            let long = Set(render(report, .all).split(separator: "\n"))
            #expect(short.isSubset(of: long), "\(name)")
        }
        #expect(!render(SampleReports.full).contains("PASS  "))
        #expect(render(SampleReports.full, .all).contains("PASS  sysctl.kernel.kptr_restrict"))
        #expect(render(SampleReports.full, .all).contains("N/A   the system has no kernel"))
        #expect(render(SampleReports.full, .all).contains("NCHK  "))
    }

    @Test func longValuesAreCut() {
        var report = SampleReports.hosts
        report.results[0].observed = String(repeating: "y", count: 100_000)
        let text = render(report)
        #expect(text.contains("... (100000 characters)"))
        #expect(text.utf8.count < 5000)
    }

    @Test func partlyWaivedStaysAFinding() {
        var report = SampleReports.hosts
        report.results[1].outcome = .fail
        report.results[1].waiver = Waiver(rule: "r", owner: "mira", reason: "until the move", expires: "2027-01-01")
        let text = render(report)
        #expect(text.contains("1 declared  is yes, should be no\n"))
        #expect(text.contains("2 declared  is no (waived), should be no\n"))
        #expect(text.contains("waived      by mira until 2027-01-01: until the move"))
        #expect(text.contains("FAIL  ssh.PasswordAuthentication"))
        #expect(!text.contains("WAIV"))
        report.results[0].waiver = report.results[1].waiver
        #expect(render(report).contains("WAIV  ssh.PasswordAuthentication"))
        #expect(lastLine(report) == "no findings, 1 waived: pass")
    }

    @Test func wideCharactersTakeTwoColumns() {
        #expect(TextCanvas.columns("日本") == 4)
        #expect(TextCanvas.columns("e\u{301}") == 1)
        #expect(TextCanvas.padded("日", 4) == "日  ")
    }

    /// Rules that fail on the very same place are one line and one cause; of few the titles say more.
    @Test func oneCauseIsSaidOnce() {
        var report = SampleReports.hosts
        let place = Evidence(path: "networking.firewall.enable", line: 3, text: "false")
        report.results = (1...5).map { number in
            Result(
                rule: "firewall.open.\(number)", title: "Port \(number) is closed", target: 0, source: .declared,
                outcome: .fail, severity: .high, observed: "\(number)", expected: "closed", evidence: [place],
                fix: Fix(path: ["networking", "firewall", "enable"], value: .boolean(true)))
        }
        let folded = render(report)
        #expect(folded.contains("FAIL  5 firewall rules with one cause: networking.firewall.enable:3: false\n"))
        #expect(folded.ranges(of: "networking.firewall.enable = true;").count == 1)
        #expect(folded.contains("firewall.open.4  Port 4 is closed"))
        report.results.removeLast(2)
        #expect(!render(report).contains("one cause"))
        // The same place in another target, or another severity, is another finding.
        for index in report.results.indices { report.results[index].severity = index == 0 ? .low : .high }
        #expect(!render(report).contains("one cause"))
    }

    @Test func findingsWithoutEvidenceAreNotFolded() {
        var report = SampleReports.hosts
        report.results = (1...9).map { number in
            Result(
                rule: "x.\(number)", title: "T", target: 0, source: .declared, outcome: .fail, severity: .high,
                observed: "\(number)", expected: "closed", evidence: [])
        }
        #expect(!render(report).contains("one cause"))
    }

    /// A line a finding, all of them; the details of the worst only, unless asked.
    @Test func theWorstHaveTheirDetails() {
        var report = SampleReports.hosts
        report.results = (1...30).map { number in
            Result(
                rule: "x.rule\(number)", title: "Title", target: 0, source: .declared, outcome: .fail,
                severity: number > 25 ? .critical : .low, observed: "seen\(number)", expected: "other",
                evidence: [Evidence(path: "/etc/x", line: number)])
        }
        let short = render(report)
        for number in 1...30 { #expect(short.contains("x.rule\(number) ")) }
        for number in 26...30 { #expect(short.contains("is seen\(number), should be other")) }
        #expect(short.contains("20 more findings: --details"))
        let long = render(report, .details)
        for number in 1...30 { #expect(long.contains("is seen\(number), should be other")) }
        #expect(!long.contains("more findings"))
    }
}

struct SARIFTests {
    private let text = SARIFReporter.render(SampleReports.full, options: RenderOptions(verbosity: .all))

    @Test func kindsAndLevels() {
        let count = { (part: String) in text.components(part) }
        #expect(count("\"kind\": \"fail\"") == 9)
        #expect(count("\"kind\": \"pass\"") == 3)
        #expect(count("\"kind\": \"notApplicable\"") == 2)
        #expect(count("\"kind\": \"open\"") == 8)
        #expect(count("\"executionSuccessful\": false") == 1)
        #expect(count("\"status\": \"accepted\"") == 2)
        #expect(count("\"security-severity\": \"9.5\"") == 2)
    }

    /// Code scanning takes every result for an alert: a pass among them is a false alarm.
    @Test func onlyWhatNeedsSomebodyByDefault() {
        let text = SARIFReporter.render(SampleReports.full, options: RenderOptions())
        #expect(text.components("\"kind\": \"fail\"") == 9)
        #expect(text.components("\"kind\": \"open\"") == 5)
        #expect(text.components("\"outcome\": \"unknown\"") == 5)
        #expect(text.components("\"kind\": \"pass\"") + text.components("\"kind\": \"notApplicable\"") == 0)
        #expect(text.components("\"ruleId\"") == 14)
        #expect(text.contains("\"pass\": 3,"))
    }

    /// Code scanning refuses a document for one result without a location.
    @Test func everyResultHasALocation() {
        var report = SampleReports.full
        report.drift[0].layer = .live
        for index in report.results.indices { report.results[index].evidence = [] }
        let text = SARIFReporter.render(report, options: RenderOptions(verbosity: .all))
        #expect(text.components("\"locations\": [") == text.components("\"ruleId\""))
        #expect(!text.contains("\"locations\": []"))
    }

    @Test(arguments: [
        ("/etc/ssh/sshd_config", "etc/ssh/sshd_config"), ("/etc/a b#c?d:e%", "etc/a%20b%23c%3Fd%3Ae%25"),
        ("/../../etc/shadow", "etc/shadow"), ("/a/./b/../c", "a/c"), ("//host/x", "host/x"), ("/", "."),
        ("/é\u{1b}", "%C3%A9%1B"),
    ])
    func placesInTheTarget(_ path: String, _ uri: String) {
        #expect(PercentEncoding.rootedPath(path) == uri)
    }

    @Test(arguments: [
        ("config.json", "config.json"), ("/srv//x", "/srv/x"), ("//host/x", "/host/x"), ("http://h/x", "http%3A/h/x"),
        ("", "target"), ("../a", "../a"),
    ])
    func targets(_ name: String, _ uri: String) {
        #expect(PercentEncoding.path(name) == uri)
    }

    @Test func fingerprintsStayWhenTheSystemIsRebuilt() {
        var rebuilt = SampleReports.full
        for index in rebuilt.targets.indices { rebuilt.targets[index].identity.toplevel = "/nix/store/other" }
        rebuilt.collectedAt += 1
        let lines = { (text: String) in text.split(separator: "\n").filter { $0.contains("firnResult/v1") } }
        #expect(lines(SARIFReporter.render(rebuilt, options: RenderOptions(verbosity: .all))) == lines(text))
        #expect(Set(lines(text)).count == lines(text).count)
        #expect(lines(text).count == 22)
    }
}

extension String {
    /// How often a part occurs.
    fileprivate func components(_ part: String) -> Int {
        ranges(of: part).count
    }
}
