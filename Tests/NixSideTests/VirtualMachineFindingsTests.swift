import FirnCommands
import FirnTestSupport
import Foundation
import Synchronization
import Testing

/// What the test security-hardening expects firn to find is what firn finds in the options of its machines.
///
/// nix/tests/expected.nix and the weakenings are written by hand; this is the comparison with the real module that needs no
/// KVM. What only the built system tells is not compared: the list names it under `declared`.
@Suite(.serialized, .enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
struct VirtualMachineFindingsTests {
    struct Report: Decodable {
        struct Row: Decodable {
            struct Waiver: Decodable {}
            var rule, outcome: String
            var waiver: Waiver?
        }
        var results: [Row]
        func rules(_ outcomes: String..., waived: Bool? = nil) -> Set<String> {
            Set(
                results.filter { outcomes.contains($0.outcome) && (waived == nil || ($0.waiver != nil) == waived) }
                    .map(\.rule))
        }
    }

    struct Expected: Decodable {
        var instrumentation, open, unknown, declaredUnknown, declaredNotChecked: Set<String>
    }

    static func expected(_ level: String) throws -> Expected {
        let answer = try Nix.evaluate(
            """
            let e = import ./nix/tests/expected.nix; in {
              instrumentation = e.instrumentation "\(level)"; open = e.open "\(level)"; unknown = e.unknown "\(level)";
              declaredUnknown = e.declared.unknown "\(level)"; declaredNotChecked = e.declared.notChecked "\(level)";
            }
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        return try JSONDecoder().decode(Expected.self, from: answer.output)
    }

    @Test(arguments: ["minimal", "standard", "strict"]) func whatALevelLeavesIsExpected(level: String) throws {
        let expected = try Self.expected(level)
        let report = try Self.judge(machine: level, level: level)
        let built = expected.instrumentation.union(expected.open)
        let fromBuiltOnly = expected.declaredUnknown.union(expected.declaredNotChecked)
        Self.compare(report.rules("fail"), built.subtracting(fromBuiltOnly), "fails at \(level)")
        Self.compare(
            report.rules("unknown", "error"), expected.unknown.union(expected.declaredUnknown), "not told at \(level)")
        #expect(report.rules("notChecked").isSuperset(of: expected.declaredNotChecked))
        #expect(report.rules("pass").count >= ["minimal": 100, "standard": 250, "strict": 350][level] ?? .max)
    }

    @Test func aMachineWithoutTheDriversPartsPasses() throws {
        let report = try Self.judge(machine: "weakened", level: "minimal", waivers: true)
        #expect(report.rules("fail") == ["boot.test-backdoor"])
        #expect(report.rules("fail", waived: true) == ["boot.test-backdoor"])
        #expect(report.rules("unknown", "error").isEmpty)
    }

    @Test(arguments: ["ssh", "accounts", "kernel", "firewall"]) func aWeakeningFailsItsRules(name: String) throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.evaluate(
            """
            (import ./nix/tests/weakenings.nix { lib = import (\(nixpkgs) + "/lib"); }).\(name).rules
            """)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let wanted = Set(try JSONDecoder().decode([String].self, from: answer.output))
        #expect(!wanted.isEmpty)
        let report = try Self.judge(machine: "weakened", specialisation: name, level: "minimal", waivers: true)
        Self.compare(report.rules("fail", waived: false), wanted, "fails, weakened: \(name)")
        #expect(report.rules("unknown", "error").isEmpty)
    }

    private static func compare(_ found: Set<String>, _ wanted: Set<String>, _ what: String) {
        #expect(found.subtracting(wanted).sorted() == [], "\(what), and is not expected")
        #expect(wanted.subtracting(found).sorted() == [], "\(what) is expected, and is not so")
    }

    /// The report of firn on the options of a machine, at the day of the test.
    private static func judge(
        machine: String, specialisation: String? = nil, level: String, waivers: Bool = false
    ) throws -> Report {
        let nixpkgs = try #require(Nix.nixpkgs)
        let exported = try Nix.run(
            "nix-instantiate",
            [
                "--eval", "--strict", "--json", "--readonly-mode", "nix/tests/exports.nix", "--arg", "pkgs",
                "import \(nixpkgs) { system = \"x86_64-linux\"; }", "--argstr", "machine", machine,
            ] + (specialisation.map { ["--argstr", "specialisation", $0] } ?? []))
        try #require(exported.code == 0, "\(exported.errors.suffix(2000))")
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(at: directory)
            } catch {
                print("\(directory.path) could not be removed: \(error)")
            }
        }
        let export = directory.appendingPathComponent("export.json")
        try exported.output.write(to: export)
        let report = directory.appendingPathComponent("report.json")
        let errors = Said()
        // 1 December 2026, as `day` in security-hardening.nix.
        let console = Console(
            out: { _ in }, err: { errors.append($0) }, isTerminal: false, columns: 100, environment: [:],
            now: { 1_796_083_200 })
        let code = FirnCommand.run(
            ["check", export.path, "--profile", level, "--format", "json=" + report.path]
                + (waivers ? ["--waivers", Repository.path("nix/tests/waivers.toml")] : []), console: console)
        try #require([0, 1, 3].contains(code), "\(errors.text)")
        return try JSONDecoder().decode(Report.self, from: Data(contentsOf: report))
    }

    private final class Said: Sendable {
        private let content = Mutex("")
        func append(_ more: String) { content.withLock { $0 += more } }
        var text: String { content.withLock { $0 } }
    }
}
