public import FirnModel

/// The system that is judged: its release, version and revision, as far as they are known.
public struct UpdateSubject: Sendable, Hashable {
    /// The target's name for people.
    public var target: String
    /// The release (`26.05`).
    public var release: String?
    /// The version.
    public var version: String?
    /// The version taken apart.
    public var parsed: SystemVersion?
    /// The revision, whole or its beginning.
    public var revision: Revision?
    /// Why the revision is not known.
    public var reason: String?
    /// The day of the revision.
    public var date: CalendarDate?
    /// Where all that stands.
    public var evidence: [Evidence]

    /// Creates one of what a system says. `named` is the whole revision it names beside its version, `problem` why that could
    /// not be read. A revision that contradicts the version is not believed: one of the two was set by hand.
    public init(
        target: String, release: String?, version: String?, named: String?, problem: String?, date: CalendarDate?,
        evidence: [Evidence]
    ) {
        self.target = target
        self.release = release
        self.version = version
        self.date = date
        self.evidence = evidence
        guard let release, let version else {
            reason = release == nil ? "the release of NixOS is not known" : "the version of NixOS is not known"
            return
        }
        let parsed = SystemVersion(version, release: release)
        self.parsed = parsed
        guard let named else {
            revision = parsed.revision
            if revision == nil { reason = problem ?? parsed.reason }
            return
        }
        guard let whole = Revision(named) else {
            // nixpkgs without one calls itself master (20.09 and older). Anything else was set by hand: "...-dirty" says that
            // the system is not what the version names.
            if named == "master" { revision = parsed.revision }
            if revision == nil { reason = "\"\(named)\" is no revision" }
            return
        }
        if let short = parsed.revision, !short.matches(whole) {
            reason = "the version names revision \(short), system.nixos.revision names \(whole)"
        } else if parsed.revision == nil, parsed.form == .checkout || parsed.form == .flake {
            // A working tree with changes is not what its revision is.
            reason = parsed.reason
        } else {
            revision = whole
        }
    }
}
