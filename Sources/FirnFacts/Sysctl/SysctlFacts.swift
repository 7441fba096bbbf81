public import FirnModel
import FirnParsing

/// The facts `sysctl.<key>`: what each kernel setting is after boot, by the files of `sysctl.d`, the kernel's command
/// line and the kernel's own defaults.
///
/// The value is an integer where the setting is one number, else text. Settings that nothing sets and whose default is
/// not a constant of the kernel's source are unavailable, never absent: the kernel has a value, it is only not known.
///
/// `sysctl.net.ipv4.conf.*.<name>` is what an interface gets that no file names: a glob over all interfaces, such as
/// systemd's own, beats `default` there. IPv6 has no such fact, as an interface that is there early keeps what it has.
///
/// `sysctl.interfaces.ipv4.<name>` and `sysctl.interfaces.ipv6.<name>` are the values that files give to interfaces by
/// name (`net.ipv4.conf.eth0.rp_filter`) or by a glob over some of them: an empty list where there are none.
public enum SysctlFacts {
    /// Whether systemd-sysctl runs at boot.
    enum Application: Sendable {
        case runs
        case never(reason: String, Evidence)
        case unclear(reason: String, Evidence)
    }

    /// All that decides the settings of one system.
    struct Input: Sendable {
        var plan = SysctlPlan()
        var application = Application.runs
        var parameters = SysctlParameters()
        /// The store name of the kernel without its hash: `linux-hardened-6.12.15`.
        var kernelName: String?
        /// The kernel's configuration, where the target holds it.
        var configuration: KernelConfiguration?
        /// Services that write a setting later, with the evidence.
        var services: [(SysctlTable.Service, Evidence)] = []
        /// Services of which nobody knows whether they run, and why.
        var unclear: [(SysctlTable.Service, reason: String, Evidence)] = []
    }

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try SysctlTable(knowledge)
        var input = SysctlBuilt(system: system, table: table).input(context)
        if case .known(let configuration) = try system.kernelConfiguration(knowledge, context) {
            input.configuration = configuration
        }
        return facts(table, input, context)
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try SysctlTable(knowledge)
        let packages = try SysctlPackages(knowledge)
        return facts(table, SysctlDeclared(options: options, table: table, packages: packages).input(context), context)
    }

    // MARK: - From the writes to the facts

    static func facts(_ table: SysctlTable, _ input: Input, _ context: SystemContext) -> FactBatch {
        if case .unclear(let reason, let evidence) = input.application {
            let fact = Fact.unavailable(reason: reason, [evidence])
            return FactBatch(families: [FactFamily(prefix: "sysctl.", missing: fact)])
        }
        var plan = input.plan
        var notApplied: Evidence?
        if case .never(let reason, let evidence) = input.application {
            plan = SysctlPlan()
            notApplied = Evidence(path: evidence.path, line: evidence.line, text: reason)
        }
        var boot = SysctlKernel(table: table, identity: identity(table, input, context))
        writeParameters(&boot, table, input.parameters)
        boot.apply(plan)
        // Every switch of the configuration runs systemd-sysctl again, on the values it left.
        var later = boot
        later.apply(plan)
        finish(&boot, table, input)
        finish(&later, table, input)

        var batch = FactBatch()
        for (path, slot) in boot.slots {
            var fact = fact(slot, table.keys[path], notApplied)
            if let again = later.slots[path]?.value, again != slot.value, again.isKnown || slot.value.isKnown {
                fact = .unavailable(reason: difference(slot.value, again), slot.evidence)
            }
            batch.facts[key(path)] = fact
        }
        for (path, slot) in boot.interfaces(plan) {
            batch.facts[key(path)] = fact(slot, nil, notApplied)
        }
        for (name, fact) in SysctlInterfaces(kernel: boot, plan: plan).facts() { batch.facts[name] = fact }
        for (alias, path) in table.aliases { batch.facts[key(alias)] = batch.facts[key(path)] }
        batch.families = [FactFamily(prefix: "sysctl.", missing: missing(plan, notApplied))]
        return batch
    }

    private static func writeParameters(
        _ kernel: inout SysctlKernel, _ table: SysctlTable, _ parameters: SysctlParameters
    ) {
        guard !kernel.identity.isForeign else { return }
        for (path, value, word) in parameters.settings(table) {
            let evidence = [Evidence(path: parameters.path, line: 1, text: word)]
            guard let version = kernel.identity.version else {
                kernel.forget(path, "whether this kernel reads \(word.prefix(80)) depends on its version", evidence)
                continue
            }
            if let since = table.parametersSince, version < since { continue }
            kernel.writeParameter(path, value, evidence)
        }
    }

    private static func finish(_ kernel: inout SysctlKernel, _ table: SysctlTable, _ input: Input) {
        for (service, evidence) in input.services { kernel.write(service.path, service.value, [evidence]) }
        for (service, reason, evidence) in input.unclear { kernel.forget(service.path, reason, [evidence]) }
        for fixed in table.switches {
            let word = input.parameters.words.first { word in
                word == fixed.parameter || word.hasPrefix(fixed.parameter + "=")
            }
            guard let word else { continue }
            kernel.override(fixed.path, fixed.value, [Evidence(path: input.parameters.path, line: 1, text: word)])
        }
    }

    private static func identity(
        _ table: SysctlTable, _ input: Input, _ context: SystemContext
    ) -> SysctlKernel.Identity {
        var identity = SysctlKernel.Identity(
            version: context.kernelVersion.flatMap { DottedVersion($0) }, versionText: context.kernelVersion,
            parameters: input.parameters.words, configuration: input.configuration)
        if context.hasOwnKernel == false {
            identity.isForeign = true
            identity.distrust = "the system boots no kernel of its own"
        } else if let reason = input.parameters.unavailable {
            identity.distrust = "the kernel's command line, which could change it, is not known: \(reason)"
        } else if let name = input.kernelName {
            let flavour = flavour(name)
            if !table.flavours.contains(flavour) {
                identity.distrust = "\(flavour) is not the mainline kernel, so its default is not known"
            }
        } else {
            identity.distrust = "which kernel it boots is not known"
        }
        return identity
    }

    /// `linux-hardened` of `linux-hardened-6.12.15`.
    static func flavour(_ name: String) -> String {
        var parts = name.split(separator: "-", omittingEmptySubsequences: false)
        if let version = parts.firstIndex(where: { $0.first?.isNumber == true }) { parts.removeSubrange(version...) }
        return parts.joined(separator: "-")
    }

    private static func key(_ path: String) -> FactKey { FactKey("sysctl." + SysctlSpelling.key(path)) }

    private static func fact(_ slot: SysctlKernel.Slot, _ key: SysctlTable.Key?, _ notApplied: Evidence?) -> Fact {
        var evidence = slot.evidence
        if slot.isDefault, let notApplied { evidence.append(notApplied) }
        switch slot.value {
        case .unknown(let reason): return .unavailable(reason: reason, evidence)
        case .known(let text):
            let isNumber = key.map { $0.kind == .integer } ?? true
            // Unknown settings are numbers only in the one spelling that every handler reads alike.
            if isNumber, let number = Int64(text), String(number) == text { return .known(.integer(number), evidence) }
            return .known(.string(CommandText.pipe(text)), evidence)
        }
    }

    private static func difference(_ boot: SysctlKernel.Value, _ later: SysctlKernel.Value) -> String {
        func shown(_ value: SysctlKernel.Value) -> String {
            if case .known(let text) = value { text } else { "a value that cannot be told" }
        }
        return "it is \(shown(boot)) after boot and \(shown(later)) once systemd-sysctl has run again, as every switch "
            + "of the configuration makes it do"
    }

    private static func missing(_ plan: SysctlPlan, _ notApplied: Evidence?) -> Fact {
        for step in plan.steps {
            if case .hidden(let reason, let evidence) = step {
                return .unavailable(reason: "no readable file sets it, and \(reason)", [evidence])
            }
        }
        return .unavailable(
            reason: "it is set in no file, and the kernel's default is not in the table of known defaults",
            notApplied.map { [$0] } ?? [Evidence(path: "/etc/sysctl.d")])
    }
}
