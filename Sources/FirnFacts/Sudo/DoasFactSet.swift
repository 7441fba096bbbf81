import FirnModel
import FirnParsing

/// The facts of doas.
enum DoasFactSet {
    static let keys: [FactKey] = [
        "sudo.doas.nopass", "sudo.doas.nopass.all", "sudo.doas.nopass.escapes", "sudo.doas.keepenv",
        "sudo.doas.setenv.dangerous", "sudo.doas.persist", "sudo.doas.nolog",
    ]

    static func unavailable(_ reason: String, _ evidence: [Evidence]) -> [FactKey: Fact] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, .unavailable(reason: reason, evidence)) })
    }

    static func facts(
        _ rules: [(rule: DoasRule, evidence: Evidence)], _ commands: SudoCommands, base: [Evidence]
    ) -> [FactKey: Fact] {
        let knowledge = commands.knowledge
        var uncertain: (reason: String, evidence: Evidence)?
        var found: [FactKey: [SudoAnswers.Hit]] = [:]
        for (index, entry) in rules.enumerated() {
            let rule = entry.rule
            guard rule.isPermit, rule.identity != "root", rule.identity != "0" else { continue }
            // The last rule that matches decides (doas.conf(5)).
            let isDecided = rules[(index + 1)...].contains { covers($0.rule, rule) }
            if isDecided { continue }
            let arguments = rule.arguments.map { $0.isEmpty ? "\"\"" : $0.joined(separator: " ") }
            let command = rule.command.map { SudoersCommand(path: $0, arguments: arguments) }
            let isRoot = rule.target == nil || rule.target == "root" || rule.target == "0"
            let text = "\(rule.identity)\(isRoot ? "" : " as \(rule.target ?? "")"): \(SudoCommands.shown(command))"
            func note(_ key: FactKey, _ text: String) {
                found[key, default: []].append(
                    SudoAnswers.Hit(
                        text: text, evidence: Evidence(path: entry.evidence.path, line: entry.evidence.line, text: text)
                    ))
            }
            if rule.keepsEnvironment { note("sudo.doas.keepenv", rule.identity) }
            if rule.persists { note("sudo.doas.persist", rule.identity) }
            if rule.noLog { note("sudo.doas.nolog", rule.identity) }
            for variable in rule.environment where !variable.hasPrefix("-") && knowledge.isDangerous(variable) {
                // A value that the rule itself gives is not the caller's.
                let value = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if value.count == 1 || value[1].hasPrefix("$") {
                    note("sudo.doas.setenv.dangerous", "\(rule.identity) \(value[0])")
                }
            }
            guard rule.noPassword else { continue }
            note("sudo.doas.nopass", text)
            guard isRoot else { continue }
            if let command {
                // A name without a path is looked up in a safe path (doas.conf(5)).
                switch commands.writability(command.path) {
                case .writable: note("sudo.doas.nopass.escapes", text)
                case _ where commands.isEscape(command, noExec: false): note("sudo.doas.nopass.escapes", text)
                case .fixed: break
                case .unknown(let reason): uncertain = (reason, entry.evidence)
                }
            } else {
                note("sudo.doas.nopass.all", rule.identity)
            }
        }
        var facts: [FactKey: Fact] = [:]
        for key in keys {
            var seen: Set<String> = []
            let hits = (found[key] ?? []).filter { seen.insert($0.text).inserted }.sorted { $0.text < $1.text }
            facts[key] = .known(.strings(hits.map(\.text)), hits.isEmpty ? base : hits.map(\.evidence))
        }
        if let uncertain, found["sudo.doas.nopass.escapes"] == nil {
            facts["sudo.doas.nopass.escapes"] = .unavailable(reason: uncertain.reason, [uncertain.evidence])
        }
        return facts
    }

    private static func covers(_ later: DoasRule, _ earlier: DoasRule) -> Bool {
        guard later.identity == earlier.identity else { return false }
        guard later.target == nil || later.target == earlier.target else { return false }
        guard let command = later.command else { return true }
        return command == earlier.command && (later.arguments == nil || later.arguments == earlier.arguments)
    }
}
