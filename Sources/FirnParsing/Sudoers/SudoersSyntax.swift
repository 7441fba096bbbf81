/// Something a list of sudoers names: a user, a host, a group, a command (sudoers(5), "SUDOERS FILE FORMAT").
public struct SudoersMember: Sendable, Hashable {
    /// What is named.
    public enum Kind: Sendable, Hashable {
        /// `ALL`.
        case all
        /// The name of an alias.
        case alias(String)
        /// A user, a host or a group of a run-as list.
        case name(String)
        /// `#0`.
        case id(String)
        /// `%wheel`, `%#0`, `%:nonunix`, as it is written.
        case group(String)
        /// `+netgroup`.
        case netgroup(String)
        /// An address or a network of a host list.
        case network(String)
        /// `()`: the user who runs sudo.
        case myself
        /// A command.
        case command(SudoersCommand)
    }

    /// What is named.
    public var kind: Kind
    /// Whether an odd number of `!` stands before it.
    public var isNegated: Bool

    /// Creates a member.
    public init(_ kind: Kind, isNegated: Bool = false) {
        self.kind = kind
        self.isNegated = isNegated
    }
}

/// A command of sudoers.
public struct SudoersCommand: Sendable, Hashable {
    /// The path, a directory that ends in `/`, `sudoedit`, `list`, or a regular expression `^...$`.
    public var path: String
    /// The arguments; nil allows any, `""` allows none.
    public var arguments: String?
    /// Whether a digest binds it to the content of a file.
    public var hasDigest: Bool

    /// Creates a command.
    public init(path: String, arguments: String? = nil, hasDigest: Bool = false) {
        self.path = path
        self.arguments = arguments
        self.hasDigest = hasDigest
    }

    /// The command as it reads in a report.
    public var text: String { arguments.map { "\(path) \($0)" } ?? path }
}

/// The tags of a command; nil where none was given and none is inherited.
public struct SudoersTags: Sendable, Hashable {
    /// `NOPASSWD` or `PASSWD`.
    public var noPassword: Bool?
    /// `NOEXEC` or `EXEC`.
    public var noExec: Bool?
    /// `SETENV` or `NOSETENV`.
    public var setEnvironment: Bool?
    /// `INTERCEPT` or `NOINTERCEPT`.
    public var intercept: Bool?
    /// `LOG_INPUT` or `NOLOG_INPUT`.
    public var logInput: Bool?
    /// `LOG_OUTPUT` or `NOLOG_OUTPUT`.
    public var logOutput: Bool?
    /// `MAIL` or `NOMAIL`.
    public var mail: Bool?
    /// `FOLLOW` or `NOFOLLOW`.
    public var follow: Bool?

    /// Creates tags that say nothing.
    public init() {}

    /// Sets the tag of a word; false when the word is no tag.
    mutating func set(_ word: String) -> Bool {
        let isOff = word.hasPrefix("NO") && word != "NOPASSWD" && word != "NOEXEC"
        switch word {
        case "NOPASSWD": noPassword = true
        case "PASSWD": noPassword = false
        case "NOEXEC": noExec = true
        case "EXEC": noExec = false
        case "SETENV", "NOSETENV": setEnvironment = !isOff
        case "INTERCEPT", "NOINTERCEPT": intercept = !isOff
        case "LOG_INPUT", "NOLOG_INPUT": logInput = !isOff
        case "LOG_OUTPUT", "NOLOG_OUTPUT": logOutput = !isOff
        case "MAIL", "NOMAIL": mail = !isOff
        case "FOLLOW", "NOFOLLOW": follow = !isOff
        default: return false
        }
        return true
    }

    /// What is not given here is taken from the command before in the list.
    mutating func inherit(_ previous: SudoersTags) {
        noPassword = noPassword ?? previous.noPassword
        noExec = noExec ?? previous.noExec
        setEnvironment = setEnvironment ?? previous.setEnvironment
        intercept = intercept ?? previous.intercept
        logInput = logInput ?? previous.logInput
        logOutput = logOutput ?? previous.logOutput
        mail = mail ?? previous.mail
        follow = follow ?? previous.follow
    }
}

/// One command of a privilege, with what the list before it hands down.
public struct SudoersCommandSpec: Sendable, Hashable {
    /// The users it may run as; nil when the specification names none.
    public var runasUsers: [SudoersMember]?
    /// The groups it may run as.
    public var runasGroups: [SudoersMember]?
    /// The tags.
    public var tags: SudoersTags
    /// Names of options such as `CWD` and `NOTAFTER`, with their values.
    public var options: [String: String]
    /// The command, an alias, or `ALL`.
    public var command: SudoersMember
    /// The line it ends on.
    public var line: Int
}

/// Commands allowed on hosts.
public struct SudoersPrivilege: Sendable, Hashable {
    /// The hosts.
    public var hosts: [SudoersMember]
    /// The commands.
    public var commands: [SudoersCommandSpec]
}

/// One setting of a `Defaults` line.
public struct SudoersSetting: Sendable, Hashable {
    /// How it is set.
    public enum Operation: Sendable, Hashable {
        /// `name`.
        case on
        /// `!name`.
        case off
        /// `name=value`.
        case set(String)
        /// `name+=value`.
        case add(String)
        /// `name-=value`.
        case remove(String)
    }

    /// The name.
    public var name: String
    /// How it is set.
    public var operation: Operation
    /// The line.
    public var line: Int
}

/// A `Defaults` line.
public struct SudoersDefaults: Sendable, Hashable {
    /// What the settings apply to.
    public enum Scope: Sendable, Hashable {
        /// Everything.
        case global
        /// `Defaults:users`.
        case users([SudoersMember])
        /// `Defaults@hosts`.
        case hosts([SudoersMember])
        /// `Defaults>users`: the users a command runs as.
        case runas([SudoersMember])
        /// `Defaults!commands`.
        case commands([SudoersMember])
    }

    /// What the settings apply to.
    public var scope: Scope
    /// The settings in order.
    public var settings: [SudoersSetting]
}

/// The four kinds of aliases.
public enum SudoersAliasKind: String, Sendable, Hashable {
    /// `User_Alias`.
    case user = "User_Alias"
    /// `Runas_Alias`.
    case runas = "Runas_Alias"
    /// `Host_Alias`.
    case host = "Host_Alias"
    /// `Cmnd_Alias`.
    case command = "Cmnd_Alias"
}

/// An entry of a sudoers file.
public struct SudoersEntry: Sendable, Hashable {
    /// What it says.
    public enum Kind: Sendable, Hashable {
        /// One name of an alias line.
        case alias(SudoersAliasKind, String, [SudoersMember])
        /// A `Defaults` line.
        case defaults(SudoersDefaults)
        /// Who may run what.
        case specification([SudoersMember], [SudoersPrivilege])
        /// `@include` or `@includedir`.
        case include(String, isDirectory: Bool)
    }

    /// What it says.
    public var kind: Kind
    /// The line it starts on.
    public var line: Int
}

/// A sudoers file: what was understood, and what sudo would complain of.
public struct SudoersFile: Sendable, Hashable {
    /// Entries in order.
    public var entries: [SudoersEntry]
    /// Lines that are no sudoers; sudo leaves such an entry out and goes on with the next.
    public var problems: [ParseError]

    /// Reads a file of at most 1 MiB; throws only when it is no text.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> SudoersFile {
        _ = try TextFile.decode(bytes, limit: 1 << 20)
        var parser = SudoersParser(SudoersScanner(bytes))
        return parser.file()
    }
}
