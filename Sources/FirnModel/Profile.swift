/// A profile as written: which rules, at which level, with which changes.
public struct Profile: Sendable, Hashable {
    /// Its name on the command line.
    public var id: String
    /// What it is for, in a sentence.
    public var title: String
    /// The profile it starts from.
    public var inherits: String?
    /// The level its rules are judged at; nil means the inherited one.
    public var level: Level?
    /// Rule ids, or families.
    public var rules: [String]
    /// Tightened expectations by rule id.
    public var set: [String: Condition]
    /// Rules left out, with the reason, shown in every report.
    public var drop: [String: String]
    /// The file that holds it.
    public var file: String

    /// Creates a profile.
    public init(
        id: String, title: String, inherits: String? = nil, level: Level? = nil, rules: [String] = [],
        set: [String: Condition] = [:], drop: [String: String] = [:], file: String = ""
    ) {
        self.id = id
        self.title = title
        self.inherits = inherits
        self.level = level
        self.rules = rules
        self.set = set
        self.drop = drop
        self.file = file
    }
}

/// A rule as a profile wants it judged.
public struct SelectedRule: Sendable, Hashable {
    /// The rule.
    public var rule: Rule
    /// The expectation in force.
    public var expect: Condition
    /// The severity in force.
    public var severity: Severity
    /// The fixes in force.
    public var fixes: [Fix]
    /// The controls of published benchmarks that the rule answers.
    public var controls: [String]

    /// Creates a selection.
    public init(rule: Rule, expect: Condition, severity: Severity, fixes: [Fix], controls: [String] = []) {
        self.rule = rule
        self.expect = expect
        self.severity = severity
        self.fixes = fixes
        self.controls = controls
    }
}

/// A profile with its inheritance resolved: exactly what will be judged.
public struct ResolvedProfile: Sendable, Hashable {
    /// The profile's id.
    public var id: String
    /// Its title.
    public var title: String
    /// The level in force.
    public var level: Level?
    /// The rules, ordered by id.
    public var rules: [SelectedRule]
    /// What was left out, and why, ordered by id.
    public var dropped: [DroppedRule]
    /// SHA-256 over the rules as resolved, lower-case hex.
    public var digest: String

    /// Creates a resolved profile.
    public init(
        id: String, title: String, level: Level?, rules: [SelectedRule], dropped: [DroppedRule], digest: String
    ) {
        self.id = id
        self.title = title
        self.level = level
        self.rules = rules
        self.dropped = dropped
        self.digest = digest
    }
}

/// A rule a profile leaves out.
public struct DroppedRule: Sendable, Hashable {
    /// The rule's id.
    public var id: String
    /// Why.
    public var reason: String

    /// Creates a dropped rule.
    public init(id: String, reason: String) {
        self.id = id
        self.reason = reason
    }
}
