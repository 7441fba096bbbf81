import FirnModel
import FirnParsing

/// What becomes of the memory of a crashed program (core(5), coredump.conf(5)).
///
/// `logging.coredump.Storage` is `none` (nothing is kept), `external` or `journal` (systemd-coredump keeps it), `file`
/// (the kernel writes a file named core) or `pipe` (another program gets it).
enum CoredumpFacts {
    /// The fact from the pattern that the configuration sets beside systemd's own, and whether systemd-coredump is on.
    static func fact(
        pattern: (text: String, evidence: Evidence)?, isOn: Fact,
        _ read: () throws(ConfSettings.Obstacle) -> ConfSettings
    ) -> Fact {
        if let pattern {
            let text = pattern.text.trimmed
            let isSystemd = text.hasPrefix("|") && text.contains("/systemd-coredump")
            if !isSystemd {
                let program = text.dropFirst().split(whereSeparator: { $0 == " " || $0 == "\t" }).first ?? ""
                let value =
                    !text.hasPrefix("|")
                    ? (text.isEmpty ? "none" : "file")
                    : (["false", "true"].contains(program.split(separator: "/").last ?? "") ? "none" : "pipe")
                return .known(.string(value), [pattern.evidence])
            }
        } else {
            switch isOn {
            case .known(.boolean(true), _): break
            case .unavailable(let reason, let evidence): return .unavailable(reason: reason, evidence)
            case .known(_, let evidence), .absent(let evidence): return .known(.string("file"), evidence)
            }
        }
        do throws(ConfSettings.Obstacle) {
            let settings = try read()
            let storage = settings.last(["Storage"]) { ["none", "external", "journal"].contains($0) ? $0 : nil }
            return .known(.string(storage?.value ?? "external"), [storage?.evidence ?? settings.place])
        } catch {
            return .unavailable(reason: error.reason, [error.evidence])
        }
    }

    static func built(_ system: SystemView) -> Fact {
        var pattern: (String, Evidence)?
        switch system.etcLines("sysctl.d/60-nixos.conf") {
        case .absent: break
        case .unavailable(let reason, let path): return .unavailable(reason: reason, [Evidence(path: path)])
        case .lines(let lines, let path):
            for line in lines {
                let text = line.text.trimmed
                guard let equals = text.firstIndex(of: "="), text[..<equals].trimmed == "kernel.core_pattern" else {
                    continue
                }
                let value = String(text[text.index(after: equals)...].trimmed)
                pattern = (value, Evidence(path: path, line: line.number, text: CommandText.pipe(value)))
            }
        }
        let file = "sysctl.d/50-coredump.conf"
        let isOn = Fact.known(
            .boolean(system.tree.exists(system.etcPath(file))), [Evidence(path: system.shownEtcPath(file))])
        return fact(pattern: pattern, isOn: isOn) { () throws(ConfSettings.Obstacle) in
            try ConfSettings.built(system, "coredump", section: "Coredump")
        }
    }

    static func declared(_ options: OptionTree) -> Fact {
        let path = ["boot", "kernel", "sysctl", "kernel.core_pattern"]
        var pattern: (String, Evidence)?
        switch options.lookup(path) {
        case .missing: break
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
        case .value(let node):
            if let text = node.string {
                pattern = (text, options.evidence(path, text: CommandText.pipe(text)))
            } else if !node.isNull {
                return .unavailable(reason: "kernel.core_pattern has another type", [options.evidence(path)])
            }
        }
        let isOn = options.readBoolean(["systemd", "coredump", "enable"]).fact(
            null: .known(.boolean(false), []),
            missing: .unavailable(reason: "the export does not hold systemd.coredump.enable", [])
        ) { .boolean($0) }
        return fact(pattern: pattern, isOn: isOn) { () throws(ConfSettings.Obstacle) in
            try ConfSettings.declared(options, "coredump", section: "Coredump")
        }
    }
}
