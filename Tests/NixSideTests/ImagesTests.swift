import Foundation
import Testing

/// The images as NixOS evaluates them: they instantiate, warn about nothing, hold no password, and depend on the gate where
/// they should. Needs a nixpkgs tree; NIXOS_WSL names the sources of NixOS-WSL, without which its variant is left out.
@Suite(.serialized) struct ImagesTests {
    static let upstream = ProcessInfo.processInfo.environment["NIXOS_WSL"]

    /// `images` are evaluated systems by name, `facts` what is asked of each. The gate is the real one with a stand-in for
    /// firn, whose own package is no matter of the images.
    static func expression(_ nixpkgs: String, system: String, body: String) -> String {
        """
        let
          nixpkgs = \(nixpkgs);
          lib = import (nixpkgs + "/lib");
          evaluate = modules: import (nixpkgs + "/nixos/lib/eval-config.nix") { system = "\(system)"; inherit modules; };
          paths = import ./nix/images;
          upstream = \(upstream ?? "null");
          firn = { pkgs, ... }: { security.hardening.package = pkgs.writeTextDir "bin/firn" "a stand-in"; };
          images = modules: lib.mapAttrs (_: image: evaluate ([ image firn ] ++ modules)) paths
            // lib.optionalAttrs (upstream != null) {
              wsl-upstream = evaluate ([ paths.wsl (upstream + "/modules") firn ] ++ modules);
            };
          path = derivation: builtins.unsafeDiscardStringContext derivation.drvPath;
          artefact = {
            iso = "isoImage"; vm = "vm"; wsl = "tarballBuilder"; wsl-upstream = "tarballBuilder";
          };
          plain = value: if value == null then "" else toString value;
          facts = name: { config, pkgs, ... }: {
            artefact = path config.system.build.${artefact.${name}};
            tarball = if config.system.build ? wslTarball then path config.system.build.wslTarball else null;
            toplevel = path config.system.build.toplevel;
            inherit (config) warnings;
            refused = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
            host = config.networking.hostName;
            run = "run-${config.system.name}-vm";
            # Everything that would let somebody in with a password that is known.
            passwords = lib.filterAttrs (_: one: one != [ ]) (lib.mapAttrs (_: user:
              lib.filter (value: value != "" && value != "!") (map (option: plain (user.${option} or null)) [
                "password" "initialPassword" "hashedPassword" "initialHashedPassword" "passwordFile" "hashedPasswordFile"
              ])) config.users.users);
            emptyPasswords = lib.attrNames (lib.filterAttrs (_: user:
              lib.any (option: (user.${option} or null) == "") [ "password" "initialPassword" "hashedPassword" "initialHashedPassword" ]
            ) config.users.users);
            sshd = config.services.openssh.settings.PasswordAuthentication or config.services.openssh.passwordAuthentication;
            docker = config.virtualisation.docker.enable;
            groups = config.users.users.nixos.extraGroups;
            packages = map lib.getName config.environment.systemPackages;
            forwards = config.virtualisation.forwardPorts or [ ];
            kernel = config.boot.kernel.enable or (!config.boot.isContainer);
            files = if name == "iso" then map (one: one.target) config.isoImage.contents else [ ];
            qemu = config.virtualisation.qemu.options or [ ];
            wsl = config.environment.etc."wsl.conf".text or "";
          };
        in
        \(body)
        """
    }

    struct Facts: Decodable {
        var artefact, toplevel, host, run, wsl: String
        var tarball: String?
        var warnings, refused, emptyPasswords, groups, packages, files, qemu: [String]
        var passwords: [String: [String]]
        var sshd, docker, kernel: Bool
        var forwards: [Forward]
    }
    struct Forward: Decodable {
        struct End: Decodable {
            var address: String
            var port: Int
        }
        var host, guest: End
    }

