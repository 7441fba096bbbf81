import FirnModel
import FirnParsing

/// Reads Nix's set-up of a system closure.
struct NixBuilt {
    let system: SystemView
    let knowledge: NixKnowledge

    func facts() -> FactBatch {
        var batch = FactBatch()
        let enabled = enabled()
        batch.facts["nix.enabled"] = enabled
        if case .known(.boolean(true), _) = enabled {
            let settings = settings()
            batch.merge(NixFactSet(settings: settings).facts())
            batch.facts["nix.registry.unlocked"] = registry()
            let isOptimised = timer("nix-optimise.timer")
            batch.facts["nix.optimised"] =
                batch.facts["nix.auto-optimise-store"]?.value == .boolean(true)
                ? batch.facts["nix.auto-optimise-store"] : isOptimised
            batch.facts["nix.gc"] = timer("nix-gc.timer")
            batch.facts["nix.ssh-serve"] = sshServe(settings)
            batch.facts["nix.daemon.listen"] = listen()
        }
        let upgrade = timer("nixos-upgrade.timer")
        batch.facts["nix.auto-upgrade"] = upgrade
        upgrades(&batch)
        return batch
    }

    private func enabled() -> Fact {
        let path = system.shownEtcPath("nix/nix.conf")
        do {
            _ = try system.tree.kind(system.etcPath("nix/nix.conf"))
            return .known(.boolean(true), [Evidence(path: path)])
        } catch {
            if !error.isAbsence { return .known(.boolean(true), [Evidence(path: path)]) }
        }
        for unit in ["nix-daemon.socket", "nix-daemon.service"] {
            switch system.unit(unit) {
            case .unit(_, let path): return .known(.boolean(true), [Evidence(path: path)])
            case .unavailable(let reason): return .unavailable(reason: reason, [])
            case .missing, .masked: continue
            }
        }
        return .known(.boolean(false), [Evidence(path: path, text: "there is neither nix.conf nor a daemon")])
    }

    // MARK: nix.conf

    /// The settings of nix.conf and what it includes.
    func settings() -> NixSettings {
        var settings = NixSettings(
            knowledge: knowledge, base: Evidence(path: system.shownEtcPath("nix/nix.conf")))
        read("nix/nix.conf", into: &settings, depth: 0)
        daemon(&settings)
        return settings
    }

    /// The daemon's environment and arguments come after all files.
    private func daemon(_ settings: inout NixSettings) {
        guard case .unit(let unit, let path) = system.unit("nix-daemon.service") else { return }
        for line in unit.values("Service", "Environment") {
            if let name = NixFacts.environment.first(where: { line.value.contains($0 + "=") }) {
                settings.lose(
                    "\(name) in the environment of nix-daemon may set anything",
                    Evidence(path: line.file, line: line.line))
            }
        }
        for command in unit.commands("ExecStart") {
            let arguments = command.dropFirst().filter { $0.hasPrefix("--") && $0 != "--daemon" && $0 != "--stdio" }
            if !arguments.isEmpty {
                settings.lose("arguments of nix-daemon may set anything", Evidence(path: path))
            }
        }
    }

    /// Reads a file below `/etc`, or an absolute path, in place, as Nix does.
    private func read(_ path: String, into settings: inout NixSettings, depth: Int) {
        let isEtc = !path.hasPrefix("/")
        let shown = isEtc ? system.shownEtcPath(path) : path
        let place = Evidence(path: shown)
        let conf: NixConf
        do {
            let bytes =
                isEtc ? try system.readEtc(path, limit: 1 << 20) : try system.tree.read(path, limit: 1 << 20)
            conf = try NixConf.parse(bytes)
        } catch let error as TreeError {
            if depth == 0, error.isAbsence { return }
            settings.lose("\(shown), which is included, is not in the target: \(error)", place)
            return
        } catch {
            settings.lose("\(shown): \(error)", place)
            return
        }
        for statement in conf.statements {
            switch statement {
            case .setting(let name, let value, let line):
                settings.set(
                    name, value,
                    Evidence(path: shown, line: line, text: knowledge.text(name, value)))
            case .include(let file, _, _):
                guard depth < 8 else {
                    settings.lose("\(shown) includes files too deeply", place)
                    return
                }
                let directory = shown.split(separator: "/").dropLast().joined(separator: "/")
                let full = file.hasPrefix("/") ? file : "/" + directory + "/" + file
                // `/etc` of this system need not be `/etc` of the root.
                read(
                    full.hasPrefix("/etc/") ? String(full.dropFirst(5)) : full, into: &settings, depth: depth + 1)
            }
        }
    }

    // MARK: Units

    private func timer(_ name: String) -> Fact {
        let path = system.shownEtcPath("systemd/system/" + name)
        switch system.unit(name) {
        case .missing: return .known(.boolean(false), [Evidence(path: path, text: "there is no such timer")])
        case .masked: return .known(.boolean(false), [Evidence(path: path, text: "it is masked")])
        case .unavailable(let reason): return .unavailable(reason: reason, [Evidence(path: path)])
        case .unit(_, let path):
            do {
                let targets = try system.wanted(name)
                return .known(
                    .boolean(!targets.isEmpty),
                    [
                        Evidence(
                            path: path,
                            text: targets.isEmpty
                                ? "nothing starts it" : "wanted by " + targets.joined(separator: ", "))
                    ])
            } catch {
                return .unavailable(reason: error.description, [Evidence(path: path)])
            }
        }
    }

