# Of every test: its derivation, and the script as the driver checks it. For the checks of this repository.
{
  pkgs ? import <nixpkgs> { },
  firn ? pkgs.hello,
}:
let
  inherit (pkgs) lib;
  tests =
    import ./default.nix { inherit pkgs firn; }
    // removeAttrs (import ./image-tests.nix { inherit pkgs firn; }) [ "image-wsl" ];
in
lib.mapAttrs (_: test: {
  drv = builtins.unsafeDiscardStringContext test.drvPath;
  script = builtins.unsafeDiscardStringContext test.config.testScriptString;
  machines = builtins.attrNames test.nodes;
}) tests
