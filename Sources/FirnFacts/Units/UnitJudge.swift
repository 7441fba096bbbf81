import FirnModel
import FirnParsing

/// Makes the facts of the family from the services and sockets of a system, whichever source they come from.
struct UnitJudge {
    let knowledge: UnitKnowledge
    let exposure: UnitExposure
    /// The services, ordered by name.
    let services: [ServiceUnit]
    /// What cannot be read although something starts it: the reason and where.
    let unreadable: [(reason: String, evidence: Evidence)]
    /// Where it was looked.
    let place: Evidence

    /// What is wrong with units, one entry a unit or address.
    struct Offenders {
        private(set) var names: [String] = []
        private(set) var evidence: [Evidence] = []

        mutating func add(_ name: String, _ place: Evidence) {
            if !names.contains(name) { names.append(name) }
            if evidence.count < 40 { evidence.append(place) }
        }
    }

    /// A list of offenders as a fact: nobody is only known to be none where everything could be read.
    func fact(_ offenders: Offenders) -> Fact {
        if offenders.names.isEmpty, let first = unreadable.first {
            return .unavailable(reason: first.reason, unreadable.prefix(10).map(\.evidence))
        }
        return .known(
            .strings(offenders.names.sorted()), offenders.evidence.isEmpty ? [place] : offenders.evidence)
    }

    /// Where an assignment stands, with its text; only directives whose values are no secrets are shown.
    static func evidence(_ assignment: SystemdUnit.Assignment) -> Evidence {
        Evidence(
            path: assignment.file, line: assignment.line > 0 ? assignment.line : nil,
            text: "\(assignment.key)=\(assignment.value)")
    }

    /// The facts both sources can supply.
    func facts() -> FactBatch {
        var batch = FactBatch()
        let started = services.filter { $0.isStarted && $0.isLoadable }
        batch.facts["units.ambient-capabilities"] = fact(ambient(started) { $0.isConfigured($1) })
        batch.facts["units.umask"] = fact(masks(started) { $0.isConfigured($1) })
        batch.facts["units.writable-executables"] = writableExecutables(started)
        batch.facts["units.root-shells"] = fact(rootShells(started))
        batch.facts["units.rescue-shells"] = fact(rescueShells())
        batch.facts["units.undone-protection"] = fact(undoneProtection(started))
        batch.facts["units.ignored-settings"] = fact(ignoredSettings(started))
        batch.facts["units.idle-filters"] = fact(idleFilters(started))
        batch.facts["units.unconfined"] = fact(unconfined(started))
        return batch
    }

    /// Units that are there and that never start: masked, or made by the configuration with nothing left that starts them.
    func idle(
        _ names: UnitNames, masked: [(name: String, evidence: Evidence)], timers: [(name: String, evidence: Evidence)]
    ) -> Fact {
        var offenders = Offenders()
        for (name, evidence) in masked where names.contains(name) { offenders.add(name, evidence) }
        for service in services
        where names.contains(service.name) && !service.isStarted && service.origin == .configuration {
            offenders.add(service.name, Evidence(path: service.path, text: "nothing starts it"))
        }
        for (name, evidence) in timers where names.contains(name) { offenders.add(name, evidence) }
        return .known(.strings(offenders.names.sorted()), offenders.evidence.isEmpty ? [place] : offenders.evidence)
    }

    // MARK: One judgement each

    /// Services whose ambient capabilities amount to root.
    func ambient(
        _ services: [ServiceUnit], where isMeant: (ServiceUnit, SystemdUnit.Assignment) -> Bool
    ) -> Offenders {
        var offenders = Offenders()
        for service in services {
            let set = service.sandbox.ambientSet & service.sandbox.boundingSet
            guard set != 0, let deciding = service.sandbox.deciding["AmbientCapabilities"], isMeant(service, deciding)
            else { continue }
            let has = { (name: String) in
                exposure.vocabulary.capabilities[name].map { set & (1 << UInt64($0)) != 0 } ?? false
            }
            let names = knowledge.rootCapabilities.filter { $0.allSatisfy(has) }.flatMap { $0 }
            if !names.isEmpty {
                offenders.add("\(service.name) \(names.joined(separator: " "))", Self.evidence(deciding))
            }
        }
        return offenders
    }

    /// Services whose new files anybody may write.
    func masks(
        _ services: [ServiceUnit], where isMeant: (ServiceUnit, SystemdUnit.Assignment) -> Bool
    ) -> Offenders {
        var offenders = Offenders()
        for service in services where service.sandbox.umask & 0o002 == 0 {
            guard let deciding = service.sandbox.deciding["UMask"], isMeant(service, deciding) else { continue }
            offenders.add("\(service.name) \(deciding.value)", Self.evidence(deciding))
        }
        return offenders
    }

    /// Programs that root runs from places where others can put files.
    private func writableExecutables(_ services: [ServiceUnit]) -> Fact {
        var offenders = Offenders()
        var unknown: ServiceUnit.Script?
        for service in services {
            let foreign = ForeignPrograms(knowledge: knowledge, hasPrivateTmp: service.sandbox.isOn("PrivateTmp"))
            for program in service.programs() where program.hasFullRights || service.sandbox.runsAsRoot {
                guard service.isConfigured(program.assignment) || service.origin == .package,
                    let path = foreign.inCommand([program.path] + program.arguments)
                else { continue }
                offenders.add(
                    "\(service.name) \(path)",
                    Evidence(
                        path: program.assignment.file,
                        line: program.assignment.line > 0 ? program.assignment.line : nil,
                        text: "\(program.assignment.key)=\(path) as root"))
            }
            for script in service.scripts {
                guard let text = script.text else {
                    unknown = unknown ?? script
                    continue
                }
                guard let path = foreign.inScript(text) else { continue }
                offenders.add(
                    "\(service.name) \(path)", Evidence(path: script.path, text: "\(path) as root, by \(service.name)"))
            }
        }
        if offenders.names.isEmpty, let unknown {
            return .unavailable(
                reason: "\(unknown.path), which root runs, cannot be read", [Evidence(path: unknown.path)])
        }
        return fact(offenders)
    }

