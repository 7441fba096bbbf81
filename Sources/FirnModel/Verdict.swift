/// The gate's decision on a release, with what it rests on.
public struct Verdict: Sendable, Hashable {
    /// The version of the verdict document.
    public static let schemaVersion = 1

    /// The decision.
    public enum Decision: String, Sendable, Hashable, CaseIterable {
        /// Everything the policy asks for is there, and as it asks for it.
        case pass
        /// At least one reason speaks against it.
        case blocked
    }

    /// Why the gate blocks.
    public enum ReasonKind: String, Sendable, Hashable, CaseIterable {
        /// A rule failed.
        case fail
        /// Two layers disagree.
        case drift
        /// A waiver has expired.
        case waiverExpired
        /// A waiver cannot be applied: unknown rule, no date, more than a year, too severe.
        case waiverInvalid
        /// A report or statement is not what was signed, or not what its own facts give.
        case tampered
        /// The reports are not of one system.
        case identityMismatch
        /// A signature the policy asks for is not there.
        case unsigned
        /// The signature is of a key the policy does not accept.
        case unknownKey
        /// The report answers no challenge, or another one: a replay.
        case challenge
        /// The report was made with another profile than the policy asks for.
        case profile
        /// The report was made with another catalogue than the gate's.
        case catalogue
        /// The artifact is not the one that was judged, or of another kind.
        case artifactMismatch
        /// The artifact is larger than the policy allows.
        case size
        /// A source the policy names, or a required rule, is not among the reports.
        case missing
        /// A report holds no results, or none of the facts they come from.
        case empty
        /// All results of a target are not applicable or not checked.
        case notApplicableOnly
        /// A required rule could not be told.
        case unknown
        /// A report, or a verdict that was kept, is too old, or from the future.
        case stale
        /// The contents of the artifact were not looked at, and the policy asks for it.
        case notVerified
        /// A rule or the engine failed.
        case error
    }

    /// One thing that blocks.
    public struct Reason: Sendable, Hashable {
        /// What kind of thing.
        public var kind: ReasonKind
        /// The rule it is about.
        public var rule: String?
        /// The index of the target it is about.
        public var target: Int?
        /// The sentence a person reads.
        public var message: String

        /// Creates a reason.
        public init(kind: ReasonKind, rule: String? = nil, target: Int? = nil, message: String) {
            self.kind = kind
            self.rule = rule
            self.target = target
            self.message = message
        }
    }

    /// A report the decision rests on.
    public struct Input: Sendable, Hashable {
        /// The file name, without its directory.
        public var name: String
        /// SHA-256 of its bytes, lower-case hex.
        public var digest: String
        /// The fingerprint of the key that signed it (`SHA256:...`, as `ssh-keygen -l` writes it), or nil.
        public var signer: String?

        /// Creates an input.
        public init(name: String, digest: String, signer: String? = nil) {
            self.name = name
            self.digest = digest
            self.signer = signer
        }
    }

    /// The file, or the build result, the decision is bound to.
    public struct Artifact: Sendable, Hashable {
        /// The file name, without its directory.
        public var name: String
        /// `wsl`, `iso` or `vm`.
        public var kind: String
        /// SHA-256 of its bytes, lower-case hex; nil for a build result, which its toplevel names.
        public var digest: String?
        /// Its size in bytes; of a build result the size of all NARs of its closure (`total-nar-size`).
        public var size: Int64
        /// The largest size the policy allows, in bytes.
        public var limit: Int64?
        /// Whether a report of its contents is among the inputs.
        public var isVerified: Bool

        /// Creates an artifact.
        public init(name: String, kind: String, digest: String?, size: Int64, limit: Int64?, isVerified: Bool) {
            self.name = name
            self.kind = kind
            self.digest = digest
            self.size = size
            self.limit = limit
            self.isVerified = isVerified
        }
    }

    /// The decision.
    public var decision: Decision
    /// The policy's id.
    public var policy: String
    /// SHA-256 over the policy, lower-case hex.
    public var policyDigest: String
    /// What blocks, worst first; empty in a pass.
    public var reasons: [Reason]
    /// What a person should know although it does not block.
    public var warnings: [String]
    /// Rules that no source the policy names can answer, by id: open until live.
    public var open: [String]
    /// When it was decided, in seconds since 1970.
    public var judgedAt: Int64
    /// The last second it holds: the earliest expiry of a waiver it needs, the maximum age of a report, or the day before
    /// a rule about a date stops passing.
    public var validUntil: Int64
    /// The reports it rests on.
    public var inputs: [Input]
    /// The artifact it is bound to.
    public var artifact: Artifact?
    /// The system it is about.
    public var toplevel: String?
    /// The digest of the whole closure, where a report has it.
    public var closureDigest: ClosureDigest?
    /// SHA-256 over the waivers, lower-case hex; nil without waivers.
    public var waiversDigest: String?
    /// SHA-256 of the baseline report, lower-case hex; nil without one.
    public var baselineDigest: String?
    /// The id of the profile everything was judged by.
    public var profile: String
    /// The profile's digest.
    public var profileDigest: String
    /// The digest of the catalogue everything was judged with.
    public var catalogueDigest: String

    /// Creates a verdict.
    public init(
        decision: Decision, policy: String, policyDigest: String, reasons: [Reason], warnings: [String],
        open: [String], judgedAt: Int64, validUntil: Int64, inputs: [Input], artifact: Artifact?, toplevel: String?,
        closureDigest: ClosureDigest?, waiversDigest: String?, baselineDigest: String?, profile: String = "",
        profileDigest: String = "", catalogueDigest: String = ""
    ) {
        self.decision = decision
        self.policy = policy
        self.policyDigest = policyDigest
        self.reasons = reasons
        self.warnings = warnings
        self.open = open
        self.judgedAt = judgedAt
        self.validUntil = validUntil
        self.inputs = inputs
        self.artifact = artifact
        self.toplevel = toplevel
        self.closureDigest = closureDigest
        self.waiversDigest = waiversDigest
        self.baselineDigest = baselineDigest
        self.profile = profile
        self.profileDigest = profileDigest
        self.catalogueDigest = catalogueDigest
    }
}
