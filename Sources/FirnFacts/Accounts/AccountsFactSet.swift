import FirnModel
import FirnParsing

/// The facts of accounts and groups, from the model.
struct AccountsFactSet {
    let model: AccountsModel
    let knowledge: AccountsKnowledge

    /// The keys that every model gives.
    static let keys: [FactKey] =
        [
            "accounts.empty-password", "accounts.clear-text-in-store", "accounts.hash-in-store", "accounts.weak-hash",
            "accounts.cheap-hash", "accounts.unusable-hash", "accounts.root-password", "accounts.uid0", "accounts.gid0",
            "accounts.duplicate-uids", "accounts.duplicate-gids", "accounts.duplicate-names", "accounts.mutable-users",
            "accounts.wheel", "accounts.wheel.count", "accounts.system-logins", "accounts.system-shells",
            "accounts.in-passwd", "accounts.nis-entries", "accounts.home.world-writable",
            "accounts.home.world-readable", "accounts.subordinate-ids.overlap", "accounts.subordinate-ids.accounts",
        ] + AccountsKnowledge.classes.map { FactKey("accounts.groups." + $0) }

    /// What real files do not tell.
    private static let ofTheDeclaration: [FactKey] = [
        "accounts.clear-text-in-store", "accounts.hash-in-store", "accounts.home.world-writable",
        "accounts.home.world-readable",
    ]

    static func unavailable(_ failure: AccountsBuilt.Failure) -> FactBatch {
        FactBatch(
            facts: Dictionary(
                uniqueKeysWithValues: keys.map {
                    ($0, Fact.unavailable(reason: failure.reason, failure.evidence))
                }))
    }

    /// A list of offenders, each with its evidence.
    private struct Offenders {
        private(set) var entries: [(text: String, evidence: [Evidence])] = []
        private var places: [String: Int] = [:]
        /// What could not be told, where nothing was found.
        var doubt: (reason: String, evidence: Evidence)?
        /// What is known to be known only by the running system.
        var notes: [Evidence] = []

        mutating func add(_ text: String, _ evidence: [Evidence]) {
            guard let index = places[text] else {
                places[text] = entries.count
                entries.append((text, evidence))
                return
            }
            // A few places show it; a file made to hold thousands of the same must not cost their square.
            for one in evidence where entries[index].evidence.count < 16 && !entries[index].evidence.contains(one) {
                entries[index].evidence.append(one)
            }
        }

        /// What is found is found, whatever else is hidden; nothing found beside something hidden proves nothing.
        func fact(_ base: [Evidence]) -> Fact {
            if entries.isEmpty, let doubt { return .unavailable(reason: doubt.reason, [doubt.evidence]) }
            let sorted = entries.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
            let evidence = sorted.flatMap(\.evidence)
            return .known(.strings(sorted.map(\.text)), evidence.isEmpty ? (notes.isEmpty ? base : notes) : evidence)
        }
    }

    func facts() -> FactBatch {
        var batch = FactBatch()
        passwords(&batch)
        stored(&batch)
        identities(&batch)
        groups(&batch)
        logins(&batch)
        homes(&batch)
        subordinates(&batch)
        batch.facts["accounts.mutable-users"] = model.isMutable
        if !model.isDeclarationKnown {
            for key in Self.ofTheDeclaration {
                batch.facts[key] = .unavailable(
                    reason: "what the configuration declares is not in the target", model.evidence)
            }
        }
        return batch
    }

    // MARK: - Passwords

    private func passwords(_ batch: inout FactBatch) {
        var empty = Offenders()
        var weak = Offenders()
        var cheap = Offenders()
        var unusable = Offenders()
        for account in model.accounts {
            for finding in account.passwords {
                switch finding.state {
                case .elsewhere(let path):
                    let note = Evidence(
                        path: finding.evidence.path, line: finding.evidence.line,
                        text: "\(account.name): the password is in \(path), which only the running system has")
                    empty.notes.append(note)
                case .unavailable(let reason):
                    let doubt = ("the password of \(account.name) cannot be told: \(reason)", finding.evidence)
                    empty.doubt = doubt
                    weak.doubt = doubt
                    cheap.doubt = doubt
                    unusable.doubt = doubt
                case .form(let form):
                    let name = account.name
                    if form.kind == .empty { empty.add(name, [finding.evidence]) }
                    if form.kind == .unusable { unusable.add(name, [finding.evidence]) }
                    guard let rating = knowledge.hashes[form.kind] else { continue }
                    if rating.isWeak { weak.add("\(name): \(form.kind.rawValue)", [finding.evidence]) }
                    if let least = rating.leastCost, let cost = form.cost, cost < least {
                        cheap.add("\(name): \(form.kind.rawValue), cost \(cost)", [finding.evidence])
                    }
                }
            }
        }
        batch.facts["accounts.empty-password"] = empty.fact(model.evidence)
        batch.facts["accounts.weak-hash"] = weak.fact(model.evidence)
        batch.facts["accounts.cheap-hash"] = cheap.fact(model.evidence)
        batch.facts["accounts.unusable-hash"] = unusable.fact(model.evidence)
        batch.facts["accounts.root-password"] = rootPassword()
    }

