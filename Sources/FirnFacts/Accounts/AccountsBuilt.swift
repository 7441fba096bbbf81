import FirnModel
import FirnParsing

/// Reads the accounts of a system closure: what the generation declares, and the real files of an activated root.
struct AccountsBuilt {
    /// Why the accounts cannot be told.
    struct Failure: Error {
        var reason: String
        var evidence: [Evidence]
    }

    let system: SystemView
    let knowledge: AccountsKnowledge
    let release: String?

    /// What the configuration declares.
    private struct Declaration {
        var manager: AccountManager
        var accounts: [DeclaredAccount] = []
        var groups: [AccountsReading.DeclaredGroup] = []
        var isMutable: Fact
        var evidence: [Evidence]
    }

    func model() throws(Failure) -> AccountsModel {
        let declaration = try declaration()
        let files = AccountsFiles(system: system)
        let real = try files.read()
        guard let declaration else {
            guard let real else {
                throw Failure(
                    reason: "neither the activation, userborn, sysusers nor /etc/passwd names the accounts",
                    evidence: [Evidence(path: "/etc/passwd", text: "not there")])
            }
            var model = AccountsModel(isMutable: files.mutability())
            model.isDeclarationKnown = false
            add(real, to: &model)
            model.accounts = real.accounts(declared: [:])
            return model
        }
        var model = AccountsModel(isMutable: declaration.isMutable)
        model.declared = declaration.accounts
        model.evidence = declaration.evidence
        model.groupIDs = declaration.groups.compactMap { group in
            group.gid.map { (group.name, $0, group.evidence) }
        }
        let fresh = AccountsReading.fresh(
            declaration.accounts, groups: declaration.groups, manager: declaration.manager, readFile: passwordFile)
        if let real {
            merge(fresh, real, declaration, &model)
            add(real, to: &model)
        } else {
            model.accounts = fresh
            model.subUids = declaration.accounts.flatMap { one in one.subUids.map { ($0, one.evidence.path) } }
            model.subGids = declaration.accounts.flatMap { one in one.subGids.map { ($0, one.evidence.path) } }
        }
        model.duplicateNames += duplicates(declaration.accounts)
        model.homes = try homes(declaration)
        return model
    }

    private func duplicates(_ accounts: [DeclaredAccount]) -> [(name: String, evidence: Evidence)] {
        var seen: Set<String> = []
        return accounts.filter { !seen.insert($0.name).inserted }.map { ($0.name, $0.evidence) }
    }

    private func add(_ real: AccountsFiles.Real, to model: inout AccountsModel) {
        model.evidence += real.evidence
        model.compatible += real.compatible
        model.duplicateNames += real.duplicateNames
        model.inPasswd += real.inPasswd
        model.groupIDs = real.groups.map { ($0.name, $0.gid, Evidence(path: "/etc/group", line: $0.line)) }
        model.subUids = real.subUids
        model.subGids = real.subGids
    }

    /// What the files hold, changed as the next activation of this generation changes them.
    private func merge(
        _ fresh: [Account], _ real: AccountsFiles.Real, _ declaration: Declaration, _ model: inout AccountsModel
    ) {
        let isActive = system.etcRoot == "/etc"
        let isMutable = declaration.isMutable.value != .boolean(false)
        let declared = Dictionary(declaration.accounts.map { ($0.name, $0) }) { first, _ in first }
        var result = real.accounts(declared: declared)
        let names = Set(result.map(\.name))
        let fresh = Dictionary(fresh.map { ($0.name, $0) }) { first, _ in first }
        for index in result.indices {
            guard let one = declared[result[index].name], let new = fresh[one.name] else { continue }
            result[index].groups.formUnion(new.groups)
            let later = one.intention(declaration.manager, isNew: false, readFile: passwordFile)
            // With immutable users every activation writes the declared password anew.
            if !isMutable { result[index].passwords = (isActive ? result[index].passwords : []) + later }
        }
        if !isActive {
            // Another generation would take away what it does not declare.
            result.removeAll { account in
                declared[account.name] == nil && (!isMutable || real.declarativeUsers.contains(account.name))
            }
        }
        for one in declaration.accounts where !names.contains(one.name) {
            if let new = fresh[one.name] { result.append(new) }
        }
        model.accounts = result
    }

