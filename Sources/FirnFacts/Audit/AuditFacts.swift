public import FirnModel

/// The family `audit`: the audit rules as the kernel gets them, and the audit daemon's configuration.
public enum AuditFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        FactBatch()
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        FactBatch()
    }
}
