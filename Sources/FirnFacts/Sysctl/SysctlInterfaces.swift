import FirnModel

/// What files set for single interfaces, which `all` and `default` do not show.
///
/// The kernel takes the larger or the logical "or" of `all` and the interface for most IPv4 settings
/// (include/linux/inetdevice.h), and the interface alone for IPv6: an interface may be weaker than the rest.
struct SysctlInterfaces {
    let kernel: SysctlKernel
    let plan: SysctlPlan

    private static let families = ["ipv4", "ipv6"]
    /// Names below `conf` that stand for no single network interface; the loopback device receives from nobody.
    private static let general: Set<Substring> = ["all", "default", "lo"]

    /// The facts by key, one for each setting that interfaces have.
    func facts() -> [FactKey: Fact] {
        var values: [String: (values: [FactValue], evidence: [Evidence])] = [:]
        var unknown: [String: (reason: String, evidence: [Evidence])] = [:]
        for path in kernel.table.keys.keys {
            let parts = path.split(separator: "/")
            guard isConf(parts), parts[3] == "default" else { continue }
            values["\(parts[1]).\(parts[4])"] = ([], [])
        }
        func add(_ name: String, _ value: String, _ evidence: [Evidence]) {
            let number = Int64(value).flatMap { String($0) == value ? FactValue.integer($0) : nil }
            values[name]?.values.append(number ?? .string(value))
            values[name]?.evidence += evidence
        }
        for (path, slot) in kernel.slots.sorted(by: { $0.key < $1.key }) {
            let parts = path.split(separator: "/")
            guard isConf(parts), !Self.general.contains(parts[3]) else { continue }
            let name = "\(parts[1]).\(parts[4])"
            switch slot.value {
            case .known(let value): add(name, value, slot.evidence)
            case .unknown(let reason): unknown[name] = (reason, slot.evidence)
            }
        }
        for case .setting(let setting) in plan.steps where setting.isGlob {
            guard let value = setting.value else { continue }
            for name in values.keys.sorted() where reachesSome(setting.path, name) {
                add(name, value, [setting.evidence])
            }
        }
        var hidden: (reason: String, evidence: [Evidence])?
        for case .hidden(let reason, let evidence) in plan.steps where hidden == nil { hidden = (reason, [evidence]) }
        var facts: [FactKey: Fact] = [:]
        for (name, found) in values {
            if let problem = unknown[name] ?? hidden {
                facts[FactKey("sysctl.interfaces.\(name)")] = .unavailable(
                    reason: problem.reason, problem.evidence)
            } else {
                facts[FactKey("sysctl.interfaces.\(name)")] = .known(.list(found.values), found.evidence)
            }
        }
        return facts
    }

    /// `net/ipv4/conf/<interface>/<setting>`.
    private func isConf(_ parts: [Substring]) -> Bool {
        parts.count == 5 && parts[0] == "net" && Self.families.contains(String(parts[1])) && parts[2] == "conf"
    }

    /// Whether a glob sets this for some interfaces only: those it sets for all have a fact of their own.
    private func reachesSome(_ path: String, _ name: String) -> Bool {
        let wanted = name.split(separator: ".", maxSplits: 1)
        var parts = path.split(separator: "/")
        guard wanted.count == 2, parts.count == 5, !Self.general.contains(parts[3]) else { return false }
        let any = "net/\(wanted[0])/conf/*/\(wanted[1])"
        guard let glob = SysctlGlob(path), !glob.matches(any) else { return false }
        parts[3] = "*"
        return SysctlGlob(parts.joined(separator: "/"))?.matches(any) == true
    }
}
