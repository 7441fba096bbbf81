import FirnModel
import FirnParsing

/// The lists of the family `secrets` from the options.
struct SecretsDeclared {
    let options: OptionTree
    let knowledge: SecretKnowledge
    let release: String?

    private var environment = SecretList()
    private var environmentFiles = SecretList()
    private var commandLines = SecretList()
    private var scripts = SecretList()
    private var etc = SecretList()
    private var other = SecretList()
    private var modes: FileModes

    init(options: OptionTree, knowledge: SecretKnowledge, release: String? = nil) {
        self.release = release
        self.options = options
        self.knowledge = knowledge
        modes = FileModes(protected: knowledge.protected)
    }

    mutating func facts() -> [FactKey: Fact] {
        services()
        etcTexts()
        tmpfiles()
        walk(options.values, [])
        return [
            "secrets.environment": environment.fact, "secrets.environment-files": environmentFiles.fact,
            "secrets.command-lines": commandLines.fact, "secrets.service-scripts": scripts.fact,
            "secrets.etc": etc.fact, "secrets.options": other.fact,
            "secrets.world-writable": modes.writable.fact, "secrets.shadow-mode": modes.opened.fact,
        ]
    }

    private func missing(_ path: [String]) -> (String, Evidence) {
        ("\(OptionTree.spelled(path)) is not in the export", options.evidence(path))
    }

    // MARK: services

    private static let scriptNames = [
        "script": "start", "preStart": "pre-start", "postStart": "post-start", "reload": "reload",
        "preStop": "pre-stop", "postStop": "post-stop",
    ]

    private mutating func services() {
        let root = ["systemd", "services"]
        guard let members = options.readMembers(root).value else {
            let (reason, place) = missing(root)
            environment.doubt(reason, place)
            environmentFiles.doubt(reason, place)
            commandLines.doubt(reason, place)
            scripts.doubt(reason, place)
            return
        }
        for member in members where member.node["enable"]?.boolean != false {
            let unit = member.key + ".service"
            let path = root + [member.key]
            for variable in member.node["environment"]?.object?.members ?? [] {
                guard let value = variable.node.string else { continue }
                add(
                    variable.key, value, unit, options.evidence(path + ["environment", variable.key]),
                    into: \.environment)
            }
            for (key, suffix) in Self.scriptNames {
                guard let text = member.node[key]?.string, !text.isEmpty else { continue }
                let script = member.key.map { $0 == "@" ? "_" : String($0) }.joined()
                for finding in knowledge.scanner.scan(Array(text.utf8)) where finding.form != .hash {
                    let place = options.evidence(path + [key])
                    scripts.add(
                        "\(script)-\(suffix) \(finding.label)",
                        Evidence(path: place.path, line: place.line, text: finding.note))
                }
            }
            for setting in member.node["serviceConfig"]?.object?.members ?? [] {
                let place = options.evidence(path + ["serviceConfig", setting.key])
                for text in (setting.node.array ?? [setting.node]).compactMap(\.string) {
                    serviceSetting(setting.key, text, unit, place)
                }
            }
        }
    }

