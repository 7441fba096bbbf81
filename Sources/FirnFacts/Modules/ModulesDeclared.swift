import FirnModel
import FirnParsing

/// Collects what decides about modules from an evaluated configuration.
struct ModulesDeclared {
    let options: OptionTree
    let table: ModulesTable

    func input() -> ModulesInput {
        var input = ModulesInput()
        readRules(&input)
        readAtBoot(&input)
        readFileSystems(&input)
        for group in table.groups {
            for path in group.usedByOptions {
                switch options.readBoolean(path) {
                case .value(true, _): input.used[group.name] = options.evidence(path, text: "\(group.name) is in use")
                // Being in use excuses a group, so it has to be shown.
                case .value(false, _), .null, .missing: continue
                case .unavailable(let reason, let evidence): input.usedProblem[group.name] = (reason, evidence)
                }
            }
        }
        input.locked = locked()
        return input
    }

    // MARK: - modprobe.d

    private func readRules(_ input: inout ModulesInput) {
        let etc = ["environment", "etc"]
        switch options.readMembers(etc) {
        case .value(let members, _):
            var files: [(name: String, path: [String], node: JSONNode)] = []
            for member in members {
                let target = member.node["target"]?.string ?? member.key
                guard target.hasPrefix("modprobe.d/"), member.node["enable"]?.boolean != false else { continue }
                let name = String(target.dropFirst("modprobe.d/".count))
                guard name.hasSuffix(".conf") || name.hasSuffix(".alias"), !name.hasPrefix("."), !name.contains("/")
                else { continue }
                files.append((name, etc + [member.key], member.node))
            }
            for file in files.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                add(file.path, file.node, &input)
            }
        case .null(let evidence), .missing(let evidence):
            readOptions(&input, evidence)
        case .unavailable(let reason, let evidence): input.rules.hide(reason, evidence)
        }
        for path in options.unavailable.keys where path.hasPrefix("environment.etc.\"modprobe.d/") {
            input.rules.hide(options.unavailable[path] ?? "", Evidence(path: path))
        }
        let parameters = ["boot", "kernelParams"]
        if case .value(let words, _) = options.readStrings(parameters) {
            input.rules.add(
                parameters: SysctlParameters.words(of: words.joined(separator: " ")), OptionTree.spelled(parameters))
        }
    }

    private func add(_ path: [String], _ node: JSONNode, _ input: inout ModulesInput) {
        let shown = OptionTree.spelled(path)
        if let text = node["text"]?.string {
            do {
                let file = try ModprobeFile.parse(Array(text.utf8))
                // The line in the document is where the text stands; the line in the text is said beside it.
                input.rules.add(file) {
                    Evidence(path: shown + ".text", line: node["text"]?.line, text: "line \($0): \($1)")
                }
            } catch {
                input.rules.hide("\(shown): \(error)", options.evidence(path))
            }
            return
        }
        let source = node["source"]?.string ?? ""
        if source == "/dev/null" { return }
        guard let file = table.shippedFile(source) else {
            input.rules.hide("\(shown) is a file whose content the options do not show", options.evidence(path))
            return
        }
        input.rules.add(file) { Evidence(path: shown, line: node.line, text: "\($1), as nixpkgs ships it") }
    }

    /// An export without `environment.etc` still has the two options that most files come from; what else is in
    /// modprobe.d it does not show.
    private func readOptions(_ input: inout ModulesInput, _ evidence: Evidence) {
        input.rules.hide("the export does not hold environment.etc, so not all of modprobe.d is known", evidence)
    }

    // MARK: - Boot

    private func readAtBoot(_ input: inout ModulesInput) {
        let path = ["boot", "kernelModules"]
        switch options.reading(path, \.array) {
        case .value(let nodes, _):
            for node in nodes {
                guard let name = node.string, let module = ModprobeFile.name(underscored: name) else { continue }
                input.atBoot.append((module, Evidence(path: OptionTree.spelled(path), line: node.line, text: name)))
            }
        case .null(let evidence), .missing(let evidence):
            input.atBootProblem = ("the export does not hold boot.kernelModules", evidence)
        case .unavailable(let reason, let evidence): input.atBootProblem = (reason, evidence)
        }
    }

    private func readFileSystems(_ input: inout ModulesInput) {
        switch options.readMembers(["fileSystems"]) {
        case .value(let members, _):
            for member in members {
                if let type = member.node["fsType"]?.string { input.fileSystems.insert(type) }
            }
        case .null, .missing: return
        case .unavailable(let reason, let evidence): input.fileSystemsProblem = (reason, evidence)
        }
    }

    private func locked() -> Fact {
        let path = ["security", "lockKernelModules"]
        let unit = ["systemd", "services", "disable-kernel-module-loading", "enable"]
        switch options.readBoolean(path) {
        case .value(let truth, var evidence):
            evidence.text = String(truth)
            if truth, options.boolean(unit) == false {
                return .known(.boolean(false), [options.evidence(unit, text: "false")])
            }
            return .known(.boolean(truth), [evidence])
        case .null(let evidence), .missing(let evidence):
            return .unavailable(reason: "the export does not hold security.lockKernelModules", [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }
}
