import FirnModel
import FirnParsing

/// Reads from options what is started at boot that is no service but access.
struct BootServicesDeclared {
    let options: OptionTree
    let context: SystemContext

    func facts() -> FactBatch {
        var batch = FactBatch()
        let parameters = BootParameters(options)
        batch.facts["boot.debug-shell"] = debugShell(parameters)
        batch.facts["boot.test-backdoor"] = backdoor()
        batch.facts["boot.console-shells"] = consoleShells()
        batch.facts["boot.sulogin-force"] = suloginForce()
        batch.facts["boot.emergency-mode"] = boolean(["systemd", "enableEmergencyMode"])
        batch.facts["boot.ctrl-alt-del"] = ctrlAltDel()
        batch.facts["boot.usbguard"] = boolean(["services", "usbguard", "enable"])
        appArmor(parameters, &batch)
        batch.facts["boot.installer-leftovers"] = leftovers()
        return batch
    }

    private func boolean(_ path: [String]) -> Fact {
        let reading = options.readBoolean(path)
        let missing = Fact.unavailable(
            reason: "the export does not hold \(OptionTree.spelled(path))", [reading.evidence])
        return reading.fact(null: .known(.boolean(false), [reading.evidence]), missing: missing) { .boolean($0) }
    }

    // MARK: Shells

    private static let starters = ["wantedBy", "requiredBy", "upheldBy"]

    /// Whether a service of that name is started at boot: by its own options, or those of its unit.
    private func started(_ service: String) -> Fact {
        let unit = ["systemd", "units", service + ".service"]
        let own = ["systemd", "services", service]
        for path in [own, unit] {
            switch options.lookup(path) {
            case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
            case .missing: continue
            case .value(let node):
                if node["enable"]?.boolean == false {
                    return .known(.boolean(false), [options.evidence(path + ["enable"], text: "false")])
                }
                for key in Self.starters {
                    let targets = (node[key]?.array ?? []).compactMap(\.string)
                        .filter { !SystemView.targetsBesideTheBoot.contains($0) }
                    if !targets.isEmpty {
                        return .known(
                            .boolean(true),
                            [options.evidence(path + [key], text: targets.joined(separator: ", "))])
                    }
                }
            }
        }
        guard case .value = options.lookup(["systemd", "services"]) else {
            return .unavailable(
                reason: "the export does not hold systemd.services", [options.evidence(["systemd", "services"])])
        }
        // Targets and services may also pull it in by their own wants.
        for kind in ["services", "targets"] {
            guard case .value(let members, _) = options.readMembers(["systemd", kind]) else { continue }
            for member in members {
                for key in ["wants", "requires", "bindsTo"] {
                    let texts = (member.node[key]?.array ?? []).compactMap(\.string)
                    if texts.contains(service + ".service") {
                        return .known(
                            .boolean(true), [options.evidence(["systemd", kind, member.key, key])])
                    }
                }
            }
        }
        return .known(.boolean(false), [options.evidence(own, text: "nothing starts it")])
    }

    /// A kernel parameter starts the unit too, unless it is switched off.
    private func debugShell(_ parameters: BootParameters?) -> Fact {
        let start = started("debug-shell")
        guard start.value != .boolean(true), let parameter = parameters?.debugShell else { return start }
        for kind in [["services", "debug-shell"], ["units", "debug-shell.service"]]
        where options.boolean(["systemd"] + kind + ["enable"]) == false {
            return start
        }
        return .known(.boolean(true), [parameter])
    }