    /// Services that connect a root shell to whoever opens a connection. Shells on terminals are the business of the family
    /// `boot`.
    private func rootShells(_ services: [ServiceUnit]) -> Offenders {
        var offenders = Offenders()
        for service in services where service.sandbox.runsAsRoot {
            guard let input = service.unit.value("Service", "StandardInput"), input.value == "socket" else { continue }
            for program in service.programs() where program.assignment.key == "ExecStart" {
                // An argument that is no option is a script, which may ask for a password.
                guard knowledge.shells.contains(String(program.name)),
                    program.arguments.allSatisfy({ $0.hasPrefix("-") })
                else { continue }
                offenders.add(service.name, Self.evidence(input))
            }
        }
        return offenders
    }

    /// Rescue and emergency services that open a shell without sulogin, or tell it to do without a password.
    private func rescueShells() -> Offenders {
        var offenders = Offenders()
        for service in services where knowledge.rescueUnits.contains(service.name) {
            for program in service.programs() where program.assignment.key == "ExecStart" {
                let name = String(program.name)
                let isForced =
                    (name == "sulogin" && program.arguments.contains { $0 == "--force" || $0 == "-e" })
                    || (knowledge.shells.contains(name) && program.arguments.allSatisfy { $0.hasPrefix("-") })
                if isForced { offenders.add(service.name, Self.evidence(program.assignment)) }
            }
        }
        return offenders
    }

    /// Services of the configuration that ask for a protection and take it back.
    private func undoneProtection(_ services: [ServiceUnit]) -> Offenders {
        var offenders = Offenders()
        for service in services where service.origin == .configuration {
            let sandbox = service.sandbox
            guard sandbox.protectSystem != .no || sandbox.isOn("DynamicUser"), sandbox.rootDirectory.isEmpty,
                sandbox.rootImage.isEmpty
            else { continue }
            let isFull = sandbox.isOn("DynamicUser") || [.full, .strict].contains(sandbox.protectSystem)
            for assignment in service.unit.values("Service", "ReadWritePaths") {
                for word in ServiceSandbox.words(assignment.value) {
                    let path = word.drop { $0 == "-" || $0 == "+" }
                    let bare = "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
                    guard path.hasPrefix("/"),
                        knowledge.undoingPaths.contains(bare)
                            || (isFull && knowledge.undoingPathsOfFull.contains(bare))
                    else { continue }
                    offenders.add("\(service.name) ReadWritePaths=\(bare)", Self.evidence(assignment))
                }
            }
        }
        return offenders
    }

    /// Sandbox settings of the configuration that systemd ignores: a value it does not know, or the wrong section.
    private func ignoredSettings(_ services: [ServiceUnit]) -> Offenders {
        var offenders = Offenders()
        for service in services {
            for ignored in service.sandbox.ignored where service.isConfigured(ignored.assignment) {
                let assignment = ignored.assignment
                offenders.add(
                    "\(service.name) \(assignment.key)=\(assignment.value)",
                    Evidence(
                        path: assignment.file, line: assignment.line > 0 ? assignment.line : nil,
                        text: "\(assignment.key)=\(assignment.value): \(ignored.reason)"))
            }
            for assignment in service.unit.assignments
            where assignment.section != "Service" && service.isConfigured(assignment)
                && isSandboxSetting(assignment.key)
            {
                guard !assignment.section.hasPrefix("X-") else { continue }
                offenders.add(
                    "\(service.name) \(assignment.key)= in [\(assignment.section)]", Self.evidence(assignment))
            }
        }
        return offenders
    }

    private func isSandboxSetting(_ key: String) -> Bool {
        exposure.vocabulary.switches.contains(key) || Self.sandboxSettings.contains(key)
    }

    private static let sandboxSettings: Set<String> = [
        "User", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem", "ProtectHome", "ProtectProc",
        "ProcSubset", "RestrictAddressFamilies", "RestrictNamespaces", "SystemCallFilter", "SystemCallArchitectures",
        "UMask", "IPAddressDeny", "IPAddressAllow", "DevicePolicy", "DeviceAllow", "ReadOnlyPaths", "ReadWritePaths",
        "InaccessiblePaths",
    ]

    /// System call filters of the configuration that let everything pass.
    private func idleFilters(_ services: [ServiceUnit]) -> Offenders {
        var offenders = Offenders()
        let known = exposure.vocabulary.callSets["@known"] ?? CallSet()
        for service in services {
            guard let filter = service.sandbox.callFilter,
                let deciding = service.sandbox.deciding["SystemCallFilter"], service.isConfigured(deciding)
            else { continue }
            var closed = filter.isAllowList ? known : filter.listed
            if filter.isAllowList { closed.subtract(filter.listed) }
            if closed.isEmpty { offenders.add(service.name, Self.evidence(deciding)) }
        }
        return offenders
    }

    /// Services of the configuration that stay and that almost nothing restricts.
    private func unconfined(_ services: [ServiceUnit]) -> Offenders {
        var offenders = Offenders()
        for service in services where service.origin == .configuration && service.isLongRunning {
            guard !knowledge.isByNature(service.name) else { continue }
            let score = exposure.score(service.sandbox)
            guard score.exposure >= knowledge.unsafe else { continue }
            offenders.add(
                "\(service.name) \(score)", Evidence(path: service.path, text: "exposure \(score)"))
        }
        return offenders
    }
}