    static func facts(_ nixpkgs: String, system: String, modules: String) throws -> [String: Facts] {
        let body = "lib.mapAttrs facts (images \(modules))"
        let answer = try Nix.evaluate(expression(nixpkgs, system: system, body: body))
        #expect(answer.code == 0, "\(answer.errors.suffix(3000))")
        // What Nix and nixpkgs print for themselves speaks of groups and of other options; ours would name a file of ours.
        #expect(!answer.errors.contains("nix/images"), "\(answer.errors.suffix(3000))")
        return try JSONDecoder().decode([String: Facts].self, from: answer.output)
    }

    static let systems = ["x86_64-linux", "aarch64-linux"]

    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"), arguments: systems)
    func imagesInstantiate(_ system: String) throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let images = try Self.facts(nixpkgs, system: system, modules: "[ ]")
        #expect(Set(images.keys) == Set(["iso", "vm", "wsl"] + (Self.upstream == nil ? [] : ["wsl-upstream"])))
        for (name, facts) in images {
            #expect(facts.artefact.hasPrefix("/nix/store/") && facts.artefact.hasSuffix(".drv"))
            #expect(facts.toplevel.contains("-nixos-system-nixos-ros2-"))
            #expect(facts.warnings == [], "\(name)")
            #expect(facts.refused == [], "\(name)")
            #expect(facts.host == "nixos-ros2")
            #expect(facts.passwords == [:], "\(name)")
            #expect(facts.emptyPasswords == [], "\(name)")
            #expect(!facts.sshd)
            #expect(facts.docker)
            #expect(!facts.groups.contains("docker"))
            for package in ["git", "vim", "nano", "cmake", "gdb"] {
                #expect(facts.packages.contains(package), "\(name): \(package)")
            }
            #expect(facts.packages.contains { $0.hasPrefix("python3") }, "\(name)")
            #expect((facts.tarball != nil) == name.hasPrefix("wsl"))
            #expect(facts.kernel == !name.hasPrefix("wsl"))
        }
        #expect(images["iso"]?.artefact.hasSuffix("-\(system).iso.drv") == true)
        #expect(images["vm"]?.run == "run-nixos-ros2-vm")
        let forward = try #require(images["vm"]?.forwards.first)
        #expect(images["vm"]?.forwards.count == 1)
        #expect(forward.host.address == "127.0.0.1" && forward.host.port == 2222 && forward.guest.port == 22)
        #expect(images["vm"]?.qemu.contains("-nographic") == true)
        for (name, facts) in images where name.hasPrefix("wsl") {
            for line in ["systemd=true", "default=nixos", "hostname=nixos-ros2", "appendWindowsPath=false"] {
                #expect(facts.wsl.split(separator: "\n").contains(Substring(line)), "\(name): \(facts.wsl)")
            }
        }
    }

    /// The images take the gate, the systems do not: else the gate would be asked about a system that holds its answer.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func imagesDependOnTheGateAndSystemsDoNot() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let gated = try Self.facts(nixpkgs, system: "x86_64-linux", modules: "[ ]")
        let other = try Self.facts(
            nixpkgs, system: "x86_64-linux", modules: #"[ { security.hardening.gate.policy = "release"; } ]"#)
        let without = try Self.facts(
            nixpkgs, system: "x86_64-linux", modules: "[ { security.hardening.gate.enable = false; } ]")
        #expect(!gated.isEmpty)
        for (name, facts) in gated {
            #expect(facts.toplevel == other[name]?.toplevel, "\(name)")
            #expect(facts.toplevel == without[name]?.toplevel, "\(name)")
            #expect(facts.artefact != other[name]?.artefact, "\(name)")
            #expect(facts.artefact != without[name]?.artefact, "\(name)")
            if let tarball = facts.tarball { #expect(tarball != other[name]?.tarball, "\(name)") }
        }
        #expect(gated["iso"]?.files.contains("/firn/verdict.json") == true)
        #expect(without["iso"]?.files.contains("/firn/verdict.json") == false)
        #expect(gated["vm"]?.qemu.contains { $0.contains("opt/firn/verdict.json") } == true)
    }

    @Test(.enabled(if: Nix.nixpkgs2009 != nil, "NIXPKGS_20_09 names no nixpkgs tree"))
    func imagesInstantiateOnAnOldRelease() throws {
        // Without the gate: its export of that release ends at what the tree at hand leaves out (pandoc).
        // Nix 2.8 ends with a full stack at the installation CD of that release, also at its own.
        let body = """
            lib.mapAttrs (name: image: let all = facts name image; in {
              inherit (all) toplevel host sshd passwords emptyPasswords warnings refused;
              artefact = if name == "iso" && builtins.compareVersions builtins.nixVersion "2.18" < 0 then null else all.artefact;
            }) (removeAttrs (images [ { security.hardening.gate.enable = false; } ]) [ "wsl-upstream" ])
            """
        let answer = try Nix.evaluate(
            Self.expression(try #require(Nix.nixpkgs2009), system: "x86_64-linux", body: body))
        #expect(answer.code == 0, "\(answer.errors.suffix(3000))")
        struct Old: Decodable {
            var toplevel, host: String
            var artefact: String?
            var sshd: Bool
            var passwords: [String: [String]]
            var emptyPasswords, warnings, refused: [String]
        }
        let images = try JSONDecoder().decode([String: Old].self, from: answer.output)
        #expect(Set(images.keys) == ["iso", "vm", "wsl"])
        for (name, image) in images {
            #expect(image.toplevel.contains("-nixos-system-nixos-ros2-20.09"))
            #expect(image.host == "nixos-ros2" && !image.sshd)
            #expect(image.passwords == [:] && image.emptyPasswords == [] && image.warnings == [], "\(name)")
            #expect(image.refused == [], "\(name)")
            #expect(name == "iso" || image.artefact != nil)
        }
    }

    /// ROS is installed where an overlay brings it, and refused in words where it cannot be.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func rosComesFromTheOverlay() throws {
        let body = """
            let
              # What nix-ros-overlay gives, as far as the images use it.
              overlay = {
                nixpkgs.overlays = [
                  (final: prev: {
                    colcon = final.writeTextDir "share/colcon" "";
                    rosPackages.jazzy = {
                      buildEnv = { paths }: final.buildEnv { name = "ros-env"; inherit paths; };
                      ros-base = final.writeTextDir "share/ros" "";
                    };
                  })
                ];
              };
              ask = modules: let system = evaluate ([ paths.vm firn ] ++ modules); all = facts "vm" system; in {
                enabled = system.config.ros2.enable;
                environment = lib.elem "ros-env" all.packages;
                inherit (all) refused;
              };
            in
            {
              absent = ask [ ];
              present = ask [ overlay ];
              off = ask [ overlay { ros2.enable = false; } ];
              unknown = ask [ overlay { ros2.distribution = "foxy"; } ];
              forced = ask [ { ros2.enable = true; } ];
            }
            """
        let answer = try Nix.evaluate(
            Self.expression(try #require(Nix.nixpkgs), system: "x86_64-linux", body: body))
        #expect(answer.code == 0, "\(answer.errors.suffix(3000))")
        struct Ros: Decodable {
            var enabled, environment: Bool
            var refused: [String]
        }
        let asked = try JSONDecoder().decode([String: Ros].self, from: answer.output)
        let absent = try #require(asked["absent"])
        #expect(!absent.enabled && !absent.environment && absent.refused == [])
        let present = try #require(asked["present"])
        #expect(present.enabled && present.environment && present.refused == [])
        let off = try #require(asked["off"])
        #expect(!off.enabled && !off.environment && off.refused == [])
        let unknown = try #require(asked["unknown"])
        #expect(!unknown.environment && unknown.refused.count == 1 && unknown.refused[0].contains("foxy"))
        let forced = try #require(asked["forced"])
        #expect(!forced.environment && forced.refused.count == 1 && forced.refused[0].contains("overlay"))
    }
}