    private mutating func serviceSetting(_ key: String, _ text: String, _ unit: String, _ place: Evidence) {
        switch key {
        case "Environment":
            for pair in EnvironmentLine.pairs(text) { add(pair.name, pair.value, unit, place, into: \.environment) }
        case "SetCredential":
            let parts = text.split(separator: ":", maxSplits: 1)
            if parts.count == 2, !parts[1].isEmpty {
                environment.add(
                    "\(unit) \(parts[0])",
                    Evidence(path: place.path, line: place.line, text: "SetCredential=\(parts[0]): value not shown"))
            }
        case "EnvironmentFile":
            let path = text.hasPrefix("-") ? String(text.dropFirst()) : text
            if path.hasPrefix("/etc/") {
                let own = ["environment", "etc", String(path.dropFirst(5)), "text"]
                // A text that is not shown still tells what is judged in it.
                if case .value(let content, let evidence) = options.reading(own, \.string) {
                    for line in TextFile.lines(content) {
                        guard !line.text.trimmed.hasPrefix("#"), let equals = line.text.firstIndex(of: "=") else {
                            continue
                        }
                        var value = line.text[line.text.index(after: equals)...].trimmed
                        for quote in ["\"", "'"]
                        where value.utf8.count > 1 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                            value = value.dropFirst().dropLast()
                        }
                        add(
                            String(line.text[..<equals].trimmed), String(value), unit, evidence,
                            into: \.environmentFiles)
                    }
                }
            } else if path.hasPrefix("/nix/store/") {
                environmentFiles.doubt("the options do not hold the content of the EnvironmentFile of \(unit)", place)
            }
        case let exec where exec.hasPrefix("Exec"):
            for finding in knowledge.scanner.scan(Array(text.utf8)) {
                commandLines.add(
                    "\(unit) \(finding.label)", Evidence(path: place.path, line: place.line, text: finding.note))
            }
        default: return
        }
    }

    private mutating func add(
        _ variable: String, _ value: String, _ unit: String, _ place: Evidence,
        into list: WritableKeyPath<Self, SecretList>
    ) {
        self[keyPath: list].add(
            variable: variable, value: value, unit: unit, place, scanner: knowledge.scanner)
    }

    // MARK: /etc, tmpfiles

    private mutating func etcTexts() {
        let root = ["environment", "etc"]
        guard let members = options.readMembers(root).value else {
            let (reason, place) = missing(root)
            etc.doubt(reason, place)
            modes.doubt(reason, place)
            return
        }
        for member in members where member.node["enable"]?.boolean != false {
            let target = member.node["target"]?.string ?? member.key
            if let mode = member.node["mode"]?.string, mode != "symlink" {
                modes.add(etc: "/etc/" + target, mode: mode, options.evidence(root + [member.key, "mode"]))
            }
            guard let text = member.node["text"]?.string else { continue }
            for finding in knowledge.scanner.scan(Array(text.utf8)) where finding.form != .hash {
                let place = options.evidence(root + [member.key, "text"])
                etc.add(
                    "/etc/\(target) \(finding.label)", Evidence(path: place.path, line: place.line, text: finding.note))
            }
        }
    }

    private mutating func tmpfiles() {
        let path = ["systemd", "tmpfiles", "rules"]
        switch options.readStrings(path) {
        case .value(let rules, let place):
            for rule in rules {
                do {
                    guard let line = try TmpfilesLine.parse(rule, line: 1) else { continue }
                    modes.add(line, place)
                } catch {
                    modes.doubt("a rule of systemd.tmpfiles.rules: \(error.message)", place)
                }
            }
        case .unavailable(let reason, let place): modes.doubt(reason, place)
        case .null, .missing:
            let (reason, place) = missing(path)
            modes.doubt(reason, place)
        }
        let settings = ["systemd", "tmpfiles", "settings"]
        // The option is there since 23.11.
        if options.readMembers(settings).value == nil, let own = release.flatMap(DottedVersion.init),
            let since = DottedVersion("23.11"), own >= since
        {
            let (reason, place) = missing(settings)
            modes.doubt(reason, place)
        }
        for file in options.readMembers(settings).value ?? [] {
            for entry in file.node.object?.members ?? [] {
                for type in entry.node.object?.members ?? [] {
                    guard let mode = type.node["mode"]?.string, mode != "-" else { continue }
                    do {
                        let quoted = "\"\(entry.key)\""
                        guard let line = try TmpfilesLine.parse("\(type.key) \(quoted) \(mode)", line: 1) else {
                            continue
                        }
                        modes.add(line, options.evidence(settings + [file.key, entry.key, type.key, "mode"]))
                    } catch {
                        modes.doubt(
                            "\(OptionTree.spelled(settings + [file.key])): \(error.message)", options.evidence(settings)
                        )
                    }
                }
            }
        }
    }

    // MARK: all other options

    /// Options whose own name says that they hold a secret (`networking.wireless.networks.home.psk`).
    private mutating func walk(_ node: JSONNode, _ path: [String]) {
        guard path.count < 12 else { return }
        for member in node.object?.members ?? [] {
            let own = path + [member.key]
            if Self.skipped.contains(own) { continue }
            if let text = member.node.string {
                if isSecretOption(own, text) {
                    let place = options.evidence(own)
                    other.add(
                        OptionTree.spelled(own), Evidence(path: place.path, line: place.line, text: "value not shown"))
                }
            } else if member.node.object != nil {
                walk(member.node, own)
            } else if let elements = member.node.array {
                for element in elements where element.object != nil { walk(element, own) }
            }
        }
    }

    private func isSecretOption(_ path: [String], _ text: String) -> Bool {
        guard let name = path.last, !text.isEmpty else { return false }
        if knowledge.scanner.isSecret(name: name, value: text) { return true }
        return knowledge.scanner.scan(Array(text.utf8), assignments: false).contains {
            $0.form == .token || $0.form == .privateKey
        }
    }

    /// What has a list of its own.
    private static let skipped: Set<[String]> = [
        ["users", "users"], ["environment", "etc"], ["systemd", "services"], ["systemd", "units"], ["_fixture"],
        ["environment", "systemPackages"],
    ]
}
