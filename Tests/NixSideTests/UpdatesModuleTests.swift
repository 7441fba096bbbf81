import FirnTestSupport
import Foundation
import Testing

/// The service of `firn updates`: its unit as NixOS writes it, on both releases. Without a nixpkgs tree only that the module
/// parses is tested (ParseTests).
struct UpdatesModuleTests {
    struct Unit: Decodable {
        var text: String?
        var timer: String?
        var rules: [String]
        var failed: [String]
    }

    /// The units of four systems in one evaluation: the defaults, one without the network, one with metrics, and one at the
    /// level that asks for no checks.
    static func units(_ program: String, nixpkgs: String) throws -> [String: Unit] {
        let file = Repository.path("nix/modules/updates.nix")
        let expression = """
            let
              make = level: updates:
                let
                  evaluated = import (\(nixpkgs) + "/nixos/lib/eval-config.nix") {
                    system = "x86_64-linux";
                    modules = [
                      \(file)
                      ({ lib, pkgs, ... }: {
                        options.security.hardening = {
                          enable = lib.mkOption { default = true; };
                          level = lib.mkOption { default = level; };
                          package = lib.mkOption { default = pkgs.hello; };
                        };
                        config.security.hardening = { inherit updates; };
                        config.boot.loader.grub.device = "nodev";
                        config.fileSystems."/" = { device = "/dev/x"; fsType = "ext4"; };
                        config.system.stateVersion = "20.09";
                      })
                    ];
                  };
                  inherit (evaluated) config;
                in {
                  text = config.systemd.units."firn-updates.service".text or null;
                  timer = config.systemd.units."firn-updates.timer".text or null;
                  rules = builtins.filter (rule: builtins.match ".*firn-metrics.*" rule != null) config.systemd.tmpfiles.rules;
                  failed = map (one: one.message) (builtins.filter (one: !one.assertion) config.assertions);
                };
            in {
              plain = make "standard" { };
              offline = make "strict" { offline = true; };
              metrics = make "standard" {
                metrics.directory = "/var/lib/node exporter";
                channelUrl = "https://channels.nixos.org/nixos-unstable";
                interval = "Mon 04:00";
                randomizedDelay = "3h";
              };
              relative = make "standard" { metrics.directory = "metrics"; };
              minimal = make "minimal" { };
            }
            """
        let answer = try Nix.run(
            program, ["--eval", "--strict", "--json", "--readonly-mode", "--expr", expression])
        try #require(answer.code == 0, "\(answer.errors)")
        #expect(!answer.errors.contains("security.hardening"), "\(answer.errors)")
        return try JSONDecoder().decode([String: Unit].self, from: answer.output)
    }

    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func theUnitsAreThoseOfTheOptions() throws {
        try check(try Self.units("nix-instantiate", nixpkgs: try #require(Nix.nixpkgs)))
    }

    /// 20.09 is evaluated by the Nix of its time, which the system has.
    @Test(.enabled(if: Nix.nixpkgs2009 != nil, "NIXPKGS_20_09 names no nixpkgs tree"))
    func theUnitsAreThoseOfTheOptionsOn2009() throws {
        let old = "/usr/bin/nix-instantiate"
        try #require(FileManager.default.isExecutableFile(atPath: old))
        try check(try Self.units(old, nixpkgs: try #require(Nix.nixpkgs2009)))
    }

    private func check(_ units: [String: Unit]) throws {
        let plain = try #require(units["plain"]?.text)
        let lines = Set(plain.split(separator: "\n"))
        for line in [
            "DynamicUser=true", "ProtectSystem=strict", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=true",
            "NoNewPrivileges=true", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources",
            "SuccessExitStatus=1 3", "Type=oneshot", "UMask=0077", "PrivateNetwork=false",
            "RestrictAddressFamilies=AF_INET", "Wants=network-online.target",
        ] {
            #expect(lines.contains(Substring(line)), "\(line) is not in \(plain)")
        }
        let start = try #require(lines.first { $0.hasPrefix("ExecStart=") })
        #expect(start.contains("/bin/firn") && start.contains("/run/current-system") && start.contains("--journal"))
        #expect(!start.contains("--offline") && !start.contains("openmetrics"))
        #expect(plain.contains("-curl-"))
        let timer = try #require(units["plain"]?.timer)
        for line in ["OnCalendar=daily", "Persistent=true", "RandomizedDelaySec=1h"] {
            #expect(timer.contains(line))
        }
        #expect(units["plain"]?.rules == [] && units["plain"]?.failed == [])

        let offline = try #require(units["offline"]?.text)
        for line in ["PrivateNetwork=true", "IPAddressDeny=any", "--offline", "RestrictAddressFamilies=AF_UNIX"] {
            #expect(offline.contains(line), "\(line)")
        }
        for word in ["AF_INET", "network-online", "-curl-"] { #expect(!offline.contains(word), "\(word)") }

        let metrics = try #require(units["metrics"])
        let text = try #require(metrics.text)
        for line in [
            "openmetrics=/var/lib/node exporter/firn_updates.prom", "UMask=0022", "SupplementaryGroups=firn-metrics",
            "https://channels.nixos.org/nixos-unstable",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(text.contains("ReadWritePaths=\"/var/lib/node exporter\""))
        #expect(metrics.rules == ["d '/var/lib/node exporter' 0775 root firn-metrics -"])
        #expect(metrics.timer?.contains("OnCalendar=Mon 04:00") == true)
        #expect(metrics.timer?.contains("RandomizedDelaySec=3h") == true)

        #expect(units["relative"]?.failed.count == 1)
        #expect(units["minimal"]?.text == nil && units["minimal"]?.timer == nil)
    }
}
