import FirnModel
import FirnParsing

/// The real passwd, shadow, group, subuid and subgid of a root that was activated once, or of an image that ships them.
struct AccountsFiles {
    /// What they hold.
    struct Real {
        var users: [AccountFiles.User]
        var shadow: [String: AccountFiles.Password]
        /// Why shadow could not be read, where it could not.
        var shadowProblem: String?
        var groups: [AccountFiles.Group]
        var subUids: [(range: AccountFiles.Subordinate, path: String)] = []
        var subGids: [(range: AccountFiles.Subordinate, path: String)] = []
        var compatible: [Evidence] = []
        var duplicateNames: [(name: String, evidence: Evidence)] = []
        var inPasswd: [(name: String, evidence: Evidence)] = []
        /// The accounts that an earlier activation declared (/var/lib/nixos/declarative-users).
        var declarativeUsers: Set<String> = []
        var evidence: [Evidence] = []

        /// The accounts as they are now.
        func accounts(declared: [String: DeclaredAccount]) -> [Account] {
            let memberships = AccountsReading.memberships(groups.map { ($0.name, $0.members) })
            // Where two groups share an id the first one names it.
            let names = Dictionary(groups.map { ($0.gid, $0.name) }) { first, _ in first }
            var seen: Set<String> = []
            return users.compactMap { user in
                guard seen.insert(user.name).inserted else { return nil }
                let place = Evidence(path: "/etc/passwd", line: user.line, text: user.name)
                var groups = memberships[user.name] ?? []
                let primary = names[user.gid] ?? (user.gid == 0 ? "root" : nil)
                if let primary { groups.insert(primary) }
                var isSystem = user.uid != 0 && user.uid < 1000
                if let one = declared[user.name] { isSystem = AccountsReading.isSystem(one, uid: user.uid) }
                return Account(
                    name: user.name, uid: user.uid, group: primary, gid: user.gid, groups: groups, home: user.home,
                    shell: user.shell, isSystem: isSystem, passwords: [password(user, place)], evidence: place)
            }
        }

        private func password(_ user: AccountFiles.User, _ place: Evidence) -> PasswordFinding {
            if let form = user.password {
                return PasswordFinding(
                    state: .form(form),
                    evidence: Evidence(
                        path: "/etc/passwd", line: user.line, text: "\(user.name): \(AccountsReading.words(form))"))
            }
            if let shadowProblem { return PasswordFinding(state: .unavailable(shadowProblem), evidence: place) }
            guard let entry = shadow[user.name] else {
                // Nothing to compare a password with.
                return PasswordFinding(state: .form(PasswordForm(.locked)), evidence: place)
            }
            return PasswordFinding(
                state: .form(entry.form),
                evidence: Evidence(
                    path: "/etc/shadow", line: entry.line, text: "\(user.name): \(AccountsReading.words(entry.form))"))
        }
    }

    let system: SystemView

    /// Nil where there is no passwd yet: it is made at the first activation.
    func read() throws(AccountsBuilt.Failure) -> Real? {
        guard let users = try contents("passwd", AccountFiles.users) else { return nil }
        var real = Real(users: users.entries, shadow: [:], groups: [])
        real.evidence = [Evidence(path: "/etc/passwd")]
        note("passwd", users, &real) { ($0.name, $0.line) }
        for user in users.entries {
            if let form = user.password, form.kind != .locked {
                let words = "\(user.name): \(AccountsReading.words(form))"
                real.inPasswd.append((user.name, Evidence(path: "/etc/passwd", line: user.line, text: words)))
            }
        }
        do {
            if let shadow = try contents("shadow", AccountFiles.passwords) {
                real.shadow = Dictionary(shadow.entries.map { ($0.name, $0) }) { first, _ in first }
                note("shadow", shadow, &real) { ($0.name, $0.line) }
            } else {
                real.shadowProblem = "/etc/shadow is not there"
            }
        } catch {
            real.shadowProblem = error.reason
        }
        if let groups = try contents("group", AccountFiles.groups) {
            real.groups = groups.entries
            note("group", groups, &real) { ($0.name, $0.line) }
        }
        for (name, isUser) in [("subuid", true), ("subgid", false)] {
            guard let ranges = try contents(name, AccountFiles.subordinates) else { continue }
            let found = ranges.entries.map { (range: $0, path: "/etc/" + name) }
            if isUser { real.subUids = found } else { real.subGids = found }
        }
        do {
            let bytes = try system.tree.read("/var/lib/nixos/declarative-users", limit: 1 << 20)
            real.declarativeUsers = Set(String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init))
        } catch {
            // Then no account is known to have been declared, and all stay.
        }
        return real
    }

    /// Whether the files can be changed, where nothing says what makes them: files of the store cannot (userborn's static
    /// mode puts them there).
    func mutability() -> Fact {
        let evidence = Evidence(path: "/etc/passwd")
        do {
            let path = try system.tree.resolve(system.etcPath("passwd"))
            if path.hasPrefix("/nix/store/") {
                return .known(.boolean(false), [Evidence(path: "/etc/passwd", text: path)])
            }
            return .unavailable(reason: "what makes the accounts is not known", [evidence])
        } catch {
            return .unavailable(reason: error.description, [evidence])
        }
    }

    private func note<Entry>(
        _ file: String, _ contents: AccountFiles.Contents<Entry>, _ real: inout Real,
        _ identity: (Entry) -> (String, Int)
    ) {
        for line in contents.compatible {
            real.compatible.append(Evidence(path: "/etc/" + file, line: line, text: "a line of the NIS form"))
        }
        var seen: Set<String> = []
        for entry in contents.entries {
            let (name, line) = identity(entry)
            if !seen.insert(name).inserted {
                real.duplicateNames.append((name, Evidence(path: "/etc/" + file, line: line, text: name)))
            }
        }
    }

    private func contents<Entry>(
        _ name: String, _ parse: ([UInt8]) throws(ParseError) -> AccountFiles.Contents<Entry>
    ) throws(AccountsBuilt.Failure) -> AccountFiles.Contents<Entry>? {
        // A generation that is not the active one finds the files of the root it is activated in.
        let path = system.formerEtc.map { $0 + "/" + name } ?? system.etcPath(name)
        do {
            return try parse(try system.tree.read(path, limit: 8 << 20))
        } catch let error as TreeError {
            switch error {
            case .notFound: return nil
            // userborn and sysusers write elsewhere and link to it; before the first start nothing is there.
            case .danglingLink(_, let target) where target.hasPrefix("/var/lib/nixos/"): return nil
            default:
                throw AccountsBuilt.Failure(reason: error.description, evidence: [Evidence(path: "/etc/" + name)])
            }
        } catch {
            throw AccountsBuilt.Failure(
                reason: "/etc/\(name): \(error)", evidence: [Evidence(path: "/etc/" + name)])
        }
    }
}
