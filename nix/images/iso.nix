# The installer: a bootable ISO image, `config.system.build.isoImage`, on the base of nixpkgs' minimal installation CD.
#
# The base lets everyone in: root and the user nixos have empty passwords, and sshd lets root use one. Here both accounts are
# locked and sshd takes keys only. At the console of the machine nixos is logged in, and becomes root without a password:
# that is what an installer is for, and what waivers/iso.toml accepts. docs/image-formats.md says how to get in by SSH.
{
  config,
  lib,
  modulesPath,
  options,
  pkgs,
  ...
}:
let
  # NixOS 25.05 and later name images in one place.
  hasImageName = options ? image.baseName;
  name = "nixos-ros2-${config.system.nixos.label}-${pkgs.stdenv.hostPlatform.system}";
  getty = if options.services ? getty then "getty" else "mingetty";
  hasEmergencyAccess = options.boot.initrd ? systemd.emergencyAccess;
in
{
  imports = [
    (modulesPath + "/installer/cd-dvd/installation-cd-minimal.nix")
    ./common.nix
  ];

  config = {
    security.hardening.waivers = [ ./waivers/iso.toml ];

    isoImage = {
      makeEfiBootable = true;
      makeUsbBootable = true;
      # The verdict of the gate lies on the medium, so that it cannot be made without. Beside the system, not in it: the
      # system is what the gate judges.
      contents = lib.optional config.security.hardening.gate.enable {
        source = "${config.system.build.hardeningGate}/verdict.json";
        target = "/firn/verdict.json";
      };
    }
    // lib.optionalAttrs (options.isoImage ? squashfsCompression) {
      squashfsCompression = "zstd -Xcompression-level 19";
    }
    // lib.optionalAttrs (!hasImageName) {
      isoName = lib.mkForce "${name}.iso";
    };

    # Nobody but root has Nix import what is not signed.
    nix =
      if options.nix ? settings then
        { settings.trusted-users = lib.mkForce [ "root" ]; }
      else
        { trustedUsers = lib.mkForce [ "root" ]; };

    # The base lets root use a password.
    services.openssh =
      if options.services.openssh ? settings then
        { settings.PermitRootLogin = "prohibit-password"; }
      else
        { permitRootLogin = lib.mkForce "prohibit-password"; };

    # No password at all, instead of an empty one.
    users.users.root.initialHashedPassword = lib.mkForce "!";
    users.users.nixos.initialHashedPassword = lib.mkForce "!";

    services.${getty}.helpLine = lib.mkForce ''
      The accounts "nixos" and "root" have no password. At this console you are logged in as "nixos"; sudo asks for none.

      To log in over SSH, add your public key to /etc/ssh/authorized_keys.d/nixos (as root).
    '';
  }
  // lib.optionalAttrs hasImageName {
    image.baseName = lib.mkForce name;
  }
  // lib.optionalAttrs hasEmergencyAccess {
    # The base opens a root shell when its first stage fails, also to whoever sits at a machine that others rely on.
    boot.initrd.systemd.emergencyAccess = lib.mkForce false;
  };
}
