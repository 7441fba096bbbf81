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
}
