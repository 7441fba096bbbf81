public import FirnModel
import FirnReportCore

/// A verdict that was kept: Nix caches the derivation that asked the gate for ever, so whoever uses its answer asks
/// whether it still holds.
public enum KeptVerdict {
    /// What speaks against using a verdict now, worst first; empty when it holds.
    ///
    /// - Parameters:
    ///   - verdict: The verdict. Where it comes from is for its signature to prove.
    ///   - artifact: What is to go out.
    ///   - policy: The policy it must have been decided by, where one is asked for.
    ///   - now: The time, in seconds since 1970.
    public static func problems(
        _ verdict: Verdict, artifact: GateArtifact?, policy: GatePolicy?, now: Int64
    ) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        func block(_ kind: Verdict.ReasonKind, _ message: String) {
            reasons.append(Verdict.Reason(kind: kind, message: message))
        }
        if verdict.decision == .blocked { reasons += verdict.reasons }
        if let policy, policy.id != verdict.policy || policy.digest != verdict.policyDigest {
            block(
                .profile,
                policy.id == verdict.policy
                    ? "the verdict was decided by a policy \(policy.id) that has changed since"
                    : "the verdict was decided by the policy \(verdict.policy), and \(policy.id) is asked for")
        }
        if now > verdict.validUntil {
            block(
                .stale,
                "the verdict was valid until \(Timestamp.text(verdict.validUntil)), and it is \(Timestamp.text(now))")
        }
        if verdict.judgedAt > now + Gate.clockTolerance {
            block(
                .stale,
                "the verdict is from the future: it was decided at \(Timestamp.text(verdict.judgedAt)), and it is "
                    + Timestamp.text(now))
        }
        switch (verdict.artifact, artifact) {
        case (nil, nil): break
        case (nil, let given?):
            block(.artifactMismatch, "the verdict is about no artifact, so it says nothing of \(given.name)")
        case (let bound?, nil):
            block(.artifactMismatch, "the verdict is about \(bound.name), and no artifact was given to compare")
        case (let bound?, let given?):
            if let difference = difference(bound, given, toplevel: verdict.toplevel) {
                block(.artifactMismatch, "\(given.name) is not the artifact of the verdict: \(difference)")
            }
        }
        return reasons.enumerated().sorted {
            $0.element.kind == $1.element.kind
                ? $0.offset < $1.offset : $0.element.kind.rank < $1.element.kind.rank
        }.map(\.element)
    }

    private static func difference(
        _ bound: Verdict.Artifact, _ given: GateArtifact, toplevel: String?
    ) -> String? {
        if bound.kind != given.kind.rawValue { return "it is of the kind \(given.kind.rawValue), not \(bound.kind)" }
        if bound.size != given.size { return "it has \(given.size) bytes, not \(bound.size)" }
        if bound.digest != given.digest {
            return "its digest is \(given.digest ?? "none, as a build result"), not \(bound.digest ?? "none")"
        }
        // A build result has no digest of its own; the system it names is what binds it.
        if given.digest == nil, given.toplevel == nil || given.toplevel != toplevel {
            return "it is a machine of \(given.toplevel ?? "a system it does not name"), not of \(toplevel ?? "none")"
        }
        return nil
    }
}
