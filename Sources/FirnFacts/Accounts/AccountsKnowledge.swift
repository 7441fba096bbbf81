import FirnModel
import FirnParsing

/// `profiles/knowledge/accounts.toml`.
struct AccountsKnowledge: Sendable, Hashable {
    /// A kind of password hash.
    struct Hash: Sendable, Hashable {
        var isWeak: Bool
        var leastCost: Int64?
    }

    /// The groups of each class, in the order of the file.
    var groups: [String: [String]] = [:]
    var hashes: [PasswordForm.Kind: Hash] = [:]
    var noLogin: Set<String> = []
    var noLoginPackages: Set<String> = []
    var shells: Set<String> = []
    var loginPrograms: Set<String> = []
    var hashedWinsSince: DottedVersion
    var loginDefsOptionSince: DottedVersion
    var loginDefsFixedUntil: DottedVersion
    /// What the shadow suite takes where login.defs is silent.
    var loginDefs: [String: String] = [:]
    /// What old releases write into login.defs.
    var fixedLoginDefs: [String: String] = [:]

    /// The classes of groups.
    static let classes = ["root", "raw", "secrets", "devices", "logs"]
    private static let file = "profiles/knowledge/accounts.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["accounts"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        hashedWinsSince = try Self.version(table, "hashed-wins-since")
        loginDefsOptionSince = try Self.version(table, "login-defs-option-since")
        loginDefsFixedUntil = try Self.version(table, "login-defs-fixed-until")
        for node in table["group"]?.elements ?? [] {
            guard let name = node["name"]?.string, let kind = node["class"]?.string, Self.classes.contains(kind),
                node["why"]?.string != nil
            else {
                throw DataError(file: Self.file, line: node.line, message: "a group needs a name, a class and a why")
            }
            groups[kind, default: []].append(name)
        }
        for node in table["hash"]?.elements ?? [] {
            guard let name = node["kind"]?.string, let kind = PasswordForm.Kind(rawValue: name),
                let rating = node["rating"]?.string, ["good", "weak"].contains(rating)
            else {
                throw DataError(file: Self.file, line: node.line, message: "a hash needs a known kind and a rating")
            }
            hashes[kind] = Hash(isWeak: rating == "weak", leastCost: node["least-cost"]?.integer)
        }
        for kind in PasswordForm.Kind.allCases where PasswordForm(kind).isHash && hashes[kind] == nil {
            throw DataError(file: Self.file, line: table.line, message: "the hash \(kind.rawValue) has no rating")
        }
        noLogin = try Self.names(table, "shells", "no-login")
        noLoginPackages = try Self.names(table, "shells", "no-login-packages")
        shells = try Self.names(table, "shells", "shells")
        loginPrograms = try Self.names(table, "getty", "login")
        loginDefs = Self.settings(table["login-defs"])
        fixedLoginDefs = Self.settings(table["login-defs-fixed"])
    }

    private static func version(_ table: DataNode, _ key: String) throws(DataError) -> DottedVersion {
        guard let text = table["users"]?[key]?.string, let version = DottedVersion(text) else {
            throw DataError(file: file, line: table.line, message: "users.\(key) must be a release")
        }
        return version
    }

    private static func names(_ table: DataNode, _ section: String, _ key: String) throws(DataError) -> Set<String> {
        guard let names = table[section]?[key]?.strings, !names.isEmpty else {
            throw DataError(file: file, line: table.line, message: "\(section).\(key) must be a list of names")
        }
        return Set(names)
    }

    private static func settings(_ node: DataNode?) -> [String: String] {
        var result: [String: String] = [:]
        for entry in node?.entries ?? [] {
            result[entry.key] = entry.node.string ?? entry.node.integer.map { String($0) }
        }
        return result
    }

    /// Whether an account with this shell can log in to it: the path of a program, or of a package where options name one.
    func isLoginShell(_ shell: String) -> Bool {
        // passwd(5): an empty field is /bin/sh.
        guard let base = shell.split(separator: "/").last else { return true }
        if noLogin.contains(String(base)) { return false }
        guard shell.hasPrefix("/nix/store/"), shell.split(separator: "/").count == 3 else { return true }
        // <hash>-<name>-<version>[-output]
        let name = base.split(separator: "-", omittingEmptySubsequences: false).dropFirst()
            .prefix { $0.first.map { !$0.isNumber } ?? true }.joined(separator: "-")
        return !noLoginPackages.contains(name)
    }
}
