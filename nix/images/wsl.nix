# A distribution for WSL2: `config.system.build.tarballBuilder`, a script that writes the file, and
# `config.system.build.wslTarball`, such a file built without root.
#
#   sudo result/bin/nixos-wsl-tarball-builder nixos-wsl.tar.gz
#
# NixOS-WSL (https://github.com/nix-community/NixOS-WSL) brings what NixOS needs under WSL. Whoever uses this module adds
# that module beside it; the builder is NixOS-WSL's then. Where it is absent, wsl-fallback.nix does what is necessary.
#
# What WSL wants of the file: https://learn.microsoft.com/windows/wsl/build-custom-distro
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  hasUpstream = options ? wsl.enable;
  inherit (config.system) build;
  gate = lib.optional config.security.hardening.gate.enable build.hardeningGate;

  # NixOS-WSL's builder, which the definition below replaces.
  upstreamBuilder = lib.findFirst lib.isDerivation (throw "NixOS-WSL defines no tarballBuilder") (
    map (definition: definition.tarballBuilder or null) options.system.build.definitions
  );
in
{
  imports = [
    ./common.nix
    ./wsl-fallback.nix
    ./wsl-tarball.nix
  ];

  config = lib.mkMerge [
    {
      # WSL gives whoever started it a root shell in any case (`wsl -u root`), so this keeps out programs, not the person.
      # NixOS-WSL's default is the opposite.
      security.sudo.wheelNeedsPassword = true;

      # The match that tells broadcasts from the rest is missing in kernels of WSL; a firewall that needs it would not start.
      networking.firewall.logRefusedUnicastsOnly = false;
    }
    (lib.optionalAttrs hasUpstream {
      wsl = {
        enable = true;
        defaultUser = "nixos";
        # Programs of Windows stay reachable by their path.
        interop.includePath = false;
        wslConf.interop.appendWindowsPath = false;
      };
      # NixOS-WSL masks the firewall and leaves its options on, so that the configuration says what is not so.
      systemd.services.firewall.enable = lib.mkForce true;

      wslTarball.links = {
        "sbin/init" = "${build.nativeUtils}/bin/systemd-shim";
      }
      // lib.listToAttrs (
        map (
          entry: lib.nameValuePair "bin/${builtins.unsafeDiscardStringContext entry.name}" entry.src
        ) config.wsl.extraBin
      );
      # NixOS-WSL's builder, made only where the gate lets the system pass.
      system.build.tarballBuilder = lib.mkForce (
        pkgs.runCommand "nixos-wsl-tarball-builder"
          {
            meta.mainProgram = "nixos-wsl-tarball-builder";
          }
          ''
            mkdir -p $out/bin $out/share/firn
            ln -s ${upstreamBuilder}/bin/nixos-wsl-tarball-builder $out/bin/
            ${lib.concatMapStrings (gate: "cp ${gate}/verdict.json $out/share/firn/\n") gate}
          ''
      );
    })
  ];
}
