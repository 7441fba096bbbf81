import FirnHistory
import FirnModel
import FirnReportCore
import Foundation
import Testing

/// Reports in a database, and the trends of them.
@Suite struct HistoryDatabaseTests {
    let directory: URL
    var path: String { directory.appendingPathComponent("h.db").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-history-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func result(
        _ rule: String, _ outcome: Outcome, target: Int = 0, severity: Severity = .medium, isWaived: Bool = false
    ) -> Result {
        Result(
            rule: rule, title: rule, target: target, source: .declared, outcome: outcome, severity: severity,
            observed: "CANARY-observed", expected: "y", evidence: [Evidence(path: "p", text: "CANARY-evidence")],
            waiver: isWaived ? Waiver(rule: rule, owner: "o", reason: "CANARY-reason", expires: "2027-01-01") : nil,
            message: "CANARY-message")
    }

    func report(_ time: Int64, hosts: [String] = ["web1"], _ results: [Result]) -> Report {
        let targets = hosts.map {
            ReportTarget(
                kind: "k", name: $0 + ".json", size: nil, source: .declared, identity: Identity(hostName: $0))
        }
        return Report(
            tool: "firn 0.1.0", targets: targets, profile: "standard", profileDigest: "aa", dropped: [],
            catalogueDigest: "bb", collectedAt: time,
            snapshots: targets.map {
                Snapshot(
                    source: .declared, identity: $0.identity, collectedAt: time,
                    batch: FactBatch(facts: ["a.b": .known(.string("CANARY-fact"), [])]))
            }, results: results, drift: [], notes: ["CANARY-note"])
    }

    func digest(_ letter: Character) -> String { String(repeating: letter, count: 64) }

    /// Three days by hand: a rule is repaired, one is waived, one gets worse.
    @Test func trend() throws {
        let history = try HistoryDatabase(path: path, isWritable: true)
        // Added out of order; time decides.
        #expect(
            try history.add(
                report(
                    300,
                    [
                        result("a", .pass), result("b", .fail, isWaived: true), result("c", .fail, severity: .high),
                        result("d", .unknown), result("e", .pass),
                    ]), digest: digest("3")))
        #expect(
            try history.add(
                report(100, [result("a", .fail), result("b", .fail), result("c", .pass, severity: .high)]),
                digest: digest("1")))
        #expect(
            try history.add(
                report(200, [result("a", .pass), result("b", .fail), result("c", .fail, severity: .high)]),
                digest: digest("2")))
        let trends = try HistoryDatabase(path: path, isWritable: false).trends(host: nil, rule: nil, since: .min)
        #expect(trends.map(\.host) == ["web1"])
        let trend = try #require(trends.first)
        #expect(trend.points.map(\.collectedAt) == [100, 200, 300])
        #expect(trend.points.map { $0.fails[.medium] ?? -1 } == [2, 1, 0])
        #expect(trend.points.map { $0.fails[.high] ?? -1 } == [0, 1, 1])
        #expect(trend.points.map(\.waived) == [0, 0, 1])
        #expect(trend.points.map(\.untold) == [0, 0, 1])
        #expect(
            trend.rules == [
                HistoryTrend.Rule(id: "c", severity: .high, states: [.passes, .fails, .fails]),
                HistoryTrend.Rule(id: "a", severity: .medium, states: [.fails, .passes, .passes]),
                HistoryTrend.Rule(id: "b", severity: .medium, states: [.fails, .fails, .waived]),
                HistoryTrend.Rule(id: "d", severity: .medium, states: [.silent, .silent, .untold]),
            ])
        #expect(try history.trends(host: nil, rule: "a", since: 200)[0].points.count == 2)
        #expect(try history.trends(host: nil, rule: "c", since: 200)[0].rules.map(\.id) == ["c"])
        // A rule that is asked for is shown although it never failed.
        #expect(
            try history.trends(host: nil, rule: "e", since: .min)[0].rules.map(\.states) == [
                [.silent, .silent, .passes]
            ])
        #expect(try history.trends(host: "web2", rule: nil, since: .min).isEmpty)
        #expect(try history.trends(host: "' OR ''='", rule: nil, since: .min).isEmpty)
    }

    /// One rule on two layers of a host counts once, as its worst; two hosts are two trends.
    @Test func layersAndHosts() throws {
        let history = try HistoryDatabase(path: path, isWritable: true)
        var both = report(
            100, hosts: ["web1", "web1", "web2"],
            [result("a", .pass), result("a", .fail, target: 1), result("a", .pass, target: 2)])
        both.targets[1].source = .built
        _ = try history.add(both, digest: digest("1"))
        let trends = try history.trends(host: nil, rule: nil, since: .min)
        #expect(trends.map(\.host) == ["web1", "web2"])
        #expect(trends.map { $0.points[0].total } == [1, 0])
        #expect(trends.map(\.rules.count) == [1, 0])
    }

    /// The options of a host and what was built of them, as two files: what the later one says of a rule is no repair of
    /// the other.
    @Test func reportsOfOtherLayersAreAnotherTrend() throws {
        let history = try HistoryDatabase(path: path, isWritable: true)
        var built = report(100, [result("a", .fail)])
        built.targets[0].source = .built
        _ = try history.add(built, digest: digest("1"))
        #expect(try history.trends(host: nil, rule: nil, since: .min).map(\.name) == ["web1"])
        _ = try history.add(report(200, [result("a", .pass)]), digest: digest("2"))
        _ = try history.add(report(300, [result("a", .unknown)]), digest: digest("3"))
        let trends = try history.trends(host: nil, rule: "a", since: .min)
        #expect(trends.map(\.name) == ["web1 (built)", "web1 (declared)"])
        #expect(trends.map { $0.rules[0].states } == [[.fails], [.passes, .untold]])
    }

    @Test func addingAReportTwiceChangesNothing() throws {
        let history = try HistoryDatabase(path: path, isWritable: true)
        let one = report(100, [result("a", .fail), result("a", .pass)])
        #expect(try history.add(one, digest: digest("1")))
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try !history.add(one, digest: digest("1")))
        #expect(try !HistoryDatabase(path: path, isWritable: true).add(one, digest: digest("1")))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func noValueEntersTheFile() throws {
        _ = try HistoryDatabase(path: path, isWritable: true).add(
            report(100, [result("a", .fail, isWaived: true), result("b", .unknown)]), digest: digest("1"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data("CANARY".utf8)) == nil)
        // The search would find it: the rule's host is there.
        #expect(bytes.range(of: Data("web1".utf8)) != nil)
    }

    @Test func namesOfATargetAreData() throws {
        let history = try HistoryDatabase(path: path, isWritable: true)
        let name = "x'); DROP TABLE firn_report; --\u{1b}[31m"
        _ = try history.add(report(100, hosts: [name], [result(name, .fail)]), digest: digest("1"))
        let trends = try history.trends(host: name, rule: name, since: .min)
        #expect(trends.first?.host == name && trends.first?.rules.first?.id == name)
    }

    @Test func otherFilesAreRefused() throws {
        func open(_ isWritable: Bool) -> String? {
            do throws(HistoryError) {
                _ = try HistoryDatabase(path: path, isWritable: isWritable)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(open(false) == "the file cannot be opened")
        try Data("this is a text, and it is long enough to be a header of a database".utf8)
            .write(to: URL(fileURLWithPath: path))
        for isWritable in [true, false] { #expect(open(isWritable) == "this is no SQLite database") }
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(open(false) == "there is no history in it")
        #expect(open(true) == nil)
        // A damaged page: everything after the header is overwritten.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange(100..<bytes.count, with: Data(repeating: 0xa5, count: bytes.count - 100))
        try bytes.write(to: URL(fileURLWithPath: path))
        for isWritable in [true, false] { #expect(open(isWritable) == "the database is damaged") }
    }

    @Test func anotherProgramsDatabaseIsRefusedAndNotChanged() throws {
        guard
            let sqlite = ["/usr/bin/python3", "/run/current-system/sw/bin/python3"].first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: sqlite)
        process.arguments = [
            "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(x)'); c.commit()",
            path,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for isWritable in [true, false] {
            #expect(throws: HistoryError.self) { try HistoryDatabase(path: path, isWritable: isWritable) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    /// Several writers at once, each with its own connection, from an empty file on.
    @Test func writersWaitForEachOther() async throws {
        let path = path
        let reports = (0..<16).map { report(Int64($0), [result("a", .fail)]) }
        let digests = (0..<16).map { String(repeating: String($0, radix: 16), count: 64) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<32 {
                group.addTask {
                    _ = try HistoryDatabase(path: path, isWritable: true).add(
                        reports[index % 16], digest: digests[index % 16])
                }
            }
            try await group.waitForAll()
        }
        let trends = try HistoryDatabase(path: path, isWritable: false).trends(host: nil, rule: nil, since: .min)
        #expect(trends[0].points.map(\.collectedAt) == (0..<16).map { Int64($0) })
    }
}
