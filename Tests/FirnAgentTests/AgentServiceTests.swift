import FirnHost
import FirnModel
import FirnReportCore
import FirnSigning
import Foundation
import Synchronization
import Testing

@testable import FirnAgent

/// The service run by run, with reports made by hand, a clock that is told and the journal's socket listened to.
@Suite struct AgentServiceTests {
    /// What the clocks show.
    final class Hands: Sendable {
        let uptime = Mutex<Int64>(0)
        let wall = Mutex<Int64>(1_800_000_000)

        var clock: AgentClock {
            AgentClock(uptime: { self.uptime.withLock { $0 } }, wall: { self.wall.withLock { $0 } })
        }

        func advance(_ seconds: Int64, wall other: Int64? = nil) {
            uptime.withLock { $0 += seconds * AgentClock.second }
            wall.withLock { $0 += other ?? seconds }
        }
    }

    static func service(
        _ room: AgentRoom, _ hands: Hands, audit: (any AuditEvents)? = nil, isSigned: Bool = false,
        _ collect: @escaping AgentService.Collector
    ) throws -> AgentService {
        let state = try StateDirectory(room.state)
        let key = isSigned ? try AgentKey.open(state) : nil
        return try AgentService(
            settings: AgentSettings(AgentOptions(.run)), state: state, key: key,
            journal: AgentJournal(socket: room.path + "/journal"),
            manager: ServiceManager(environment: { _ in nil }), metricsPath: room.metrics, clock: hands.clock,
            audit: audit, collect: collect)
    }

    static func changes(_ entries: [[String: String]]) -> [[String: String]] {
        entries.filter { $0["MESSAGE_ID"] == "665a07607c944fc78b6c8840fd64b1c5" }
    }

