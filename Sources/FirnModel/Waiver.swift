/// Which systems and layers a waiver is for. An empty list means all.
public struct WaiverScope: Sendable, Hashable {
    /// The host names.
    public var hosts: [String]
    /// The names of the targets (images), as a report names them.
    public var images: [String]
    /// The layers.
    public var sources: [SourceKind]

    /// Creates a scope.
    public init(hosts: [String] = [], images: [String] = [], sources: [SourceKind] = []) {
        self.hosts = hosts
        self.images = images
        self.sources = sources
    }
}

/// An accepted failure: who accepted it, why, and until when.
public struct Waiver: Sendable, Hashable {
    /// The rule it accepts.
    public var rule: String
    /// The systems and layers it is for.
    public var scope: WaiverScope
    /// Who answers for it.
    public var owner: String
    /// Why it is accepted.
    public var reason: String
    /// Where it was decided, such as the number of a ticket.
    public var ticket: String?
    /// The last day it holds (`2027-03-31`), in UTC.
    public var expires: String
    /// The highest severity it accepts: a rule that becomes more severe is no longer accepted by it. Nil means any.
    public var maximumSeverity: Severity?

    /// Creates a waiver.
    public init(
        rule: String, scope: WaiverScope = WaiverScope(), owner: String, reason: String, ticket: String? = nil,
        expires: String, maximumSeverity: Severity? = nil
    ) {
        self.rule = rule
        self.scope = scope
        self.owner = owner
        self.reason = reason
        self.ticket = ticket
        self.expires = expires
        self.maximumSeverity = maximumSeverity
    }
}
