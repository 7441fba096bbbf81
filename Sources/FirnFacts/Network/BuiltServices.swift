import FirnModel
import FirnParsing

/// The units of a closure, as the questions of ``ServiceSource``.
struct BuiltServices: ServiceSource {
    let system: SystemView
    private let names: Swift.Result<Set<String>, ServiceDoubt>

    init(system: SystemView) {
        self.system = system
        names = system.startedUnits.started { () throws(ServiceDoubt) in try Self.startedNames(system) }
    }

    func started() throws(ServiceDoubt) -> Set<String> { try names.get() }

    /// What `.wants`, `.requires` and `.upholds` directories name, and what started units ask for in their lines.
    private static func startedNames(_ system: SystemView) throws(ServiceDoubt) -> Set<String> {
        var started: Set<String> = []
        do {
            for entry in try system.unitEntries() {
                guard let suffix = [".wants", ".requires", ".upholds"].first(where: entry.hasSuffix) else { continue }
                let puller = String(entry.dropLast(suffix.count))
                guard !SystemView.targetsBesideTheBoot.contains(puller) else { continue }
                started.formUnion(try system.unitEntries(of: entry))
            }
        } catch {
            throw ServiceDoubt(error.description, [Evidence(path: "/etc/systemd/system")])
        }
        var pending = started.sorted()
        while let name = pending.popLast() {
            guard case .unit(let unit, _) = system.unit(name) else { continue }
            for key in ["Wants", "Requires", "BindsTo", "Upholds"] {
                for value in unit.values("Unit", key) {
                    for word in value.value.split(whereSeparator: { $0 == " " || $0 == "\t" })
                    where !started.contains(String(word)) {
                        started.insert(String(word))
                        pending.append(String(word))
                    }
                }
            }
        }
        return started.filter { name in
            switch system.unit(template(of: name)) {
            case .unit, .unavailable: true
            case .masked, .missing: false
            }
        }
    }

    private static func template(of name: String) -> String {
        guard let at = name.firstIndex(of: "@"), let dot = name.lastIndex(of: "."), at < dot else { return name }
        return String(name[...at] + name[dot...])
    }

    private func unit(_ name: String) throws(ServiceDoubt) -> SystemdUnit {
        switch system.unit(Self.template(of: name)) {
        case .unit(let unit, _): return unit
        case .masked, .missing: throw ServiceDoubt("\(name) is not there", [place(name)])
        case .unavailable(let reason): throw ServiceDoubt(reason, [place(name)])
        }
    }

    func place(_ unit: String) -> Evidence {
        Evidence(path: system.shownEtcPath("systemd/system/" + unit), text: "started at boot")
    }

    func commands(_ name: String) throws(ServiceDoubt) -> [PlacedText] {
        let unit = try unit(name)
        var texts: [PlacedText] = []
        for key in ["ExecStart", "ExecStartPre"] {
            for assignment in unit.values("Service", key) {
                texts.append(
                    PlacedText(
                        text: assignment.value,
                        evidence: Evidence(path: assignment.file, line: assignment.line, text: key)))
            }
        }
        if texts.isEmpty { throw ServiceDoubt("\(name) has no command", [place(name)]) }
        for text in texts {
            for (index, word) in CommandWords.split(text.text).enumerated() {
                let path = String(word.drop { "@-:+!|".contains($0) })
                guard let root = GeneratedText.root(path) else { continue }
                // A script of the options, or one that a module wrote by itself: a plain file of the store.
                guard GeneratedText.object(root).hasPrefix("unit-script-") || index == 0 && root == path else {
                    continue
                }
                switch system.lines(path) {
                case .lines(let lines, let shown):
                    texts.append(
                        PlacedText(
                            text: lines.map { String($0.text) }.joined(separator: "\n"),
                            evidence: Evidence(path: shown)))
                case .absent(let shown): throw ServiceDoubt("\(shown) is not there", [Evidence(path: shown)])
                case .unavailable(let reason, let shown): throw ServiceDoubt(reason, [Evidence(path: shown)])
                }
            }
        }
        return texts
    }

