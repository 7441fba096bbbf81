/// A release of OpenSSH, as far as its configuration differs: `10.3`.
public struct SSHDVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number before the dot.
    public var major: Int
    /// The number after it.
    public var minor: Int

    /// Creates a version.
    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `10.3`, or the version at the start of `10.3p1`; nil for anything else.
    public init?(_ text: Substring) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), (0...999).contains(major) else { return nil }
        let digits = parts[1].prefix { ("0"..."9").contains($0) }
        guard let minor = Int(digits), (0...999).contains(minor) else { return nil }
        let suffix = parts[1].dropFirst(digits.count)
        guard suffix.isEmpty || suffix.hasPrefix("p") || suffix.hasPrefix(".") else { return nil }
        self.init(major, minor)
    }

    /// `10.3`.
    public var description: String { "\(major).\(minor)" }

    /// Orders by release.
    public static func < (left: SSHDVersion, right: SSHDVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

/// A keyword of sshd_config as one release of sshd reads it.
public struct SSHDKeyword: Sendable, Hashable {
    /// How the arguments are read and checked.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// `yes` or `no`.
        case flag
        /// One word of a list.
        case choice
        /// A whole number from 0 to 2^31-1.
        case integer
        /// A whole number, or `none`.
        case integerOrNone = "integer-or-none"
        /// A time such as `90`, `1h30m`, in seconds.
        case seconds
        /// A time, or `none`, which wins over an earlier time.
        case secondsOrNone = "seconds-or-none"
        /// A mode in octal.
        case octal
        /// A file name, or `none`.
        case path
        /// One argument as it is.
        case word
        /// The rest of the line as it is.
        case text
        /// The rest of the line, an absolute path with arguments, or `none`.
        case command
        /// All arguments.
        case list
        /// All arguments, or `none` alone.
        case listOrNone = "list-or-none"
        /// User patterns, each with an optional host or network list after `@`.
        case users
        /// Names of environment variables.
        case environmentNames = "environment-names"
        /// Assignments of environment variables.
        case environment
        /// A list of algorithms, which may start with `+`, `-` or `^`.
        case algorithms
        /// A port number.
        case port
        /// An address with an optional port.
        case listenAddress = "listen-address"
        /// `begin:rate:full` of unauthenticated connections.
        case startups
        /// Network sizes for IPv4 and IPv6.
        case blockSizes = "block-sizes"
        /// Penalties by source address.
        case penalties
        /// A list of addresses and networks.
        case addresses
        /// Bytes and seconds until new keys are negotiated.
        case rekey
        /// A name and a command.
        case subsystem
        /// Classes of service of interactive and of bulk traffic.
        case ipqos
        /// Destinations of forwarding.
        case permittedOpens = "permitted-opens"
        /// Listening places of remote forwarding.
        case permittedListens = "permitted-listens"
        /// `yes`, `no`, or a pattern list of names.
        case userEnvironment = "user-environment"
        /// Requirements on FIDO keys.
        case keyOptions = "key-options"
        /// Lists of authentication methods.
        case methods
        /// `type=time` for each kind of channel.
        case channelTimeouts = "channel-timeouts"
        /// A keyword that makes sshd on Linux refuse to start.
        case refused
        /// A keyword that is accepted and does nothing.
        case ignored
        /// A keyword that only a patched build knows.
        case patched
        /// `Include`.
        case include
        /// `Match`.
        case match
    }

    /// Which of several lines with one keyword counts.
    public enum Repetition: Sendable, Hashable {
        /// The first.
        case first
        /// All of them, joined.
        case append
        /// The last.
        case last
    }

    /// The classes of algorithms.
    public enum AlgorithmClass: String, Sendable, Hashable, CaseIterable {
        /// Ciphers.
        case cipher
        /// Message authentication codes.
        case mac
        /// Key exchanges.
        case kex
        /// Key types and their signature algorithms.
        case key
        /// Signature algorithms of certificate authorities.
        case sig
    }

    /// The name as sshd_config(5) spells it.
    public var name: String
    /// How the arguments are read.
    public var kind: Kind
    /// Whether it may stand inside a Match block.
    public var inMatch: Bool
    /// Which of several lines counts.
    public var repetition: Repetition
    /// The value when nothing is configured; nil where it is compiled in.
    public var standard: [String]?
    /// Choice: the words in lower case, and the word sshd prints for each.
    public var words: [String: String]
    /// Algorithms: of which class.
    public var algorithms: AlgorithmClass?
    /// Whether a value in a Match block takes effect.
    public var isCopied: Bool
    /// A keyword whose presence makes sshd ignore this one (a slip of OpenSSH before 9.4).
    public var yieldsTo: String?

    /// Creates a keyword.
    public init(
        name: String, kind: Kind, inMatch: Bool = false, repetition: Repetition = .first, standard: [String]? = nil,
        words: [String: String] = [:], algorithms: AlgorithmClass? = nil, isCopied: Bool = true,
        yieldsTo: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.inMatch = inMatch
        self.repetition = repetition
        self.standard = standard
        self.words = words
        self.algorithms = algorithms
        self.isCopied = isCopied
        self.yieldsTo = yieldsTo
    }

    /// Whether the value is a list, as opposed to one word or number.
    public var isList: Bool {
        switch kind {
        case .list, .listOrNone, .users, .environmentNames, .environment, .algorithms, .port, .listenAddress,
            .penalties, .rekey, .subsystem, .ipqos, .permittedOpens, .permittedListens, .methods, .channelTimeouts:
            true
        default: repetition == .append
        }
    }
}

