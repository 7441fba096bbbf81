import FirnModel
import FirnParsing

/// The ways logs leave the machine: `profiles/knowledge/logging.toml`.
struct RemoteLogging {
    /// A program that can send logs.
    struct Shipper: Sendable, Hashable {
        var name: String
        var unit: String
        /// Whether it sends whatever its configuration says.
        var isCertain: Bool
        /// Words in its configuration that send; any of them is enough.
        var senders: [String]
    }

    let shippers: [Shipper]

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/logging.toml"
        var shippers: [Shipper] = []
        for node in knowledge.tables["logging"]?["shipper"]?.elements ?? [] {
            guard let name = node["name"]?.string, let unit = node["unit"]?.string else {
                throw DataError(file: file, line: node.line, message: "a shipper needs name and unit")
            }
            shippers.append(
                Shipper(
                    name: name, unit: unit, isCertain: node["certain"]?.boolean ?? false,
                    senders: node["senders"]?.strings ?? []))
        }
        guard !shippers.isEmpty else { throw DataError(file: file, line: 0, message: "there are no shippers") }
        self.shippers = shippers
    }

    /// The names of what sends. `starts` says whether a unit starts at boot, `texts` what its configuration is.
    func fact(
        starts: (String) -> Fact, texts: (Shipper) -> Swift.Result<[TextLine], ConfSettings.Obstacle>,
        file: (Shipper) -> String
    ) -> Fact {
        var found: [String] = []
        var evidence: [Evidence] = []
        var unknown: Fact?
        for shipper in shippers {
            switch starts(shipper.unit) {
            case .unavailable(let reason, let places):
                unknown = unknown ?? .unavailable(reason: reason, places)
                continue
            case .known(.boolean(true), let places):
                if shipper.isCertain {
                    found.append(shipper.name)
                    evidence += places
                    continue
                }
                switch texts(shipper) {
                case .failure(let obstacle):
                    unknown = unknown ?? .unavailable(reason: obstacle.reason, places + [obstacle.evidence])
                case .success(let lines):
                    let sender = lines.first { line in
                        let text = line.text.trimmed
                        return !text.hasPrefix("#") && shipper.senders.contains { text.contains($0) }
                    }
                    if let sender {
                        found.append(shipper.name)
                        // The line may hold a token or a password: it is named, not shown.
                        evidence.append(Evidence(path: file(shipper), line: sender.number, text: "it sends logs away"))
                    } else if shipper.senders.isEmpty {
                        unknown =
                            unknown
                            ?? .unavailable(reason: "where \(shipper.name) sends logs is not read", places)
                    }
                }
            case .known, .absent: continue
            }
        }
        if !found.isEmpty { return .known(.strings(found.sorted()), evidence) }
        if let unknown { return unknown }
        return .known(
            .list([]), [Evidence(path: "systemd units", text: "none of the known programs that send logs starts")])
    }

    static func built(_ system: SystemView, _ knowledge: Knowledge) throws(DataError) -> Fact {
        let remote = try RemoteLogging(knowledge)
        var paths: [String: String] = [:]
        return remote.fact(
            starts: { ServiceStart.built(system, $0) },
            texts: { shipper in
                if shipper.senders.isEmpty { return .success([]) }
                guard case .unit(let unit, let path) = system.unit(shipper.unit),
                    let words = unit.commands("ExecStart").last,
                    let file = words.last(where: { $0.hasPrefix("/nix/store/") && $0.hasSuffix(".conf") })
                        ?? words.dropFirst().first(where: { $0.hasPrefix("/nix/store/") })
                else {
                    return .failure(
                        ConfSettings.Obstacle(
                            reason: "\(shipper.unit) names no configuration",
                            evidence: Evidence(path: "/etc/systemd/system/" + shipper.unit)))
                }
                paths[shipper.unit] = file
                switch system.lines(file) {
                case .lines(let lines, _): return .success(lines)
                case .absent(let absent):
                    return .failure(
                        ConfSettings.Obstacle(reason: "\(absent) is not there", evidence: Evidence(path: path)))
                case .unavailable(let reason, _):
                    return .failure(ConfSettings.Obstacle(reason: reason, evidence: Evidence(path: path)))
                }
            }, file: { paths[$0.unit] ?? $0.unit })
    }

    static func declared(_ options: OptionTree, _ knowledge: Knowledge) throws(DataError) -> Fact {
        let remote = try RemoteLogging(knowledge)
        let texts = ["rsyslogd": ["services", "rsyslogd"], "syslog-ng": ["services", "syslog-ng"]]
        return remote.fact(
            starts: { ServiceStart.declared(options, $0) },
            texts: { shipper in
                guard let base = texts[shipper.name] else { return .success([]) }
                guard let text = options.readString(base + ["extraConfig"]).value else {
                    return .failure(
                        ConfSettings.Obstacle(
                            reason: "the export does not hold \(OptionTree.spelled(base + ["extraConfig"]))",
                            evidence: options.evidence(base)))
                }
                return .success(
                    TextFile.lines(text + "\n" + (options.readString(base + ["defaultConfig"]).value ?? "")))
            }, file: { OptionTree.spelled((texts[$0.name] ?? ["services", $0.name]) + ["extraConfig"]) })
    }
}
