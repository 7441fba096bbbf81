public import FirnModel

/// What is known of a report's signature.
public enum ReportSignature: Sendable, Hashable {
    /// It is a plain report.
    case unsigned
    /// Every signature holds and is of an accepted key; the fingerprint of the first (`SHA256:...`).
    case signed(by: String)
    /// A signature is of no key the policy accepts; the sentence says which.
    case unknownKey(String)
    /// A signature does not hold; the sentence says why.
    case invalid(String)
}

/// A report as it was handed to the gate.
public struct GateReport: Sendable, Hashable {
    /// The file name, without its directory.
    public var name: String
    /// SHA-256 of the file's bytes, lower-case hex.
    public var digest: String
    /// What the file says.
    public var report: Report
    /// What is known of its signature.
    public var signature: ReportSignature

    /// Creates one.
    public init(name: String, digest: String, report: Report, signature: ReportSignature = .unsigned) {
        self.name = name
        self.digest = digest
        self.report = report
        self.signature = signature
    }
}

/// An image file or a build result, measured.
public struct GateArtifact: Sendable, Hashable {
    /// The file name, without its directory.
    public var name: String
    /// What it is, told by its content.
    public var kind: GatePolicy.ArtifactKind
    /// SHA-256 of its bytes, lower-case hex; nil for a build result.
    public var digest: String?
    /// Its size in bytes; of a build result the size of all NARs of its closure.
    public var size: Int64
    /// The toplevel a build result names; nil for a file, and for a result that names none.
    public var toplevel: String?

    /// Creates one.
    public init(
        name: String, kind: GatePolicy.ArtifactKind, digest: String?, size: Int64, toplevel: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.digest = digest
        self.size = size
        self.toplevel = toplevel
    }
}

/// Everything the gate decides on.
public struct GateInput: Sendable {
    /// The reports.
    public var reports: [GateReport]
    /// The policy.
    public var policy: GatePolicy
    /// The profiles a report may be of: the one the policy asks for, then those that inherit from it.
    public var profiles: [ResolvedProfile]
    /// The digest of the gate's own catalogue.
    public var catalogueDigest: String
    /// The knowledge tables of the gate's own catalogue.
    public var knowledge: Knowledge
    /// The ids of the rules of the gate's own catalogue.
    public var knownRules: Set<String>
    /// All rules of the gate's own catalogue, for the rule that judges others; without them that one is in error.
    public var rules: [Rule]
    /// The waivers.
    public var waivers: WaiverSet
    /// The artifact, where one was given.
    public var artifact: GateArtifact?
    /// The report whose failures are known already.
    public var baseline: GateReport?
    /// The nonce the reports must answer.
    public var challenge: String?
    /// The time of the decision, in seconds since 1970.
    public var now: Int64

    /// Creates an input.
    public init(
        reports: [GateReport], policy: GatePolicy, profiles: [ResolvedProfile], catalogueDigest: String,
        knowledge: Knowledge, knownRules: Set<String>, rules: [Rule] = [], waivers: WaiverSet = .none,
        artifact: GateArtifact? = nil,
        baseline: GateReport? = nil, challenge: String? = nil, now: Int64
    ) {
        self.reports = reports
        self.policy = policy
        self.profiles = profiles
        self.catalogueDigest = catalogueDigest
        self.knowledge = knowledge
        self.knownRules = knownRules
        self.rules = rules
        self.waivers = waivers
        self.artifact = artifact
        self.baseline = baseline
        self.challenge = challenge
        self.now = now
    }
}

/// The decision, and what it was made on.
public struct GateDecision: Sendable, Hashable {
    /// The decision.
    public var verdict: Verdict
    /// The reports as one, judged anew by the gate, with the waivers in force and the verdict.
    public var report: Report

    /// Creates a decision.
    public init(verdict: Verdict, report: Report) {
        self.verdict = verdict
        self.report = report
    }
}
