public import FirnModel
import FirnParsing

/// The family `time`: clock synchronisation.
///
/// | fact | value |
/// |---|---|
/// | `time.services` | the programs that set the clock and start at boot, of those in `profiles/knowledge/time.toml` |
/// | `time.count` | how many they are |
/// | `time.servers` | the servers they ask; absent where none of them starts |
/// | `time.unauthenticated` | those of the servers that are asked without NTS (RFC 8915) |
public enum TimeFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        try facts(
            knowledge, starts: { ServiceStart.built(system, $0) },
            sources: { built(system, $0) })
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        try facts(
            knowledge, starts: { ServiceStart.declared(options, $0) },
            sources: { declared(options, $0) })
    }

    private typealias Reading = Swift.Result<(TimeSources, (Int) -> Evidence), ConfSettings.Obstacle>

    private static func facts(
        _ knowledge: Knowledge, starts: (String) -> Fact, sources: (TimeKnowledge.Service) -> Reading
    ) throws(DataError) -> FactBatch {
        let table = try TimeKnowledge(knowledge)
        var batch = FactBatch()
        var running: [TimeKnowledge.Service] = []
        var evidence: [Evidence] = []
        for service in table.services {
            switch starts(service.unit) {
            case .unavailable(let reason, let places):
                for key in ["time.services", "time.count", "time.servers", "time.unauthenticated"] {
                    batch.facts[FactKey(key)] = .unavailable(reason: reason, places)
                }
                return batch
            case .known(.boolean(true), let places):
                running.append(service)
                evidence += places
            case .known, .absent: continue
            }
        }
        if evidence.isEmpty {
            evidence = [Evidence(path: "systemd units", text: "none of the known programs that set the clock starts")]
        }
        batch.facts["time.services"] = .known(.strings(running.map(\.name)), evidence)
        batch.facts["time.count"] = .known(.integer(Int64(running.count)), evidence)
        guard !running.isEmpty else {
            batch.facts["time.servers"] = .absent(evidence)
            batch.facts["time.unauthenticated"] = .absent(evidence)
            return batch
        }
        var hosts: [String] = []
        var plain: [String] = []
        var places: [Evidence] = []
        for service in running {
            switch sources(service) {
            case .failure(let obstacle):
                for key in ["time.servers", "time.unauthenticated"] {
                    batch.facts[FactKey(key)] = .unavailable(reason: obstacle.reason, [obstacle.evidence])
                }
                return batch
            case .success(let (found, place)):
                hosts += found.hosts
                plain += found.plain
                places += found.lines.map(place)
            }
        }
        batch.facts["time.servers"] = .known(.strings(hosts), places.isEmpty ? evidence : places)
        batch.facts["time.unauthenticated"] = .known(.strings(plain), places.isEmpty ? evidence : places)
        return batch
    }

    // MARK: Sources

    private static func timesyncd(_ read: () throws(ConfSettings.Obstacle) -> ConfSettings) -> Reading {
        do throws(ConfSettings.Obstacle) {
            let settings = try read()
            for key in ["NTP", "FallbackNTP"] {
                // Several assignments add up, and an empty one begins anew.
                var hosts: [(String, Evidence)] = []
                for assignment in settings.assignments where assignment.key == key {
                    if assignment.value.isEmpty { hosts = [] }
                    hosts += assignment.value.split(separator: " ").map { (String($0), assignment.evidence) }
                }
                if hosts.isEmpty { continue }
                let names = hosts.map(\.0)
                return .success(
                    (TimeSources(hosts: names, plain: names, lines: Array(hosts.indices)), { hosts[$0].1 }))
            }
            return .failure(
                ConfSettings.Obstacle(
                    reason: "the servers are those compiled into systemd-timesyncd", evidence: settings.place))
        } catch {
            return .failure(error)
        }
    }

    private static func sources(_ service: TimeKnowledge.Service, _ lines: [TextLine]) -> TimeSources {
        service.style == "toml"
            ? .toml(lines) : .lines(lines, words: service.servers, nts: service.nts)
    }

    private static func built(_ system: SystemView, _ service: TimeKnowledge.Service) -> Reading {
        if service.style == "timesyncd" {
            return timesyncd { () throws(ConfSettings.Obstacle) in
                try ConfSettings.built(system, "timesyncd", section: "Time")
            }
        }
        let place = Evidence(path: "/etc/systemd/system/" + service.unit)
        guard case .unit(let unit, _) = system.unit(service.unit), let words = unit.commands("ExecStart").last,
            let option = service.option, let file = file(words, behind: option)
        else {
            return .failure(
                ConfSettings.Obstacle(reason: "\(service.unit) names no configuration", evidence: place))
        }
        let reading =
            file.hasPrefix("/etc/") ? system.etcLines(String(file.dropFirst(5))) : system.lines(file)
        switch reading {
        case .lines(let lines, let path):
            return .success((sources(service, lines), { Evidence(path: path, line: $0) }))
        case .absent(let path):
            return .failure(ConfSettings.Obstacle(reason: "\(path) is not there", evidence: place))
        case .unavailable(let reason, _):
            return .failure(ConfSettings.Obstacle(reason: reason, evidence: place))
        }
    }

    private static func file(_ words: [String], behind option: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == option, index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.utf8.count + 1)) }
        }
        return nil
    }

    private static func declared(_ options: OptionTree, _ service: TimeKnowledge.Service) -> Reading {
        if service.style == "timesyncd" {
            return timesyncd { () throws(ConfSettings.Obstacle) in
                try ConfSettings.declared(options, "timesyncd", section: "Time")
            }
        }
        // The files of the others lie in the store; what they say follows from options only in part.
        return .failure(
            ConfSettings.Obstacle(
                reason: "the configuration of \(service.name) is a file that the options do not hold",
                evidence: options.evidence(["systemd", "units", service.unit])))
    }
}
