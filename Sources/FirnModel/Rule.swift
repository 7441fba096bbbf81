/// The levels of hardening, each containing the one before.
public enum Level: String, Sendable, Hashable, CaseIterable, Comparable {
    /// What no machine should be without.
    case minimal
    /// What an auditor expects of a server.
    case standard
    /// What costs convenience or speed.
    case strict

    private var rank: Int {
        switch self {
        case .minimal: 0
        case .standard: 1
        case .strict: 2
        }
    }

    /// Orders by strictness: `minimal` is the least.
    public static func < (left: Level, right: Level) -> Bool {
        left.rank < right.rank
    }
}

/// One way to repair a finding in a NixOS configuration.
public struct Fix: Sendable, Hashable {
    /// How the value meets other definitions of the same option.
    public enum Merge: String, Sendable, Hashable {
        /// Scalars and choice lists: a plain user definition wins whole.
        case replace
        /// Additive lists, lines and attribute sets: joined with the others.
        case add
    }

    /// The option path, one element an attribute, so that Nix needs no parser.
    public var path: [String]
    /// The value to set.
    public var value: FactValue?
    /// How it merges; required for a list.
    public var merge: Merge?
    /// The first NixOS release that has the option (`24.05`), if not all.
    public var since: String?
    /// The first NixOS release that no longer has it.
    public var until: String?
    /// When it is the right one, such as for one of two programs with the same name; nil means always.
    public var when: Condition?
    /// What a person must do where no option can, such as removing an element from a merged list.
    public var manual: String?

    /// Creates a fix.
    public init(
        path: [String] = [], value: FactValue? = nil, merge: Merge? = nil, since: String? = nil, until: String? = nil,
        when: Condition? = nil, manual: String? = nil
    ) {
        self.path = path
        self.value = value
        self.merge = merge
        self.since = since
        self.until = until
        self.when = when
        self.manual = manual
    }
}

/// What a level changes in a rule; it may tighten, never loosen.
public struct LevelOverride: Sendable, Hashable {
    /// The expectation at this level and above.
    public var expect: Condition?
    /// The value the fix sets at this level and above.
    public var fixValue: FactValue?
    /// The severity at this level and above.
    public var severity: Severity?

    /// Creates an override.
    public init(expect: Condition? = nil, fixValue: FactValue? = nil, severity: Severity? = nil) {
        self.expect = expect
        self.fixValue = fixValue
        self.severity = severity
    }
}

/// A worked example of a rule: documentation and test in one.
public struct RuleExample: Sendable, Hashable {
    /// The facts of the example; a key that is not named is not supplied.
    public var facts: [FactKey: Fact]
    /// What the rule must say.
    public var outcome: Outcome
    /// The level the example is judged at; nil means the rule's base expectation.
    public var level: Level?

    /// Creates an example.
    public init(facts: [FactKey: Fact], outcome: Outcome, level: Level? = nil) {
        self.facts = facts
        self.outcome = outcome
        self.level = level
    }
}

/// One entry of knowledge: what to look at, what it must be, why, and how to repair it.
public struct Rule: Sendable, Hashable {
    /// Family, a dot, the upstream name; never reused.
    public var id: String
    /// A positive sentence: what is so when the rule passes.
    public var title: String
    /// How much a failure matters.
    public var severity: Severity
    /// The fact it judges.
    public var fact: FactKey
    /// What the fact must be.
    public var expect: Condition
    /// When the rule applies at all; nil means always.
    public var appliesWhen: Condition?
    /// The ways to repair a finding, the first that fits is used.
    public var fixes: [Fix]
    /// What each level tightens.
    public var levels: [Level: LevelOverride]
    /// Why it matters.
    public var rationale: String
    /// What may break, or cost.
    public var sideEffects: String
    /// Where the claim can be checked: kernel documentation, man page, RFC.
    public var references: [String]
    /// Worked examples.
    public var examples: [RuleExample]
    /// The file under `profiles/` that holds it.
    public var file: String
    /// The line of its `[[rule]]` header.
    public var line: Int

    /// Creates a rule.
    public init(
        id: String, title: String, severity: Severity, fact: FactKey, expect: Condition, appliesWhen: Condition? = nil,
        fixes: [Fix] = [], levels: [Level: LevelOverride] = [:], rationale: String, sideEffects: String,
        references: [String] = [], examples: [RuleExample] = [], file: String = "", line: Int = 0
    ) {
        self.id = id
        self.title = title
        self.severity = severity
        self.fact = fact
        self.expect = expect
        self.appliesWhen = appliesWhen
        self.fixes = fixes
        self.levels = levels
        self.rationale = rationale
        self.sideEffects = sideEffects
        self.references = references
        self.examples = examples
        self.file = file
        self.line = line
    }

    /// The family: the id up to its first dot.
    public var family: String {
        String(id.prefix { $0 != "." })
    }

    /// The expectation in force at a level: the last override not above it, else the base.
    public func expectation(at level: Level?) -> Condition {
        guard let level else { return expect }
        var result = expect
        for step in Level.allCases where step <= level {
            result = levels[step]?.expect ?? result
        }
        return result
    }

    /// The severity in force at a level.
    public func severity(at level: Level?) -> Severity {
        guard let level else { return severity }
        var result = severity
        for step in Level.allCases where step <= level {
            result = levels[step]?.severity ?? result
        }
        return result
    }

    /// The fixes with the value in force at a level.
    public func fixes(at level: Level?) -> [Fix] {
        guard let level else { return fixes }
        var value: FactValue?
        for step in Level.allCases where step <= level {
            value = levels[step]?.fixValue ?? value
        }
        guard let value else { return fixes }
        return fixes.map { fix in
            var fix = fix
            if fix.value != nil { fix.value = value }
            return fix
        }
    }
}