    // MARK: - What is declared

    private func declaration() throws(Failure) -> Declaration? {
        switch system.unit("userborn.service") {
        case .unit(let unit, let path): return try userborn(unit, path)
        case .unavailable(let reason): throw Failure(reason: reason, evidence: [])
        case .missing, .masked: break
        }
        if let script = try script() { return script }
        return try sysusers()
    }

    private func json(_ path: String) throws(Failure) -> JSONNode {
        do {
            return try JSONParser.parse(try system.tree.read(path, limit: 8 << 20))
        } catch let error as TreeError {
            throw Failure(reason: error.description, evidence: [Evidence(path: path)])
        } catch {
            throw Failure(reason: "\(path): \(error)", evidence: [Evidence(path: path)])
        }
    }

    private func members(
        _ root: JSONNode, _ path: String
    ) throws(Failure) -> ([DeclaredAccount], [AccountsReading.DeclaredGroup]) {
        guard let users = root["users"]?.array, let groups = root["groups"]?.array else {
            throw Failure(reason: "\(path) holds no users and groups", evidence: [Evidence(path: path)])
        }
        var accounts: [DeclaredAccount] = []
        for node in users {
            guard let name = node["name"]?.string else { continue }
            let one = AccountsReading.account(node, name: name) { field, key, words in
                guard let key else { return Evidence(path: path, line: node.line, text: name) }
                return Evidence(path: path, line: field?.line ?? node.line, text: "\(name): \(key) is \(words)")
            }
            if let one { accounts.append(one) }
        }
        let declared = groups.compactMap { node in
            node["name"]?.string.map {
                AccountsReading.group(node, name: $0, evidence: Evidence(path: path, line: node.line, text: $0))
            }
        }
        return (accounts, declared)
    }

    /// The JSON that `activate` gives to update-users-groups.pl.
    private func script() throws(Failure) -> Declaration? {
        let activate = (system.toplevel == "/" ? "" : system.toplevel) + "/activate"
        let lines: [TextLine]
        switch system.lines(activate, limit: 4 << 20) {
        case .lines(let found, _): lines = found
        case .absent: return nil
        case .unavailable(let reason, _): throw Failure(reason: reason, evidence: [Evidence(path: activate)])
        }
        for line in lines where line.text.holdsBytes("update-users-groups.pl") {
            let words = SysusersFile.quotedWords(line.text)
            guard let script = words.firstIndex(where: { $0.hasSuffix("update-users-groups.pl") }),
                let path = words[(script + 1)...].first(where: { !$0.hasPrefix("-") }), path.hasPrefix("/")
            else { continue }
            let root = try json(path)
            let (accounts, groups) = try members(root, path)
            let isMutable: Fact =
                if let truth = root["mutableUsers"] {
                    truth.boolean.map { .known(.boolean($0), [Evidence(path: path, line: truth.line)]) }
                        ?? .unavailable(reason: "mutableUsers is no boolean", [Evidence(path: path)])
                } else {
                    .unavailable(reason: "\(path) does not say whether users are mutable", [Evidence(path: path)])
                }
            return Declaration(
                manager: .script(hashedWins: knowledge.hashedWins(release)), accounts: accounts, groups: groups,
                isMutable: isMutable, evidence: [Evidence(path: path)])
        }
        return nil
    }

    private func userborn(_ unit: SystemdUnit, _ unitPath: String) throws(Failure) -> Declaration {
        guard let command = unit.commands("ExecStart").last,
            let path = command.dropFirst().first(where: { $0.hasSuffix(".json") })
        else {
            throw Failure(reason: "userborn.service names no JSON", evidence: [Evidence(path: unitPath)])
        }
        let (accounts, groups) = try members(try json(path), path)
        var isMutable: Fact = .known(
            .boolean(true), [Evidence(path: unitPath, text: "USERBORN_MUTABLE_USERS is not set")])
        for assignment in unit.values("Service", "Environment") {
            for word in SysusersFile.quotedWords(assignment.value) where word.hasPrefix("USERBORN_MUTABLE_USERS=") {
                isMutable = .known(
                    .boolean(word.hasSuffix("=true") || word.hasSuffix("=1")),
                    [Evidence(path: assignment.file, line: assignment.line, text: word)])
            }
        }
        return Declaration(
            manager: .userborn, accounts: accounts, groups: groups, isMutable: isMutable,
            evidence: [Evidence(path: path)])
    }

