import FirnModel

/// Which system the reports are about.
struct GateSystem {
    /// The toplevel all reports name.
    var toplevel: String?
    /// The digest of its closure, where a report has it.
    var closureDigest: ClosureDigest?
    /// Its host name, where a report has it.
    var hostName: String?
    /// The targets of that toplevel, by index in the joined report.
    var targets: [Int] = []
    /// Systems inside of it, such as specialisations: judged as well.
    var nested: [String] = []
    /// What keeps the reports from being one system.
    var reasons: [Verdict.Reason] = []

    /// Joins the targets of reports.
    init(_ reports: [GateReport], sources: [SourceKind]) {
        var offset = 0
        var named: [(report: Int, index: Int, target: ReportTarget)] = []
        for (number, given) in reports.enumerated() {
            for (index, target) in given.report.targets.enumerated() {
                named.append((number, offset + index, target))
            }
            offset += given.report.targets.count
        }
        for entry in named where entry.target.identity.toplevel == nil {
            let name = reports[entry.report].name
            mismatch(
                "\(name) names no toplevel for \(entry.target.name), so nothing says which system it is about",
                target: entry.index)
        }
        guard reasons.isEmpty, !named.isEmpty else { return }

        // A report may hold more than one system: a toplevel with its specialisations. The one all reports name is it.
        var common = Set(named.compactMap(\.target.identity.toplevel))
        for number in reports.indices {
            let own = named.filter { $0.report == number }.compactMap(\.target.identity.toplevel)
            if !own.isEmpty { common.formIntersection(own) }
        }
        let complete = common.filter { toplevel in
            Set(named.filter { $0.target.identity.toplevel == toplevel }.map(\.target.source)).isSuperset(of: sources)
        }
        let candidates = complete.isEmpty ? common : complete
        // Of one report with several the first is what boots by default; all of them are judged.
        let first = named.lazy.compactMap(\.target.identity.toplevel).first { candidates.contains($0) }
        guard let chosen = candidates.count == 1 || reports.count == 1 ? first : nil else {
            let all = reports.map(\.name).joined(separator: ", ")
            let systems = Set(named.compactMap(\.target.identity.toplevel)).sorted().joined(separator: ", ")
            mismatch("\(all) are not of one system: they name \(systems)")
            return
        }
        toplevel = chosen
        targets = named.filter { $0.target.identity.toplevel == chosen }.map(\.index)
        for entry in named where entry.target.identity.toplevel != chosen {
            guard entry.target.source == .built, let other = entry.target.identity.toplevel else {
                mismatch(
                    "\(reports[entry.report].name) names another system for \(entry.target.name) than the others: "
                        + "\(entry.target.identity.toplevel ?? "none") instead of \(chosen)", target: entry.index)
                continue
            }
            nested.append(other)
        }
        let ours = named.filter { $0.target.identity.toplevel == chosen }.map(\.target.identity)
        let hosts = Set(ours.compactMap(\.hostName)).sorted()
        if hosts.count > 1 { mismatch("the reports are of several hosts: \(hosts.joined(separator: ", "))") }
        hostName = hosts.count == 1 ? hosts.first : nil
        let digests = Set(ours.compactMap(\.closureDigest))
        if Set(digests.map(\.value)).count > 1 {
            mismatch("the reports name one toplevel with different closures: a file in one of them was changed")
        } else {
            // Of one value, "recomputed" says more than "registered".
            closureDigest = digests.first { $0.origin == .recomputed } ?? digests.first
        }
    }

    private mutating func mismatch(_ message: String, target: Int? = nil) {
        reasons.append(Verdict.Reason(kind: .identityMismatch, target: target, message: message))
    }
}