    @Test func aWeakeningIsOneEntryOfTheJournalInTheNextRun() throws {
        let room = try AgentRoom()
        let hands = Hands()
        var outcomes: [String: Outcome] = ["a.one": .pass, "b.two": .fail, "c.three": .pass]
        var service = try Self.service(room, hands) { _, now in AgentRoom.report(outcomes, now: now) }
        service.run()
        // All is new, so nothing changed.
        #expect(Self.changes(room.entries()).isEmpty)
        outcomes["a.one"] = .fail
        outcomes["b.two"] = .pass
        hands.advance(900)
        service.run()
        let entries = Self.changes(room.entries())
        #expect(entries.count == 2)
        let worse = try #require(entries.first { $0["FIRN_RULE"] == "a.one" })
        #expect(
            worse["MESSAGE"]
                == "a.one: fail, was pass: Title of a.one; observed 0, expected at least 1")
        #expect(worse["PRIORITY"] == "3")
        #expect(worse["FIRN_OUTCOME"] == "fail")
        #expect(worse["FIRN_OUTCOME_BEFORE"] == "pass")
        #expect(worse["FIRN_SEVERITY"] == "high")
        #expect(worse["FIRN_OBSERVED"] == "0")
        #expect(worse["FIRN_EXPECTED"] == "at least 1")
        #expect(worse["FIRN_EVIDENCE"] == "/proc/sys/a.one")
        #expect(worse["FIRN_RUN"] == "2")
        #expect(worse["SYSLOG_IDENTIFIER"] == "firn-agent")
        let better = try #require(entries.first { $0["FIRN_RULE"] == "b.two" })
        #expect(better["PRIORITY"] == "5")
        #expect(service.metrics.changes == 2)
        #expect(service.metrics.worse == 1)
        // Told once.
        service.run()
        #expect(Self.changes(room.entries()).isEmpty)
        #expect(try ReportJSON.decode(try room.bytes("report.json")).results.map(\.outcome) == [.fail, .pass, .pass])
    }

    @Test func whatChangedWhileTheAgentWasDownIsTold() throws {
        let room = try AgentRoom()
        let hands = Hands()
        do {
            var service = try Self.service(room, hands) { _, now in AgentRoom.report(["a.one": .pass], now: now) }
            service.run()
        }
        #expect(Self.changes(room.entries()).isEmpty)
        var service = try Self.service(room, hands) { _, now in AgentRoom.report(["a.one": .unknown], now: now) }
        service.run()
        let entries = Self.changes(room.entries())
        #expect(entries.count == 1)
        #expect(entries.first?["FIRN_OUTCOME"] == "unknown")
        #expect(entries.first?["PRIORITY"] == "4")
        #expect(entries.first?["FIRN_RUN"] == "2")
    }

    /// Another profile judges otherwise: its results did not change, they are others.
    @Test func anotherProfileIsNoChange() throws {
        let room = try AgentRoom()
        let hands = Hands()
        var profile = "p1"
        var outcome = Outcome.pass
        var service = try Self.service(room, hands) { _, now in
            AgentRoom.report(["a.one": outcome], profile: profile, now: now)
        }
        service.run()
        (profile, outcome) = ("p2", .fail)
        service.run()
        #expect(Self.changes(room.entries()).isEmpty)
        outcome = .pass
        service.run()
        #expect(Self.changes(room.entries()).count == 1)
    }

    @Test func valuesOfTheMachineCannotBeginAFieldOfTheJournal() throws {
        var result = AgentRoom.report(["a.one": .fail]).results[0]
        result.observed = "x\nFIRN_OUTCOME=pass\u{1b}[2J" + String(repeating: "y", count: 5000)
        let entry = AgentJournal.entry(ResultChange(result: result, before: .pass), sequence: 1, profile: "standard")
        let lines = String(decoding: entry.datagram, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("FIRN_OUTCOME=") } == 1)
        #expect(lines.contains("FIRN_OUTCOME=fail"))
        #expect(!lines.contains { $0.contains("\u{1b}") || $0.utf8.count > 1100 })
    }

    @Test func aRunThatCannotCollectLeavesTheReportAndIsCounted() throws {
        let room = try AgentRoom()
        let hands = Hands()
        var fails = false
        var service = try Self.service(room, hands) { _, now throws(AgentFailure) in
            if fails { throw AgentFailure("/proc: gone") }
            return AgentRoom.report(["a.one": .pass], now: now)
        }
        service.run()
        let before = try room.bytes("report.json")
        _ = room.entries()
        fails = true
        service.run()
        #expect(try room.bytes("report.json") == before)
        #expect(room.entries().map { $0["MESSAGE"] } == ["no report: /proc: gone"])
        let metrics = try String(contentsOfFile: room.metrics, encoding: .utf8)
        #expect(metrics.contains("firn_agent_runs_failed 1\n"))
        // The findings of the last report stay.
        #expect(metrics.contains("firn_results{system=\"live\",source=\"live\",outcome=\"pass\"} 1\n"))
    }

    @Test func aWallClockThatIsSetIsSaidAndDelaysNothing() throws {
        let room = try AgentRoom()
        let hands = Hands()
        var service = try Self.service(room, hands) { _, now in AgentRoom.report(["a.one": .pass], now: now) }
        service.run()
        hands.advance(900, wall: -31_536_000)
        _ = room.entries()
        service.run()
        #expect(
            room.entries().map { $0["MESSAGE"] } == [
                "The wall clock was set by -31536900 seconds since the run before."
            ])
        let report = try ReportJSON.decode(try room.bytes("report.json"))
        #expect(report.collectedAt == 1_800_000_000 - 31_536_000)
        #expect(report.notes == ["The wall clock was set by -31536900 seconds since the run before."])
        #expect(try ResultLog(StateDirectory(room.state)).last?.sequence == 2)
        #expect(try String(contentsOfFile: room.metrics, encoding: .utf8).contains("firn_agent_clock_jumps 1\n"))
    }

    @Test func reportsAreSignedByTheKeyOfTheState() throws {
        let room = try AgentRoom()
        var service = try Self.service(room, Hands(), isSigned: true) { _, now in
            AgentRoom.report(["a.one": .pass], now: now)
        }
        service.run()
        let key = try AgentKey.open(try StateDirectory(room.state))
        let envelope = try DSSEEnvelope.decode(try room.bytes("report.dsse.json"))
        let verified = try envelope.verify(expecting: .report, accepted: [key.publicKey])
        #expect(verified.payload == (try room.bytes("report.json")))
        #expect(Array(envelope.encode().utf8) == envelope.bytes())
    }

    @Test func aStateThatIsDamagedIsSaidAndMeasured() throws {
        let room = try AgentRoom()
        do {
            let state = try StateDirectory(room.state)
            try state.write(Array("nonsense\n".utf8), to: ResultLog.name)
        }
        var service = try Self.service(room, Hands()) { _, now in AgentRoom.report(["a.one": .pass], now: now) }
        let first = try #require(room.entries().first)
        #expect(
            first["MESSAGE"]
                == "\(room.file("results.log")): damaged after 0 of 9 bytes; set aside as results.damaged, and begun anew "
                + "with the results up to there")
        #expect(first["PRIORITY"] == "4")
        service.run()
        #expect(try String(contentsOfFile: room.metrics, encoding: .utf8).contains("firn_agent_state_damaged 1\n"))
        #expect(try ResultLog(StateDirectory(room.state)).last?.outcomes == ["a.one": .pass])
    }

    // MARK: - The audit stream

    struct Stream: AuditEvents {
        var descriptor: Int32 = -1
        var tallies: [AuditTally]

        mutating func drain() -> AuditTally { tallies.isEmpty ? AuditTally() : tallies.removeFirst() }
    }

    @Test func lossesOfTheAuditStreamAreInReportAndMetrics() throws {
        let room = try AgentRoom()
        let stream = Stream(tallies: [
            AuditTally(records: 100), AuditTally(records: 50, lost: 7), AuditTally(failure: "netlink: No buffer space"),
        ])
        var service = try Self.service(room, Hands(), audit: stream) { _, now in
            AgentRoom.report(["a.one": .pass], now: now)
        }
        service.run()
        #expect(try ReportJSON.decode(try room.bytes("report.json")).notes.isEmpty)
        service.run()
        #expect(
            try ReportJSON.decode(try room.bytes("report.json")).notes == [
                "At least 7 audit records were lost since the agent started."
            ])
        _ = room.entries()
        service.run()
        #expect(
            try ReportJSON.decode(try room.bytes("report.json")).notes == [
                "At least 7 audit records were lost since the agent started.",
                "The audit stream is not followed: netlink: No buffer space.",
            ])
        #expect(
            room.entries().contains {
                $0["MESSAGE"] == "the audit stream is not followed any more: netlink: No buffer space"
            })
        let metrics = try String(contentsOfFile: room.metrics, encoding: .utf8)
        #expect(metrics.contains("firn_agent_audit_records 150\n"))
        #expect(metrics.contains("firn_agent_audit_lost 7\n"))
        #expect(metrics.contains("firn_agent_audit_following 0\n"))
    }
}
