import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnReportCore
import FirnSigning
import Foundation
import Testing

/// A small release, signed by the real command: an image, a system in a store, a report, waivers, a bundle.
final class SignedRelease {
    /// The time of `CommandLineRun`'s console.
    static let now: Int64 = 1_790_000_000
    static let top = "/nix/store/00000000000000000000000000000000-nixos-system-web1"
    static let middle = "1111111111111111111111111111111a-etc"
    static let deep = "2222222222222222222222222222222b-sshd_config"

    let directory: TemporaryDirectory
    let key: PrivateKey
    let other: PrivateKey

    init() throws {
        directory = try TemporaryDirectory()
        key = try PrivateKey(seed: [UInt8](repeating: 1, count: 32))
        other = try PrivateKey(seed: [UInt8](repeating: 2, count: 32))
        for (name, key) in [("release", key), ("other", other)] {
            try directory.write("\(name).pem", key.pem)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: directory("\(name).pem"))
            try directory.write("\(name).pub", key.publicKey.openSSH + " \(name)\n")
        }
        try directory.write("root\(Self.top)/nixos-version", "26.11")
        try directory.link("root\(Self.top)/etc", to: "/nix/store/" + Self.middle)
        try directory.write("root/nix/store/\(Self.middle)/ssh/config", "Include /nix/store/\(Self.deep)\n")
        try directory.write("root/nix/store/\(Self.deep)", "PermitRootLogin no\n")
        try directory.write("nixos.iso", bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try directory.write(
            "waivers/a.toml",
            "[[waiver]]\nrule = \"sysctl.kernel.sysrq\"\nowner = \"mira\"\nreason = \"decided\"\nexpires = \"2027-01-01\"\n"
        )
        try directory.write("report.json", ReportJSON.encode(Self.report(challenge: "nonce-1")))
        try directory.write("old.json", ReportJSON.encode(Self.report(challenge: "nonce-0")))
        try directory.write("verdict.json", VerdictJSON.encode(try verdict()))
        try sign("verdict.json", "report.json", "--artifact", directory("nixos.iso"), to: "release.json")
        try sign("old.json", "--type", "report", to: "old.signed.json")
        try sign("report.json", "--type", "report", to: "report.signed.json")
        try directory.write("bundle/index.json", "{}\n")
        try directory.write("bundle/html/report.html", "<p>all well</p>\n")
        try directory.write("bundle/report.csv", "rule,outcome\na,pass\n")
        try writeChecksums()
        let bundle = CommandLineRun("sign", "--bundle", directory("bundle"), "--key", directory("release.pem"))
        try #require(bundle.code == 0, "\(bundle.err)")
    }

    static func report(challenge: String?) -> Report {
        let identity = Identity(toplevel: top, hostName: "web1", release: "26.11", system: "x86_64-linux")
        func result(_ rule: String, _ outcome: Outcome, _ waiver: Waiver? = nil) -> Result {
            Result(
                rule: rule, title: "It is so", target: 0, source: .built, outcome: outcome, severity: .medium,
                observed: "1", expected: "1", evidence: [], waiver: waiver)
        }
        return Report(
            tool: "firn 0.1.0",
            targets: [
                ReportTarget(kind: "system-closure", name: "web1", size: nil, source: .built, identity: identity)
            ],
            profile: "standard", profileDigest: digest("a"), dropped: [], catalogueDigest: digest("b"),
            collectedAt: now - 3600, snapshots: [],
            results: [
                result("sysctl.kernel.kptr_restrict", .pass),
                result(
                    "sysctl.kernel.sysrq", .fail,
                    Waiver(
                        rule: "sysctl.kernel.sysrq", scope: WaiverScope(), owner: "mira", reason: "decided",
                        ticket: nil, expires: "2027-01-01", maximumSeverity: nil)),
                result("ssh.X11Forwarding", .notApplicable),
            ], drift: [], notes: [], challenge: challenge)
    }

