public import FirnModel

/// All fact families, in the order they are collected.
public enum FactFamilies {
    /// A family's name and its two extractors.
    private struct Family: Sendable {
        var name: String
        var built: @Sendable (SystemView, Knowledge, SystemContext) throws(DataError) -> FactBatch
        var declared: @Sendable (OptionTree, Knowledge, SystemContext) throws(DataError) -> FactBatch
    }

    /// Secrets first: they take the longest, and what runs beside them should end with them.
    private static let families: [Family] = [
        Family(name: "secrets", built: SecretsFacts.built, declared: SecretsFacts.declared),
        Family(name: "firewall", built: FirewallFacts.built, declared: FirewallFacts.declared),
        Family(name: "sysctl", built: SysctlFacts.built, declared: SysctlFacts.declared),
        Family(name: "cmdline", built: CmdlineFacts.built, declared: CmdlineFacts.declared),
        Family(name: "ssh", built: SSHFacts.built, declared: SSHFacts.declared),
        Family(name: "kconfig", built: KconfigFacts.built, declared: KconfigFacts.declared),
        Family(name: "modules", built: ModulesFacts.built, declared: ModulesFacts.declared),
        Family(name: "audit", built: AuditFacts.built, declared: AuditFacts.declared),
        Family(name: "accounts", built: AccountsFacts.built, declared: AccountsFacts.declared),
        Family(name: "pam", built: PamFacts.built, declared: PamFacts.declared),
        Family(name: "sudo", built: SudoFacts.built, declared: SudoFacts.declared),
        Family(name: "polkit", built: PolkitFacts.built, declared: PolkitFacts.declared),
        Family(name: "wrappers", built: WrappersFacts.built, declared: WrappersFacts.declared),
        Family(name: "units", built: UnitsFacts.built, declared: UnitsFacts.declared),
        Family(name: "mounts", built: MountsFacts.built, declared: MountsFacts.declared),
        Family(name: "boot", built: BootFacts.built, declared: BootFacts.declared),
        Family(name: "nix", built: NixFacts.built, declared: NixFacts.declared),
        Family(name: "logging", built: LoggingFacts.built, declared: LoggingFacts.declared),
        Family(name: "time", built: TimeFacts.built, declared: TimeFacts.declared),
        Family(name: "network", built: NetworkFacts.built, declared: NetworkFacts.declared),
        Family(name: "tls", built: TlsFacts.built, declared: TlsFacts.declared),
        Family(name: "age", built: AgeFacts.built, declared: AgeFacts.declared),
    ]

    /// How a list of independent pieces of work is done: one after the other, or on several threads. The results have the
    /// order of the pieces.
    public typealias Runner =
        @Sendable ([@Sendable () -> Swift.Result<FactBatch, DataError>]) -> [Swift.Result<FactBatch, DataError>]

    /// The names of all families: the first part of their keys.
    public static var names: [String] { families.map(\.name) }

    /// The facts of a system closure.
    ///
    /// - Parameter names: The families to look at; nil for all.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext, families names: Set<String>? = nil,
        run: Runner = { $0.map { piece in piece() } }
    ) throws(DataError) -> FactBatch {
        try merged(
            run(
                families.filter { names?.contains($0.name) ?? true }.map { family in
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
        finish(&batch)
        return batch
    }

    /// Adds what follows from the facts of several families.
    public static func finish(_ batch: inout FactBatch) {
        batch.facts["role.router"] = router(batch)
        ModulesFacts.finish(&batch)
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
