import FirnModel
import FirnParsing

/// The facts of the units that options define.
///
/// Of a unit that a package brings the options know only what they add: it is judged by that, and has no score.
struct DeclaredUnits {
    let options: OptionTree
    let knowledge: UnitKnowledge
    let exposure: UnitExposure
    private var services: [String: ServiceUnit] = [:]
    private var masked: [(name: String, evidence: Evidence)] = []
    private var unreadable: [(reason: String, evidence: Evidence)] = []
    private var wants: [String: [String]] = [:]

    init(options: OptionTree, knowledge: UnitKnowledge, exposure: UnitExposure) {
        self.options = options
        self.knowledge = knowledge
        self.exposure = exposure
    }

    private static let path = ["systemd", "services"]

    mutating func facts() -> FactBatch {
        let members: [JSONObject.Member]
        let place = options.evidence(Self.path)
        switch options.readMembers(Self.path) {
        case .value(let found, _): members = found
        case .unavailable(let reason, _): return unavailable(reason, place)
        case .null, .missing: return unavailable("the export does not hold systemd.services", place)
        }
        for (path, reason) in options.unavailable.sorted(by: { $0.key < $1.key })
        where path == "systemd" || path.hasPrefix("systemd.services") {
            unreadable.append(("\(path): \(reason)", Evidence(path: path)))
        }
        for member in members { read(member) }
        followWants()
        let judge = UnitJudge(
            knowledge: knowledge, exposure: exposure, services: services.values.sorted { $0.name < $1.name },
            unreadable: unreadable, place: Evidence(path: OptionTree.spelled(Self.path), line: place.line))
        var batch = judge.facts()
        batch.facts["units.masked-guards"] = guards(judge)
        sockets(judge, &batch)
        batch.facts["units.ctrl-alt-del"] = options.readString(["systemd", "ctrlAltDelUnit"]).fact(
            null: .known(.string("none"), [options.evidence(["systemd", "ctrlAltDelUnit"])]),
            missing: .unavailable(
                reason: "the export does not hold systemd.ctrlAltDelUnit",
                [options.evidence(["systemd", "ctrlAltDelUnit"])])
        ) { .string($0.isEmpty ? "none" : $0) }
        for service in judge.services where service.origin == .configuration {
            let score = exposure.score(service.sandbox)
            batch.facts[FactKey("units.score.\(service.name)")] = .known(
                .integer(Int64(score.exposure)), [Evidence(path: service.path, text: score.description)])
        }
        return batch
    }

    private func unavailable(_ reason: String, _ evidence: Evidence) -> FactBatch {
        var batch = FactBatch()
        for key in UnitsFacts.lists + ["units.ctrl-alt-del"] {
            batch.facts[key] = .unavailable(reason: reason, [evidence])
        }
        return batch
    }

    // MARK: Services

    private mutating func read(_ member: JSONObject.Member) {
        let path = Self.path + [member.key]
        let shown = OptionTree.spelled(path)
        let name = member.key.hasSuffix(".service") ? member.key : member.key + ".service"
        guard member.node.object != nil else {
            unreadable.append(("\(shown) could not be evaluated", options.evidence(path)))
            return
        }
        if member.node["enable"]?.boolean == false {
            masked.append((name, options.evidence(path + ["enable"], text: "false")))
            return
        }
        var unit = SystemdUnit()
        var problem: String?
        for (part, section) in [("unitConfig", "Unit"), ("serviceConfig", "Service")] {
            guard let node = member.node[part] else { continue }
            guard let settings = node.object?.members else {
                problem = "\(shown).\(part) could not be evaluated"
                continue
            }
            for setting in settings {
                let place = OptionTree.spelled(path + [part, setting.key])
                guard let values = Self.values(setting.node) else {
                    problem = "\(place) could not be evaluated"
                    continue
                }
                for value in values {
                    unit.assignments.append(
                        SystemdUnit.Assignment(
                            section: section, key: setting.key, value: value.text, file: place, line: value.line))
                }
            }
        }
        // Of the environment only what opens a rescue shell is of interest here; the rest may be secret.
        if let force = member.node["environment"]?["SYSTEMD_SULOGIN_FORCE"], let values = Self.values(force) {
            let place = OptionTree.spelled(path + ["environment", "SYSTEMD_SULOGIN_FORCE"])
            for value in values {
                unit.assignments.append(
                    SystemdUnit.Assignment(
                        section: "Service", key: "Environment", value: "SYSTEMD_SULOGIN_FORCE=\(value.text)",
                        file: place, line: value.line))
            }
        }
        wants[name] = ["wants", "requires", "bindsTo", "upholds"].flatMap { Self.texts(member.node[$0]) }
        let starters = starters(member, name: name)
        if let problem {
            if !starters.isEmpty { unreadable.append((problem, options.evidence(path))) }
            return
        }
        let isWhole = Self.isWhole(member.node)
        let sandbox = exposure.sandbox(
            unit, instance: name.utf8.contains(UInt8(ascii: "@")) ? "i" : "", isOneFile: isWhole)
        services[name] = ServiceUnit(
            name: name, path: shown, origin: isWhole ? .configuration : .overrides, unit: unit, sandbox: sandbox,
            startedBy: starters)
    }

