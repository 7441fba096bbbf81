import FirnModel
import FirnParsing

/// Collects what decides the settings from evaluated options.
struct SysctlDeclared {
    let options: OptionTree
    let table: SysctlTable
    let packages: SysctlPackages

    private static let nixosFile = "60-nixos.conf"
    private static let settings = ["boot", "kernel", "sysctl"]
    private static let etc = ["environment", "etc"]

    /// A file that will stand in /etc/sysctl.d.
    private struct File {
        var name: String
        var option: [String]
        var text: String?
        var source: String?
        var problem: String?
    }

    func input(_ context: SystemContext) -> SysctlFacts.Input {
        var input = SysctlFacts.Input()
        input.application = application()
        input.parameters = parameters(context)
        if case .value(let node) = options.lookup(["boot", "kernelPackages", "kernel", "name"]) {
            input.kernelName = node.string
        }
        input.plan = plan()
        for service in table.services {
            switch options.lookup(service.option) {
            case .value(let node) where node.boolean == true:
                input.services.append((service, options.evidence(service.option, text: "true")))
            case .unavailable(let reason):
                input.unclear.append((service, reason, options.evidence(service.option)))
            case .value, .missing: continue
            }
        }
        return input
    }

    private func application() -> SysctlFacts.Application {
        let enable = ["systemd", "services", "systemd-sysctl", "enable"]
        switch options.lookup(enable) {
        case .value(let node) where node.boolean == false:
            return .never(reason: "systemd-sysctl.service is off, so sysctl.d is not applied", options.evidence(enable))
        case .unavailable(let reason):
            return .unclear(reason: "whether sysctl.d is applied cannot be told: \(reason)", options.evidence(enable))
        case .value, .missing: break
        }
        let service = ["systemd", "services", "systemd-sysctl"]
        if case .value(let node) = options.lookup(service + ["serviceConfig"]), node.object?["ExecStart"] != nil {
            return .unclear(
                reason: "systemd-sysctl.service does not simply run systemd-sysctl",
                options.evidence(service + ["serviceConfig", "ExecStart"]))
        }
        for (option, section) in [("unitConfig", "Unit"), ("serviceConfig", "Service")] {
            let path = service + [option]
            switch options.lookup(path) {
            case .missing: continue
            case .unavailable(let reason):
                return .unclear(
                    reason: "whether sysctl.d is applied cannot be told: \(reason)", options.evidence(path))
            case .value(let node):
                for member in node.object?.members ?? [] where member.node.value != .null {
                    guard let reason = table.objection(section, member.key, member.node.string) else { continue }
                    return .unclear(
                        reason: "systemd-sysctl.service \(reason)", options.evidence(path + [member.key]))
                }
            }
        }
        for command in ["script", "preStart", "postStart"] {
            guard case .value(let node) = options.lookup(service + [command]), node.string?.isEmpty == false else {
                continue
            }
            return .unclear(
                reason: "systemd-sysctl.service does not simply run systemd-sysctl",
                options.evidence(service + [command]))
        }
        if options.boolean(service + ["confinement", "enable"]) == true {
            return .unclear(
                reason: "systemd-sysctl.service runs confined, and may not see /proc/sys",
                options.evidence(service + ["confinement", "enable"]))
        }
        let suppressed = ["systemd", "suppressedSystemUnits"]
        if case .value(let node) = options.lookup(suppressed),
            node.array?.contains(where: { $0.string == "systemd-sysctl.service" }) == true
        {
            return .never(
                reason: "systemd-sysctl.service is suppressed, so sysctl.d is not applied", options.evidence(suppressed)
            )
        }
        return .runs
    }

    private func parameters(_ context: SystemContext) -> SysctlParameters {
        let path = ["boot", "kernelParams"]
        var parameters = SysctlParameters(path: OptionTree.spelled(path))
        switch options.lookup(path) {
        case .value(let node):
            let words = node.array?.compactMap(\.string)
            guard let words, words.count == node.array?.count else {
                parameters.unavailable = "boot.kernelParams is no list of texts"
                break
            }
            // NixOS joins the list with blanks, so an element may hold several words.
            parameters.words = SysctlParameters.words(of: words.joined(separator: " "))
        case .missing:
            if context.hasOwnKernel != false { parameters.unavailable = "the export has no boot.kernelParams" }
        case .unavailable(let reason): parameters.unavailable = reason
        }
        // A container's options hold parameters that no kernel reads.
        if context.hasOwnKernel == false { parameters.words = [] }
        return parameters
    }

    // MARK: - Files

