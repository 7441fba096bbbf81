import FirnModel
import FirnParsing

/// sudo and doas of an evaluated configuration.
struct SudoDeclared {
    let options: OptionTree
    let knowledge: SudoKnowledge
    let homes: @Sendable () -> SudoHomes

    func facts() -> FactBatch {
        let wrappers = WrapperReading.declared(options)
        var facts = SudoAssembly.sudo(
            wrappers, program: { _ in program() }, fileMode: fileMode, fileOwner: fileOwner, policy: policy,
            knowledge: knowledge,
            homes: homes)
        facts.merge(SudoAssembly.doas(wrappers, knowledge: knowledge, homes: homes, rules: doasRules)) { $1 }
        return FactBatch(facts: facts)
    }

    private var isRust: Bool { options.boolean(["security", "sudo-rs", "enable"]) == true }

    private var base: [String] { ["security", isRust ? "sudo-rs" : "sudo"] }

    private func program() -> (SudoProgram?, [Evidence]) {
        let path = base + ["package"]
        if let store = options.readString(path).value, let program = SudoProgram(storePath: store) {
            return (program, [options.evidence(path, text: store)])
        }
        // 20.09 has no option of the package: the wrapper's source names it.
        let source = ["security", "wrappers", "sudo", "source"]
        let store = options.readString(source).value
        return (store.flatMap { SudoProgram(storePath: $0) }, [options.evidence(source, text: store)])
    }

    private func fileMode() -> Fact {
        let path = ["environment", "etc", "sudoers", "mode"]
        return options.readString(path).fact(
            null: .unavailable(reason: "the mode of /etc/sudoers is not set", [options.evidence(path)]),
            missing: .unavailable(reason: "the export does not hold environment.etc.sudoers", [options.evidence(path)])
        ) { .string($0 == "symlink" || $0 == "direct-symlink" ? "0444" : $0) }
    }

    private func fileOwner() -> Fact {
        var names: [String] = []
        var evidence: [Evidence] = []
        for key in ["user", "group"] {
            let path = ["environment", "etc", "sudoers", key]
            guard case .value(let name, let place) = options.readString(path) else {
                return .unavailable(
                    reason: "the export does not hold \(OptionTree.spelled(path))", [options.evidence(path)])
            }
            names.append(SudoAssembly.owner(name))
            evidence.append(place)
        }
        return .known(.string(names.joined(separator: ":")), evidence)
    }

    /// The text that becomes a file below /etc, when the options hold it.
    private func etcText(_ name: String) -> (text: String, evidence: Evidence)? {
        let path = ["environment", "etc", name, "text"]
        guard case .value(let text, let evidence) = options.readString(path) else { return nil }
        return (text, evidence)
    }

    private func policy() -> (SudoAssembly.Text, SudoersReader) {
        let reader = SudoersReader { path, isDirectory in included(path, isDirectory: isDirectory) }
        if let own = etcText("sudoers") { return (.bytes(Array(own.text.utf8), file: own.evidence.path), reader) }
        let source = ["environment", "etc", "sudoers", "source"]
        guard let store = options.readString(source).value, store.hasPrefix("/nix/store/"), store.hasSuffix("-sudoers")
        else {
            let reason = "/etc/sudoers does not come from \(OptionTree.spelled(base + ["configFile"]))"
            return (.unavailable(reason, [options.evidence(source)]), reader)
        }
        let path = base + ["configFile"]
        switch options.readString(path) {
        case .value(let text, let evidence) where text != "<evaluation error>":
            return (.bytes(Array(text.utf8), file: evidence.path), reader)
        case .unavailable(let reason, let evidence): return (.unavailable(reason, [evidence]), reader)
        case .value(_, let evidence), .null(let evidence), .missing(let evidence):
            return (.unavailable("\(evidence.path) is not in the export", [evidence]), reader)
        }
    }

