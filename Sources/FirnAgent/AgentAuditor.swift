import FirnCatalogue
import FirnEvaluation
import FirnFacts
import FirnHost
import FirnModel

/// Collects the facts of the host and judges them by a profile.
struct AgentAuditor {
    /// The profile, resolved.
    let profile: ResolvedProfile
    private let catalogue: Catalogue
    private let root: String

    /// Reads the compiled catalogue.
    ///
    /// - Throws: `AgentFailure` when there is no such profile.
    init(profile id: String, root: String) throws(AgentFailure) {
        do {
            catalogue = try Catalogue.embedded()
            profile = try catalogue.resolve(profile: id)
        } catch {
            throw AgentFailure(error.description)
        }
        self.root = root
    }

    /// The report of the host as it is now.
    ///
    /// - Parameters:
    ///   - now: The wall clock, in seconds since 1970: the time of the report, and of ends of life unless the clock was
    ///     never set.
    ///   - challenge: The nonce of the question it answers.
    func report(now: Int64, challenge: String? = nil) throws(AgentFailure) -> Report {
        let snapshot: Snapshot
        do {
            snapshot = try LiveHost.open(root: root, knowledge: catalogue.knowledge).collect(now: now)
        } catch {
            throw AgentFailure(error.description)
        }
        let evaluator: Evaluator
        do {
            evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: max(now, Evaluator.earliestTime(catalogue.knowledge)),
                rules: catalogue.orderedRules)
        } catch {
            throw AgentFailure(error.description)
        }
        var notes: [String] = []
        if root != "/" { notes.append("The files of \(root) stand for the machine, and no kernel was asked.") }
        return Report(
            tool: "firn-agent \(FirnAgent.version)",
            targets: [
                ReportTarget(kind: "live-host", name: "live", size: nil, source: .live, identity: snapshot.identity)
            ],
            profile: profile.id, profileDigest: profile.digest, dropped: profile.dropped,
            catalogueDigest: catalogue.digest, collectedAt: now, snapshots: [snapshot],
            results: profile.rules.map { evaluator.evaluate($0, on: snapshot, target: 0) }, drift: [], notes: notes,
            challenge: challenge)
    }
}
