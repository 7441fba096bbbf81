# A plain server: what most people write, and nothing about hardening. The key and the password hash belong to nobody.
{ lib, ... }:
{
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  boot.loader.systemd-boot.enable = true;
  networking.hostName = "server";
  services.openssh.enable = true;
  users.users.admin = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
    hashedPassword = "$6$firnfirnfirnfirn$z7O2ZjLM6hkHPqUkBnVYlGqOSYwBS0pGHHqZJdhVKO6sZG2WzQh4EpkmhjSVfjhfYFIK1mGcZnPPHUyqsPXSK1";
    openssh.authorizedKeys.keys = [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl admin@example.org"
    ];
  };
  system.stateVersion = lib.trivial.release;
}
