import FirnModel
import FirnReportCore
import FirnSigning
import Foundation
import Testing

/// One way to cheat, and the sentence that tells on it.
struct Forgery: CustomTestStringConvertible, Sendable {
    var name: String
    /// Part of what `firn verify` says.
    var sentence: String
    var code: Int32 = 1
    /// Forges, and says what to run; nil for the whole verification of the release.
    var forge: @Sendable (SignedRelease) throws -> [String]?

    var testDescription: String { name }

    init(
        _ name: String, _ sentence: String, code: Int32 = 1,
        _ forge: @escaping @Sendable (SignedRelease) throws -> [String]?
    ) {
        self.name = name
        self.sentence = sentence
        self.code = code
        self.forge = forge
    }
}

@Suite struct ForgeryTests {
    @Test func whatIsNotForgedVerifies() throws {
        let release = try SignedRelease()
        let run = release.verify()
        #expect(run.code == 0, "\(run.out)\(run.err)")
        #expect(!run.out.contains("✗"))
        #expect(run.out.contains("every file of 3 store paths"))
        let bundle = release.run(["bundle", "--key", release.directory("release.pub")])
        #expect(bundle.code == 0, "\(bundle.out)")
        let report = release.run([
            "report.signed.json", "--key", release.directory("release.pub"), "--challenge", "nonce-1",
        ])
        #expect(report.code == 0, "\(report.out)")
    }

    @Test(arguments: forgeries)
    func isFound(forgery: Forgery) throws {
        let release = try SignedRelease()
        let arguments = try forgery.forge(release)
        let run = arguments.map(release.run) ?? release.verify()
        #expect(run.code == forgery.code, "\(run.out)\(run.err)")
        #expect((run.out + run.err).contains(forgery.sentence), "\(run.out)\(run.err)")
        #expect(!run.out.contains("Verified."))
    }

    @Test func thereAreFortyOrMore() {
        #expect(Self.forgeries.count >= 40)
        #expect(Set(Self.forgeries.map(\.name)).count == Self.forgeries.count)
    }

    static let changed = "is not valid: the document or the signature was changed"

    static let forgeries: [Forgery] = statement + signature + envelope + time + things + reports + bundle

