import FirnModel
import FirnParsing

/// Accounts and groups as JSON holds them: users-groups.json, userborn's, and the options, which share their names.
enum AccountsReading {
    /// Groups with their members.
    struct DeclaredGroup: Sendable {
        var name: String
        var gid: Int64?
        var members: [String]
        var evidence: Evidence
    }

    /// One account; nil where it is switched off. `place` gives the evidence of a field.
    static func account(
        _ node: JSONNode, name: String, place: (JSONNode?, String?, String) -> Evidence
    ) -> DeclaredAccount? {
        guard node["enable"]?.boolean != false else { return nil }
        var account = DeclaredAccount(name: node["name"]?.string ?? name, evidence: place(node, nil, ""))
        account.uid = node["uid"]?.integer
        account.group = node["group"]?.string ?? node["group"]?.integer.map { String($0) }
        account.extraGroups = node["extraGroups"]?.array?.compactMap(\.string) ?? []
        account.home = node["home"]?.string
        account.shell = node["shell"]?.string
        account.isNormal = node["isNormalUser"]?.boolean ?? node["isNormal"]?.boolean
        account.isSystem = node["isSystemUser"]?.boolean
        account.createHome = node["createHome"]?.boolean
        account.homeMode = node["homeMode"]?.string
        func stated(_ key: String, isClear: Bool) -> DeclaredAccount.Stated<StatedPassword>? {
            guard let field = node[key], let text = field.string else { return nil }
            if isClear {
                let words = text.isEmpty ? "empty" : "in clear text"
                return DeclaredAccount.Stated(
                    value: .clear(isEmpty: text.isEmpty), evidence: place(field, key, words))
            }
            let form = PasswordForm.classify(text.trimmed)
            return DeclaredAccount.Stated(value: .hashed(form), evidence: place(field, key, words(form)))
        }
        account.password = stated("password", isClear: true)
        account.initialPassword = stated("initialPassword", isClear: true)
        account.hashedPassword = stated("hashedPassword", isClear: false)
        account.initialHashedPassword = stated("initialHashedPassword", isClear: false)
        for key in ["hashedPasswordFile", "passwordFile"] {
            if let field = node[key], let path = field.string {
                account.passwordFile = DeclaredAccount.Stated(value: path, evidence: place(field, key, "a file"))
                break
            }
        }
        account.subUids = ranges(node["subUidRanges"], "startUid", account.name)
        account.subGids = ranges(node["subGidRanges"], "startGid", account.name)
        return account
    }

    /// A password's form in words.
    static func words(_ form: PasswordForm) -> String {
        switch form.kind {
        case .empty: "empty: no password is asked"
        case .locked: "locked"
        case .unusable: "neither a hash nor a lock"
        default: "a hash: \(form.kind.rawValue)" + (form.cost.map { ", cost \($0)" } ?? "")
        }
    }

    private static func ranges(_ node: JSONNode?, _ start: String, _ owner: String) -> [AccountFiles.Subordinate] {
        (node?.array ?? []).compactMap { range in
            // Ids have 32 bits; anything else is no range.
            let ids: ClosedRange<Int64> = 0...4_294_967_295
            guard let first = range[start]?.integer, ids.contains(first) else { return nil }
            let count = range["count"]?.integer ?? 1
            return ids.contains(count)
                ? AccountFiles.Subordinate(owner: owner, start: first, count: count, line: range.line) : nil
        }
    }

    /// One group.
    static func group(_ node: JSONNode, name: String, evidence: Evidence) -> DeclaredGroup {
        DeclaredGroup(
            name: node["name"]?.string ?? name, gid: node["gid"]?.integer,
            members: node["members"]?.array?.compactMap(\.string) ?? [], evidence: evidence)
    }

    /// Whether an account is one of the system's own. Options and files know it in different ways.
    static func isSystem(_ account: DeclaredAccount, uid: Int64?) -> Bool {
        if uid == 0 { return false }
        if account.isSystem == true { return true }
        if let uid { return uid < 1000 || account.isNormal == false && account.isSystem == nil }
        return account.isSystem == nil && account.isNormal == false
    }

    /// The accounts that a configuration makes where there were none before.
    static func fresh(
        _ declared: [DeclaredAccount], groups: [DeclaredGroup], manager: AccountManager,
        readFile: (String) -> PasswordState?
    ) -> [Account] {
        let memberships = memberships(groups.map { ($0.name, $0.members) })
        let ids = Dictionary(groups.compactMap { group in group.gid.map { (group.name, $0) } }) { first, _ in first }
        return declared.map { one in
            account(
                one, ids: ids, memberships: memberships,
                passwords: one.intention(manager, isNew: true, readFile: readFile))
        }
    }

    static func account(
        _ one: DeclaredAccount, ids: [String: Int64], memberships: [String: Set<String>],
        passwords: [PasswordFinding]
    ) -> Account {
        var groups = memberships[one.name] ?? []
        groups.formUnion(one.extraGroups)
        if let group = one.group { groups.insert(group) }
        return Account(
            name: one.name, uid: one.uid, group: one.group,
            gid: one.group.flatMap { ids[$0] ?? ($0 == "root" ? 0 : Int64($0)) }, groups: groups, home: one.home,
            shell: one.shell, isSystem: isSystem(one, uid: one.uid), passwords: passwords, evidence: one.evidence)
    }

    /// The groups of each member.
    static func memberships(_ groups: some Sequence<(String, [String])>) -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for (name, members) in groups {
            for member in members { result[member, default: []].insert(name) }
        }
        return result
    }
}
