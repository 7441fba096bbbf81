# packages: the program, and the files that the images are.
{ images, pkgs, ... }:
{
  default = pkgs.firn;
  inherit (pkgs) firn;
  iso = images.iso.config.system.build.isoImage;
  vm = images.vm.config.system.build.vm;
  wsl-tarball = images.wsl.config.system.build.wslTarball;
}
