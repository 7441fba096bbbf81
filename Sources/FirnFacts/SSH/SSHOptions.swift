import FirnModel
import FirnParsing

/// sshd as the evaluated options declare it: the configuration text is put together as the NixOS module of that release
/// writes it, so that one parser judges both sources.
struct SSHOptions {
    private let options: OptionTree
    private let tables: SSHKnowledge

    init(_ options: OptionTree, tables: SSHKnowledge) {
        self.options = options
        self.tables = tables
    }

    private static let module = ["services", "openssh"]

    func state() throws(DataError) -> SSHState {
        let configured = boolean(Self.module + ["enable"])
        let isConfigured = configured.value == .boolean(true)
        let usesSocket = isConfigured && options.boolean(Self.module + ["startWhenNeeded"]) == true
        let command = command(usesSocket)
        let packages = packagePaths(command)
        let line = SSHCommandLine(command?.words ?? [])
        let release = packages.lazy.compactMap { SSHPackage.release($0) }.first?.version
        let configuration: SSHState.Configuration =
            if let obstacle = line.obstacle ?? replaced() {
                .unavailable(obstacle)
            } else if line.file == SSHFacts.configurationFile {
                try self.configuration(try tables.dialect(release))
            } else {
                .unavailable("sshd reads \(line.file), which the options do not hold")
            }
        var enabled = configured
        if isConfigured { enabled = boot(usesSocket ? "sockets" : "services", "sshd") }
        return SSHState(
            configured: configured, enabled: enabled, usesSocket: usesSocket,
            activation: [options.evidence(Self.module + ["startWhenNeeded"])],
            listenStreams: usesSocket ? streams() : [], command: command, packagePaths: packages,
            configuration: configuration, fail2ban: fail2ban())
    }

    /// Why the file is not the one the module writes; nil when it is, or when the export does not tell.
    private func replaced() -> String? {
        let path = ["environment", "etc", "ssh/sshd_config"]
        if let text = texts(path + ["text"])?.first, !text.isEmpty {
            return "\(OptionTree.spelled(path)) replaces the file of the module"
        }
        guard let source = texts(path + ["source"])?.first, !source.isEmpty else { return nil }
        let name = source.split(separator: "/").last ?? ""
        if ["-sshd.conf", "-sshd.conf-validated", "-sshd.conf-final"].contains(where: name.hasSuffix) { return nil }
        return "\(OptionTree.spelled(path)) names \(source), which is not the file of the module"
    }

    private func boolean(_ path: [String]) -> Fact {
        switch options.lookup(path) {
        case .value(let node):
            guard let value = node.boolean else {
                return .unavailable(reason: "\(OptionTree.spelled(path)) is no boolean", [options.evidence(path)])
            }
            return .known(.boolean(value), [options.evidence(path, text: value ? "true" : "false")])
        case .missing:
            return .unavailable(reason: "\(OptionTree.spelled(path)) is not in the options", [])
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
        }
    }

    /// Whether a unit is started at boot. An export without units tells nothing against the module's own `wantedBy`.
    private func boot(_ kind: String, _ name: String) -> Fact {
        let unit = ["systemd", kind, name]
        if options.boolean(unit + ["enable"]) == false {
            return .known(.boolean(false), [options.evidence(unit + ["enable"], text: "false")])
        }
        var seen = false
        for attribute in ["wantedBy", "requiredBy", "upheldBy"] {
            guard case .value(let node) = options.lookup(unit + [attribute]), let targets = node.array else { continue }
            seen = true
            if let target = targets.first?.string {
                return .known(.boolean(true), [options.evidence(unit + [attribute], text: target)])
            }
        }
        if seen {
            return .known(.boolean(false), [options.evidence(unit + ["wantedBy"], text: "no target wants it")])
        }
        return .known(.boolean(true), [options.evidence(Self.module + ["enable"], text: "true")])
    }

    private func fail2ban() -> Fact {
        let path = ["services", "fail2ban", "enable"]
        guard case .known(.boolean(true), _) = boolean(path) else { return boolean(path) }
        let unit = boot("services", "fail2ban")
        return unit.value == .boolean(false) ? unit : boolean(path)
    }

