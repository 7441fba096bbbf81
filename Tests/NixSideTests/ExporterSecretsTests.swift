import FirnTestSupport
import Foundation
import Testing

/// What the export of options shows: the strings that facts read, reduced, and of every other string a stand-in.
struct ExporterSecretsTests {
    /// A report of one target: the facts by key, without their evidence, and all of it as text.
    private static func facts(_ document: Data) throws -> [String: String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let json = directory.appendingPathComponent("config.json")
        let report = directory.appendingPathComponent("report.json")
        try document.write(to: json)
        let run = try Nix.run(
            Overridden.firn, ["check", json.path, "--profile", "strict", "--format", "json=\(report.path)"])
        try #require([0, 1, 3].contains(run.code), "\(run.errors)")
        let read = try JSONSerialization.jsonObject(with: Data(contentsOf: report)) as? [String: Any]
        let snapshot = try #require((read?["snapshots"] as? [[String: Any]])?.first)
        let facts = try #require(snapshot["facts"] as? [String: [String: Any]])
        var result: [String: String] = [:]
        for (key, var fact) in facts {
            fact["evidence"] = nil
            result[key] = String(
                decoding: try JSONSerialization.data(withJSONObject: fact, options: .sortedKeys), as: UTF8.self)
        }
        return result
    }

    /// Each case says by hand what leaves of its value.
    @Test(.enabled(if: Nix.hasInstantiate)) func stringsAreReducedAsWritten() throws {
        let answer = try Nix.evaluate("import ./Tests/Fixtures/nix-side/reductions.nix")
        try #require(answer.code == 0, "\(answer.errors)")
        let cases = try #require(JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]])
        #expect(cases.count > 80)
        for one in cases {
            let actual = try #require(one["actual"] as? NSObject)
            let expected = try #require(one["expected"] as? NSObject)
            #expect(actual == expected, "\(one["path"] ?? ""): \(one["value"] ?? "")")
            #expect(!"\(actual)".contains("CANARY"), "\(one["path"] ?? "")")
        }
        let planted = cases.count { "\($0["value"] ?? "")".contains("CANARY") }
        #expect(planted > 60)
    }

    /// The fixtures that hold options; `thereAreConfigurationsToCompare` fails where there are none.
    private static let configurations: [String] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).filter {
                FileManager.default.fileExists(
                    atPath: Repository.fixtures.appendingPathComponent("\($0)/config.json").path)
            }.sorted()
        } catch {
            return []
        }
    }()

    /// No fact reads a string that the table of readable strings leaves out: the options of real systems give the same facts
    /// when they are reduced, those about secrets included.
    @Test(.enabled(if: Nix.hasInstantiate), arguments: configurations) func factsAreThoseOfTheWholeOptions(
        _ name: String
    ) throws {
        let path = ".build/fixtures/\(name)/config.json"
        let answer = try Nix.evaluate(
            """
            let
              strings = import ./nix/lib/option-secrets.nix {
                exported = builtins.fromTOML (builtins.readFile ./profiles/knowledge/exported-options.toml);
                secrets = builtins.fromTOML (builtins.readFile ./profiles/knowledge/secrets.toml);
              };
              whole = builtins.fromJSON (builtins.readFile ./\(path));
              own = if whole ? _fixture then { inherit (whole) _fixture; } else { };
            in
            strings.data strings.readable [ ] "" (builtins.removeAttrs whole [ "_fixture" ]) // own
            """)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let whole = try Self.facts(Data(contentsOf: Repository.root.appendingPathComponent(path)))
        let reduced = try Self.facts(answer.output)
        #expect(whole.count > 500)
        for (key, fact) in whole where reduced[key] != fact {
            Issue.record("\(key) of \(name): \(fact) has become \(reduced[key] ?? "nothing")")
        }
        #expect(reduced.count == whole.count)
    }

    @Test func thereAreConfigurationsToCompare() {
        #expect(Self.configurations.count >= 10)
    }

    /// What forwards a message is told by words, which the exporter keeps.
    @Test func theSendersAreThoseOfTheKnowledge() throws {
        func text(_ name: String) throws -> String {
            String(decoding: try Repository.bytes("profiles/knowledge/\(name).toml"), as: UTF8.self)
        }
        let exported = try text("exported-options")
        let lists = try text("logging").split(separator: "\n").filter { $0.hasPrefix("senders = ") }
        #expect(lists.count >= 2)
        for list in lists { #expect(exported.contains(list.replacing("senders = ", with: "keep = ")), "\(list)") }
    }

    // MARK: With NixOS

    /// Where the scan finds secrets of `leaks.nix`, read off that file by hand.
    static let found: [String: [String]] = [
        "secrets.options": [
            "boot.loader.grub.users.root.password",
            "networking.networkmanager.ensureProfiles.profiles.w.vpn-secrets.password",
            "networking.networkmanager.ensureProfiles.profiles.w.wifi-security.psk",
            "networking.wireguard.interfaces.wg0.peers.presharedKey", "networking.wireguard.interfaces.wg0.privateKey",
            "networking.wireless.networks.n1.psk", "networking.wireless.networks.n2.psk",
            "networking.wireless.networks.n4.psk",
            "services.grafana.provision.datasources.settings.datasources.secureJsonData.password",
            #"services.grafana.settings.\"auth.generic_oauth\".client_secret"#,
            "services.grafana.settings.database.password", "services.grafana.settings.security.secret_key",
            "services.grafana.settings.smtp.password", #"services.samba.settings.global.\"ldap password\""#,
            "virtualisation.oci-containers.containers.c.environment.SECRET",
        ],
        "secrets.environment": [
            "x.service API_TOKEN", "x.service PGPASSWORD", "x.service TOKEN", "x.service URL", "x.service pw",
        ],
        "secrets.etc": ["a.json db_password", "a.json token", "pam.d\\/own passwd", "nixos.conf psk"],
        "secrets.service-scripts": [
            "x-start --token", "x-start DB_PASSWORD", "x-start password", "x-start password in an address",
            "x-start token", "podman-c-start SECRET",
        ],
    ]

    /// A server full of secrets, with the hardening module over it, so that the definitions that win are exported as well.
    @Test(
        .enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"),
        arguments: ["", "./nix/modules/hardening.nix { security.hardening = { enable = true; level = \"strict\"; }; }"]
    ) func nothingLeaksOfAServer(module: String) throws {
        let answer = try Nix.run(
            "nix-instantiate",
            [
                "--eval", "--strict", "--json", "--readonly-mode", "nix/lib/evaluated-config.nix", "--arg", "nixpkgs",
                try #require(Nix.nixpkgs), "--arg", "configuration", "./Tests/Fixtures/nix-side/leaks.nix", "--argstr",
                "system", "x86_64-linux", "--arg", "withToplevel", "false", "--arg", "extraModules", "[ \(module) ]",
            ])
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let source = String(decoding: try Repository.bytes("Tests/Fixtures/nix-side/leaks.nix"), as: UTF8.self)
        #expect(source.matches(of: /CANARY[0-9]+/).count >= 140)
        let leaked = Set(answer.text.matches(of: /CANARY[0-9]*/).map { String($0.output) })
        #expect(leaked.isEmpty, "\(leaked.sorted())")
        let facts = try Self.facts(answer.output)
        for (key, names) in Self.found {
            for name in names {
                #expect(facts[key]?.contains(name + "\"") == true, "\(key) \(name): \(facts[key] ?? "")")
            }
        }
    }
}
