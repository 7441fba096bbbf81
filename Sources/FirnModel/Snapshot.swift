/// What is so for every key of a family that has no fact of its own.
///
/// Some families are open: there are hundreds of sysctls, and a source has looked for all of them. `missing` says what
/// looking found: usually `absent`, or `unavailable` when one file of the family could not be read.
public struct FactFamily: Sendable, Hashable {
    /// The prefix of the keys, with its dot (`sysctl.`).
    public var prefix: String
    /// The fact of every key with that prefix which the snapshot does not name.
    public var missing: Fact

    /// Creates a family.
    public init(prefix: String, missing: Fact) {
        self.prefix = prefix
        self.missing = missing
    }
}

/// Facts of one family as an extractor returns them.
public struct FactBatch: Sendable, Hashable {
    /// The facts by key.
    public var facts: [FactKey: Fact]
    /// The open families, longest prefix first when looked up.
    public var families: [FactFamily]

    /// Creates a batch.
    public init(facts: [FactKey: Fact] = [:], families: [FactFamily] = []) {
        self.facts = facts
        self.families = families
    }

    /// Adds another batch; a key that both have keeps the newer fact.
    public mutating func merge(_ other: FactBatch) {
        facts.merge(other.facts) { _, new in new }
        families.append(contentsOf: other.families)
    }
}

/// What names a system, so that reports of several sources can be joined.
public struct Identity: Sendable, Hashable {
    /// The toplevel's store path.
    public var toplevel: String?
    /// The host name, for people.
    public var hostName: String?
    /// The NixOS release (`26.11`).
    public var release: String?
    /// The platform (`x86_64-linux`).
    public var system: String?
    /// The digest of the whole closure, where it was computed.
    public var closureDigest: ClosureDigest?

    /// Creates an identity.
    public init(
        toplevel: String? = nil, hostName: String? = nil, release: String? = nil, system: String? = nil,
        closureDigest: ClosureDigest? = nil
    ) {
        self.toplevel = toplevel
        self.hostName = hostName
        self.release = release
        self.system = system
        self.closureDigest = closureDigest
    }
}

/// All facts of one source about one system, independent of any catalogue.
public struct Snapshot: Sendable, Hashable {
    /// The version of the fact schema; an unknown one is refused.
    public static let schemaVersion = 1

    /// The layer it describes.
    public var source: SourceKind
    /// The system it describes.
    public var identity: Identity
    /// When it was collected, in seconds since 1970, set by the collector.
    public var collectedAt: Int64
    /// The facts.
    public var batch: FactBatch

    /// Creates a snapshot.
    public init(source: SourceKind, identity: Identity, collectedAt: Int64, batch: FactBatch) {
        self.source = source
        self.identity = identity
        self.collectedAt = collectedAt
        self.batch = batch
    }

    /// The fact of a key, or nil when this source never supplies it.
    public func fact(_ key: FactKey) -> Fact? {
        if let fact = batch.facts[key] {
            return fact
        }
        var best: FactFamily?
        for family in batch.families where key.rawValue.hasPrefix(family.prefix) {
            if family.prefix.count > (best?.prefix.count ?? -1) {
                best = family
            }
        }
        return best?.missing
    }
}
