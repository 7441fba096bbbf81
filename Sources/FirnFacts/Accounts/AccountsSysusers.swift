import FirnModel
import FirnParsing

/// Accounts that systemd-sysusers makes, and the credentials its unit gives them.
struct AccountsSysusers {
    let system: SystemView

    func read(
        _ name: String, _ accounts: inout [DeclaredAccount], _ groups: inout [AccountsReading.DeclaredGroup]
    ) throws {
        let path = "sysusers.d/" + name
        let shown = system.shownEtcPath(path)
        let file = try SysusersFile.parse(try system.readEtc(path, limit: 1 << 20))
        var members: [String: [String]] = [:]
        var knownUsers = Set(accounts.map(\.name))
        var knownGroups = Set(groups.map(\.name))
        for entry in file.entries {
            guard let subject = entry.field(0) else { continue }
            let evidence = Evidence(path: shown, line: entry.line, text: "\(entry.type) \(subject)")
            switch entry.type {
            case "u" where knownUsers.insert(subject).inserted:
                var account = DeclaredAccount(name: subject, evidence: evidence)
                let identity = entry.field(1) ?? ""
                let parts = identity.split(separator: ":", maxSplits: 1)
                account.uid = parts.first.flatMap { Int64($0) }
                account.group = parts.count > 1 ? String(parts[1]) : subject
                account.home = entry.field(3)
                account.shell = entry.field(4) ?? (account.uid == 0 ? "/bin/sh" : "/usr/sbin/nologin")
                account.isNormal = false
                account.isSystem = account.uid != 0
                accounts.append(account)
            case "g" where knownGroups.insert(subject).inserted:
                groups.append(
                    AccountsReading.DeclaredGroup(
                        name: subject, gid: entry.field(1).flatMap { Int64($0) }, members: [], evidence: evidence))
            case "m":
                if let group = entry.field(1) { members[group, default: []].append(subject) }
            default: continue
            }
        }
        for index in groups.indices { groups[index].members += members.removeValue(forKey: groups[index].name) ?? [] }
        for (group, names) in members.sorted(by: { $0.key < $1.key }) {
            groups.append(
                AccountsReading.DeclaredGroup(
                    name: group, gid: nil, members: names, evidence: Evidence(path: shown)))
        }
    }

    /// `SetCredential=passwd.hashed-password.NAME:...` and its relatives (sysusers.d(5), "CREDENTIALS").
    func credentials(_ unit: SystemdUnit, _ accounts: inout [DeclaredAccount]) {
        for key in ["SetCredential", "LoadCredential"] {
            for assignment in unit.values("Service", key) {
                guard let colon = assignment.value.firstIndex(of: ":") else { continue }
                let credential = assignment.value[..<colon].drop { $0 == "\"" }
                let value = assignment.value[assignment.value.index(after: colon)...]
                let parts = credential.split(separator: ".", maxSplits: 2)
                guard parts.count == 3, parts[0] == "passwd",
                    let index = accounts.firstIndex(where: { $0.name == parts[2] })
                else { continue }
                let isClear = parts[1] == "plaintext-password"
                let form = PasswordForm.classify(value.trimmed)
                let words =
                    isClear ? "in clear text" : key == "LoadCredential" ? "a file" : AccountsReading.words(form)
                let evidence = Evidence(
                    path: assignment.file, line: assignment.line,
                    text: "\(accounts[index].name): \(credential) is \(words)")
                if key == "LoadCredential" {
                    accounts[index].passwordFile = DeclaredAccount.Stated(value: String(value), evidence: evidence)
                } else if isClear {
                    accounts[index].initialPassword = DeclaredAccount.Stated(
                        value: .clear(isEmpty: value.trimmed.isEmpty), evidence: evidence)
                } else {
                    accounts[index].initialHashedPassword = DeclaredAccount.Stated(
                        value: .hashed(form), evidence: evidence)
                }
            }
        }
    }
}
