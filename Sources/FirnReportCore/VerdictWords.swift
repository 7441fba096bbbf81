public import FirnModel

extension Verdict.ReasonKind {
    /// The place in a list of reasons, worst first: what makes the rest moot, then what is wrong with the system, then
    /// what is not known of it.
    public var rank: Int {
        switch self {
        case .tampered: 0
        case .unknownKey: 1
        case .unsigned: 2
        case .challenge: 3
        case .identityMismatch: 4
        case .artifactMismatch: 5
        case .profile: 6
        case .catalogue: 7
        case .error: 8
        case .waiverInvalid: 9
        case .waiverExpired: 10
        case .fail: 11
        case .drift: 12
        case .size: 13
        case .missing: 14
        case .empty: 15
        case .notApplicableOnly: 16
        case .unknown: 17
        case .stale: 18
        case .notVerified: 19
        }
    }

    /// What it is, as a heading.
    public var title: String {
        switch self {
        case .tampered: "changed after it was made"
        case .unknownKey: "signed by a key that is not accepted"
        case .unsigned: "not signed"
        case .challenge: "the challenge is not answered"
        case .identityMismatch: "not of one system"
        case .artifactMismatch: "another artifact"
        case .profile: "another profile or policy"
        case .catalogue: "another catalogue"
        case .error: "in error"
        case .waiverInvalid: "waivers that cannot be applied"
        case .waiverExpired: "expired waivers"
        case .fail: "failures"
        case .drift: "differences between layers"
        case .size: "too large"
        case .missing: "missing"
        case .empty: "empty reports"
        case .notApplicableOnly: "nothing was judged"
        case .unknown: "could not be told"
        case .stale: "too old, or from the future"
        case .notVerified: "contents not verified"
        }
    }

    /// How many there are, in words: `1 failure`, `3 failures`.
    public func counted(_ count: Int) -> String {
        let one: String? =
            switch self {
            case .waiverInvalid: "waiver that cannot be applied"
            case .waiverExpired: "expired waiver"
            case .fail: "failure"
            case .drift: "difference between layers"
            case .empty: "empty report"
            default: nil
            }
        return "\(count) \(count == 1 ? one ?? title : title)"
    }

    /// What to do where it speaks against a verdict that was kept.
    public var keptAdvice: String {
        switch self {
        case .stale: "Ask the gate again, with new reports where they are too old."
        case .profile: "Ask the gate again, by the policy that is asked for: firn gate REPORT... --policy POLICY."
        case .artifactMismatch: "Ask the gate about this artifact: firn gate REPORT... --artifact FILE."
        default: advice
        }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .tampered: "Find out who changed the file, and collect it again from the system."
        case .unknownKey:
            "Sign with a key of the policy, or add the key to its [[agent-key]] when you know whose it is."
        case .unsigned: "Sign the report on the host that made it: firn sign --key KEY REPORT."
        case .challenge: "Ask the host again with a new nonce, and give that one to firn gate --challenge."
        case .identityMismatch: "Give reports of one build: firn check OPTIONS RESULT of the same toplevel."
        case .artifactMismatch: "Judge the artifact that goes out, and no other."
        case .profile: "Make the reports with the profile the policy asks for: firn check --profile ID."
        case .catalogue: "Make the reports with the same firn, --rules and --profiles as the gate."
        case .error: "Repair the rule or its knowledge table; firn check shows where."
        case .waiverInvalid: "Correct the waiver; firn waiver lint says how."
        case .waiverExpired: "Repair what it accepted, or have it accepted again with a new date."
        case .fail: "Repair it (firn fix REPORT, firn explain RULE), or accept it with a waiver."
        case .drift: "Build again, and find what changed the later layer."
        case .size: "Make it smaller, or raise the limit in a policy of your own."
        case .missing: "Add the report of that source. Make one that lacks facts again with firn check."
        case .empty: "Make the report again with firn check; nothing can be decided on an empty one."
        case .notApplicableOnly: "Check that the report is of the system you mean."
        case .unknown: "Make readable what could not be read; the message says what."
        case .stale: "Make the report again, and check the clocks of both machines."
        case .notVerified: "Add the report of the image: firn check IMAGE --format json=image.json."
        }
    }
}

extension Verdict {
    /// The exit code of `firn gate`: 0 for a pass; 2 when a rule or the engine is in error; 1 when something speaks
    /// against the system or the documents; 3 when nothing does, and something is only not known.
    public var exitCode: Int32 {
        if decision == .pass { return ExitCode.pass }
        let kinds = Set(reasons.map(\.kind))
        if kinds.contains(.error) { return ExitCode.error }
        let incomplete: Set<ReasonKind> = [.missing, .empty, .notApplicableOnly, .unknown, .stale, .notVerified]
        return kinds.isSubset(of: incomplete) && !kinds.isEmpty ? ExitCode.incomplete : ExitCode.findings
    }
}