    /// The form of root's password; where it will change, the one that lets more in.
    private func rootPassword() -> Fact {
        guard let root = model.accounts.first(where: { $0.name == "root" }) else { return .absent(model.evidence) }
        var best: (rank: Int, fact: Fact)?
        for finding in root.passwords {
            let one: (rank: Int, fact: Fact)
            switch finding.state {
            case .form(let form):
                let rank = form.kind == .empty ? 3 : form.isHash ? 2 : 0
                one = (rank, .known(.string(form.kind.rawValue), [finding.evidence]))
            case .elsewhere(let path):
                one = (
                    1,
                    .unavailable(
                        reason: "root's password is in \(path), which only the running system has", [finding.evidence])
                )
            case .unavailable(let reason): one = (1, .unavailable(reason: reason, [finding.evidence]))
            }
            if best.map({ $0.rank < one.rank }) ?? true { best = one }
        }
        return best?.fact ?? .absent(model.evidence)
    }

    /// What the world-readable store gives away.
    private func stored(_ batch: inout FactBatch) {
        var clear = Offenders()
        var hashes = Offenders()
        let accounts = Dictionary(model.accounts.map { ($0.name, $0) }) { first, _ in first }
        for account in model.declared {
            for stated in account.stated {
                switch stated.value {
                case .clear(let isEmpty): if !isEmpty { clear.add(account.name, [stated.evidence]) }
                case .hashed(let form): if form.isHash { hashes.add(account.name, [stated.evidence]) }
                }
            }
            guard let file = account.passwordFile, file.value.hasPrefix("/nix/store/") else { continue }
            for finding in accounts[account.name]?.passwords ?? [] {
                guard finding.evidence == file.evidence else { continue }
                switch finding.state {
                case .form(let form): if form.isHash { hashes.add(account.name, [file.evidence]) }
                case .unavailable(let reason): hashes.doubt = (reason, file.evidence)
                case .elsewhere: break
                }
            }
        }
        batch.facts["accounts.clear-text-in-store"] = clear.fact(model.evidence)
        batch.facts["accounts.hash-in-store"] = hashes.fact(model.evidence)
    }

    // MARK: - Identities

    private func identities(_ batch: inout FactBatch) {
        var roots = Offenders()
        var rootGroup = Offenders()
        var uids: [Int64: [Account]] = [:]
        for account in model.accounts {
            if let uid = account.uid { uids[uid, default: []].append(account) }
            if account.uid == 0 {
                roots.add(account.name, [evidence(account, "uid 0")])
            }
            if account.name != "root", account.gid == 0 || account.groups.contains("root") {
                rootGroup.add(account.name, [evidence(account, "in group root")])
            }
        }
        var sameUid = Offenders()
        for (uid, accounts) in uids where Set(accounts.map(\.name)).count > 1 {
            sameUid.add(
                "\(uid): \(accounts.map(\.name).sorted().joined(separator: ", "))",
                accounts.map { evidence($0, "uid \(uid)") })
        }
        var sameGid = Offenders()
        for (gid, groups) in Dictionary(grouping: model.groupIDs, by: \.gid)
        where Set(groups.map(\.name)).count > 1 {
            sameGid.add(
                "\(gid): \(Set(groups.map(\.name)).sorted().joined(separator: ", "))", groups.map(\.evidence))
        }
        var names = Offenders()
        for (name, evidence) in model.duplicateNames { names.add(name, [evidence]) }
        var inPasswd = Offenders()
        for (name, evidence) in model.inPasswd { inPasswd.add(name, [evidence]) }
        var compatible = Offenders()
        for place in model.compatible { compatible.add("\(place.path):\(place.line ?? 0)", [place]) }
        batch.facts["accounts.uid0"] = roots.fact(model.evidence)
        batch.facts["accounts.gid0"] = rootGroup.fact(model.evidence)
        batch.facts["accounts.duplicate-uids"] = sameUid.fact(model.evidence)
        batch.facts["accounts.duplicate-gids"] = sameGid.fact(model.evidence)
        batch.facts["accounts.duplicate-names"] = names.fact(model.evidence)
        batch.facts["accounts.in-passwd"] = inPasswd.fact(model.evidence)
        batch.facts["accounts.nis-entries"] = compatible.fact(model.evidence)
    }

    private func evidence(_ account: Account, _ text: String) -> Evidence {
        Evidence(
            path: account.evidence.path, line: account.evidence.line, text: "\(account.name): \(text)")
    }

