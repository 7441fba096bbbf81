import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// `firn drift`.
struct DriftCommandTests {
    private static let fixture = "current-c-hardserver"

    /// The declared and the built report of a fixture with only the rules whose answer both layers gave, and a live one
    /// made of the built one.
    private static func layers(
        in directory: TemporaryDirectory, live change: (inout Report) -> Void = { _ in }
    ) throws -> [String] {
        var paths: [String] = []
        for (name, target) in [("d", Fixture.config(fixture)), ("b", Fixture.system(fixture))] {
            let path = directory(name + ".json")
            let run = CommandLineRun(["check", target, "--profile", "minimal", "--format", "json=\(path)"])
            try #require(run.code != 2 && run.code != 64, "\(run.err)")
            paths.append(path)
        }
        var live = try read(paths[1])
        live.targets[0].source = .live
        live.targets[0].name = "live"
        live.snapshots[0].source = .live
        for index in live.results.indices {
            live.results[index].source = .live
            // What could not be told is the business of one test below.
            if live.results[index].outcome == .unknown { live.results[index].outcome = .notChecked }
        }
        change(&live)
        try directory.write("l.json", ReportJSON.encode(live))
        return paths + [directory("l.json")]
    }

    private static func read(_ path: String) throws -> Report {
        try ReportJSON.decode(Array(try #require(FileManager.default.contents(atPath: path))))
    }

    private static func fail(_ report: inout Report, _ rule: String) {
        for index in report.results.indices where report.results[index].rule == rule {
            report.results[index].outcome = .fail
            report.results[index].observed = "yes"
        }
    }

    @Test func theLayerThatBrokeTheRuleIsNamedWithItsLikelyCause() throws {
        let directory = try TemporaryDirectory()
        let paths = try Self.layers(in: directory) { Self.fail(&$0, "ssh.PermitRootLogin") }
        let run = CommandLineRun(["drift"] + paths + ["--format", "json"])
        #expect(run.code == 1 || run.code == 3)
        let report = try ReportJSON.decode(Array(run.out.utf8))
        let drift = try #require(report.drift.first { $0.rule == "ssh.PermitRootLogin" })
        #expect(drift.layer == .live && drift.effect == .broke)
        #expect(drift.values.map(\.source) == [.declared, .built, .live])
        #expect(drift.causes.first?.hasPrefix("sshd_config or a file it includes") == true)
        let text = CommandLineRun(["drift"] + paths).out
        #expect(text.contains("broken by the live layer") && text.contains("likely"))
        #expect(CommandLineRun(["drift"] + paths + ["--format", "markdown"]).out.contains("| live broke |"))
        #expect(CommandLineRun(["drift"] + paths + ["--format", "html"]).out.contains("class=\"layers\""))
    }

    @Test func aHostOfAnotherGenerationIsAFinding() throws {
        let directory = try TemporaryDirectory()
        let paths = try Self.layers(in: directory) { report in
            report.targets[0].identity.bootedToplevel = "/nix/store/other"
            report.snapshots[0].identity.bootedToplevel = "/nix/store/other"
        }
        let run = CommandLineRun(["drift", paths[0], paths[2]])
        #expect(run.code == 1)
        #expect(run.out.contains("was booted from another generation"))
        #expect(CommandLineRun(["drift", paths[0], paths[2], "--fail-on", "critical"]).code == 0)
    }

    @Test func whatALaterLayerCouldNotTellIsIncomplete() throws {
        let directory = try TemporaryDirectory()
        let paths = try Self.layers(in: directory) { report in
            for index in report.results.indices where report.results[index].rule == "ssh.PermitRootLogin" {
                report.results[index].outcome = .unknown
                report.results[index].observed = nil
            }
        }
        let run = CommandLineRun(["drift", paths[0], paths[2]])
        #expect(run.code == 3)
        #expect(run.out.contains("COULD NOT BE COMPARED"))
    }

    @Test func reportsOfTwoSystemsAreIncomplete() throws {
        let directory = try TemporaryDirectory()
        let paths = try Self.layers(in: directory)
        let other = directory("o.json")
        _ = CommandLineRun([
            "check", Fixture.config("current-a-default"), "--profile", "minimal", "--format", "json=\(other)",
        ])
        let run = CommandLineRun(["drift", paths[2], other])
        #expect(run.code == 3)
        #expect(run.out.contains("no other layer of this toplevel was given"))
    }

    @Test func wrongCommandLines() throws {
        let directory = try TemporaryDirectory()
        let paths = try Self.layers(in: directory)
        #expect(CommandLineRun("drift").code == 64)
        #expect(CommandLineRun("drift", paths[0]).code == 64)
        #expect(CommandLineRun("drift", paths[0], paths[1], "--format", "sarif").code == 64)
        #expect(CommandLineRun("drift", paths[0], directory("none.json")).code == 2)
        #expect(CommandLineRun("drift", paths[0], paths[0]).code == 2)
    }
}
