import FirnModel
import FirnParsing

/// The facts of the units of a closure.
struct BuiltUnits {
    let system: SystemView
    let knowledge: UnitKnowledge
    let exposure: UnitExposure

    private static let builtOnly: [FactKey] = [
        "units.packaged.ambient-capabilities", "units.packaged.umask", "units.root-listeners",
        "units.missing-executables", "units.ctrl-alt-del",
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
        let services = inventory.services.values.sorted { $0.name < $1.name }
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
        var guards = UnitJudge.Offenders()
        for name in inventory.masked where knowledge.guards.contains(name) {
            guards.add(name, Evidence(path: "/etc/systemd/system/" + name, text: "masked"))
        }
        batch.facts["units.masked-guards"] = .known(
            .strings(guards.names.sorted()), guards.evidence.isEmpty ? [place] : guards.evidence)
        let sockets = inventory.sockets.values.filter { !$0.startedBy.isEmpty }.sorted { $0.name < $1.name }
        let control = UnitSockets(knowledge: knowledge, sockets: sockets)
        batch.facts["units.control-sockets.network"] = judge.fact(control.network())
        batch.facts["units.control-sockets.writable"] = judge.fact(control.writable())
        batch.facts["units.root-listeners"] = judge.fact(control.rootListeners(inventory))
        batch.facts["units.missing-executables"] = missingExecutables(judge)
        let ctrlAltDel = Evidence(path: "/etc/systemd/system/ctrl-alt-del.target", text: inventory.ctrlAltDel)
        let target = inventory.ctrlAltDel ?? ""
        batch.facts["units.ctrl-alt-del"] = .known(.string(target.isEmpty ? "none" : target), [ctrlAltDel])
        for service in services where service.isLoadable {
            let score = exposure.score(service.sandbox)
            batch.facts[FactKey("units.score.\(service.name)")] = .known(
                .integer(Int64(score.exposure)), [Evidence(path: service.path, text: score.description)])
        }
        return batch
    }

    /// Started services whose program is not in the closure. A partial copy of one cannot tell.
    private func missingExecutables(_ judge: UnitJudge) -> Fact {
        let prefix = system.toplevel == "/" ? "" : system.toplevel
        let manager = prefix + "/systemd/lib/systemd/systemd"
        guard system.tree.exists(manager) else {
            return .unavailable(
                reason: "the target is a partial copy of the closure: it holds no programs", [Evidence(path: manager)])
        }
        var offenders = UnitJudge.Offenders()
        var unknown: (reason: String, evidence: Evidence)?
        for service in judge.services where service.isStarted {
            for program in service.programs() where program.assignment.key == "ExecStart" && !program.mayFail {
                let evidence = Evidence(
                    path: program.assignment.file, line: program.assignment.line, text: "ExecStart=\(program.path)")
                switch presence(program.path) {
                case true?: continue
                case false?: offenders.add("\(service.name) \(program.path)", evidence)
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
        // A bare name is looked for in systemd's search path, which is compiled in; a specifier depends on the instance.
        guard path.hasPrefix("/"), !path.utf8.contains(UInt8(ascii: "%")) else { return true }
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
            guard let why = knowledge.controlSockets[socket.name] else { continue }
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
                !knowledge.isByNature(service.name)
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
