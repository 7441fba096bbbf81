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

/// A family of keys that has no meaning for the system looked at: NixOS' own options on another Linux.
///
/// A rule on such a key is not applicable, with the reason. It is no way to leave out what could not be read.
public struct InapplicableFamily: Sendable, Hashable {
    /// The prefix of the keys, with its dot (`nix.`).
    public var prefix: String
    /// Why it does not apply, in words.
    public var reason: String

    /// Creates a family.
    public init(prefix: String, reason: String) {
        self.prefix = prefix
        self.reason = reason
    }
}

/// Facts of one family as an extractor returns them.
public struct FactBatch: Sendable, Hashable {
    /// The facts by key.
    public var facts: [FactKey: Fact]
    /// The open families, longest prefix first when looked up.
    public var families: [FactFamily]
    /// What has no meaning for this system.
    public var inapplicable: [InapplicableFamily]

    /// Creates a batch.
    public init(
        facts: [FactKey: Fact] = [:], families: [FactFamily] = [], inapplicable: [InapplicableFamily] = []
    ) {
        self.facts = facts
        self.families = families
        self.inapplicable = inapplicable
    }

    /// Adds another batch; a key that both have keeps the newer fact.
    public mutating func merge(_ other: FactBatch) {
        facts.merge(other.facts) { _, new in new }
        families.append(contentsOf: other.families)
        inapplicable.append(contentsOf: other.inapplicable)
    }

    /// Drops all facts and families below a prefix, so that another extractor can answer for them.
    public mutating func drop(prefix: String) {
        facts = facts.filter { !$0.key.rawValue.hasPrefix(prefix) }
        families.removeAll { $0.prefix.hasPrefix(prefix) }
        inapplicable.removeAll { $0.prefix.hasPrefix(prefix) }
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
    /// The toplevel a running host was booted from, which another one may have replaced since.
    public var bootedToplevel: String?
    /// The id of this boot (`/proc/sys/kernel/random/boot_id`), of a running host.
    public var bootID: String?

    /// Creates an identity.
    public init(
        toplevel: String? = nil, hostName: String? = nil, release: String? = nil, system: String? = nil,
        closureDigest: ClosureDigest? = nil, bootedToplevel: String? = nil, bootID: String? = nil
    ) {
        self.bootedToplevel = bootedToplevel
        self.bootID = bootID
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

    /// Why a key has no meaning for this system; nil where it has, or where there is a fact of it.
    public func inapplicability(_ key: FactKey) -> String? {
        guard fact(key) == nil else { return nil }
        return batch.inapplicable.first { key.rawValue.hasPrefix($0.prefix) }?.reason
    }
}