    private func upgrades(_ batch: inout FactBatch) {
        var insecure: [String] = []
        var evidence: [Evidence] = []
        var problem: Fact?
        func look(_ lines: [TextLine], _ path: String, only word: String? = nil) {
            for line in lines where word.map({ line.text.contains($0) }) ?? true {
                for source in NixFacts.insecureSources(line.text) where !insecure.contains(source) {
                    insecure.append(source)
                    evidence.append(Evidence(path: path, line: line.number, text: source))
                }
            }
        }
        if case .known(.boolean(true), _) = batch.facts["nix.auto-upgrade"] {
            switch script("nixos-upgrade.service") {
            case .lines(let lines, let path):
                look(lines, path)
                let restart = lines.first { $0.text.contains("shutdown") && $0.text.contains(" -r") }
                batch.facts["nix.auto-upgrade.reboot"] = .known(
                    .boolean(restart != nil), [Evidence(path: path, line: restart?.number)])
            case .absent(let path):
                problem = .unavailable(reason: "\(path) is not there", [Evidence(path: path)])
            case .unavailable(let reason, let path): problem = .unavailable(reason: reason, [Evidence(path: path)])
            }
        }
        if let problem { batch.facts["nix.auto-upgrade.reboot"] = problem }
        if case .lines(let lines, let path) = system.etcLines("tmpfiles.d/00-nixos.conf") {
            look(lines, path, only: ".nix-channels")
        }
        let activate = (system.toplevel == "/" ? "" : system.toplevel) + "/activate"
        if case .lines(let lines, let path) = system.lines(activate) { look(lines, path, only: ".nix-channels") }
        if insecure.isEmpty, let problem {
            batch.facts["nix.upgrade-sources.insecure"] = problem
        } else {
            batch.facts["nix.upgrade-sources.insecure"] = .known(
                .strings(insecure),
                evidence.isEmpty ? [Evidence(path: system.shownEtcPath("tmpfiles.d/00-nixos.conf"))] : evidence)
        }
    }

    /// The text of the first program a service starts.
    private func script(_ name: String) -> TextReading {
        switch system.unit(name) {
        case .unit(let unit, let path):
            guard let program = unit.commands("ExecStart").first?.first else { return .absent(path: path) }
            return system.lines(program)
        case .unavailable(let reason): return .unavailable(reason, path: name)
        case .missing, .masked: return .absent(path: system.shownEtcPath("systemd/system/" + name))
        }
    }

    private func listen() -> Fact {
        switch system.unit("nix-daemon.socket") {
        case .unit(let unit, let path):
            let open = unit.values("Socket", "ListenStream").filter { !$0.value.hasPrefix("/") && !$0.value.isEmpty }
            return .known(
                .strings(open.map(\.value)),
                open.isEmpty
                    ? [Evidence(path: path)] : open.map { Evidence(path: $0.file, line: $0.line, text: $0.value) })
        case .unavailable(let reason): return .unavailable(reason: reason, [])
        case .missing, .masked:
            return .known(
                .strings([]), [Evidence(path: "/etc/systemd/system", text: "there is no socket of the daemon")])
        }
    }

    // MARK: Registry, ssh

    private func registry() -> Fact {
        let path = system.shownEtcPath("nix/registry.json")
        do {
            let json = try JSONParser.parse(try system.readEtc("nix/registry.json", limit: 1 << 20))
            guard let flakes = json["flakes"]?.array else {
                return .unavailable(reason: "\(path) holds no list of flakes", [Evidence(path: path)])
            }
            let open = flakes.filter { $0["to"].map(NixFacts.isUnlocked) ?? true }
            return .known(
                .strings(open.map { $0["from"]?["id"]?.string ?? "?" }.sorted()),
                open.isEmpty ? [Evidence(path: path)] : open.map { Evidence(path: path, line: $0.line) })
        } catch let error as TreeError {
            return error.isAbsence
                ? .known(.strings([]), [Evidence(path: path, text: "there is no registry")])
                : .unavailable(reason: error.description, [Evidence(path: path)])
        } catch {
            return .unavailable(reason: "\(path): \(error)", [Evidence(path: path)])
        }
    }

    /// `nix.sshServe` writes a Match block for the user nix-ssh with a forced command.
    private func sshServe(_ settings: NixSettings) -> Fact {
        switch system.etcLines("ssh/sshd_config") {
        case .absent(let path): return .known(.string("off"), [Evidence(path: path, text: "there is no sshd")])
        case .unavailable(let reason, let path): return .unavailable(reason: reason, [Evidence(path: path)])
        case .lines(let lines, let path):
            guard
                let start = lines.firstIndex(where: { line in
                    let words = line.text.split(whereSeparator: { " \t,=\"".contains($0) })
                    return words.first?.lowercased() == "match" && words.contains("nix-ssh")
                })
            else { return .known(.string("off"), [Evidence(path: path, text: "no block for nix-ssh")]) }
            let command = lines[start...].first { $0.text.trimmed.lowercased().hasPrefix("forcecommand") }
            guard let command else {
                return .unavailable(
                    reason: "the block for nix-ssh forces no command", [Evidence(path: path, line: lines[start].number)]
                )
            }
            let isWriter =
                command.text.contains(" --write")
                || (command.text.contains("nix-daemon") && settings.words("trusted-users").contains("nix-ssh"))
            return .known(
                .string(isWriter ? "write" : "read"),
                [Evidence(path: path, line: command.number, text: String(command.text.trimmed))])
        }
    }
}
