/// Something a person should do about a waiver.
public struct WaiverFinding: Sendable, Hashable {
    /// What is the matter.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It cannot be read: not TOML, an unknown key, no owner, reason or date.
        case invalid
        /// No rule has that id, or the rule was retired.
        case unknownRule
        /// It accepts more than one decision should.
        case tooBroad
        /// Its last day has passed.
        case expired
        /// Its last day is more than a year ahead.
        case tooLong
        /// Its rule is more severe than it accepts.
        case tooSevere
        /// Another waiver is for the same results.
        case duplicate
        /// Its last day is near.
        case expiringSoon
        /// The rule passes everywhere in its scope.
        case alreadyFixed
        /// It accepts nothing in the reports.
        case unused
    }

    /// What is the matter.
    public var kind: Kind
    /// Whether it is wrong; else it is a warning.
    public var isError: Bool
    /// The file.
    public var file: String
    /// The line, counted from 1, or 0 where it is not known.
    public var line: Int
    /// The rule, where the waiver could be read.
    public var rule: String?
    /// The sentence a person reads. It holds words of the files: escape it.
    public var message: String

    /// Creates a finding.
    public init(kind: Kind, isError: Bool, file: String, line: Int, rule: String?, message: String) {
        self.kind = kind
        self.isError = isError
        self.file = file
        self.line = line
        self.rule = rule
        self.message = message
    }
}
