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

    static func results(_ export: Data) throws -> [[String: Any]] {
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
        // The rule of its own lists what is lost, and not what was replaced by something as good.
        let silent = result("nix.silent-overrides")
        #expect(silent?["outcome"] as? String == "fail")
        let lost = silent?["message"] as? String ?? ""
        #expect(lost.contains("(rule ssh.PermitRootLogin)") && lost.contains("overriding.nix"), "\(lost)")
        #expect(!lost.contains("dmesg_restrict") && !lost.contains("kptr_restrict"), "\(lost)")
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

    /// What the rule of its own says of one definition that lost.
    private func silent(
        _ rule: String, _ option: String, holds: String = "false", level: String? = nil, unavailable: String = "{}"
    ) throws -> (outcome: String?, message: String) {
        let said = """
            {"unavailable":\(unavailable),
            "enforced":[{"rule":"\(rule)","option":"\(option)","priority":900,"holds":\(holds),"highestPrio":100,
              "winners":[{"file":"/etc/nixos/other.nix","line":3,"priority":100}]}]}
            """
        var document =
            try JSONSerialization.jsonObject(with: try Self.document(said)) as? [String: Any] ?? [:]
        if let level, var values = document["values"] as? [String: Any],
            var security = values["security"] as? [String: Any]
        {
            security["hardening"] = ["level": level]
            values["security"] = security
            document["values"] = values
        }
        let results = try Overridden.results(JSONSerialization.data(withJSONObject: document))
        let result = results.first { $0["rule"] as? String == "nix.silent-overrides" }
        let texts = (result?["evidence"] as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
        return (result?["outcome"] as? String, texts.joined(separator: "\n") + (result?["message"] as? String ?? ""))
    }

    /// The fixture's sshd lets root in with a password, so what was set is lost at each level.
    @Test(arguments: [nil, "minimal", "standard", "strict"]) func whatIsLostIsAFinding(level: String?) throws {
        let (outcome, text) = try silent(
            "ssh.PermitRootLogin", "services.openssh.settings.PermitRootLogin", level: level)
        #expect(outcome == "fail")
        #expect(text.contains("security.hardening (rule ssh.PermitRootLogin)"), "\(text)")
        #expect(text.contains("/etc/nixos/other.nix:3 sets it at priority 100 and wins"), "\(text)")
    }

    /// The fixture takes keys, as OpenSSH does by default: another definition won, and the rule passes all the same.
    @Test(arguments: [nil, "minimal", "strict"]) func whatIsAsGoodIsNone(level: String?) throws {
        let (outcome, _) = try silent(
            "ssh.PubkeyAuthentication", "services.openssh.settings.PubkeyAuthentication", level: level)
        #expect(outcome == "pass")
    }

    /// A value in force that is the module's own is no loss, whoever set it.
    @Test func whatHoldsIsNone() throws {
        let (outcome, _) = try silent(
            "ssh.PermitRootLogin", "services.openssh.settings.PermitRootLogin", holds: "true")
        #expect(outcome == "pass")
    }

    /// Lost, and nobody can say what it means: never a pass.
    @Test func whatCannotBeJudgedIsUnknown() throws {
        #expect(try silent("ssh.no-such-rule", "services.openssh.settings.Other").outcome == "unknown")
        #expect(try silent("nix.silent-overrides", "nix.gc.automatic").outcome == "unknown")
        // A module whose values do not evaluate is not one that sets nothing.
        let failed = try silent(
            "ssh.StrictModes", "a", unavailable: #"{"security.hardening.enforced":"its evaluation throws"}"#)
        #expect(failed.outcome == "unknown")
    }

    /// An export of a system without the module, and a bare tree of options of one.
    @Test func withoutTheModuleItDoesNotApply() throws {
        let exported = try Overridden.results(try Self.document(#"{"enforced":[]}"#))
        let bare = try Overridden.results(
            Data(contentsOf: Repository.fixtures.appendingPathComponent("current-d-insecure/config.json")))
        for results in [exported, bare] {
            let result = results.first { $0["rule"] as? String == "nix.silent-overrides" }
            #expect(result?["outcome"] as? String == "notApplicable")
        }
    }

    /// The gate judges the rule again on the facts of the report: a loss that was edited away blocks as such.
    @Test func anEditedOutcomeIsTampered() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("gate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let json = directory.appendingPathComponent("config.json")
        let report = directory.appendingPathComponent("report.json")
        try Self.document(Self.said).write(to: json)
        let run = try Nix.run(
            Overridden.firn, ["check", json.path, "--profile", "standard", "--format", "json=\(report.path)"])
        #expect([1, 3].contains(run.code), "\(run.errors)")
        let gate = ["gate", report.path, "--profile", "standard", "--format", "json"]
        let honest = try Nix.run(Overridden.firn, gate)
        #expect(!honest.text.contains("\"tampered\""), "an honest report is not tampered with")
        var document = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: report)) as? [String: Any])
        let results = try #require(document["results"] as? [[String: Any]])
        document["results"] = results.map { result in
            var result = result
            if result["rule"] as? String == "nix.silent-overrides" { result["outcome"] = "pass" }
            return result
        }
        // A forger keeps the counts in step.
        var summary = try #require(document["summary"] as? [String: Any])
        func forge(_ counts: [String: Any]) throws -> [String: Any] {
            var counts = counts
            var outcomes = try #require(counts["outcomes"] as? [String: Int])
            var fails = try #require(counts["fails"] as? [String: Int])
            outcomes["fail", default: 0] -= 1
            outcomes["pass", default: 0] += 1
            fails["medium", default: 0] -= 1
            counts["outcomes"] = outcomes
            counts["fails"] = fails
            return counts
        }
        summary["targets"] = try #require(summary["targets"] as? [[String: Any]]).map(forge)
        summary["total"] = try forge(#require(summary["total"] as? [String: Any]))
        document["summary"] = summary
        try JSONSerialization.data(withJSONObject: document).write(to: report)
        let forged = try Nix.run(Overridden.firn, gate)
        #expect(forged.code != 0)
        #expect((forged.text + forged.errors).contains("nix.silent-overrides"))
        #expect((forged.text + forged.errors).contains("tampered"), "\(forged.text.prefix(2000)) \(forged.errors)")
    }

    @Test func malformedDefinitionsAreRefused() throws {
        #expect(throws: Overridden.Refused.self) {
            try Overridden.failure(of: "ssh.PermitRootLogin", try Self.document(#"{"enforced":[{"rule":"a"}]}"#))
        }
    }
}
