import FirnModel

/// Which targets of two reports are the same.
enum ReportDiffPairs {
    /// What a person calls a target.
    static func name(_ target: ReportTarget) -> String { target.identity.hostName ?? target.name }

    /// The pairs, in the order of the new report, then what is left of the old one.
    static func find(_ old: Report, _ new: Report) -> [ReportDiff.Pair] {
        var partner: [Int: Int] = [:]
        var isTaken: Set<Int> = []
        func match(_ isSame: (ReportTarget, ReportTarget) -> Bool) {
            for (index, target) in new.targets.enumerated() where partner[index] == nil {
                let found = old.targets.indices.first { candidate in
                    !isTaken.contains(candidate) && old.targets[candidate].source == target.source
                        && isSame(old.targets[candidate], target)
                }
                guard let found else { continue }
                partner[index] = found
                isTaken.insert(found)
            }
        }
        // Several generations of one host have one host name: there the target's name decides first.
        match { $0.identity.hostName != nil && $0.identity.hostName == $1.identity.hostName && $0.name == $1.name }
        match { $0.identity.hostName != nil && $0.identity.hostName == $1.identity.hostName }
        match { $0.name == $1.name && ($0.identity.hostName == nil || $1.identity.hostName == nil) }
        for source in SourceKind.allCases {
            let left = old.targets.indices.filter { !isTaken.contains($0) && old.targets[$0].source == source }
            let right = new.targets.indices.filter { partner[$0] == nil && new.targets[$0].source == source }
            if left.count == 1, right.count == 1 {
                partner[right[0]] = left[0]
                isTaken.insert(left[0])
            }
        }
        let came = new.targets.enumerated().map { index, target in
            ReportDiff.Pair(old: partner[index], new: index, source: target.source, name: name(target))
        }
        let gone = old.targets.enumerated().filter { !isTaken.contains($0.offset) }.map { index, target in
            ReportDiff.Pair(old: index, new: nil, source: target.source, name: name(target))
        }
        return came + gone
    }
}
