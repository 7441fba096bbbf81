/// A rule on which two layers of one system disagree.
public struct Drift: Sendable, Hashable {
    /// The rule whose layers differ.
    public var rule: String
    /// The fact that differs.
    public var fact: FactKey
    /// How much a failure of the rule matters.
    public var severity: Severity
    /// What each layer says, in order of the layers; of several live reports the oldest first.
    public var values: [LayerValue]
    /// The layer that broke the rule; where none did, the first that differs from the one before it.
    public var layer: SourceKind
    /// What that layer did.
    public var effect: Effect
    /// The sentence a person reads.
    public var message: String
    /// What may have caused it, the likeliest first. Never certain; empty where nothing is known of it.
    public var causes: [String]

    /// What a layer did to a rule.
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        /// It fails from here on.
        case broke
        /// It failed, and does no longer.
        case repaired
        /// Another value of the same outcome, or a rule that no longer applies.
        case changed
    }

    /// What one layer says.
    public struct LayerValue: Sendable, Hashable {
        /// The layer.
        public var source: SourceKind
        /// The index of the target in the report.
        public var target: Int
        /// Its outcome.
        public var outcome: Outcome
        /// What was seen.
        public var observed: String?

        /// Creates a layer's value.
        public init(source: SourceKind, target: Int, outcome: Outcome, observed: String?) {
            self.source = source
            self.target = target
            self.outcome = outcome
            self.observed = observed
        }
    }

    /// Creates a drift.
    public init(
        rule: String, fact: FactKey, severity: Severity, values: [LayerValue], layer: SourceKind, effect: Effect,
        message: String, causes: [String] = []
    ) {
        self.rule = rule
        self.fact = fact
        self.severity = severity
        self.values = values
        self.layer = layer
        self.effect = effect
        self.message = message
        self.causes = causes
    }
}