    private func groups(_ batch: inout FactBatch) {
        func members(_ group: String) -> [Account] {
            model.accounts.filter { $0.groups.contains(group) && $0.uid != 0 }
        }
        for kind in AccountsKnowledge.classes {
            var found = Offenders()
            for group in knowledge.groups[kind] ?? [] {
                for account in members(group) {
                    // A service that runs with its own group is no person who was put into it, and a service that reads
                    // logs or a camera does its work.
                    if account.isSystem, account.group == group || kind == "devices" || kind == "logs" { continue }
                    found.add("\(group): \(account.name)", [evidence(account, "in group \(group)")])
                }
            }
            batch.facts[FactKey("accounts.groups." + kind)] = found.fact(model.evidence)
        }
        var wheel = Offenders()
        for account in members("wheel") { wheel.add(account.name, [evidence(account, "in group wheel")]) }
        batch.facts["accounts.wheel"] = wheel.fact(model.evidence)
        let evidence = wheel.entries.flatMap(\.evidence)
        batch.facts["accounts.wheel.count"] = .known(
            .integer(Int64(wheel.entries.count)), evidence.isEmpty ? model.evidence : evidence)
    }

    // MARK: - Logins

    private func logins(_ batch: inout FactBatch) {
        var usable = Offenders()
        var shells = Offenders()
        for account in model.accounts where account.isSystem {
            guard let shell = account.shell, knowledge.isLoginShell(shell) else { continue }
            shells.add(account.name, [evidence(account, "shell \(shell.split(separator: "/").last ?? "/bin/sh")")])
            for finding in account.passwords {
                switch finding.state {
                case .form(let form):
                    if form.isHash || form.kind == .empty { usable.add(account.name, [finding.evidence]) }
                case .elsewhere: usable.add(account.name, [finding.evidence])
                case .unavailable(let reason): usable.doubt = (reason, finding.evidence)
                }
            }
        }
        batch.facts["accounts.system-logins"] = usable.fact(model.evidence)
        batch.facts["accounts.system-shells"] = shells.fact(model.evidence)
    }

    private func homes(_ batch: inout FactBatch) {
        var writable = Offenders()
        var readable = Offenders()
        for home in model.homes {
            guard let mode = Int64(home.mode.drop { $0 == "~" || $0 == ":" }, radix: 8) else {
                writable.doubt = ("the mode \(home.mode) of \(home.name)'s home is no mode", home.evidence)
                readable.doubt = writable.doubt
                continue
            }
            // With the sticky bit others may still add files that a shell reads at login.
            if mode & 0o002 != 0 { writable.add(home.name, [home.evidence]) }
            if mode & 0o005 != 0, !home.isSystem { readable.add(home.name, [home.evidence]) }
        }
        batch.facts["accounts.home.world-writable"] = writable.fact(model.evidence)
        batch.facts["accounts.home.world-readable"] = readable.fact(model.evidence)
    }

    /// Ranges of subordinate ids that two users share, or that hold the id of a real account.
    private func subordinates(_ batch: inout FactBatch) {
        var overlap = Offenders()
        var real = Offenders()
        let uids = model.accounts.compactMap { account in account.uid.map { (account.name, $0) } }
            .sorted { $0.1 < $1.1 }
        let gids = model.groupIDs.map { ($0.name, $0.gid) }.sorted { $0.1 < $1.1 }
        let names = Dictionary(uids.map { (String($0.1), $0.0) }) { first, _ in first }
        for (ranges, ids) in [(model.subUids, uids), (model.subGids, gids)] {
            let sorted = ranges.filter { $0.range.count > 0 }.sorted { $0.range.start < $1.range.start }
            func owner(_ range: AccountFiles.Subordinate) -> String { names[range.owner] ?? range.owner }
            func place(_ entry: (range: AccountFiles.Subordinate, path: String)) -> Evidence {
                Evidence(
                    path: entry.path, line: entry.range.line,
                    text: "\(owner(entry.range)): \(entry.range.count) ids from \(entry.range.start)")
            }
            var widest: (range: AccountFiles.Subordinate, path: String)?
            var next = 0
            for entry in sorted {
                if let before = widest, before.range.start + before.range.count > entry.range.start,
                    owner(before.range) != owner(entry.range)
                {
                    let pair = [owner(before.range), owner(entry.range)].sorted()
                    overlap.add(pair.joined(separator: ", "), [place(before), place(entry)])
                }
                if widest.map({ $0.range.start + $0.range.count < entry.range.start + entry.range.count }) ?? true {
                    widest = entry
                }
                // The ranges are sorted, so the ids below this one's start are below all that follow.
                while next < ids.count, ids[next].1 < entry.range.start { next += 1 }
                let end = entry.range.start + entry.range.count
                for (name, _) in ids[next...].prefix(while: { $0.1 < end }).prefix(16) {
                    real.add("\(owner(entry.range)): \(name)", [place(entry)])
                }
            }
        }
        batch.facts["accounts.subordinate-ids.overlap"] = overlap.fact(model.evidence)
        batch.facts["accounts.subordinate-ids.accounts"] = real.fact(model.evidence)
    }
}
