import FirnTestSupport
import Foundation
import Testing

@testable import FirnCommands

struct FixDoctorTests {
    @Test func theEmbeddedExporterIsTheFile() throws {
        let file = Repository.root.appendingPathComponent("nix/lib/evaluated-config.nix")
        #expect(try String(contentsOf: file, encoding: .utf8) == NixExporter.text)
        let strings = Repository.root.appendingPathComponent("nix/lib/option-secrets.nix")
        #expect(try String(contentsOf: strings, encoding: .utf8) == NixExporter.optionSecrets)
    }

    @Test func aModuleFromAReport() throws {
        let directory = try TemporaryDirectory()
        let config = Fixture.config("current-d-insecure")
        let json = directory("report.json")
        #expect(CommandLineRun("check", config, "--format", "json=" + json).code != 2)
        let run = CommandLineRun("fix", json)
        #expect(run.code == 0)
        #expect(run.out.contains("services.openssh.settings.PermitRootLogin = repair"))
        #expect(run.out.contains("# Not done here ("))
    }

    @Test func noReportIsRefused() throws {
        let directory = try TemporaryDirectory()
        #expect(CommandLineRun("fix", try directory.write("x.json", "{}")).code == 2)
        #expect(CommandLineRun("fix", "x.json", "--nixpkgs", "/x").code == 64)
    }

    @Test func doctorSpeaksBothFormats() throws {
        let text = CommandLineRun("doctor")
        #expect(text.code == 0)
        #expect(text.out.contains("nix-instantiate"))
        let json = CommandLineRun("doctor", "--format", "json")
        let rows = try JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [[String: Any]]
        #expect(rows?.isEmpty == false)
    }
}
