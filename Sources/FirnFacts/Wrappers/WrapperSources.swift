import FirnModel
import FirnParsing

extension WrapperReading {
    private static let unit = "suid-sgid-wrappers.service"

    /// The wrappers that a built system makes.
    static func built(_ system: SystemView) -> WrapperReading {
        switch system.unit(unit) {
        case .masked: return .wrappers([], [Evidence(path: "/etc/systemd/system/" + unit, text: "masked")])
        case .unavailable(let reason): return .unavailable(reason, [])
        case .missing: return activation(system)
        case .unit(let unit, let path):
            let starts: Bool
            do {
                starts = !(try system.pulled(Self.unit).isEmpty)
            } catch {
                return .unavailable(error.description, [])
            }
            guard starts else { return .wrappers([], [Evidence(path: path, text: "nothing starts it")]) }
            let extra = ["ExecStartPre", "ExecStartPost"].flatMap { unit.values("Service", $0) }
            let commands = unit.commands("ExecStart")
            guard extra.isEmpty, commands.count == 1, let script = commands[0].first else {
                return .unavailable("\(path) does not start one script", [Evidence(path: path)])
            }
            return read(system.lines(script))
        }
    }

    /// 20.09 has a snippet of the activation script.
    private static func activation(_ system: SystemView) -> WrapperReading {
        let path = system.toplevel + "/activate"
        switch system.lines(path, limit: 4 << 20) {
        case .absent: return .unavailable("the system has neither \(unit) nor an activation script", [])
        case .unavailable(let reason, _): return .unavailable(reason, [])
        case .lines(let lines, let shown):
            let mark = "#### Activation script snippet "
            guard let start = lines.firstIndex(where: { $0.text.hasPrefix(mark + "wrappers:") }) else {
                return .wrappers([], [Evidence(path: shown, text: "no snippet that makes wrappers")])
            }
            let rest = lines[(start + 1)...]
            let end = rest.firstIndex { $0.text.hasPrefix(mark) } ?? rest.endIndex
            return read(.lines(Array(rest[..<end]), path: shown))
        }
    }

    private static func read(_ reading: TextReading) -> WrapperReading {
        switch reading {
        case .absent(let path): return .unavailable("\(path) is not there", [Evidence(path: path)])
        case .unavailable(let reason, let path): return .unavailable(reason, [Evidence(path: path)])
        case .lines(let lines, let path):
            do {
                return .wrappers(try WrapperScript.read(lines, file: path), [Evidence(path: path)])
            } catch {
                return .unavailable(error.reason, [error.evidence])
            }
        }
    }

    /// The wrappers that the options ask for.
    static func declared(_ options: OptionTree) -> WrapperReading {
        let enable = ["security", "enableWrappers"]
        switch options.readBoolean(enable) {
        case .value(false, let evidence): return .wrappers([], [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason, [evidence])
        case .value, .null, .missing: break
        }
        let path = ["security", "wrappers"]
        guard case .value(let members, let place) = options.readMembers(path) else {
            return .unavailable("security.wrappers is not in the export", [options.evidence(path)])
        }
        var wrappers: [Wrapper] = []
        for name in options.readStrings(["security", "setuidPrograms"]).value ?? [] {
            wrappers.append(
                Wrapper(
                    name: name, program: name, owner: "root", group: "root", mode: 0o4511,
                    evidence: options.evidence(["security", "setuidPrograms"])))
        }
        for member in members {
            if member.node["enable"]?.boolean == false { continue }
            let evidence = options.evidence(path + [member.key])
            guard let wrapper = wrapper(member.key, member.node, evidence) else {
                return .unavailable("\(evidence.path) has a value that is not understood", [evidence])
            }
            wrappers.append(wrapper)
        }
        return .wrappers(wrappers, [place])
    }

    /// One entry. 20.09 has attributes without types: those that are missing have the defaults of its module, which
    /// differ between an entry that names none of the permissions and one that names some.
    private static func wrapper(_ key: String, _ node: JSONNode, _ evidence: Evidence) -> Wrapper? {
        guard node.object != nil else { return nil }
        func text(_ name: String) -> String? { node[name]?.string }
        func flag(_ name: String) -> Bool? { node[name]?.boolean }
        for name in ["owner", "group", "permissions", "capabilities", "source", "program"] {
            if let value = node[name], !value.isNull, value.string == nil { return nil }
            if node[name]?.string == "<evaluation error>" { return nil }
        }
        for name in ["setuid", "setgid"] {
            if let value = node[name], !value.isNull, value.boolean == nil { return nil }
        }
        let name = text("program") ?? key
        let program = text("source").map(WrapperScript.base) ?? name
        let capabilities = text("capabilities").flatMap { $0.isEmpty ? nil : $0 }
        let isBare = flag("setuid") != true && flag("setgid") != true && node["permissions"] == nil
        let isRoot = capabilities != nil || isBare
        var mode: UInt16 = 0
        if capabilities == nil {
            if flag("setuid") ?? isBare { mode |= 0o4000 }
            if flag("setgid") ?? false { mode |= 0o2000 }
        }
        guard let permissions = FileMode.applied(text("permissions") ?? "u+rx,g+x,o+x", to: mode) else { return nil }
        return Wrapper(
            name: name, program: program, owner: text("owner") ?? (isRoot ? "root" : "nobody"),
            group: text("group") ?? (isRoot ? "root" : "nogroup"), mode: permissions, capabilities: capabilities,
            evidence: evidence)
    }
}
