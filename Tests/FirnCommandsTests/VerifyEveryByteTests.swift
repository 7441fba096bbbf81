import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnSigning
import Foundation
import Testing

/// Every byte of everything that is signed or bound: changed, and never accepted.
@Suite struct VerifyEveryByteTests {
    /// Calls the closure for each byte changed in the file, and puts the file back.
    func eachChange(_ release: SignedRelease, _ name: String, step: Int = 1, _ body: (Int) throws -> Void) throws {
        let original = try release.bytes(name)
        for index in stride(from: 0, to: original.count, by: step) {
            var changed = original
            changed[index] ^= [0x01, 0x20, 0x80, 0x0a][index / step % 4]
            try release.directory.write(name, bytes: changed)
            try body(index)
        }
        try release.directory.write(name, bytes: original)
    }

    /// Every byte of an envelope, with several changes each, is the business of `EnvelopeTests`; here the command runs.
    @Test func ofStatementAndSignedReport() throws {
        let release = try SignedRelease()
        let key = release.directory("release.pub")
        for name in ["release.json", "report.signed.json"] {
            try eachChange(release, name, step: 29) { index in
                let run = release.run([name, "--key", key, "--signature-only"])
                #expect(run.code == 1, "\(name) byte \(index): \(run.out)\(run.err)")
            }
        }
    }

    @Test func ofEveryFileOfABundle() throws {
        let release = try SignedRelease()
        let files = ["bundle.intoto.json", "SHA256SUMS", "index.json", "html/report.html", "report.csv"]
        for (name, step) in files.map({ ("bundle/" + $0, $0.hasSuffix(".json") && $0 != "index.json" ? 11 : 1) }) {
            try eachChange(release, name, step: step) { index in
                let run = release.run(["bundle", "--key", release.directory("release.pub")])
                #expect(run.code == 1, "\(name) byte \(index): \(run.out)\(run.err)")
            }
        }
        #expect(release.run(["bundle", "--key", release.directory("release.pub")]).code == 0)
    }

    @Test func ofReportArtifactAndClosure() throws {
        let release = try SignedRelease()
        let key = release.directory("release.pub")
        try eachChange(release, "report.json", step: 29) { index in
            let run = release.run([
                "release.json", "--key", key, "--artifact", release.directory("nixos.iso"), "--report",
                release.directory("report.json"),
            ])
            #expect(run.code == 1, "byte \(index): \(run.out)\(run.err)")
        }
        try eachChange(release, "nixos.iso", step: 101) { index in
            let run = release.run(["release.json", "--key", key, "--artifact", release.directory("nixos.iso")])
            #expect(run.code == 1, "byte \(index): \(run.out)\(run.err)")
        }
        for name in [SignedRelease.deep, SignedRelease.middle + "/ssh/config"].map({ "root/nix/store/" + $0 }) {
            try eachChange(release, name) { index in
                let run = release.run(["release.json", "--key", key, "--closure", release.directory("root")])
                #expect(run.code == 1, "\(name) byte \(index): \(run.out)\(run.err)")
            }
        }
    }

    /// A waiver's digest is over what it says, not how it is written: a change is found, or it says the same.
    @Test func ofTheWaivers() throws {
        let release = try SignedRelease()
        let before = try WaiverFiles.load(release.directory("waivers")).waivers.map(\.waiver)
        let key = release.directory("release.pub")
        var same = 0
        try eachChange(release, "waivers/a.toml") { index in
            let run = release.run([
                "release.json", "--key", key, "--artifact", release.directory("nixos.iso"), "--waivers",
                release.directory("waivers"),
            ])
            guard run.code == 0 else { return #expect([1, 2].contains(run.code)) }
            same += 1
            try #expect(WaiverFiles.load(release.directory("waivers")).waivers.map(\.waiver) == before, "byte \(index)")
        }
        #expect(same < 20)
    }

    @Test func ofThePublicKey() throws {
        let release = try SignedRelease()
        let key = release.directory("release.pub")
        // All but the comment, which says nothing.
        let length = release.key.publicKey.openSSH.utf8.count
        try eachChange(release, "release.pub") { index in
            guard index < length else { return }
            #expect(release.run(["release.json", "--key", key, "--signature-only"]).code != 0, "byte \(index)")
        }
    }
}
