import FirnModel

/// Which targets of a report a waiver's scope takes in.
struct WaiverMatch {
    private let report: Report
    /// The host name of each target, where it is known.
    private let hosts: [String?]

    init(_ report: Report) {
        self.report = report
        hosts = report.targets.map { target in
            if let name = target.identity.hostName { return name }
            // A closure may not say its host's name; the options of the same toplevel do. Two names are no answer.
            guard let toplevel = target.identity.toplevel else { return nil }
            let names = Set(report.targets.filter { $0.identity.toplevel == toplevel }.compactMap(\.identity.hostName))
            return names.count == 1 ? names.first : nil
        }
    }

    /// Whether a result is of the rule, and of a target and source in the scope.
    func covers(_ waiver: Waiver, _ result: Result) -> Bool {
        guard waiver.rule == result.rule, report.targets.indices.contains(result.target) else { return false }
        let scope = waiver.scope
        if !scope.sources.isEmpty, !scope.sources.contains(result.source) { return false }
        if !scope.hosts.isEmpty {
            guard let host = hosts[result.target], scope.hosts.contains(host) else { return false }
        }
        if !scope.images.isEmpty {
            let name = report.targets[result.target].name
            guard scope.images.contains(where: { Self.names($0, name) }) else { return false }
        }
        return true
    }

    /// Whether an image of a scope is a target: the whole name, or the last part of its path, since a build lies
    /// elsewhere each time.
    static func names(_ image: String, _ target: String) -> Bool {
        if image == target { return true }
        guard !image.contains("/"), let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
        return target[target.index(after: slash)...] == image
    }
}
