import FirnModel
import FirnParsing

/// Reads what a closure starts at boot that is no service but access: shells without a login, AppArmor, USBGuard.
struct BootServicesBuilt {
    let system: SystemView

    func facts() -> FactBatch {
        var batch = FactBatch()
        let parameters = BootParameters(system)
        batch.facts["boot.debug-shell"] = debugShell(parameters)
        batch.facts["boot.test-backdoor"] = backdoor()
        batch.facts["boot.console-shells"] = consoleShells()
        batch.facts["boot.sulogin-force"] = suloginForce()
        batch.facts["boot.emergency-mode"] = exists("emergency.target")
        batch.facts["boot.ctrl-alt-del"] = ctrlAltDel()
        batch.facts["boot.usbguard"] = started("usbguard.service")
        appArmor(parameters, &batch)
        batch.facts["boot.installer-leftovers"] = leftovers()
        return batch
    }

    private func path(_ unit: String) -> String { system.shownEtcPath("systemd/system/" + unit) }

    /// Whether something pulls the unit in at boot.
    private func started(_ name: String) -> Fact {
        switch system.unit(name) {
        case .missing: return .known(.boolean(false), [Evidence(path: path(name), text: "there is no such unit")])
        case .masked: return .known(.boolean(false), [Evidence(path: path(name), text: "it is masked")])
        case .unit, .unavailable:
            // The units of systemd are links into its package, which a slim image may lack: the wants link decides.
            do {
                let pullers = try system.pulled(name)
                return .known(
                    .boolean(!pullers.isEmpty),
                    [
                        Evidence(
                            path: path(name),
                            text: pullers.isEmpty
                                ? "nothing starts it" : "started by " + pullers.joined(separator: ", "))
                    ])
            } catch {
                return .unavailable(reason: error.description, [Evidence(path: path(name))])
            }
        }
    }

    private func exists(_ name: String) -> Fact {
        switch system.unit(name) {
        case .missing: .known(.boolean(false), [Evidence(path: path(name), text: "there is no such unit")])
        case .masked: .known(.boolean(false), [Evidence(path: path(name), text: "it is masked")])
        case .unit, .unavailable: .known(.boolean(true), [Evidence(path: path(name))])
        }
    }

    // MARK: Shells

    /// A kernel parameter starts the unit too, by systemd-debug-generator(8), unless it is masked or not there.
    private func debugShell(_ parameters: BootParameters?) -> Fact {
        let name = "debug-shell.service"
        let start = started(name)
        guard start.value != .boolean(true), let parameter = parameters?.debugShell else { return start }
        switch system.unit(name) {
        case .missing, .masked: return start
        case .unit, .unavailable: return .known(.boolean(true), [parameter])
        }
    }

    /// `backdoor.service` of nixos/modules/testing/test-instrumentation.nix: a root shell on hvc0. A unit of another's
    /// making that only shares the name is none.
    private func backdoor() -> Fact {
        let name = "backdoor.service"
        switch system.unit(name) {
        case .missing: return .known(.boolean(false), [Evidence(path: path(name), text: "there is no such unit")])
        case .masked: return .known(.boolean(false), [Evidence(path: path(name), text: "it is masked")])
        case .unavailable(let reason): return .unavailable(reason: reason, [Evidence(path: path(name))])
        case .unit(let unit, let path):
            let start = started(name)
            guard case .known(.boolean(true), let evidence) = start else { return start }
            var found: Evidence?
            if let line = ["Requires", "BindsTo", "After"].flatMap({ unit.values("Unit", $0) })
                .first(where: { $0.value.contains("dev-hvc0.device") })
            {
                found = Evidence(path: line.file, line: line.line, text: "\(line.key)=\(line.value)")
            }
            for command in unit.commands("ExecStart") {
                guard let program = command.first else { continue }
                switch system.lines(program) {
                case .lines(let lines, let script):
                    if let line = lines.first(where: { $0.text.contains("/dev/hvc") }) {
                        found = Evidence(path: script, line: line.number, text: String(line.text.trimmed))
                    }
                case .absent, .unavailable:
                    if found == nil {
                        return .unavailable(
                            reason: "\(program), which backdoor.service starts, cannot be read", [Evidence(path: path)])
                    }
                }
            }
            return .known(.boolean(found != nil), evidence + (found.map { [$0] } ?? []))
        }
    }

