import FirnModel
import FirnParsing

/// Reads the firewall of a system closure: the units that are wanted, and the scripts they start.
struct BuiltFirewall {
    let system: SystemView
    let knowledge: FirewallKnowledge

    private enum Failure: Error {
        case unavailable(String, [Evidence])
    }

    mutating func facts() -> FactBatch {
        do {
            return try collect()
        } catch {
            guard case .unavailable(let reason, let evidence) = error else { return FactBatch() }
            return FirewallFactSet.unavailable(reason, evidence)
        }
    }

    private func collect() throws(Failure) -> FactBatch {
        var ruleset = FilterRuleset()
        var situation = FirewallSituation(isEnabled: false, backend: "none", evidence: [], sshPorts: try sshPorts())
        var looked: [Evidence] = []

        let iptables = try wantedUnit("firewall.service")
        let nftables = try wantedUnit("nftables.service")
        let firewalld = try wantedUnit("firewalld.service")
        let nat = try wantedUnit("nat.service")
        for (name, unit) in [
            ("firewall.service", iptables), ("nftables.service", nftables), ("firewalld.service", firewalld),
        ] where unit == nil {
            looked.append(
                Evidence(path: system.shownEtcPath("systemd/system/" + name), text: "no such unit is started at boot"))
        }

        if iptables != nil || nat != nil {
            ruleset = try script(iptables, nat)
        }
        if let nftables {
            ruleset.add(try nft(nftables))
        }
        if let firewalld {
            ruleset.add(FirewallFirewalld.ruleset(try setup(firewalld), names: knowledge.names))
        }
        if let iptables {
            situation.isEnabled = true
            situation.backend = "iptables"
            situation.evidence = [iptables.wanted]
        } else if let firewalld {
            situation.isEnabled = true
            situation.backend = "firewalld"
            situation.evidence = [firewalld.wanted]
        } else if let nftables {
            situation.isEnabled = nil
            situation.backend = "nftables"
            situation.evidence = [nftables.wanted] + ruleset.evidence
        } else {
            situation.evidence = looked
        }
        if ruleset.evidence.isEmpty { ruleset.evidence = situation.evidence }
        return FirewallFactSet.facts(ruleset, situation, knowledge: knowledge)
    }

    // MARK: Units

    private struct WantedUnit {
        var unit: SystemdUnit
        var path: String
        var wanted: Evidence
    }

    /// A unit that is started at boot; nil when there is none, it is masked, or nothing wants it.
    private func wantedUnit(_ name: String) throws(Failure) -> WantedUnit? {
        switch system.unit(name) {
        case .missing, .masked: return nil
        case .unavailable(let reason): throw .unavailable(reason, [])
        case .unit(let unit, let path):
            let targets: [String]
            do {
                targets = try system.wanted(name)
            } catch {
                throw .unavailable(error.description, [Evidence(path: path)])
            }
            guard !targets.isEmpty else { return nil }
            // A condition that does not hold leaves the unit out without an error (systemd.unit(5)). The one nixpkgs
            // writes holds on every host; what another one says at boot cannot be told here.
            let conditions = unit.assignments.filter { assignment in
                assignment.section == "Unit" && !assignment.value.isEmpty
                    && (assignment.key.hasPrefix("Condition") || assignment.key.hasPrefix("Assert"))
                    && !(assignment.key == "ConditionCapability" && assignment.value == "CAP_NET_ADMIN")
            }
            if let condition = conditions.first {
                let text = "\(condition.key)=\(condition.value)"
                throw .unavailable(
                    "\(name) starts only when \(text) holds at boot",
                    [Evidence(path: condition.file, line: condition.line, text: text)])
            }
            return WantedUnit(
                unit: unit, path: path,
                wanted: Evidence(path: path, text: "wanted by " + targets.sorted().joined(separator: ", ")))
        }
    }

    private func read(_ path: String) throws(Failure) -> [UInt8] {
        do {
            return try system.tree.read(path, limit: 4 << 20)
        } catch {
            throw .unavailable(error.description, [Evidence(path: path)])
        }
    }

