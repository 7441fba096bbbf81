import FirnModel

/// A comparison while it is made.
struct DriftSearch {
    private struct Place: Hashable {
        var target: Int
        var rule: String
    }

    let targets: [ReportTarget]
    let snapshots: [Snapshot]
    let results: [Result]
    let causes: DriftCauses
    var found = DriftFindings()
    private var places: [Place: Int] = [:]

    init(targets: [ReportTarget], snapshots: [Snapshot], results: [Result], causes: DriftCauses) {
        self.targets = targets
        self.snapshots = snapshots
        self.results = results
        self.causes = causes
        places.reserveCapacity(results.count)
        for (index, result) in results.enumerated() {
            let place = Place(target: result.target, rule: result.rule)
            // Of two results of one rule the first counts; the gate refuses such a report.
            if places[place] == nil { places[place] = index }
        }
    }

    // MARK: - Which targets are one system

    mutating func group() {
        var groups: [(toplevel: String, targets: [Int])] = []
        for (index, target) in targets.enumerated() {
            guard let toplevel = target.identity.toplevel else {
                found.notes.append(
                    "\(target.name) names no toplevel, so it was not compared with the other targets")
                continue
            }
            if let group = groups.firstIndex(where: { $0.toplevel == toplevel }) {
                groups[group].targets.append(index)
            } else {
                groups.append((toplevel, [index]))
            }
        }
        for group in groups {
            let still = group.targets.filter { targets[$0].source != .live }.sorted { before($0, $1) }
            let systems = hosts(group.targets.filter { targets[$0].source == .live }, beside: still)
                .map { still + $0 }
                .filter { layers in Set(layers.map { targets[$0].source }).count > 1 }
            if systems.isEmpty, Set(still.map { targets[$0].source }).count > 1 {
                found.compared.append(still)
            } else if systems.isEmpty {
                found.notes.append(
                    names(group.targets)
                        + ": no other layer of this toplevel was given, so there was nothing to compare")
            } else {
                found.compared += systems
            }
        }
    }

    /// The live targets by host, the oldest report first. One of another host than the other layers name is left out.
    private mutating func hosts(_ live: [Int], beside still: [Int]) -> [[Int]] {
        let named = Set(still.compactMap { targets[$0].identity.hostName })
        var hosts: [(name: String?, targets: [Int])] = []
        for index in live {
            let host = targets[index].identity.hostName
            if let host, !named.isEmpty, !named.contains(host) {
                found.notes.append(
                    "\(targets[index].name) is of the host \(host), the other layers are of "
                        + "\(named.sorted().joined(separator: ", ")): it was not compared")
                continue
            }
            if let known = hosts.firstIndex(where: { $0.name == host }) {
                hosts[known].targets.append(index)
            } else {
                hosts.append((host, [index]))
            }
        }
        return hosts.map { $0.targets.sorted { before($0, $1) } }
    }

    private func before(_ left: Int, _ right: Int) -> Bool {
        if targets[left].source != targets[right].source { return targets[left].source < targets[right].source }
        let times = [left, right].map { snapshots.indices.contains($0) ? snapshots[$0].collectedAt : 0 }
        return times[0] == times[1] ? left < right : times[0] < times[1]
    }

    private func names(_ indices: [Int]) -> String {
        indices.map { targets[$0].name }.joined(separator: ", ")
    }

    // MARK: - One rule

    mutating func compare(_ selected: SelectedRule, _ layers: [Int]) {
        let rule = selected.rule
        let answers = layers.compactMap { places[Place(target: $0, rule: rule.id)] }.map { results[$0] }
        // Of one host the newest report tells what is so; what the older ones could not tell changes nothing.
        let newest = answers.last
        let past = answers.dropLast().filter { $0.source == .live && newest?.source == .live }
        let present = answers.filter { answer in answer.source != .live || answer.target == newest?.target }
        let told = present.filter(\.isTold)
        if let last = present.last(where: { $0.outcome != .notChecked }), !last.isTold, !told.isEmpty {
            found.untold.append(DriftFindings.Untold(rule: rule.id, target: last.target))
        }
        if Set(told.map(\.source)).count > 1 { found.answered += 1 }
        guard let step = step(told, rule.fact) else { return }
        let (from, to) = (told[step.from], told[step.to])
        let shown = told.dropLast() + past.filter { $0.isTold && to.source == .live } + told.suffix(1)
        let story = told.map { "\(label($0, told)) \($0.observed ?? $0.outcome.rawValue)" }
        found.drift.append(
            Drift(
                rule: rule.id, fact: rule.fact, severity: selected.severity,
                values: shown.map {
                    Drift.LayerValue(
                        source: $0.source, target: $0.target, outcome: $0.outcome, observed: $0.observed)
                },
                layer: to.source, effect: step.effect,
                message: "\(story.joined(separator: ", ")): the \(label(to, told)) layer differs from the "
                    + "\(label(from, told)) one",
                causes: causes.causes(rule.fact, effect: step.effect, from: side(from), to: side(to))))
    }

    /// The layer, with the target's name where a layer has several.
    private func label(_ result: Result, _ all: [Result]) -> String {
        let isAlone = all.count { $0.source == result.source } == 1
        return isAlone ? result.source.rawValue : "\(result.source.rawValue) (\(targets[result.target].name))"
    }

    private func side(_ result: Result) -> DriftCauses.Side {
        DriftCauses.Side(
            source: result.source, outcome: result.outcome, observed: result.observed,
            snapshot: snapshot(result.target))
    }

    private func snapshot(_ target: Int) -> Snapshot? {
        snapshots.indices.contains(target) ? snapshots[target] : nil
    }

    private struct Step {
        var from: Int
        var to: Int
        var effect: Drift.Effect
    }

    /// The step from one layer to the next that matters most: the one after which the rule fails, else the first that
    /// changes anything.
    private func step(_ answers: [Result], _ fact: FactKey) -> Step? {
        guard !answers.isEmpty else { return nil }
        var previous = 0
        var first: Step?
        for index in answers.indices.dropFirst() {
            let (before, answer) = (answers[previous], answers[index])
            // A layer that reads no value, since it never supplies the fact, has none to differ by.
            let isOther =
                before.observed != nil && answer.observed != nil && answer.observed != before.observed
                && !causes.isSame(fact, snapshot(before.target), snapshot(answer.target))
            let isDifferent = answer.outcome != before.outcome || isOther
            if isDifferent {
                if answer.outcome == .fail, before.outcome != .fail {
                    return Step(from: previous, to: index, effect: .broke)
                }
                let isRepair = before.outcome == .fail && answer.outcome == .pass
                first = first ?? Step(from: previous, to: index, effect: isRepair ? .repaired : .changed)
            }
            if isDifferent || answer.observed != nil { previous = index }
        }
        return first
    }
}

extension Result {
    /// Whether the layer gave an answer. What it could not tell, or never supplies, cannot disagree.
    fileprivate var isTold: Bool {
        switch outcome {
        case .pass, .fail, .notApplicable: true
        case .notChecked, .unknown, .error: false
        }
    }
}
