import FirnModel
import FirnReportCore
import Testing

@testable import FirnReports

/// The rendered bytes, as files a person has looked at.
struct SnapshotTests {
    static let names = SampleReports.all.map(\.name)

    private func report(_ name: String) throws -> Report {
        try #require(SampleReports.all.first { $0.name == name }?.report)
    }

    @Test(arguments: names)
    func text(_ name: String) throws {
        let report = try report(name)
        try expectSnapshot(TextReporter.render(report, options: RenderOptions(width: 80)), "\(name).80.txt")
        try expectSnapshot(
            TextReporter.render(report, options: RenderOptions(width: 140, verbosity: .all)), "\(name).all.140.txt")
    }

    @Test func colour() throws {
        try expectSnapshot(
            TextReporter.render(SampleReports.full, options: RenderOptions(colour: true, width: 100)),
            "full.colour.100.txt")
    }

    /// The page has snapshots of its own, without the style and script that every page brings (`HTMLReporterTests`).
    static let machineFormatNames = ReportFormat.all.map(\.name).filter { $0 != "text" && $0 != "html" }

    @Test(arguments: names, machineFormatNames)
    func machineFormats(_ name: String, _ formatName: String) throws {
        let format = try #require(ReportFormat.named(formatName))
        let bytes = format.render(try report(name), RenderOptions())
        try expectSnapshot(String(decoding: bytes, as: UTF8.self), "\(name).\(format.name).\(format.fileEnding)")
    }

    @Test(arguments: names, ReportFormat.all.map(\.name))
    func twoRenderingsAreEqual(_ name: String, _ format: String) throws {
        let format = try #require(ReportFormat.named(format))
        let report = try report(name)
        #expect(format.render(report, RenderOptions()) == format.render(report, RenderOptions()))
    }
}

struct ReportFormatTests {
    @Test func namesAreUniqueAndFound() {
        #expect(
            ReportFormat.all.map(\.name) == [
                "text", "json", "sarif", "junit", "html", "markdown", "csv", "xccdf", "cklb", "oscal", "openmetrics",
            ])
        #expect(ReportFormat.named("junit")?.fileEnding == "xml")
        #expect(ReportFormat.named("JSON") == nil)
    }

    @Test func optionsForTextDoNotReachMachineFormats() {
        let loud = RenderOptions(colour: true, width: 40, failOn: .critical)
        for format in ReportFormat.all where format.name != "text" {
            #expect(
                format.render(SampleReports.full, loud) == format.render(SampleReports.full, RenderOptions()),
                "\(format.name)")
        }
    }
}
