/// What secrets look like: the data a scan works with.
public struct SecretShapes: Sendable, Hashable {
    /// A token with a known beginning, alphabet and length.
    public struct Token: Sendable, Hashable {
        /// What reports call it.
        public var kind: String
        /// What it begins with.
        public var prefix: [UInt8]
        /// The fewest bytes behind the prefix.
        public var least: Int
        /// The most bytes behind the prefix; a longer run is something else.
        public var most: Int
        /// Bytes besides letters and digits that may follow.
        public var extra: Set<UInt8>
        /// Whether it is a password hash, not a secret in clear.
        public var isHash: Bool

        /// Creates a token.
        public init(kind: String, prefix: [UInt8], least: Int, most: Int, extra: Set<UInt8>, isHash: Bool) {
            self.kind = kind
            self.prefix = prefix
            self.least = least
            self.most = most
            self.extra = extra
            self.isHash = isHash
        }
    }

    /// Tokens by their first byte.
    public private(set) var tokens: [[Token]]
    /// Words that make a name one of a secret (`password`), in lower case without `_` and `-`.
    public var secretWords: [[UInt8]]
    /// Words that make a name one of a key; its value must look random.
    public var keyWords: [[UInt8]]
    /// Words of names whose value may begin with any byte; it comes from elsewhere only where all of it says so.
    public var strictWords: [[UInt8]]
    /// Endings that make a name one of something else (`passwordfile`).
    public var harmlessEndings: [[UInt8]]
    /// Beginnings that make a name one of a switch (`usepassword`).
    public var harmlessBeginnings: [[UInt8]]
    /// Whole values that are no secret, in lower case.
    public var harmlessValues: Set<String>
    /// Beginnings of values that name a source (`file:`), in lower case.
    public var harmlessPrefixes: [String]
    /// Names that stand before their value with a blank between (`requirepass x`), in lower case.
    public var leadingNames: Set<String>

    /// Creates shapes.
    public init(
        tokens: [Token], secretWords: [String], keyWords: [String], harmlessEndings: [String],
        harmlessBeginnings: [String], harmlessValues: [String], harmlessPrefixes: [String] = [],
        leadingNames: [String] = [], strictWords: [String] = []
    ) {
        var table = [[Token]](repeating: [], count: 256)
        for token in tokens {
            if let first = token.prefix.first { table[Int(first)].append(token) }
        }
        self.tokens = table
        self.secretWords = secretWords.map { Array($0.utf8) }
        self.keyWords = keyWords.map { Array($0.utf8) }
        self.harmlessEndings = harmlessEndings.map { Array($0.utf8) }
        self.harmlessBeginnings = harmlessBeginnings.map { Array($0.utf8) }
        self.harmlessValues = Set(harmlessValues)
        self.harmlessPrefixes = harmlessPrefixes
        self.leadingNames = Set(leadingNames)
        self.strictWords = strictWords.map { Array($0.utf8) }
    }
}

/// A secret in a text: where it stands, what it is and what it is called. Never its value.
public struct SecretFinding: Sendable, Hashable {
    /// How it was recognised.
    public enum Form: Sendable, Hashable {
        /// The header of a private key.
        case privateKey
        /// A token of a known shape.
        case token
        /// An assignment to a name of a secret.
        case assignment
        /// A password in an address (`scheme://user:password@host`).
        case address
        /// A password hash.
        case hash
    }

    /// How it was recognised.
    public var form: Form
    /// What it is: the kind of the token, or `password`.
    public var kind: String
    /// The name it is given to, where there is one.
    public var name: String?
    /// The line.
    public var line: Int
    /// How long it is, as a class: `short` (below 8), `medium` (below 20), `long`.
    public var length: String
}
