import FirnModel
import FirnParsing

/// A password as an option states it: its form, never its value.
enum StatedPassword: Sendable, Hashable {
    /// In clear text; an empty one lets everybody in as no password does.
    case clear(isEmpty: Bool)
    /// A hash, or what stands in its place.
    case hashed(PasswordForm)
}

/// An account as the configuration declares it.
struct DeclaredAccount: Sendable, Hashable {
    /// A value and where it stands.
    struct Stated<Value: Sendable & Hashable>: Sendable, Hashable {
        var value: Value
        var evidence: Evidence
    }

    var name: String
    var uid: Int64?
    /// The primary group, by name or number.
    var group: String?
    var extraGroups: [String] = []
    var home: String?
    var shell: String?
    var isNormal: Bool?
    var isSystem: Bool?
    var createHome: Bool?
    var homeMode: String?
    var password: Stated<StatedPassword>?
    var hashedPassword: Stated<StatedPassword>?
    var initialPassword: Stated<StatedPassword>?
    var initialHashedPassword: Stated<StatedPassword>?
    var passwordFile: Stated<String>?
    var subUids: [AccountFiles.Subordinate] = []
    var subGids: [AccountFiles.Subordinate] = []
    var evidence: Evidence

    /// The options that hold a password, whatever its form.
    var stated: [Stated<StatedPassword>] {
        [password, initialPassword, hashedPassword, initialHashedPassword].compactMap { $0 }
    }
}

/// What makes the accounts of a configuration real.
enum AccountManager: Sendable, Hashable {
    /// update-users-groups.pl; nil where the release does not tell which of the two wins.
    case script(hashedWins: Bool?)
    case userborn
    case sysusers
}

/// What a password is, as far as can be told.
enum PasswordState: Sendable, Hashable {
    case form(PasswordForm)
    /// In a file outside the store, which only the running system has.
    case elsewhere(String)
    /// In a file that this source should read and cannot, and why.
    case unavailable(String)
}

/// What a password is, and where that was seen.
struct PasswordFinding: Sendable, Hashable {
    var state: PasswordState
    var evidence: Evidence
}

/// An account of the system.
struct Account: Sendable, Hashable {
    var name: String
    /// Nil where it is allocated when the account is made.
    var uid: Int64?
    /// The primary group by name, where it is known.
    var group: String?
    var gid: Int64?
    var groups: Set<String> = []
    var home: String?
    var shell: String?
    var isSystem: Bool
    /// What the password is and will be: more than one where the next activation changes it.
    var passwords: [PasswordFinding] = []
    var evidence: Evidence
}

/// All that is known of the accounts of a system.
struct AccountsModel: Sendable {
    var accounts: [Account] = []
    /// What the configuration declares.
    var declared: [DeclaredAccount] = []
    /// Whether that could be found; where it could not, only real files speak.
    var isDeclarationKnown = true
    /// The ids of groups that are known.
    var groupIDs: [(name: String, gid: Int64, evidence: Evidence)] = []
    /// Whether accounts can be changed by hand, and where that is said.
    var isMutable: Fact
    var subUids: [(range: AccountFiles.Subordinate, path: String)] = []
    var subGids: [(range: AccountFiles.Subordinate, path: String)] = []
    /// Homes with their mode: name, mode, evidence, whether it is of an ordinary user.
    var homes: [(name: String, mode: String, evidence: Evidence, isSystem: Bool)] = []
    /// Accounts whose password stands in passwd itself.
    var inPasswd: [(name: String, evidence: Evidence)] = []
    /// Lines that name another source of accounts.
    var compatible: [Evidence] = []
    /// Names that stand more than once in a file.
    var duplicateNames: [(name: String, evidence: Evidence)] = []
    /// Where the accounts come from.
    var evidence: [Evidence] = []

    /// The accounts that are root.
    var rootNames: Set<String> {
        Set(accounts.filter { $0.uid == 0 }.map(\.name)).union(["root"])
    }
}

extension DeclaredAccount {
    /// What the password becomes when the account is made (`isNew`) or at a later activation with immutable users.
    ///
    /// Orders: update-users-groups.pl takes the file, then `password`, then `hashedPassword`, and for a new account the
    /// initial ones; userborn takes file, `hashedPassword`, `password`, `initialHashedPassword`, `initialPassword`;
    /// sysusers only knows the file and the initial ones. Clear text becomes sha512 by the script, yescrypt by the others.
    func intention(
        _ manager: AccountManager, isNew: Bool, readFile: (String) -> PasswordState?
    ) -> [PasswordFinding] {
        let method: PasswordForm =
            if case .script = manager { PasswordForm(.sha512, cost: 5000) } else { PasswordForm(.yescrypt, cost: 5) }
        func finding(_ stated: Stated<StatedPassword>?) -> PasswordFinding? {
            guard let stated else { return nil }
            switch stated.value {
            case .clear(let isEmpty):
                return PasswordFinding(state: .form(isEmpty ? PasswordForm(.empty) : method), evidence: stated.evidence)
            case .hashed(let form): return PasswordFinding(state: .form(form), evidence: stated.evidence)
            }
        }
        let file = passwordFile.flatMap { stated in
            readFile(stated.value).map { PasswordFinding(state: $0, evidence: stated.evidence) }
        }
        let locked = PasswordFinding(state: .form(PasswordForm(.locked)), evidence: evidence)
        if let file { return [file] }
        let initial = finding(initialPassword) ?? finding(initialHashedPassword)
        switch manager {
        case .userborn:
            return [
                finding(hashedPassword) ?? finding(password)
                    ?? (isNew ? finding(initialHashedPassword) ?? finding(initialPassword) : nil) ?? locked
            ]
        case .sysusers:
            return [(isNew ? finding(initialHashedPassword) ?? finding(initialPassword) : nil) ?? locked]
        case .script(let hashedWins):
            // A file that is declared hides `password`, even where it is not there.
            if passwordFile == nil, let clear = finding(password) { return [clear] }
            let hashed = finding(hashedPassword)
            guard isNew, let initial else { return [hashed ?? locked] }
            guard let hashed else { return [initial] }
            switch hashedWins {
            case true?: return [hashed]
            case false?: return [initial]
            case nil: return [hashed, initial]
            }
        }
    }
}
