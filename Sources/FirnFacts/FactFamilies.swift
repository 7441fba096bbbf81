public import FirnModel

/// All fact families, in the order they are collected.
public enum FactFamilies {
    /// A family's two extractors.
    private struct Family: Sendable {
        var built: @Sendable (SystemView, Knowledge, SystemContext) throws(DataError) -> FactBatch
        var declared: @Sendable (OptionTree, Knowledge, SystemContext) throws(DataError) -> FactBatch
    }

    /// Secrets first: they take the longest, and what runs beside them should end with them.
    private static let families: [Family] = [
        Family(built: SecretsFacts.built, declared: SecretsFacts.declared),
        Family(built: FirewallFacts.built, declared: FirewallFacts.declared),
        Family(built: SysctlFacts.built, declared: SysctlFacts.declared),
        Family(built: CmdlineFacts.built, declared: CmdlineFacts.declared),
        Family(built: SSHFacts.built, declared: SSHFacts.declared),
        Family(built: KconfigFacts.built, declared: KconfigFacts.declared),
        Family(built: ModulesFacts.built, declared: ModulesFacts.declared),
        Family(built: AuditFacts.built, declared: AuditFacts.declared),
        Family(built: AccountsFacts.built, declared: AccountsFacts.declared),
        Family(built: PamFacts.built, declared: PamFacts.declared),
        Family(built: SudoFacts.built, declared: SudoFacts.declared),
        Family(built: PolkitFacts.built, declared: PolkitFacts.declared),
        Family(built: WrappersFacts.built, declared: WrappersFacts.declared),
        Family(built: UnitsFacts.built, declared: UnitsFacts.declared),
        Family(built: MountsFacts.built, declared: MountsFacts.declared),
        Family(built: BootFacts.built, declared: BootFacts.declared),
        Family(built: NixFacts.built, declared: NixFacts.declared),
        Family(built: LoggingFacts.built, declared: LoggingFacts.declared),
        Family(built: TimeFacts.built, declared: TimeFacts.declared),
        Family(built: NetworkFacts.built, declared: NetworkFacts.declared),
        Family(built: TlsFacts.built, declared: TlsFacts.declared),
        Family(built: AgeFacts.built, declared: AgeFacts.declared),
    ]

    /// How a list of independent pieces of work is done: one after the other, or on several threads. The results have the
    /// order of the pieces.
    public typealias Runner =
        @Sendable ([@Sendable () -> Swift.Result<FactBatch, DataError>]) -> [Swift.Result<FactBatch, DataError>]

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext,
        run: Runner = { $0.map { piece in piece() } }
    ) throws(DataError) -> FactBatch {
        try merged(
            run(
                families.map { family in
                    { result { () throws(DataError) in try family.built(system, knowledge, context) } }
                }))
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext,
        run: Runner = { $0.map { piece in piece() } }
    ) throws(DataError) -> FactBatch {
        try merged(
            run(
                families.map { family in
                    { result { () throws(DataError) in try family.declared(options, knowledge, context) } }
                }))
    }

    private static func result(
        _ work: () throws(DataError) -> FactBatch
    ) -> Swift.Result<FactBatch, DataError> {
        do {
            return .success(try work())
        } catch {
            return .failure(error)
        }
    }

    private static func merged(_ results: [Swift.Result<FactBatch, DataError>]) throws(DataError) -> FactBatch {
        var batch = FactBatch()
        for result in results { batch.merge(try result.get()) }
        batch.facts["role.router"] = router(batch)
        ModulesFacts.finish(&batch)
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