    private func plan() -> SysctlPlan {
        var plan = SysctlPlan()
        let files: [File]
        do {
            files = try collect()
        } catch {
            plan.hide(error.reason, error.evidence)
            return plan
        }
        for file in files.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) { add(file, to: &plan) }
        if let hidden = unevaluated() { plan.hide(hidden.reason, hidden.evidence) }
        return plan
    }

    private struct Problem: Error {
        var reason: String
        var evidence: Evidence
    }

    private func collect() throws(Problem) -> [File] {
        let evidence = options.evidence(Self.etc)
        let members: [JSONObject.Member]
        switch options.lookup(Self.etc) {
        case .value(let node):
            guard let object = node.object else {
                throw Problem(reason: "environment.etc is no attribute set", evidence: evidence)
            }
            members = object.members
        case .missing: throw Problem(reason: "the export has no environment.etc", evidence: evidence)
        case .unavailable(let reason): throw Problem(reason: reason, evidence: evidence)
        }
        var files: [File] = []
        var hasNixosFile = false
        for member in members {
            let option = Self.etc + [member.key]
            let target = member.node["target"]?.string ?? member.key
            if target == "sysctl.d/" + Self.nixosFile { hasNixosFile = true }
            guard target == "sysctl.d" || target.hasPrefix("sysctl.d/") else { continue }
            if case .unavailable = options.lookup(option) { continue }
            if member.node["enable"]?.boolean == false { continue }
            if target == "sysctl.d" {
                let reason = "/etc/sysctl.d is linked as a whole, and what it holds is not in the options"
                throw Problem(reason: reason, evidence: options.evidence(option))
            }
            let name = String(target.dropFirst("sysctl.d/".count))
            guard name.hasSuffix(".conf"), !name.hasPrefix("."), !name.contains("/") else { continue }
            files.append(
                File(
                    name: name, option: option, text: member.node["text"]?.string,
                    source: member.node["source"]?.string))
        }
        if !hasNixosFile { files.append(File(name: Self.nixosFile, option: Self.settings)) }
        return files
    }

    /// Entries of sysctl.d that the exporter could not evaluate.
    private func unevaluated() -> Problem? {
        let prefix = OptionTree.spelled(Self.etc) + ".\"sysctl.d"
        let found = options.unavailable.filter { $0.key.hasPrefix(prefix) }.min { $0.key < $1.key }
        return found.map { Problem(reason: $0.value, evidence: Evidence(path: $0.key)) }
    }

    private func add(_ file: File, to plan: inout SysctlPlan) {
        // A text whose source is not the file NixOS makes of it has been overridden.
        let isText = file.source.map { $0.contains("-etc-") } ?? true
        do {
            if let text = file.text, isText {
                let parsed = try SysctlFile.parse(Array(text.utf8))
                for entry in parsed.entries { plan.add(entry, evidence: evidence(entry, file)) }
            } else if let source = file.source, let content = packages.content(name: file.name, source: source) {
                let parsed = try SysctlFile.parse(Array(content.lines.joined(separator: "\n").utf8))
                for entry in parsed.entries {
                    plan.add(entry, evidence: Evidence(path: "/etc/sysctl.d/" + file.name, text: entry.text))
                }
                plan.addUntold(
                    content.untold.map(SysctlSpelling.path),
                    reason: "\(file.name) sets it, but the options do not say to what: \(content.reason)",
                    options.evidence(file.option + ["source"], text: source))
            } else if file.name == Self.nixosFile, isText {
                addSettings(to: &plan)
            } else {
                plan.hide(
                    "the options do not say what /etc/sysctl.d/\(file.name) holds",
                    options.evidence(file.option, text: file.source))
            }
        } catch {
            plan.hide("/etc/sysctl.d/\(file.name): \(error)", options.evidence(file.option))
        }
    }

    private func evidence(_ entry: SysctlFile.Entry, _ file: File) -> Evidence {
        let key = SysctlSpelling.key(entry.path)
        if file.name == Self.nixosFile, case .value = options.lookup(Self.settings + [key]) {
            return options.evidence(Self.settings + [key], text: entry.text)
        }
        return options.evidence(file.option + ["text"], text: entry.text)
    }

    /// `boot.kernel.sysctl` as NixOS writes it to 60-nixos.conf: `null` is left out, booleans become 1 and 0.
    private func addSettings(to plan: inout SysctlPlan) {
        let evidence = options.evidence(Self.settings)
        guard case .value(let node) = options.lookup(Self.settings), let object = node.object else {
            plan.hide("the export holds neither the text of 60-nixos.conf nor boot.kernel.sysctl", evidence)
            return
        }
        for member in object.members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let value: String
            switch member.node.value {
            case .null: continue
            case .boolean(let truth): value = truth ? "1" : "0"
            case .integer(let number): value = String(number)
            case .string(let text): value = text
            default:
                plan.hide("\(member.key) is neither a number nor text", options.evidence(Self.settings + [member.key]))
                continue
            }
            let line = member.key + "=" + value
            do {
                for entry in try SysctlFile.parse(Array(line.utf8)).entries {
                    plan.add(entry, evidence: options.evidence(Self.settings + [member.key], text: line))
                }
            } catch {
                plan.hide("\(member.key): \(error)", options.evidence(Self.settings + [member.key]))
            }
        }
        let prefix = OptionTree.spelled(Self.settings) + "."
        if let found = options.unavailable.filter({ $0.key.hasPrefix(prefix) }).min(by: { $0.key < $1.key }) {
            plan.hide(found.value, Evidence(path: found.key))
        }
    }
}
