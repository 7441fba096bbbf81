/// A version of NixOS taken apart: the release, and what nixpkgs puts after it.
///
/// | version | form | where it comes from |
/// |---|---|---|
/// | `26.05.1234.abcdef123456` | `channel` | a channel of a release (nixos/release.nix: commits since the branch) |
/// | `26.11beta12.abcdef123456` | `beta` | a channel of a release that is not out yet |
/// | `26.11pre812345.abcdef123456` | `preRelease` | an unstable channel (all commits) |
/// | `26.05.20261101.abcdef1` | `flake` | a flake (lib/flake-version-info.nix: day and commit) |
/// | `26.05.git.abcdef1` | `checkout` | a Git checkout, by `nixos-rebuild` (an `M` at the end: with changes) |
/// | `26.11pre-git` | `unversioned` | a checkout without version files |
///
/// Anything else is `other`: anybody may set `system.nixos.version`.
public struct SystemVersion: Sendable, Hashable {
    /// Which of the forms it is.
    public enum Form: String, Sendable, Hashable, CaseIterable {
        case channel
        case beta
        case preRelease
        case flake
        case checkout
        case unversioned
        case other
    }

    /// The form.
    public var form: Form
    /// The commits it counts, where it counts some.
    public var count: Int?
    /// The revision it names.
    public var revision: Revision?
    /// Why it names none; nil where it does.
    public var reason: String?

    private init(_ form: Form, count: Int? = nil, revision: Revision? = nil, reason: String? = nil) {
        self.form = form
        self.count = count
        self.revision = revision
        self.reason = reason
    }

    /// Takes a version apart.
    public init(_ version: String, release: String) {
        self = Self.read(version, release)
    }

    private static func read(_ version: String, _ release: String) -> SystemVersion {
        guard !release.isEmpty, version.hasPrefix(release) else {
            return SystemVersion(.other, reason: "the version does not begin with the release")
        }
        let rest = version.dropFirst(release.count)
        if rest == "pre-git" {
            return SystemVersion(.unversioned, reason: "a checkout without version files names no revision")
        }
        if rest.hasPrefix(".git.") { return checkout(rest.dropFirst(5)) }
        for (word, form) in [("pre", Form.preRelease), ("beta", .beta), (".", .channel)] where rest.hasPrefix(word) {
            let parts = rest.dropFirst(word.count).split(separator: ".", omittingEmptySubsequences: false)
            let digits = parts[0]
            guard parts.count == 2, (1...9).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits)
            else { break }
            // Nixpkgs has a million commits, so that eight digits are a day.
            let isFlake = form == .channel && digits.utf8.count == 8
            let revision = Revision(parts[1])
            let reason =
                parts[1] == "dirty"
                ? "it was built from a working tree with changes" : "\"\(parts[1])\" is no revision"
            return SystemVersion(
                isFlake ? .flake : form, count: isFlake ? nil : count, revision: revision,
                reason: revision == nil ? reason : nil)
        }
        return SystemVersion(.other, reason: "the version has none of the forms that nixpkgs gives one")
    }

    private static func checkout(_ text: Substring) -> SystemVersion {
        if text.hasSuffix("M") {
            return SystemVersion(.checkout, reason: "it was built from a checkout with changes")
        }
        guard let revision = Revision(text) else {
            return SystemVersion(.checkout, reason: "\"\(text)\" is no revision")
        }
        return SystemVersion(.checkout, revision: revision)
    }
}
