/// A place in a configuration file.
public struct SSHDLocation: Sendable, Hashable {
    /// The file as the caller named it.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
    /// The line without blanks at its ends; values of environment variables are left out.
    public var text: String

    /// Creates a place.
    public init(file: String, line: Int, text: String) {
        self.file = file
        self.line = line
        self.text = text
    }
}

/// One keyword with its values, as they are in force if the line counts.
public struct SSHDSetting: Sendable, Hashable {
    /// The keyword.
    public var keyword: SSHDKeyword
    /// The values, written as `sshd -T` prints them; algorithm lists as they stand.
    public var values: [String]
    /// Where.
    public var location: SSHDLocation
    /// Why sshd refuses the values; then they are as written.
    public var refusal: String?
}

/// A line of a configuration, in the order in which sshd meets it.
public indirect enum SSHDStatement: Sendable, Hashable {
    /// A keyword.
    case setting(SSHDSetting)
    /// The start of a Match block.
    case match(SSHDMatch, SSHDLocation)
    /// A file that is read in place.
    case included([SSHDStatement])
    /// An Include that could not be followed, and why.
    case unresolved(String, SSHDLocation)
}

/// Why sshd does not start with a configuration.
public struct SSHDProblem: Sendable, Hashable {
    /// Where.
    public var location: SSHDLocation
    /// One sentence without a full stop.
    public var message: String
    /// Whether it depends on the build of sshd, which the configuration does not tell.
    public var isUncertain: Bool
}

/// A file an Include names.
public struct SSHDIncludedFile: Sendable, Hashable {
    /// The path as sshd would name it.
    public var path: String
    /// The bytes.
    public var bytes: [UInt8]

    /// Creates a file.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// What an Include's pattern names.
public enum SSHDIncludes: Sendable, Hashable {
    /// These files, in the order of glob(3).
    case files([SSHDIncludedFile])
    /// It cannot be told, and why.
    case unknown(String)
}

/// A configuration of sshd with its Includes in place.
public struct SSHDConfiguration: Sendable, Hashable {
    /// The lines.
    public var statements: [SSHDStatement]
    /// Why sshd refuses it; empty when it starts.
    public var problems: [SSHDProblem]
    /// The release whose habits were used.
    public var dialect: SSHDDialect
    /// The first Include that could not be followed, and why.
    public var firstUnresolved: (reason: String, location: SSHDLocation)? {
        Self.unresolved(in: statements)
    }

    private static func unresolved(in statements: [SSHDStatement]) -> (reason: String, location: SSHDLocation)? {
        for statement in statements {
            switch statement {
            case .unresolved(let reason, let location): return (reason, location)
            case .included(let inner):
                if let found = unresolved(in: inner) { return found }
            default: continue
            }
        }
        return nil
    }
}
