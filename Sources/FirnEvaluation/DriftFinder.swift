public import FirnModel

/// Compares what the layers of one system say of each rule.
public struct DriftFinder: Sendable {
    private let profile: ResolvedProfile
    private let causes: DriftCauses

    /// Creates a finder.
    ///
    /// - Throws: `DataError` when the table of causes is malformed.
    public init(profile: ResolvedProfile, knowledge: Knowledge) throws(DataError) {
        self.profile = profile
        causes = try DriftCauses(knowledge)
    }

    /// The drift between targets that are the same system, and notes on those that could not be compared.
    ///
    /// Targets are the same system when they name the same toplevel. Two different toplevels are two systems, however
    /// alike their names: comparing them would report as drift what is a different configuration. Of one toplevel each
    /// running host is compared on its own; of several reports of one host the newest tells, and the older ones tell
    /// since when.
    ///
    /// - Parameter snapshots: The facts of the targets in their order; empty where the report holds none, and then no
    ///   cause that rests on a fact is offered.
    public func find(targets: [ReportTarget], snapshots: [Snapshot], results: [Result]) -> DriftFindings {
        var search = DriftSearch(
            targets: targets, snapshots: snapshots.count == targets.count ? snapshots : [], results: results,
            causes: causes)
        search.found.notes = HostGeneration.of(targets).map(\.message)
        guard Set(targets.map(\.source)).count > 1 else { return search.found }
        search.group()
        for layers in search.found.compared {
            for selected in profile.rules { search.compare(selected, layers) }
        }
        search.found.drift.sort { ($0.rule, $0.values.last?.target ?? 0) < ($1.rule, $1.values.last?.target ?? 0) }
        return search.found
    }
}
