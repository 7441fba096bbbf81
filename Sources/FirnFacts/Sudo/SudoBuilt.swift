import FirnModel
import FirnParsing

/// sudo and doas of a built system: the wrappers, /etc/sudoers with what it includes, and /etc/doas.conf.
struct SudoBuilt {
    let system: SystemView
    let knowledge: SudoKnowledge
    let homes: @Sendable () -> SudoHomes

    mutating func facts() -> FactBatch {
        let wrappers = WrapperReading.built(system)
        var facts = SudoAssembly.sudo(
            wrappers, program: program, fileMode: fileMode, fileOwner: fileOwner, policy: policy, knowledge: knowledge,
            homes: homes)
        facts.merge(SudoAssembly.doas(wrappers, knowledge: knowledge, homes: homes, rules: doasRules)) { $1 }
        return FactBatch(facts: facts)
    }

    /// The package is where the link in the system's path leads; a wrapper tells only the name of the program.
    private func program(_ wrapper: Wrapper) -> (SudoProgram?, [Evidence]) {
        let path = system.toplevel + "/sw/bin/sudo"
        let shown = "/run/current-system/sw/bin/sudo"
        do {
            let target = try system.tree.linkTarget(path)
            let found = SudoProgram(storePath: target)
            // The first modules of sudo-rs had sudo in the path and sudo-rs behind the wrapper: their sudoers names them.
            if let found, isOfRust, found.name != "sudo-rs" { return (nil, [Evidence(path: shown, text: target)]) }
            return (found, [Evidence(path: shown, text: target)])
        } catch {
            return (nil, [Evidence(path: shown, text: error.description)])
        }
    }

    /// Whether the comment at the beginning of sudoers is that of the module of sudo-rs.
    private var isOfRust: Bool {
        guard case .lines(let lines, _) = system.etcLines("sudoers") else { return false }
        return lines.prefix(4).contains { $0.text.hasPrefix("#") && $0.text.contains("security.sudo-rs.") }
    }

    /// The mode with which activation installs the file.
    private func fileMode() -> Fact {
        let path = system.toplevel + "/etc/sudoers.mode"
        switch system.lines(path, shown: "/etc/static/sudoers.mode") {
        case .lines(let lines, let shown):
            let text = String(lines.first?.text.trimmed ?? "")
            return .known(.string(text), [Evidence(path: shown, line: 1)])
        case .absent(let shown):
            // Without a mode of its own it is a link into the store, where all files are 0444.
            return .known(.string("0444"), [Evidence(path: shown)])
        case .unavailable(let reason, let shown): return .unavailable(reason: reason, [Evidence(path: shown)])
        }
    }

    /// Owner and group with which activation installs the file.
    private func fileOwner() -> Fact {
        var names: [String] = []
        var evidence: [Evidence] = []
        for ending in [".uid", ".gid"] {
            switch system.lines(system.toplevel + "/etc/sudoers" + ending, shown: "/etc/static/sudoers" + ending) {
            case .lines(let lines, let shown):
                names.append(SudoAssembly.owner(String(lines.first?.text.trimmed ?? "")))
                evidence.append(Evidence(path: shown, line: 1))
            case .absent(let shown):
                // A link into the store, where all files are root's.
                names.append("root")
                evidence.append(Evidence(path: shown))
            case .unavailable(let reason, let shown):
                return .unavailable(reason: reason, [Evidence(path: shown)])
            }
        }
        return .known(.string(names.joined(separator: ":")), evidence)
    }

    private func policy() -> (SudoAssembly.Text, SudoersReader) {
        let reader = SudoersReader { path, isDirectory in included(path, isDirectory: isDirectory) }
        let shown = system.shownEtcPath("sudoers")
        do {
            return (.bytes(try system.readEtc("sudoers", limit: 1 << 20), file: shown), reader)
        } catch {
            return (.unavailable(error.description, [Evidence(path: shown)]), reader)
        }
    }

    private func included(_ path: String, isDirectory: Bool) -> SudoersReader.Included {
        let place = path.hasPrefix("/etc/") ? system.etcPath(String(path.dropFirst(5))) : path
        do {
            guard isDirectory else {
                if try system.tree.kind(place) != .file { return .missing }
                return .file(try system.tree.read(place, limit: 1 << 20))
            }
            return .directory(try system.tree.list(place))
        } catch {
            return error.isAbsence ? .missing : .unavailable(error.description)
        }
    }

    private func doasRules() -> Swift.Result<[(rule: DoasRule, evidence: Evidence)], SudoAssembly.DoasProblem> {
        let shown = system.shownEtcPath("doas.conf")
        do {
            let rules = try DoasConfiguration.parse(try system.readEtc("doas.conf", limit: 1 << 20))
            return .success(rules.map { ($0, Evidence(path: shown, line: $0.line)) })
        } catch let error as ParseError {
            return .failure(
                SudoAssembly.DoasProblem(
                    reason: "\(shown): \(error)", evidence: [Evidence(path: shown, line: error.line)]))
        } catch {
            return .failure(SudoAssembly.DoasProblem(reason: "\(error)", evidence: [Evidence(path: shown)]))
        }
    }
}
