import FirnModel
import FirnParsing

/// Reads Nix's set-up from options, as nixos/modules/config/nix.nix would write it.
struct NixDeclared {
    let options: OptionTree
    let knowledge: NixKnowledge
    let context: SystemContext

    /// The options of releases before 22.05 and the settings they became.
    private static let older: [(option: String, setting: String)] = [
        ("useSandbox", "sandbox"), ("requireSignedBinaryCaches", "require-sigs"), ("trustedUsers", "trusted-users"),
        ("allowedUsers", "allowed-users"), ("binaryCaches", "substituters"),
        ("trustedBinaryCaches", "trusted-substituters"), ("binaryCachePublicKeys", "trusted-public-keys"),
        ("sandboxPaths", "sandbox-paths"), ("autoOptimiseStore", "auto-optimise-store"),
    ]

    func facts() -> FactBatch {
        var batch = FactBatch()
        let enabled = enabled()
        batch.facts["nix.enabled"] = enabled
        if case .known(.boolean(true), _) = enabled {
            let settings = settings()
            batch.merge(NixFactSet(settings: settings).facts())
            batch.facts["nix.registry.unlocked"] = registry()
            let optimise = boolean(["nix", "optimise", "automatic"])
            batch.facts["nix.optimised"] =
                batch.facts["nix.auto-optimise-store"]?.value == .boolean(true)
                ? batch.facts["nix.auto-optimise-store"] : optimise
            batch.facts["nix.gc"] = boolean(["nix", "gc", "automatic"])
            batch.facts["nix.ssh-serve"] = sshServe(settings)
            batch.facts["nix.daemon.listen"] = listen()
        }
        let upgrade = boolean(["system", "autoUpgrade", "enable"])
        batch.facts["nix.auto-upgrade"] = upgrade
        if upgrade.value == .boolean(true) {
            batch.facts["nix.auto-upgrade.reboot"] = boolean(["system", "autoUpgrade", "allowReboot"])
        }
        batch.facts["nix.upgrade-sources.insecure"] = sources(isOn: upgrade.value != .boolean(false))
        return batch
    }

    private func boolean(_ path: [String]) -> Fact {
        let reading = options.readBoolean(path)
        return reading.fact(
            null: .known(.boolean(false), [reading.evidence]),
            missing: .unavailable(
                reason: "the export does not hold \(OptionTree.spelled(path))", [reading.evidence])
        ) { .boolean($0) }
    }