    /// Services that start a shell as root with a terminal as its input. What asks for a login is not among them.
    private func consoleShells() -> Fact {
        let entries: [String]
        do {
            entries = try system.unitEntries()
        } catch {
            return .unavailable(reason: error.description, [Evidence(path: "/etc/systemd/system")])
        }
        var names: [String] = []
        var evidence: [Evidence] = []
        for name in entries where name.hasSuffix(".service") && name != "debug-shell.service" {
            guard case .unit(let unit, _) = system.unit(name),
                let input = unit.value("Service", "StandardInput"),
                ConsoleShell.isOnTerminal(input: input.value, user: unit.value("Service", "User")?.value)
            else { continue }
            let isShell = unit.commands("ExecStart").contains(where: leavesAtShell)
            guard isShell, case .known(.boolean(true), _) = started(name) else { continue }
            names.append(name)
            evidence.append(Evidence(path: input.file, line: input.line, text: "StandardInput=\(input.value)"))
        }
        return .known(
            .strings(names),
            evidence.isEmpty ? [Evidence(path: "/etc/systemd/system", text: "no such service")] : evidence)
    }

    /// Whether a command is a shell, or a script that ends up in one.
    private func leavesAtShell(_ command: [String]) -> Bool {
        if ConsoleShell.isShell(command) { return true }
        guard let program = command.first, program.hasPrefix("/nix/store/"),
            case .lines(let lines, _) = system.lines(program)
        else { return false }
        return lines.contains { !$0.text.hasPrefix("#") && ConsoleShell.isShell(line: $0.text) }
    }

    /// sulogin(8): with SYSTEMD_SULOGIN_FORCE a root without password gets a shell without being asked.
    private func suloginForce() -> Fact {
        var names: [String] = []
        var evidence: [Evidence] = []
        for name in ["rescue.service", "emergency.service"] {
            guard case .unit(let unit, _) = system.unit(name) else {
                if case .unavailable = system.unit(name) { dropIns(name, &names, &evidence) }
                continue
            }
            var forced: SystemdUnit.Assignment?
            for line in unit.values("Service", "Environment") {
                if let isOn = Self.forces(line.value) { forced = isOn ? line : nil }
            }
            if let forced {
                names.append(name)
                evidence.append(Evidence(path: forced.file, line: forced.line, text: "SYSTEMD_SULOGIN_FORCE is set"))
            }
        }
        // The environment of the manager reaches every service.
        if case .lines(let lines, let path) = system.etcLines("systemd/system.conf") {
            for line in lines where line.text.contains("SYSTEMD_SULOGIN_FORCE") {
                let text = line.text.trimmed
                guard !text.hasPrefix("#"), Self.forces(String(text)) == true else { continue }
                names.append("systemd")
                evidence.append(Evidence(path: path, line: line.number, text: "SYSTEMD_SULOGIN_FORCE is set"))
                break
            }
        }
        return .known(
            .strings(names),
            evidence.isEmpty
                ? [Evidence(path: "/etc/systemd/system", text: "SYSTEMD_SULOGIN_FORCE is not set")] : evidence)
    }

    /// The drop-ins of a unit whose main file is in a package the image lacks.
    private func dropIns(_ name: String, _ names: inout [String], _ evidence: inout [Evidence]) {
        let directory = "systemd/system/" + name + ".d"
        let files: [String]
        do {
            files = try system.listEtc(directory)
        } catch {
            // No drop-ins: what the package's unit says is systemd's own, which does not force.
            return
        }
        for file in files {
            guard case .lines(let lines, let path) = system.etcLines(directory + "/" + file) else { continue }
            for line in lines where Self.forces(String(line.text)) == true {
                names.append(name)
                evidence.append(Evidence(path: path, line: line.number, text: "SYSTEMD_SULOGIN_FORCE is set"))
                return
            }
        }
    }

