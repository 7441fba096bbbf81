/// One demand of a benchmark, with the text of the document and the rules that answer it.
public struct Control: Sendable, Hashable {
    /// How much of what a control asks for its rules look at.
    public enum Coverage: String, Sendable, Hashable, CaseIterable {
        /// All of it; the only one that can become "not a finding".
        case full
        /// Not all of it: what remains is for a person.
        case partial
        /// No rule answers it.
        case none
    }

    /// What decides a control, by our reading of its check text.
    public enum Automation: String, Sendable, Hashable, CaseIterable {
        /// The configuration or the closure.
        case `static`
        /// The configuration, but the check reads the running system too.
        case both
        /// Only the running system.
        case runtime
        /// A person.
        case manual
    }

    /// What must have answered before a control can be "not a finding".
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// The configuration or the closure.
        case `static`
        /// The running system.
        case live
        /// A person.
        case person
    }

    /// What a control is when a rule passes with something that the control does not want.
    public enum Unmet: String, Sendable, Hashable, CaseIterable {
        /// The document calls it a finding.
        case open
        /// The document leaves it to a person, or contradicts itself.
        case notReviewed = "not-reviewed"
    }

    /// The id that people use (`V-268078`).
    public var id: String
    /// The document's id of the check (`SV-268078r1130947_rule`).
    public var ruleID: String
    /// The document's own number (`ANIX-00-000010`).
    public var version: String
    /// The requirement it comes from (`SRG-OS-000298-GPOS-00116`).
    public var group: String
    /// Further requirements it satisfies.
    public var satisfies: [String]
    /// The document's severity: high is CAT I, medium CAT II, low CAT III.
    public var severity: Severity
    /// Its title.
    public var title: String
    /// What to look at, in the document's words.
    public var check: String
    /// How to repair it, in the document's words.
    public var fix: String
    /// DISA's control correlation identifiers (`CCI-000366`).
    public var ccis: [String]
    /// The controls of NIST SP 800-53.
    public var nist: [String]
    /// What decides it.
    public var automation: Automation
    /// What must have answered it.
    public var sources: [Source]
    /// The rules that answer it.
    public var rules: [ControlRule]
    /// How much of it they answer.
    public var coverage: Coverage
    /// What it is when a rule passes with something else than the control wants.
    public var unmet: Unmet
    /// Whether it does not apply where none of its rules does.
    public var isInapplicableWithItsRules: Bool
    /// What the rules do not look at.
    public var remains: String?
    /// What a person must answer.
    public var question: String?
    /// Where the text is at odds with itself or with NixOS.
    public var note: String?

    /// Creates a control.
    public init(
        id: String, ruleID: String, version: String, group: String, satisfies: [String] = [], severity: Severity,
        title: String, check: String, fix: String, ccis: [String] = [], nist: [String] = [],
        automation: Automation, sources: [Source], rules: [ControlRule] = [], coverage: Coverage,
        unmet: Unmet = .open, isInapplicableWithItsRules: Bool = false, remains: String? = nil,
        question: String? = nil, note: String? = nil
    ) {
        self.id = id
        self.ruleID = ruleID
        self.version = version
        self.group = group
        self.satisfies = satisfies
        self.severity = severity
        self.title = title
        self.check = check
        self.fix = fix
        self.ccis = ccis
        self.nist = nist
        self.automation = automation
        self.sources = sources
        self.rules = rules
        self.coverage = coverage
        self.unmet = unmet
        self.isInapplicableWithItsRules = isInapplicableWithItsRules
        self.remains = remains
        self.question = question
        self.note = note
    }
}

/// A rule that answers a control.
public struct ControlRule: Sendable, Hashable {
    /// The rule's id.
    public var rule: String
    /// What must have been seen, where the rule is content with more than the control; nil where it is not.
    public var wants: Wanted?
    /// Whether the rule asks for more than the control's check does: its failure is for a person to judge.
    public var isBeyond: Bool

    /// What must have been seen, as a report writes it. All that is given must hold.
    public struct Wanted: Sendable, Hashable, CustomStringConvertible {
        /// The texts that satisfy the control; empty means any.
        public var oneOf: [String]
        /// The least number.
        public var atLeast: Int64?
        /// The greatest number.
        public var atMost: Int64?

        /// Creates a demand.
        public init(oneOf: [String] = [], atLeast: Int64? = nil, atMost: Int64? = nil) {
            self.oneOf = oneOf
            self.atLeast = atLeast
            self.atMost = atMost
        }

        /// The demand in words: `one of 1, 2`, `at least 15`.
        public var description: String {
            var parts: [String] = []
            if oneOf.count == 1 { parts.append(oneOf[0]) }
            if oneOf.count > 1 { parts.append("one of " + oneOf.map { "'\($0)'" }.joined(separator: ", ")) }
            if let atLeast { parts.append("at least \(atLeast)") }
            if let atMost { parts.append("at most \(atMost)") }
            return parts.joined(separator: ", ")
        }

        /// Whether what was seen is wanted. What is no number satisfies no bound.
        public func holds(_ observed: String) -> Bool {
            if !oneOf.isEmpty, !oneOf.contains(observed) { return false }
            guard atLeast != nil || atMost != nil else { return true }
            guard let number = Int64(observed) else { return false }
            if let atLeast, number < atLeast { return false }
            if let atMost, number > atMost { return false }
            return true
        }
    }

    /// Creates a reference.
    public init(_ rule: String, wants: Wanted? = nil, isBeyond: Bool = false) {
        self.rule = rule
        self.wants = wants
        self.isBeyond = isBeyond
    }
}
