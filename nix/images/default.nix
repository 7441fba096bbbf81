# The images of this repository by name: NixOS modules, each a whole system.
#
#   nixos.lib.eval-config { modules = [ (import ./nix/images).vm ]; }
#
# From outside come, and may be left out: the overlay of nix-ros-overlay (ros2.nix) and the module of NixOS-WSL (wsl.nix).
{
  wsl = ./wsl.nix;
  iso = ./iso.nix;
  vm = ./vm.nix;
}
