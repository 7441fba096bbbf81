# What a machine of security-hardening is set to, as option JSON: `firn check` judges it without starting the machine.
#
#   nix-instantiate --eval --strict --json nix/tests/exports.nix --argstr machine standard
#   ... --argstr machine weakened --argstr specialisation kernel
#
# The node of the test itself is exported, with all that the driver puts in. It is the declared source: what only files,
# modes and the built closure tell stays open here (expected.nix names it).
{
  pkgs ? import <nixpkgs> { },
  firn ? pkgs.hello,
  machine,
  # One of the machine's specialisations, in place of the machine itself.
  specialisation ? null,
}:
let
  test = (import ./default.nix { inherit pkgs firn; }).security-hardening;
  # A node is its config. Its options, which say what is defined where, are kept by a module.
  kept = test.extendNixOS {
    module =
      { lib, options, ... }:
      {
        options.firnTestOptions = lib.mkOption {
          type = lib.types.unspecified;
          internal = true;
        };
        config.firnTestOptions = options;
      };
  };
  whole = kept.nodes.${machine};
  # A specialisation takes the modules of the machine over, and so keeps its own options.
  node = if specialisation == null then whole else whole.specialisation.${specialisation}.configuration;
in
import ../lib/evaluated-config.nix {
  nixpkgs = pkgs.path;
  inherit (pkgs.stdenv.hostPlatform) system;
  evaluated = {
    config = node;
    options = node.firnTestOptions;
  };
}
