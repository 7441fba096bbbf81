# The NixOS tests of the hardening module (docs/nixos-tests.md), by name.
#
#   nix-build nix/tests -A security-hardening
#
# They start virtual machines, so they are built where KVM is. Everywhere else they evaluate, and their scripts are checked
# (check/).
{
  pkgs ? import <nixpkgs> { },
  # The package under test; the module's own choice without it.
  firn ? null,
  hardening ? ../modules/hardening.nix,
}:
let
  common = import ./common.nix { inherit pkgs firn hardening; };
  test = file: common.makeTest (import file { inherit pkgs common; });
in
{
  basic-services = test ./basic-services.nix;
  docker-services = test ./docker-services.nix;
  dev-tools = test ./dev-tools.nix;
  security-hardening = test ./security-hardening.nix;
  network = test ./network.nix;
}
