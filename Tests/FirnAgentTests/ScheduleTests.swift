import Testing

@testable import FirnAgent

/// When runs are due, and what clocks that jump do to it.
@Suite struct ScheduleTests {
    static let second: Int64 = 1_000_000_000

    @Test func theFirstRunIsDueAtOnceAndTheNextAfterTheInterval() {
        var schedule = Schedule(interval: 100, jitter: 0, now: 7)
        #expect(schedule.wait(7) == 0)
        schedule.advance(7)
        #expect(schedule.wait(7) == 100 * Self.second)
        #expect(schedule.wait(7 + 100 * Self.second) == 0)
    }

    @Test func jitterMakesAnIntervalShorterAndNeverLonger() {
        var schedule = Schedule(interval: 100, jitter: 10, now: 0)
        schedule.advance(0) { $0.upperBound }
        #expect(schedule.wait(0) == 90 * Self.second)
        schedule.advance(0) { $0.lowerBound }
        #expect(schedule.wait(0) == 100 * Self.second)
        for _ in 0..<1000 {
            schedule.advance(0)
            #expect((90 * Self.second...100 * Self.second).contains(schedule.wait(0)))
        }
    }

    /// A machine that slept for a day owes one run, not a hundred.
    @Test func missedRunsAreOneRun() {
        var schedule = Schedule(interval: 900, jitter: 0, now: 0)
        schedule.advance(0)
        let morning = 86_400 * Self.second
        #expect(schedule.wait(morning) == 0)
        schedule.advance(morning)
        #expect(schedule.wait(morning) == 900 * Self.second)
    }

    /// The clock cannot go back; if it does all the same, the agent does not stand still.
    @Test func aClockThatWentBackDelaysNoMoreThanAnInterval() {
        var schedule = Schedule(interval: 900, jitter: 0, now: 1_000_000 * Self.second)
        schedule.advance(1_000_000 * Self.second)
        #expect(schedule.wait(5 * Self.second) == 900 * Self.second)
        #expect(schedule.wait(905 * Self.second) == 0)
    }

    @Test func theWallClockThatIsSetIsNoticed() {
        var jump = WallClockJump()
        #expect(jump.since(uptime: 0, wall: 1000) == nil)
        #expect(jump.since(uptime: 100 * Self.second, wall: 1100) == nil)
        // A year forward, then back again; slewing is none.
        #expect(jump.since(uptime: 200 * Self.second, wall: 31_537_200) == 31_536_000)
        #expect(jump.since(uptime: 300 * Self.second, wall: 1300) == -31_536_000)
        #expect(jump.since(uptime: 400 * Self.second, wall: 1425) == nil)
    }
}
