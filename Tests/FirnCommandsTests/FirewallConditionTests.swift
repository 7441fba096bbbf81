import FirnModel
import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// A firewall unit with a condition may be left out at boot without an error: it must not pass as on.
@Suite struct FirewallConditionTests {
    @Test(arguments: [
        ("ConditionPathExists=/nonexistent", Outcome.unknown), ("ConditionVirtualization=container", .unknown),
        ("AssertKernelCommandLine=firewall", .unknown), ("ConditionCapability=CAP_NET_ADMIN", .pass),
        ("Documentation=man:iptables(8)", .pass),
    ])
    func aConditionOfTheUnit(line: String, outcome: Outcome) throws {
        let directory = try TemporaryDirectory()
        let root = directory("root")
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = ["-a", Fixture.system("current-a-default"), root]
        try copy.run()
        copy.waitUntilExit()
        let store = root + "/nix/store"
        let names = try FileManager.default.contentsOfDirectory(atPath: store)
        let name = try #require(names.first { $0.hasSuffix("-unit-firewall.service") })
        let path = store + "/\(name)/firewall.service"
        #expect(chmod(path, 0o644) == 0)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("[Unit]\n", with: "[Unit]\n\(line)\n").write(
            toFile: path, atomically: false, encoding: .utf8)
        let run = CommandLineRun("check", root, "--profile", "strict", "--format", "json")
        let report = try ReportJSON.decode(Array(run.out.utf8))
        #expect(report.results.first { $0.rule == "firewall.enabled" }?.outcome == outcome)
    }
}
