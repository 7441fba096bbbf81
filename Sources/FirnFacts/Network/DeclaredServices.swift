import FirnModel
import FirnParsing

/// The units that the options describe, as the questions of ``ServiceSource``.
struct DeclaredServices: ServiceSource {
    let options: OptionTree
    private let names: Swift.Result<Set<String>, ServiceDoubt>

    init(options: OptionTree) {
        self.options = options
        do throws(ServiceDoubt) {
            names = .success(try Self.startedNames(options))
        } catch {
            names = .failure(error)
        }
    }

    func started() throws(ServiceDoubt) -> Set<String> { try names.get() }

    private static func startedNames(_ options: OptionTree) throws(ServiceDoubt) -> Set<String> {
        guard case .value(let units, _) = options.readMembers(["systemd", "units"]) else {
            throw ServiceDoubt(
                "systemd.units is not in the export, so it is not known what is started",
                [options.evidence(["systemd", "units"])])
        }
        var started: Set<String> = []
        var off: Set<String> = []
        for unit in units {
            if unit.node["enable"]?.boolean == false {
                off.insert(unit.key)
                continue
            }
            let pullers = ["wantedBy", "requiredBy", "upheldBy"].flatMap {
                (unit.node[$0]?.array ?? []).compactMap(\.string)
            }
            if pullers.contains(where: { !SystemView.targetsBesideTheBoot.contains($0) }) { started.insert(unit.key) }
        }
        var pending = started.sorted()
        let known = Set(units.map(\.key))
        while let name = pending.popLast() {
            // A target may name what belongs to it: postgresql.target requires postgresql.service.
            guard let dot = name.lastIndex(of: ".") else { continue }
            let path = ["systemd", "\(name[name.index(after: dot)...])s", String(name[..<dot])]
            for key in ["wants", "requires", "bindsTo", "upholds"] {
                for other in options.readStrings(path + [key]).value ?? []
                where known.contains(other) && !started.contains(other) {
                    started.insert(other)
                    pending.append(other)
                }
            }
        }
        return started.subtracting(off)
    }

    private func path(_ unit: String) -> [String] {
        guard let dot = unit.lastIndex(of: ".") else { return ["systemd", "units", unit] }
        switch unit[dot...] {
        case ".service": return ["systemd", "services", String(unit[..<dot])]
        case ".socket": return ["systemd", "sockets", String(unit[..<dot])]
        default: return ["systemd", "units", unit]
        }
    }

    func place(_ unit: String) -> Evidence {
        options.evidence(["systemd", "units", unit], text: "started at boot")
    }

    func commands(_ unit: String) throws(ServiceDoubt) -> [PlacedText] {
        let path = path(unit)
        var texts: [PlacedText] = []
        for key in ["ExecStart", "ExecStartPre"] {
            switch options.reading(path + ["serviceConfig", key], Self.texts) {
            case .value(let values, let evidence):
                texts += values.filter { !$0.isEmpty }.map {
                    PlacedText(text: $0, evidence: Evidence(path: evidence.path, line: evidence.line, text: key))
                }
            case .unavailable(let reason, let evidence): throw ServiceDoubt(reason, [evidence])
            case .null, .missing: continue
            }
        }
        for key in ["script", "preStart"] {
            if case .value(let text, let evidence) = options.readString(path + [key]), !text.isEmpty {
                texts.append(PlacedText(text: text, evidence: Evidence(path: evidence.path, line: evidence.line)))
            }
        }
        if texts.isEmpty {
            throw ServiceDoubt("the command of \(unit) is not in the options", [options.evidence(path)])
        }
        return texts
    }

    private static func texts(_ node: JSONNode) -> [String]? {
        if let text = node.string { return [text] }
        guard let elements = node.array else { return nil }
        return elements.compactMap(\.string)
    }

    func variable(_ name: String, _ unit: String) throws(ServiceDoubt) -> PlacedText? {
        let path = path(unit) + ["environment", name]
        switch options.reading(path, { node in node.string ?? node.integer.map(String.init) }) {
        case .value(let text, let evidence):
            return PlacedText(text: text, evidence: Evidence(path: evidence.path, line: evidence.line, text: name))
        case .unavailable(let reason, let evidence): throw ServiceDoubt(reason, [evidence])
        case .null, .missing: return nil
        }
    }

