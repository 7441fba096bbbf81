import FirnTestSupport
import Foundation
import Testing

/// The scripts of the NixOS tests (nix/tests) without NixOS: their types, what they say to weak answers, and how they read
/// reports. That the tests run needs KVM and is not claimed here.
struct VirtualMachineScriptTests {
    static let validators = Repository.root.appendingPathComponent(".build/validators/venv/bin/python3").path
    static let hasValidators = FileManager.default.isExecutableFile(atPath: validators)
    static let hasPython = Nix.path(of: "python3") != nil

    @Test(
        .enabled(if: hasPython),
        arguments: [
            "basic-services", "docker-services", "dev-tools", "image-iso", "image-tests", "network",
            "security-hardening",
        ])
    func aScriptFailsOnEveryWeakAnswer(name: String) throws {
        let answer = try Nix.run(
            "python3", ["nix/tests/check/stand_in.py", "nix/tests/check/\(name).scenario.py"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.text.contains("each one noticed"))
    }

    /// The stand-in itself: a script that asks and does not look must not get through it.
    @Test(.enabled(if: hasPython)) func theStandInRefusesAScriptThatCannotFail() throws {
        let scenario = FileManager.default.temporaryDirectory.appendingPathComponent("scenario-\(UUID().uuidString).py")
        let script = scenario.deletingPathExtension().appendingPathExtension("script.py")
        try Data("machine.execute('cat /proc/sys/kernel/kptr_restrict')\n".utf8).write(to: script)
        try Data(
            """
            script = "\(script.path)"
            values = {}
            machines = {"machine": [("kptr_restrict", 0, "1")]}
            weak = [("kptr_restrict", 0, "0")]
            """.utf8
        ).write(to: scenario)
        defer { for file in [scenario, script] { try? FileManager.default.removeItem(at: file) } }
        let answer = try Nix.run("python3", ["nix/tests/check/stand_in.py", scenario.path])
        #expect(answer.code == 1)
        #expect(answer.errors.contains("the script passes although wrong"))
    }

    /// The helpers read a report that firn wrote, and refuse what is not in it.
    @Test(.enabled(if: hasPython)) func theHelpersReadReports() throws {
        let answer = try Nix.run("python3", ["nix/tests/check/report_helpers.py", "reports/examples/report.json"])
        #expect(answer.code == 0, "\(answer.errors)")
    }

    @Test(.enabled(if: hasValidators, "make setup installs mypy and ruff")) func theTypesAreSound() throws {
        let answer = try Nix.run(Self.validators, ["nix/tests/check/types"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.text.contains("6 scripts"))
    }

    @Test(.enabled(if: Nix.hasInstantiate && hasPython)) func valuesOfNixArePython() throws {
        let answer = try Nix.evaluate(
            """
            (import ./nix/tests/python.nix).assignments {
              a = true; b = null; c = [ 1 "two \\"quoted\\"\\nline" ]; d = { "x.y" = { z = false; }; };
            }
            """)
        #expect(answer.code == 0, "\(answer.errors)")
        let source = try JSONDecoder().decode(String.self, from: answer.output)
        let check =
            source + "assert a is True and b is None and c == [1, 'two \"quoted\"\\nline']"
            + " and d == {'x.y': {'z': False}}"
        let python = try Nix.run("python3", ["-c", check])
        #expect(python.code == 0, "\(python.errors)")
        #expect(try Nix.evaluate("(import ./nix/tests/python.nix).literal (x: x)").code != 0)
    }

    /// Every rule that the hand-written lists name is a rule of the catalogue.
    @Test(.enabled(if: Nix.hasInstantiate)) func expectedFindingsAreRules() throws {
        let answer = try Nix.evaluate(
            """
            let expected = import ./nix/tests/expected.nix;
            in map (level: expected.instrumentation level ++ expected.open level ++ expected.unknown level) expected.levels
            """)
        #expect(answer.code == 0, "\(answer.errors)")
        let lists = try JSONDecoder().decode([[String]].self, from: answer.output)
        #expect(lists.count == 3 && lists.allSatisfy { !$0.isEmpty })
        let folder = Repository.root.appendingPathComponent("profiles/rules")
        let text = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        for rule in Set(lists.joined()) { #expect(text.contains("id = \"\(rule)\""), "\(rule)") }
    }
}
