# apps: `nix run` is firn, `nix run .#vm` starts the virtual machine.
{ images, pkgs, ... }:
{
  default = {
    type = "app";
    program = "${pkgs.firn}/bin/firn";
    meta.description = pkgs.firn.meta.description;
  };
  vm = {
    type = "app";
    program = "${images.vm.config.system.build.vm}/bin/run-nixos-ros2-vm";
    meta.description = "Start the ROS 2 development machine in QEMU";
  };
}
