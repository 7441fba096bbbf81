import FirnTestSupport
import Foundation
import Testing

/// Definitions that win over the hardening module's, in the words of firn.
enum Overridden {
    struct Refused: Error { var reason: String }
    static let firn = Repository.path(".build/debug/firn")

    /// The evidence of a rule that fails in an export.
    static func failure(of rule: String, _ export: Data) throws -> String {
        let result = try results(export).first { $0["rule"] as? String == rule }
        #expect(result?["outcome"] as? String == "fail")
        return texts(result)
    }

    private static func texts(_ result: [String: Any]?) -> String {
        (result?["evidence"] as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }.joined(separator: "\n")
    }

    private static func results(_ export: Data) throws -> [[String: Any]] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let json = directory.appendingPathComponent("config.json")
        let report = directory.appendingPathComponent("report.json")
        try export.write(to: json)
        let run = try Nix.run(firn, ["check", json.path, "--profile", "standard", "--format", "json=\(report.path)"])
        guard [0, 1, 3].contains(run.code) else { throw Refused(reason: run.errors) }
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: report)) as? [String: Any]
        return try #require(document?["results"] as? [[String: Any]])
    }

    /// Judges an export of `overridden.nix`: the weaker choice fails and names both places, the stricter one passes.
    static func expectFindings(_ export: Data) throws {
        let results = try results(export)
        func result(_ rule: String) -> [String: Any]? { results.first { $0["rule"] as? String == rule } }
        let rootLogin = result("ssh.PermitRootLogin")
        #expect(rootLogin?["outcome"] as? String == "fail")
        let text = texts(rootLogin)
        #expect(text.contains("security.hardening (rule ssh.PermitRootLogin) sets services.openssh."), "\(text)")
        #expect(text.contains("at priority 900"))
        #expect(text.contains("overriding.nix"))
        #expect(text.contains("sets it at priority 100 and wins"))
        #expect(result("sysctl.kernel.kptr_restrict")?["outcome"] as? String == "pass")
        let held = result("sysctl.kernel.dmesg_restrict")
        #expect(held?["outcome"] as? String == "pass")
        #expect(!texts(held).contains("wins"))
    }
}

/// The same without nixpkgs: the recorded options of a real system with an insecure sshd, and what the exporter says of them.
struct ExporterOverrideTests {
    static let said = """
        {"definitions":{"services.openssh.settings.PermitRootLogin":[
          {"file":"/etc/nixos/overriding.nix","line":12,"priority":100}]},
        "enforced":[
          {"rule":"ssh.PermitRootLogin","option":"services.openssh.settings.PermitRootLogin","priority":900,"holds":false,
           "highestPrio":100,"winners":[{"file":"/etc/nixos/overriding.nix","line":12,"priority":100}]}]}
        """

    static func document(_ said: String) throws -> Data {
        let values = try JSONSerialization.jsonObject(
            with: Data(contentsOf: Repository.fixtures.appendingPathComponent("current-d-insecure/config.json")))
        var document = try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [String: Any] ?? [:]
        document["format"] = "firn-options"
        document["version"] = 1
        document["release"] = "26.11"
        document["system"] = "x86_64-linux"
        document["values"] = values
        return try JSONSerialization.data(withJSONObject: document)
    }

    @Test func theFindingNamesBothPlaces() throws {
        let text = try Overridden.failure(of: "ssh.PermitRootLogin", try Self.document(Self.said))
        #expect(
            text.contains(
                "security.hardening (rule ssh.PermitRootLogin) sets services.openssh.settings.PermitRootLogin at priority 900"
            ))
        #expect(text.contains("/etc/nixos/overriding.nix:12 sets it at priority 100 and wins"))
    }

    @Test func aPlainFailureNamesTheFileThatDefinesIt() throws {
        let text = try Overridden.failure(
            of: "ssh.PermitRootLogin",
            try Self.document(
                Self.said.replacingOccurrences(of: #""holds":false"#, with: #""holds":true"#)
                    .replacingOccurrences(
                        of:
                            #""highestPrio":100,"winners":[{"file":"/etc/nixos/overriding.nix","line":12,"priority":100}]"#,
                        with: #""highestPrio":900,"winners":[]"#)))
        #expect(text.contains("set in /etc/nixos/overriding.nix:12"))
        #expect(!text.contains("wins"))
    }

    @Test func malformedDefinitionsAreRefused() throws {
        #expect(throws: Overridden.Refused.self) {
            try Overridden.failure(of: "ssh.PermitRootLogin", try Self.document(#"{"enforced":[{"rule":"a"}]}"#))
        }
    }
}