    /// Services that start a shell as root with a terminal as its input. Units that packages bring are not in the options.
    private func consoleShells() -> Fact {
        let path = ["systemd", "services"]
        let reading = options.readMembers(path)
        guard case .value(let members, let base) = reading else {
            return .unavailable(reason: "the export does not hold systemd.services", [reading.evidence])
        }
        var names: [String] = []
        var evidence: [Evidence] = []
        for member in members where member.key != "debug-shell" && member.node["enable"]?.boolean != false {
            guard let config = member.node["serviceConfig"],
                ConsoleShell.isOnTerminal(input: config["StandardInput"]?.string, user: config["User"]?.string)
            else { continue }
            let commands =
                config["ExecStart"]?.string.map { [$0] } ?? (config["ExecStart"]?.array ?? []).compactMap(\.string)
            let script = member.node["script"]?.string ?? ""
            let isShell =
                commands.contains { ConsoleShell.isShell(line: $0.drop { "@-:+!|".contains($0) }) }
                || script.split(separator: "\n").contains { !$0.hasPrefix("#") && ConsoleShell.isShell(line: $0) }
            guard isShell, started(member.key).value == .boolean(true) else { continue }
            names.append(member.key + ".service")
            evidence.append(options.evidence(path + [member.key, "serviceConfig", "StandardInput"]))
        }
        return .known(.strings(names.sorted()), evidence.isEmpty ? [base] : evidence)
    }

    private func backdoor() -> Fact {
        let path = ["systemd", "services", "backdoor"]
        let start = started("backdoor")
        guard case .known(.boolean(true), let evidence) = start, case .value(let node) = options.lookup(path) else {
            return start
        }
        let devices = ["requires", "bindsTo", "after"].flatMap { node[$0]?.array ?? [] }.compactMap(\.string)
        if devices.contains("dev-hvc0.device") {
            return .known(.boolean(true), evidence + [options.evidence(path + ["requires"], text: "dev-hvc0.device")])
        }
        guard let script = node["script"]?.string else {
            // A service without a script of its own says what it starts in ExecStart.
            return .known(.boolean(false), evidence)
        }
        return .known(.boolean(script.contains("/dev/hvc")), evidence)
    }

    private func suloginForce() -> Fact {
        let name = "SYSTEMD_SULOGIN_FORCE"
        var names: [String] = []
        var evidence: [Evidence] = []
        func isOn(_ node: JSONNode?) -> Bool {
            guard let node else { return false }
            if let text = node.string { return LoaderText.boolean(text) ?? false }
            return node.boolean == true || node.integer == 1
        }
        for service in ["rescue", "emergency"] {
            let path = ["systemd", "services", service]
            guard case .value(let node) = options.lookup(path) else { continue }
            let lines = node["serviceConfig"]?["Environment"]
            let texts = lines?.string.map { [$0] } ?? (lines?.array ?? []).compactMap(\.string)
            guard isOn(node["environment"]?[name]) || texts.contains(where: { BootServicesBuilt.forces($0) == true })
            else { continue }
            names.append(service + ".service")
            evidence.append(options.evidence(path + ["environment", name], text: "it is set"))
        }
        for path in [
            ["systemd", "settings", "Manager", "ManagerEnvironment"],
            ["systemd", "settings", "Manager", "DefaultEnvironment"], ["systemd", "managerEnvironment", name],
            ["systemd", "extraConfig"],
        ] {
            guard case .value(let node) = options.lookup(path) else { continue }
            let texts = node.string.map { [$0] } ?? (node.array ?? []).compactMap(\.string)
            let isForced =
                path.last == name ? isOn(node) : texts.contains { BootServicesBuilt.forces($0) == true }
            guard isForced else { continue }
            names.append("systemd")
            evidence.append(options.evidence(path, text: "\(name) is set"))
            break
        }
        if names.isEmpty {
            guard case .value = options.lookup(["systemd", "services"]) else {
                return .unavailable(
                    reason: "the export does not hold systemd.services", [options.evidence(["systemd", "services"])])
            }
        }
        return .known(
            .strings(names),
            evidence.isEmpty ? [options.evidence(["systemd", "services"], text: "it is not set")] : evidence)
    }

    private func ctrlAltDel() -> Fact {
        let path = ["systemd", "ctrlAltDelUnit"]
        let reading = options.readString(path)
        return reading.fact(
            null: .known(.string(""), [reading.evidence]),
            missing: .unavailable(reason: "the export does not hold systemd.ctrlAltDelUnit", [reading.evidence])
        ) { .string($0) }
    }

