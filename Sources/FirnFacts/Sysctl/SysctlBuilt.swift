import FirnModel
import FirnParsing

/// Collects what decides the settings from a system closure.
struct SysctlBuilt {
    let system: SystemView
    let table: SysctlTable

    /// The directories of sysctl.d(5), the first with a name wins.
    private static let directories = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"]

    /// The largest file read, and the most files.
    private static let largest = 1 << 20
    private static let mostFiles = 500

    func input(_ context: SystemContext) -> SysctlFacts.Input {
        var input = SysctlFacts.Input()
        input.application = application()
        input.parameters = parameters(context)
        input.kernelName = kernelName()
        input.plan = plan()
        for service in table.services {
            if let evidence = starts(service.unit) { input.services.append((service, evidence)) }
        }
        return input
    }

    // MARK: - Files

    private func plan() -> SysctlPlan {
        var plan = SysctlPlan()
        var files: [String: (path: String, shown: String)] = [:]
        var broken: (String, Evidence)?
        for directory in Self.directories {
            // A bare toplevel has only /etc; the rest of its tree belongs to another machine.
            let isEtc = directory.hasPrefix("/etc/")
            guard isEtc || system.etcRoot == "/etc" || system.formerEtc != nil else { continue }
            let path = isEtc ? system.etcPath("sysctl.d") : directory
            do {
                for name in try system.tree.list(path) where name.hasSuffix(".conf") && !name.hasPrefix(".") {
                    if files[name] == nil { files[name] = (path + "/" + name, directory + "/" + name) }
                }
                // A file that somebody put into /etc outlives every switch to another generation.
                for name in isEtc ? try system.leftovers("sysctl.d") : []
                where name.hasSuffix(".conf") && !name.hasPrefix(".") {
                    if files[name] == nil { files[name] = (directory + "/" + name, directory + "/" + name) }
                }
            } catch {
                if !error.isAbsence { broken = (error.description, Evidence(path: directory)) }
            }
        }
        let names = files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if names.count > Self.mostFiles {
            broken = ("there are more than \(Self.mostFiles) files", Evidence(path: "/etc/sysctl.d"))
        }
        for name in names.prefix(Self.mostFiles) {
            guard let file = files[name] else { continue }
            if isMask(file.path) { continue }
            do {
                let bytes = try system.tree.read(file.path, limit: Self.largest)
                plan.add(try SysctlFile.parse(bytes), path: file.shown)
            } catch let error as TreeError {
                plan.hide(error.description, Evidence(path: file.shown))
            } catch {
                plan.hide("\(file.shown): \(error)", Evidence(path: file.shown))
            }
        }
        // Which names a directory holds that cannot be listed nobody knows, so nothing comes surely after it.
        if let (reason, evidence) = broken { plan.hide(reason, evidence) }
        return plan
    }

    /// Whether the path ends at /dev/null, which is how an administrator masks a file.
    private func isMask(_ path: String) -> Bool {
        do {
            return try system.tree.resolve(path) == "/dev/null"
        } catch {
            if case .danglingLink(_, let target) = error { return target == "/dev/null" }
            return false
        }
    }

    // MARK: - Command line and kernel

    private var prefix: String { system.toplevel == "/" ? "" : system.toplevel }

    private func parameters(_ context: SystemContext) -> SysctlParameters {
        let path = prefix + "/kernel-params"
        var parameters = SysctlParameters(path: path)
        do {
            let text = String(decoding: try system.tree.read(path, limit: 1 << 20), as: UTF8.self)
            parameters.words = SysctlParameters.words(of: text)
        } catch {
            if !(error.isAbsence && context.hasOwnKernel == false) { parameters.unavailable = error.description }
        }
        return parameters
    }

    private func kernelName() -> String? {
        do {
            // /nix/store/<hash>-linux-6.18.37/bzImage
            let target = try system.tree.linkTarget(prefix + "/kernel")
            guard let name = target.split(separator: "/").dropLast().last, let dash = name.firstIndex(of: "-") else {
                return nil
            }
            return String(name[name.index(after: dash)...])
        } catch {
            return nil
        }
    }

    // MARK: - Units

    private func application() -> SysctlFacts.Application {
        let unit = "systemd-sysctl.service"
        let evidence = Evidence(path: system.shownEtcPath("systemd/system/" + unit))
        do {
            guard try system.listEtc("systemd/system").contains(unit) else {
                return .never(reason: "there is no \(unit), so sysctl.d is not applied", evidence)
            }
            if isMask(system.etcPath("systemd/system/" + unit)) {
                return .never(reason: "\(unit) is masked, so sysctl.d is not applied", evidence)
            }
            guard try !system.wanted(unit).isEmpty else {
                return .never(reason: "nothing starts \(unit), so sysctl.d is not applied", evidence)
            }
            switch system.unit(unit) {
            case .unit(let file, _): return application(file, evidence)
            case .masked, .missing:
                return .never(reason: "there is no \(unit), so sysctl.d is not applied", evidence)
            case .unavailable(let reason):
                return .unclear(reason: "whether sysctl.d is applied cannot be told: \(reason)", evidence)
            }
        } catch {
            return .unclear(reason: "whether sysctl.d is applied cannot be told: \(error)", evidence)
        }
    }

    /// Whether the unit does what systemd's own does: one command, no condition but that /proc/sys can be written, and
    /// no directive that could keep it from writing there.
    private func application(_ unit: SystemdUnit, _ evidence: Evidence) -> SysctlFacts.Application {
        let commands = unit.commands("ExecStart")
        guard commands.count == 1, commands[0].count == 1, commands[0][0].hasSuffix("/systemd-sysctl") else {
            return .unclear(reason: "systemd-sysctl.service does not simply run systemd-sysctl", evidence)
        }
        for assignment in unit.assignments {
            guard let reason = table.objection(assignment.section, assignment.key, assignment.value) else { continue }
            let text = assignment.key + "=" + assignment.value
            return .unclear(
                reason: "systemd-sysctl.service \(reason)",
                Evidence(path: assignment.file, line: assignment.line, text: text))
        }
        return .runs
    }

    /// Evidence that a unit is there and started at boot.
    private func starts(_ unit: String) -> Evidence? {
        let path = "systemd/system/" + unit
        do {
            guard try system.listEtc("systemd/system").contains(unit), !isMask(system.etcPath(path)),
                try !system.wanted(unit).isEmpty
            else { return nil }
            return Evidence(path: system.shownEtcPath(path))
        } catch {
            return nil
        }
    }
}
