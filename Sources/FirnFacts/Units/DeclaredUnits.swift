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
        let idle = idleUnits()
        batch.facts["units.masked-guards"] = judge.idle(knowledge.guards, masked: idle.masked, timers: idle.timers)
        batch.facts["units.idle-upkeep"] = judge.idle(knowledge.upkeep, masked: idle.masked, timers: idle.timers)
        sockets(judge, &batch)
        for service in judge.services where service.origin == .configuration {
            let score = exposure.score(service.sandbox)
            batch.facts[FactKey("units.score.\(service.name)")] = .known(
                .integer(Int64(score.exposure)), [Evidence(path: service.path, text: score.description)])
        }
        return batch
    }

    private func unavailable(_ reason: String, _ evidence: Evidence) -> FactBatch {
        var batch = FactBatch()
        for key in UnitsFacts.lists {
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
        wants[name] = ["wants", "requires", "bindsTo", "upholds"].flatMap { Self.texts(member.node[$0]) }
        let starters = starters(member, name: name)
        if let problem {
            if !starters.isEmpty { unreadable.append((problem, options.evidence(path))) }
            return
        }
        let isWhole = Self.isWhole(member.node)
        let sandbox = exposure.sandbox(
            unit, instance: name.utf8.contains(UInt8(ascii: "@")) ? "i" : "", isOneFile: isWhole)
        var service = ServiceUnit(
            name: name, path: shown, origin: isWhole ? .configuration : .overrides, unit: unit, sandbox: sandbox,
            startedBy: starters)
        if sandbox.runsAsRoot {
            for key in Self.scriptOptions {
                guard let text = member.node[key]?.string, !text.isEmpty else { continue }
                service.scripts.append(ServiceUnit.Script(path: OptionTree.spelled(path + [key]), text: text))
            }
        }
        services[name] = service
    }

    private static let scriptOptions = ["script", "preStart", "postStart", "preStop", "postStop", "reload"]

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

    /// What targets and started services want is started too.
    private mutating func followWants() {
        for target in options.values["systemd"]?["targets"]?.object?.members ?? [] {
            let name = target.key + ".target"
            guard target.node["enable"]?.boolean != false, !SystemView.targetsBesideTheBoot.contains(name) else {
                continue
            }
            for wanted in ["wants", "requires", "bindsTo", "upholds"].flatMap({ Self.texts(target.node[$0]) })
            where services[wanted]?.startedBy.contains(name) == false {
                services[wanted]?.startedBy.append(name)
            }
        }
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

    /// The units that are switched off, and the timers that nothing starts.
    private func idleUnits() -> (
        masked: [(name: String, evidence: Evidence)], timers: [(name: String, evidence: Evidence)]
    ) {
        var off = masked
        var timers: [(name: String, evidence: Evidence)] = []
        for member in options.values["systemd"]?["units"]?.object?.members ?? [] {
            let path = ["systemd", "units", member.key]
            if member.node["enable"]?.boolean == false {
                off.append((member.key, options.evidence(path + ["enable"], text: "false")))
            } else if member.key.hasSuffix(".timer"), member.node["overrideStrategy"]?.string != "asDropin",
                ["wantedBy", "requiredBy", "upheldBy"].allSatisfy({ Self.texts(member.node[$0]).isEmpty })
            {
                timers.append((member.key, options.evidence(path, text: "nothing starts it")))
            }
        }
        return (off, timers)
    }

    private func sockets(_ judge: UnitJudge, _ batch: inout FactBatch) {
        let path = ["systemd", "sockets"]
        let keys: [FactKey] = ["units.control-sockets.network", "units.control-sockets.writable"]
        let members: [JSONObject.Member]
        let evidence: Evidence
        switch options.readMembers(path) {
        case .value(let found, let place): (members, evidence) = (found, place)
        case .null, .missing:
            // The units are named, their settings are not.
            let control = startedControlSockets()
            for key in keys {
                let isOpen =
                    control == nil || key == "units.control-sockets.writable"
                    || control?.isSubset(of: knowledge.socketsJudgedElsewhere) == false
                batch.facts[key] =
                    control?.isEmpty == true || !isOpen
                    ? judge.fact(UnitJudge.Offenders())
                    : .unavailable(reason: "the export does not hold systemd.sockets", [options.evidence(path)])
            }
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

    /// The control sockets that are started, by the names of all units; nil where these are not in the export.
    private func startedControlSockets() -> Set<String>? {
        guard let units = options.values["systemd"]?["units"]?.object?.members else { return nil }
        var names: Set<String> = []
        for member in units where knowledge.controlSockets[member.key] != nil {
            if member.node["enable"]?.boolean == false || Self.texts(member.node["wantedBy"]).isEmpty { continue }
            names.insert(member.key)
        }
        return names
    }
}
