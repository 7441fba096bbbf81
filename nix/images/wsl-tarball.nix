# The file that WSL imports, made by wsl-tarball.sh: `system.build.wslTarball` is the file, built without root, and
# `system.build.wslTarballBuilder` a script that writes it.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.system) build;
  gate = lib.optional config.security.hardening.gate.enable build.hardeningGate;
  user = config.users.users.nixos;

  links = config.wslTarball.links // {
    "usr/bin/env" = "${pkgs.coreutils}/bin/env";
    "nix/var/nix/profiles/system" = "system-1-link";
    "nix/var/nix/profiles/system-1-link" = "${build.toplevel}";
  };

  # WSL looks for root and for the default user before the first activation. That one keeps these entries and adds the rest.
  passwd = pkgs.writeText "passwd" ''
    root:x:0:0:System administrator:/root:/run/current-system/sw/bin/bash
    ${user.name}:x:${toString user.uid}:100::${user.home}:/run/current-system/sw/bin/bash
  '';
  group = pkgs.writeText "group" ''
    root:x:0:
    wheel:x:1:${user.name}
    users:x:100:
  '';
  distribution = pkgs.writeText "wsl-distribution.conf" (
    lib.generators.toINI { } {
      oobe = {
        command = "/run/current-system/sw/bin/nixos-ros2-first-start";
        defaultUid = user.uid;
        defaultName = config.networking.hostName;
      };
    }
  );
  firstStart = pkgs.writeScriptBin "nixos-ros2-first-start" (
    "#!${pkgs.runtimeShell}\n" + builtins.readFile ./wsl-first-start.sh
  );

  lines = lib.concatMapStrings (line: line + "\n");
  manifest = pkgs.writeText "wsl-manifest" (
    lines (
      map (path: "d 0755 ${path}") [
        "bin"
        "dev"
        "etc"
        "etc/firn"
        "home"
        "mnt"
        "nix"
        "nix/var"
        "nix/var/nix"
        "nix/var/nix/profiles"
        "proc"
        "run"
        "sbin"
        "sys"
        "usr"
        "usr/bin"
        "var"
      ]
      ++ [
        "d 1775 nix/store"
        "d 0700 root"
        "d 1777 tmp"
        "d 1777 var/tmp"
        "f 0644 etc/NIXOS ${pkgs.writeText "NIXOS" ""}"
        "f 0644 etc/group ${group}"
        "f 0644 etc/passwd ${passwd}"
        "f 0644 etc/wsl.conf ${config.environment.etc."wsl.conf".source}"
        "f 0644 etc/wsl-distribution.conf ${distribution}"
      ]
      ++ lib.mapAttrsToList (path: target: "l ${path} ${target}") links
      # The verdict of the gate, so that the file cannot be made without it. The system knows nothing of it.
      ++ map (gate: "f 0444 etc/firn/verdict.json ${gate}/verdict.json") gate
    )
  );
  # What the links lead to need not be part of the system.
  targets = pkgs.writeText "wsl-links" (lines (lib.attrValues links));
  closure = pkgs.closureInfo {
    rootPaths = [
      build.toplevel
      targets
    ];
  };

  path = lib.makeBinPath [
    pkgs.coreutils
    pkgs.findutils
    pkgs.gnused
    pkgs.gnutar
    pkgs.gzip
  ];
in
{
  options.wslTarball.links = lib.mkOption {
    type = lib.types.attrsOf lib.types.str;
    internal = true;
    description = "Symbolic links that are there before the first activation, by path without the leading slash.";
  };

  config = {
    environment.systemPackages = [ firstStart ];

    # The file has no database of Nix, only what it is made from.
    systemd.services.register-nix-paths = {
      description = "The store paths of the image are registered";
      wantedBy = [ "sysinit.target" ];
      before = [
        "sysinit.target"
        "nix-daemon.socket"
        "nix-daemon.service"
      ];
      unitConfig = {
        DefaultDependencies = false;
        ConditionPathExists = "/nix-path-registration";
      };
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
      script = ''
        ${config.nix.package.out}/bin/nix-store --load-db < /nix-path-registration
        rm /nix-path-registration
      '';
    };

    system.build = {
      wslTarball =
        pkgs.runCommand "nixos-wsl-tarball"
          {
            # For tests.
            passthru = {
              inherit distribution manifest passwd;
            };
          }
          ''
            mkdir $out
            export PATH=${path}
            ${pkgs.runtimeShell} ${./wsl-tarball.sh} ${manifest} ${closure} $out/nixos-wsl.tar.gz
            # The name that Windows opens.
            ln -s nixos-wsl.tar.gz $out/nixos.wsl
          '';
      # Takes root or not.
      wslTarballBuilder = pkgs.writeScriptBin "nixos-wsl-tarball-builder" ''
        #!${pkgs.runtimeShell}
        if [ $# -gt 1 ] || [[ "''${1:-}" = -* ]]; then
          echo "usage: nixos-wsl-tarball-builder [OUTPUT]" >&2
          exit 64
        fi
        export PATH=${path}
        exec ${pkgs.runtimeShell} ${./wsl-tarball.sh} ${manifest} ${closure} "''${1:-nixos.wsl}"
      '';
    };
  };
}
