import FirnModel
import Testing

@testable import FirnFacts

/// Auditing as options of other people declare it.
@Suite struct AuditDeclaredTests {
    private func facts(_ rules: String, enable: String = "true", start: String = "", extra: String = "") throws
        -> FactBatch
    {
        let command =
            start.isEmpty
            ? "/nix/store/00000000000000000000000000000000-audit-bin/bin/auditctl -R "
                + "/nix/store/00000000000000000000000000000000-audit.rules/audit.rules" : start
        let json = """
            {"security": {"audit": {"enable": \(enable), "rules": \(rules), "backlogLimit": 1024, "rateLimit": 0,
              "failureMode": "printk"}, "wrappers": {}},
             "boot": {"kernelParams": ["audit=1"]}, "environment": {"etc": {"sudoers": {"text": ""}\(extra)}},
             "systemd": {"units": {"audit-rules-nixos.service": {"enable": true, "wantedBy": ["sysinit.target"]}},
              "services": {"audit-rules-nixos": {"serviceConfig": {"ExecStart": "\(command)"}}}}}
            """
        return try AuditFacts.declared(
            try AuditSupport.options(json), knowledge: try AuditSupport.knowledge.get(), context: AuditSupport.context)
    }

    private let mounts = """
        ["-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m",
         "-a always,exit -F arch=b32 -S mount -F auid>=1000 -F auid!=unset -k m"]
        """

    @Test func rulesOfTheOptionAreJudgedAsTheBuiltOnes() throws {
        let batch = try facts(mounts, enable: "\"lock\"")
        #expect(batch.text("audit.enabled") == "true")
        #expect(batch.text("audit.immutable") == "true")
        #expect(batch.text("audit.covers.stig-mount") == "true")
        #expect(batch.text("audit.covers.stig-delete") == "false")
        #expect(batch.places("audit.rules").contains("security.audit.rules"))
    }

    @Test func oneElementMayHoldSeveralLines() throws {
        let batch = try facts(
            "[\"-w /etc/passwd -p wa -k i\\n-w /etc/shadow -p wa -k i\\n-S broken\\n-w /etc/group -p wa -k i\"]")
        #expect(batch.list("audit.rules").count == 2)
        #expect(batch.list("audit.rules.refused") == ["-S broken"])
    }

    @Test func anotherCommandOrFileMakesItUnknown() throws {
        #expect(try facts(mounts, start: "/nix/store/x/bin/load-rules").text("audit.covers.stig-mount") == "?")
        let file = ", \"audit/audit.rules\": {\"text\": \"-D\"}"
        #expect(try facts(mounts, extra: file).text("audit.covers.stig-mount") == "?")
        #expect(try facts("null").text("audit.enabled") == "?")
    }

    @Test func offIsOff() throws {
        #expect(try facts(mounts, enable: "false").text("audit.enabled") == "false")
        #expect(try facts(mounts, enable: "\"maybe\"").text("audit.enabled") == "?")
    }

    @Test func journaldMaySwitchItOff() throws {
        let journald = ", \"systemd/journald.conf\": {\"text\": \"[Journal]\\nAudit=no\\n\"}"
        #expect(try facts(mounts, extra: journald).text("audit.enabled") == "?")
        #expect(try facts(mounts, enable: "\"lock\"", extra: journald).text("audit.enabled") == "true")
    }
}
