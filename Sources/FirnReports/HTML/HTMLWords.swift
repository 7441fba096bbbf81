import FirnModel
import FirnReportCore

/// The words of the page. Every sign has its word beside it: nothing is said by colour or sign alone.
enum HTMLWords {
    static func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "Pass"
        case .fail: "Fail"
        case .unknown: "Unknown"
        case .error: "Error"
        case .notApplicable: "Not applicable"
        case .notChecked: "Not checked"
        }
    }

    static func style(_ outcome: Outcome) -> HTMLClass {
        switch outcome {
        case .pass: .pass
        case .fail: .fail
        case .unknown: .unknown
        case .error: .error
        case .notApplicable: .notApplicable
        case .notChecked: .notChecked
        }
    }

    static func severity(_ severity: Severity) -> String {
        switch severity {
        case .info: "Info"
        case .low: "Low"
        case .medium: "Medium"
        case .high: "High"
        case .critical: "Critical"
        }
    }

    static func style(_ severity: Severity) -> HTMLClass {
        switch severity {
        case .info: .info
        case .low: .low
        case .medium: .medium
        case .high: .high
        case .critical: .critical
        }
    }

    /// What an outcome means, for readers who do not know XCCDF's words.
    static func meaning(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "The source was read, and what it says is as the rule wants it."
        case .fail:
            "The source was read, and what it says is not as the rule wants it. A waiver accepts a fail; it stays one."
        case .unknown: "The source should say, but could not be read. This is no pass."
        case .error: "The rule or the tool failed. This is no pass."
        case .notApplicable: "The rule does not apply to this system, for the reason given."
        case .notChecked: "This source never says anything about the rule; another one may. This is no pass."
        }
    }

    static func reason(_ kind: Verdict.ReasonKind) -> String {
        switch kind {
        case .fail: "Fail"
        case .drift: "Drift"
        case .waiverExpired: "Waiver expired"
        case .waiverInvalid: "Waiver invalid"
        case .tampered: "Tampered"
        case .identityMismatch: "Not one system"
        case .unsigned: "Unsigned"
        case .unknownKey: "Unknown key"
        case .challenge: "Challenge"
        case .profile: "Profile"
        case .catalogue: "Catalogue"
        case .artifactMismatch: "Artifact differs"
        case .size: "Size"
        case .missing: "Missing"
        case .empty: "Empty"
        case .notApplicableOnly: "Nothing applied"
        case .unknown: "Unknown"
        case .stale: "Too old"
        case .notVerified: "Not verified"
        case .error: "Error"
        }
    }

    static func source(_ source: SourceKind) -> String {
        switch source {
        case .declared: "the evaluated configuration: what was asked for"
        case .built: "the system closure or image: what was made of it"
        case .live: "the running host: what is in force"
        }
    }

    static func kind(_ kind: String) -> String {
        switch kind {
        case "evaluated-configuration": "evaluated configuration"
        case "system-closure": "system closure"
        case "live-host": "live host"
        default: kind
        }
    }

    /// The family of a rule: its id up to the first dot.
    static func family(_ rule: String) -> String { String(rule.prefix { $0 != "." }) }
}
