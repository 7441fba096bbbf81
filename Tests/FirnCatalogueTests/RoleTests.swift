import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Testing

/// What a role may excuse, and what it may never silence (docs/design.md, "Roles").
@Suite struct RoleTests {
    private static func roles(_ condition: Condition?, _ fact: FactKey) -> [FactKey] {
        (condition?.facts(subject: fact) ?? []).filter { $0.family == "role" }.sorted()
    }

    /// What gives access without a credential, or disables a boundary: a finding on every machine.
    private static let neverSilenced = [
        "accounts.autologin", "accounts.autologin.root", "accounts.empty-password", "accounts.getty.bypass",
        "boot.console-shells", "boot.debug-shell", "boot.initrd.emergency-access", "boot.sulogin-force",
        "boot.test-backdoor", "cmdline.boot.shell_on_fail", "cmdline.rd.systemd.debug_shell",
        "cmdline.systemd.debug_shell", "firewall.enabled", "firewall.input.default", "network.docker.tcp-without-tls",
        "nix.trusted-users.everyone", "pam.null-password.remote", "ssh.PermitEmptyPasswords", "sudo.nopasswd.all",
        "units.control-sockets.writable", "wrappers.dangerous",
    ]

    @Test(arguments: neverSilenced)
    func noRoleSilences(id: String) throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        let rule = try #require(catalogue.rule(id), "there is no rule \(id)")
        #expect(Self.roles(rule.appliesWhen, rule.fact).isEmpty)
        for level in Level.allCases { #expect(Self.roles(rule.expectation(at: level), rule.fact).isEmpty) }
    }

    /// Whatever a role excuses costs less than a way in.
    @Test func rolesExcuseNothingGrave() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        let excused = catalogue.orderedRules.filter { !Self.roles($0.appliesWhen, $0.fact).isEmpty }
        #expect(excused.count >= 10)
        for rule in excused {
            for level in Level.allCases { #expect(rule.severity(at: level) <= .medium, "\(rule.id)") }
        }
    }
}
