# The server itself. What is not here comes from the level of the hardening.
{
  nixpkgs.hostPlatform = "x86_64-linux";
  networking.hostName = "server";

  security.hardening = {
    enable = true;
    # minimal, standard or strict
    level = "standard";
  };

  # Replace with what `nixos-generate-config` finds.
  boot.loader.systemd-boot.enable = true;
  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-label/ESP";
      fsType = "vfat";
      options = [ "umask=0077" ];
    };
  };

  services.openssh.enable = true;
  users.users.admin = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
    # Your public key. Without one nobody could log in, and the configuration is refused.
    openssh.authorizedKeys.keys = [ ];
    # Asked by sudo. `mkpasswd` writes what belongs into the file, on the server.
    hashedPasswordFile = "/etc/admin.passwd";
  };

  system.stateVersion = "26.11";
}
