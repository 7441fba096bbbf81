import FirnModel
import FirnParsing

/// The script that audit.service of NixOS before 25.11 starts: it collects rules in a file, loads it, and calls auditctl.
///
/// Only the few commands of that script are followed; what is added to it is not.
enum AuditScript {
    /// What one command does.
    enum Step {
        /// auditctl with arguments.
        case call(AuditStatement, Evidence)
        /// `auditctl -R` of what was collected.
        case load([AuditStatement])
    }

    /// Why the script cannot be followed.
    struct Obstacle: Error {
        var reason: String
        var evidence: Evidence
    }

    private static let echo = "echo '"
    private static let redirect = "' >> $rulesfile"

    static func steps(
        _ lines: [TextLine], path: String, names: AuditNames
    ) throws(Obstacle) -> [Step] {
        var steps: [Step] = []
        var collected: [AuditStatement] = []
        var pending: (text: String, line: Int)?
        for line in lines {
            var text = String(line.text)
            if let before = pending { text = before.text + text }
            let number = pending?.line ?? line.number
            pending = nil
            if text.hasSuffix("\\") {
                pending = (String(text.dropLast()), number)
                continue
            }
            let trimmed = String(text.trimmed)
            if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed == "rulesfile=\"$(mktemp)\"" { continue }
            let place = Evidence(path: path, line: number, text: trimmed)
            if trimmed.hasPrefix(echo), trimmed.hasSuffix(redirect) {
                let rule = String(trimmed.dropFirst(echo.utf8.count).dropLast(redirect.utf8.count))
                guard !rule.contains("'") else {
                    throw Obstacle(
                        reason: "a single quote in a rule ends the quotes of the script, and bash reads on as it can",
                        evidence: place)
                }
                if let statement = AuditRules.statement(rule, line: number, names: names) {
                    collected.append(statement)
                }
                continue
            }
            guard trimmed.hasPrefix("auditctl "), !trimmed.dropFirst(9).contains(where: { "'`;&|<>()".contains($0) })
            else {
                throw Obstacle(reason: "the script has a command that is not followed", evidence: place)
            }
            let words = trimmed.split(separator: " ").dropFirst().map(String.init)
            if words == ["-R", "\"$rulesfile\""] {
                steps.append(.load(collected))
            } else if trimmed.contains("$") {
                throw Obstacle(reason: "the script has a command that is not followed", evidence: place)
            } else {
                steps.append(
                    .call(
                        AuditRules.command(words, line: number, text: words.joined(separator: " "), names: names), place
                    ))
            }
        }
        if let pending {
            throw Obstacle(
                reason: "the script ends inside a command", evidence: Evidence(path: path, line: pending.line))
        }
        return steps
    }
}
