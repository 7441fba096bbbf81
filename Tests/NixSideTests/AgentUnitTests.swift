import FirnTestSupport
import Foundation
import Testing

/// The unit of the agent: one set of directives (nix/units/firn-agent.toml), two forms. `scripts/render-unit` writes that of a
/// machine without NixOS, `nix/modules/agent.nix` that of NixOS.
struct AgentUnitTests {
    /// The lines of a unit file's sections: name to lines.
    static func sections(_ text: String) -> [String: [String]] {
        var sections: [String: [String]] = [:]
        var name = ""
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("[") {
                name = String(line.dropFirst().dropLast())
            } else {
                sections[name, default: []].append(line)
            }
        }
        return sections
    }

    private static let analyze = Tool("systemd-analyze")

    static func render(_ file: String, _ command: [String]) throws -> (code: Int32, output: String) {
        try Tool("python3").run([Repository.path("scripts/render-unit"), file] + command)
    }

    static func rendered(_ command: [String]) throws -> String {
        let answer = try render(Repository.path("nix/units/firn-agent.toml"), command)
        try #require(answer.code == 0, "\(answer.output)")
        return answer.output
    }

    static func exposure(_ text: String) throws -> (overall: String, open: Set<String>) {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-unit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("firn-agent.service")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let answer = try analyze.run(["security", "--offline=true", "--json=short", file.path])
        try #require(answer.code == 0, "\(answer.output)")
        struct Row: Decodable {
            var set: Bool?
            var name: String
            var exposure: String?
        }
        let rows = try JSONDecoder().decode([Row].self, from: Data(answer.output.utf8))
        let open = Set(rows.filter { $0.set != true && $0.exposure != nil }.map(\.name))
        let table = try analyze.run(["security", "--offline=true", file.path])
        let overall = table.output.split(separator: "\n").last { $0.contains("Overall exposure level") } ?? ""
        return (String(overall), open)
    }

    /// What it may do is as little as its work allows: 2.0 is the bound, and each open row is one of docs/agent-unit.md.
    @Test(.enabled(if: analyze.isExpected))
    func systemdRatesItAtMostTwo() throws {
        let (overall, open) = try Self.exposure(try Self.rendered(["/usr/bin/firn-agent", "run"]))
        let words = overall.split(separator: " ")
        let index = try #require(words.firstIndex(of: "firn-agent.service:"))
        let number = try #require(Double(words[index + 1]))
        #expect(number <= 2.0, "\(overall)")
        let page = try String(contentsOfFile: Repository.path("docs/agent-unit.md"), encoding: .utf8)
        for row in open {
            let cell = row.split(separator: "|").joined(separator: "\\|")
            #expect(page.contains("| `\(cell)` |"), "docs/agent-unit.md does not say why \(row) is open")
        }
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == open.count, "docs/agent-unit.md lists rows that are closed")
    }

    /// A directive taken away is seen: the test above can fail.
    @Test(.enabled(if: analyze.isExpected))
    func aLooserUnitIsRatedWorse() throws {
        let text = try Self.rendered(["/usr/bin/firn-agent", "run"])
        let loose = text.split(separator: "\n").filter {
            !$0.hasPrefix("ProtectSystem") && !$0.hasPrefix("SystemCallFilter")
        }
        let (overall, open) = try Self.exposure(loose.joined(separator: "\n") + "\n")
        #expect(!overall.contains(" 1.") && open.contains("ProtectSystem="), "\(overall)")
    }

    @Test func argumentsAreQuotedAsSystemdReadsThem() throws {
        let text = try Self.rendered(["/bin/x", "a b", "100%", "$HOME", "c\"d", ""])
        #expect(text.contains("ExecStart=/bin/x \"a b\" 100%% $$HOME \"c\\\"d\" \"\"\n"))
    }

    @Test func malformedDataIsRefused() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-unit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (text, reason) in [
            ("description = \"x\"\nother = 1\ndirective = []\n", "unknown keys: other"),
            (
                "description = \"x\"\ndirective = [{ name = \"A\", value = \"b\" }]\n",
                "a directive has name, value and why"
            ),
            (
                "description = \"x\"\ndirective = [{ name = \"A\", value = \"b\\nC=d\", why = \"w\" }]\n",
                "a value with a line end"
            ),
            (
                "description = \"x\"\ndirective = [{ name = \"A\", value = 1.5, why = \"w\" }]\n",
                "neither text nor a truth value"
            ),
        ] {
            let file = directory.appendingPathComponent("unit.toml")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let answer = try Self.render(file.path, ["/bin/x"])
            #expect(answer.code != 0 && answer.output.contains(reason), "\(answer.output)")
        }
    }

    struct Unit: Decodable {
        var text: String?
        var failed: [String]
    }

    static func nixUnits(_ program: String, nixpkgs: String) throws -> [String: Unit] {
        let file = Repository.path("nix/modules/agent.nix")
        let expression = """
            let
              make = level: agent:
                let
                  evaluated = import (\(nixpkgs) + "/nixos/lib/eval-config.nix") {
                    system = "x86_64-linux";
                    modules = [
                      \(file)
                      ({ lib, pkgs, ... }: {
                        options.security.hardening = {
                          enable = lib.mkOption { default = true; };
                          level = lib.mkOption { default = level; };
                          auditd.enable = lib.mkOption { default = level != "minimal"; };
                          package = lib.mkOption { default = pkgs.hello; };
                        };
                        config.security.hardening = { inherit agent; };
                        config.boot.loader.grub.device = "nodev";
                        config.fileSystems."/" = { device = "/dev/x"; fsType = "ext4"; };
                        config.system.stateVersion = "20.09";
                      })
                    ];
                  };
                  inherit (evaluated) config;
                in {
                  text = config.systemd.units."firn-agent.service".text or null;
                  failed = map (one: one.message) (builtins.filter (one: !one.assertion) config.assertions);
                };
            in {
              plain = make "standard" { enable = true; };
              metrics = make "strict" { enable = true; metrics.directory = "/var/lib/node exporter"; interval = 60; jitter = 5; };
              relative = make "standard" { enable = true; metrics.directory = "metrics"; };
              minimal = make "minimal" { };
            }
            """
        let answer = try Nix.run(program, ["--eval", "--strict", "--json", "--readonly-mode", "--expr", expression])
        try #require(answer.code == 0, "\(answer.errors)")
        #expect(!answer.errors.contains("security.hardening"), "\(answer.errors)")
        return try JSONDecoder().decode([String: Unit].self, from: answer.output)
    }

    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func bothFormsSayTheSame() throws {
        try check(try Self.nixUnits("nix-instantiate", nixpkgs: try #require(Nix.nixpkgs)))
    }

    /// 20.09 is evaluated by the Nix of its time, which the system has.
    @Test(.enabled(if: Nix.nixpkgs2009 != nil, "NIXPKGS_20_09 names no nixpkgs tree"))
    func bothFormsSayTheSameOn2009() throws {
        let old = "/usr/bin/nix-instantiate"
        try #require(FileManager.default.isExecutableFile(atPath: old))
        try check(try Self.nixUnits(old, nixpkgs: try #require(Nix.nixpkgs2009)))
    }

    private func check(_ units: [String: Unit]) throws {
        let plain = try #require(units["plain"]?.text)
        let own = Self.sections(plain)
        let other = Self.sections(try Self.rendered(["/usr/bin/firn-agent", "run"]))
        // What NixOS adds to each unit, and what holds paths.
        func kept(_ lines: [String]?) -> [String] {
            (lines ?? []).filter { line in
                !["Environment=", "ExecStart=", "ExecReload=", "X-"].contains { line.hasPrefix($0) }
            }.sorted()
        }
        #expect(kept(own["Service"]) == kept(other["Service"]))
        #expect(own["Unit"]?.contains("Description=Compare this machine with what was declared for it") == true)
        let after = own["Unit"]?.first { $0.hasPrefix("After=") } ?? ""
        #expect(after.contains("auditd.service"), "\(plain)")
        let start = try #require(own["Service"]?.first { $0.hasPrefix("ExecStart=") })
        for word in [
            "/bin/firn-agent", "--interval", "900", "--jitter", "60", "/var/lib/firn", "/run/firn/firn.prom",
        ] {
            #expect(start.contains(word), "\(word) is not in \(start)")
        }
        #expect(units["plain"]?.failed == [])

        let metrics = try #require(units["metrics"]?.text)
        #expect(metrics.contains("/var/lib/node exporter/firn_agent.prom") && metrics.contains("--interval"))
        #expect(metrics.contains("ReadWritePaths=\"/var/lib/node exporter\""))
        #expect(units["relative"]?.failed.count == 1)
        #expect(units["minimal"]?.text == nil)
    }
}
