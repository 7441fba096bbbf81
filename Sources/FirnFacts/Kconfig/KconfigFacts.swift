public import FirnModel

/// The family `kconfig`: the kernel's configuration, where the target holds it.
///
/// | fact | value |
/// |---|---|
/// | `kconfig.available` | whether the target holds the configuration of the kernel it boots |
/// | `kconfig.CONFIG_<NAME>` | `"y"`, `"m"`, a number or a text; absent where the option is off or the kernel has none |
///
/// A NixOS closure seldom holds it. Then this source does not supply the options at all, and `kconfig.available` says
/// so once; a configuration that is there and cannot be read, or is another kernel's, makes every option unavailable.
/// Options are those of `profiles/knowledge/kconfig.toml` (Documentation/kbuild/kconfig.rst).
public enum KconfigFacts {
    private static let prefix = "kconfig."

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        guard context.hasOwnKernel != false else { return FactBatch() }
        let table = try KernelConfigurationTable(knowledge)
        var batch = FactBatch()
        switch try system.kernelConfiguration(knowledge, context) {
        case .missing(let looked):
            batch.facts["kconfig.available"] = .known(.boolean(false), looked)
        case .unavailable(let reason, let evidence):
            batch.facts["kconfig.available"] = .unavailable(reason: reason, [evidence])
            batch.families = [FactFamily(prefix: prefix, missing: .unavailable(reason: reason, [evidence]))]
        case .known(let configuration):
            let file = Evidence(path: configuration.path)
            batch.facts["kconfig.available"] = .known(.boolean(true), [file])
            for name in table.options {
                let evidence = [configuration.evidence(name)]
                batch.facts[FactKey(prefix + name)] =
                    configuration.value(name).map { .known($0, evidence) } ?? .absent(evidence)
            }
            batch.families = [
                FactFamily(
                    prefix: prefix, missing: .unavailable(reason: "it is not in the table of kernel options", [file]))
            ]
        }
        return batch
    }

    /// An evaluated configuration does not carry the kernel's: nothing of this family is supplied.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        FactBatch()
    }
}