    /// A unit of its own says what it starts; what adds to a package's unit says nothing or resets the line first.
    private static func isWhole(_ node: JSONNode) -> Bool {
        guard node["overrideStrategy"]?.string != "asDropin", let start = node["serviceConfig"]?["ExecStart"] else {
            return false
        }
        if let text = start.string { return !text.isEmpty }
        guard let first = start.array?.first?.string else { return false }
        return !first.isEmpty
    }

    /// The values that NixOS writes for a setting, one line each; nil for what is no value.
    private static func values(_ node: JSONNode) -> [(text: String, line: Int)]? {
        switch node.value {
        case .null: return []
        case .boolean(let truth): return [(truth ? "true" : "false", node.line)]
        case .integer(let number): return [(String(number), node.line)]
        case .double(let number): return [(String(number), node.line)]
        case .string(let text): return text == "<evaluation error>" ? nil : [(text, node.line)]
        case .array(let elements):
            var result: [(text: String, line: Int)] = []
            for element in elements {
                guard element.array == nil, let values = values(element) else { return nil }
                result += values
            }
            return result
        case .object: return nil
        }
    }

    private static func texts(_ node: JSONNode?) -> [String] {
        node?.array?.compactMap(\.string) ?? []
    }

    /// What starts a service, as far as its own options say.
    private func starters(_ member: JSONObject.Member, name: String) -> [String] {
        var result: [String] = []
        for key in ["wantedBy", "requiredBy", "upheldBy"] {
            for target in Self.texts(member.node[key])
            where !SystemView.targetsBesideTheBoot.contains(target) && !result.contains(target) {
                result.append(target)
            }
        }
        if member.node["startAt"]?.string?.isEmpty == false || member.node["startAt"]?.array?.isEmpty == false {
            result.append(member.key + ".timer")
        }
        let units = options.values["systemd"]?["units"]
        for suffix in [".timer", ".socket", ".path"] {
            for stem in [member.key, member.key.hasSuffix("@") ? String(member.key.dropLast()) : member.key] {
                guard let unit = units?[stem + suffix], unit["enable"]?.boolean != false,
                    !Self.texts(unit["wantedBy"]).isEmpty, !result.contains(stem + suffix)
                else { continue }
                result.append(stem + suffix)
            }
        }
        if result.isEmpty, let bus = member.node["serviceConfig"]?["BusName"]?.string {
            result.append("the bus name \(bus)")
        }
        return result
    }

    /// What started services want is started too.
    private mutating func followWants() {
        var waiting = services.values.filter { service in
            service.startedBy.contains { !$0.hasPrefix("the bus name") }
        }.map(\.name)
        while let name = waiting.popLast() {
            for wanted in wants[name] ?? [] {
                let target =
                    services[wanted] != nil ? wanted : (SystemView.template(of: wanted) ?? wanted)
                guard var service = services[target], !service.startedBy.contains(name) else { continue }
                if service.startedBy.isEmpty { waiting.append(target) }
                service.startedBy.append(name)
                services[target] = service
            }
        }
    }

    // MARK: What is no service

