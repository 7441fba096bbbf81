import Testing

@testable import FirnUpdates

/// Versions by hand: the forms are those of nixos/release.nix, lib/flake-version-info.nix, lib/trivial.nix and nixos-rebuild.
struct SystemVersionTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var version: String
        var release: String
        var form: SystemVersion.Form
        var count: Int?
        var revision: String?
        var testDescription: String { version }
        init(_ version: String, _ release: String, _ form: SystemVersion.Form, _ count: Int?, _ revision: String?) {
            (self.version, self.release, self.form) = (version, release, form)
            (self.count, self.revision) = (count, revision)
        }
    }

    static let rows = [
        Row("26.05.1234.abcdef123456", "26.05", .channel, 1234, "abcdef123456"),
        Row("20.09.4407.1c1f5649bb9", "20.09", .channel, 4407, "1c1f5649bb9"),
        Row("26.11beta12.abcdef1", "26.11", .beta, 12, "abcdef1"),
        Row("26.11pre812345.abcdef12", "26.11", .preRelease, 812_345, "abcdef12"),
        // Eight digits are a day, not a number of commits.
        Row("26.05.20261101.abcdef1", "26.05", .flake, nil, "abcdef1"),
        Row("26.05.19700101.abcdef1", "26.05", .flake, nil, "abcdef1"),
        // A working tree with changes has no revision, a checkout by nixos-rebuild marks it with an M.
        Row("26.05.20261101.dirty", "26.05", .flake, nil, nil),
        Row("26.05.git.abcdef1", "26.05", .checkout, nil, "abcdef1"),
        Row("26.05.git.abcdef1M", "26.05", .checkout, nil, nil),
        Row("26.11pre-git", "26.11", .unversioned, nil, nil),
        // What anybody may set.
        Row("26.05", "26.05", .other, nil, nil),
        Row("26.05.1234", "26.05", .other, nil, nil),
        Row("26.05.1234.abcdef1.more", "26.05", .other, nil, nil),
        Row("26.05-mine", "26.05", .other, nil, nil),
        Row("rescue-26.05.1234.abcdef1", "26.05", .other, nil, nil),
        Row("26.11.1234.abcdef1", "26.05", .other, nil, nil),
        Row("26.05.12345678901234567890.abcdef1", "26.05", .other, nil, nil),
        Row("", "", .other, nil, nil),
        // Six digits, capitals and other letters are no revision of Git.
        Row("26.05.1234.abcdef", "26.05", .channel, 1234, nil),
        Row("26.05.1234.ABCDEF1", "26.05", .channel, 1234, nil),
        Row("26.05.1234.ghijklm", "26.05", .channel, 1234, nil),
    ]

    @Test(arguments: rows) func isTakenApart(_ row: Row) {
        let version = SystemVersion(row.version, release: row.release)
        #expect(version.form == row.form)
        #expect(version.count == row.count)
        #expect(version.revision?.text == row.revision)
        // Either there is a revision, or it is said why there is none.
        #expect((version.revision == nil) == (version.reason != nil))
    }

    @Test func channelsFollowFromTheForm() {
        #expect(UpdateChannels.names(release: "26.05", form: .channel) == ["nixos-26.05", "nixos-26.05-small"])
        #expect(UpdateChannels.names(release: "26.11", form: .beta) == ["nixos-26.11", "nixos-26.11-small"])
        #expect(
            UpdateChannels.names(release: "26.11", form: .preRelease) == [
                "nixos-unstable", "nixos-unstable-small", "nixpkgs-unstable",
            ])
        #expect(UpdateChannels.names(release: "26.05", form: .flake).count == 5)
        // A release goes into an address: nothing else than a release may.
        for release in ["26.5", "../..", "26.05/x", "2605", "", "٢٦.٠٥", "26.05 "] {
            #expect(UpdateChannels.names(release: release, form: .channel).isEmpty, "\(release)")
        }
        #expect(
            UpdateChannels.address(ofChannel: "nixos-26.05") == "https://channels.nixos.org/nixos-26.05/git-revision")
    }

    @Test func aRevisionMatchesItsBeginning() throws {
        let whole = try #require(Revision(String(repeating: "ab", count: 20)))
        let short = try #require(Revision("abababa"))
        #expect(whole.isWhole && !short.isWhole)
        #expect(whole.matches(short) && short.matches(whole))
        #expect(!whole.matches(try #require(Revision("abababb"))))
        // One of SHA-256 that begins with one of SHA-1 is another commit.
        #expect(!whole.matches(try #require(Revision(String(repeating: "ab", count: 32)))))
        #expect(Revision("abcdef") == nil && Revision(String(repeating: "a", count: 65)) == nil)
    }
}
