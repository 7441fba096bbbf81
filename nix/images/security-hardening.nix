# The hardening of the images: the module and the level that suits an image.
#
# An image is used before its owner has changed a line of it, so all of this yields to a plain definition. What an image
# is (an installer, a container or WSL without a kernel of its own, a desktop, a host of containers) the rules ask
# themselves: nix/modules/hardening/facts.nix tells it from the options, and what does not apply is not set.
{ lib, ... }:
{
  imports = [ ../modules/hardening.nix ];

  security.hardening = {
    enable = lib.mkDefault true;
    # Strict takes choices that only the owner can make: who may log in, which USB devices are known, when to reboot.
    level = lib.mkDefault "standard";
  };
}
