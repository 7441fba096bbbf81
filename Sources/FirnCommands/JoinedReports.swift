import FirnCatalogue
import FirnEvaluation
import FirnGate
import FirnModel
import FirnReportCore

/// Saved reports as one report, with the drift between them.
struct JoinedReports {
    /// The report.
    var report: Report
    /// The reports the targets came from, as they were named on the command line.
    var origins: [String]
    /// What the comparison gave; nil where the reports were not compared, and ``refusal`` says why.
    var findings: DriftFindings?
    /// Why the reports were not compared.
    var refusal: String?

    /// Reads reports, plain or signed, and compares what they say of one system.
    ///
    /// - Parameter profile: The profile the reports were made with, where it is none of the catalogue's.
    static func read(
        _ paths: [String], catalogue: Catalogue, profile: ResolvedProfile? = nil, console: Console
    ) throws(CommandFailure) -> JoinedReports {
        var given: [Report] = []
        var digests: Set<String> = []
        var origins: [String] = []
        for path in paths {
            let file = try GateReportFile.read(path, accepted: [])
            let shown = VisibleText.escape(path)
            guard digests.insert(file.digest).inserted else {
                throw CommandFailure("\(shown): this report was given twice")
            }
            if file.signature != .unsigned {
                console.err("firn: \(shown): its signature was not checked here; firn verify and firn gate do that\n")
            }
            given.append(file.report)
            origins += file.report.targets.map { _ in path }
        }
        var joined: JoinedReports
        do {
            joined = JoinedReports(report: try ReportJoin.join(given), origins: origins)
        } catch {
            throw CommandFailure(VisibleText.escape(error.description))
        }
        guard joined.report.catalogueDigest == catalogue.digest else {
            joined.refusal =
                "the reports were made with another catalogue than this firn's: texts of rules and benchmarks are left "
                + "out\(given.count > 1 ? ", and what one report says is not compared with another" : "")"
            return joined
        }
        guard let profile = profile ?? resolve(joined.report.profile, catalogue),
            profile.digest == joined.report.profileDigest
        else {
            if given.count > 1 {
                joined.refusal =
                    "the profile \(VisibleText.escape(joined.report.profile, limit: 80)) of the reports is not one of "
                    + "this firn's: what one report says is not compared with another"
            }
            return joined
        }
        let finder: DriftFinder
        do {
            finder = try DriftFinder(profile: profile, knowledge: catalogue.knowledge)
        } catch {
            throw CommandFailure(error.description)
        }
        let found = finder.find(
            targets: joined.report.targets, snapshots: joined.report.snapshots, results: joined.report.results)
        joined.findings = found
        // One report alone says what it said when it was made.
        if given.count > 1 {
            joined.report.drift = found.drift
            for note in found.notes where !joined.report.notes.contains(note) { joined.report.notes.append(note) }
        }
        return joined
    }

    private static func resolve(_ id: String, _ catalogue: Catalogue) -> ResolvedProfile? {
        do {
            return try catalogue.resolve(profile: id)
        } catch {
            return nil
        }
    }
}