/// Everything in which releases of sshd differ when they read their configuration.
public struct SSHDDialect: Sendable, Hashable {
    /// A name that may start a line, and what it stands for.
    public struct Name: Sendable, Hashable {
        /// The keyword.
        public var keyword: SSHDKeyword
        /// Whether this name may stand inside a Match block.
        public var inMatch: Bool

        /// Creates a name.
        public init(keyword: SSHDKeyword, inMatch: Bool) {
            self.keyword = keyword
            self.inMatch = inMatch
        }
    }

    /// How words are cut, and other habits of a release.
    public struct Syntax: Sendable, Hashable {
        /// Arguments are cut by `argv_split`; else by `strdelim`, and `#` begins a comment anywhere.
        public var splitsArguments = true
        /// Match lines are cut like any other; else by `strdelim`.
        public var splitsMatch = true
        /// `User=name` is one criterion of a split Match line.
        public var matchAssignment = true
        /// Match blocks in files included from outside of Match blocks count.
        public var matchInInclude = true
        /// A relative Include is looked up by its argument, not by the keyword.
        public var relativeInclude = true
        /// Certificate types are refused among signature algorithms.
        public var plainSignatures = true
        /// A second Subsystem of one name is ignored; else it is refused.
        public var repeatedSubsystem = true
        /// `AuthenticationMethods any` after another such line is ignored; else it is refused.
        public var repeatedAnyMethod = true

        /// The newest syntax.
        public init() {}
    }

    /// The algorithms of a release.
    public struct Algorithms: Sendable, Hashable {
        /// What it knows, in the order in which wildcards expand.
        public var supported: [String]
        /// What it offers when nothing is configured.
        public var standard: [String]

        /// Creates lists.
        public init(supported: [String], standard: [String]) {
            self.supported = supported
            self.standard = standard
        }
    }

    /// The release; nil where it is not known.
    public var version: SSHDVersion?
    /// The names in lower case.
    public var names: [String: Name]
    /// The habits.
    public var syntax: Syntax
    /// The algorithms by class; a class that is missing is not known for this release.
    public var algorithms: [SSHDKeyword.AlgorithmClass: Algorithms]

    /// Creates a dialect.
    public init(
        version: SSHDVersion?, names: [String: Name], syntax: Syntax,
        algorithms: [SSHDKeyword.AlgorithmClass: Algorithms]
    ) {
        self.version = version
        self.names = names
        self.syntax = syntax
        self.algorithms = algorithms
    }

    /// The keywords that hold a value, by their own name.
    public var keywords: [String: SSHDKeyword] {
        var result: [String: SSHDKeyword] = [:]
        for name in names.values {
            switch name.keyword.kind {
            case .include, .match, .ignored, .patched, .refused: continue
            default: result[name.keyword.name] = name.keyword
            }
        }
        return result
    }
}

extension SSHDKeyword {
    /// Whether the value is a command line (or free text), whose arguments may be secrets.
    public var isCommand: Bool {
        kind == .command || kind == .text
    }
}
