/// What is known of one store path of a closure.
public struct StorePathInfo: Sendable, Hashable {
    /// The store path (`/nix/store/<hash>-<name>`).
    public var path: String
    /// SHA-256 of its NAR, lower-case hex.
    public var narHash: String?
    /// The size of its NAR in bytes.
    public var narSize: Int64?
    /// The store paths it refers to, ordered; itself among them when it names itself.
    public var references: [String]
    /// The derivation that made it.
    public var deriver: String?

    /// Creates one.
    public init(
        path: String, narHash: String? = nil, narSize: Int64? = nil, references: [String] = [], deriver: String? = nil
    ) {
        self.path = path
        self.narHash = narHash
        self.narSize = narSize
        self.references = references
        self.deriver = deriver
    }
}

/// SHA-256 over the sorted lines "store path, NAR hash" of a whole closure. A toplevel's own NAR is mostly symbolic
/// links and binds nothing; this finds one changed file deep in the closure.
public struct ClosureDigest: Sendable, Hashable {
    /// Where the NAR hashes come from.
    public enum Origin: String, Sendable, Hashable, CaseIterable {
        /// Every file was read.
        case recomputed
        /// They are those of the Nix database: what was once built or fetched, not what lies there now.
        case registered
    }

    /// The digest, lower-case hex.
    public var value: String
    /// Where its hashes come from.
    public var origin: Origin

    /// Creates a digest.
    public init(value: String, origin: Origin) {
        self.value = value
        self.origin = origin
    }
}
