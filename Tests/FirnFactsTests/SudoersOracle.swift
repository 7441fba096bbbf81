import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// visudo and cvtsudoers of this machine as judges of the parser and of the resolver.
enum SudoersOracle {
    static let visudo = "/usr/sbin/visudo"
    static let cvtsudoers = "/usr/bin/cvtsudoers"

    /// In continuous integration a missing tool is a failure; elsewhere the comparison is left out. The cases are
    /// written for sudo 1.9.13 (Debian 12): other versions refuse other things.
    static var isNeeded: Bool {
        guard FileManager.default.isExecutableFile(atPath: visudo),
            FileManager.default.isExecutableFile(atPath: cvtsudoers)
        else { return ProcessInfo.processInfo.environment["CI"] != nil }
        do {
            return try SSHOracle.run(visudo, ["-V"]).output.contains("1.9.13")
        } catch {
            return true
        }
    }

    static func withFile<T>(_ text: String, _ body: (String) throws -> T) throws -> T {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("firn-sudoers-" + UUID().uuidString)
        try Data(text.utf8).write(to: url)
        defer { _ = try? FileManager.default.removeItem(at: url) }
        try FileManager.default.setAttributes([.posixPermissions: 0o440], ofItemAtPath: url.path)
        return try body(url.path)
    }

    /// Whether visudo takes the text.
    static func accepts(_ text: String) throws -> Bool {
        try withFile(text) { path in try SSHOracle.run(visudo, ["-c", "-f", path]).status == 0 }
    }

    /// Whether Firn takes it: the syntax, and the settings.
    static func ownVerdict(_ text: String) throws -> Bool {
        let knowledge = try SudoKnowledge(try SudoSupport.knowledge.get())
        var reader = SudoersReader { _, _ in .missing }
        reader.add(Array(text.utf8), file: "/etc/sudoers")
        var policy = SudoPolicy(reader.sources, problems: reader.problems)
        let refused = policy.removeSettings(knowledge.objection)
        return reader.unavailable == nil && policy.problems.isEmpty && refused.isEmpty
    }

    /// One line a command: who, where, as whom, with which tags, as cvtsudoers resolves it.
    static func resolved(_ text: String) throws -> [String] {
        try withFile(text) { path in
            let run = try SSHOracle.run(cvtsudoers, ["-e", "-f", "json", path])
            let json = try JSONParser.parse(Array(run.output.utf8))
            var lines: [String] = []
            for spec in json["User_Specs"]?.array ?? [] {
                let users = names(spec["User_List"])
                let hosts = names(spec["Host_List"])
                for command in spec["Cmnd_Specs"]?.array ?? [] {
                    let runas = names(command["runasusers"])
                    let groups = names(command["runasgroups"], isGroup: true)
                    func option(_ name: String) -> String {
                        for option in command["Options"]?.array ?? [] {
                            if let value = option[name]?.boolean { return value ? "yes" : "no" }
                        }
                        return "-"
                    }
                    let tags = [
                        "authenticate", "setenv", "noexec", "log_input", "log_output", "send_mail", "sudoedit_follow",
                    ]
                    .map(option).joined(separator: " ")
                    for member in command["Commands"]?.array ?? [] {
                        let mark = member["negated"]?.boolean == true ? "!" : ""
                        lines.append(
                            "\(users) @ \(hosts) as \(runas):\(groups) [\(tags)] \(mark)\(member["command"]?.string ?? "?")"
                        )
                    }
                }
            }
            return lines
        }
    }

    private static func names(_ node: JSONNode?, isGroup: Bool = false) -> String {
        (node?.array ?? []).map { member in
            var text = "?"
            for entry in member.object?.members ?? [] where entry.key != "negated" {
                let value = entry.node.string ?? entry.node.integer.map(String.init) ?? "?"
                switch entry.key {
                case "usergroup": text = isGroup ? value : "%" + value
                case "usergid": text = isGroup ? "#" + value : "%#" + value
                case "userid": text = "#" + value
                case "nonunixgroup": text = "%:" + value
                case "nonunixgid": text = "%:#" + value
                case "netgroup": text = value.hasPrefix("+") ? value : "+" + value
                default: text = value
                }
            }
            return (member["negated"]?.boolean == true ? "!" : "") + text
        }.joined(separator: ",")
    }

    /// The same from Firn.
    static func ownLines(_ text: String) throws -> [String] {
        let file = try SudoersFile.parse(Array(text.utf8))
        let sources = file.entries.map { SudoPolicy.Source(entry: $0, file: "/etc/sudoers") }
        var policy = SudoPolicy(sources)
        let place = Evidence(path: "/etc/sudoers")
        func shown(_ members: [SudoersMember]) -> String {
            members.map { member in
                let text = member.kind == .myself ? "" : SudoPolicy.text(member.kind)
                return (member.isNegated ? "!" : "") + text
            }.joined(separator: ",")
        }
        func yes(_ value: Bool?, isTurned: Bool = false) -> String {
            value.map { $0 != isTurned ? "yes" : "no" } ?? "-"
        }
        var lines: [String] = []
        for entry in file.entries {
            guard case .specification(let users, let privileges) = entry.kind else { continue }
            for privilege in privileges {
                var isImplied = false
                for spec in privilege.commands {
                    let runas = shown(policy.flat(spec.runasUsers ?? [], .runas, place))
                    let groups = shown(policy.flat(spec.runasGroups ?? [], .runas, place))
                    for member in policy.flat([spec.command], .command, place) {
                        var setenv = yes(spec.tags.setEnvironment)
                        // sudo takes SETENV for granted where everything is allowed, and cvtsudoers prints it for the
                        // rest of the list too, though sudo does not hand it down.
                        if spec.command.kind == .all, !spec.command.isNegated { isImplied = true }
                        if setenv == "-", isImplied { setenv = "yes" }
                        let tags = [
                            yes(spec.tags.noPassword, isTurned: true), setenv, yes(spec.tags.noExec),
                            yes(spec.tags.logInput), yes(spec.tags.logOutput), yes(spec.tags.mail),
                            yes(spec.tags.follow),
                        ].joined(separator: " ")
                        lines.append(
                            "\(shown(policy.flat(users, .user, place))) @ \(shown(policy.flat(privilege.hosts, .host, place)))"
                                + " as \(runas):\(groups) [\(tags)] \(shown([member]))")
                    }
                }
            }
        }
        return lines
    }
}
