public import FirnModel

/// How the results of one host went over time, in reports of the same layers: what the options say today does not repair
/// what was built yesterday.
public struct HistoryTrend: Sendable, Hashable {
    /// One report of the host.
    public struct Point: Sendable, Hashable {
        /// When its facts were collected, in seconds since 1970.
        public var collectedAt: Int64
        /// The profile's id.
        public var profile: String
        /// The rules that fail and are not waived, by severity, all five.
        public var fails: [Severity: Int]
        /// The rules that fail and are all waived.
        public var waived: Int
        /// The rules that could not be told, or are in error.
        public var untold: Int

        /// Creates a point.
        public init(collectedAt: Int64, profile: String, fails: [Severity: Int], waived: Int, untold: Int) {
            self.collectedAt = collectedAt
            self.profile = profile
            self.fails = fails
            self.waived = waived
            self.untold = untold
        }

        /// All rules that fail and are not waived.
        public var total: Int { fails.values.reduce(0, +) }
    }

    /// What a report says of one rule of a host, over all its layers: the worst.
    public enum State: Int, Sendable, Hashable, Comparable, CaseIterable {
        /// Not asked, not applicable or not checked.
        case silent
        /// It passes.
        case passes
        /// It fails and is waived.
        case waived
        /// It could not be told, or was in error.
        case untold
        /// It fails.
        case fails

        /// The worse is the greater.
        public static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }
    }

    /// One rule over the points.
    public struct Rule: Sendable, Hashable {
        /// The rule's id.
        public var id: String
        /// Its severity in the newest report that has it.
        public var severity: Severity
        /// What each point says of it.
        public var states: [State]

        /// Creates a rule.
        public init(id: String, severity: Severity, states: [State]) {
            self.id = id
            self.severity = severity
            self.states = states
        }
    }

    /// The host's name, else the target's.
    public var host: String
    /// The layers of its reports, where the host has reports of others too; else empty.
    public var sources: [SourceKind]
    /// The reports, the oldest first.
    public var points: [Point]
    /// The rules that failed, or could not be told, at some point: the most severe first, then by id.
    public var rules: [Rule]

    /// Creates a trend.
    public init(host: String, sources: [SourceKind] = [], points: [Point], rules: [Rule]) {
        self.host = host
        self.sources = sources
        self.points = points
        self.rules = rules
    }

    /// What a person calls it: the host, with the layers where it has several trends. Somebody else's words: escape it.
    public var name: String {
        sources.isEmpty ? host : "\(host) (\(sources.map(\.rawValue).joined(separator: ", ")))"
    }
}
