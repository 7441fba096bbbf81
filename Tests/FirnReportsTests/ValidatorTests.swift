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

    @Test(.enabled(if: ExternalTool.checkJSONSchema.isExpected))
    func reportSchemaAcceptsReports() throws {
        try withTemporaryDirectory { directory in
            let schema = Repository.path("reports/schema/report.schema.json")
            let meta = try ExternalTool.checkJSONSchema.run(["--check-metaschema", schema])
            #expect(meta.code == 0, "\(meta.output)")
            let run = try ExternalTool.checkJSONSchema.run(["--schemafile", schema] + write(.json, to: directory))
            #expect(run.code == 0, "\(run.output)")
        }
    }

    @Test(.enabled(if: ExternalTool.checkJSONSchema.isExpected))
    func reportSchemaRefusesWhatTheReaderRefuses() throws {
        try withTemporaryDirectory { directory in
            var files: [String] = []
            for (index, change) in DocumentChange.ofForm.enumerated() {
                let file = directory.appendingPathComponent("\(index).json")
                try Data(change.document().utf8).write(to: file)
                files.append(file.path)
            }
            let schema = Repository.path("reports/schema/report.schema.json")
            let run = try ExternalTool.checkJSONSchema.run(["-o", "json", "--schemafile", schema] + files)
            for (file, change) in zip(files, DocumentChange.ofForm) {
                #expect(run.output.contains("\"" + file + "\""), "the schema accepts \(change.name)")
            }
        }
    }

    @Test(.enabled(if: ExternalTool.checkJSONSchema.isExpected && ExternalTool.hasSchemas))
    func sarifSchemaAcceptsReports() throws {
        let schema = try ExternalTool.schema("sarif-2.1.0.json")
        try withTemporaryDirectory { directory in
            let files = try write(.sarif, to: directory)
            let run = try ExternalTool.checkJSONSchema.run(["--schemafile", schema] + files)
            #expect(run.code == 0, "\(run.output)")
            // A validator that accepts everything would say nothing.
            let broken = directory.appendingPathComponent("broken.sarif")
            try Data(
                SARIFReporter.render(SampleReports.full, options: RenderOptions()).replacing(
                    "\"kind\": \"open\"", with: "\"kind\": \"no\""
                ).utf8
            )
            .write(to: broken)
            #expect(try ExternalTool.checkJSONSchema.run(["--schemafile", schema, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: ExternalTool.xmllint.isExpected && ExternalTool.hasSchemas))
    func junitSchemaAcceptsReports() throws {
        let schema = try ExternalTool.schema("junit-10.xsd")
        try withTemporaryDirectory { directory in
            let files = try write(.junit, to: directory)
            let run = try ExternalTool.xmllint.run(["--noout", "--nonet", "--schema", schema] + files)
            #expect(run.code == 0, "\(run.output)")
            let broken = directory.appendingPathComponent("broken.xml")
            try Data(JUnitReporter.render(SampleReports.full).replacing("<skipped", with: "<skip").utf8).write(
                to: broken)
            #expect(try ExternalTool.xmllint.run(["--noout", "--schema", schema, broken.path]).code != 0)
        }
    }

    @Test(.enabled(if: ExternalTool.python.isExpected && ExternalTool.hasSchemas))
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
            let run = try ExternalTool.python.run(["-c", script, file.path])
            #expect(run.code == 0, "\(run.output)")
            #expect(
                run.output == """
                    declared hardserver/config.json 11 3 2 4
                    built hardserver/system 11 3 4 3
                    drift 1 1 0 0

                    """)
        }
    }

    @Test(.enabled(if: ExternalTool.nix.isExpected))
    func nixReadsOurLiteralsBack() throws {
        // Nix strings hold no NUL.
        let texts = HostileText.all.filter { !$0.unicodeScalars.contains("\u{0}") }
        let value = FactValue.list(texts.map { .string($0) } + NixTests.values)
        // The first element is read through a path with quoted and plain names.
        let path = ["x.y", "or", "b'", "${z}", "\u{1b}", ""]
        let rendered = NixPath.render(path)
        let expression = "{ a.\(rendered) = \(NixLiteral.render(value)); }.a.\(rendered)"
        // Evaluating needs no store, nor the right to write to one.
        let run = try ExternalTool.nix.run(["--store", "dummy://", "--eval", "--strict", "--json", "-E", expression])
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
