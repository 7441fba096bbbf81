import FirnModel
import FirnParsing

/// The facts of keys that may log in.
struct AccountsKeys {
    /// A file of keys, or the keys of an option.
    private struct Source {
        var user: String
        var keys: AuthorizedKeys
        /// The place of a line.
        var place: @Sendable (Int) -> Evidence
    }

    private var sources: [Source] = []
    private var doubt: (reason: String, evidence: Evidence)?
    private var base: [Evidence] = []

    private static let keys: [FactKey] = [
        "accounts.keys.root", "accounts.keys.small", "accounts.keys.short-rsa", "accounts.keys.types",
        "accounts.keys.refused", "accounts.keys.forced-unrestricted", "accounts.keys.cert-authority",
    ]

    // MARK: - Closure

    /// Facts of `/etc/ssh/authorized_keys.d` and of homes that the image brings with it.
    static func built(_ system: SystemView, accounts: [Account]?, rootNames: Set<String>) -> FactBatch {
        var reader = AccountsKeys()
        let directory = "ssh/authorized_keys.d"
        reader.base = [Evidence(path: system.shownEtcPath(directory))]
        do {
            let names = try system.listEtc(directory)
            let all = Set(names)
            for name in names where !isSidecar(name, all) {
                reader.read(
                    system, system.etcPath(directory + "/" + name), user: name, shown: "/etc/\(directory)/\(name)")
            }
        } catch {
            if !error.isAbsence { reader.doubt = (error.description, Evidence(path: system.shownEtcPath(directory))) }
        }
        // Homes lie beside an activated root only; of a bare toplevel nothing is known there.
        if system.etcRoot == "/etc" || system.formerEtc != nil {
            if accounts == nil, reader.doubt == nil {
                reader.doubt = ("the accounts are not known, nor their homes", Evidence(path: "/etc/passwd"))
            }
            for account in accounts ?? [] {
                guard let home = account.home, home.hasPrefix("/"), home != "/", home != "/var/empty" else { continue }
                for name in ["authorized_keys", "authorized_keys2"] {
                    let path = home + "/.ssh/" + name
                    reader.read(system, path, user: account.name, shown: path)
                }
            }
        }
        return reader.facts(rootNames)
    }

    private static func isSidecar(_ name: String, _ names: Set<String>) -> Bool {
        [".mode", ".uid", ".gid"].contains { name.hasSuffix($0) && names.contains(String(name.dropLast($0.count))) }
    }

    private mutating func read(_ system: SystemView, _ path: String, user: String, shown: String) {
        do {
            let keys = try AuthorizedKeys.parse(try system.tree.read(path, limit: 1 << 20))
            sources.append(Source(user: user, keys: keys) { Evidence(path: shown, line: $0) })
        } catch let error as TreeError {
            if !error.isAbsence { doubt = (error.description, Evidence(path: shown)) }
        } catch {
            doubt = ("\(shown): \(error)", Evidence(path: shown))
        }
    }

    // MARK: - Options

