public import FirnModel

/// All fact families, in the order they are collected.
public enum FactFamilies {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = try SysctlFacts.built(system, knowledge: knowledge, context: context)
        batch.merge(try CmdlineFacts.built(system, knowledge: knowledge, context: context))
        batch.merge(try SSHFacts.built(system, knowledge: knowledge, context: context))
        let firewall = try FirewallFacts.built(system, knowledge: knowledge, context: context)
        batch.merge(firewall)
        batch.facts["role.router"] = router(firewall)
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        var batch = try SysctlFacts.declared(options, knowledge: knowledge, context: context)
        batch.merge(try CmdlineFacts.declared(options, knowledge: knowledge, context: context))
        batch.merge(try SSHFacts.declared(options, knowledge: knowledge, context: context))
        let firewall = try FirewallFacts.declared(options, knowledge: knowledge, context: context)
        batch.merge(firewall)
        batch.facts["role.router"] = router(firewall)
        return batch
    }

    /// A router forwards by design: it masquerades, or hands ports on.
    static func router(_ firewall: FactBatch) -> Fact {
        for key: FactKey in ["firewall.masquerade", "firewall.forwards"] {
            switch firewall.facts[key] {
            case .known(.boolean(true), let evidence): return .known(.boolean(true), evidence)
            case .known(.list(let forwards), let evidence) where !forwards.isEmpty:
                return .known(.boolean(true), evidence)
            case .unavailable(let reason, let evidence): return .unavailable(reason: reason, evidence)
            case .known, .absent, nil: continue
            }
        }
        return .known(.boolean(false), firewall.facts["firewall.masquerade"]?.evidence ?? [])
    }
}
