import FirnReportCore
import FirnTestSupport
import Foundation
import Testing

/// `firn diff` over reports of real systems.
@Suite struct DiffCommandTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    func report(_ fixture: String, _ name: String, profile: String = "standard") -> String {
        let path = directory(name)
        _ = CommandLineRun(
            "check", Fixture.config(fixture), "--profile", profile, "--format", "json=" + path)
        return path
    }

    /// A plain server and a hardened one. What is expected was read from the two configurations: the plain one takes
    /// passwords over SSH (the default of nixpkgs), the hardened one sets `PasswordAuthentication = false`,
    /// `allowed-users = @wheel` and `kernel.kptr_restrict = 2`.
    @Test func plainAgainstHardened() throws {
        let old = report("modern-a-default", "old.json")
        let new = report("modern-c-hardserver", "new.json")
        let run = CommandLineRun("diff", old, new, "--format", "json")
        #expect(run.err.isEmpty)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(run.out.utf8)) as? [String: Any])
        let results = try #require(document["results"] as? [[String: Any]])
        func outcome(_ rule: String) -> [String?] {
            let change = results.first { $0["rule"] as? String == rule }
            return ["old", "new"].map { (change?[$0] as? [String: Any])?["outcome"] as? String }
        }
        #expect(outcome("ssh.PasswordAuthentication") == ["fail", "pass"])
        #expect(outcome("ssh.KbdInteractiveAuthentication") == ["fail", "pass"])
        #expect(outcome("audit.enabled") == ["fail", "pass"])
        let options = try #require(document["options"] as? [[String: Any]])
        func option(_ path: String) -> [[String]?] {
            let change = options.first { $0["path"] as? String == path }
            return ["old", "new"].map { change?[$0] as? [String] }
        }
        #expect(
            option("services.openssh.settings.PasswordAuthentication")
                == [["PasswordAuthentication yes"], ["PasswordAuthentication no"]])
        #expect(option("nix.settings.allowed-users") == [["allowed-users = *"], ["allowed-users = @wheel"]])
        #expect(
            option("boot.kernel.sysctl.\"kernel.kptr_restrict\"")
                == [["kernel.kptr_restrict=1"], ["kernel.kptr_restrict=2"]])
        // The matrix counts each rule of the profile once.
        let matrix = try #require(document["matrix"] as? [String: [String: Int]])
        let total = matrix.values.flatMap(\.values).reduce(0, +)
        let first = try ReportJSON.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: old))))
        #expect(total == ReportSummary(first).total.outcomes.values.reduce(0, +))
        #expect(run.code == (document["hasWorse"] as? Bool == true ? 1 : 0))
    }

    @Test func nothingChanged() {
        let path = report("modern-a-default", "a.json")
        for format in ["text", "json", "markdown"] {
            let run = CommandLineRun("diff", path, path, "--format", format)
            #expect(run.code == 0 && run.err.isEmpty)
        }
        #expect(CommandLineRun("diff", path, path).out.hasSuffix("\nNothing changed.\n"))
    }

    /// A milder profile asks less: its silence is no improvement.
    @Test func aDowngradedProfileIsWorse() {
        let strict = report("modern-a-default", "strict.json", profile: "strict")
        let minimal = report("modern-a-default", "minimal.json", profile: "minimal")
        let run = CommandLineRun("diff", strict, minimal)
        #expect(run.code == 1)
        #expect(run.out.contains("The reports were made with different profiles, strict and minimal."))
        #expect(run.out.contains("pass -> not asked"))
    }

    @Test func refusesWhatIsNoReport() throws {
        let good = report("modern-a-default", "good.json")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: good)))
        var cases: [(String, String)] = [
            (directory("none.json"), "No such file or directory"), (directory.path, "this is a directory"),
            (try directory.write("empty.json", ""), "the file is empty"),
            (try directory.write("text.json", "hello"), ""),
            (try directory.write("object.json", "{}"), "lacks the key 'schemaVersion'"),
            (try directory.write("version.json", "{\"schemaVersion\": 99}"), ""),
            (try directory.write("half.json", bytes: Array(bytes[..<(bytes.count / 2)])), ""),
            (try directory.write("\u{1b}[31m.json", "{\"\u{202e}\": 1, \"schemaVersion\": 3}"), ""),
            (try directory.write("utf8.json", bytes: [0x7b, 0xff, 0xfe, 0x7d]), ""),
        ]
        cases.append((try directory.write("deep.json", String(repeating: "[", count: 100_000)), ""))
        for (path, message) in cases {
            for arguments in [["diff", path, good], ["diff", good, path]] {
                let run = CommandLineRun(arguments: arguments, isTerminal: false, columns: 80, environment: [:])
                #expect(run.code == 2 && run.out.isEmpty, "\(path)")
                #expect(run.err.hasPrefix("firn: ") && (message.isEmpty || run.err.contains(message)), "\(run.err)")
                #expect(run.err.unicodeScalars.count { $0 == "\n" } == 1, "\(run.err)")
                #expect(run.err.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isSafe($0) })
            }
        }
    }

    /// Whatever byte of a report is changed, it is read or refused, and never is the run in error otherwise.
    @Test func everyChangedByteIsReadOrRefused() throws {
        let good = report("old-a-default", "good.json")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: good)))
        for round in 0..<10 {
            var changed = bytes
            let index = (round &* 7_919 &* 613) % bytes.count
            changed[index] = [0, 0x22, 0x7b, 0x5d, 0x2c, 0xff, 0x39][round % 7]
            let path = try directory.write("changed.json", bytes: changed)
            let run = CommandLineRun("diff", good, path)
            #expect([0, 1, 2].contains(run.code))
            #expect((run.code == 2) == !run.err.isEmpty)
        }
    }
}
