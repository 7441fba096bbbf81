import FirnModel
import FirnReportCore
import Testing

@testable import FirnReports

/// What the page says, and that it is well made: by hand-written checks over every sample.
struct HTMLReporterTests {
    static let reports: [(name: String, report: Report)] =
        SampleReports.all + [("blocked", HTMLSamples.blocked), ("passed", HTMLSamples.passed)]

    static func document(_ report: Report, rules: [String: Rule] = [:]) -> HTMLDocument {
        HTMLDocument(ReportFormat.html.render(report, RenderOptions(rules: rules)))
    }

    private func report(_ name: String) throws -> Report {
        try #require(Self.reports.first { $0.name == name }?.report)
    }

    @Test(arguments: reports.map(\.name))
    func isWellMade(_ name: String) throws {
        expectWellMade(Self.document(try report(name)), name)
    }

    @Test(arguments: HostileText.all.indices)
    func isWellMadeWithHostileTexts(_ index: Int) {
        let text = HostileText.all[index]
        let rules = HTMLSamples.hostileRules(text)
        expectWellMade(Self.document(HTMLSamples.hostile(text), rules: rules), "hostile \(index)")
        expectWellMade(Self.document(HTMLSamples.hostileSystems(text), rules: rules), "hostile systems \(index)")
    }

