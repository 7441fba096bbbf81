/// What a comparison of layers gave.
public struct DriftFindings: Sendable, Hashable {
    /// A rule that a later layer could not tell, although an earlier one could: whether it drifted is not known.
    public struct Untold: Sendable, Hashable {
        /// The rule.
        public var rule: String
        /// The target of the layer that could not tell, by index in the report.
        public var target: Int

        /// Creates one.
        public init(rule: String, target: Int) {
            self.rule = rule
            self.target = target
        }
    }

    /// Where the layers differ, by rule.
    public var drift: [Drift] = []
    /// Which targets were not compared, and why; and which host does not run what it should.
    public var notes: [String] = []
    /// The systems that were compared: the targets of each, in the order of the layers.
    public var compared: [[Int]] = []
    /// How many rules at least two layers of one system answered.
    public var answered = 0
    /// What could not be compared since a later layer could not tell.
    public var untold: [Untold] = []

    /// Creates findings of no comparison.
    public init() {}
}
