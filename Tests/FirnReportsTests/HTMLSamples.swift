import FirnModel
import FirnReportCore

@testable import FirnReports

/// Reports that only the page needs: with a verdict, with every text hostile, and very large.
enum HTMLSamples {
    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    /// The full sample after the gate blocked it.
    static let blocked: Report = {
        var report = SampleReports.full
        report.verdict = verdict(
            .blocked,
            reasons: [
                Verdict.Reason(
                    kind: .artifactMismatch, message: "hardserver.iso is not the file the image report describes"),
                Verdict.Reason(
                    kind: .fail, rule: "ssh.PermitRootLogin", target: 0,
                    message: "Root can log in over SSH (declared)"),
                Verdict.Reason(kind: .unknown, rule: "ssh.Port", target: 1, message: "ssh.Port could not be told"),
            ])
        return report
    }()

    /// The single sample after it passed the gate.
    static let passed: Report = {
        var report = SampleReports.single
        report.verdict = verdict(.pass, reasons: [])
        return report
    }()

    private static func verdict(_ decision: Verdict.Decision, reasons: [Verdict.Reason]) -> Verdict {
        Verdict(
            decision: decision, policy: "release", policyDigest: digest, reasons: reasons,
            warnings: ["hardserver.iso has 2812 MiB, 91 % of the limit"], open: ["units.failed", "logging.disk-full"],
            judgedAt: 1_795_500_000, validUntil: 1_806_537_600,
            inputs: [
                Verdict.Input(name: "declared.json", digest: digest),
                Verdict.Input(name: "built.json", digest: digest, signer: "SHA256:uEw0NnZ3cLd4hxLJ"),
            ],
            artifact: Verdict.Artifact(
                name: "hardserver.iso", kind: "iso", digest: digest, size: 2_948_597_760, limit: 3_221_225_472,
                isVerified: decision == .pass), toplevel: "/nix/store/0c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-nixos-system",
            closureDigest: ClosureDigest(value: digest, origin: .recomputed), waiversDigest: digest, baselineDigest: nil
        )
    }

    /// A report whose every text is `text`, with all a page can show.
    static func hostile(_ text: String) -> Report {
        var report = SampleReports.hostile(text)
        let closure = ClosureDigest(value: text, origin: .registered)
        report.challenge = text
        for index in report.targets.indices {
            report.targets[index].digest = text
            report.targets[index].identity.closureDigest = closure
        }
        for index in report.results.indices where report.results[index].waiver != nil {
            report.results[index].waiver?.ticket = text
            report.results[index].waiver?.scope = WaiverScope(hosts: [text], images: [text], sources: [.live])
            report.results[index].waiver?.maximumSeverity = .high
        }
        report.verdict = Verdict(
            decision: .blocked, policy: text, policyDigest: text,
            reasons: [Verdict.Reason(kind: .fail, rule: "fail.\(text)", target: 0, message: text)],
            warnings: [text], open: [text], judgedAt: 1, validUntil: 2,
            inputs: [Verdict.Input(name: text, digest: text, signer: text)],
            artifact: Verdict.Artifact(name: text, kind: text, digest: text, size: 1, limit: 2, isVerified: false),
            toplevel: text, closureDigest: closure, waiversDigest: text, baselineDigest: text)
        return report
    }

    /// Two systems with hostile names, so that the sections of several are written too.
    static func hostileSystems(_ text: String) -> Report {
        var report = hostile(text)
        report.targets.append(report.targets[0])
        report.targets[1].identity.toplevel = text + "2"
        report.results += report.results.map { result in
            var result = result
            result.target = 1
            return result
        }
        return report
    }

    /// Rules of a user's own directory that are as hostile.
    static func hostileRules(_ text: String) -> [String: Rule] {
        let id = "fail.\(text)"
        return [
            id: Rule(
                id: id, title: text, severity: .high, fact: FactKey(text), expect: .all([]), rationale: text,
                sideEffects: text, references: [text, "https://" + text, "javascript:alert(1)"])
        ]
    }

    /// As many results as the largest report, each with a place and a value of its own.
    static func large(_ count: Int) -> Report {
        let base = SampleReports.full
        var report = base
        report.results = (0..<count).map { number in
            var result = base.results[number % base.results.count]
            result.rule += ".\(number / base.results.count)"
            result.evidence = result.evidence.map { place in
                Evidence(path: place.path, line: number, text: place.text)
            }
            return result
        }
        .sorted { $0.target < $1.target }
        return report
    }
}
