import FirnModel
import FirnParsing

/// The lists of the family `secrets` from a closure.
struct SecretsBuilt {
    let system: SystemView
    let knowledge: SecretKnowledge

    private var environment = SecretList()
    private var environmentFiles = SecretList()
    private var commandLines = SecretList()
    private var scripts = SecretList()
    private var etc = SecretList()
    private var files = SecretList()
    private var hashes = SecretList()
    private var users = SecretList()
    private var hasUsers = false

    init(system: SystemView, knowledge: SecretKnowledge) {
        self.system = system
        self.knowledge = knowledge
    }

    mutating func facts() -> [FactKey: Fact] {
        let text = GeneratedText(system, limit: knowledge.largest, packages: knowledge.packages)
        units()
        for file in text.files { search(file) }
        // Without the list of users nothing can be said of their passwords; systemd-sysusers takes none from the options.
        if !hasUsers, !system.tree.exists(system.toplevel + "/etc/sysusers.d/00-nixos.conf") {
            users.doubt("no list of users was found in the closure", Evidence(path: system.toplevel))
        }
        if let doubt = text.doubt {
            let place = doubt.evidence.first ?? Evidence(path: system.toplevel)
            files.doubt(doubt.reason, place)
            hashes.doubt(doubt.reason, place)
        }
        if text.large > 0 {
            files.doubt(
                "\(text.large) generated files are larger than \(knowledge.largest) bytes",
                Evidence(path: system.toplevel))
        }
        let modes = modes()
        return [
            "secrets.environment": environment.fact, "secrets.environment-files": environmentFiles.fact,
            "secrets.command-lines": commandLines.fact, "secrets.service-scripts": scripts.fact,
            "secrets.etc": etc.fact, "secrets.files": files.fact, "secrets.hashes": hashes.fact,
            "secrets.scope": .known(.string("generated"), []), "secrets.users": users.fact,
            "secrets.world-writable": modes.writable.fact,
            "secrets.shadow-mode": modes.opened.fact,
            "secrets.scanned-files": .known(
                .integer(Int64(text.files.count)),
                [Evidence(path: system.toplevel, text: "\(text.binaries) files that are no text were not searched")]),
        ]
    }

    // MARK: units

    private mutating func units() {
        let names: [String]
        do {
            names = try system.unitEntries()
        } catch {
            for list in [\Self.environment, \Self.environmentFiles, \Self.commandLines] {
                self[keyPath: list].doubt(error.description, Evidence(path: "/etc/systemd/system"))
            }
            return
        }
        for name in names
        where name.contains(".") && !name.hasSuffix(".d") && !name.hasSuffix(".wants") && !name.hasSuffix(".requires") {
            guard case .unit(let unit, _) = system.unit(name) else { continue }
            for assignment in unit.assignments where assignment.section == "Service" || assignment.section == "Socket" {
                let place = Evidence(path: assignment.file, line: assignment.line)
                switch assignment.key {
                case "Environment":
                    for pair in EnvironmentLine.pairs(assignment.value) {
                        variable(pair.name, pair.value, unit: name, place, into: \.environment)
                    }
                case "SetCredential":
                    let parts = assignment.value.split(separator: ":", maxSplits: 1)
                    if parts.count == 2, !parts[1].isEmpty {
                        environment.add(
                            "\(name) \(parts[0])",
                            Evidence(
                                path: place.path, line: place.line, text: "SetCredential=\(parts[0]): value not shown"))
                    }
                case "EnvironmentFile": environmentFile(assignment.value, unit: name, place)
                case let key where key.hasPrefix("Exec"):
                    for finding in knowledge.scanner.scan(Array(assignment.value.utf8)) {
                        commandLines.add(
                            "\(name) \(finding.label)", Evidence(path: place.path, line: place.line, text: finding.note)
                        )
                    }
                default: continue
                }
            }
        }
    }

    private mutating func variable(
        _ variable: String, _ value: String, unit: String, _ place: Evidence,
        into list: WritableKeyPath<Self, SecretList>
    ) {
        if knowledge.scanner.isSecret(name: variable, value: value) {
            self[keyPath: list].add(
                "\(unit) \(variable)",
                Evidence(path: place.path, line: place.line, text: "\(variable)=(value not shown)"))
        } else if let finding = knowledge.scanner.scan(Array(value.utf8)).first {
            self[keyPath: list].add(
                "\(unit) \(variable)",
                Evidence(path: place.path, line: place.line, text: "\(variable): \(finding.note)"))
        }
    }

