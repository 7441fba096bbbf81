public import FirnModel

/// Joins reports of several targets into one, so that every count and every section is computed in one place.
public enum ReportJoin {
    /// Why reports cannot be joined.
    public struct Mismatch: Error, Hashable, CustomStringConvertible {
        /// The sentence a person reads.
        public var description: String
    }

    /// Joins reports in the order given; targets are numbered anew.
    ///
    /// Reports are only comparable when they were judged by the same rules: profile and catalogue digests must be
    /// equal. The joined report is as old as its oldest part. Its drift is that of the parts; what two parts say of one
    /// system is for `DriftFinder`. Verdicts and challenges are those of one part and are not carried over.
    public static func join(_ reports: [Report]) throws(Mismatch) -> Report {
        guard var joined = reports.first else { throw Mismatch(description: "there is no report to join") }
        guard reports.count > 1 else { return joined }
        joined.verdict = nil
        joined.challenge = nil
        for report in reports.dropFirst() {
            guard report.catalogueDigest == joined.catalogueDigest else {
                throw Mismatch(
                    description: "the reports were made with different catalogues; run firn check again with one firn")
            }
            guard report.profileDigest == joined.profileDigest else {
                throw Mismatch(
                    description:
                        "the reports were made with different profiles, \(joined.profile) and \(report.profile)")
            }
            guard report.snapshots.isEmpty == joined.snapshots.isEmpty else {
                throw Mismatch(description: "only some of the reports hold their facts")
            }
            let offset = joined.targets.count
            joined.targets += report.targets
            joined.snapshots += report.snapshots
            joined.results += report.results.map { result in
                var result = result
                result.target += offset
                return result
            }
            joined.drift += report.drift.map { drift in
                var drift = drift
                for index in drift.values.indices { drift.values[index].target += offset }
                return drift
            }
            for note in report.notes where !joined.notes.contains(note) { joined.notes.append(note) }
            joined.collectedAt = min(joined.collectedAt, report.collectedAt)
        }
        return joined
    }
}
