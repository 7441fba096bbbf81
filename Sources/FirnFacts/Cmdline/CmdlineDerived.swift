import FirnModel
import FirnParsing

/// Facts that several parameters decide together.
extension CmdlineEvaluator {
    /// `cmdline.smt`: `nosmt` and `nosmt=force` whatever the processor (kernel/cpu.c `smt_cmdline_disable`, where
    /// `force` sticks), else whether a mitigation may switch sibling threads off.
    func siblingThreads() -> CmdlineReading {
        let requests = line.parameters.filter { KernelCommandLine.canonicalName($0.name) == "nosmt" }
        if let cut = cutWord("nosmt") ?? cutWord("mitigations") {
            return CmdlineReading(state: .unclear(table.cutReason("it")), words: [cut])
        }
        if let force = requests.first(where: { $0.value == "force" }) {
            return CmdlineReading(state: .known(.string("forceoff")), words: [force])
        }
        if !requests.isEmpty { return CmdlineReading(state: .known(.string("off")), words: requests) }
        return agreement { version in
            if mitigations(at: version).siblings == .disabled {
                return conditional(line.parameters.filter { $0.name == "mitigations" })
            }
            for (name, values) in table.conditionalSMT.sorted(by: { $0.key < $1.key }) where name != "mitigations" {
                let reading = reading(name)
                if case .known(.string(let value)) = reading.state,
                    values.contains(value) || value.split(separator: ",").contains("nosmt")
                {
                    return conditional(reading.words)
                }
            }
            return CmdlineReading(state: .known(.string("on")))
        }
    }

    private func conditional(_ words: [Argument]) -> CmdlineReading {
        CmdlineReading(
            state: .known(.string("conditional")), words: words, note: "off only where the processor needs it")
    }

    /// `cmdline.major-lsm`: of the exclusive modules the first that is listed and not switched off (security/security.c
    /// `ordered_lsm_parse`). `security=` counts only without `lsm=`, and adds its module to the built-in list.
    func majorSecurityModule() -> CmdlineReading {
        let list = reading("lsm")
        if case .known(.list(let modules)) = list.state {
            var words = list.words
            for case .string(let module) in modules where table.exclusiveModules.contains(module) {
                let enabled = reading(module)
                switch enabled.state {
                case .known(.boolean(false)): words += enabled.words
                case .unclear(let reason) where !enabled.words.isEmpty:
                    return CmdlineReading(state: .unclear(reason), words: enabled.words)
                default:
                    return CmdlineReading(state: .known(.string(module)), words: words + enabled.words)
                }
            }
            return CmdlineReading(state: .known(.string("none")), words: words)
        }
        if !list.words.isEmpty { return list }
        let chosen = reading("security")
        guard case .known(.string(let module)) = chosen.state else {
            return CmdlineReading(
                state: .unclear("neither lsm= nor security= is on the command line; the default depends on CONFIG_LSM"))
        }
        guard table.exclusiveModules.contains(module) else {
            return CmdlineReading(state: .known(.string("none")), words: chosen.words)
        }
        let enabled = reading(module)
        if enabled.state == .known(.boolean(false)) {
            return CmdlineReading(state: .known(.string("none")), words: chosen.words + enabled.words)
        }
        if case .unclear(let reason) = enabled.state, !enabled.words.isEmpty {
            return CmdlineReading(state: .unclear(reason), words: enabled.words)
        }
        return CmdlineReading(state: .known(.string(module)), words: chosen.words + enabled.words)
    }

    /// `cmdline.disabled-mitigations`: the names whose handlers end at "off".
    func disabledMitigations() -> CmdlineReading {
        var names: [String] = []
        var words: [Argument] = []
        for name in table.mitigations {
            let reading = reading(name)
            let off = table.parameters[name]?.first?.offValue ?? "off"
            switch reading.state {
            case .known(.string(off)), .known(.boolean(true)):
                names.append(name)
                words += reading.words.filter { !words.contains($0) }
            case .unclear(let reason):
                return CmdlineReading(state: .unclear("\(name): \(reason)"), words: reading.words)
            default: break
            }
        }
        return CmdlineReading(state: .known(.strings(names)), words: words)
    }

    /// `sysctl.<key>=<value>` (fs/proc/proc_sysctl.c `process_sysctl_arg`, since 5.8): set before init starts, later
    /// ones win; the `/` form is given with dots. An empty value is refused.
    func sysctls() -> [String: CmdlineReading] {
        var result: [String: CmdlineReading] = [:]
        for argument in line.parameters {
            guard argument.name.hasPrefix("sysctl."), let value = argument.value, !value.isEmpty else { continue }
            let key = String(argument.name.dropFirst("sysctl.".count)).replacing("/", with: ".")
            if argument.bytes.upperBound > table.loaderBudget {
                result[key] = CmdlineReading(state: .unclear(table.cutReason("it")), words: [argument])
                continue
            }
            guard let version, let introduced = KernelVersion("5.8") else {
                result[key] = CmdlineReading(
                    state: .unclear("kernels before 5.8 do not know it, and the version is not known"),
                    words: [argument])
                continue
            }
            result[key] =
                version < introduced
                ? CmdlineReading(state: .absent, words: [argument], note: "this kernel has no handler for it")
                : CmdlineReading(state: .known(.string(value)), words: [argument])
        }
        return result
    }
}
