import FirnModel
import Testing

@testable import FirnFacts

/// Rules of polkit with the meaning written by hand.
@Suite struct PolkitFactsTests {
    private static func rule(_ body: String) -> [String: String] {
        ["10-nixos.rules": "polkit.addRule(function(action, subject) { \(body) });\n"]
    }

    @Test(arguments: [
        ("return polkit.Result.YES;", ["everyone: *"]),
        ("if (subject.isInGroup('wheel')) return polkit.Result.YES;", ["%wheel: *"]),
        (
            "if (action.id == 'org.a' && subject.isInGroup('x')) { return polkit.Result.YES; }", ["%x: org.a"]
        ),
        ("if (action.id.indexOf('org.a.') == 0) { return polkit.Result.YES; }", ["everyone: org.a.*"]),
        ("if (action.id.startsWith('org.a.') && subject.user == 'u') return 'yes';", ["u: org.a.*"]),
        ("if (subject.local && subject.active) return polkit.Result.YES;", ["local users: *"]),
        (
            "if ((action.id == 'a' || action.id == 'b') && subject.isInGroup('x')) return polkit.Result.YES;",
            ["%x: a", "%x: b"]
        ),
        ("if (!subject.isInGroup('x')) return polkit.Result.YES;", ["everyone: *"]),
        ("if (!subject.isInGroup('x')) return; if (action.id == 'a') return polkit.Result.YES;", ["%x: a"]),
        ("if (action.id != 'a') { return polkit.Result.NOT_HANDLED; } return polkit.Result.YES;", ["everyone: a"]),
        ("if (['a', 'b'].indexOf(action.id) >= 0) return polkit.Result.YES;", ["everyone: a", "everyone: b"]),
        (
            "var u = action.lookup('unit'); if (u == 'x.service') return polkit.Result.YES;",
            ["everyone: * (unit=x.service)"]
        ),
        (
            "if (action.id == 'm' && action.lookup('unit') == 'x' && subject.isInGroup('g')) return polkit.Result.YES;",
            ["%g: m (unit=x)"]
        ),
        ("if (/^org\\.a\\./.test(action.id)) return polkit.Result.YES;", ["everyone: /^org\\.a\\./"]),
        ("if (subject.isInGroup('x')) return polkit.Result.AUTH_ADMIN_KEEP; else return polkit.Result.NO;", []),
        ("return polkit.Result.AUTH_ADMIN;", []), ("polkit.log('a'); return null;", []),
        ("if (false) return polkit.Result.YES;", []),
        ("// return polkit.Result.YES;\n", []),
    ])
    func whatIsAllowedWithoutAPassword(body: String, expected: [String]) throws {
        #expect(try SudoSupport.polkit(Self.rule(body)).texts("polkit.yes") == expected)
    }

    @Test(arguments: [
        "return polkit.Result['YES'];", "if (subject.isInGroup(group)) return polkit.Result.YES;",
        "if (subject.pid == 1) return polkit.Result.YES;", "if (check(action)) return polkit.Result.YES;",
        "return decide(action);", "if (subject.groups.length > 2) return polkit.Result.YES;",
        "return polkit.Result.MAYBE;",
    ])
    func whatIsNotKnownIsNotPassed(body: String) throws {
        let facts = try SudoSupport.polkit(Self.rule(body))
        #expect(facts.isUnavailable("polkit.yes"))
        #expect(facts.isUnavailable("polkit.yes.everyone"))
        #expect(facts.isUnavailable("polkit.yes.broad"))
    }

    @Test(arguments: [
        (
            "if (action.id == 'org.freedesktop.systemd1.manage-units' && subject.isInGroup('wheel')) return polkit.Result.YES;",
            true
        ),
        (
            "if (action.id.indexOf('org.freedesktop.systemd1.') == 0 && subject.user == 'u') return polkit.Result.YES;",
            true
        ),
        ("if (action.id.match('^org.freedesktop.policykit') && subject.user == 'u') return polkit.Result.YES;", true),
        ("if (/manage/.test(action.id) && subject.user == 'u') return polkit.Result.YES;", true),
        ("if (action.id.indexOf('systemd1') > -1 && subject.user == 'u') return polkit.Result.YES;", true),
        ("if (subject.user == 'u') return polkit.Result.YES;", true),
        (
            "if (action.id == 'org.freedesktop.systemd1.manage-units' && action.lookup('unit') == 'x' && subject.user == 'u')"
                + " return polkit.Result.YES;", false
        ),
        ("if (action.id == 'org.freedesktop.login1.reboot' && subject.user == 'u') return polkit.Result.YES;", false),
        (
            "if (action.id == 'org.libvirt.unix.manage' && subject.isInGroup('libvirtd')) return polkit.Result.YES;",
            false
        ),
        ("if (action.id == 'org.libvirt.unix.manage' && subject.isInGroup('users')) return polkit.Result.YES;", true),
    ])
    func whatAmountsToRoot(body: String, isBroad: Bool) throws {
        #expect((try SudoSupport.polkit(Self.rule(body)).texts("polkit.yes.broad") != []) == isBroad)
    }