    // MARK: AppArmor, installer

    /// Whether any profile is loaded at boot: AppArmor may have none, and the kernel may be told not to use it.
    private func appArmor(_ parameters: BootParameters?, _ batch: inout FactBatch) {
        let enabled = boolean(["security", "apparmor", "enable"])
        batch.facts["boot.apparmor"] = enabled
        guard case .known(.boolean(true), let evidence) = enabled else { return }
        if let parameter = parameters?.withoutAppArmor {
            batch.facts["boot.apparmor"] = .known(.boolean(false), [parameter])
            return
        }
        profiles(&batch)
        switch batch.facts["boot.apparmor.profiles"] {
        case .known(.list(let loaded), let places):
            batch.facts["boot.apparmor"] = .known(
                .boolean(!loaded.isEmpty), loaded.isEmpty ? places : evidence + places)
        case .unavailable(let reason, let places):
            batch.facts["boot.apparmor"] = .unavailable(reason: reason, places)
        default: break
        }
    }

    private func profiles(_ batch: inout FactBatch) {
        let path = ["security", "apparmor", "policies"]
        switch options.readMembers(path) {
        case .value(let members, let base):
            var loaded: [String] = []
            var complaining: [String] = []
            for member in members {
                // `state` since 25.05; before, `enable` and `enforce`.
                let state =
                    member.node["state"]?.string
                    ?? (member.node["enable"]?.boolean == false
                        ? "disable" : (member.node["enforce"]?.boolean == false ? "complain" : "enforce"))
                if state == "disable" { continue }
                loaded.append(member.key)
                if state == "complain" { complaining.append(member.key) }
            }
            func evidence(_ names: [String]) -> [Evidence] {
                names.isEmpty
                    ? [Evidence(path: base.path, line: base.line, text: "no profile is loaded")]
                    : names.map { options.evidence(path + [$0], text: "policy \($0)") }
            }
            batch.facts["boot.apparmor.profiles"] = .known(.strings(loaded.sorted()), evidence(loaded))
            batch.facts["boot.apparmor.complaining"] = .known(
                .strings(complaining.sorted()), evidence(complaining))
        case .null(let evidence), .missing(let evidence):
            // Until 20.09: a list of files, which says nothing of their names and modes.
            let fact = Fact.unavailable(reason: "the export does not hold AppArmor's policies", [evidence])
            batch.facts["boot.apparmor.profiles"] = fact
            batch.facts["boot.apparmor.complaining"] = fact
        case .unavailable(let reason, let evidence):
            batch.facts["boot.apparmor.profiles"] = .unavailable(reason: reason, [evidence])
            batch.facts["boot.apparmor.complaining"] = .unavailable(reason: reason, [evidence])
        }
    }

    /// profiles/installation-device.nix lets its account nixos log in by itself; the modules of the images that import it
    /// set the variant too, which older exports lack.
    private func leftovers() -> Fact {
        let variant = ["system", "nixos", "variant_id"]
        var isTold = false
        var found: [Evidence] = []
        var looked: [Evidence] = []
        for path in [variant, ["services", "getty", "autologinUser"], ["services", "mingetty", "autologinUser"]] {
            switch options.readString(path) {
            case .value(let text, var evidence):
                isTold = true
                evidence.text = text
                if path == variant ? text.contains("installer") : text == "nixos" { found.append(evidence) }
                looked.append(evidence)
            case .null(let evidence):
                isTold = true
                looked.append(evidence)
            case .missing: continue
            case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
            }
        }
        guard isTold else {
            return .unavailable(
                reason: "the export holds neither system.nixos.variant_id nor services.getty.autologinUser",
                [options.evidence(variant)])
        }
        return .known(.strings(found.isEmpty ? [] : [BootFacts.installerProfile]), found.isEmpty ? looked : found)
    }
}
