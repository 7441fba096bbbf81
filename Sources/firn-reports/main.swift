import FirnModel
import FirnReports
import Glibc

// Renders a report of 10,000 results in one format, for Benchmarks/reports: firn-reports FORMAT [RUNS] prints the bytes
// and the median of the times in microseconds. The report is the same in every run. `--list` prints the formats.

/// 2,500 rules on two systems, each as options and as closure; a third fail, each with evidence and a repair.
func syntheticReport(_ count: Int) -> Report {
    let targets = ["alpha", "beta"].flatMap { host in
        [SourceKind.declared, .built].map { source in
            ReportTarget(
                kind: source == .built ? "system-closure" : "evaluated-configuration", name: host, size: nil,
                source: source,
                identity: Identity(
                    toplevel: "/nix/store/0c1d2f3g4h5i6j7k8l9m0n1p2q3r4s5v-nixos-system-\(host)-26.11", hostName: host,
                    release: "26.11", system: "x86_64-linux"))
        }
    }
    let outcomes: [Outcome] = [.pass, .fail, .pass, .fail, .notApplicable, .pass, .notChecked, .fail, .unknown]
    let severities: [Severity] = [.medium, .high, .low, .critical, .info]
    let results = (0..<count).map { index in
        let target = index * 4 / count
        let number = index % (count / 4)
        let rule = "sysctl.net.rule\(number)"
        let outcome = outcomes[(number + target) % outcomes.count]
        return Result(
            rule: rule, title: "The kernel's parameter number \(number) is as an auditor expects it", target: target,
            source: targets[target].source, outcome: outcome, severity: severities[number % severities.count],
            observed: outcome == .notChecked ? nil : "\(number)", expected: "at least \(number + 1)",
            evidence: outcome == .pass || outcome == .fail
                ? [
                    Evidence(
                        path: "/etc/sysctl.d/60-nixos.conf", line: number + 1, text: "net.rule\(number)=\(number)"),
                    Evidence(path: "boot.kernel.sysctl.\"net.rule\(number)\"", text: "\(number)"),
                ] : [],
            fix: Fix(
                path: ["boot", "kernel", "sysctl", "net.rule\(number)"], value: .integer(Int64(number + 1)),
                merge: .replace), controls: number % 3 == 0 ? ["V-\(268_000 + number % 103)"] : [],
            waiver: outcome == .fail && number % 50 == 1
                ? Waiver(
                    rule: rule, owner: "mira@example.org", reason: "a later release brings it", ticket: "OPS-\(number)",
                    expires: "2027-03-31") : nil,
            message: outcome == .unknown ? "/etc/sysctl.d/70-extra.conf is a dangling link" : nil)
    }
    let digest = String(repeating: "ab", count: 32)
    return Report(
        tool: "firn 0.1.0", targets: targets, profile: "strict", profileDigest: digest, dropped: [],
        catalogueDigest: digest, collectedAt: 1_795_245_180, snapshots: [], results: results, drift: [], notes: [])
}

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "--list" {
    for format in ReportFormat.all { print(format.name) }
    exit(0)
}
guard let format = arguments.first.flatMap(ReportFormat.named) else {
    print("usage: firn-reports FORMAT [RUNS] | --list")
    exit(64)
}
let report = syntheticReport(10_000)
var times: [Int] = []
var bytes = 0
for _ in 0..<max(arguments.dropFirst().first.flatMap { Int($0) } ?? 1, 1) {
    var start = timespec()
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    bytes = format.render(report, RenderOptions(verbosity: .all)).count
    clock_gettime(CLOCK_MONOTONIC, &end)
    times.append((end.tv_sec - start.tv_sec) * 1_000_000 + (end.tv_nsec - start.tv_nsec) / 1000)
}
times.sort()
print(bytes, times[times.count / 2])