    /// Facts of `users.users.<name>.openssh.authorizedKeys`, which sshd's module writes when sshd is on.
    static func declared(_ options: OptionTree, rootNames: Set<String>) -> FactBatch {
        var reader = AccountsKeys()
        let enable = ["services", "openssh", "enable"]
        reader.base = [options.evidence(enable)]
        switch options.readBoolean(enable) {
        case .value(true, _): break
        case .value(false, _): return reader.facts(rootNames)
        case .unavailable(let reason, let evidence):
            reader.doubt = (reason, evidence)
            return reader.facts(rootNames)
        case .null(let evidence), .missing(let evidence):
            reader.doubt = ("the export does not hold services.openssh.enable", evidence)
            return reader.facts(rootNames)
        }
        guard case .value(let users, _) = options.readMembers(["users", "users"]) else {
            reader.doubt = ("the export does not hold users.users", options.evidence(["users", "users"]))
            return reader.facts(rootNames)
        }
        for user in users where user.node["enable"]?.boolean != false {
            let path = ["users", "users", user.key, "openssh", "authorizedKeys"]
            guard case .value(let node) = options.lookup(path) else { continue }
            let name = user.node["name"]?.string ?? user.key
            for (index, key) in (node["keys"]?.array ?? []).enumerated() {
                guard let text = key.string else { continue }
                let place = Evidence(
                    path: OptionTree.spelled(path + ["keys"]), line: key.line, text: "key \(index + 1)")
                do {
                    let keys = try AuthorizedKeys.parse(Array(text.utf8))
                    reader.sources.append(Source(user: name, keys: keys) { _ in place })
                } catch {
                    reader.doubt = ("\(place.path): \(error)", place)
                }
            }
            if let file = node["keyFiles"]?.array?.first {
                reader.doubt = (
                    "the keys of \(name) are in a file, which the options do not hold",
                    Evidence(path: OptionTree.spelled(path + ["keyFiles"]), line: file.line)
                )
            }
        }
        return reader.facts(rootNames)
    }

    // MARK: - Facts

    private func facts(_ rootNames: Set<String>) -> FactBatch {
        var lists: [FactKey: [(text: String, evidence: Evidence)]] = [:]
        func add(_ key: FactKey, _ text: String, _ evidence: Evidence, _ words: String) {
            lists[key, default: []].append(
                (text, Evidence(path: evidence.path, line: evidence.line, text: words)))
        }
        for source in sources {
            for entry in source.keys.entries {
                let place = source.place(entry.line)
                let type = entry.key.type
                let words = "\(source.user): \(type), \(entry.key.bits) bits"
                let isRSA = type.hasPrefix("ssh-rsa")
                if rootNames.contains(source.user) {
                    add("accounts.keys.root", "\(source.user): \(type) \(entry.key.bits)", place, words)
                }
                if type.hasPrefix("ssh-dss") || isRSA && entry.key.bits < 2048 {
                    add("accounts.keys.small", "\(source.user): \(type) \(entry.key.bits)", place, words)
                }
                if isRSA, entry.key.bits < 3072 {
                    add("accounts.keys.short-rsa", "\(source.user): \(type) \(entry.key.bits)", place, words)
                }
                // An RSA key signs with SHA-2 where both sides can; what sshd accepts is judged by its own rules.
                let algorithm = isRSA ? type.replacing("ssh-rsa", with: "rsa-sha2-512") : type
                add("accounts.keys.types", algorithm, place, words)
                if entry.has("command"), !isRestricted(entry) {
                    add("accounts.keys.forced-unrestricted", source.user, place, words + ", with a forced command")
                }
                if entry.has("cert-authority"), !entry.has("principals") {
                    add("accounts.keys.cert-authority", source.user, place, words + ", signs for others")
                }
            }
            for refusal in source.keys.refused {
                add(
                    "accounts.keys.refused", source.user, source.place(refusal.line),
                    "\(source.user): \(refusal.reason)")
            }
        }
        var batch = FactBatch()
        for key in Self.keys {
            let found = (lists[key] ?? []).sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
            // Offenders stay offenders whatever else is hidden; a list of all types is only known whole.
            if let doubt, found.isEmpty || key == "accounts.keys.types" {
                batch.facts[key] = .unavailable(reason: doubt.reason, [doubt.evidence])
                continue
            }
            var texts: [String] = []
            for one in found where texts.last != one.text { texts.append(one.text) }
            batch.facts[key] = .known(.strings(texts), found.isEmpty ? base : found.map(\.evidence))
        }
        return batch
    }

    /// Whether a key with a forced command can do nothing else: open no port, no agent.
    private func isRestricted(_ entry: AuthorizedKeys.Entry) -> Bool {
        // The options count in order: one that gives back undoes `restrict`.
        var forwards = true
        for option in entry.options {
            switch option.name {
            case "restrict", "no-port-forwarding": forwards = false
            case "port-forwarding": forwards = true
            default: break
            }
        }
        return !forwards
    }
}
