import FirnModel
import FirnParsing

/// Auditing as a system closure shows it: the units that load rules, their files and scripts, and auditd.conf.
struct AuditBuilt {
    let system: SystemView
    let found: AuditLoader.Search
    let knowledge: AuditKnowledge
    let context: SystemContext

    private struct Obstacle: Error {
        var reason: String
        var evidence: [Evidence]
    }

    private static let units = "/etc/systemd/system/"

    func findings() -> AuditFindings {
        let paths = AuditPaths(
            knowledge: knowledge, etcHas: { system.tree.exists(system.etcPath($0)) },
            storeHas: { system.tree.exists($0) }, hasForeignPrograms: hasForeignPrograms())
        let daemon = context.hasOwnKernel == false ? withoutKernel : ServiceStart.built(system, "auditd.service")
        var findings = AuditFindings(
            rules: .off([]), daemon: daemon, daemonConf: nil, wrappers: .absent([]), services: [:], paths: paths)
        if case .known(.boolean(true), _) = daemon { findings.daemonConf = daemonConf() }
        do throws(Obstacle) {
            findings.rules = try rules(paths)
        } catch {
            findings.rules = .unavailable(error.reason, error.evidence)
        }
        if case .loaded = findings.rules {
            findings.switchedOffBy = AuditSwitch.find(
                journald: { () throws(ConfSettings.Obstacle) in
                    try ConfSettings.built(system, "journald", section: "Journal")
                }, daemon: daemonCommand())
            findings.startsBeforeWrappers = earlyStart()
            findings.offOnFailure = offOnFailure()
            findings.wrappers = wrappers()
            for (set, unit) in [("cron", "cron.service"), ("apparmor", "apparmor.service")] {
                findings.services[set] = ServiceStart.built(system, unit)
            }
            findings.services["sudo-log-file"] = sudoLog()
            findings.services["faillock"] = AuditFaillock.fact(knowledge.pamServices) { service in
                switch system.etcLines("pam.d/" + service) {
                case .absent: .absent
                case .unavailable(let reason, let path): .unavailable(reason, Evidence(path: path))
                case .lines(let lines, let path): .lines(lines, Evidence(path: path))
                }
            }
        } else {
            for set in ["cron", "apparmor", "sudo-log-file", "faillock"] {
                findings.services[set] = .known(.boolean(true), [])
            }
        }
        return findings
    }

    private var withoutKernel: Fact {
        .known(.boolean(false), [Evidence(path: system.toplevel, text: "the system has no kernel of its own")])
    }

    private func hasForeignPrograms() -> Bool {
        guard case .lines(let lines, _) = system.etcLines("fstab") else { return false }
        return lines.contains { line in
            let fields = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return fields.count > 2 && !line.text.hasPrefix("#") && ["/bin", "/usr/bin", "/usr"].contains(fields[1])
        }
    }

    // MARK: Rules

    private func rules(_ paths: AuditPaths) throws(Obstacle) -> AuditFindings.Rules {
        if case .known(_, let evidence) = withoutKernel, context.hasOwnKernel == false { return .off(evidence) }
        let (line, linePath) = try kernelLine()
        if line.isOn == false { return .off([line.evidence("audit", linePath)]) }
        let loaders: [AuditLoader]
        switch found {
        case .units(let units): loaders = units
        case .unavailable(let reason, let evidence): throw Obstacle(reason: reason, evidence: evidence)
        }
        guard let loader = loaders.first else {
            return .off([Evidence(path: "/etc/systemd/system", text: "no unit that starts at boot loads audit rules")])
        }
        guard loaders.count == 1 else {
            throw Obstacle(
                reason: "several units load audit rules: \(loaders.map(\.name).joined(separator: ", "))",
                evidence: loaders.map { Evidence(path: Self.units + $0.name) })
        }
        try conditions(loader)
        var load = AuditLoad(
            names: knowledge.names, backlog: line.backlog, enabled: line.isOn == true ? 1 : nil,
            presence: { paths.presence($0) })
        for key in ["ExecStartPre", "ExecStart", "ExecStartPost"] {
            let values = loader.unit.values("Service", key)
            for (index, words) in loader.unit.commands(key).enumerated() {
                let assignment = values[index]
                let place = Evidence(path: assignment.file, line: assignment.line, text: assignment.value)
                if try !run(words, place, &load), !assignment.value.hasPrefix("-") {
                    load.hasFailed = true
                    return result(load, loader)
                }
            }
        }
        return result(load, loader)
    }

