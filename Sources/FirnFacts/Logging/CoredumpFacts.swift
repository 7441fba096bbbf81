import FirnModel
import FirnParsing

/// What becomes of the memory of a crashed program (core(5), coredump.conf(5)).
///
/// `logging.coredump.Storage` is `none` (nothing is kept), `external` or `journal` (systemd-coredump keeps it), `file`
/// (the kernel writes a file named core) or `pipe` (another program gets it).
enum CoredumpFacts {
    /// A file of sysctl.d: its name, and its lines or why they cannot be read.
    struct SettingsFile {
        var name: String
        var lines: [TextLine]?
        var evidence: Evidence
    }

    /// The fact from the files of sysctl.d in any order: the last by name that sets kernel.core_pattern counts.
    static func fact(
        _ files: [SettingsFile], _ read: () throws(ConfSettings.Obstacle) -> ConfSettings
    ) -> Fact {
        var pattern = "core"
        var place = Evidence(path: "/etc/sysctl.d", text: "kernel.core_pattern is not set; the kernel's is core")
        var doubt: Evidence?
        for file in files.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            if file.name == "50-coredump.conf" {
                // systemd's own file; its store path is not always at hand.
                pattern = "|/systemd-coredump"
                place = file.evidence
                doubt = nil
                continue
            }
            // What NixOS and systemd write there sets other keys.
            if ["50-default.conf", "55-nixos-aslr-entropy.conf"].contains(file.name) { continue }
            guard let lines = file.lines else {
                if file.name > "50-coredump.conf" { doubt = doubt ?? file.evidence }
                continue
            }
            for line in lines {
                let text = line.text.trimmed
                guard let equals = text.firstIndex(of: "=") else { continue }
                var key = text[..<equals].trimmed
                if key.hasPrefix("-") { key = key.dropFirst() }
                guard key == "kernel.core_pattern" || key == "kernel/core_pattern" else { continue }
                pattern = String(text[text.index(after: equals)...].trimmed)
                place = Evidence(
                    path: file.evidence.path, line: file.evidence.line ?? line.number, text: CommandText.pipe(pattern))
                doubt = nil
            }
        }
        if let doubt { return .unavailable(reason: "\(doubt.path) may set kernel.core_pattern", [doubt]) }
        if !pattern.hasPrefix("|") { return .known(.string(pattern.isEmpty ? "none" : "file"), [place]) }
        let program = pattern.dropFirst().split(whereSeparator: { $0 == " " || $0 == "\t" }).first ?? ""
        switch program.split(separator: "/").last {
        case "systemd-coredump"?: break
        case "false"?, "true"?: return .known(.string("none"), [place])
        default: return .known(.string("pipe"), [place])
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
        var names: [String] = []
        do throws(TreeError) {
            names = try system.listEtc("sysctl.d")
        } catch {
            if !error.isAbsence {
                return .unavailable(reason: error.description, [Evidence(path: "/etc/sysctl.d")])
            }
        }
        let files = names.filter { $0.hasSuffix(".conf") }.map { name in
            let path = "sysctl.d/" + name
            let evidence = Evidence(path: system.shownEtcPath(path))
            if name == "50-coredump.conf" { return SettingsFile(name: name, lines: [], evidence: evidence) }
            guard case .lines(let lines, _) = system.etcLines(path) else {
                return SettingsFile(name: name, lines: nil, evidence: evidence)
            }
            return SettingsFile(name: name, lines: lines, evidence: evidence)
        }
        return fact(files) { () throws(ConfSettings.Obstacle) in
            try ConfSettings.built(system, "coredump", section: "Coredump")
        }
    }

    static func declared(_ options: OptionTree) -> Fact {
        let base = ["environment", "etc"]
        guard let members = options.readMembers(base).value else {
            return .unavailable(reason: "the export does not hold environment.etc", [options.evidence(base)])
        }
        let files = members.filter {
            $0.key.hasPrefix("sysctl.d/") && $0.key.hasSuffix(".conf") && $0.node["enable"]?.boolean ?? true
        }.map { member in
            let evidence = options.evidence(base + [member.key])
            return SettingsFile(
                name: String(member.key.dropFirst("sysctl.d/".utf8.count)),
                lines: (member.node["text"]?.string).map { TextFile.lines($0) }, evidence: evidence)
        }
        return fact(files) { () throws(ConfSettings.Obstacle) in
            try ConfSettings.declared(options, "coredump", section: "Coredump")
        }
    }
}
