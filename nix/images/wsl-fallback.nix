# What NixOS-WSL does, as far as NixOS starts under WSL2 without it: no kernel, an init that activates, the names in /bin that
# WSL uses, /etc/wsl.conf, and `system.build.tarballBuilder`.
#
# For a release that NixOS-WSL is not made for, and for an evaluation without it. What is missing: its wrappers round the
# shells (so `wsl -- COMMAND` finds only /bin, and a login shell the rest), Windows' graphics driver, its recovery shell.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  hasUpstream = options ? wsl.enable;
  hasKernelSwitch = options.boot ? kernel.enable;
  inherit (config.system) build;
  # Its name before NixOS 21.03.
  utilLinux = pkgs.util-linux or pkgs.utillinux;

  # WSL calls these before there is a PATH.
  bin = {
    "bin/bash" = "${pkgs.bashInteractive}/bin/bash";
    "bin/login" = "${pkgs.shadow}/bin/login";
    "bin/mount" = "${utilLinux}/bin/mount";
    "bin/sh" = "${pkgs.bashInteractive}/bin/sh";
    # The program of WSL tells by the name it is called with what to do.
    "bin/wslpath" = "/init";
    "sbin/init" = "${init}";
  };
  init = pkgs.writeScript "wsl-init" (
    "#!${pkgs.runtimeShell}\n"
    + lib.replaceStrings [ "@path@" ] [
      (lib.makeBinPath [
        pkgs.coreutils
        utilLinux
      ])
    ] (builtins.readFile ./wsl-init.sh)
  );
in
{
  config = lib.mkIf (!hasUpstream) {
    # The kernel is that of WSL, and so are its modules.
    boot = {
      loader.grub.enable = false;
    }
    // (
      if hasKernelSwitch then
        {
          initrd.enable = false;
          kernel.enable = false;
          modprobeConfig.enable = false;
        }
      else
        { isContainer = true; }
    );
    system.build.installBootLoader = "${pkgs.coreutils}/bin/true";
    powerManagement.enable = false;
    # Its kernel makes the devices. Containers, which older releases take WSL for, have none of it anyway.
    services.udev = lib.optionalAttrs hasKernelSwitch { enable = false; };

    # WSL writes the address, /etc/hosts and /etc/resolv.conf.
    networking = {
      dhcpcd.enable = false;
      resolvconf.enable = false;
    };
    environment.etc = {
      "hosts".enable = false;
      "resolv.conf".enable = false;
      "wsl.conf".text = lib.generators.toINI { } {
        automount = {
          enabled = true;
          mountFsTab = false;
          options = "metadata,uid=1000,gid=100";
        };
        boot.systemd = true;
        interop = {
          enabled = true;
          appendWindowsPath = false;
        };
        network = {
          generateHosts = true;
          generateResolvConf = true;
          hostname = config.networking.hostName;
        };
        user.default = config.users.users.nixos.name;
      };
    };

    # WSL keeps the clock of its virtual machine.
    services.timesyncd.enable = false;

    # Without it WSL refuses to log root in.
    users.users.root.extraGroups = [ "root" ];

    wslTarball.links = bin;
    system.activationScripts.wslLinks = lib.stringAfter [ "binsh" ] ''
      mkdir -p /bin /sbin
      ${lib.concatStrings (lib.mapAttrsToList (path: target: "ln -sfn ${target} /${path}\n") bin)}
    '';

    system.build.tarballBuilder = build.wslTarballBuilder;
  };
}
