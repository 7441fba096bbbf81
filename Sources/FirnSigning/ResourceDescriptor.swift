import FirnReportCore

/// A thing and its digests, as in-toto describes it (in-toto Attestation v1, resource_descriptor.md).
public struct ResourceDescriptor: Sendable, Hashable {
    /// The keys of digests (digest_set.md; two are ours, described in docs/signatures.md).
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// SHA-256 of the bytes of a file, lower-case hex.
        case sha256
        /// The digest of a whole closure as the design defines it, lower-case hex.
        case nixClosureSha256
        /// The hash in a store path's name, 32 characters of Nix's base 32. It names what was meant to be built, and
        /// says nothing of what lies there.
        case nixStorePathHash
    }

    /// The name.
    public var name: String
    /// The digests, in the order they are written.
    public var digests: [Digest]

    /// One digest.
    public struct Digest: Sendable, Hashable {
        /// Its kind.
        public var algorithm: Algorithm
        /// Its text.
        public var value: String

        /// Creates a digest.
        public init(_ algorithm: Algorithm, _ value: String) {
            self.algorithm = algorithm
            self.value = value
        }
    }

    /// Creates a descriptor.
    public init(name: String, _ digests: [Digest]) {
        self.name = name
        self.digests = digests
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("digest") { writer in
                writer.object { writer in
                    for digest in digests { writer.member(digest.algorithm.rawValue, digest.value) }
                }
            }
        }
    }
}
