import FirnTestSupport
import Foundation
import Testing

/// The hardening module on small systems (Tests/Fixtures/module/cases.nix), evaluated with real NixOS.
@Suite(.serialized, .enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
struct ModuleTests {
    /// A nixpkgs tree and the Nix that evaluates it: 20.09 is too old for new Nix, and 26.11 too new for old Nix.
    struct Tree: Sendable, CustomStringConvertible {
        var release: String
        var path: String
        var program: String
        var description: String { release }
    }

    static let trees: [Tree] =
        (Nix.nixpkgs.map { [Tree(release: "26.11", path: $0, program: "nix-instantiate")] } ?? [])
        + (Nix.nixpkgs2009.flatMap { path in
            let old = "/usr/bin/nix-instantiate"
            return FileManager.default.isExecutableFile(atPath: old)
                ? [Tree(release: "20.09", path: path, program: old)] : nil
        } ?? [])

    static func evaluate(_ group: String, _ tree: Tree, hardening: String? = nil) throws -> Any {
        let answer = try Nix.run(
            tree.program,
            [
                "--eval", "--strict", "--json", "--readonly-mode", Repository.path("Tests/Fixtures/module/cases.nix"),
                "--arg", "nixpkgs", tree.path, "-A", group,
            ] + (hardening.map { ["--arg", "hardening", $0] } ?? []))
        try #require(answer.code == 0, "\(answer.errors.suffix(3000))")
        return try JSONSerialization.jsonObject(with: answer.output, options: .fragmentsAllowed)
    }

    /// NixOS builds every level, the module warns of nothing, and all it sets is in force.
    @Test(arguments: trees) func everyLevelHolds(_ tree: Tree) throws {
        let levels = try #require(try Self.evaluate("levels", tree) as? [String: [String: Any]])
        #expect(levels.count == 3)
        for (level, found) in levels {
            #expect(found["refusals"] as? [String] == [], "\(level)")
            #expect(found["newWarnings"] as? [String] == [], "\(level)")
            #expect((found["lost"] as? [Any])?.isEmpty == true, "\(level): \(found["lost"] ?? "")")
        }
        let minimal = Set(try #require(levels["minimal"]?["rules"] as? [String]))
        let standard = Set(try #require(levels["standard"]?["rules"] as? [String]))
        let strict = Set(try #require(levels["strict"]?["rules"] as? [String]))
        #expect(
            minimal.isSuperset(of: ["sysctl.kernel.randomize_va_space", "firewall.enabled", "ssh.PermitRootLogin"]))
        #expect(standard.isSuperset(of: minimal))
        #expect(
            standard.subtracting(minimal).isSuperset(of: [
                "sysctl.kernel.dmesg_restrict", "audit.enabled", "audit.stig-identity", "ssh.PasswordAuthentication",
            ]))
        // Of audit.enabled and cmdline.audit the value is that of audit.immutable, "lock", at strict.
        // Users are fixed at strict, so nobody changes a password with passwd.
        #expect(standard.subtracting(strict).isSubset(of: ["audit.enabled", "cmdline.audit", "pam.quality"]))
        #expect(
            strict.subtracting(standard).isSuperset(of: ["audit.immutable", "modules.locked", "firewall.icmp.echo"]))
    }

    /// What the user defines plainly is the value, not a mixture.
    @Test(arguments: trees) func aUsersChoiceIsTheValue(_ tree: Tree) throws {
        let choices = try #require(try Self.evaluate("choices", tree) as? [[String: Any]])
        for choice in choices {
            #expect(choice["value"] as? [String] == ["firn-user-choice"], "\(choice["rule"] ?? "")")
        }
        let rules = Set(choices.compactMap { $0["rule"] as? String })
        #expect(rules.isSuperset(of: ["ssh.Ciphers", "ssh.MACs", "nix.allowed-users"]))
        if tree.release == "26.11" {
            #expect(
                rules.isSuperset(of: [
                    "ssh.KexAlgorithms", "ssh.AllowGroups", "mounts.nix-store.read-only", "pam.agent",
                ]))
        }
        let switches = try #require(try Self.evaluate("switches", tree) as? [[String: Any]])
        #expect(switches.count > 10)
        for one in switches { #expect(one["wins"] as? Bool == true, "\(one["rule"] ?? "")") }
    }

    struct Said: Decodable {
        var refused: [String]
        var warned: [String]
    }

    static func said(_ group: String, _ tree: Tree) throws -> [String: Said] {
        let found = try evaluate(group, tree)
        return try JSONDecoder().decode([String: Said].self, from: JSONSerialization.data(withJSONObject: found))
    }

    @Test(arguments: trees) func nobodyIsLockedOut(_ tree: Tree) throws {
        let said = try Self.said("protection", tree)
        for name in ["keyless", "headlessPassword"] {
            #expect(said[name]?.refused.count == 1, "\(name)")
            #expect(said[name]?.refused.first?.contains("SSH takes keys only") == true)
            #expect(said[name]?.warned.isEmpty == true)
        }
        for name in ["console", "command", "certificates", "installer"] {
            #expect(said[name]?.refused.isEmpty == true, "\(name)")
            #expect(said[name]?.warned.count == 1, "\(name)")
        }
        let choices = try Self.said("protectionOfChoices", tree)
        for name in ["userKeepsPasswords", "userTakesKeysOnly", "ruleLeftOut", "withoutSSH"] {
            #expect(choices[name]?.refused.isEmpty == true && choices[name]?.warned.isEmpty == true, "\(name)")
        }
        #expect(choices["noAdmin"]?.refused.contains { $0.contains("root's password is locked") } == true)
        #expect(choices["noPasswordForSudo"]?.refused.isEmpty == true)
        #expect(choices["noPasswordForSudo"]?.warned.contains { $0.contains("nobody can become root") } == true)
    }

    @Test(arguments: trees) func mountsAreNotMadeByTheirOptions(_ tree: Tree) throws {
        let found = try #require(try Self.evaluate("mounts", tree) as? [String: [String]])
        #expect(found["declared"] == ["/", "/home", "/var/log"])
        let home = try #require(found["home"])
        #expect(Set(home).isSuperset(of: ["nodev", "nosuid", "noexec", "noatime"]))
        // The last of mount's options counts, and that is the user's.
        #expect(try #require(home.firstIndex(of: "noexec")) < #require(home.firstIndex(of: "noatime")))
        #expect(Set(found["log"] ?? []).isSuperset(of: ["nodev", "nosuid", "noexec"]))
        #expect(Set(found["root"] ?? []).isDisjoint(with: ["nodev", "nosuid", "noexec"]))
        #expect(Set(found["enforced"] ?? []) == ["/home", "/var/log"])
    }

    @Test(arguments: trees) func partsHaveTheirSwitches(_ tree: Tree) throws {
        let found = try #require(try Self.evaluate("parts", tree) as? [String: Any])
        let audit = try #require(found["auditOff"] as? [String: Any])
        #expect(audit["enable"] as? Bool == false)
        #expect(audit["rules"] as? Int == 0)
        #expect(audit["of"] as? [String] == [])
        let strict = try #require(found["firewallStrict"] as? [String: Any])
        #expect(strict["ping"] as? Bool == false)
        #expect(strict["reverse"] as? String == "strict")
        #expect(strict["level"] is NSNull)
        let relaxed = try #require(found["firewallRelaxed"] as? [String: Any])
        #expect(relaxed["ping"] as? Bool == true)
        #expect(relaxed["reverse"] as? String == "loose")
        #expect(found["desktop"] as? [String] == ["modules.can-bus"])
        #expect(found["leftOut"] as? Bool == false)
        #expect(found["disabled"] as? [String] == [])
        #expect(found["container"] as? [String] == [])
    }

    /// The module wins over what another module says by mkDefault, and a plain definition over the module.
    @Test(arguments: trees) func weakenedServers(_ tree: Tree) throws {
        struct Values: Decodable, Equatable {
            var sysctl: Int
            var firewall, editor: Bool
        }
        let found = try Self.evaluate("weakened", tree)
        let values = try JSONDecoder().decode(
            [String: Values].self, from: JSONSerialization.data(withJSONObject: found))
        // Minimal does not ask for the editor.
        #expect(values["byOthers"] == Values(sysctl: 2, firewall: true, editor: true))
        #expect(values["byOthersAtStandard"] == Values(sysctl: 2, firewall: true, editor: false))
        #expect(values["byUser"] == Values(sysctl: 0, firewall: false, editor: true))
    }

    @Test(arguments: trees) func aPackageThatCannotBeBuiltWarns(_ tree: Tree) throws {
        let warned = try #require(try Self.evaluate("package", tree) as? [String: [String]])
        #expect(warned["used"]?.count == 1 && warned["used"]?.first?.contains("for a test.") == true)
        #expect(warned["unused"] == [] && warned["minimal"] == [])
    }

    /// What the catalogue says in sentences. Releases before 24.05 have no rules for PAM.
    @Test(arguments: trees) func sentencesAreCarriedOut(_ tree: Tree) throws {
        guard tree.release == "26.11" else { return }
        struct Pair: Decodable {
            var login, passwd: String
            var audit, enforced: Bool?
        }
        struct Found: Decodable {
            struct Auditd: Decodable {
                var max_log_file_action: String
                var num_logs: Int
            }
            struct Rust: Decodable {
                var stack: String
                var rules: [String]
            }
            var first, login, passwd, ldap, minimal: String
            var twice: Int
            var watches, loader: [String]
            var auditd: Auditd
            var leftOut, patient: Pair
            var rust: Rust
        }
        let json = try JSONSerialization.data(withJSONObject: try Self.evaluate("byHand", tree))
        let found = try JSONDecoder().decode(Found.self, from: json)

        // One line that the kernel refuses is no end of the others, and the user's come before the module's.
        #expect(found.first == "-i" && found.twice == 0)
        #expect(found.watches.count == 3 && found.watches.first?.contains("/etc/firn") == true)
        #expect(found.loader.contains("systemd-tmpfiles-setup.service"))
        #expect(found.auditd.max_log_file_action == "rotate" && found.auditd.num_logs == 10)

        // The modules of a kind in their order, with what decides about them.
        func lines(_ stack: String, _ kind: String) -> [String] {
            stack.split(separator: "\n").filter { $0.hasPrefix(kind + " ") }.map { line in
                let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
                return ([words[1], (words[2] as NSString).lastPathComponent] + words.dropFirst(3)).joined(
                    separator: " ")
            }
        }
        let locking = [
            "required pam_faillock.so deny=3 preauth unlock_time=900",
            "sufficient pam_unix.so likeauth nullok try_first_pass",
            "[default=die] pam_faillock.so authfail deny=3 unlock_time=900", "required pam_deny.so",
        ]
        #expect(lines(found.login, "auth") == locking)
        #expect(lines(found.login, "account") == ["required pam_faillock.so", "required pam_unix.so"])
        // Root is never locked, and no lock is for ever.
        #expect(!found.login.contains("even_deny_root"))
        // Who LDAP lets in has not failed: it is asked before the failure is counted.
        let ldap = lines(found.ldap, "auth")
        let counted = try #require(ldap.firstIndex { $0.contains("authfail") })
        #expect(try #require(ldap.firstIndex { $0.contains("pam_ldap.so") }) < counted)
        #expect(ldap.count == counted + 2)
        #expect(
            lines(found.passwd, "password") == [
                "requisite pam_pwquality.so minlen=12", "sufficient pam_unix.so nullok use_authtok yescrypt",
            ])

        let plain = ["sufficient pam_unix.so likeauth nullok try_first_pass", "required pam_deny.so"]
        #expect(lines(found.minimal, "auth") == plain)
        #expect(lines(found.leftOut.login, "auth") == plain)
        #expect(lines(found.leftOut.passwd, "password") == ["sufficient pam_unix.so nullok yescrypt"])
        #expect(found.leftOut.audit == false && found.leftOut.enforced == false)
        // A user's number stands beside the module's others; without the check, pam_unix asks for the password itself.
        #expect(lines(found.patient.login, "auth").first == "required pam_faillock.so deny=5 preauth unlock_time=900")
        #expect(lines(found.patient.passwd, "password") == ["sufficient pam_unix.so nullok yescrypt"])

        // sudo-rs asks the same stack.
        #expect(lines(found.rust.stack, "auth").contains("required pam_faillock.so deny=3 preauth unlock_time=900"))
        #expect(found.rust.rules.contains("sudo.execWheelOnly"))
    }

    /// A rule added to the data is set without a change in Nix.
    @Test(arguments: trees) func aRuleAddedToTheDataIsSet(_ tree: Tree) throws {
        guard tree.release == "26.11" else { return }
        let copy = try ModuleCopy()
        let module = copy.root + "/nix/modules/hardening.nix"
        let added = try #require(try Self.evaluate("added", tree, hardening: module) as? [[String: Any]])
        #expect(added.count == 1)
        #expect(added.first?["value"] as? Int == 7)
        #expect(added.first?["priority"] as? Int == 900)
        #expect(try Self.evaluate("addedValue", tree, hardening: module) as? Int == 7)
    }
}