    private func sysusers() throws(Failure) -> Declaration? {
        let names: [String]
        do {
            names = try system.listEtc("sysusers.d").filter { $0.hasSuffix(".conf") }
        } catch {
            if error.isAbsence { return nil }
            throw Failure(reason: error.description, evidence: [Evidence(path: "/etc/sysusers.d")])
        }
        guard !names.isEmpty else { return nil }
        let reader = AccountsSysusers(system: system)
        var declaration = Declaration(
            manager: .sysusers, isMutable: .unavailable(reason: "systemd-sysusers.service is not there", []),
            evidence: names.map { Evidence(path: "/etc/sysusers.d/" + $0) })
        for name in names {
            do {
                try reader.read(name, &declaration.accounts, &declaration.groups)
            } catch {
                throw Failure(reason: "\(error)", evidence: [Evidence(path: "/etc/sysusers.d/" + name)])
            }
        }
        guard case .unit(let unit, let path) = system.unit("systemd-sysusers.service") else { return declaration }
        reader.credentials(unit, &declaration.accounts)
        // The module makes the files read-only afterwards when users are immutable.
        let isReadOnly = unit.commands("ExecStartPost").contains { $0.contains("ro") && $0.contains("--bind") }
        declaration.isMutable = .known(.boolean(!isReadOnly), [Evidence(path: path)])
        return declaration
    }

    // MARK: - Password files and homes

    /// What a declared password file holds; nil where nothing is there and the other options count.
    private func passwordFile(_ path: String) -> PasswordState? {
        do {
            let bytes = try system.tree.read(path, limit: 1 << 16)
            // A line end is cut off; more lines would make shadow malformed, and the first is what is read.
            let text = String(decoding: bytes, as: UTF8.self)
            let first = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            return .form(PasswordForm.classify(first.trimmed))
        } catch {
            guard path.hasPrefix("/nix/store/") else { return .elsewhere(path) }
            return .unavailable(error.description)
        }
    }

    private func homes(
        _ declaration: Declaration
    ) throws(Failure) -> [(name: String, mode: String, evidence: Evidence, isSystem: Bool)] {
        if case .script = declaration.manager {
            return declaration.accounts.compactMap { one in
                guard one.createHome == true, let mode = one.homeMode else { return nil }
                let evidence = Evidence(
                    path: one.evidence.path, line: one.evidence.line, text: "\(one.name): homeMode \(mode)")
                return (one.name, mode, evidence, AccountsReading.isSystem(one, uid: one.uid))
            }
        }
        switch system.etcLines("tmpfiles.d/home-directories.conf") {
        case .absent: return []
        case .unavailable(let reason, let path): throw Failure(reason: reason, evidence: [Evidence(path: path)])
        case .lines(let lines, let path):
            let normal = Set(declaration.accounts.filter { !AccountsReading.isSystem($0, uid: $0.uid) }.map(\.name))
            return lines.compactMap { line in
                let words = SysusersFile.quotedWords(line.text)
                guard words.count >= 4, words[0].hasPrefix("d") || words[0].hasPrefix("Q") else { return nil }
                return (
                    words[3], words[2],
                    Evidence(path: path, line: line.number, text: "\(words[3]): \(words[1]) \(words[2])"),
                    !normal.contains(words[3])
                )
            }
        }
    }
}

extension AccountsKnowledge {
    /// Whether `hashedPassword` wins over the initial passwords when update-users-groups.pl makes an account.
    func hashedWins(_ release: String?) -> Bool? {
        guard let release, let version = DottedVersion(release) else { return nil }
        return !(version < hashedWinsSince)
    }
}