    // MARK: iptables

    /// What systemd runs to start a unit, in its order; any of them may change the rules (systemd.service(5)).
    private static let steps = ["ExecStartPre", "ExecStart", "ExecStartPost"]

    private func script(_ firewall: WantedUnit?, _ nat: WantedUnit?) throws(Failure) -> FilterRuleset {
        var state = IPTablesState()
        var places: [Evidence] = []
        for unit in [firewall, nat] {
            guard let unit else { continue }
            var found = false
            for command in Self.steps.flatMap({ unit.unit.commands($0) }) {
                guard let path = command.first, !path.isEmpty else { continue }
                found = true
                var script = FirewallScript(file: path, state: state)
                _ = script.run(try read(path))
                state = script.state
                places.append(Evidence(path: path))
            }
            guard found else {
                throw .unavailable("\(unit.path) starts no program", [Evidence(path: unit.path)])
            }
        }
        var ruleset = FirewallIPTables.ruleset(state, names: knowledge.names)
        ruleset.evidence = places
        return ruleset
    }

    // MARK: nftables

    /// NixOS keeps what it must delete before loading anew in these files; they hold no rules.
    private static func isDeletions(_ path: String) -> Bool {
        path == "/var/lib/nftables/deletions.nft" || path.hasSuffix("-nftables-deletions")
    }

    private func nft(_ unit: WantedUnit) throws(Failure) -> FilterRuleset {
        var result = FilterRuleset()
        for command in Self.steps.flatMap({ unit.unit.commands($0) }) {
            guard var path = command.first, !path.isEmpty else { continue }
            if path.hasSuffix("/nft"), let at = command.firstIndex(of: "-f"), at + 1 < command.count {
                path = command[at + 1]
            }
            let bytes = try read(path)
            if ["-nftables-ensure-deletions", "-nftables-save-deletions"].contains(where: path.hasSuffix)
                || Self.isDeletions(path)
            {
                continue
            }
            guard Self.isRuleset(bytes, path) else {
                result.problems.append(
                    FilterRuleset.Problem(
                        reason: "a program that is no ruleset may change the rules", evidence: Evidence(path: path)))
                continue
            }
            let parsed: NFTRuleset
            do {
                parsed = try NFTRuleset.parse(bytes, file: path, include: included)
            } catch {
                throw .unavailable("\(path): \(error)", [Evidence(path: path, line: error.line)])
            }
            var one = FirewallNFT.ruleset(parsed, names: knowledge.names)
            one.evidence = [Evidence(path: path)]
            result.add(one)
        }
        return result
    }

    private func included(_ name: String) throws(ParseError) -> [UInt8]? {
        if Self.isDeletions(name) { return nil }
        guard name.hasPrefix("/"), !name.contains("*"), !name.contains("?") else {
            throw ParseError(.malformed, line: 0, "its name is not one absolute path")
        }
        do {
            return try system.tree.read(name, limit: 4 << 20)
        } catch {
            throw ParseError(.malformed, line: 0, error.description)
        }
    }

    private static func isRuleset(_ bytes: [UInt8], _ path: String) -> Bool {
        guard bytes.starts(with: Array("#!".utf8)) else { return path.hasSuffix("rules") || path.hasSuffix(".nft") }
        let first = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return first.contains("/nft")
    }

    // MARK: firewalld

