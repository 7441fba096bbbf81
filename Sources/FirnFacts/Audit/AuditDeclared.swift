import FirnModel
import FirnParsing

/// Auditing as the options of `security.audit` and `security.auditd` declare it: the lines the modules would write go
/// through the same reader as the built ones.
struct AuditDeclared {
    let options: OptionTree
    let knowledge: AuditKnowledge
    let context: SystemContext

    private struct Obstacle: Error {
        var reason: String
        var evidence: [Evidence]
    }

    private static let audit = ["security", "audit"]

    func findings() -> AuditFindings {
        let etc = options.readMembers(["environment", "etc"]).value.map { Set($0.map(\.key)) }
        let paths = AuditPaths(
            knowledge: knowledge,
            etcHas: { path in
                guard let etc else { return nil }
                if etc.contains(path) || etc.contains(where: { $0.hasPrefix(path + "/") }) { return true }
                // What lies in a directory that is one entry cannot be seen here.
                let parts = path.split(separator: "/")
                for depth in parts.indices.dropFirst() where etc.contains(parts[..<depth].joined(separator: "/")) {
                    return nil
                }
                return false
            }, storeHas: { _ in nil }, hasForeignPrograms: hasForeignPrograms())
        let daemon =
            context.hasOwnKernel == false ? withoutKernel : ServiceStart.declared(options, "auditd.service")
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
                    try ConfSettings.declared(options, "journald", section: "Journal")
                }, daemon: daemonCommand())
            findings.startsBeforeWrappers = earlyStart()
            findings.offOnFailure = offOnFailure()
            findings.wrappers = wrappers()
            for (set, unit) in [("cron", "cron.service"), ("apparmor", "apparmor.service")] {
                findings.services[set] = ServiceStart.declared(options, unit)
            }
            findings.services["sudo-log-file"] = sudoLog()
            let entries = options.readMembers(["environment", "etc"]).value.map { Set($0.map(\.key)) }
            findings.services["faillock"] = AuditFaillock.fact(knowledge.pamServices) { faillockText($0, entries) }
        } else {
            for set in ["cron", "apparmor", "sudo-log-file", "faillock"] {
                findings.services[set] = .known(.boolean(true), [])
            }
        }
        return findings
    }

    private var withoutKernel: Fact {
        .known(.boolean(false), [options.evidence(["boot", "isContainer"])])
    }

    private func hasForeignPrograms() -> Bool {
        ["/bin", "/usr/bin", "/usr"].contains { path in
            if case .value = options.lookup(["fileSystems", path]) { true } else { false }
        }
    }

    // MARK: Rules

    private func value<Value: Sendable>(_ reading: OptionReading<Value>, _ path: [String]) throws(Obstacle) -> Value {
        switch reading {
        case .value(let value, _): return value
        case .null, .missing:
            throw Obstacle(
                reason: "the export does not hold \(OptionTree.spelled(path))", evidence: [reading.evidence])
        case .unavailable(let reason, let evidence): throw Obstacle(reason: reason, evidence: [evidence])
        }
    }

    private func rules(_ paths: AuditPaths) throws(Obstacle) -> AuditFindings.Rules {
        if context.hasOwnKernel == false { return .off([options.evidence(["boot", "isContainer"])]) }
        let parameters = try value(
            options.readStrings(["boot", "kernelParams"]), ["boot", "kernelParams"])
        let line = AuditKernelLine(parameters)
        if line.isOn == false { return .off([line.evidence("audit", "boot.kernelParams")]) }
        let enable = Self.audit + ["enable"]
        let place = options.evidence(enable)
        let mode: String
        switch options.lookup(enable) {
        case .value(let node):
            if let truth = node.boolean {
                mode = truth ? "1" : "0"
            } else if node.string == "lock" {
                mode = "2"
            } else {
                throw Obstacle(reason: "security.audit.enable has another type than expected", evidence: [place])
            }
        case .missing: throw Obstacle(reason: "the export does not hold security.audit.enable", evidence: [place])
        case .unavailable(let reason): throw Obstacle(reason: reason, evidence: [place])
        }
        try noOtherLoader()
        if mode == "0" { return .off([place]) }

        let isNew = try isNewShape()
        let unit = isNew ? "audit-rules-nixos.service" : "audit.service"
        switch ServiceStart.declared(options, unit) {
        case .known(.boolean(true), _): break
        case .unavailable(let reason, let evidence): throw Obstacle(reason: reason, evidence: evidence)
        case .known(_, let evidence), .absent(let evidence): return .off(evidence)
        }
        let service = isNew ? "audit-rules-nixos" : "audit"
        try ownCommand(service, isNew: isNew)
        try hooks(service)

        let names = knowledge.names
        func control(_ words: [String], _ path: [String]) -> (AuditStatement, Evidence) {
            let text = words.joined(separator: " ")
            return (
                AuditRules.command(words, line: 1, text: text, names: names), options.evidence(path, text: text)
            )
        }
        let limit = try value(options.readInteger(Self.audit + ["backlogLimit"]), Self.audit + ["backlogLimit"])
        let rate = try value(options.readInteger(Self.audit + ["rateLimit"]), Self.audit + ["rateLimit"])
        let failure = try value(options.readString(Self.audit + ["failureMode"]), Self.audit + ["failureMode"])
        guard let failureNumber = ["silent", "printk", "panic"].firstIndex(of: failure) else {
            throw Obstacle(reason: "the failure mode \(failure) is not known", evidence: [place])
        }
        let backlogPart = ["-b", String(limit)]
        let failurePart = ["-f", String(failureNumber)]
        let ratePart = ["-r", String(rate)]
        let ruleLines = try ruleLines(isNew: isNew)
        var load = AuditLoad(
            names: names, backlog: line.backlog, enabled: line.isOn == true ? 1 : nil,
            presence: { paths.presence($0) })
        if isNew {
            var all = [control(["-D"], enable), control(backlogPart, Self.audit + ["backlogLimit"])]
            all.append(control(failurePart, Self.audit + ["failureMode"]))
            all.append(control(ratePart, Self.audit + ["rateLimit"]))
            all += ruleLines
            all.append(control(["-e", mode], enable))
            load.hasFailed = !run(all, &load)
        } else if run(ruleLines, &load) {
            let (statement, evidence) = control(["-e", mode] + backlogPart + failurePart + ratePart, enable)
            load.hasFailed = !load.call(statement, evidence)
        } else {
            load.hasFailed = true
        }
        if load.enabled == 0 { return .off([load.places["enabled"] ?? place]) }
        return .loaded(load, [place])
    }

    /// Loads the lines as one file; the number of a statement is its place among them.
    private func run(_ lines: [(AuditStatement, Evidence)], _ load: inout AuditLoad) -> Bool {
        var statements: [AuditStatement] = []
        for (index, line) in lines.enumerated() {
            var statement = line.0
            statement.line = index
            statements.append(statement)
        }
        return load.load(statements) { lines[$0.line].1 }
    }

    /// The lines of security.audit.rules as they come to stand in the file: an element may hold several.
    private func ruleLines(isNew: Bool) throws(Obstacle) -> [(AuditStatement, Evidence)] {
        let path = Self.audit + ["rules"]
        guard case .value(let node) = options.lookup(path), let elements = node.array else {
            throw Obstacle(
                reason: "security.audit.rules is not a list in the export", evidence: [options.evidence(path)])
        }
        var result: [(AuditStatement, Evidence)] = []
        for element in elements {
            guard let text = element.string else {
                throw Obstacle(
                    reason: "security.audit.rules holds something else than text", evidence: [options.evidence(path)])
            }
            let place = Evidence(path: "security.audit.rules", line: element.line, text: text)
            if !isNew, text.contains("'") {
                throw Obstacle(
                    reason:
                        "security.audit.rules: a single quote in a rule ends the quotes of the script, and bash reads on as it can",
                    evidence: [place])
            }
            for line in text.split(separator: "\n") {
                if let statement = AuditRules.statement(String(line), line: element.line, names: knowledge.names) {
                    result.append((statement, place))
                }
            }
        }
        return result
    }

    /// Where audit-rules-nixos.service says that it starts before /run/wrappers is filled.
    private func earlyStart() -> Evidence? {
        let base = ["systemd", "services", "audit-rules-nixos"]
        guard case .value(let node) = options.lookup(base),
            case .value = options.lookup(["systemd", "units", AuditOrder.wrappersUnit])
        else { return nil }
        let dependencies = node["unitConfig"]?["DefaultDependencies"]
        let isEarly =
            dependencies?.boolean == false || dependencies?.string.flatMap(ConfSettings.boolean) == false
        guard isEarly else { return nil }
        let listed = (node["after"]?.array ?? []) + (node["unitConfig"]?["After"]?.array ?? [])
        let text = node["unitConfig"]?["After"]?.string ?? ""
        let after = listed.compactMap(\.string) + text.split(separator: " ").map(String.init)
        return AuditOrder.isBehindWrappers(after) ? nil : options.evidence(base, text: "DefaultDependencies=no")
    }

    /// Where audit-rules-nixos.service switches auditing off when it fails.
    private func offOnFailure() -> Evidence? {
        let path = ["systemd", "services", "audit-rules-nixos", "serviceConfig", "ExecStopPost"]
        guard case .value(let node) = options.lookup(path) else { return nil }
        let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
        return commands.last(where: AuditOrder.switchesOff).map { options.evidence(path, text: $0) }
    }

    private func isNewShape() throws(Obstacle) -> Bool {
        if case .value = options.lookup(["systemd", "units", "audit-rules-nixos.service"]) { return true }
        if case .value = options.lookup(["systemd", "units", "audit.service"]) { return false }
        guard let release = context.release.flatMap({ DottedVersion($0) }), let first = DottedVersion("25.11") else {
            throw Obstacle(
                reason: "the export does not show how audit rules are loaded", evidence: [options.evidence(Self.audit)])
        }
        return release >= first
    }

    /// Commands a user adds to the unit.
    private func hooks(_ unit: String) throws(Obstacle) {
        let base = ["systemd", "services", unit]
        for name in [
            ["preStart"], ["postStart"], ["serviceConfig", "ExecStartPre"], ["serviceConfig", "ExecStartPost"],
        ] {
            guard case .value(let node) = options.lookup(base + name) else { continue }
            let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
            guard commands.contains(where: { !$0.trimmed.isEmpty }) else { continue }
            throw Obstacle(
                reason: "commands of \(OptionTree.spelled(base + name)) may change the audit rules",
                evidence: [options.evidence(base + name)])
        }
    }

    /// The command of the unit must be the module's own: another one loads other rules.
    private func ownCommand(_ unit: String, isNew: Bool) throws(Obstacle) {
        let path = ["systemd", "services", unit, "serviceConfig", "ExecStart"]
        guard case .value(let node) = options.lookup(path), !node.isNull else { return }
        let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
        let isOwn =
            isNew
            ? commands.first?.contains("/bin/auditctl -R /nix/store/") == true
                && commands.first?.hasSuffix("-audit.rules/audit.rules") == true
            : commands.first?.contains("-audit-start ") == true
        guard commands.count == 1, isOwn else {
            throw Obstacle(
                reason: "\(OptionTree.spelled(path)) is not the module's own", evidence: [options.evidence(path)])
        }
    }

    /// Other units that call auditctl, and rule files beside the module's.
    private func noOtherLoader() throws(Obstacle) {
        for file in ["audit/audit.rules", "audit/rules.d"] {
            guard let entries = options.readMembers(["environment", "etc"]).value,
                let entry = entries.first(where: { $0.key == file || $0.key.hasPrefix(file + "/") })
            else { continue }
            throw Obstacle(
                reason: "/etc/\(entry.key) may be loaded too",
                evidence: [options.evidence(["environment", "etc", entry.key])])
        }
        guard let services = options.readMembers(["systemd", "services"]).value else { return }
        for service in services where !["audit", "audit-rules-nixos"].contains(service.key) {
            for key in ["ExecStart", "ExecStartPre", "ExecStartPost"] {
                guard let node = service.node["serviceConfig"]?[key] else { continue }
                let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
                if commands.contains(where: { $0.contains("auditctl ") || $0.contains("augenrules") }) {
                    throw Obstacle(
                        reason: "systemd.services.\(service.key) calls auditctl",
                        evidence: [options.evidence(["systemd", "services", service.key])])
                }
            }
        }
    }

    // MARK: What sets depend on

    private func wrappers() -> Fact {
        let path = ["security", "wrappers"]
        switch options.readMembers(path) {
        case .value(let members, let evidence):
            let names = members.filter { $0.node["enable"]?.boolean ?? true }.map {
                $0.node["program"]?.string ?? $0.key
            }
            return .known(.strings(Set(names).sorted()), [evidence])
        case .null(let evidence), .missing(let evidence):
            return .unavailable(reason: "the export does not hold security.wrappers", [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }

    private func sudoLog() -> Fact {
        let path = ["environment", "etc", "sudoers"]
        guard case .value(let node) = options.lookup(path) else {
            return .known(.boolean(false), [options.evidence(path)])
        }
        for text in [node["text"]?.string, options.readString(["security", "sudo", "configFile"]).value] {
            guard let text else { continue }
            return AuditSudoLog.fact(TextFile.lines(text)) { _ in options.evidence(path) }
        }
        return .unavailable(reason: "the text of sudoers is not in the export", [options.evidence(path)])
    }

    private func faillockText(_ service: String, _ entries: Set<String>?) -> AuditFaillock.Text {
        let place = ["environment", "etc", "pam.d/" + service]
        guard let entries else {
            return .unavailable("the export does not hold environment.etc", options.evidence(place))
        }
        guard entries.contains("pam.d/" + service) else { return .absent }
        for path in [place + ["text"], ["security", "pam", "services", service, "text"]] {
            if let text = options.readString(path).value {
                return .lines(TextFile.lines(text), options.evidence(path))
            }
        }
        return .unavailable("the text of the PAM service \(service) is not in the export", options.evidence(place))
    }

    // MARK: auditd

    private func daemonCommand() -> (words: [String], evidence: Evidence)? {
        let path = ["systemd", "services", "auditd", "serviceConfig", "ExecStart"]
        guard case .value(let node) = options.lookup(path) else { return nil }
        let commands = node.string.map { [$0] } ?? node.array?.compactMap(\.string) ?? []
        guard let last = commands.last else { return nil }
        return (last.split(separator: " ").map(String.init), options.evidence(path))
    }

    private func daemonConf() -> AuditdReading {
        let path = ["environment", "etc", "audit/auditd.conf"]
        guard case .value(let node) = options.lookup(path) else {
            if case .value = options.lookup(["environment", "etc"]) { return .absent(options.evidence(path)) }
            return .unavailable("the export does not hold environment.etc", options.evidence(path))
        }
        if node["enable"]?.boolean == false { return .absent(options.evidence(path)) }
        guard let text = node["text"]?.string else {
            return .unavailable("auditd.conf comes from a file that the options do not hold", options.evidence(path))
        }
        do {
            let conf = try AuditdConf.parse(Array(text.utf8))
            return .settings(
                conf.settings.map { ($0, options.evidence(path, text: "\($0.key) = \($0.value)")) },
                fault: conf.fault.map {
                    ("line \($0.line): \($0.message)", options.evidence(path, text: $0.message))
                }, path: OptionTree.spelled(path))
        } catch {
            return .unavailable("auditd.conf: \(error)", options.evidence(path))
        }
    }
}
