import FirnParsing

/// Systems within a system: NixOS containers and microVMs, each with a toplevel of its own.
public enum NestedSystems {
    /// One of them.
    public struct Nested: Sendable, Hashable {
        /// What it is: `container`, `microvm`.
        public var kind: String
        /// Its name.
        public var name: String
        /// Its toplevel, a path inside the root, or why it cannot be read.
        public var toplevel: Toplevel
        /// Where it is written down.
        public var place: String
        /// The line there.
        public var line: Int?

        /// A toplevel that is there, or not.
        public enum Toplevel: Sendable, Hashable {
            /// Its path.
            case found(String)
            /// Why it cannot be read.
            case lost(String)
        }

        /// `container web`.
        public var title: String { kind + " " + name }
    }

    /// All of a system, ordered by kind and name; throws when a place where they are listed cannot be read.
    public static func find(in system: SystemView) throws(TreeError) -> [Nested] {
        try containers(system) + microVMs(system)
    }

    private static func toplevel(_ path: String, _ system: SystemView) -> Nested.Toplevel {
        do {
            let resolved = try system.tree.resolve(path)
            guard system.tree.exists(resolved + "/nixos-version") else {
                return .lost("\(path) is no NixOS toplevel")
            }
            return .found(resolved)
        } catch {
            return .lost(error.description)
        }
    }

    /// Files of Podman's libraries in `/etc/containers` (containers.conf(5), containers-storage.conf(5)).
    private static let enginesFiles: Set<String> = ["containers", "registries", "storage", "mounts"]

    /// `/etc/nixos-containers/<name>.conf`, `/etc/containers/<name>.conf` before 22.05; there Podman keeps files too,
    /// which have no SYSTEM_PATH.
    private static func containers(_ system: SystemView) throws(TreeError) -> [Nested] {
        var result: [Nested] = []
        for directory in ["nixos-containers", "containers"] {
            let files: [String]
            do {
                files = try system.listEtc(directory)
            } catch {
                if error.isAbsence { continue }
                throw error
            }
            for file in files where file.hasSuffix(".conf") {
                let name = String(file.dropLast(5))
                switch system.etcLines(directory + "/" + file) {
                case .lines(let lines, let path):
                    guard let line = lines.last(where: { $0.text.hasPrefix("SYSTEM_PATH=") }) else {
                        if directory == "nixos-containers" {
                            result.append(
                                Nested(
                                    kind: "container", name: name, toplevel: .lost("\(path) names no SYSTEM_PATH"),
                                    place: path))
                        }
                        continue
                    }
                    let value = line.text.dropFirst("SYSTEM_PATH=".count).filter { $0 != "\"" && $0 != "'" }
                    result.append(
                        Nested(
                            kind: "container", name: name, toplevel: toplevel(value, system), place: path,
                            line: line.number))
                case .absent: continue
                case .unavailable(let reason, let path):
                    if directory == "containers", enginesFiles.contains(name) { continue }
                    result.append(Nested(kind: "container", name: name, toplevel: .lost(reason), place: path))
                }
            }
        }
        return result
    }

    /// microvm.nix: `/var/lib/microvms/<name>/current` leads to a runner, whose `share/microvm/system` is the toplevel; a
    /// declared one is named in the script of `install-microvm-<name>.service`.
    private static func microVMs(_ system: SystemView) throws(TreeError) -> [Nested] {
        var result: [Nested] = []
        var seen: Set<String> = []
        let units: [String]
        do {
            units = try system.unitEntries()
        } catch {
            if !error.isAbsence { throw error }
            units = []
        }
        for unit in units where unit.hasPrefix("install-microvm-") && unit.hasSuffix(".service") {
            let name = String(unit.dropFirst("install-microvm-".count).dropLast(".service".count))
            seen.insert(name)
            let place = system.shownEtcPath("systemd/system/" + unit)
            var found = Nested.Toplevel.lost("\(place) names no runner")
            if case .unit(let service, _) = system.unit(unit),
                let program = service.commands("ExecStart").first?.first
            {
                switch system.lines(program) {
                case .lines(let lines, _):
                    let runner = lines.lazy.flatMap {
                        $0.text.split(whereSeparator: { " \t\"';=".contains($0) })
                    }.first { $0.hasPrefix("/nix/store/") && $0.contains("-microvm-") }
                    if let runner { found = toplevel(runner + "/share/microvm/system", system) }
                case .absent(let path): found = .lost("\(path) is not there")
                case .unavailable(let reason, _): found = .lost(reason)
                }
            }
            result.append(Nested(kind: "microvm", name: name, toplevel: found, place: place))
        }
        guard system.etcRoot == "/etc" || system.formerEtc != nil else { return result }
        let state = "/var/lib/microvms"
        let names: [String]
        do {
            names = try system.tree.list(state)
        } catch {
            if error.isAbsence { return result }
            throw error
        }
        for name in names where !seen.contains(name) {
            let link = "\(state)/\(name)/current"
            result.append(
                Nested(
                    kind: "microvm", name: name, toplevel: toplevel(link + "/share/microvm/system", system), place: link
                ))
        }
        return result
    }
}
