/// The names that the values of sandbox directives are made of, as one systemd knows them.
public struct SandboxVocabulary: Sendable, Hashable {
    /// The classes of address families that are told apart.
    public enum FamilyClass: Int, Sendable, Hashable, CaseIterable {
        /// AF_INET, AF_INET6.
        case inet
        /// AF_UNIX.
        case unix
        /// AF_NETLINK.
        case netlink
        /// AF_PACKET.
        case packet
        /// All others.
        case other
    }

    /// An address family.
    public struct Family: Sendable, Hashable {
        /// Its class.
        public var familyClass: FamilyClass
        /// One number for all its names.
        public var number: Int

        /// Creates a family.
        public init(_ familyClass: FamilyClass, number: Int) {
            self.familyClass = familyClass
            self.number = number
        }
    }

    /// Capabilities by name, with their numbers.
    public var capabilities: [String: Int] = [:]
    /// Address families by name; all names of a family have its number.
    public var families: [String: Family] = [:]
    /// System calls by name, with a place in a ``CallSet``.
    public var calls: [String: Int] = [:]
    /// Sets of system calls by name (`@clock`), nested sets expanded.
    public var callSets: [String: CallSet] = [:]
    /// Directives that are on or off.
    public var switches: Set<String> = []
    /// What counts as on besides yes, by directive.
    public var switchValues: [String: Set<String>] = [:]

    /// Creates an empty vocabulary.
    public init() {}

    /// All capabilities.
    public var allCapabilities: UInt64 {
        capabilities.values.reduce(0) { $0 | (1 << UInt64($1)) }
    }
}

/// A set of system calls, by their places in a vocabulary.
public struct CallSet: Sendable, Hashable {
    private var words: [UInt64] = []

    /// Creates an empty set.
    public init() {}

    /// Whether a call is in it.
    public func contains(_ place: Int) -> Bool {
        let word = place >> 6
        return word < words.count && words[word] & (1 << UInt64(place & 63)) != 0
    }

    /// Adds a call.
    public mutating func insert(_ place: Int) {
        let word = place >> 6
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(place & 63)
    }

    /// Adds another set.
    public mutating func formUnion(_ other: CallSet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// Takes another set away.
    public mutating func subtract(_ other: CallSet) {
        for index in 0..<min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }

    /// What both have.
    public func intersection(_ other: CallSet) -> CallSet {
        var result = CallSet()
        result.words = zip(words, other.words).map { $0 & $1 }
        return result
    }

    /// Whether nothing is in it.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
}
