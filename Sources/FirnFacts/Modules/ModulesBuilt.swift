import FirnModel
import FirnParsing

/// Collects what decides about modules from a system closure.
struct ModulesBuilt {
    let system: SystemView
    let table: ModulesTable

    /// The directories of modprobe.d(5); the first with a name wins.
    private static let directories = [
        "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d",
    ]
    private static let mostFiles = 500

    func input(_ context: SystemContext) -> ModulesInput {
        var input = ModulesInput()
        readRules(&input)
        readAtBoot(&input)
        readFileSystems(&input)
        for group in table.groups {
            for unit in group.usedByUnits {
                switch system.unit(unit) {
                case .unit(_, let path):
                    input.used[group.name] = Evidence(path: path, text: "\(group.name) is in use")
                case .unavailable(let reason):
                    input.usedProblem[group.name] = (reason, Evidence(path: "/etc/systemd/system/" + unit))
                case .missing, .masked: continue
                }
            }
        }
        input.kernel = kernelModules(context)
        input.locked = locked()
        return input
    }

    private var prefix: String { system.toplevel == "/" ? "" : system.toplevel }

    // MARK: - modprobe.d

    private func readRules(_ input: inout ModulesInput) {
        for (_, path, shown) in files(Self.directories, "modprobe.d", [".conf", ".alias"], &input) {
            do {
                let bytes = try system.tree.read(path, limit: 1 << 20)
                input.rules.add(try ModprobeFile.parse(bytes)) { Evidence(path: shown, line: $0, text: $1) }
            } catch let error as TreeError {
                switch error {
                // A directory is passed over.
                case .wrongKind: continue
                case .danglingLink(_, let target) where target == "/dev/null": continue
                case .danglingLink(_, let target):
                    if let file = table.shippedFile(target) {
                        input.rules.add(file) { Evidence(path: shown, text: "\($1), as nixpkgs ships it") }
                        continue
                    }
                    input.rules.hide(error.description, Evidence(path: shown))
                default: input.rules.hide(error.description, Evidence(path: shown))
                }
            } catch {
                input.rules.hide("\(shown): \(error)", Evidence(path: shown))
            }
        }
        let path = prefix + "/kernel-params"
        do {
            let text = String(decoding: try system.tree.read(path, limit: 64 << 10), as: UTF8.self)
            input.rules.add(parameters: SysctlParameters.words(of: text), path)
        } catch {
            // What is not known of the line could only keep more out.
        }
    }

    /// The files of a configuration directory in the order of their names: name, path in the root, path shown.
    private func files(
        _ directories: [String], _ etcName: String, _ suffixes: [String], _ input: inout ModulesInput
    ) -> [(name: String, path: String, shown: String)] {
        var files: [String: (path: String, shown: String)] = [:]
        for directory in directories {
            // A bare toplevel has only /etc; the rest of its tree belongs to another machine.
            let isEtc = directory.hasPrefix("/etc/")
            guard isEtc || system.etcRoot == "/etc" || system.formerEtc != nil else { continue }
            let path = isEtc ? system.etcPath(etcName) : directory
            do {
                for name in try system.tree.list(path)
                where !name.hasPrefix(".") && suffixes.contains(where: name.hasSuffix) && files[name] == nil {
                    files[name] = (path + "/" + name, directory + "/" + name)
                }
                for name in isEtc ? try system.leftovers(etcName) : []
                where !name.hasPrefix(".") && suffixes.contains(where: name.hasSuffix) && files[name] == nil {
                    files[name] = (directory + "/" + name, directory + "/" + name)
                }
            } catch {
                if !error.isAbsence { input.rules.hide(error.description, Evidence(path: directory)) }
            }
        }
        if files.count > Self.mostFiles {
            input.rules.hide("there are more than \(Self.mostFiles) files", Evidence(path: "/etc/" + etcName))
        }
        return files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.prefix(Self.mostFiles)
            .map { ($0.key, $0.value.path, $0.value.shown) }
    }

    // MARK: - Modules and file systems at boot

    private func readAtBoot(_ input: inout ModulesInput) {
        var unreadable = ModulesInput()
        let directories = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d"]
        for (_, path, shown) in files(directories, "modules-load.d", [".conf"], &unreadable) {
            switch system.lines(path, shown: shown) {
            case .absent: continue
            case .unavailable(let reason, let path):
                input.atBootProblem = (reason, Evidence(path: path))
            case .lines(let lines, let path):
                for line in lines {
                    let name = line.text.trimmed
                    guard let first = name.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";"),
                        let module = ModprobeFile.name(underscored: String(name))
                    else { continue }
                    input.atBoot.append((module, Evidence(path: path, line: line.number, text: String(name))))
                }
            }
        }
        if let hidden = unreadable.rules.hidden { input.atBootProblem = hidden }
    }

    private func readFileSystems(_ input: inout ModulesInput) {
        switch system.etcLines("fstab") {
        case .absent: return
        case .unavailable(let reason, let path): input.fileSystemsProblem = (reason, Evidence(path: path))
        case .lines(let lines, _):
            for line in lines where !line.text.hasPrefix("#") {
                let fields = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if fields.count >= 3 { input.fileSystems.insert(String(fields[2])) }
            }
        }
    }

    // MARK: - The kernel's own

    private func kernelModules(_ context: SystemContext) -> KernelModules? {
        let root = prefix + "/kernel-modules/lib/modules"
        do {
            // Exactly one tree: another could belong to another kernel.
            let versions = try system.tree.list(root)
            guard versions.count == 1, let version = versions.first,
                context.kernelVersion.map({ DottedVersion($0) == DottedVersion(version) }) ?? true
            else { return nil }
            let directory = root + "/" + version
            let dependencies = try system.tree.read(directory + "/modules.dep", limit: 16 << 20)
            let builtIn = try system.tree.read(directory + "/modules.builtin", limit: 4 << 20)
            // An empty list is no proof that a kernel has no modules.
            guard !dependencies.isEmpty else { return nil }
            return KernelModules(
                dependencies: dependencies, builtIn: builtIn, builtInPath: directory + "/modules.builtin",
                asked: Set(table.groups.flatMap(\.modules)))
        } catch {
            // The closure does not show the kernel's modules: each may be there.
            return nil
        }
    }

    private func locked() -> Fact {
        let name = "disable-kernel-module-loading.service"
        let path = system.shownEtcPath("systemd/system/" + name)
        switch system.unit(name) {
        case .missing: return .known(.boolean(false), [Evidence(path: path, text: "not there")])
        case .masked: return .known(.boolean(false), [Evidence(path: path, text: "masked")])
        case .unavailable(let reason): return .unavailable(reason: reason, [Evidence(path: path)])
        case .unit(let unit, _):
            do {
                guard let target = try system.wanted(name).first else {
                    return .known(.boolean(false), [Evidence(path: path, text: "nothing starts it")])
                }
                guard let start = unit.value("Service", "ExecStart") else {
                    return .known(.boolean(false), [Evidence(path: path, text: "it starts nothing")])
                }
                return .known(
                    .boolean(true), [Evidence(path: path, line: start.line, text: "\(target) wants it: \(start.value)")]
                )
            } catch {
                return .unavailable(reason: error.description, [Evidence(path: path)])
            }
        }
    }
}
