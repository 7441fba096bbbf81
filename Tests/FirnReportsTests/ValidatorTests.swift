import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// Programs and schemas of others judge our documents.
struct ValidatorTests {
    /// The samples, and one report with each hostile text.
    private static let reports: [(name: String, report: Report)] =
        SampleReports.all
        + HostileText.all.enumerated().map { ("hostile-\($0.offset)", SampleReports.hostile($0.element)) }

    private func write(_ format: ReportFormat, to directory: URL) throws -> [String] {
        try Self.reports.map { name, report in
            let file = directory.appendingPathComponent("\(name).\(format.fileEnding)")
            try Data(format.render(report, RenderOptions(verbosity: .all))).write(to: file)
            return file.path
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected))
    func reportSchemaAcceptsReports() throws {
        try withTemporaryDirectory { directory in
            let schema = Repository.path("reports/schema/report.schema.json")
            let meta = try Tool.checkJSONSchema.run(["--check-metaschema", schema])
            #expect(meta.code == 0, "\(meta.output)")
            let run = try Tool.checkJSONSchema.run(["--schemafile", schema] + write(.json, to: directory))
            #expect(run.code == 0, "\(run.output)")
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected))
    func reportSchemaRefusesWhatTheReaderRefuses() throws {
        try withTemporaryDirectory { directory in
            var files: [String] = []
            for (index, change) in DocumentChange.ofForm.enumerated() {
                let file = directory.appendingPathComponent("\(index).json")
                try Data(change.document().utf8).write(to: file)
                files.append(file.path)
            }
            let schema = Repository.path("reports/schema/report.schema.json")
            let run = try Tool.checkJSONSchema.run(["-o", "json", "--schemafile", schema] + files)
            for (file, change) in zip(files, DocumentChange.ofForm) {
                #expect(run.output.contains("\"" + file + "\""), "the schema accepts \(change.name)")
            }
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected && Tool.hasSchemas))
    func sarifSchemaAcceptsReports() throws {
        let schema = try Tool.schema("sarif-2.1.0.json")
        try withTemporaryDirectory { directory in
            let files = try write(.sarif, to: directory)
            let run = try Tool.checkJSONSchema.run(["--schemafile", schema] + files)
            #expect(run.code == 0, "\(run.output)")
            // A validator that accepts everything would say nothing.
            let broken = directory.appendingPathComponent("broken.sarif")
            try Data(
                SARIFReporter.render(SampleReports.full, options: RenderOptions()).replacing(
                    "\"kind\": \"open\"", with: "\"kind\": \"no\""
                ).utf8
            )
            .write(to: broken)
            #expect(try Tool.checkJSONSchema.run(["--schemafile", schema, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: Tool.xmllint.isExpected && Tool.hasSchemas))
    func junitSchemaAcceptsReports() throws {
        let schema = try Tool.schema("junit-10.xsd")
        try withTemporaryDirectory { directory in
            let files = try write(.junit, to: directory)
            let run = try Tool.xmllint.run(["--noout", "--nonet", "--schema", schema] + files)
            #expect(run.code == 0, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.xml")
            try Data(JUnitReporter.render(SampleReports.full).replacing("<skipped", with: "<skip").utf8).write(
                to: broken)
            #expect(try Tool.xmllint.run(["--noout", "--schema", schema, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: Tool.python.isExpected && Tool.hasSchemas))
    func junitparserCountsAsWeDo() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("full.xml")
            try Data(JUnitReporter.render(SampleReports.full).utf8).write(to: file)
            let script = """
                import sys, junitparser as j
                for suite in j.JUnitXml.fromfile(sys.argv[1]):
                    kinds = [type(r).__name__ for case in suite for r in case.result]
                    counted = [len(list(suite))] + [kinds.count(k) for k in ("Failure", "Error", "Skipped")]
                    assert counted == [suite.tests, suite.failures, suite.errors, suite.skipped], (suite.name, counted)
                    print(suite.name, *counted)
                """
            let run = try Tool.python.run(["-c", script, file.path])
            #expect(run.code == 0, "\(run.output)")
            #expect(
                run.output == """
                    hardserver declared 11 3 2 4
                    hardserver built 11 3 4 3
                    drift 1 1 0 0

                    """)
        }
    }

    @Test(.enabled(if: Tool.promtool.isExpected))
    func promtoolAcceptsMetricsAndFindsNothingToLint() throws {
        try withTemporaryDirectory { directory in
            let script = #"for f; do promtool check metrics <"$f" || { echo "$f"; exit 1; }; done"#
            let run = try Tool.shell.run(["-c", script, "sh"] + write(.openmetrics, to: directory))
            #expect(run.code == 0 && run.output.isEmpty, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.prom")
            for (good, bad) in [
                ("# HELP firn_waived", "# "), ("firn_waived{system=\"alpha", "firn_waived{system=alpha"),
            ] {
                let text = OpenMetrics.render(SampleReports.release)
                #expect(text.contains(good))
                try Data(text.replacing(good, with: bad).utf8).write(to: broken)
                #expect(try Tool.shell.run(["-c", script, "sh", broken.path]).code != 0, "\(bad)")
            }
        }
    }

    @Test(.enabled(if: Tool.python.isExpected && Tool.hasSchemas))
    func prometheusClientReadsMetricsAsBothFormats() throws {
        try withTemporaryDirectory { directory in
            let script = """
                import sys
                from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
                from prometheus_client.parser import text_string_to_metric_families as prometheus
                def read(parser, text):
                    families = list(parser(text))
                    assert all(f.type == "gauge" for f in families), families
                    return sorted((s.name, sorted(s.labels.items()), s.value) for f in families for s in f.samples)
                for file in sys.argv[1:]:
                    text = open(file, encoding="utf-8", newline="").read()
                    one, two = read(openmetrics, text), read(prometheus, text)
                    assert one and one == two, file
                    assert len(one) == len({(s[0], str(s[1])) for s in one}), file
                """
            let run = try Tool.python.run(["-c", script] + write(.openmetrics, to: directory))
            #expect(run.code == 0, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.prom")
            let text = OpenMetrics.render(SampleReports.release).replacing("# EOF\n", with: "")
            try Data(text.utf8).write(to: broken)
            #expect(try Tool.python.run(["-c", script, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: Tool.python.isExpected))
    func pythonReadsTheExactRows() throws {
        try withTemporaryDirectory { directory in
            // Each row again as JSON, without the apostrophe that the documentation tells readers to drop.
            let script = """
                import csv, json, sys
                for file in sys.argv[1:]:
                    data = open(file, "rb").read()
                    assert data.endswith(b"\\r\\n") and data.count(b"\\n") == data.count(b"\\r\\n") == data.count(b"\\r")
                    rows = list(csv.reader(open(file, encoding="utf-8", newline=""), strict=True))
                    assert len({len(row) for row in rows}) == 1, file
                    for row in rows:
                        for cell in row:
                            assert cell.lstrip(" \\"")[:1] not in set("=+-@\\t\\r"), cell
                    print(json.dumps([[c[1:] if c.startswith("'") else c for c in row] for row in rows]))
                """
            let run = try Tool.python.run(["-c", script] + write(.csv, to: directory))
            #expect(run.code == 0, "\(run.output)")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count == Self.reports.count)
            for (line, sample) in zip(lines, Self.reports) {
                let rows = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [[String]])
                #expect(rows.first == CSVReporter.columns)
                #expect(rows.count == sample.report.results.count + 1)
                for (row, result) in zip(rows.dropFirst(), sample.report.results) {
                    func cell(_ name: String) -> String? { CSVReporter.columns.firstIndex(of: name).map { row[$0] } }
                    #expect(cell("rule") == VisibleText.escape(result.rule))
                    #expect(cell("title") == VisibleText.escape(result.title))
                    #expect(cell("observed") == VisibleText.escape(result.observed ?? ""))
                    #expect(cell("message") == VisibleText.escape(result.message ?? ""))
                    let waiver = result.outcome == .fail ? result.waiver : nil
                    #expect(cell("waiver_reason") == VisibleText.escape(waiver?.reason ?? ""))
                    #expect(cell("waiver_ticket") == VisibleText.escape(waiver?.ticket ?? ""))
                }
            }
            let broken = directory.appendingPathComponent("broken.csv")
            try Data("\"a\",\"=1\"\r\n".utf8).write(to: broken)
            #expect(try Tool.python.run(["-c", script, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: Tool.python.isExpected && Tool.hasSchemas))
    func markdownHoldsNoElementOfATarget() throws {
        try withTemporaryDirectory { directory in
            let script = #"""
                import re, sys
                from markdown_it import MarkdownIt
                reader = MarkdownIt("commonmark", {"html": True}).enable("table")
                ours = re.compile(r"<details>\n<summary>[A-Za-z0-9 :]+</summary>\n|</details>\n")
                known = {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item",
                    "strong", "html_block", "inline", "text", "code_inline"}
                def walk(tokens, file, columns):
                    for token in tokens:
                        kind = re.sub("_(open|close)$", "", token.type)
                        assert kind in known, (file, token)
                        if token.type == "html_block": assert ours.fullmatch(token.content), (file, token.content)
                        if token.type == "text":
                            assert not re.search(r"@|://|www\.|#\d|GH-\d|\$|[0-9a-f]{7}", token.content), (file, token.content)
                        if token.type == "tr_open": columns.append(0)
                        if token.type in ("td_open", "th_open"): columns[-1] += 1
                        walk(token.children or [], file, columns)
                for file in sys.argv[1:]:
                    text = open(file, encoding="utf-8", newline="").read()
                    assert len(text.encode()) <= 65536, file
                    columns, tokens = [], reader.parse(text)
                    walk(tokens, file, columns)
                    # The counts, and drift with one to three layers.
                    assert set(columns) <= {14, 5, 6, 7}, (file, columns)
                    blocks = [t.content for t in tokens if t.type == "html_block"]
                    assert sum("<details>" in b for b in blocks) == sum("</details>" in b for b in blocks), file
                    headings = sum(t.type == "heading_open" for t in tokens)
                    assert headings <= 6, (file, headings)
                """#
            let run = try Tool.python.run(["-c", script] + write(.markdown, to: directory))
            #expect(run.code == 0, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.md")
            for text in [
                "[x](http://example.org)", "<script>", "a <b>c</b>", "@octocat", "see #1", "![x](y)", "- a\n\n1. b",
            ] {
                try Data((MarkdownReporter.render(SampleReports.release) + "\n" + text + "\n").utf8).write(to: broken)
                #expect(try Tool.python.run(["-c", script, broken.path]).code != 0, "\(text)")
            }
        }
    }

    @Test(.enabled(if: Tool.nix.isExpected))
    func nixReadsOurLiteralsBack() throws {
        // Nix strings hold no NUL.
        let texts = HostileText.all.filter { !$0.unicodeScalars.contains("\u{0}") }
        let value = FactValue.list(texts.map { .string($0) } + NixTests.values)
        // The first element is read through a path with quoted and plain names.
        let path = ["x.y", "or", "b'", "${z}", "\u{1b}", ""]
        let rendered = NixPath.render(path)
        let expression = "{ a.\(rendered) = \(NixLiteral.render(value)); }.a.\(rendered)"
        // Evaluating needs no store, nor the right to write to one.
        let run = try Tool.nix.run(["--store", "dummy://", "--eval", "--strict", "--json", "-E", expression])
        #expect(run.code == 0, "\(run.output)")
        // Nix' answer goes the way of all values through our own reader, in a report around it.
        let batch = FactBatch(facts: ["a": .known(.integer(424_242), [])])
        var report = SampleReports.single
        report.snapshots = [Snapshot(source: .built, identity: Identity(), collectedAt: 0, batch: batch)]
        let answer = run.output.trimmingCharacters(in: .newlines)
        let document = ReportJSON.encode(report).replacing("424242", with: answer)
        let read = try ReportJSON.decode(Array(document.utf8))
        #expect(read.snapshots.first?.batch.facts["a"]?.value == value)
    }
}