    /// Whether an Environment line switches it on or off; nil where it does not speak of it.
    static func forces(_ text: String) -> Bool? {
        guard let range = text.firstRange(of: "SYSTEMD_SULOGIN_FORCE=") else { return nil }
        let value = text[range.upperBound...].prefix { !" \t\"'".contains($0) }
        return LoaderText.boolean(String(value)) ?? false
    }

    private func ctrlAltDel() -> Fact {
        let name = "ctrl-alt-del.target"
        let shown = path(name)
        do {
            let target = try system.tree.linkTarget(system.etcPath("systemd/system/" + name))
            if target == "/dev/null" { return .known(.string(""), [Evidence(path: shown, text: "it is masked")]) }
            let unit = String(target.split(separator: "/").last ?? "")
            return .known(.string(unit), [Evidence(path: shown, text: target)])
        } catch {
            if error.isAbsence { return .known(.string(""), [Evidence(path: shown, text: "there is no such unit")]) }
            return .unavailable(reason: error.description, [Evidence(path: shown)])
        }
    }

    // MARK: AppArmor

    /// Whether any profile is loaded at boot: the service that loads them may have none, and the kernel may be told not to
    /// use AppArmor.
    private func appArmor(_ parameters: BootParameters?, _ batch: inout FactBatch) {
        let start = started("apparmor.service")
        batch.facts["boot.apparmor"] = start
        guard case .known(.boolean(true), let evidence) = start else { return }
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

    /// The parser's command lines name each profile that is loaded, and how.
    private func profiles(_ batch: inout FactBatch) {
        guard case .unit(let unit, let path) = system.unit("apparmor.service") else {
            let fact = Fact.unavailable(
                reason: "apparmor.service cannot be read", [Evidence(path: path("apparmor.service"))])
            batch.facts["boot.apparmor.profiles"] = fact
            batch.facts["boot.apparmor.complaining"] = fact
            return
        }
        var loaded: [String] = []
        var complaining: [String] = []
        var evidence: [Evidence] = []
        var complaints: [Evidence] = []
        for line in unit.values("Service", "ExecStart") where line.value.contains("apparmor_parser") {
            let words = line.value.split(whereSeparator: { " \t\"".contains($0) })
            guard let profile = words.last(where: { $0.hasPrefix("/nix/store/") }), profile != words.first else {
                continue
            }
            // <hash>-<name>
            let file = profile.split(separator: "/").last ?? profile
            let name = String(file.drop { $0 != "-" }.dropFirst())
            loaded.append(name)
            let place = Evidence(path: line.file, line: line.line, text: line.value)
            evidence.append(place)
            if words.contains("--complain") || words.contains("-C") {
                complaining.append(name)
                complaints.append(place)
            }
        }
        let base = [Evidence(path: path, text: "no profile is loaded")]
        batch.facts["boot.apparmor.profiles"] = .known(.strings(loaded.sorted()), evidence.isEmpty ? base : evidence)
        batch.facts["boot.apparmor.complaining"] = .known(
            .strings(complaining.sorted()), complaints.isEmpty ? (evidence.isEmpty ? base : evidence) : complaints)
    }

    // MARK: Installer

    private func leftovers() -> Fact {
        var evidence: [Evidence] = []
        if case .lines(let lines, let path) = system.etcLines("os-release"),
            let line = lines.first(where: { $0.text.hasPrefix("VARIANT_ID=") && $0.text.contains("installer") })
        {
            evidence.append(Evidence(path: path, line: line.number, text: String(line.text.trimmed)))
        }
        for name in ["getty@.service", "serial-getty@.service"] {
            guard case .unit(let unit, let path) = system.unit(name) else { continue }
            for command in unit.commands("ExecStart") {
                guard let option = command.firstIndex(of: "--autologin"), command.dropFirst(option + 1).first == "nixos"
                else { continue }
                evidence.append(Evidence(path: path, text: "--autologin nixos"))
            }
        }
        return .known(
            .strings(evidence.isEmpty ? [] : [BootFacts.installerProfile]),
            evidence.isEmpty ? [Evidence(path: system.shownEtcPath("os-release"))] : evidence)
    }
}