    /// The signed text is changed, or signed anew by the right key with something that does not follow.
    static let statement: [Forgery] = [
        Forgery("swapped subject", changed) {
            try $0.replace(#""name": "nixos.iso""#, #""name": "other.iso""#); return nil
        },
        Forgery("swapped subject digest", changed) {
            try $0.replace(try $0.sha256("nixos.iso"), SignedRelease.digest("0"))
            return nil
        },
        Forgery("swapped subject, signed anew", "are not those its verdict gives") { release in
            let artifact = try release.sha256("nixos.iso")
            try release.change { envelope in
                var text = String(decoding: envelope.payload, as: UTF8.self)
                let range = try #require(text.range(of: artifact))
                text.replaceSubrange(range, with: SignedRelease.digest("0"))
                envelope = DSSEEnvelope(Array(text.utf8), type: .statement)
                try envelope.sign(with: release.key)
            }
            return nil
        },
        Forgery("blocked verdict called a pass", changed) {
            try $0.replace(#""WARNED""#, #""PASSED""#)
            return nil
        },
        Forgery("result that does not follow, signed anew", "are not those its verdict gives") {
            try $0.replace(#""WARNED""#, #""PASSED""#, resign: true)
            return nil
        },
        Forgery("blocked release, well signed", "the gate blocked this release: x fails") { release in
            let verdict = try release.verdict(decision: .blocked)
            try release.directory.write("blocked.json", VerdictJSON.encode(verdict))
            try release.sign("blocked.json", to: "release.json")
            return nil
        },
        Forgery("downgraded profile digest", changed) {
            try $0.replace(SignedRelease.digest("a"), SignedRelease.digest("e"))
            return nil
        },
        Forgery("other profile, well signed", "judged by the profile minimal") { release in
            var verdict = try release.verdict()
            verdict.profile = "minimal"
            try release.directory.write("minimal.json", VerdictJSON.encode(verdict))
            try release.sign("minimal.json", to: "release.json")
            return nil
        },
        Forgery("other policy, well signed", "judged by the policy lax") { release in
            var verdict = try release.verdict()
            verdict.policy = "lax"
            try release.directory.write("lax.json", VerdictJSON.encode(verdict))
            try release.sign("lax.json", to: "release.json")
            return nil
        },
        Forgery("policy named like the digest that is asked for", "judged by the policy eeee") { release in
            var verdict = try release.verdict()
            verdict.policy = SignedRelease.digest("e")
            verdict.profile = SignedRelease.digest("f")
            try release.directory.write("lax.json", VerdictJSON.encode(verdict))
            try release.sign("lax.json", to: "release.json")
            return [
                "release.json", "--key", release.directory("release.pub"), "--signature-only", "--policy",
                SignedRelease.digest("e"), "--profile", SignedRelease.digest("f"),
            ]
        },
        Forgery("waiver digest changed", changed) { release in
            let digest = try #require(try release.verdict().waiversDigest)
            try release.replace(digest, SignedRelease.digest("f"))
            return nil
        },
        Forgery("statement of another predicate", "is no test result and no verification summary") {
            try $0.replace(ReleaseStatement.Form.testResult.rawValue, "https://slsa.dev/provenance/v1", resign: true)
            return nil
        },
        Forgery("statement of another version", "this is no in-toto statement v1") {
            try $0.replace("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1", resign: true)
            return nil
        },
        Forgery("no subject", "the statement has no subject") { release in
            try release.change { envelope in
                let text =
                    #"{"_type":"\#(ReleaseStatement.type)","subject":[],"predicateType":"\#(ReleaseStatement.Form.testResult.rawValue)","predicate":{}}"#
                envelope = DSSEEnvelope(Array(text.utf8), type: .statement)
                try envelope.sign(with: release.key)
            }
            return nil
        },
        Forgery("digest in upper case", "64 lower-case hex") {
            let digest = try $0.sha256("nixos.iso")
            try $0.replace(digest, digest.uppercased(), resign: true)
            return nil
        },
        Forgery("digest cut short", "64 lower-case hex") {
            let digest = try $0.sha256("nixos.iso")
            try $0.replace(digest, String(digest.prefix(8)), resign: true)
            return nil
        },
        Forgery("unknown key in the statement", "has the unknown key 'ignored'") {
            try $0.replace(#""openUntilLive""#, #""ignored": 1, "openUntilLive""#, resign: true)
            return nil
        },
        Forgery("a key twice in the statement", "a key stands twice") {
            try $0.replace(#""openUntilLive""#, #""tool": "x", "openUntilLive""#, resign: true)
            return nil
        },
        Forgery("the statement of a bundle for a release", "this is the statement of a bundle") { release in
            try release.directory.write("release.json", bytes: release.bytes("bundle/bundle.intoto.json"))
            return nil
        },
    ]

    static let signature: [Forgery] = [
        Forgery("stripped signature", "carries no signature") {
            try $0.change { $0.signatures = [] }
            return nil
        },
        Forgery("stripped envelope", "it is no DSSE envelope") {
            try $0.directory.write("release.json", bytes: $0.envelope().payload)
            return nil
        },
        Forgery("empty signature", changed) {
            try $0.change { $0.signatures[0].bytes = [] }
            return nil
        },
        Forgery("signature of zeros", changed) {
            try $0.change { $0.signatures[0].bytes = [UInt8](repeating: 0, count: 64) }
            return nil
        },
        Forgery("other key", "is of none of the accepted keys") { release in
            try release.change { envelope in
                envelope.signatures = []
                try envelope.sign(with: release.other)
            }
            return nil
        },
        Forgery("other key under the name of the right one", changed) { release in
            try release.change { envelope in
                envelope.signatures = []
                try envelope.sign(with: release.other)
                envelope.signatures[0].keyID = release.key.publicKey.keyID
            }
            return nil
        },
        Forgery("right key under another name", "but names") { release in
            try release.change { $0.signatures[0].keyID = release.other.publicKey.keyID }
            return nil
        },
        Forgery("a second signature that is bad", changed) { release in
            try release.change { envelope in
                var second = envelope.signatures[0]
                second.bytes[3] ^= 1
                envelope.signatures.append(second)
            }
            return nil
        },
        Forgery("a second signature of a stranger", "is of none of the accepted keys") { release in
            try release.change { try $0.sign(with: release.other) }
            return nil
        },
        Forgery("the same signature twice", "signed the document twice") { release in
            try release.change { $0.signatures.append($0.signatures[0]) }
            return nil
        },
        Forgery("signature of another document", changed) { release in
            let other = try release.envelope("report.signed.json")
            try release.change { $0.signatures = other.signatures }
            return nil
        },
        Forgery("signature that is not reduced", changed) { release in
            let order: [UInt8] = [
                0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
            ]
            try release.change { envelope in
                var carry = 0
                for index in 0..<32 {
                    let sum = Int(envelope.signatures[0].bytes[32 + index]) + Int(order[index]) + carry
                    envelope.signatures[0].bytes[32 + index] = UInt8(sum & 0xff)
                    carry = sum >> 8
                }
            }
            return nil
        },
        Forgery("key file swapped", "is of none of the accepted keys") {
            try $0.directory.write("release.pub", $0.other.publicKey.openSSH)
            return nil
        },
        Forgery("key of small order", "small order", code: 2) {
            let blob = [0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32, 1] + [UInt8](repeating: 0, count: 31)
            try $0.directory.write("release.pub", "ssh-ed25519 \(Data(blob).base64EncodedString())\n")
            return nil
        },
        Forgery("private key for the public one", "this is a private key", code: 2) {
            try $0.directory.write("release.pub", $0.key.pem)
            return nil
        },
    ]

    static let envelope: [Forgery] = [
        Forgery("report given as statement", "a report is no verdict", code: 3) { release in
            try release.directory.write("release.json", bytes: release.bytes("report.signed.json"))
            return nil
        },
        Forgery("report's envelope renamed to a statement", changed) {
            try $0.change("report.signed.json") { $0.payloadType = .statement }
            return ["report.signed.json", "--key", $0.directory("release.pub")]
        },
        Forgery("statement's envelope renamed to a report", changed) {
            try $0.change { $0.payloadType = .report }
            return nil
        },
        Forgery("payload type nobody knows", "the signed document is of the type 'text/plain'") { release in
            try release.change { envelope in
                envelope = DSSEEnvelope(envelope.payload, type: DSSEEnvelope.PayloadType(rawValue: "text/plain"))
                try envelope.sign(with: release.key)
            }
            return nil
        },
        Forgery("base64 of the other alphabet", "not valid base64") { release in
            var text = try release.envelope().encode()
            let signature = try #require(text.range(of: #""sig": ""#))
            text.replaceSubrange(signature.upperBound..<text.index(after: signature.upperBound), with: "-")
            try release.directory.write("release.json", text)
            return nil
        },
        Forgery("base64 with a blank", "not valid base64") {
            try $0.edit("release.json", #""payload": ""#, #""payload": " "#)
            return nil
        },
        Forgery("base64 without padding", "not valid base64") {
            try $0.edit("release.json", #"=="#, "")
            return nil
        },
        Forgery("unknown key in the envelope", "has the unknown key 'x'") {
            try $0.edit("release.json", #""payload":"#, #""x": 1, "payload":"#)
            return nil
        },
        Forgery("a key twice in the envelope", "a key stands twice") {
            try $0.edit("release.json", #""payload":"#, #""payload": "", "payload":"#)
            return nil
        },
        Forgery("truncated envelope", "ends inside") {
            let bytes = try $0.bytes("release.json")
            try $0.directory.write("release.json", bytes: Array(bytes.prefix(bytes.count * 2 / 3)))
            return nil
        },
        Forgery("appended bytes", "text after the end") {
            try $0.directory.write("release.json", bytes: $0.bytes("release.json") + Array("{}".utf8))
            return nil
        },
        Forgery("appended newline", "escapes or blanks") {
            try $0.directory.write("release.json", bytes: $0.bytes("release.json") + Array("\n".utf8))
            return nil
        },
    ]

    static let time: [Forgery] = [
        Forgery("cached verdict past its end", "the verdict was valid until") { release in
            let verdict = try release.verdict(judgedAt: SignedRelease.now - 90_000, validUntil: SignedRelease.now - 1)
            try release.directory.write("late.json", VerdictJSON.encode(verdict))
            try release.sign("late.json", to: "release.json")
            return nil
        },
        Forgery("end moved in the signed text", changed) {
            try $0.replace(Timestamp.text(SignedRelease.now + 86_400), "2099-01-01T00:00:00Z")
            return nil
        },
        Forgery("expired waiver with a clock set back", "is from the future") {
            ["release.json", "--key", $0.directory("release.pub"), "--signature-only", "--now", "2026-01-01T00:00:00Z"]
        },
        Forgery("report from the future", "is from the future") {
            ["report.signed.json", "--key", $0.directory("release.pub"), "--now", "2026-01-01T00:00:00Z"]
        },
    ]

    static let things: [Forgery] = [
        Forgery("changed file deep in the closure", "a file of the closure was changed, added or removed") {
            try $0.directory.write(
                "root/nix/store/\(SignedRelease.deep)",
                "PermitRootLogin yes\n".replacingOccurrences(of: "yes", with: "no "))
            return nil
        },
        Forgery("file deep in the closure made executable", "a file of the closure was changed, added or removed") {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: $0.directory("root/nix/store/\(SignedRelease.deep)"))
            return nil
        },
        Forgery("file added deep in the closure", "a file of the closure was changed, added or removed") {
            try $0.directory.write("root/nix/store/\(SignedRelease.middle)/ssh/extra", "")
            return nil
        },
        Forgery("file deep in the closure replaced by a link to its copy", "a file of the closure was changed") {
            let path = $0.directory("root/nix/store/\(SignedRelease.deep)")
            try FileManager.default.moveItem(atPath: path, toPath: $0.directory("copy"))
            try $0.directory.link("root/nix/store/\(SignedRelease.deep)", to: $0.directory("copy"))
            return nil
        },
        Forgery("store path removed", "a file of the closure was changed, added or removed") {
            try FileManager.default.removeItem(atPath: $0.directory("root/nix/store/\(SignedRelease.deep)"))
            return nil
        },
        Forgery("pipe in the closure", "cannot be read whole") {
            #expect(mkfifo($0.directory("root/nix/store/\(SignedRelease.middle)/pipe"), 0o644) == 0)
            return nil
        },
        Forgery("other toplevel", "judged was \(SignedRelease.top)") {
            let path = "root/nix/store/3333333333333333333333333333333c-nixos-system-web1"
            try $0.directory.write(path + "/nixos-version", "26.11")
            return ["release.json", "--key", $0.directory("release.pub"), "--closure", $0.directory(path)]
        },
        Forgery("artifact of the same size", "has the SHA-256") {
            var bytes = try $0.bytes("nixos.iso")
            bytes[4999] ^= 1
            try $0.directory.write("nixos.iso", bytes: bytes)
            return nil
        },
        Forgery("artifact with bytes behind it", "has 5001 bytes") {
            try $0.directory.write("nixos.iso", bytes: $0.bytes("nixos.iso") + [0])
            return nil
        },
        Forgery("link out of a mounted system into a good store", "a link leads out of", code: 2) { release in
            let root = release.directory("root")
            try release.directory.write("mnt\(SignedRelease.top)/nixos-version", "evil")
            try release.directory.link("mnt/run/current-system", to: root + SignedRelease.top)
            return [
                "release.json", "--key", release.directory("release.pub"), "--closure",
                release.directory("mnt/run/current-system"),
            ]
        },
        Forgery("one of two reports that are all there is", "Incomplete", code: 3) { release in
            try signReports(release)
            return [
                "release.json", "--key", release.directory("release.pub"), "--report", release.directory("old.json"),
            ]
        },
        Forgery("file deep in the closure made setuid", "setuid or setgid") { release in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o4555],
                ofItemAtPath: release.directory("root/nix/store/" + SignedRelease.deep))
            return nil
        },
        Forgery("nothing to compare", "Incomplete", code: 3) {
            ["release.json", "--key", $0.directory("release.pub")]
        },
        Forgery("waiver changed", "these are not the waivers the verdict rests on") {
            try $0.edit("waivers/a.toml", "2027-01-01", "2027-06-01")
            return nil
        },
        Forgery("waiver added", "these are not the waivers the verdict rests on") {
            let text = String(decoding: try $0.bytes("waivers/a.toml"), as: UTF8.self)
            try $0.directory.write("waivers/b.toml", text.replacingOccurrences(of: "sysrq", with: "kptr_restrict"))
            return nil
        },
        Forgery("waivers removed", "these are not the waivers the verdict rests on") {
            try FileManager.default.removeItem(atPath: $0.directory("waivers/a.toml"))
            return nil
        },
    ]

    static let reports: [Forgery] = [
        Forgery("report changed", "is not a report the verdict rests on, or it was changed since") {
            try $0.edit("report.json", "kptr_restrict", "kptr_restricT")
            return nil
        },
        Forgery("report of another time", "is not a report the verdict rests on") {
            try $0.directory.write("report.json", bytes: $0.bytes("old.json"))
            return nil
        },
        Forgery("replayed report", "answers another challenge: it is replayed") {
            ["old.signed.json", "--key", $0.directory("release.pub"), "--challenge", "nonce-1"]
        },
        Forgery("report without a challenge", "answers no challenge") {
            try $0.directory.write("none.json", ReportJSON.encode(SignedRelease.report(challenge: nil)))
            try $0.sign("none.json", "--type", "report", to: "none.signed.json")
            return ["none.signed.json", "--key", $0.directory("release.pub"), "--challenge", "nonce-1"]
        },
        Forgery("challenge edited into a signed report", changed) {
            try $0.change("old.signed.json") { envelope in
                let text = String(decoding: envelope.payload, as: UTF8.self)
                envelope.payload = Array(text.replacingOccurrences(of: "nonce-0", with: "nonce-1").utf8)
            }
            return ["old.signed.json", "--key", $0.directory("release.pub"), "--challenge", "nonce-1"]
        },
        Forgery("signed document that is no report", "unknown key") { release in
            var envelope = DSSEEnvelope(Array(#"{"schemaVersion": 3, "x": 1}"#.utf8), type: .report)
            try envelope.sign(with: release.key)
            try release.directory.write("odd.json", envelope.encode())
            return ["odd.json", "--key", release.directory("release.pub")]
        },
    ]

    /// A statement about two reports, and neither an artifact nor a system.
    static func signReports(_ release: SignedRelease) throws {
        var verdict = try release.verdict()
        verdict.artifact = nil
        verdict.toplevel = nil
        verdict.inputs.append(Verdict.Input(name: "old.json", digest: try release.sha256("old.json")))
        try release.directory.write("reports.json", VerdictJSON.encode(verdict))
        let run = CommandLineRun(
            "sign", release.directory("reports.json"), "--key", release.directory("release.pem"), "--output",
            release.directory("release.json"))
        try #require(run.code == 0, "\(run.err)")
    }

    /// Where the statement is about reports, comparing all of them leaves nothing open.
    @Test func aStatementOfReportsIsVerifiedByAllOfThem() throws {
        let release = try SignedRelease()
        try Self.signReports(release)
        let run = release.run([
            "release.json", "--key", release.directory("release.pub"), "--report", release.directory("report.json"),
            "--report", release.directory("old.json"),
        ])
        #expect(run.code == 0 && run.out.contains("Verified."), "\(run.out)\(run.err)")
    }

    static func bundled(_ release: SignedRelease) -> [String] { ["bundle", "--key", release.directory("release.pub")] }

    static let bundle: [Forgery] = [
        Forgery("bundle file changed", "html/report.html was changed") {
            try $0.edit("bundle/html/report.html", "well", "fine")
            return bundled($0)
        },
        Forgery("bundle file and its checksum changed", "html/report.html was changed") {
            try $0.edit("bundle/html/report.html", "well", "fine")
            try $0.writeChecksums()
            return bundled($0)
        },
        Forgery("bundle checksums changed", "SHA256SUMS was changed") {
            try $0.edit("bundle/SHA256SUMS", "index.json", "index.jsom")
            return bundled($0)
        },
        Forgery("bundle file added", "evil.html was added") {
            try $0.directory.write("bundle/evil.html", "x")
            return bundled($0)
        },
        Forgery("hidden bundle file added", ".htaccess was added") {
            try $0.directory.write("bundle/html/.htaccess", "x")
            return bundled($0)
        },
        Forgery("bundle file removed", "report.csv is missing") {
            try FileManager.default.removeItem(atPath: $0.directory("bundle/report.csv"))
            return bundled($0)
        },
        Forgery("bundle file renamed", "report2.csv was added") {
            try FileManager.default.moveItem(
                atPath: $0.directory("bundle/report.csv"), toPath: $0.directory("bundle/report2.csv"))
            return bundled($0)
        },
        Forgery("bundle file under a name that looks the same", "report.csv is missing") {
            try FileManager.default.moveItem(
                atPath: $0.directory("bundle/report.csv"), toPath: $0.directory("bundle/rep\u{43e}rt.csv"))
            return bundled($0)
        },
        Forgery("bundle file replaced by a link", "report.csv is a link") {
            try FileManager.default.moveItem(
                atPath: $0.directory("bundle/report.csv"), toPath: $0.directory("copy.csv"))
            try $0.directory.link("bundle/report.csv", to: $0.directory("copy.csv"))
            return bundled($0)
        },
        Forgery("bundle files exchanged", "index.json was changed") {
            let (first, second) = (try $0.bytes("bundle/index.json"), try $0.bytes("bundle/report.csv"))
            try $0.directory.write("bundle/index.json", bytes: second)
            try $0.directory.write("bundle/report.csv", bytes: first)
            return bundled($0)
        },
        Forgery("bundle without statement", "it is not signed") {
            try FileManager.default.removeItem(atPath: $0.directory("bundle/bundle.intoto.json"))
            return bundled($0)
        },
        Forgery("release statement for a bundle", "unknown key") {
            try $0.directory.write("bundle/bundle.intoto.json", bytes: $0.bytes("release.json"))
            return bundled($0)
        },
        Forgery("bundle signed by a stranger", "is of none of the accepted keys") {
            try $0.edit("bundle/report.csv", "pass", "fail")
            try $0.writeChecksums()
            let run = CommandLineRun("sign", "--bundle", $0.directory("bundle"), "--key", $0.directory("other.pem"))
            #expect(run.code == 0)
            return bundled($0)
        },
    ]
}
