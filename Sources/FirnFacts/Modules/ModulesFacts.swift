public import FirnModel

/// The family `modules`: kernel modules: blacklists, modules loaded at boot, locking.
public enum ModulesFacts {
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