    private func enabled() -> Fact {
        let path = ["nix", "enable"]
        switch options.readBoolean(path) {
        case .value(let truth, let evidence): return .known(.boolean(truth), [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        case .null(let evidence), .missing(let evidence):
            // The option came with 20.03's successors; where the older spelling is exported, Nix is always there.
            if case .value = options.lookup(["nix", "trustedUsers"]) {
                return .known(.boolean(true), [options.evidence(["nix"], text: "no option switches Nix off")])
            }
            return .unavailable(reason: "the export does not hold nix.enable", [evidence])
        }
    }

    // MARK: Settings

    private func settings() -> NixSettings {
        let path = ["nix", "settings"]
        var settings = NixSettings(knowledge: knowledge, base: options.evidence(path))
        switch options.readMembers(path) {
        case .value(let members, _):
            // The module writes the plain settings first, then those that add.
            for isExtra in [false, true] {
                for member in members where member.key.hasPrefix("extra-") == isExtra {
                    set(member.key, member.node, path + [member.key], &settings)
                }
            }
            for (name, reason) in options.unavailable where name.hasPrefix("nix.settings.") {
                settings.unknown[String(name.dropFirst("nix.settings.".count))] = (reason, Evidence(path: name))
            }
        case .missing:
            settings.base = options.evidence(["nix"])
            for (option, setting) in Self.older {
                switch options.lookup(["nix", option]) {
                case .value(let node): set(setting, node, ["nix", option], &settings)
                case .missing:
                    settings.unknown[setting] = (
                        "the export does not hold nix.\(option)", options.evidence(["nix", option])
                    )
                case .unavailable(let reason):
                    settings.unknown[setting] = (reason, options.evidence(["nix", option]))
                }
            }
            // What that module always writes (nixos/modules/services/misc/nix-daemon.nix of 20.09).
            settings.set("sandbox-fallback", "false", options.evidence(["nix"], text: "always written"))
        case .null(let evidence): settings.unknown["*"] = ("nix.settings is null", evidence)
        case .unavailable(let reason, let evidence): settings.unknown["*"] = (reason, evidence)
        }
        extraOptions(&settings)
        for name in NixFacts.environment {
            let path = ["systemd", "services", "nix-daemon", "environment", name]
            guard case .value(let node) = options.lookup(path), !node.isNull else { continue }
            settings.lose("\(name) in the environment of nix-daemon may set anything", options.evidence(path))
        }
        return settings
    }

    private func set(_ name: String, _ node: JSONNode, _ path: [String], _ settings: inout NixSettings) {
        let text: String
        switch node.value {
        case .null: text = ""
        case .boolean(let truth): text = truth ? "true" : "false"
        case .integer(let number): text = String(number)
        case .string(let value): text = value
        case .array(let elements): text = elements.compactMap(\.string).joined(separator: " ")
        case .double, .object:
            settings.unknown[name] = ("\(OptionTree.spelled(path)) has a value of another kind", options.evidence(path))
            return
        }
        let canonical = knowledge.aliases[name] ?? name
        if text == "<evaluation error>" {
            settings.unknown[canonical] = (
                "\(OptionTree.spelled(path)) could not be evaluated", options.evidence(path)
            )
            return
        }
        settings.set(
            name, text, options.evidence(path, text: knowledge.text(name, text)))
    }

    private func extraOptions(_ settings: inout NixSettings) {
        let path = ["nix", "extraOptions"]
        switch options.readString(path) {
        case .value(let text, let evidence):
            do {
                for statement in try NixConf.parse(Array(text.utf8)).statements {
                    switch statement {
                    case .setting(let name, let value, _):
                        settings.set(
                            name, value,
                            options.evidence(path, text: knowledge.text(name, value)))
                    case .include(let file, _, _):
                        settings.lose("nix.extraOptions includes \(file), which the options do not hold", evidence)
                    }
                }
            } catch {
                settings.lose("nix.extraOptions: \(error)", evidence)
            }
        case .null: return
        case .missing(let evidence): settings.lose("the export does not hold nix.extraOptions", evidence)
        case .unavailable(let reason, let evidence): settings.lose(reason, evidence)
        }
    }

    // MARK: The rest

    private func registry() -> Fact {
        let path = ["nix", "registry"]
        switch options.readMembers(path) {
        case .value(let members, let evidence):
            let open = members.filter { member in
                // A whole flake given as a value is locked, since it lies in the store.
                if let flake = member.node["flake"], !flake.isNull { return false }
                return member.node["to"].map(NixFacts.isUnlocked) ?? true
            }
            return .known(
                .strings(open.map { $0.node["from"]?["id"]?.string ?? $0.key }.sorted()),
                open.isEmpty ? [evidence] : open.map { options.evidence(path + [$0.key]) })
        case .null(let evidence): return .known(.strings([]), [evidence])
        case .missing(let evidence):
            return .unavailable(reason: "the export does not hold nix.registry", [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }

    private func sshServe(_ settings: NixSettings) -> Fact {
        let path = ["nix", "sshServe"]
        switch options.readBoolean(path + ["enable"]) {
        case .value(false, let evidence): return .known(.string("off"), [evidence])
        case .null(let evidence), .missing(let evidence):
            if options.boolean(["services", "openssh", "enable"]) == false {
                return .known(.string("off"), [options.evidence(["services", "openssh", "enable"])])
            }
            return .unavailable(reason: "the export does not hold nix.sshServe.enable", [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        case .value(true, let evidence):
            let isNG: Bool
            if case .value(let name, _) = options.readString(path + ["protocol"]) {
                isNG = name == "ssh-ng"
            } else {
                isNG = false
            }
            if isNG {
                let isTrusted =
                    options.boolean(path + ["trusted"]) == true || settings.words("trusted-users").contains("nix-ssh")
                return .known(.string(isTrusted ? "write" : "read"), [evidence])
            }
            return .known(.string(options.boolean(path + ["write"]) == true ? "write" : "read"), [evidence])
        }
    }

    /// What the configuration adds to the package's socket; `systemd.sockets` without the unit adds nothing. A unit file
    /// that a package brings is not in the options.
    private func listen() -> Fact? {
        let sockets = ["systemd", "sockets"]
        switch options.lookup(sockets) {
        // An export without sockets never supplies it.
        case .missing: return nil
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(sockets)])
        case .value: break
        }
        let path = sockets + ["nix-daemon"]
        if options.boolean(path + ["enable"]) == false {
            return .known(.strings([]), [options.evidence(path + ["enable"], text: "false")])
        }
        var addresses: [String] = []
        var evidence: [Evidence] = []
        for place in [["listenStreams"], ["socketConfig", "ListenStream"]] {
            let full = path + place
            let found: [String]
            switch options.lookup(full) {
            case .missing: continue
            case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(full)])
            case .value(let node) where node.isNull: continue
            case .value(let node):
                guard let words = node.string.map({ [$0] }) ?? node.array?.compactMap(\.string) else {
                    return .unavailable(reason: "it is no list of addresses", [options.evidence(full)])
                }
                found = words
            }
            let open = found.filter { !$0.hasPrefix("/") && !$0.isEmpty }
            if !open.isEmpty { evidence.append(options.evidence(full, text: open.joined(separator: ", "))) }
            addresses += open
        }
        return .known(.strings(addresses), evidence.isEmpty ? [options.evidence(path)] : evidence)
    }

    private func sources(isOn: Bool) -> Fact {
        var insecure: [String] = []
        var evidence: [Evidence] = []
        func look(_ text: String, _ path: [String]) {
            for source in NixFacts.insecureSources(text) where !insecure.contains(source) {
                insecure.append(source)
                evidence.append(options.evidence(path, text: source))
            }
        }
        if isOn {
            for name in ["channel", "flake"] {
                let path = ["system", "autoUpgrade", name]
                if case .value(let text, _) = options.readString(path) { look(text, path) }
            }
            let path = ["system", "autoUpgrade", "flags"]
            if case .value(let words, _) = options.readStrings(path) { look(words.joined(separator: " "), path) }
        }
        var isKnown = options.boolean(["nix", "channel", "enable"]) == false
        let rules = ["systemd", "tmpfiles", "rules"]
        if case .value(let lines, _) = options.readStrings(rules) {
            for line in lines where line.contains(".nix-channels") {
                isKnown = true
                look(line, rules)
            }
        }
        let channel = ["system", "defaultChannel"]
        if case .value(let text, _) = options.readString(channel) {
            isKnown = true
            look(text, channel)
        }
        if insecure.isEmpty, !isKnown {
            return .unavailable(
                reason: "the export does not say which channel root follows", [options.evidence(channel)])
        }
        return .known(.strings(insecure), evidence.isEmpty ? [options.evidence(rules)] : evidence)
    }
}
