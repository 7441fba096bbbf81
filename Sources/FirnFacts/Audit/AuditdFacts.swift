import FirnModel
import FirnParsing

/// auditd.conf as a source found it.
enum AuditdReading {
    /// Settings in their order, with where each stands, and the fault auditd stops at.
    case settings([(setting: AuditdConf.Setting, evidence: Evidence)], fault: (String, Evidence)?, path: String)
    /// There is no file: auditd runs on its defaults.
    case absent(Evidence)
    case unavailable(String, Evidence)
}

/// Facts about the audit daemon.
///
/// | fact | value |
/// |---|---|
/// | `audit.auditd.enabled` | whether auditd starts at boot |
/// | `audit.auditd.<keyword>` | the setting that counts, words in lower case, or auditd's default; absent where auditd is off |
/// | `audit.auditd.refused` | why auditd refuses its configuration and does not start |
enum AuditdFacts {
    static func facts(
        _ daemon: Fact, _ reading: AuditdReading?, _ knowledge: AuditKnowledge
    ) -> [(String, Fact)] {
        let keys = knowledge.settings.map(\.key) + ["refused"]
        switch daemon {
        case .unavailable(let reason, let evidence):
            return keys.map { ($0, .unavailable(reason: reason, evidence)) }
        case .known(.boolean(true), _): break
        case .known(_, let evidence), .absent(let evidence): return keys.map { ($0, .absent(evidence)) }
        }
        switch reading {
        case .unavailable(let reason, let evidence)?:
            return keys.map { ($0, .unavailable(reason: reason, [evidence])) }
        case .absent(let evidence)?:
            return knowledge.settings.map { setting in
                var place = evidence
                place.text = "no file; auditd's default is \(setting.fallback)"
                return (setting.key, .known(.string(setting.fallback), [place]))
            } + [("refused", .known(.list([]), [evidence]))]
        case .settings(let settings, let fault, let path)?:
            return known(settings, fault, path, knowledge)
        case nil:
            return keys.map { ($0, .unavailable(reason: "auditd.conf was not read", [])) }
        }
    }

    private static func known(
        _ settings: [(setting: AuditdConf.Setting, evidence: Evidence)], _ fault: (String, Evidence)?, _ path: String,
        _ knowledge: AuditKnowledge
    ) -> [(String, Fact)] {
        var result: [(String, Fact)] = []
        var values: [String: String] = [:]
        var refused: [(String, Evidence)] = []
        for known in knowledge.settings {
            guard let last = settings.last(where: { $0.setting.key == known.key }) else {
                values[known.key] = known.fallback
                result.append(
                    (
                        known.key,
                        .known(
                            .string(known.fallback),
                            [Evidence(path: path, text: "not set; auditd's default is \(known.fallback)")])
                    ))
                continue
            }
            let value = known.words.isEmpty ? last.setting.value : last.setting.value.lowercased()
            if !known.words.isEmpty, !known.words.contains(value) {
                refused.append(("\(known.key) = \(value)", last.evidence))
            }
            values[known.key] = value
            result.append((known.key, .known(.string(value), [last.evidence])))
        }
        for (setting, evidence) in settings where !knowledge.keywords.contains(setting.key) {
            refused.append((setting.key, evidence))
        }
        if let fault { refused.append(fault) }
        // sanity_check in src/auditd-config.c.
        let place = Evidence(path: path)
        let space = values["space_left"] ?? "0"
        let least = values["admin_space_left"] ?? "0"
        if !settings.isEmpty, !space.hasSuffix("%"), !least.hasSuffix("%"), (Int(space) ?? 0) <= (Int(least) ?? 0) {
            refused.append(("space_left (\(space)) is not larger than admin_space_left (\(least))", place))
        }
        if let flush = values["flush"], flush.hasPrefix("incremental"), (Int(values["freq"] ?? "0") ?? 0) == 0 {
            refused.append(("flush = \(flush) with freq = 0", place))
        }
        result.append(
            ("refused", .known(.strings(refused.map(\.0)), refused.isEmpty ? [place] : refused.map(\.1))))
        return result
    }
}
