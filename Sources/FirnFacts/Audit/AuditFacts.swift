public import FirnModel
import FirnParsing

/// The family `audit`: the audit rules as the kernel gets them, and the audit daemon's configuration.
///
/// The facts are described at `AuditFactSet` and `AuditdFacts`.
public enum AuditFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var native = AuditMachine.x86_64
        if case .lines(let lines, _) = system.lines(system.toplevel + "/system", limit: 1 << 10),
            lines.first?.text.hasPrefix("aarch64") == true
        {
            native = .aarch64
        }
        let loaders = AuditLoader.find(system)
        let table = try AuditKnowledge(knowledge, native: native, readsNames: loaders.mayLoad)
        return AuditFactSet.facts(
            AuditBuilt(system: system, found: loaders, knowledge: table, context: context).findings(), table)
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let platforms = [["nixpkgs", "hostPlatform", "system"], ["nixpkgs", "system"]]
        let isARM = platforms.contains { options.readString($0).value?.hasPrefix("aarch64") ?? false }
        var mayLoad = true
        if case .value(let node) = options.lookup(["security", "audit", "enable"]), node.boolean == false {
            mayLoad = false
        }
        let table = try AuditKnowledge(knowledge, native: isARM ? .aarch64 : .x86_64, readsNames: mayLoad)
        return AuditFactSet.facts(
            AuditDeclared(options: options, knowledge: table, context: context).findings(), table)
    }
}
