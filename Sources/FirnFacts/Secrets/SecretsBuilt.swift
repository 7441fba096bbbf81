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
    /// The store paths that units name.
    private var mentioned: Set<String> = []

    init(system: SystemView, knowledge: SecretKnowledge) {
        self.system = system
        self.knowledge = knowledge
    }

    mutating func facts() -> [FactKey: Fact] {
        units()
        let text = GeneratedText(
            system, limit: knowledge.largest, packages: knowledge.packages, mentioned: mentioned)
        for file in text.files { search(file) }
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
        let modes = modes(text.sidecars)
        return [
            "secrets.environment": environment.fact, "secrets.environment-files": environmentFiles.fact,
            "secrets.command-lines": commandLines.fact, "secrets.service-scripts": scripts.fact,
            "secrets.etc": etc.fact, "secrets.files": files.fact, "secrets.hashes": hashes.fact,
            "secrets.scope": .known(.string("generated"), []),
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
        // A drop-in may be all there is of an instance: `getty@tty1.service.d`.
        let beside = [".wants", ".requires", ".upholds"]
        let units = Set(names.map { $0.hasSuffix(".d") ? String($0.dropLast(2)) : $0 })
        for name in units.sorted() where name.contains(".") && !beside.contains(where: name.hasSuffix) {
            switch system.unit(name) {
            case .unit(let unit, _): read(unit, name)
            case .masked, .missing: continue
            case .unavailable(let reason):
                if isLeftOut(name) { continue }
                for list in [\Self.environment, \Self.environmentFiles, \Self.commandLines, \Self.files, \Self.hashes] {
                    self[keyPath: list].doubt(reason, Evidence(path: "/etc/systemd/system/" + name))
                }
            }
        }
    }

    /// A package's own unit that an image leaves out.
    private func isLeftOut(_ name: String) -> Bool {
        do {
            guard let link = try system.unitLinks()[name] else { return false }
            return link.hasPrefix("/nix/store/") && GeneratedText.hasVersion(GeneratedText.object(link))
        } catch {
            return false
        }
    }

    private mutating func read(_ unit: SystemdUnit, _ name: String) {
        var paths: [String] = []
        for assignment in unit.assignments {
            var value = assignment.value
            if value.utf8.count < 5 { continue }
            value.withUTF8 { GeneratedText.storePaths(in: $0, into: &paths) }
            let place = Evidence(path: assignment.file, line: assignment.line)
            if value.utf8.contains(UInt8(ascii: "$")) {
                for finding in knowledge.scanner.scan(Array(value.utf8), assignments: false) where finding.form == .hash
                {
                    hashes.add(
                        "\(assignment.file) \(finding.label)",
                        Evidence(path: place.path, line: place.line, text: finding.note))
                }
            }
            guard assignment.section == "Service" || assignment.section == "Socket" else { continue }
            switch assignment.key {
            case "Environment":
                for pair in EnvironmentLine.pairs(value) {
                    variable(pair.name, pair.value, unit: name, place, into: \.environment)
                }
            case "SetCredential":
                let parts = value.split(separator: ":", maxSplits: 1)
                if parts.count == 2, !parts[1].isEmpty {
                    environment.add(
                        "\(name) \(parts[0])",
                        Evidence(path: place.path, line: place.line, text: "SetCredential=\(parts[0]): value not shown")
                    )
                }
            case "EnvironmentFile": environmentFile(value, unit: name, place)
            case let key where key.hasPrefix("Exec"):
                for finding in knowledge.scanner.scan(Array(value.utf8)) {
                    commandLines.add(
                        "\(name) \(finding.label)", Evidence(path: place.path, line: place.line, text: finding.note))
                }
            default: continue
            }
        }
        mentioned.formUnion(paths)
    }

    private mutating func variable(
        _ variable: String, _ value: String, unit: String, _ place: Evidence,
        into list: WritableKeyPath<Self, SecretList>
    ) {
        self[keyPath: list].add(
            variable: variable, value: value, unit: unit, place, scanner: knowledge.scanner)
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
        // The family accounts judges the lists of users.
        if file.object.hasSuffix("users-groups.json") || file.object.hasSuffix("userborn.json") { return }
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

    // MARK: modes

    private func modes(_ sidecars: [(shown: String, path: String)]) -> FileModes {
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
                    // A package's own file that an image leaves out counts: systemd would obey it.
                    modes.doubt(error.description, Evidence(path: shown))
                } catch {
                    modes.doubt("\(shown): \(error)", Evidence(path: shown))
                }
            }
        } catch {
            if !error.isAbsence { modes.doubt(error.description, Evidence(path: "/etc/tmpfiles.d")) }
        }
        for (shown, path) in sidecars {
            do {
                let bytes = try system.tree.fileBytes(at: path, limit: 64)
                let text = String(decoding: bytes.filter { (0x30...0x37).contains($0) }, as: UTF8.self)
                modes.add(etc: shown, mode: text, Evidence(path: shown + ".mode"))
            } catch {
                modes.doubt(error.description, Evidence(path: shown + ".mode"))
            }
        }
        return modes
    }
}