    func streams(_ socket: String) throws(ServiceDoubt) -> [PlacedText] {
        let path = path(socket)
        guard case .value = options.lookup(path) else {
            throw ServiceDoubt("the addresses of \(socket) are not in the export", [options.evidence(path)])
        }
        var texts: [PlacedText] = []
        for own in [path + ["listenStreams"], path + ["socketConfig", "ListenStream"]] {
            let read = options.reading(own) { node in
                (node.array ?? [node]).compactMap { $0.string ?? $0.integer.map(String.init) }
            }
            switch read {
            case .value(let values, let evidence):
                texts += values.filter { !$0.isEmpty }.map {
                    PlacedText(
                        text: $0,
                        evidence: Evidence(path: evidence.path, line: evidence.line, text: "ListenStream=\($0)"))
                }
            case .unavailable(let reason, let evidence): throw ServiceDoubt(reason, [evidence])
            case .null, .missing: continue
            }
        }
        return texts
    }

    func superServed() throws(ServiceDoubt) -> [PlacedText] {
        guard try started().contains("xinetd.service") else { return [] }
        let path = ["services", "xinetd", "services"]
        let read = options.reading(path) { $0.array }
        guard case .value(let elements, let evidence) = read else {
            throw ServiceDoubt("services.xinetd.services is not in the export", [options.evidence(path)])
        }
        return elements.compactMap { element in
            element["name"]?.string.map {
                PlacedText(text: $0, evidence: Evidence(path: evidence.path, line: element.line, text: $0))
            }
        }
    }

    func configured(_ recipe: ServiceTable.Recipe, _ unit: String) throws(ServiceDoubt) -> [PlacedText] {
        guard !recipe.options.isEmpty else {
            if recipe.file == nil { return [] }
            throw ServiceDoubt("the options do not hold the configuration of \(unit)", [place(unit)])
        }
        var values: [PlacedText] = []
        var isKnown = false
        // The first option that an export has decides: the others are its names of older releases.
        for path in recipe.options where !isKnown {
            for (own, node) in Self.expand(path, options.values, [], unit: unit) {
                isKnown = true
                if node.isNull { continue }
                let evidence = options.evidence(own)
                for element in node.array ?? [node] {
                    guard let text = element.string ?? element.integer.map(String.init) else {
                        // A switch such as enableTCPIP: true listens everywhere, false on loopback.
                        if let truth = element.boolean {
                            values.append(PlacedText(text: truth ? "*" : "localhost", evidence: evidence))
                        }
                        continue
                    }
                    values.append(
                        PlacedText(text: text, evidence: Evidence(path: evidence.path, line: element.line, text: text)))
                }
            }
        }
        // A key that a set of free settings does not have is not set.
        if !isKnown, recipe.options.contains(where: { isFree($0) }) { return [] }
        guard isKnown else {
            throw ServiceDoubt(
                "\(recipe.options.map(OptionTree.spelled).joined(separator: ", ")) is not in the export", [place(unit)])
        }
        return values
    }

    private func isFree(_ path: [String]) -> Bool {
        guard path.dropLast().contains(where: ["settings", "serverConfig", "extraConfig"].contains),
            case .value(let node) = options.lookup(Array(path.dropLast()))
        else { return false }
        return node.object != nil
    }

    /// Which attributes of a set belong to a unit: `cache` of `redis-cache.service`, the empty name of `redis.service`.
    private static func own(_ unit: String, _ keys: [String]) -> [String] {
        let stem = unit.lastIndex(of: ".").map { String(unit[..<$0]) } ?? unit
        let fitting = keys.filter { $0.isEmpty ? !stem.contains("-") : stem == $0 || stem.hasSuffix("-" + $0) }
        guard let longest = fitting.max(by: { $0.utf8.count < $1.utf8.count }) else { return keys }
        return [longest]
    }

    /// The values at a path in which `*` stands for the attribute of a unit.
    private static func expand(
        _ path: [String], _ node: JSONNode, _ done: [String], unit: String
    ) -> [(path: [String], node: JSONNode)] {
        guard let key = path.first else { return [(done, node)] }
        let rest = Array(path.dropFirst())
        if key == "*" {
            let members = node.object?.members ?? []
            let own = own(unit, members.map(\.key))
            return members.filter { own.contains($0.key) }.flatMap {
                expand(rest, $0.node, done + [$0.key], unit: unit)
            }
        }
        guard let next = node[key] else { return [] }
        return expand(rest, next, done + [key], unit: unit)
    }
}
