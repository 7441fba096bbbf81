import FirnModel
import FirnParsing

/// Reads the accounts of evaluated options.
struct AccountsDeclared {
    let options: OptionTree
    let knowledge: AccountsKnowledge
    let release: String?

    func model() throws(AccountsBuilt.Failure) -> AccountsModel {
        let usersPath = ["users", "users"]
        let users = try members(usersPath)
        let groupMembers = try members(["users", "groups"])
        let manager = manager()
        var declared: [DeclaredAccount] = []
        for member in users {
            let path = usersPath + [member.key]
            if case .unavailable(let reason) = options.lookup(path) {
                throw AccountsBuilt.Failure(reason: reason, evidence: [options.evidence(path)])
            }
            let one = AccountsReading.account(member.node, name: member.key) { field, key, words in
                Evidence(
                    path: OptionTree.spelled(key.map { path + [$0] } ?? path), line: field?.line ?? member.node.line,
                    text: key == nil ? nil : words)
            }
            if let one { declared.append(one) }
        }
        let groups = groupMembers.map { member in
            AccountsReading.group(
                member.node, name: member.key, evidence: options.evidence(["users", "groups", member.key]))
        }
        var model = AccountsModel(isMutable: isMutable())
        model.declared = declared
        model.evidence = [options.evidence(usersPath)]
        model.groupIDs = groups.compactMap { group in group.gid.map { (group.name, $0, group.evidence) } }
        model.accounts = AccountsReading.fresh(declared, groups: groups, manager: manager) { path in
            path.hasPrefix("/nix/store/")
                ? .unavailable("\(path) is in the store, not in the options") : .elsewhere(path)
        }
        var seen: Set<String> = []
        for one in declared where !seen.insert(one.name).inserted {
            model.duplicateNames.append((one.name, one.evidence))
        }
        model.subUids = declared.flatMap { one in one.subUids.map { ($0, one.evidence.path) } }
        model.subGids = declared.flatMap { one in one.subGids.map { ($0, one.evidence.path) } }
        model.homes = declared.compactMap { one in
            // Before homeMode existed every home was made 0700.
            guard one.createHome == true, let mode = one.homeMode else { return nil }
            return (
                one.name, mode, options.evidence(usersPath + [one.name, "homeMode"], text: mode),
                AccountsReading.isSystem(one, uid: one.uid)
            )
        }
        return model
    }

    private func members(_ path: [String]) throws(AccountsBuilt.Failure) -> [JSONObject.Member] {
        switch options.readMembers(path) {
        case .value(let members, _): return members
        case .unavailable(let reason, let evidence): throw AccountsBuilt.Failure(reason: reason, evidence: [evidence])
        case .null(let evidence), .missing(let evidence):
            throw AccountsBuilt.Failure(
                reason: "the export does not hold \(OptionTree.spelled(path))", evidence: [evidence])
        }
    }

    private func manager() -> AccountManager {
        if options.boolean(["services", "userborn", "enable"]) == true { return .userborn }
        if options.boolean(["systemd", "sysusers", "enable"]) == true { return .sysusers }
        return .script(hashedWins: knowledge.hashedWins(release))
    }

    private func isMutable() -> Fact {
        options.readBoolean(["users", "mutableUsers"]).fact(
            null: .unavailable(reason: "users.mutableUsers is null", []),
            missing: .unavailable(reason: "the export does not hold users.mutableUsers", [])
        ) { .boolean($0) }
    }
}
