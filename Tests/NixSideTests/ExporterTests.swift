import FirnTestSupport
import Foundation
import Testing

/// `nix/lib/evaluated-config.nix`: with options made by hand everywhere, with NixOS where a nixpkgs tree is at hand.
struct ExporterTests {
    /// The export of hand-made options, as a JSON object and as text.
    static func plain(_ arguments: String = "") throws -> (Nix.Answer, [String: Any]) {
        let answer = try Nix.run(
            "nix-instantiate",
            [
                "--eval", "--strict", "--json", "--readonly-mode", "--show-trace", "--expr",
                """
                import ./nix/lib/evaluated-config.nix ({
                  withToplevel = false; system = "x86_64-linux";
                  evaluated = import ./Tests/Fixtures/nix-side/plain-options.nix { };
                } // { \(arguments) })
                """,
            ])
        return (answer, try JSONSerialization.jsonObject(with: answer.output) as? [String: Any] ?? [:])
    }

    /// A value by its path.
    static func value(_ object: Any?, _ path: String...) -> Any? {
        path.reduce(object) { ($0 as? [String: Any])?[$1] }
    }

    @Test(.enabled(if: Nix.hasInstantiate)) func handMadeOptions() throws {
        let (answer, export) = try Self.plain()
        try #require(answer.code == 0, "\(answer.errors)")
        #expect(export["format"] as? String == "firn-options")
        #expect(export["version"] as? Int == 1)
        #expect(!answer.text.contains("CANARY"))
        let users = Self.value(export, "values", "users", "users")
        func password(_ user: String, _ name: String) -> String? { Self.value(users, user, name) as? String }
        #expect(password("a", "hashedPassword")?.hasPrefix("$6$..........$......") == true)
        #expect(password("b", "hashedPassword") == "!")
        #expect(password("c", "password")?.isEmpty == false)
        #expect(password("d", "password")?.isEmpty == true)
        #expect(password("e", "hashedPassword") == "unusable")
        let unavailable = export["unavailable"] as? [String: String]
        #expect(unavailable?["networking.firewall.allowPing"] == "its evaluation throws")
        #expect(Self.value(export, "values", "networking", "firewall", "allowPing") == nil)

        let enforced = try #require(export["enforced"] as? [[String: Any]])
        #expect(enforced.map { $0["rule"] as? String } == ["a", "b", "c"])
        #expect(enforced.map { $0["holds"] as? Bool } == [false, true, false])
        #expect(enforced.map { $0["highestPrio"] as? Int } == [100, 900, 50])
        let winners = enforced.map { ($0["winners"] as? [[String: Any]] ?? []).map { $0["file"] as? String } }
        #expect(winners == [["/x/owner.nix"], [], ["/x/owner.nix"]])
        let first = (enforced[0]["winners"] as? [[String: Any]])?.first
        // The line of the definition, which Nix knows of keys inside a value.
        let line = try #require(first?["line"] as? Int)
        let source = try String(
            decoding: Repository.bytes("Tests/Fixtures/nix-side/plain-options.nix"), as: UTF8.self)
        #expect(
            source.split(separator: "\n", omittingEmptySubsequences: false)[line - 1].contains(
                #""kernel.kptr_restrict" = 0;"#))
    }

    @Test(.enabled(if: Nix.hasInstantiate)) func whatCannotBeCaughtNamesItsOption() throws {
        let aborting = "evaluated = import ./Tests/Fixtures/nix-side/plain-options.nix { aborts = true; };"
        let failing = try Nix.evaluate(
            """
            import ./nix/lib/evaluated-config.nix { withToplevel = false; system = "x"; \(aborting) }
            """, arguments: ["--show-trace"])
        #expect(failing.code != 0)
        #expect(failing.errors.contains("firn exports the option boot.kernelParams\n"))
        let (answer, export) = try Self.plain(aborting + #" omit."boot.kernelParams" = "a reason";"#)
        try #require(answer.code == 0, "\(answer.errors)")
        #expect((export["unavailable"] as? [String: String])?["boot.kernelParams"] == "a reason")
        #expect(Self.value(export, "values", "boot", "kernelParams") == nil)
        #expect(Self.value(export, "values", "boot", "isContainer") as? Bool == false)
    }

    /// The export of `unset-options.nix`.
    static func unset(_ arguments: String) throws -> [String: Any] {
        let answer = try Nix.evaluate(
            """
            import ./nix/lib/evaluated-config.nix {
              withToplevel = false; system = "x";
              evaluated = import ./Tests/Fixtures/nix-side/unset-options.nix { \(arguments) };
            }
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        return try JSONSerialization.jsonObject(with: answer.output) as? [String: Any] ?? [:]
    }

    /// What nobody set holds no value and is no gap; what throws although it is defined is one, also in lists and units.
    @Test(.enabled(if: Nix.hasInstantiate), arguments: [false, true]) func onlyWhatIsSetCanBeUnavailable(metaless: Bool)
        throws
    {
        let export = try Self.unset("metaless = \(metaless);")
        let unavailable = Set(((export["unavailable"] as? [String: String]) ?? [:]).keys)
        // Of an element whose definition is a function nothing is known without valueMeta.
        let hidden: Set<String> = metaless ? ["systemd.services.c.burst"] : []
        #expect(
            unavailable
                == hidden.union([
                    "boot.kernelModules", "boot.kernelParams", "systemd.automounts", "systemd.services.b.burst",
                    "systemd.services.c.limit",
                ]))
        #expect(Self.value(export, "values", "boot", "consoleLogLevel") == nil)
        let mounts = Self.value(export, "values", "systemd", "mounts") as? [[String: String]]
        #expect(mounts?.map { $0["what"] } == ["one", "two"])
        #expect(mounts?.allSatisfy { $0["burst"] == nil && $0["limit"] == nil } == true)
        // A list is told whole or not at all.
        #expect(Self.value(export, "values", "systemd", "automounts") == nil)
        #expect(Self.value(export, "values", "systemd", "services", "b", "what") != nil)
    }

    @Test(.enabled(if: Nix.hasInstantiate)) func aDefaultOfWhatIsOffIsNobodysSecret() throws {
        let off = try Self.unset("")
        #expect(Self.value(off, "values", "services", "grafana", "adminPassword") == nil)
        #expect(Self.value(off, "values", "services", "grafana", "secretKey") != nil)
        let on = try Self.unset("serviceOn = true;")
        #expect(Self.value(on, "values", "services", "grafana", "adminPassword") != nil)
        #expect(Self.value(on, "values", "services", "grafana", "secretKey") != nil)
        #expect(!"\(off)\(on)".contains("pass-by-"))
    }

    /// What mkChangedOptionModule leaves in an option is no value: on 20.09 it made `security.initialRootPassword` a secret.
    @Test(.enabled(if: Nix.hasInstantiate)) func anOptionThatWasReplacedHoldsNothing() throws {
        let export = try Self.unset("")
        #expect(Self.value(export, "values", "security", "firstPassword") == nil)
        #expect(Self.value(export, "values", "security", "secondPassword") as? String == "value-not-shown-4Nb7")
    }

    /// The configuration of the packages in use, of which facts read three attributes; a function is told as one.
    @Test(.enabled(if: Nix.hasInstantiate)) func theConfigurationOfThePackages() throws {
        let config = try #require(Self.value(Self.unset(""), "values", "nixpkgs", "config") as? [String: Any])
        #expect(config["permittedInsecurePackages"] as? [String] == ["openssl-1.1.1w"])
        #expect(config["allowInsecurePredicate"] as? String == "a function")
        #expect(config["allowBroken"] as? Bool == false)
        #expect(config["packageOverrides"] == nil)
        // Options without the packages tell nothing.
        let (_, plain) = try Self.plain()
        #expect((plain["unavailable"] as? [String: String])?["nixpkgs.config"] == "it is not exported")
    }

    // MARK: With NixOS

    struct Release: Sendable {
        var name: String
        var nixpkgs: String
        var program: String
    }
    /// The trees at hand: 26.11 with the Nix in PATH, 20.09 with Debian's, which is old enough for it.
    static let releases: [Release] =
        (Nix.nixpkgs.map { [Release(name: "26.11", nixpkgs: $0, program: "nix-instantiate")] } ?? [])
        + (Nix.nixpkgs2009.map { [Release(name: "20.09", nixpkgs: $0, program: "/usr/bin/nix-instantiate")] } ?? [])

    /// The tree at hand lacks the program that builds manuals.
    static let withoutPandoc = """
        [ { nixpkgs.overlays = [ (self: super: { pandoc = super.runCommand "pandoc" { } ""; }) ]; } ]
        """

    static func export(_ configuration: String, _ release: Release) throws -> Nix.Answer {
        try Nix.run(
            release.program,
            [
                "--eval", "--strict", "--json", "--readonly-mode", "nix/lib/evaluated-config.nix", "--arg", "nixpkgs",
                release.nixpkgs, "--arg", "configuration", "./Tests/Fixtures/nix-side/\(configuration)", "--argstr",
                "system", "x86_64-linux", "--arg", "withToplevel", "false",
            ] + (release.name == "20.09" ? ["--arg", "extraModules", Self.withoutPandoc] : []))
    }

    @Test(.enabled(if: !releases.isEmpty, "NIXPKGS names no nixpkgs tree"), arguments: releases)
    func noSecretLeaves(release: Release) throws {
        let answer = try Self.export("canaries.nix", release)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        #expect(!answer.text.contains("CANARY"))
        #expect(!answer.errors.contains("Obsolete option"))
        let export = try JSONSerialization.jsonObject(with: answer.output)
        #expect(Self.value(export, "release") as? String == release.name)
        let users = Self.value(export, "values", "users", "users")
        let hash = Self.value(users, "sha512", "hashedPassword") as? String
        #expect(hash?.hasPrefix("$6$rounds=7000$..........$") == true)
        #expect(
            Self.value(users, "yescrypt", "hashedPassword") as? String
                == "$y$j9T$..........$" + String(repeating: ".", count: 43))
        #expect(Self.value(users, "open", "initialHashedPassword") as? String == "")
        #expect(Self.value(users, "locked", "hashedPassword") as? String == "!")
        // Nobody reads the file: what the scan judges in it is told, and nothing else.
        let text = Self.value(export, "values", "environment", "etc", "app.conf", "text") as? String
        #expect(text?.contains("user = me") == false)
        #expect(text?.hasPrefix("<not-shown>\n") == true && text?.contains("password=") == true)
    }

    @Test(.enabled(if: !releases.isEmpty, "NIXPKGS names no nixpkgs tree"), arguments: releases)
    func theFindingNamesBothPlaces(release: Release) throws {
        let answer = try Self.export("overridden.nix", release)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        try Overridden.expectFindings(answer.output)
    }

    /// What a plain server lacks in the export: defaults that throw. None of it is a unit, a mount or a removed option.
    @Test(.enabled(if: !releases.isEmpty, "NIXPKGS names no nixpkgs tree"), arguments: releases)
    func aPlainServerHasFewGaps(release: Release) throws {
        let answer = try Self.export("canaries.nix", release)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let export = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        let unavailable = try #require(export?["unavailable"] as? [String: String])
        #expect(unavailable.count <= 6, "\(unavailable.keys.sorted())")
        #expect(!unavailable.keys.contains { $0.hasPrefix("systemd") || $0.hasPrefix("nixpkgs") })
        let services = try #require(Self.value(export, "values", "systemd", "services") as? [String: Any])
        #expect(services.count > 30)
        #expect(Self.value(export, "values", "systemd", "mounts") is [Any])
        #expect(Self.value(export, "values", "nixpkgs", "config") is [String: Any])
    }
}