    /// Form, headings, names and links, as WCAG 2.2 (1.3.1, 2.4.1, 2.4.6, 4.1.2) asks for them.
    private func expectWellMade(_ page: HTMLDocument, _ name: String) {
        #expect(page.errors.isEmpty, "\(name): \(page.errors)")
        let ids = page.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count, "\(name): ids come twice")
        for link in page.all("a") {
            let target = link.attributes["href"] ?? ""
            #expect(
                target.hasPrefix("https://") || target.hasPrefix("#") && ids.contains(String(target.dropFirst())),
                "\(name): \(target) leads nowhere")
            #expect(!link.text.isEmpty || target.hasPrefix("#"), "\(name): a link without text")
        }
        var level = 0
        for heading in page.elements where ["h1", "h2", "h3", "h4", "h5", "h6"].contains(heading.name) {
            let own = Int(heading.name.dropFirst()) ?? 0
            #expect(own <= level + 1, "\(name): \(heading.name) \(heading.text) after h\(level)")
            level = own
        }
        #expect(page.all("h1").count == 1 && page.all("main").count == 1 && page.all("header").count == 1)
        for table in page.all("table") {
            #expect(table.children.first.map { page.elements[$0].name } == "caption", "\(name): no caption")
        }
        for head in page.all("th") {
            #expect(["col", "row"].contains(head.attributes["scope"]), "\(name): \(head.text) heads nothing")
        }
        for drawing in page.all("svg") {
            let title = drawing.children.first.map { page.elements[$0] }
            #expect(title?.name == "title" && title?.text.isEmpty == false, "\(name): a drawing without a title")
            #expect(drawing.attributes["role"] == "img")
        }
        for details in page.all("details") {
            #expect(details.children.first.map { page.elements[$0].name } == "summary", "\(name): no summary")
        }
        for (index, element) in page.elements.enumerated() where ["input", "select"].contains(element.name) {
            let id = element.attributes["id"]
            #expect(
                id != nil && page.all("label").contains { $0.attributes["for"] == id }, "\(name): no label \(index)")
        }
        #expect(page.all("nav").allSatisfy { $0.attributes["aria-label"] != nil })
        #expect(page.all("output").allSatisfy { $0.attributes["aria-live"] == "polite" })
    }

    @Test(arguments: reports.map(\.name))
    func asksForNothing(_ name: String) throws {
        expectNothingForeign(Self.document(try report(name)), name)
    }

    @Test(arguments: HostileText.all.indices)
    func hostileTextsAddNothing(_ index: Int) {
        let text = HostileText.all[index]
        let page = Self.document(HTMLSamples.hostile(text), rules: HTMLSamples.hostileRules(text))
        expectNothingForeign(page, "hostile \(index)")
        // The text itself is there to be read, as text.
        let visible = VisibleText.escape(text, limit: 600)
        #expect(page.element(id: "verdict")?.text.contains(visible) == true)
        for place in ["findings", "accepted", "drift", "not-told", "not-applicable", "passed", "record"] {
            #expect(page.element(id: place)?.text.contains(visible) == true, "\(place) \(index)")
        }
    }

    /// No element, attribute or address but those the page is made of.
    private func expectNothingForeign(_ page: HTMLDocument, _ name: String) {
        let known: Set<String> = [
            "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "article", "h1", "h2",
            "h3", "h4", "h5", "div", "p", "ul", "li", "dl", "dt", "dd", "pre", "figure", "figcaption", "details",
            "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "form", "label", "input", "select",
            "option", "button", "output", "a", "span", "strong", "code", "small", "svg", "rect", "script",
        ]
        let attributes: Set<String> = [
            "id", "class", "href", "rel", "scope", "hidden", "open", "tabindex", "role", "aria-label", "aria-live",
            "type", "for", "value", "autocomplete", "data-i", "data-g", "data-fold", "data-count", "data-until",
            "viewBox", "preserveAspectRatio", "x", "width", "height", "lang", "charset", "http-equiv", "content",
            "name",
        ]
        for element in page.elements {
            #expect(known.contains(element.name), "\(name): <\(element.name)>")
            let foreign = Set(element.attributes.keys).subtracting(attributes)
            #expect(foreign.isEmpty, "\(name): \(foreign)")
        }
        #expect(page.all("script").map(\.text) == ["\(HTMLAssets.script)"], "\(name)")
        #expect(page.all("style").map(\.text) == ["\(HTMLAssets.style)"], "\(name)")
        #expect(page.all("meta").count == 5, "\(name)")
    }

    @Test func onlyWebAddressesBecomeLinks() {
        #expect(HTMLAddress("https://man7.org/linux/man-pages/man5/passwd.5.html#x") != nil)
        for text in [
            "http://example.org", "javascript:alert(1)", "https://a\"b", "https://a b", "data:text/html,x", "//x.org",
            "", "https://\u{202e}x", "HTTPS://x.org", "https://x.org/'",
        ] {
            #expect(HTMLAddress(text) == nil, "\(text)")
        }
    }

    @Test func anchorsAreUniqueAndPlain() {
        var anchors = HTMLAnchors()
        anchors.reserve(["findings"])
        #expect(anchors.next("ssh.PermitRootLogin").name == "ssh.PermitRootLogin")
        #expect(anchors.next("findings").name == "findings--2")
        #expect(anchors.next("é<\"").name == "____")
        #expect(anchors.next("!!!!").name == "____--2")
        #expect(anchors.next("").name == "_")
    }

    // MARK: What it says

    /// Counted by hand from `SampleReports.full`: two targets, eleven rules each.
    @Test func countsAreThoseOfTheResults() {
        let page = Self.document(SampleReports.full)
        let cards = page.elements.filter { $0.attributes["data-count"] != nil }
        #expect(cards.compactMap { $0.attributes["data-count"] } == ["6", "2", "5", "1", "3", "2", "3"])
        let words = ["Fail", "Accepted", "Unknown", "Error", "Pass", "Not applicable", "Not checked"]
        for (card, word) in zip(cards, words) { #expect(card.text.contains(word), "\(word)") }
        let titles = page.all("title").map(\.text)
        #expect(titles.contains("declared: 3 fail, 1 accepted, 2 unknown, 2 pass, 1 not applicable, 2 not checked"))
        #expect(
            titles.contains(
                "built: 3 fail, 1 accepted, 3 unknown, 1 error, 1 pass, 1 not applicable, 1 not checked"))
        #expect(titles.contains("High: 2 fails") && titles.contains("Low: 0 fails"))
        #expect(page.element(id: "findings")?.text.contains("Findings (4)") == true)
    }

    /// The worst first: the gate, then the counts, then findings by severity, then all that is no answer, passes last.
    @Test func theWorstComesFirst() {
        let page = Self.document(HTMLSamples.blocked)
        let order = page.all("h2").map { heading in String(heading.text.prefix { $0 != "(" && $0 != ":" }) }
        #expect(
            order == [
                "Gate", "Summary", "Findings ", "Accepted by waivers ", "Drift ", "Could not be told ",
                "Not applicable ", "Not checked by any source ", "Passed ", "Sources", "Record", "Words",
            ])
        let severities = page.all("h3").filter { HTMLDocument.has("severity", $0) }.map(\.text)
        #expect(severities == ["Critical (1)", "High (1)", "Medium (1)", "Info (1)"])
    }

    @Test func aFindingSaysWhatWhereAndHowToRepair() throws {
        let page = Self.document(SampleReports.full)
        let finding = try #require(page.element(id: "sysctl.kernel.kptr_restrict"))
        for text in [
            "Kernel pointers are hidden from unprivileged users", "Medium", "a later file sets it again",
            "/etc/sysctl.d/60-nixos.conf:12", "kernel.kptr_restrict=0",
            #"boot.kernel.sysctl."kernel.kptr_restrict" = 2;"#,
        ] {
            #expect(finding.text.contains(text), "\(text)")
        }
        // The evidence is that of the source in which it fails.
        #expect(finding.text.contains("Evidence 1 place"))
        #expect(page.element(id: "ssh.Ciphers")?.text.contains("V-268089") == true)
    }

    @Test func aWaivedRuleIsMarkedAndStaysAFail() throws {
        let page = Self.document(SampleReports.full)
        let waived = try #require(page.element(id: "sysctl.kernel.sysrq"))
        #expect(page.around(waived).contains { $0.attributes["id"] == "accepted" })
        #expect(waived.text.contains("Fail, accepted"))
        #expect(waived.text.contains("Accepted until 2027-03-31 by mira@example.org. It still fails."))
        #expect(waived.text.contains("the console server sends the sync key"))
    }

    @Test func whyComesFromTheCatalogueWhereItIsAtHand() throws {
        let rule = Rule(
            id: "ssh.PermitRootLogin", title: "", severity: .critical, fact: "x", expect: .all([]),
            rationale: "Root has a name everybody knows.", sideEffects: "Log in as yourself first.",
            references: ["https://man7.org/x"])
        let page = Self.document(SampleReports.full, rules: [rule.id: rule])
        let finding = try #require(page.element(id: rule.id))
        #expect(finding.text.contains(rule.rationale) && finding.text.contains(rule.sideEffects))
        #expect(page.all("a").contains { $0.attributes["href"] == "https://man7.org/x" })
        let bare = try #require(Self.document(SampleReports.full).element(id: rule.id))
        #expect(!bare.text.contains("Why"))
    }

    @Test func theVerdictIsReadFirst() throws {
        let blocked = try #require(Self.document(HTMLSamples.blocked).element(id: "verdict"))
        for text in [
            "Gate: blocked", "Why it blocks (3)", "hardserver.iso is not the file", "Warnings (1)",
            "Open until live (2)",
            "units.failed", "2.7 GiB of at most 3.0 GiB, contents not verified", "SHA256:uEw0NnZ3cLd4hxLJ", "nobody",
        ] {
            #expect(blocked.text.contains(text), "\(text)")
        }
        #expect(!blocked.text.contains("holds until") && !blocked.text.contains("Gate: pass"))
        let passed = try #require(Self.document(HTMLSamples.passed).element(id: "verdict"))
        // 1806537600 is 2027-04-01.
        #expect(passed.text.contains("Gate: pass") && passed.text.contains("holds until 2027-04-01 00:00:00 UTC"))
    }

    @Test func whatTheGateSaysOfEveryTargetStandsOnce() throws {
        var report = SampleReports.single
        report.targets = [SourceKind.declared, .built].map {
            ReportTarget(kind: "k", name: "\($0)", size: nil, source: $0, identity: Identity())
        }
        report.results = (0...1).map { target in
            Result(
                rule: "a.one", title: "title", target: target, source: report.targets[target].source, outcome: .fail,
                severity: .high, observed: "no", expected: "yes", evidence: [])
        }
        var verdict = try #require(HTMLSamples.blocked.verdict)
        let fails = ["declared", "built"].enumerated().map {
            Verdict.Reason(
                kind: .fail, rule: "a.one", target: $0, message: "a.one in \($1) fails (high, no, wanted: yes)")
        }
        verdict.reasons =
            fails + [
                Verdict.Reason(
                    kind: .fail, rule: "a.two", target: 0, message: "a.two in declared fails (low, 1, wanted: 2)"),
                Verdict.Reason(
                    kind: .fail, rule: "a.two", target: 1, message: "a.two in built fails (low, 3, wanted: 2)"),
            ]
        report.verdict = verdict
        let text = try #require(Self.document(report).element(id: "verdict")).text
        #expect(text.contains("Why it blocks (4)") && text.contains("4 failures."))
        #expect(text.contains("Fail a.one in declared, built fails (high, no, wanted: yes)"), "\(text)")
        #expect(text.contains("a.two in declared fails (low, 1") && text.contains("a.two in built fails (low, 3"))
    }

    /// Every kind of incompleteness, and the word the page begins with.
    @Test(arguments: [
        ([Outcome.pass], "Pass"), ([.pass, .fail], "Findings"), ([.pass, .unknown], "Incomplete"),
        ([.fail, .unknown], "Findings, and incomplete"), ([.pass, .error], "Error"), ([.notApplicable], "Incomplete"),
        ([.notChecked], "Incomplete"), ([], "Incomplete"), ([.notApplicable, .notChecked], "Incomplete"),
    ])
    func onlyAPassIsCalledOne(_ outcomes: [Outcome], _ word: String) throws {
        var report = SampleReports.single
        report.results = outcomes.enumerated().map { number, outcome in
            Result(
                rule: "a.\(number)", title: "title", target: 0, source: .built, outcome: outcome, severity: .info,
                observed: nil, expected: "x", evidence: [])
        }
        let page = Self.document(report)
        #expect(page.all("h2").first?.text == word)
        let banner = try #require(page.element(id: "verdict"))
        #expect(HTMLDocument.has("good", banner) == (word == "Pass"))
    }

    @Test func aTargetOfWhichNothingWasJudgedIsNamed() {
        var report = SampleReports.hosts
        report.results[1].outcome = .notChecked
        let text = Self.document(report).element(id: "verdict")?.text ?? ""
        #expect(text.contains("beta.json was judged. This is no pass."))
    }

    @Test func systemsHaveASectionEach() throws {
        let page = Self.document(SampleReports.hosts)
        let table = try #require(page.element(id: "systems"))
        #expect(table.text.contains("alpha") && table.text.contains("beta"))
        let alpha = try #require(page.element(id: "s1-ssh.PasswordAuthentication"))
        #expect(page.around(alpha).contains { $0.attributes["id"] == "s1" })
        #expect(page.element(id: "s2-ssh.PasswordAuthentication") == nil)
        #expect(page.element(id: "s2-findings")?.text.contains("No rule fails without a waiver.") == true)
    }

    @Test func nothingOfTheReportIsLost() throws {
        let page = Self.document(SampleReports.full)
        let text = try #require(page.all("body").first).text
        for result in SampleReports.full.results { #expect(text.contains(result.rule), "\(result.rule)") }
        for dropped in SampleReports.full.dropped {
            #expect(text.contains(dropped.id) && text.contains(dropped.reason))
        }
        for note in SampleReports.full.notes { #expect(text.contains(note)) }
        #expect(text.contains(SampleReports.full.profileDigest) && text.contains(SampleReports.full.catalogueDigest))
    }

    /// 10,000 results, each with a place of its own. The time is for a release build; this bound is for any build.
    @Test func aLargeReportStaysUsable() {
        let clock = ContinuousClock()
        var size = 0
        let time = clock.measure { size = ReportFormat.html.render(HTMLSamples.large(10_000), RenderOptions()).count }
        #expect(size < 10_000_000)
        #expect(time < .seconds(20))
    }

    @Test(arguments: ["full", "hosts", "empty"])
    func snapshot(_ name: String) throws {
        let text = String(decoding: ReportFormat.html.render(try report(name), RenderOptions()), as: UTF8.self)
        // Style and script are the same in every page and stand in their own files.
        let own = text.replacing("\(HTMLAssets.style)", with: "...").replacing("\(HTMLAssets.script)", with: "...")
        try expectSnapshot(own, "html/\(name).html")
    }
}