    @Test(arguments: [
        ("org.freedesktop.portable1.attach-images", "u", true), ("org.freedesktop.home1.create-home", "u", true),
        ("org.freedesktop.import1.import", "u", true), ("org.freedesktop.Flatpak.modify-repo", "u", true),
        ("org.freedesktop.fwupd.update-internal", "u", true), ("org.freedesktop.fwupd.get-remotes", "u", false),
        ("org.freedesktop.fwupd.refresh-remote", "u", false),
    ])
    func singleActions(action: String, user: String, isBroad: Bool) throws {
        let body = "if (action.id == '\(action)' && subject.user == '\(user)') return polkit.Result.YES;"
        #expect((try SudoSupport.polkit(Self.rule(body)).texts("polkit.yes.broad") != []) == isBroad)
    }

    @Test func theRuleOfTheModuleOfFwupdIsExpected() throws {
        let facts = try SudoSupport.polkit(
            Self.rule(
                """
                if ((action.id == "org.freedesktop.fwupd.get-remotes" || action.id == "org.freedesktop.fwupd.refresh-remote") &&
                  subject.user == "fwupd-refresh") { return polkit.Result.YES; }
                """))
        #expect(facts.texts("polkit.yes.broad") == [])
        #expect(facts.texts("polkit.yes.unexpected") == [])
    }

    @Test(arguments: [
        // Before the file of NixOS, after it, and the same administrators.
        ("05-x.rules", "users", ["administrators: unix-group:users"]), ("50-default.rules", "users", []),
        ("05-x.rules", "wheel", []),
    ])
    func administratorsOfPackages(name: String, group: String, expected: [String]) throws {
        let rule = "polkit.addAdminRule(function(a, s) { return ['unix-group:\(group)']; });"
        let facts = try SudoSupport.polkit([:], files: ["/toplevel/sw/share/polkit-1/rules.d/\(name)": rule])
        #expect(facts.texts("polkit.packages.yes.broad") == expected)
    }

    @Test func ownPasswordByAPackage() throws {
        let rule = "polkit.addRule(function(a, s) { return polkit.Result.AUTH_SELF; });"
        let facts = try SudoSupport.polkit([:], files: ["/toplevel/sw/share/polkit-1/rules.d/x.rules": rule])
        #expect(facts.texts("polkit.packages.yes.broad") == ["everyone: * (with one's own password)"])
    }

    @Test func ownPassword() throws {
        let facts = try SudoSupport.polkit(Self.rule("return polkit.Result.AUTH_SELF_KEEP;"))
        #expect(facts.texts("polkit.auth-self") == ["everyone: *"])
    }

    @Test func administrators() throws {
        let wheel = "polkit.addAdminRule(function(action, subject) {\n  return [\"unix-group:wheel\"];\n});\n"
        let users = wheel.replacing("wheel", with: "users")
        #expect(try SudoSupport.polkit([:]).texts("polkit.admins") == ["unix-user:0"])
        #expect(try SudoSupport.polkit(["10-nixos.rules": wheel]).texts("polkit.admins") == ["unix-group:wheel"])
        // The first rule that names somebody decides.
        #expect(
            try SudoSupport.polkit(["10-nixos.rules": wheel, "20-x.rules": users]).texts("polkit.admins") == [
                "unix-group:wheel"
            ])
        #expect(
            try SudoSupport.polkit(["10-nixos.rules": wheel, "05-x.rules": users]).texts("polkit.admins") == [
                "unix-group:users"
            ])
        #expect(
            try SudoSupport.polkit(["05-x.conf": users, "10-nixos.rules": wheel]).texts("polkit.admins") == [
                "unix-group:wheel"
            ])
        let conditional =
            "polkit.addAdminRule(function(a, s) { if (s.isInGroup('x')) return ['unix-user:x']; });\n" + wheel
        #expect(
            try SudoSupport.polkit(["1.rules": conditional]).texts("polkit.admins") == [
                "unix-group:wheel", "unix-user:x",
            ])
    }

    @Test func rulesOfPackages() throws {
        let yes = "polkit.addRule(function(a, s) { return polkit.Result.YES; });"
        let facts = try SudoSupport.polkit([:], files: ["/toplevel/sw/share/polkit-1/rules.d/x.rules": yes])
        #expect(facts.texts("polkit.packages.yes.broad") == ["everyone: *"])
        #expect(facts.texts("polkit.yes") == [])
    }
}