    private func texts(_ path: [String]) -> [String]? {
        guard case .value(let node) = options.lookup(path) else { return nil }
        if let text = node.string { return [text] }
        if let number = node.integer { return [String(number)] }
        return node.array?.compactMap { $0.string ?? $0.integer.map { String($0) } }
    }

    private func streams() -> [String] {
        let socket = ["systemd", "sockets", "sshd"]
        let units =
            (texts(socket + ["listenStreams"]) ?? []) + (texts(socket + ["socketConfig", "ListenStream"]) ?? [])
        if !units.isEmpty { return units }
        let ports = texts(Self.module + ["ports"]) ?? []
        guard case .value(let node) = options.lookup(Self.module + ["listenAddresses"]), let places = node.array,
            !places.isEmpty
        else { return ports }
        return places.flatMap { place -> [String] in
            guard let address = place["addr"]?.string else { return [] }
            if let port = place["port"]?.integer { return ["\(address):\(port)"] }
            return ports.map { "\(address):\($0)" }
        }
    }

    private func command(_ usesSocket: Bool) -> SSHState.Command? {
        for name in usesSocket ? ["sshd@", "sshd"] : ["sshd", "sshd@"] {
            let path = ["systemd", "services", name, "serviceConfig", "ExecStart"]
            guard let text = texts(path)?.last else { continue }
            var words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard var program = words.first else { continue }
            while let mark = program.first, "@-:+!|".contains(mark) { program.removeFirst() }
            words[0] = program
            return SSHState.Command(words: words, evidence: [options.evidence(path, text: text)])
        }
        return nil
    }

    private func packagePaths(_ command: SSHState.Command?) -> [String] {
        var paths = [command?.words.first].compactMap { $0 }
        for option in ["package", "sftpServerExecutable", "moduliFile"] {
            paths += texts(Self.module + [option]) ?? []
        }
        return paths
    }

    /// The lines of `settings`, sorted, then `extraConfig`, into which the module puts all the rest.
    private func configuration(_ dialect: SSHDDialect) throws(DataError) -> SSHState.Configuration {
        var lines: [String] = []
        var origins: [[String]] = []
        let settings = Self.module + ["settings"]
        switch options.lookup(settings) {
        case .unavailable(let reason): return .unavailable(reason)
        case .missing: break
        case .value(let node):
            for member in (node.object?.members ?? []).sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            ) {
                if case .unavailable(let reason) = options.lookup(settings + [member.key]) {
                    return .unavailable("\(OptionTree.spelled(settings + [member.key])): \(reason)")
                }
                guard let value = Self.text(member.key, member.node, dialect) else { continue }
                for line in "\(member.key) \(value)".split(separator: "\n", omittingEmptySubsequences: false) {
                    lines.append(String(line))
                    origins.append(settings + [member.key])
                }
            }
        }
        let extra = Self.module + ["extraConfig"]
        switch options.lookup(extra) {
        case .unavailable(let reason): return .unavailable(reason)
        case .missing: return .unavailable("\(OptionTree.spelled(extra)) is not in the options")
        case .value(let node):
            for line in (node.string ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
                lines.append(String(line))
                origins.append(extra)
            }
        }
        let options = options
        let places = origins
        return .text(
            SSHState.Text(
                bytes: Array(lines.joined(separator: "\n").utf8),
                evidence: { location in
                    let index = location.line - 1
                    guard places.indices.contains(index) else {
                        return Evidence(path: location.file, text: location.text)
                    }
                    return options.evidence(places[index], text: location.text)
                },
                includes: { .unknown("the options do not hold the files of Include \($0)") }))
    }

    /// A value as the module prints it; nil for one that is left out.
    private static func text(_ key: String, _ node: JSONNode, _ dialect: SSHDDialect) -> String? {
        switch node.value {
        case .null, .object: return nil
        case .boolean(let truth): return truth ? "yes" : "no"
        case .integer(let number): return String(number)
        case .double(let number): return "\(number)"
        case .string(let text): return text
        case .array(let elements):
            let words = elements.compactMap { $0.string ?? $0.integer.map { String($0) } }
            let isAlgorithms = dialect.names[key.lowercased()]?.keyword.kind == .algorithms
            return words.joined(separator: isAlgorithms ? "," : " ")
        }
    }
}
