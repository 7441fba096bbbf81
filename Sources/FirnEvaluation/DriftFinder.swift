public import FirnModel

/// Compares what the layers of one system say of each rule.
public enum DriftFinder {
    /// The drift between targets that are the same system, and notes on those that could not be compared.
    ///
    /// Targets are the same system when they name the same toplevel. Two different toplevels are two systems, however
    /// alike their names: comparing them would report as drift what is a different configuration.
    public static func find(
        targets: [ReportTarget], results: [Result], profile: ResolvedProfile
    ) -> (drift: [Drift], notes: [String]) {
        var notes: [String] = []
        guard Set(targets.map(\.source)).count > 1 else { return ([], []) }
        var groups: [(toplevel: String, targets: [Int])] = []
        for (index, target) in targets.enumerated() {
            guard let toplevel = target.identity.toplevel else {
                notes.append("\(target.name) names no toplevel, so it was not compared with the other targets")
                continue
            }
            if let group = groups.firstIndex(where: { $0.toplevel == toplevel }) {
                groups[group].targets.append(index)
            } else {
                groups.append((toplevel, [index]))
            }
        }
        var drift: [Drift] = []
        for group in groups {
            let layers = group.targets.sorted { targets[$0].source < targets[$1].source }
            guard Set(layers.map { targets[$0].source }).count > 1 else {
                notes.append(
                    layers.map { targets[$0].name }.joined(separator: ", ")
                        + ": no other layer of this toplevel was given, so there was nothing to compare")
                continue
            }
            for selected in profile.rules {
                if let found = compare(selected.rule, layers: layers, results: results) { drift.append(found) }
            }
        }
        return (drift.sorted { $0.rule < $1.rule }, notes)
    }

    private static func compare(_ rule: Rule, layers: [Int], results: [Result]) -> Drift? {
        let answers = layers.compactMap { layer in
            results.first { $0.target == layer && $0.rule == rule.id }
        }.filter { answer in
            // What a layer could not tell, or never supplies, cannot disagree.
            switch answer.outcome {
            case .pass, .fail, .notApplicable: true
            case .notChecked, .unknown, .error: false
            }
        }
        guard let first = answers.first else { return nil }
        var previous = first
        for answer in answers.dropFirst() {
            // A layer that reads no value, since it never supplies the fact, has none to differ by.
            let isOther = previous.observed != nil && answer.observed != nil && answer.observed != previous.observed
            if answer.outcome != previous.outcome || isOther {
                let values = answers.map {
                    Drift.LayerValue(source: $0.source, outcome: $0.outcome, observed: $0.observed)
                }
                let story = values.map { "\($0.source.rawValue) \($0.observed ?? $0.outcome.rawValue)" }
                return Drift(
                    rule: rule.id, fact: rule.fact, values: values, layer: answer.source,
                    message: "\(story.joined(separator: ", ")): the \(answer.source.rawValue) layer differs from the "
                        + "\(previous.source.rawValue) one")
            }
            if answer.observed != nil { previous = answer }
        }
        return nil
    }
}
