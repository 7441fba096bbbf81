/// Tells when the wall clock was set: it went on by another time than the clock that cannot be set.
struct WallClockJump: Sendable {
    /// Below this, in seconds, it is a clock that is being slewed.
    static let tolerance: Int64 = 30

    private var last: (uptime: Int64, wall: Int64)?

    init() {}

    /// By how many seconds the wall clock jumped since it was asked last; nil where it did not.
    mutating func since(uptime: Int64, wall: Int64) -> Int64? {
        defer { last = (uptime, wall) }
        guard let last else { return nil }
        let jump = (wall - last.wall) - (uptime - last.uptime) / AgentClock.second
        return abs(jump) > Self.tolerance ? jump : nil
    }
}
