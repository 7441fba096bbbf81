import FirnModel
import FirnParsing

/// `network.resolved.*`: systemd-resolved, where it is started (resolved.conf(5)).
///
/// Values are systemd's own words: a boolean is `yes` or `no`; DNSSEC also knows `allow-downgrade`, DNSOverTLS `opportunistic`,
/// LLMNR and MulticastDNS `resolve`. What no file sets is the default nixpkgs compiles in
/// (`profiles/knowledge/network.toml`).
struct ResolverFacts {
    let defaults: [String: String]
    static let keys = ["DNSSEC", "DNSOverTLS", "LLMNR", "MulticastDNS"]

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/network.toml"
        guard let table = knowledge.tables["network"]?["resolved"]?.entries else {
            throw DataError(file: file, line: 0, message: "the table resolved is missing")
        }
        var defaults: [String: String] = [:]
        for entry in table { defaults[entry.key] = entry.node.string }
        self.defaults = defaults
        for key in Self.keys where defaults[key] == nil {
            throw DataError(file: file, line: 0, message: "the default of \(key) is missing")
        }
    }

    private static func fact(_ key: String) -> FactKey { FactKey("network.resolved.\(key)") }

    private static func canonical(_ text: String) -> String {
        switch text.lowercased() {
        case "1", "yes", "true", "on", "y", "t": "yes"
        case "0", "no", "false", "off", "n", "f": "no"
        default: text.lowercased()
        }
    }

    private func all(_ fact: Fact) -> [FactKey: Fact] {
        Dictionary(uniqueKeysWithValues: Self.keys.map { (Self.fact($0), fact) })
    }

    func built(_ system: SystemView, _ source: BuiltServices) -> [FactKey: Fact] {
        let enabled: Fact
        do {
            enabled = .known(
                .boolean(try source.started().contains("systemd-resolved.service")),
                [Evidence(path: "/etc/systemd/system", text: "units that are started at boot")])
        } catch {
            enabled = error.fact
        }
        var facts: [FactKey: Fact] = ["network.resolved.enabled": enabled]
        guard case .known(.boolean(true), _) = enabled else {
            return facts.merging(all(.absent([]))) { own, _ in own }
        }
        var found: [String: (value: String, evidence: Evidence)] = [:]
        do throws(ServiceDoubt) {
            for path in try Self.files(system) {
                let bytes: [UInt8]
                do {
                    bytes = try system.readEtc(path, limit: 1 << 20)
                } catch {
                    if error.isAbsence { continue }
                    throw ServiceDoubt(error.description)
                }
                do {
                    let unit = try SystemdUnit.parse(bytes, file: system.shownEtcPath(path))
                    for setting in unit.assignments where setting.section == "Resolve" {
                        let evidence = Evidence(
                            path: setting.file, line: setting.line, text: "\(setting.key)=\(setting.value)")
                        found[setting.key] = setting.value.isEmpty ? nil : (setting.value, evidence)
                    }
                } catch {
                    throw ServiceDoubt("\(system.shownEtcPath(path)): \(error)")
                }
            }
        } catch {
            return facts.merging(all(error.fact)) { own, _ in own }
        }
        for key in Self.keys {
            if let setting = found[key] {
                facts[Self.fact(key)] = .known(.string(Self.canonical(setting.value)), [setting.evidence])
            } else {
                facts[Self.fact(key)] = byDefault(key, "/etc/systemd/resolved.conf")
            }
        }
        return facts
    }

    private func byDefault(_ key: String, _ path: String) -> Fact {
        .known(.string(defaults[key] ?? ""), [Evidence(path: path, text: "not set: the default counts")])
    }

    /// The main file, then the drop-ins by name.
    private static func files(_ system: SystemView) throws(ServiceDoubt) -> [String] {
        var files = ["systemd/resolved.conf"]
        do {
            files += try system.listEtc("systemd/resolved.conf.d").filter { $0.hasSuffix(".conf") }
                .map { "systemd/resolved.conf.d/" + $0 }
        } catch {
            if !error.isAbsence { throw ServiceDoubt(error.description) }
        }
        return files
    }

    func declared(_ options: OptionTree, _ source: DeclaredServices) -> [FactKey: Fact] {
        var enabled = options.readBoolean(["services", "resolved", "enable"]).fact(
            null: .known(.boolean(false), []), missing: .absent([])
        ) { .boolean($0) }
        // The unit is what counts: it may be switched off for itself, or the option may be missing from the export.
        do {
            let isStarted = try source.started().contains("systemd-resolved.service")
            enabled = .known(.boolean(isStarted), enabled.evidence + [source.place("systemd-resolved.service")])
        } catch {
            if case .known(.boolean(false), _) = enabled {} else { enabled = error.fact }
        }
        var facts: [FactKey: Fact] = ["network.resolved.enabled": enabled]
        guard case .known(.boolean(true), _) = enabled else {
            return facts.merging(all(.absent([]))) { own, _ in own }
        }
        for key in Self.keys { facts[Self.fact(key)] = declared(key, options) }
        return facts
    }

    private func declared(_ key: String, _ options: OptionTree) -> Fact {
        let old = ["DNSSEC": "dnssec", "DNSOverTLS": "dnsovertls", "LLMNR": "llmnr"]
        var paths = [["services", "resolved", "settings", "Resolve", key]]
        if let name = old[key] { paths.append(["services", "resolved", name]) }
        // Text that other modules or the user add comes after the template: the last assignment counts.
        if case .value(let text, let evidence) = options.readString(["services", "resolved", "extraConfig"]) {
            var value: String?
            for line in TextFile.lines(text) {
                guard let equals = line.text.firstIndex(of: "="), line.text[..<equals].trimmed == key else { continue }
                value = String(line.text[line.text.index(after: equals)...].trimmed)
            }
            if let value { return .known(.string(Self.canonical(value)), [evidence]) }
        }
        for path in paths {
            let read = options.reading(path) { node in node.string ?? node.boolean.map { $0 ? "yes" : "no" } }
            switch read {
            case .value(let text, let evidence): return .known(.string(Self.canonical(text)), [evidence])
            case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
            case .null, .missing: continue
            }
        }
        if options.readMembers(["services", "resolved", "settings", "Resolve"]).value != nil {
            return byDefault(key, "services.resolved.settings.Resolve")
        }
        return .unavailable(
            reason: "\(OptionTree.spelled(paths[0])) is not in the export", [options.evidence(paths[0])])
    }
}
