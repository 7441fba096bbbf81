import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// `reports/examples/` is a bundle of a real system, made anew here and compared byte for byte.
///
/// `make examples` (`RECORD_EXAMPLES=1`) writes it. The report is cut to three families, so that the repository stays
/// small: it shows what each document looks like, not what an audit finds.
struct BundleExampleTests {
    private static let fixture = "current-c-hardserver"
    private static let families: Set<String> = ["firewall", "sudo", "time"]
    private static let directory = Repository.root.appendingPathComponent("reports/examples")
    /// 2026-11-24T12:00:00Z.
    private static let environment = ["SOURCE_DATE_EPOCH": "1795521600"]

    /// Declared and built layer of the fixture, cut, under names that are no paths of this machine.
    private static func reports(in place: TemporaryDirectory) throws -> [String] {
        try [("config.json", Fixture.config(fixture)), ("result", Fixture.system(fixture))].map { name, target in
            let run = CommandLineRun(
                ["check", target, "--profile", "standard", "--format", "json", "--now", "2026-11-24T12:00:00Z"],
                environment: environment)
            var report = try ReportJSON.decode(Array(run.out.utf8))
            let old = report.targets[0].name
            report.targets[0].name = name
            report.notes = report.notes.map { $0.replacing(old, with: name) }
            report.results.removeAll { !families.contains(String($0.rule.prefix { $0 != "." })) }
            report.snapshots[0].batch.facts = report.snapshots[0].batch.facts.filter {
                families.contains($0.key.family) || ["role", "system"].contains($0.key.family)
            }
            report.snapshots[0].batch.families.removeAll { family in
                !families.contains(String(family.prefix.prefix { $0 != "." }))
            }
            return try place.write(name == "result" ? "built.json" : "declared.json", ReportJSON.encode(report))
        }
    }

    @Test func theExamplesAreWhatFirnWrites() throws {
        let place = try TemporaryDirectory()
        let out = place("examples")
        let run = CommandLineRun(
            ["report"] + (try Self.reports(in: place)) + ["--bundle", out, "--closure", Fixture.system(Self.fixture)],
            environment: Self.environment)
        try #require(run.code == 0, "\(run.err)")
        let manager = FileManager.default
        let names = try manager.contentsOfDirectory(atPath: out).sorted()
        let root = Repository.root.path
        for name in names {
            let text = String(decoding: manager.contents(atPath: out + "/" + name) ?? Data(), as: UTF8.self)
            #expect(!text.contains(root), "\(name) holds a path of this machine")
        }
        let kept = Self.directory.path
        if ProcessInfo.processInfo.environment["RECORD_EXAMPLES"] == "1" {
            if manager.fileExists(atPath: kept) { try manager.removeItem(atPath: kept) }
            try manager.copyItem(atPath: out, toPath: kept)
            Issue.record("the examples have been written: look at them")
            return
        }
        let there = manager.fileExists(atPath: kept) ? try manager.contentsOfDirectory(atPath: kept).sorted() : []
        #expect(there == names, "make examples writes them")
        for name in names {
            let isSame = manager.contentsEqual(atPath: out + "/" + name, andPath: kept + "/" + name)
            #expect(isSame, "\(name) is not what firn writes now; make examples writes it anew: look at the difference")
        }
        let size = names.reduce(0) { $0 + (manager.contents(atPath: out + "/" + $1)?.count ?? 0) }
        #expect(size < 1_600_000, "the examples are \(size) bytes")
    }
}
