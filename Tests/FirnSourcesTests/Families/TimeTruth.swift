import FirnModel

/// What is known by hand of the real systems for the family `time`.
enum TimeTruth: FamilyTruth {
    static let traps: [Trap] = [
        Trap(
            fixture: "current-d-insecure", rule: "time.synchronised", outcome: .fail, shows: "",
            why: "timesyncd is off and nothing stands in"),
        Trap(
            fixture: "current-g-testvm", rule: "time.synchronised", outcome: .fail, shows: "",
            why: "a test VM is no role"),
        Trap(
            fixture: "current-w-container", rule: "time.synchronised", outcome: .notApplicable,
            shows: "system.has-own-kernel is false", why: "a container has the clock of its host"),
        Trap(
            fixture: "modern-c-hardserver", rule: "time.nts", outcome: .fail, shows: "tick.usnogps.navy.mil",
            why: "timesyncd knows no NTS"),
        Trap(
            fixture: "current-a-default", rule: "time.servers", outcome: .pass, shows: "FallbackNTP",
            why: "without NTP= the fallback servers are asked"),
    ]
    static let untold: Set<String> = []
}
