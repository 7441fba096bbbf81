public import FirnModel
import FirnParsing

/// The family `wrappers`: setuid, setgid and capability wrappers.
///
/// Programs of the store have no special rights; `/run/wrappers/bin` holds small programs that have and start them.
/// Source: nixos/modules/security/wrappers. Supplied by both sources, with the same values:
///
/// | key | type | meaning |
/// |---|---|---|
/// | `wrappers.enabled` | boolean | the system makes wrappers |
/// | `wrappers.setuid` | list | names of set-user-ID wrappers of root |
/// | `wrappers.setuid.others` | list | set-user-ID wrappers of other owners than root or their module's: `name owner` |
/// | `wrappers.setgid` | list | set-group-ID wrappers: `name group` |
/// | `wrappers.capabilities` | list | wrappers with capabilities: `newuidmap cap_setuid` |
/// | `wrappers.dangerous` | list | set-user-ID wrappers, and those with capabilities that amount to root, of programs that run or write whatever their user wants: `python (python3)` |
/// | `wrappers.unexpected` | list | wrappers no module of `profiles/knowledge/wrappers.toml` makes in this form |
/// | `wrappers.root-capabilities` | list | wrappers whose capabilities amount to root and that no module makes so |
/// | `wrappers.writable` | list | wrappers that others than their owner can write |
public enum WrappersFacts {
    static let listKeys: [FactKey] = [
        "wrappers.setuid", "wrappers.setuid.others", "wrappers.setgid", "wrappers.capabilities", "wrappers.dangerous",
        "wrappers.unexpected", "wrappers.root-capabilities", "wrappers.writable",
    ]

    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        facts(.built(system), try WrappersKnowledge(knowledge))
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        facts(.declared(options), try WrappersKnowledge(knowledge))
    }

    static func facts(_ reading: WrapperReading, _ knowledge: WrappersKnowledge) -> FactBatch {
        var batch = FactBatch()
        guard case .wrappers(let wrappers, let base) = reading else {
            guard case .unavailable(let reason, let evidence) = reading else { return batch }
            for key in listKeys + ["wrappers.enabled"] {
                batch.facts[key] = .unavailable(reason: reason, evidence)
            }
            return batch
        }
        batch.facts["wrappers.enabled"] = .known(.boolean(!wrappers.isEmpty), base)
        var found: [FactKey: [(text: String, evidence: Evidence)]] = [:]
        var problem: (reason: String, evidence: Evidence)?
        for wrapper in wrappers {
            func note(_ key: FactKey, _ text: String) { found[key, default: []].append((text, wrapper.evidence)) }
            if wrapper.isSetuid {
                if wrapper.owner == "root" || wrapper.owner == "0" {
                    note("wrappers.setuid", wrapper.name)
                } else if knowledge.allowed[wrapper.name]?.owner != wrapper.owner {
                    note("wrappers.setuid.others", "\(wrapper.name) \(wrapper.owner)")
                }
            }
            if wrapper.isSetgid { note("wrappers.setgid", "\(wrapper.name) \(wrapper.group)") }
            if wrapper.isWritable { note("wrappers.writable", wrapper.name) }
            let capabilities: [String]
            do {
                capabilities = try wrapper.capabilities.map { try CapabilityText.parse($0).granted } ?? []
            } catch {
                problem = ("the capabilities of the wrapper \(wrapper.name) are not understood", wrapper.evidence)
                continue
            }
            if !capabilities.isEmpty {
                note("wrappers.capabilities", "\(wrapper.name) \(capabilities.joined(separator: ","))")
            }
            judge(wrapper, capabilities, knowledge, note)
        }
        for key in listKeys {
            let values = (found[key] ?? []).sorted { $0.text < $1.text }
            if let problem, key != "wrappers.setuid", key != "wrappers.setuid.others", key != "wrappers.setgid" {
                batch.facts[key] = .unavailable(reason: problem.reason, [problem.evidence])
                continue
            }
            batch.facts[key] = .known(.strings(values.map(\.text)), values.isEmpty ? base : values.map(\.evidence))
        }
        return batch
    }

    private static func judge(
        _ wrapper: Wrapper, _ capabilities: [String], _ knowledge: WrappersKnowledge,
        _ note: (FactKey, String) -> Void
    ) {
        let shown =
            wrapper.program.map { $0 == wrapper.name ? wrapper.name : "\(wrapper.name) (\($0))" } ?? wrapper.name
        let hasRights = wrapper.isSetuid || wrapper.isSetgid || !capabilities.isEmpty
        guard hasRights else { return }
        let allowed = knowledge.allowed[wrapper.name]
        let owner = wrapper.owner == "0" ? "root" : wrapper.owner
        let isProgram = wrapper.program.map { allowed?.programs.contains($0) == true } ?? (allowed != nil)
        let isInForm =
            isProgram && (!wrapper.isSetuid || (allowed?.isSetuid == true && allowed?.owner == owner))
            && (!wrapper.isSetgid || allowed?.groups.contains(wrapper.group) == true)
            && Set(capabilities).isSubset(of: allowed?.capabilities ?? [])
        if !isInForm { note("wrappers.unexpected", shown) }
        let strong = capabilities.filter { $0 == "all" || knowledge.rootCapabilities.contains($0) }
        // With lesser rights, or for its owner alone, it makes nobody another; it is unexpected all the same.
        if wrapper.isSetuid || !strong.isEmpty, wrapper.isForOthers,
            knowledge.isDangerous(wrapper.name) || wrapper.program.map(knowledge.isDangerous) == true
        {
            note("wrappers.dangerous", shown)
        }
        if !strong.isEmpty, !(isProgram && Set(strong).isSubset(of: allowed?.capabilities ?? [])) {
            note("wrappers.root-capabilities", "\(wrapper.name) \(strong.joined(separator: ","))")
        }
    }
}