    private func result(_ load: AuditLoad, _ loader: AuditLoader) -> AuditFindings.Rules {
        let start = loader.unit.value("Service", "ExecStart")
        let place = Evidence(path: start?.file ?? Self.units + loader.name, line: start?.line, text: start?.value)
        if load.enabled == 0 { return .off([load.places["enabled"] ?? place]) }
        return .loaded(load, [place])
    }

    private func kernelLine() throws(Obstacle) -> (AuditKernelLine, String) {
        let path = system.toplevel + "/kernel-params"
        do {
            let line = try KernelCommandLine.parse(try system.tree.read(path, limit: 64 << 10))
            return (AuditKernelLine(line.parameters.map(\.text)), path)
        } catch let error as TreeError {
            throw Obstacle(reason: error.description, evidence: [Evidence(path: path)])
        } catch {
            throw Obstacle(reason: "\(path): \(error)", evidence: [Evidence(path: path)])
        }
    }

    /// Where audit-rules-nixos.service says that it starts before /run/wrappers is filled.
    private func earlyStart() -> Evidence? {
        guard case .unit(let unit, let path) = system.unit("audit-rules-nixos.service"),
            case .unit = system.unit(AuditOrder.wrappersUnit),
            let early = unit.value("Unit", "DefaultDependencies"), ConfSettings.boolean(early.value) == false
        else { return nil }
        let after = unit.values("Unit", "After").flatMap { $0.value.split(separator: " ").map(String.init) }
        return AuditOrder.isBehindWrappers(after)
            ? nil : Evidence(path: path, line: early.line, text: "DefaultDependencies=no")
    }

    /// Where audit-rules-nixos.service switches auditing off when it fails.
    private func offOnFailure() -> Evidence? {
        guard case .unit(let unit, _) = system.unit("audit-rules-nixos.service") else { return nil }
        let own = unit.values("Service", "ExecStopPost").last { AuditOrder.switchesOff($0.value) }
        return own.map { Evidence(path: $0.file, line: $0.line, text: "ExecStopPost=" + $0.value) }
    }

    private func conditions(_ loader: AuditLoader) throws(Obstacle) {
        let known = ["!audit=0", "!audit=off", "!container", "audit", "!quotacheck.mode"]
        for assignment in loader.unit.assignments where assignment.section == "Unit" {
            guard assignment.key.hasPrefix("Condition") || assignment.key.hasPrefix("Assert"),
                !assignment.value.isEmpty, !known.contains(assignment.value)
            else { continue }
            throw Obstacle(
                reason: "\(loader.name) starts only under \(assignment.key)=\(assignment.value)",
                evidence: [Evidence(path: assignment.file, line: assignment.line, text: assignment.value)])
        }
    }

    /// Programs that change nothing about auditing.
    private static let harmless: Set<String> = ["mkdir", "true", "chmod", "chown", "sleep", "install", "touch"]

    /// Runs one command of the unit; false when it fails.
    private func run(_ words: [String], _ place: Evidence, _ load: inout AuditLoad) throws(Obstacle) -> Bool {
        guard let program = words.first else { return true }
        let name = AuditPath.name(program)
        let arguments = Array(words.dropFirst())
        if name == "auditctl" {
            if arguments.count == 2, arguments[0] == "-R" {
                let (statements, path) = try file(arguments[1], place)
                return load.load(statements) { Evidence(path: path, line: $0.line, text: $0.text) }
            }
            return load.call(
                AuditRules.command(
                    arguments, line: place.line ?? 1, text: arguments.joined(separator: " "), names: knowledge.names),
                place)
        }
        if name == "augenrules" {
            guard arguments == ["--load"], !system.tree.exists(system.etcPath("audit/rules.d")) else {
                throw Obstacle(
                    reason: "augenrules joins the files of /etc/audit/rules.d when the system runs", evidence: [place])
            }
            let (statements, path) = try file("/etc/audit/audit.rules", place)
            return load.load(statements) { Evidence(path: path, line: $0.line, text: $0.text) }
        }
        if Self.harmless.contains(name) { return true }
        guard program.hasPrefix("/nix/store/"), arguments.isEmpty else {
            throw Obstacle(reason: "the command \(name) may change the audit rules", evidence: [place])
        }
        return try script(program, place, &load)
    }

    private func file(_ path: String, _ place: Evidence) throws(Obstacle) -> ([AuditStatement], String) {
        do {
            let bytes =
                path.hasPrefix("/etc/")
                ? try system.readEtc(String(path.dropFirst(5)), limit: 1 << 20)
                : try system.tree.read(path, limit: 1 << 20)
            return (try AuditRules.parse(bytes, names: knowledge.names), path)
        } catch let error as TreeError {
            throw Obstacle(reason: error.description, evidence: [place])
        } catch {
            throw Obstacle(reason: "\(path): \(error)", evidence: [place])
        }
    }