    private func setup(_ unit: WantedUnit) throws(Failure) -> FirewalldSetup {
        var setup = FirewalldSetup(
            conf: FirewalldConf(), confPath: system.shownEtcPath("firewalld/firewalld.conf"), zones: [], services: [:],
            kernelReversePath: nil, problems: [])
        do {
            setup.conf = try FirewalldConf.parse(try system.readEtc("firewalld/firewalld.conf", limit: 1 << 20))
        } catch let error as TreeError {
            // Without a file firewalld uses the defaults of its own package.
            guard error.isAbsence else { throw .unavailable(error.description, []) }
        } catch {
            throw .unavailable("\(setup.confPath): \(error)", [Evidence(path: setup.confPath)])
        }
        var defaults: String?
        for value in unit.unit.values("Service", "Environment") {
            let text = value.value.filter { $0 != "\"" }
            if text.hasPrefix("NIX_FIREWALLD_CONFIG_PATH=") {
                defaults = String(text.dropFirst("NIX_FIREWALLD_CONFIG_PATH=".count))
            }
        }
        let own = system.etcPath("firewalld")
        let shown = system.shownEtcPath("firewalld")
        var names: Set<String> = []
        for (root, label) in [(own, shown)] + (defaults.map { [($0, $0)] } ?? []) {
            for (name, element) in try elements(root + "/zones", label + "/zones") where !names.contains(name) {
                names.insert(name)
                setup.zones.append(
                    FirewalldSetup.Zone(name: name, root: element, path: label + "/zones/\(name).xml", hasLines: true))
            }
            for (name, element) in try elements(root + "/services", label + "/services")
            where setup.services[name] == nil {
                setup.services[name] = element.children.filter { $0.name == "port" }.map {
                    ($0.attributes["protocol"] ?? "", $0.attributes["port"] ?? "")
                }
            }
            for (name, _) in try elements(root + "/policies", label + "/policies") where root == own {
                setup.problems.append(
                    FilterRuleset.Problem(
                        reason: "policies of firewalld are not followed",
                        evidence: Evidence(path: label + "/policies/\(name).xml")))
            }
        }
        if system.tree.exists(own + "/direct.xml") {
            setup.problems.append(
                FilterRuleset.Problem(
                    reason: "direct rules of firewalld are not followed",
                    evidence: Evidence(path: shown + "/direct.xml")))
        }
        setup.kernelReversePath = try kernelReversePath()
        return setup
    }

    private func elements(
        _ directory: String, _ shown: String
    ) throws(Failure) -> [(name: String, element: FirewalldElement)] {
        let names: [String]
        do {
            names = try system.tree.list(directory)
        } catch {
            if error.isAbsence { return [] }
            throw .unavailable(error.description, [Evidence(path: shown)])
        }
        var result: [(name: String, element: FirewalldElement)] = []
        for name in names where name.hasSuffix(".xml") {
            let bytes = try read(directory + "/" + name)
            do {
                result.append((String(name.dropLast(4)), try FirewalldElement.parse(bytes)))
            } catch {
                throw .unavailable("\(shown)/\(name): \(error)", [Evidence(path: shown + "/" + name, line: error.line)])
            }
        }
        return result
    }

    /// The value that NixOS writes for firewalld; other files can only make single interfaces looser.
    private func kernelReversePath() throws(Failure) -> Int? {
        let bytes: [UInt8]
        do {
            bytes = try system.readEtc("sysctl.d/60-nixos.conf", limit: 1 << 20)
        } catch {
            if error.isAbsence { return nil }
            throw .unavailable(error.description, [])
        }
        var result: Int?
        for line in TextFile.lines(String(decoding: bytes, as: UTF8.self)) {
            let parts = line.text.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].trimmed == "net.ipv4.conf.all.rp_filter" {
                result = Int(parts[1].trimmed)
            }
        }
        return result
    }

    // MARK: ssh

    /// The ports in sshd_config before any Match block; 22 when there is none (sshd_config(5)).
    private func sshPorts() throws(Failure) -> [Int] {
        let bytes: [UInt8]
        do {
            bytes = try system.readEtc("ssh/sshd_config", limit: 1 << 20)
        } catch {
            return [22]
        }
        var ports: [Int] = []
        for line in TextFile.lines(String(decoding: bytes, as: UTF8.self)) {
            let words = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "=" })
            guard let key = words.first?.lowercased() else { continue }
            if key == "match" { break }
            if key == "port", words.count > 1, let port = Int(words[1]), (1...65535).contains(port) {
                ports.append(port)
            }
        }
        return ports.isEmpty ? [22] : ports
    }
}