    static func digest(_ digit: String) -> String { String(repeating: digit, count: 64) }

    func verdict(
        decision: Verdict.Decision = .pass, judgedAt: Int64 = now - 1800, validUntil: Int64 = now + 86_400
    ) throws -> Verdict {
        Verdict(
            decision: decision, policy: "build", policyDigest: Self.digest("c"),
            reasons: decision == .pass ? [] : [Verdict.Reason(kind: .fail, rule: "x", message: "x fails")],
            warnings: [], open: ["logins.failed"], judgedAt: judgedAt, validUntil: validUntil,
            inputs: [Verdict.Input(name: "report.json", digest: try sha256("report.json"))],
            artifact: Verdict.Artifact(
                name: "nixos.iso", kind: "iso", digest: try sha256("nixos.iso"), size: 5000, limit: 3 << 30,
                isVerified: true),
            toplevel: Self.top, closureDigest: nil, waiversDigest: try WaiverFiles.load(directory("waivers")).digest,
            baselineDigest: nil, profile: "standard", profileDigest: Self.digest("a"),
            catalogueDigest: Self.digest("b"))
    }

    func sha256(_ name: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sha256sum", directory(name)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return String(output.drop { $0 == "\\" }.prefix(64))
    }

    func writeChecksums() throws {
        var text = ""
        for name in ["html/report.html", "index.json", "report.csv"] {
            text += "\(try sha256("bundle/" + name))  \(name)\n"
        }
        try directory.write("bundle/SHA256SUMS", text)
    }

    /// Signs files of the directory; names among the arguments are taken as its files where they are there.
    func sign(_ arguments: String..., to output: String, key: String = "release.pem") throws {
        var all = arguments.map { FileManager.default.fileExists(atPath: directory($0)) ? directory($0) : $0 }
        if !all.contains("report") { all += ["--closure", directory("root")] }
        let run = CommandLineRun(
            arguments: ["sign"] + all + ["--key", directory(key), "--output", directory(output)], isTerminal: false,
            columns: 100, environment: [:])
        try #require(run.code == 0, "\(run.err)")
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: directory(name))))
    }

    func envelope(_ name: String = "release.json") throws -> DSSEEnvelope { try DSSEEnvelope.decode(bytes(name)) }

    /// Changes an envelope in its file.
    func change(_ name: String = "release.json", _ body: (inout DSSEEnvelope) throws -> Void) throws {
        var envelope = try envelope(name)
        try body(&envelope)
        try directory.write(name, envelope.encode())
    }

    /// Replaces text of a signed payload and leaves the signature.
    func replace(_ old: String, _ new: String, resign: Bool = false) throws {
        try change { envelope in
            let text = String(decoding: envelope.payload, as: UTF8.self)
            try #require(text.contains(old), "\(old) is not in the statement")
            envelope.payload = Array(text.replacingOccurrences(of: old, with: new).utf8)
            if resign {
                envelope.signatures = []
                try envelope.sign(with: key)
            }
        }
    }

    /// Replaces the text of the file as it stands.
    func edit(_ name: String, _ old: String, _ new: String) throws {
        let text = String(decoding: try bytes(name), as: UTF8.self)
        try #require(text.contains(old), "\(old) is not in \(name)")
        try directory.write(name, text.replacingOccurrences(of: old, with: new))
    }

    /// Everything a careful verifier asks.
    func verify(_ more: String...) -> CommandLineRun {
        run(
            [
                "release.json", "--key", directory("release.pub"), "--artifact", directory("nixos.iso"), "--closure",
                directory("root"), "--report", directory("report.json"), "--waivers", directory("waivers"), "--policy",
                "build", "--profile", "standard", "--challenge", "nonce-1",
            ] + more)
    }

    func run(_ arguments: [String]) -> CommandLineRun {
        CommandLineRun(
            arguments: ["verify", directory(arguments[0])] + arguments.dropFirst(), isTerminal: false, columns: 400,
            environment: [:])
    }
}
