public import FirnModel
import FirnParsing

/// The facts of sshd: whether it runs, and its configuration as the release at hand reads it.
public enum SSHFacts {
    static let configurationFile = "/etc/ssh/sshd_config"

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let tables = try SSHKnowledge(knowledge)
        return try SSHFactBuilder(tables: tables).batch(SSHClosure(system).state())
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let tables = try SSHKnowledge(knowledge)
        return try SSHFactBuilder(tables: tables).batch(SSHOptions(options, tables: tables).state())
    }
}
