import FirnModel
import FirnParsing

/// The facts of the units of a closure.
struct BuiltUnits {
    let system: SystemView
    let knowledge: UnitKnowledge
    let exposure: UnitExposure

    private static let builtOnly: [FactKey] = [
        "units.packaged.ambient-capabilities", "units.packaged.umask", "units.root-listeners",
        "units.missing-executables", "units.outside",
    ]

    /// The first number of the systemd of a system, from the name in its store path; nil where it names none.
    static func systemdVersion(_ system: SystemView) -> Int? {
        do {
            let prefix = system.toplevel == "/" ? "" : system.toplevel
            let name = try system.tree.linkTarget(prefix + "/systemd").split(separator: "/").last ?? ""
            guard let range = name.firstRange(of: "-systemd-") else { return nil }
            return Int(name[range.upperBound...].prefix { $0.isNumber })
        } catch {
            // Without the link all values that any systemd knows count.
            return nil
        }
    }

    func facts() -> FactBatch {
        let place = Evidence(path: "/etc/systemd/system")
        let inventory: UnitInventory
        do throws(TreeError) {
            inventory = try UnitInventory(system, exposure: exposure)
        } catch {
            var batch = FactBatch()
            for key in UnitsFacts.lists + Self.builtOnly {
                batch.facts[key] = .unavailable(reason: error.description, [place])
            }
            return batch
        }
        let services = inventory.services.values.sorted { $0.name < $1.name }.map(withScripts)
        let judge = UnitJudge(
            knowledge: knowledge, exposure: exposure, services: services,
            unreadable: inventory.unreadable.sorted { $0.key < $1.key }.map { name, reason in
                (reason, Evidence(path: "/etc/systemd/system/" + name))
            }, place: place)
        var batch = judge.facts()
        let packaged = services.filter { $0.isStarted && $0.origin == .package }
        batch.facts["units.packaged.ambient-capabilities"] = judge.fact(
            judge.ambient(packaged) { !$0.isConfigured($1) })
        batch.facts["units.packaged.umask"] = judge.fact(judge.masks(packaged) { !$0.isConfigured($1) })
        let masked = inventory.masked.sorted().map { name in
            (name, Evidence(path: "/etc/systemd/system/" + name, text: "masked"))
        }
        let timers = inventory.idleTimers.sorted().map { name in
            (name, Evidence(path: "/etc/systemd/system/" + name, text: "nothing starts it"))
        }
        batch.facts["units.masked-guards"] = judge.idle(knowledge.guards, masked: masked, timers: timers)
        batch.facts["units.idle-upkeep"] = judge.idle(knowledge.upkeep, masked: masked, timers: timers)
        let sockets = inventory.sockets.values.filter { !$0.startedBy.isEmpty }.sorted { $0.name < $1.name }
        let control = UnitSockets(knowledge: knowledge, sockets: sockets)
        batch.facts["units.control-sockets.network"] = judge.fact(control.network())
        batch.facts["units.control-sockets.writable"] = judge.fact(control.writable())
        batch.facts["units.root-listeners"] = judge.fact(control.rootListeners(inventory))
        batch.facts["units.missing-executables"] = missingExecutables(judge)
        batch.facts["units.outside"] = outside()
        for service in services where service.isLoadable {
            let score = exposure.score(service.sandbox)
            batch.facts[FactKey("units.score.\(service.name)")] = .known(
                .integer(Int64(score.exposure)), [Evidence(path: service.path, text: score.description)])
        }
        return batch
    }

    // MARK: Scripts

    /// The service with the scripts that root runs for it: those nixpkgs makes of `script`, `preStart` and so on, and other
    /// single files of the store, as pkgs.writeShellScript makes them.
    private func withScripts(_ service: ServiceUnit) -> ServiceUnit {
        guard service.isStarted, service.origin == .configuration else { return service }
        var service = service
        var seen: Set<String> = []
        for program in service.programs() where program.hasFullRights || service.sandbox.runsAsRoot {
            let parts = program.path.split(separator: "/")
            guard parts.count >= 3, parts[0] == "nix", parts[1] == "store" else { continue }
            let isOfUnit = parts[2].drop { $0 != "-" }.hasPrefix("-unit-script-")
            guard isOfUnit || parts.count == 3, seen.insert(program.path).inserted else { continue }
            do throws(TreeError) {
                let bytes = try system.tree.read(program.path, limit: 1 << 18)
                // What does not name an interpreter is no script.
                guard bytes.starts(with: "#!".utf8) else { continue }
                service.scripts.append(
                    ServiceUnit.Script(path: program.path, text: String(decoding: bytes, as: UTF8.self)))
            } catch {
                if case .wrongKind = error { continue }
                if case .tooLarge = error, !isOfUnit { continue }
                service.scripts.append(ServiceUnit.Script(path: program.path, text: nil))
            }
        }
        return service
    }

    // MARK: Beside the configuration

    /// Directories that systemd reads besides `/etc/systemd/system` and that no generation of NixOS fills (systemd.unit(5), and
    /// the lookup paths nixpkgs adds to systemd).
    private static let otherDirectories = [
        "systemd/system.control", "systemd/system.attached", "systemd-mutable/system",
    ]