    /// `EnvironmentFile=` of the store or of `/etc`; one below `/run` or `/var` is not part of the closure.
    private mutating func environmentFile(_ value: String, unit: String, _ place: Evidence) {
        let path = value.hasPrefix("-") ? String(value.dropFirst()) : value
        guard path.hasPrefix("/nix/store/") || path.hasPrefix("/etc/"), !path.contains("%") else { return }
        let real = path.hasPrefix("/etc/") ? system.toplevel + path : path
        switch system.lines(real, shown: path) {
        case .absent: return
        case .unavailable(let reason, let shown): environmentFiles.doubt(reason, Evidence(path: shown))
        case .lines(let lines, let shown):
            for line in lines {
                let text = line.text.trimmed
                guard !text.hasPrefix("#"), !text.hasPrefix(";"), let equals = text.firstIndex(of: "=") else {
                    continue
                }
                var own = text[text.index(after: equals)...].trimmed
                for quote in ["\"", "'"] where own.utf8.count > 1 && own.hasPrefix(quote) && own.hasSuffix(quote) {
                    own = own.dropFirst().dropLast()
                }
                variable(
                    String(text[..<equals].trimmed), String(own), unit: unit, Evidence(path: shown, line: line.number),
                    into: \.environmentFiles)
            }
        }
    }

    // MARK: files

    private mutating func search(_ file: GeneratedText.File) {
        if file.object.hasSuffix("users-groups.json") || file.object.hasSuffix("userborn.json") {
            usersOf(file)
            return
        }
        // Units were looked at as what they mean; a package's own files are searched by the deep scan.
        let isUnit = file.object.hasPrefix("unit-") && !file.object.hasPrefix("unit-script-")
        let findings = knowledge.scanner.scan(file.bytes)
        for finding in findings {
            let place = Evidence(path: file.shown, line: finding.line, text: finding.note)
            if finding.form == .hash {
                hashes.add("\(name(file)) \(finding.label)", place)
            } else if file.object.hasPrefix("unit-script-") {
                scripts.add("\(file.object.dropFirst(12)) \(finding.label)", place)
            } else if isUnit {
                continue
            } else if file.shown.hasPrefix("/etc/"), file.object.hasPrefix("etc-") {
                etc.add("\(file.shown) \(finding.label)", place)
            } else {
                files.add("\(name(file)) \(finding.label)", place)
            }
        }
    }

    private func name(_ file: GeneratedText.File) -> String {
        if file.shown.hasPrefix("/etc/") { return file.shown }
        if file.path.hasPrefix(system.toplevel) {
            return file.path.split(separator: "/").last.map(String.init) ?? file.path
        }
        return file.object.isEmpty ? file.shown : file.object
    }

    private mutating func usersOf(_ file: GeneratedText.File) {
        hasUsers = true
        let root: JSONNode
        do {
            root = try JSONParser.parse(file.bytes)
        } catch {
            users.doubt("\(file.path): \(error)", Evidence(path: file.path, line: error.line))
            return
        }
        for user in root["users"]?.array ?? [] {
            guard let name = user["name"]?.string else { continue }
            for key in ["password", "initialPassword"] {
                guard let node = user[key], let text = node.string, !text.isEmpty else { continue }
                users.add(
                    "\(name) \(key)",
                    Evidence(path: file.path, line: node.line, text: "\(key) of \(name): clear text, value not shown"))
            }
        }
    }

    // MARK: modes

    private func modes() -> FileModes {
        var modes = FileModes(protected: knowledge.protected)
        do {
            for name in try system.listEtc("tmpfiles.d") where name.hasSuffix(".conf") {
                let path = "tmpfiles.d/" + name
                let shown = system.shownEtcPath(path)
                do {
                    for line in try TmpfilesLine.parse(try system.readEtc(path, limit: 1 << 20)) {
                        modes.add(line, Evidence(path: shown, line: line.line))
                    }
                } catch let error as TreeError {
                    // A package's own file that the image leaves out; what the options wrote is never a package's.
                    if case .danglingLink(_, let target) = error,
                        GeneratedText.hasVersion(GeneratedText.object(target))
                    {
                        continue
                    }
                    modes.doubt(error.description, Evidence(path: shown))
                } catch {
                    modes.doubt("\(shown): \(error)", Evidence(path: shown))
                }
            }
        } catch {
            if !error.isAbsence { modes.doubt(error.description, Evidence(path: "/etc/tmpfiles.d")) }
        }
        sidecars(system.toplevel + "/etc", "/etc", 0, &modes)
        return modes
    }

    private func sidecars(_ path: String, _ shown: String, _ depth: Int, _ modes: inout FileModes) {
        guard depth < 8 else { return }
        do {
            let resolved = try system.tree.resolve(path)
            for name in try system.tree.list(resolved) {
                let own = resolved + "/" + name
                if try system.tree.entry(at: own) == .directory {
                    sidecars(own, shown + "/" + name, depth + 1, &modes)
                } else if name.hasSuffix(".mode") {
                    let bytes = try system.tree.read(own, limit: 64)
                    let text = String(decoding: bytes.filter { (0x30...0x37).contains($0) }, as: UTF8.self)
                    modes.add(etc: shown + "/" + name.dropLast(5), mode: text, Evidence(path: shown + "/" + name))
                }
            }
        } catch {
            modes.doubt(error.description, Evidence(path: shown))
        }
    }
}
