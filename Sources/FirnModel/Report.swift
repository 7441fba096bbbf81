/// One rule judged against one source of one target.
public struct Result: Sendable, Hashable {
    /// The rule's id.
    public var rule: String
    /// The rule's title.
    public var title: String
    /// The index of the target in the report.
    public var target: Int
    /// The layer.
    public var source: SourceKind
    /// What evaluation gave.
    public var outcome: Outcome
    /// How much a failure matters.
    public var severity: Severity
    /// What was seen, or nil where nothing was.
    public var observed: String?
    /// What the rule wants, in words.
    public var expected: String
    /// Where it was seen.
    public var evidence: [Evidence]
    /// The repair that fits the system, or nil.
    public var fix: Fix?
    /// The controls of published benchmarks it answers.
    public var controls: [String]
    /// The waiver that accepts it; the outcome stays `fail`.
    public var waiver: Waiver?
    /// Why the outcome is what it is, where the values alone do not say.
    public var message: String?

    /// Creates a result.
    public init(
        rule: String, title: String, target: Int, source: SourceKind, outcome: Outcome, severity: Severity,
        observed: String?, expected: String, evidence: [Evidence], fix: Fix? = nil, controls: [String] = [],
        waiver: Waiver? = nil, message: String? = nil
    ) {
        self.rule = rule
        self.title = title
        self.target = target
        self.source = source
        self.outcome = outcome
        self.severity = severity
        self.observed = observed
        self.expected = expected
        self.evidence = evidence
        self.fix = fix
        self.controls = controls
        self.waiver = waiver
        self.message = message
    }
}

/// What was audited.
public struct ReportTarget: Sendable, Hashable {
    /// The form it came in: `evaluated-configuration`, `system-closure`, `image`, `live-host`.
    public var kind: String
    /// The name given on the command line.
    public var name: String
    /// Its size in bytes, where it is one file.
    public var size: Int64?
    /// The layer it describes.
    public var source: SourceKind
    /// SHA-256 of its bytes, lower-case hex, where it is one file that was read whole.
    public var digest: String?
    /// The system it names.
    public var identity: Identity

    /// Creates a target.
    public init(
        kind: String, name: String, size: Int64?, source: SourceKind, digest: String? = nil, identity: Identity
    ) {
        self.kind = kind
        self.name = name
        self.size = size
        self.digest = digest
        self.source = source
        self.identity = identity
    }
}

/// The results of one run, complete enough to be judged again without the target.
public struct Report: Sendable, Hashable {
    /// The version of the report document.
    public static let schemaVersion = 3

    /// The tool's name and version.
    public var tool: String
    /// What was audited, in the order of the command line.
    public var targets: [ReportTarget]
    /// The profile's id.
    public var profile: String
    /// The profile's digest.
    public var profileDigest: String
    /// What the profile leaves out.
    public var dropped: [DroppedRule]
    /// The catalogue's digest.
    public var catalogueDigest: String
    /// When the facts were collected, in seconds since 1970.
    public var collectedAt: Int64
    /// The facts each target gave, in the order of the targets.
    public var snapshots: [Snapshot]
    /// Every rule against every source, ordered by target, then rule.
    public var results: [Result]
    /// Where layers disagree.
    public var drift: [Drift]
    /// Why targets were, or were not, compared with each other.
    public var notes: [String]
    /// The nonce of the one question this report answers, where it was asked with one.
    public var challenge: String?
    /// The gate's decision; nil in a report that has not been to the gate.
    public var verdict: Verdict?

    /// Creates a report.
    public init(
        tool: String, targets: [ReportTarget], profile: String, profileDigest: String, dropped: [DroppedRule],
        catalogueDigest: String, collectedAt: Int64, snapshots: [Snapshot], results: [Result], drift: [Drift],
        notes: [String], challenge: String? = nil, verdict: Verdict? = nil
    ) {
        self.tool = tool
        self.targets = targets
        self.profile = profile
        self.profileDigest = profileDigest
        self.dropped = dropped
        self.catalogueDigest = catalogueDigest
        self.collectedAt = collectedAt
        self.snapshots = snapshots
        self.results = results
        self.drift = drift
        self.notes = notes
        self.challenge = challenge
        self.verdict = verdict
    }
}
