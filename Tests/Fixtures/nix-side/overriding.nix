# The owner's module: plain definitions, which win over those of the hardening module.
{ options, lib, ... }:
{
  fileSystems."/" = {
    device = "/dev/sda1";
    fsType = "ext4";
  };
  boot.loader.grub.enable = false;
  boot.kernel.sysctl."kernel.kptr_restrict" = 2;
  services.openssh = {
    enable = true;
  }
  // lib.optionalAttrs (options.services.openssh ? settings) { settings.PermitRootLogin = "yes"; }
  // lib.optionalAttrs (!(options.services.openssh ? settings)) { permitRootLogin = "yes"; };
}