    func variable(_ variable: String, _ name: String) throws(ServiceDoubt) -> PlacedText? {
        var result: PlacedText?
        for assignment in try unit(name).values("Service", "Environment") {
            for pair in EnvironmentLine.pairs(assignment.value) where pair.name == variable {
                result = PlacedText(
                    text: pair.value, evidence: Evidence(path: assignment.file, line: assignment.line, text: variable))
            }
        }
        return result
    }

    func streams(_ socket: String) throws(ServiceDoubt) -> [PlacedText] {
        try unit(socket).values("Socket", "ListenStream").map {
            PlacedText(
                text: $0.value, evidence: Evidence(path: $0.file, line: $0.line, text: "ListenStream=\($0.value)"))
        }
    }

    /// The configuration file that a unit or its scripts name by a store path, or the one of a path below `/etc`.
    func file(_ suffix: String, of name: String) throws(ServiceDoubt) -> [(bytes: [UInt8], path: String)] {
        var paths: [String] = []
        if suffix.hasPrefix("/etc/") {
            paths = [suffix]
        } else {
            for text in try commands(name) {
                paths += CommandWords.storePaths(in: text.text, ending: suffix).filter { !paths.contains($0) }
            }
            for text in try unit(name).values("Service", "Environment") {
                paths += CommandWords.storePaths(in: text.value, ending: suffix).filter { !paths.contains($0) }
            }
        }
        var files: [(bytes: [UInt8], path: String)] = []
        var empty: String?
        for path in paths {
            do throws(TreeError) {
                let real = path.hasPrefix("/etc/") ? system.etcPath(String(path.dropFirst(5))) : path
                let bytes = try system.tree.read(real, limit: 1 << 20)
                if bytes.isEmpty { empty = empty ?? path }
                files.append((bytes, path))
            } catch {
                throw ServiceDoubt(error.description, [Evidence(path: path)])
            }
        }
        // A service is never given an empty file: an image left its content out.
        if let empty { throw ServiceDoubt("\(empty) is empty", [Evidence(path: empty)]) }
        return files
    }

    /// The `service` blocks of xinetd.conf(5) that are not disabled.
    func superServed() throws(ServiceDoubt) -> [PlacedText] {
        let own = "xinetd.service"
        guard try started().contains(own) else { return [] }
        let files = try file("xinetd.conf", of: own)
        guard !files.isEmpty else { throw ServiceDoubt("\(own) names no xinetd.conf", [place(own)]) }
        var found: [PlacedText] = []
        for (bytes, path) in files {
            var current: PlacedText?
            for line in TextFile.lines(String(decoding: bytes, as: UTF8.self)) {
                let words = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" })
                switch words.first {
                case "service" where words.count > 1:
                    let name = String(words[1])
                    current = PlacedText(
                        text: name, evidence: Evidence(path: path, line: line.number, text: "service \(name)"))
                case "disable" where words.last == "yes": current = nil
                case "}":
                    if let current { found.append(current) }
                    current = nil
                case "include", "includedir":
                    throw ServiceDoubt(
                        "\(path) includes other files", [Evidence(path: path, line: line.number)])
                default: continue
                }
            }
        }
        return found
    }

    func configured(_ recipe: ServiceTable.Recipe, _ unit: String) throws(ServiceDoubt) -> [PlacedText] {
        guard let suffix = recipe.file else { return [] }
        if recipe.isOptional, suffix.hasPrefix("/etc/"),
            !system.tree.exists(system.etcPath(String(suffix.dropFirst(5))))
        {
            return []
        }
        let files = try file(suffix, of: unit)
        if files.isEmpty, recipe.isOptional { return [] }
        guard !files.isEmpty else {
            throw ServiceDoubt("\(unit) names no configuration file that ends in \(suffix)", [place(unit)])
        }
        var values: [PlacedText] = []
        for (bytes, path) in files {
            do {
                values += try ConfiguredValues.find(recipe, in: bytes).map {
                    PlacedText(
                        text: $0.value, evidence: Evidence(path: path, line: $0.line, text: "\($0.key) \($0.value)"))
                }
            } catch {
                throw ServiceDoubt("\(path): \(error)", [Evidence(path: path, line: error.line)])
            }
        }
        return values
    }
}
