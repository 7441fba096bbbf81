public import FirnModel
import FirnParsing

/// The family `logging`: journald, remote logging, core dumps, log rotation.
///
/// | fact | value |
/// |---|---|
/// | `logging.journald.*` | see `JournaldFacts` |
/// | `logging.coredump.Storage` | see `CoredumpFacts` |
/// | `logging.remote` | the programs that send logs to another machine, of those in `profiles/knowledge/logging.toml` |
/// | `logging.syslog-daemon` | whether rsyslogd or syslog-ng starts at boot |
/// | `logging.gateway` | whether the journal is served over HTTP without a login (systemd-journal-gatewayd(8)) |
/// | `logging.logrotate` | whether logrotate runs on a timer |
public enum LoggingFacts {
    private static let syslogUnits = ["syslog.service", "rsyslog.service", "syslog-ng.service"]
    private static let gatewayUnits = ["systemd-journal-gatewayd.socket", "systemd-journal-gatewayd.service"]
    private static let rotationUnits = ["logrotate.timer", "logrotate.service"]

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = FactBatch()
        let journald = JournaldFacts.facts { () throws(ConfSettings.Obstacle) in
            try ConfSettings.built(system, "journald", section: "Journal")
        }
        for (name, fact) in journald { batch.facts[FactKey("logging.journald." + name)] = fact }
        batch.facts["logging.coredump.Storage"] = CoredumpFacts.built(system)
        batch.facts["logging.remote"] = try RemoteLogging.built(system, knowledge)
        batch.facts["logging.syslog-daemon"] = any(syslogUnits) { ServiceStart.built(system, $0) }
        batch.facts["logging.gateway"] = any(gatewayUnits) { ServiceStart.built(system, $0) }
        batch.facts["logging.logrotate"] = any(rotationUnits) { ServiceStart.built(system, $0) }
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = FactBatch()
        let journald = JournaldFacts.facts { () throws(ConfSettings.Obstacle) in
            try ConfSettings.declared(options, "journald", section: "Journal")
        }
        for (name, fact) in journald { batch.facts[FactKey("logging.journald." + name)] = fact }
        batch.facts["logging.coredump.Storage"] = CoredumpFacts.declared(options)
        batch.facts["logging.remote"] = try RemoteLogging.declared(options, knowledge)
        batch.facts["logging.syslog-daemon"] = any(syslogUnits) { ServiceStart.declared(options, $0) }
        batch.facts["logging.gateway"] = any(gatewayUnits) { ServiceStart.declared(options, $0) }
        batch.facts["logging.logrotate"] = any(rotationUnits) { ServiceStart.declared(options, $0) }
        return batch
    }

    /// Whether one of several units starts; what cannot be told matters unless another is certain.
    private static func any(_ units: [String], _ starts: (String) -> Fact) -> Fact {
        let facts = units.map(starts)
        if let yes = facts.first(where: { $0.value == .boolean(true) }) { return yes }
        for fact in facts { if case .unavailable = fact { return fact } }
        return facts.first ?? .absent([])
    }
}
