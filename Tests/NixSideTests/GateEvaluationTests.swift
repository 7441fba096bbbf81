import FirnTestSupport
import Foundation
import Testing

/// The gate's derivation and module, evaluated on NixOS 26.11.
struct GateEvaluationTests {
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func theGateIsADerivationOutsideTheToplevel() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.evaluate(
            """
            let
              evaluate = beforeSwitch: import (\(nixpkgs) + "/nixos/lib/eval-config.nix") {
                system = "x86_64-linux";
                modules = [
                  ./Tests/Fixtures/nix-side/overriding.nix
                  ./nix/modules/hardening.nix
                  ({ pkgs, ... }: {
                    system.stateVersion = "26.11";
                    # The module wants a way in.
                    users.users.admin = {
                      isNormalUser = true;
                      extraGroups = [ "wheel" ];
                      openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHandMadeKeyThatOpensNothing admin" ];
                    };
                    security.hardening = {
                      enable = true;
                      package = pkgs.writeShellScriptBin "firn" "exit 2";
                      gate = { inherit beforeSwitch; waivers = [ ./profiles/policies ]; };
                    };
                  })
                ];
              };
              plain = (evaluate false).config;
              switching = (evaluate true).config;
              gate = plain.system.build.hardeningGate;
            in {
              name = gate.name;
              isDerivation = gate.type == "derivation";
              takesToplevel = gate.toplevel.drvPath == plain.system.build.toplevel.drvPath;
              script = gate.buildCommand == builtins.readFile ./nix/lib/gate.sh;
              off = plain.system.preSwitchChecks ? firn-gate;
              on = switching.system.preSwitchChecks.firn-gate;
              sameUntilAsked = plain.system.build.toplevel.drvPath != switching.system.build.toplevel.drvPath;
            }
            """)
        try #require(answer.code == 0, "\(answer.errors.suffix(3000))")
        let value = try JSONSerialization.jsonObject(with: answer.output)
        #expect((ExporterTests.value(value, "name") as? String)?.hasPrefix("firn-gate-") == true)
        for key in ["isDerivation", "takesToplevel", "script", "sameUntilAsked"] {
            #expect(ExporterTests.value(value, key) as? Bool == true, "\(key)")
        }
        #expect(ExporterTests.value(value, "off") as? Bool == false)
        let check = try #require(ExporterTests.value(value, "on") as? String)
        #expect(check.contains(#"toplevel="$1""#))
        #expect(check.contains(#"[ "$code" -eq 0 ]"#))
    }

    /// What the build of a toplevel needs, through all its derivations. The gate is a derivation over the toplevel, so that a
    /// toplevel that needed it would not evaluate; but its parts (the option JSON, the script) could slip in one by one.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func nothingOfTheGateIsInTheToplevel() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.run(
            "nix-instantiate",
            [
                "--expr",
                """
                let
                  build = (import (\(nixpkgs) + "/nixos/lib/eval-config.nix") {
                    system = "x86_64-linux";
                    modules = [
                      ./Tests/Fixtures/nix-side/overriding.nix
                      ./nix/modules/hardening.nix
                      ({ pkgs, ... }: {
                        system.stateVersion = "26.11";
                        users.users.admin = {
                          isNormalUser = true;
                          openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" ];
                        };
                        security.hardening = {
                          enable = true;
                          package = pkgs.writeShellScriptBin "firn" "exit 2";
                          gate.waivers = [ ./profiles/policies ];
                        };
                      })
                    ];
                  }).config.system.build;
                in [ build.toplevel build.hardeningGate ]
                """,
            ])
        try #require(answer.code == 0, "\(answer.errors.suffix(3000))")
        let derivations = answer.text.split(separator: "\n").map(String.init)
        try #require(derivations.count == 2)
        func needs(_ derivation: String) throws -> Set<String> {
            let answer = try Nix.run("nix-store", ["--query", "--requisites", derivation])
            try #require(answer.code == 0, "\(answer.errors)")
            return Set(answer.text.split(separator: "\n").map(String.init))
        }
        let system = try needs(derivations[0])
        let gate = try needs(derivations[1])
        #expect(gate.contains(derivations[0]))
        let own = gate.subtracting(system).map { $0.split(separator: "-", maxSplits: 1).last.map(String.init) ?? "" }
        // The gate, its option JSON and its waivers are the gate's alone.
        #expect(Set(own) == ["firn-gate-nixos.drv", "nixos-options.json.drv", "policies"])
        #expect(system.count > 1000)
        for name in ["firn-gate-", "before-switch.toml", "gate.sh"] {
            #expect(!system.contains { $0.contains("-" + name) }, "\(name)")
        }
    }
}