    private func guards(_ judge: UnitJudge) -> Fact {
        var offenders = UnitJudge.Offenders()
        for (name, evidence) in masked where knowledge.guards.contains(name) { offenders.add(name, evidence) }
        for member in options.values["systemd"]?["units"]?.object?.members ?? []
        where knowledge.guards.contains(member.key) && member.node["enable"]?.boolean == false {
            offenders.add(member.key, options.evidence(["systemd", "units", member.key, "enable"], text: "false"))
        }
        return .known(
            .strings(offenders.names.sorted()), offenders.evidence.isEmpty ? [judge.place] : offenders.evidence)
    }

    private func sockets(_ judge: UnitJudge, _ batch: inout FactBatch) {
        let path = ["systemd", "sockets"]
        let keys: [FactKey] = ["units.control-sockets.network", "units.control-sockets.writable"]
        let members: [JSONObject.Member]
        let evidence: Evidence
        switch options.readMembers(path) {
        case .value(let found, let place): (members, evidence) = (found, place)
        case .null, .missing:
            guard let sockets = socketsByOtherOptions() else {
                for key in keys {
                    batch.facts[key] = .unavailable(
                        reason: "the export does not hold systemd.sockets", [options.evidence(path)])
                }
                return
            }
            add(sockets, judge, &batch)
            return
        case .unavailable(let reason, let place):
            for key in keys { batch.facts[key] = .unavailable(reason: reason, [place]) }
            return
        }
        var sockets: [SocketUnit] = []
        for member in members where member.node["enable"]?.boolean != false {
            let starters = ["wantedBy", "requiredBy", "upheldBy"].flatMap { Self.texts(member.node[$0]) }
            guard !starters.isEmpty else { continue }
            var unit = SystemdUnit()
            func add(_ key: String, _ node: JSONNode?, _ place: [String]) -> Bool {
                guard let node else { return true }
                guard let values = Self.values(node) else { return false }
                for value in values {
                    unit.assignments.append(
                        SystemdUnit.Assignment(
                            section: "Socket", key: key, value: value.text,
                            file: OptionTree.spelled(path + [member.key] + place), line: value.line))
                }
                return true
            }
            var isRead = add("ListenStream", member.node["listenStreams"], ["listenStreams"])
            isRead = add("ListenDatagram", member.node["listenDatagrams"], ["listenDatagrams"]) && isRead
            for setting in member.node["socketConfig"]?.object?.members ?? [] {
                isRead = add(setting.key, setting.node, ["socketConfig", setting.key]) && isRead
            }
            if !isRead, knowledge.controlSockets[member.key + ".socket"] != nil {
                for key in keys {
                    batch.facts[key] = .unavailable(
                        reason: "\(OptionTree.spelled(path + [member.key])) could not be evaluated", [evidence])
                }
                return
            }
            sockets.append(SocketUnit(name: member.key + ".socket", unit: unit, startedBy: starters))
        }
        add(sockets, judge, &batch)
    }

    private func add(_ sockets: [SocketUnit], _ judge: UnitJudge, _ batch: inout FactBatch) {
        let control = UnitSockets(knowledge: knowledge, sockets: sockets)
        batch.facts["units.control-sockets.network"] = judge.fact(control.network())
        batch.facts["units.control-sockets.writable"] = judge.fact(control.writable())
    }

    /// The control sockets of an export that names the units but not their settings: none, or Docker's, whose addresses are
    /// an option of its own. Nil where others may be among them.
    private func socketsByOtherOptions() -> [SocketUnit]? {
        guard let units = options.values["systemd"]?["units"]?.object?.members else { return nil }
        var sockets: [SocketUnit] = []
        for member in units where knowledge.controlSockets[member.key] != nil {
            if member.node["enable"]?.boolean == false || Self.texts(member.node["wantedBy"]).isEmpty { continue }
            let path = ["virtualisation", "docker", "listenOptions"]
            guard member.key == "docker.socket", case .value(let addresses, let place) = options.readStrings(path)
            else {
                return nil
            }
            // nixos/modules/virtualisation/docker.nix writes the addresses and this mode.
            var unit = SystemdUnit()
            for (key, value) in addresses.map({ ("ListenStream", $0) }) + [("SocketMode", "0660")] {
                unit.assignments.append(
                    SystemdUnit.Assignment(
                        section: "Socket", key: key, value: value, file: place.path, line: place.line ?? 0))
            }
            sockets.append(
                SocketUnit(name: member.key, unit: unit, startedBy: Self.texts(member.node["wantedBy"])))
        }
        return sockets
    }
}
