/// What the gate asks for before it lets a release out.
public struct GatePolicy: Sendable, Hashable {
    /// The forms of an artifact, each with a size limit of its own.
    public enum ArtifactKind: String, Sendable, Hashable, CaseIterable {
        /// A root file system for WSL: a tar, compressed or not.
        case wsl
        /// An ISO 9660 image.
        case iso
        /// A virtual machine: a qcow2 or raw disk, or the build result of one.
        case vm
    }

    /// Which differences between layers block.
    public enum DriftMatter: Sendable, Hashable {
        /// All of them.
        case all
        /// None; they are warnings.
        case none
        /// Those of rules of one of the families (empty means every family) at or above a severity.
        case some(families: [String], severity: Severity)

        /// Whether drift of a rule blocks.
        public func includes(_ rule: Rule, severity: Severity) -> Bool {
            switch self {
            case .all: true
            case .none: false
            case .some(let families, let least):
                (families.isEmpty || families.contains(rule.family)) && severity >= least
            }
        }

        /// Whether a host that was booted from another system than its active one blocks: a matter of no family.
        public var includesHosts: Bool {
            switch self {
            case .all: true
            case .none: false
            case .some(let families, let least): families.isEmpty && HostGeneration.severity >= least
            }
        }
    }

    /// A key whose signature on a report is accepted.
    public struct AgentKey: Sendable, Hashable {
        /// What it is called.
        public var name: String
        /// The line of its public key, as OpenSSH writes it (`ssh-ed25519 AAAA...`).
        public var key: String
        /// The line in the policy's file.
        public var line: Int

        /// Creates a key.
        public init(name: String, key: String, line: Int = 0) {
            self.name = name
            self.key = key
            self.line = line
        }
    }

    /// The name on the command line.
    public var id: String
    /// What it is for, in a sentence.
    public var title: String
    /// The profile everything is judged by, unless a profile that inherits from it is chosen.
    public var profile: String
    /// The lowest severity of a failure that blocks.
    public var failOn: Severity
    /// The sources that must have answered.
    public var sources: [SourceKind]
    /// How old a report of a source may be, in seconds; every source of `sources` has one.
    public var maximumAge: [SourceKind: Int64]
    /// The largest size of an artifact by its kind, in bytes; every kind has one.
    public var sizeLimits: [ArtifactKind: Int64]
    /// Whether a report of the artifact's contents must be among the reports.
    public var isVerifiedArtifactRequired: Bool
    /// The sources whose reports must be signed by an accepted key.
    public var signed: [SourceKind]
    /// The sources whose reports must answer the challenge of this run, and be signed.
    public var challenged: [SourceKind]
    /// The accepted keys.
    public var agentKeys: [AgentKey]
    /// Which drift blocks.
    public var drift: DriftMatter
    /// The file that holds it.
    public var file: String
    /// SHA-256 over all of it, lower-case hex.
    public var digest: String

    /// The sizes an artifact may have where a policy names none, in bytes: 2048, 3072 and 4096 MB, where one MB is
    /// 1,048,576 bytes.
    public static let defaultSizeLimits: [ArtifactKind: Int64] = [
        .wsl: 2048 << 20, .iso: 3072 << 20, .vm: 4096 << 20,
    ]

    /// Creates a policy.
    public init(
        id: String, title: String, profile: String, failOn: Severity = .low, sources: [SourceKind],
        maximumAge: [SourceKind: Int64], sizeLimits: [ArtifactKind: Int64] = defaultSizeLimits,
        isVerifiedArtifactRequired: Bool = false, signed: [SourceKind] = [], challenged: [SourceKind] = [],
        agentKeys: [AgentKey] = [], drift: DriftMatter = .all, file: String = "", digest: String = ""
    ) {
        self.id = id
        self.title = title
        self.profile = profile
        self.failOn = failOn
        self.sources = sources
        self.maximumAge = maximumAge
        self.sizeLimits = sizeLimits
        self.isVerifiedArtifactRequired = isVerifiedArtifactRequired
        self.signed = signed
        self.challenged = challenged
        self.agentKeys = agentKeys
        self.drift = drift
        self.file = file
        self.digest = digest
    }

    /// How old a report of a source may be, in seconds. A source without an age of its own has the shortest of the
    /// others: nothing is young for ever.
    public func maximumAge(of source: SourceKind) -> Int64 {
        maximumAge[source] ?? maximumAge.values.min() ?? 0
    }
}
