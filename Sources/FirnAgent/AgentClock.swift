import Glibc

/// The two clocks of the agent. What is due is told by the one that only goes on; the wall clock stamps, and may jump.
struct AgentClock: Sendable {
    /// Nanoseconds since the machine started, time asleep included (CLOCK_BOOTTIME, clock_gettime(2)).
    var uptime: @Sendable () -> Int64
    /// Seconds since 1970.
    var wall: @Sendable () -> Int64

    static let second: Int64 = 1_000_000_000

    /// The clocks of the machine.
    static let machine = AgentClock(
        uptime: {
            var now = timespec()
            // A kernel without the clock (gVisor's had none) has the one that stands still while the machine sleeps.
            if clock_gettime(CLOCK_BOOTTIME, &now) != 0 { clock_gettime(CLOCK_MONOTONIC, &now) }
            return Int64(now.tv_sec) * second + Int64(now.tv_nsec)
        },
        wall: { Int64(time(nil)) })
}

/// When the next run is due.
struct Schedule: Sendable {
    /// In seconds.
    var interval: Int64
    /// By how much an interval may be shorter, in seconds: hosts that started together drift apart, and what changed is
    /// still reported within one interval.
    var jitter: Int64
    /// The uptime at which the next run is due, in nanoseconds.
    private(set) var due: Int64

    /// Creates a schedule whose first run is due at once.
    init(interval: Int64, jitter: Int64, now: Int64) {
        self.interval = interval
        self.jitter = jitter
        due = now
    }

    /// How long to wait, in nanoseconds; 0 when a run is due. A clock that went back delays no run beyond one interval.
    mutating func wait(_ now: Int64) -> Int64 {
        due = min(due, now + interval * AgentClock.second)
        return max(0, due - now)
    }

    /// Plans the run after one that began now. Runs that were missed while the machine slept are not made up for.
    mutating func advance(_ now: Int64, random: (ClosedRange<Int64>) -> Int64 = { Int64.random(in: $0) }) {
        due = now + interval * AgentClock.second - random(0...(max(0, jitter) * AgentClock.second))
    }

    /// Makes a run due now.
    mutating func hurry(_ now: Int64) {
        due = now
    }
}