    private func script(_ path: String, _ place: Evidence, _ load: inout AuditLoad) throws(Obstacle) -> Bool {
        let lines: [TextLine]
        switch system.lines(path) {
        case .lines(let found, _): lines = found
        case .absent: throw Obstacle(reason: "\(path) is not there", evidence: [place])
        case .unavailable(let reason, _): throw Obstacle(reason: reason, evidence: [place])
        }
        let steps: [AuditScript.Step]
        do throws(AuditScript.Obstacle) {
            steps = try AuditScript.steps(lines, path: path, names: knowledge.names)
        } catch {
            let spot = error.evidence.line.map { "\(error.evidence.path):\($0)" } ?? error.evidence.path
            throw Obstacle(reason: "\(spot): \(error.reason)", evidence: [error.evidence])
        }
        // The script runs under `bash -e`: the first failure ends it.
        for step in steps {
            let works =
                switch step {
                case .call(let statement, let evidence): load.call(statement, evidence)
                case .load(let statements):
                    load.load(statements) { Evidence(path: path, line: $0.line, text: $0.text) }
                }
            if !works { return false }
        }
        return true
    }

    // MARK: What sets depend on

    private func wrappers() -> Fact {
        var path = system.toplevel + "/activate"
        if case .unit(let unit, _) = system.unit("suid-sgid-wrappers.service"),
            let program = unit.commands("ExecStart").last?.first
        {
            path = program
        }
        switch system.lines(path, limit: 4 << 20) {
        case .absent: return .unavailable(reason: "\(path) is not there", [Evidence(path: path)])
        case .unavailable(let reason, _): return .unavailable(reason: reason, [Evidence(path: path)])
        case .lines(let lines, _):
            var names: Set<String> = []
            for line in lines {
                let text = line.text.trimmed
                guard text.hasPrefix("chmod 0000 "), let range = text.range(ofName: "$wrapperDir/") else { continue }
                names.insert(String(text[range...].prefix { $0 != "\"" && $0 != " " }))
            }
            return .known(.strings(names.sorted()), [Evidence(path: path)])
        }
    }

    private func sudoLog() -> Fact {
        switch system.etcLines("sudoers") {
        case .absent(let path): return .known(.boolean(false), [Evidence(path: path, text: "not there")])
        case .unavailable(let reason, let path): return .unavailable(reason: reason, [Evidence(path: path)])
        case .lines(let lines, let path):
            return AuditSudoLog.fact(lines) { Evidence(path: path, line: $0?.number) }
        }
    }

    // MARK: auditd

    private func daemonCommand() -> (words: [String], evidence: Evidence)? {
        guard case .known(.boolean(true), _) = ServiceStart.built(system, "auditd.service"),
            case .unit(let unit, let path) = system.unit("auditd.service"),
            let words = unit.commands("ExecStart").last
        else { return nil }
        return (words, Evidence(path: path, line: unit.value("Service", "ExecStart")?.line))
    }

    private func daemonConf() -> AuditdReading {
        var path = "audit/auditd.conf"
        if case .unit(let unit, _) = system.unit("auditd.service"), let words = unit.commands("ExecStart").last,
            let option = words.firstIndex(of: "-c"), option + 1 < words.count
        {
            let directory = words[option + 1]
            guard directory.hasPrefix("/etc/") else {
                return .unavailable(
                    "auditd reads its configuration in \(directory)", Evidence(path: Self.units + "auditd.service"))
            }
            path = directory.dropFirst(5) + "/auditd.conf"
        }
        let shown = system.shownEtcPath(path)
        do {
            let conf = try AuditdConf.parse(try system.readEtc(path, limit: 1 << 20))
            return .settings(
                conf.settings.map { setting in
                    let text = "\(setting.key) = \(setting.value)"
                    return (setting, Evidence(path: shown, line: setting.line, text: text))
                },
                fault: conf.fault.map {
                    ("line \($0.line): \($0.message)", Evidence(path: shown, line: $0.line, text: $0.message))
                }, path: shown)
        } catch let error as TreeError {
            return error.isAbsence
                ? .absent(Evidence(path: shown)) : .unavailable(error.description, Evidence(path: shown))
        } catch {
            return .unavailable("\(shown): \(error)", Evidence(path: shown))
        }
    }
}

extension Substring {
    /// Where the text behind a name begins.
    fileprivate func range(ofName name: String) -> Index? {
        guard let found = firstRange(of: name) else { return nil }
        return found.upperBound
    }
}
