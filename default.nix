# For those who use no flakes: the package, the modules and the images over a nixpkgs of their own.
#
#   nix-build -A firn
#   nix-build -A images.vm.config.system.build.vm
{
  pkgs ? import <nixpkgs> { },
}:
let
  imageModules = import ./nix/images;
  withFirn = pkgs.extend (import ./nix/overlay.nix);
in
{
  inherit (withFirn) firn;
  packages = {
    default = withFirn.firn;
    inherit (withFirn) firn;
  };

  overlay = import ./nix/overlay.nix;

  # imports = [ (import ./firn { }).modules.default ];
  modules = {
    default = ./nix/modules/hardening.nix;
    hardening = ./nix/modules/hardening.nix;
    images = imageModules;
  };

  # The images as evaluated systems of this nixpkgs, without NixOS-WSL and ROS, which the flake adds.
  images = builtins.mapAttrs (
    _: module:
    import (pkgs.path + "/nixos/lib/eval-config.nix") {
      inherit (pkgs.stdenv.hostPlatform) system;
      modules = [
        module
        { nixpkgs.overlays = [ (import ./nix/overlay.nix) ]; }
      ];
    }
  ) imageModules;

  tests = import ./nix/tests {
    inherit pkgs;
    inherit (withFirn) firn;
  };

  lib = {
    catalogue = import ./nix/lib/catalogue.nix;
    evaluatedConfig =
      arguments: import ./nix/lib/evaluated-config.nix ({ nixpkgs = pkgs.path; } // arguments);
    gate = import ./nix/lib/gate.nix;
  };
}
