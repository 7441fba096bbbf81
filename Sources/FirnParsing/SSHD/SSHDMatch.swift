/// A connection as Match blocks see it; what is not known matches nothing.
public struct SSHDConnection: Sendable, Hashable {
    /// The user who logs in.
    public var user: String?
    /// The groups of that user.
    public var groups: [String]
    /// The client's host name.
    public var host: String?
    /// The client's address.
    public var address: String?
    /// The address the client connected to.
    public var localAddress: String?
    /// The port the client connected to.
    public var localPort: Int?
    /// The routing domain.
    public var routingDomain: String?
    /// Whether the user does not exist.
    public var isInvalidUser: Bool

    /// Creates a connection.
    public init(
        user: String? = nil, groups: [String] = [], host: String? = nil, address: String? = nil,
        localAddress: String? = nil, localPort: Int? = nil, routingDomain: String? = nil, isInvalidUser: Bool = false
    ) {
        self.user = user
        self.groups = groups
        self.host = host
        self.address = address
        self.localAddress = localAddress
        self.localPort = localPort
        self.routingDomain = routingDomain
        self.isInvalidUser = isInvalidUser
    }
}

/// The criteria of a Match line; all of them must hold.
public struct SSHDMatch: Sendable, Hashable {
    /// One criterion.
    public enum Criterion: Sendable, Hashable {
        /// Every connection.
        case all
        /// A pattern list of users.
        case user(String)
        /// A pattern list of groups.
        case group(String)
        /// A pattern list of host names.
        case host(String)
        /// A list of addresses and networks of the client.
        case address(String)
        /// A list of addresses and networks of the server.
        case localAddress(String)
        /// A port of the server.
        case localPort(Int)
        /// A pattern list of routing domains.
        case routingDomain(String)
        /// The user does not exist.
        case invalidUser
        /// A pattern list of releases of sshd.
        case version(String)
        /// A criterion sshd refuses.
        case unreadable
    }

    /// The criteria in the order of the line.
    public var criteria: [Criterion]
    /// The criteria as written, the first 200 bytes of them.
    public var text: String

    /// Whether every connection matches.
    public var isAll: Bool { criteria == [.all] }

    /// Whether a connection matches.
    func holds(_ connection: SSHDConnection, version: SSHDVersion?) -> Bool {
        criteria.allSatisfy { criterion in
            switch criterion {
            case .all: return true
            case .user(let list): return connection.user.map { SSHDPattern.list($0, list) == .positive } ?? false
            case .group(let list): return Self.groups(connection.groups, match: list)
            case .host(let list):
                guard let host = connection.host else { return false }
                let lower = String(decoding: host.utf8.map(SSHDPattern.lower), as: UTF8.self)
                return SSHDPattern.list(lower, list, lowercased: true) == .positive
            case .address(let list):
                return connection.address.map { SSHDPattern.addresses($0, list) == .positive } ?? false
            case .localAddress(let list):
                return connection.localAddress.map { SSHDPattern.addresses($0, list) == .positive } ?? false
            case .localPort(let port): return connection.localPort == port
            case .routingDomain(let list):
                return connection.routingDomain.map { SSHDPattern.list($0, list) == .positive } ?? false
            case .invalidUser: return connection.isInvalidUser
            case .unreadable: return false
            case .version(let list):
                guard let version else { return false }
                return SSHDPattern.list("OpenSSH_\(version)p1", list) == .positive
            }
        }
    }

    /// A negated match of any group fails the whole (`ga_match_pattern_list`).
    private static func groups(_ groups: [String], match list: String) -> Bool {
        var found = false
        for group in groups {
            switch SSHDPattern.list(group, list) {
            case .negative: return false
            case .positive: found = true
            case .none: continue
            }
        }
        return found
    }

    private static func shown(_ rest: ArraySlice<UInt8>) -> String {
        String(String(decoding: rest.prefix(200), as: UTF8.self).trimmed)
    }

    /// A line sshd refuses: a block that holds for nobody.
    init(unreadable rest: ArraySlice<UInt8>) {
        text = Self.shown(rest)
        criteria = [.unreadable]
    }

    /// Reads what follows `Match`.
    init(_ rest: ArraySlice<UInt8>, syntax: SSHDDialect.Syntax) throws(SSHDRefusal) {
        text = Self.shown(rest)
        var words: [String]
        if syntax.splitsMatch {
            guard let split = SSHDTokens.split(rest) else { throw SSHDRefusal("a quote is not closed") }
            words = split.map { String(decoding: $0, as: UTF8.self) }
        } else {
            words = []
            var cutter = SSHDDelimiter(rest)
            while let word = cutter.next(), !word.isEmpty {
                if word.first == UInt8(ascii: "#") { break }
                words.append(String(decoding: word, as: UTF8.self))
            }
        }
        criteria = []
        var pending = words[...]
        while let word = pending.popFirst() {
            let lower = word.lowercased()
            if lower == "all" {
                guard criteria.isEmpty, pending.isEmpty else {
                    throw SSHDRefusal("'all' cannot be combined with other criteria of Match")
                }
                criteria = [.all]
                return
            }
            if lower == "invalid-user", syntax.splitsMatch {
                criteria.append(.invalidUser)
                continue
            }
            var name = lower
            var argument: String?
            if syntax.splitsMatch, syntax.matchAssignment, let equals = word.firstIndex(of: "=") {
                name = word[..<equals].lowercased()
                argument = String(word[word.index(after: equals)...])
            } else {
                argument = pending.popFirst()
            }
            guard let argument, !argument.isEmpty else { throw SSHDRefusal("the Match criterion \(word) has no value") }
            criteria.append(try Self.criterion(name, argument, word: word, syntax: syntax))
        }
        guard !criteria.isEmpty else { throw SSHDRefusal("Match has no criterion") }
    }

    private static func criterion(
        _ name: String, _ argument: String, word: String, syntax: SSHDDialect.Syntax
    ) throws(SSHDRefusal) -> Criterion {
        switch name {
        case "user": return .user(argument)
        case "group": return .group(argument)
        case "host": return .host(argument)
        case "address", "localaddress":
            guard SSHDPattern.addresses(nil, argument) != nil else {
                throw SSHDRefusal("\(argument) is no list of addresses and networks")
            }
            return name == "address" ? .address(argument) : .localAddress(argument)
        case "localport":
            guard let port = SSHDValue.portNumber(argument) else { throw SSHDRefusal("\(argument) is no port") }
            return .localPort(port)
        case "rdomain": return .routingDomain(argument)
        case "version" where syntax.matchAssignment && syntax.splitsMatch: return .version(argument)
        default: throw SSHDRefusal("\(word) is no criterion of Match")
        }
    }
}

/// Why sshd refuses to start with a line.
struct SSHDRefusal: Error, Hashable {
    /// One sentence without a full stop.
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