    /// Units and drop-ins that were put beside those of the configuration.
    private func outside() -> Fact {
        var offenders = UnitJudge.Offenders()
        let roots = [system.etcRoot] + (system.formerEtc.map { [$0] } ?? [])
        var directories = roots.flatMap { root in Self.otherDirectories.map { (root + "/" + $0, "/etc/" + $0) } }
        if system.formerEtc != nil || system.etcRoot == "/etc" {
            let path = "/nix/var/nix/profiles/default/lib/systemd/system"
            directories.append((path, path))
        }
        for (directory, shown) in directories {
            do throws(TreeError) {
                for name in try system.tree.list(directory) {
                    offenders.add(name, Evidence(path: shown + "/" + name))
                }
            } catch {
                guard !error.isAbsence else { continue }
                return .unavailable(reason: error.description, [Evidence(path: shown)])
            }
        }
        return .known(
            .strings(offenders.names.sorted()),
            offenders.evidence.isEmpty ? [Evidence(path: "/etc/systemd/system.control")] : offenders.evidence)
    }

    // MARK: Programs

    /// Started services whose program is not in the closure. A partial copy of one cannot tell.
    private func missingExecutables(_ judge: UnitJudge) -> Fact {
        let prefix = system.toplevel == "/" ? "" : system.toplevel
        let manager = prefix + "/systemd/lib/systemd/systemd"
        let isPartial = Fact.unavailable(
            reason: "the target is a partial copy of the closure: it lacks programs of systemd itself",
            [Evidence(path: manager)])
        // An object of the store is there as a whole or not at all.
        let ownObject: String
        do throws(TreeError) {
            ownObject = try system.tree.resolve(manager).split(separator: "/").prefix(3).joined(separator: "/")
        } catch {
            return isPartial
        }
        var offenders = UnitJudge.Offenders()
        var unknown: (reason: String, evidence: Evidence)?
        for service in judge.services where service.isStarted {
            for program in service.programs() where program.assignment.key == "ExecStart" && !program.mayFail {
                let evidence = Evidence(
                    path: program.assignment.file, line: program.assignment.line, text: "ExecStart=\(program.path)")
                switch presence(program.path) {
                case true?: continue
                case false?:
                    if program.path.dropFirst().hasPrefix(ownObject + "/") { return isPartial }
                    offenders.add("\(service.name) \(program.path)", evidence)
                case nil: unknown = unknown ?? ("\(program.path) cannot be looked for in this target", evidence)
                }
            }
        }
        if offenders.names.isEmpty, let unknown {
            return .unavailable(reason: unknown.reason, [unknown.evidence])
        }
        return judge.fact(offenders)
    }

    /// Whether a program is there; nil where this target cannot tell.
    private func presence(_ path: String) -> Bool? {
        // A bare name is looked for by systemd in a path that is compiled in, or in ExecSearchPath=; a specifier depends on
        // the instance. Neither can be called missing.
        guard path.hasPrefix("/"), !path.utf8.contains(UInt8(ascii: "%")) else { return true }
        // nixpkgs makes these two at every activation.
        if path == "/bin/sh" || path == "/usr/bin/env" { return true }
        if path.hasPrefix("/run/current-system/") {
            let own = (system.toplevel == "/" ? "" : system.toplevel) + path.dropFirst("/run/current-system".count)
            if system.tree.exists(own) { return true }
        }
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "nix", parts[1] == "store" else {
            // /run and /etc are made at boot, and a bare toplevel has no root around it.
            return nil
        }
        do throws(TreeError) {
            _ = try system.tree.kind(path)
            return true
        } catch {
            guard error.isAbsence else { return nil }
            return system.tree.exists("/nix/store/" + parts[2]) ? false : nil
        }
    }
}

/// What can be said of sockets that command a service.
struct UnitSockets {
    let knowledge: UnitKnowledge
    /// The sockets that are started.
    let sockets: [SocketUnit]

    /// Control sockets that other machines can reach.
    func network() -> UnitJudge.Offenders {
        var offenders = UnitJudge.Offenders()
        for socket in sockets {
            guard let why = knowledge.controlSockets[socket.name], !socket.isOnLoopback,
                !knowledge.socketsJudgedElsewhere.contains(socket.name)
            else { continue }
            for address in socket.addresses where address.isNetwork {
                offenders.add("\(socket.name) \(address.text)", evidence(address, why))
            }
        }
        return offenders
    }

    /// Control sockets that every local user can write to.
    func writable() -> UnitJudge.Offenders {
        var offenders = UnitJudge.Offenders()
        for socket in sockets where socket.mode & 0o002 != 0 {
            guard let why = knowledge.controlSockets[socket.name] else { continue }
            for address in socket.addresses where address.isPath {
                offenders.add("\(socket.name) \(address.text)", evidence(address, why))
            }
        }
        return offenders
    }

    /// Network sockets whose service runs as root though its work does not need that.
    func rootListeners(_ inventory: UnitInventory) -> UnitJudge.Offenders {
        var offenders = UnitJudge.Offenders()
        for socket in sockets {
            guard let service = inventory.services[socket.service], service.sandbox.runsAsRoot,
                !socket.isOnLoopback, !knowledge.isByNature(service.name)
            else { continue }
            for address in socket.addresses where address.isNetwork {
                offenders.add(
                    "\(socket.name) \(address.text)", evidence(address, "\(service.name) runs as root"))
            }
        }
        return offenders
    }

    private func evidence(_ address: SocketUnit.Address, _ why: String) -> Evidence {
        Evidence(
            path: address.assignment.file, line: address.assignment.line > 0 ? address.assignment.line : nil,
            text: "\(address.assignment.key)=\(address.text): \(why)")
    }
}