    private func included(_ path: String, isDirectory: Bool) -> SudoersReader.Included {
        guard path.hasPrefix("/etc/") else { return .unavailable("\(path) is outside of what the options hold") }
        let name = String(path.dropFirst(5))
        guard case .value(let members, _) = options.readMembers(["environment", "etc"]) else {
            return .unavailable("the export does not hold environment.etc")
        }
        let entries = members.filter { $0.node["enable"]?.boolean != false }
        func target(_ member: JSONObject.Member) -> String { member.node["target"]?.string ?? member.key }
        if isDirectory {
            let prefix = name + "/"
            let names = entries.map(target).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            let files = names.filter { !$0.contains("/") }
            if files.isEmpty, entries.contains(where: { target($0) == name }) {
                return .unavailable("\(path) comes from a directory whose files the options do not hold")
            }
            return files.isEmpty ? .missing : .directory(files)
        }
        guard let entry = entries.first(where: { target($0) == name }) else { return .missing }
        guard let text = entry.node["text"]?.string, !text.hasPrefix(OptionTree.hidden) else {
            return .unavailable("\(path) comes from a file whose text the options do not hold")
        }
        return .file(Array(text.utf8))
    }

    // MARK: doas

    private typealias DoasResult = Swift.Result<[(rule: DoasRule, evidence: Evidence)], SudoAssembly.DoasProblem>

    private func doasRules() -> Swift.Result<[(rule: DoasRule, evidence: Evidence)], SudoAssembly.DoasProblem> {
        if let own = etcText("doas.conf") { return parsed(own.text, own.evidence) }
        let source = ["environment", "etc", "doas.conf", "source"]
        guard let store = options.readString(source).value, store.hasSuffix("-doas-conf") else {
            return .failure(
                SudoAssembly.DoasProblem(
                    reason: "/etc/doas.conf does not come from security.doas", evidence: [options.evidence(source)]))
        }
        let path = ["security", "doas", "extraRules"]
        guard case .value(let node) = options.lookup(path), let entries = node.array else {
            return .failure(
                SudoAssembly.DoasProblem(
                    reason: "security.doas.extraRules is not in the export", evidence: [options.evidence(path)]))
        }
        var rules: [(rule: DoasRule, evidence: Evidence)] = []
        for (index, entry) in entries.enumerated() {
            let evidence = Evidence(path: "\(OptionTree.spelled(path)).\(index)", line: entry.line)
            rules += Self.rules(entry).map { ($0, evidence) }
        }
        let extra = ["security", "doas", "extraConfig"]
        guard case .value(let text, let evidence) = options.readString(extra) else {
            return .failure(
                SudoAssembly.DoasProblem(
                    reason: "security.doas.extraConfig is not in the export", evidence: [options.evidence(extra)]))
        }
        return parsed(text, evidence).map { rules + $0 }
    }

    private func parsed(_ text: String, _ evidence: Evidence) -> DoasResult {
        do {
            return .success(try DoasConfiguration.parse(Array(text.utf8)).map { ($0, evidence) })
        } catch {
            return .failure(SudoAssembly.DoasProblem(reason: "\(evidence.path): \(error)", evidence: [evidence]))
        }
    }

    /// The lines that the module writes for one entry of `extraRules`: one for each user and group.
    private static func rules(_ entry: JSONNode) -> [DoasRule] {
        func names(_ key: String) -> [String] {
            (entry[key]?.array ?? []).compactMap { $0.string ?? $0.integer.map(String.init) }
        }
        return (names("users") + names("groups").map { ":" + $0 }).map { identity in
            var rule = DoasRule(identity: identity, line: entry.line)
            rule.noPassword = entry["noPass"]?.boolean ?? false
            rule.persists = entry["persist"]?.boolean ?? false
            rule.keepsEnvironment = entry["keepEnv"]?.boolean ?? false
            rule.noLog = entry["noLog"]?.boolean ?? false
            rule.environment = (entry["setEnv"]?.array ?? []).compactMap(\.string)
            rule.target = entry["runAs"]?.string
            rule.command = entry["cmd"]?.string
            rule.arguments = entry["args"]?.array.map { $0.compactMap(\.string) }
            return rule
        }
    }
}
