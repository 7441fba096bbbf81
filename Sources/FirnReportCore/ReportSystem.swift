public import FirnModel

/// The targets of a report that are one system: what gets a section of its own in a report of several.
public struct ReportSystem: Sendable, Hashable {
    /// A name that no other system of the report has: the host name, else the target's name, numbered where needed.
    public var name: String
    /// What names the system.
    public var identity: Identity
    /// The indices of its targets, in the order of the report.
    public var targets: [Int]

    /// Creates a system.
    public init(name: String, identity: Identity, targets: [Int]) {
        self.name = name
        self.identity = identity
        self.targets = targets
    }

    /// The systems of a report, in the order of their first targets. Targets are one system when they name one
    /// toplevel and one host; a target without a toplevel is a system of its own.
    public static func of(_ report: Report) -> [ReportSystem] {
        var systems: [ReportSystem] = []
        for (index, target) in report.targets.enumerated() {
            let identity = target.identity
            let same = systems.firstIndex { system in
                identity.toplevel != nil && system.identity.toplevel == identity.toplevel
                    && (system.identity.hostName == identity.hostName || system.identity.hostName == nil
                        || identity.hostName == nil)
            }
            if let same {
                systems[same].targets.append(index)
                if systems[same].identity.hostName == nil { systems[same].identity.hostName = identity.hostName }
            } else {
                systems.append(ReportSystem(name: "", identity: identity, targets: [index]))
            }
        }
        var seen: [String: Int] = [:]
        for index in systems.indices {
            let base = systems[index].identity.hostName ?? report.targets[systems[index].targets[0]].name
            seen[base, default: 0] += 1
            let count = seen[base] ?? 1
            systems[index].name = count == 1 ? base : "\(base) (\(count))"
        }
        return systems
    }
}
