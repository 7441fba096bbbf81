# Sets what the auditor checks, from the same rules (profiles/).
{ config, lib, pkgs, ... }:
{
  imports = [ ./gate.nix ./updates.nix ];

  options.security.hardening = {
    enable = lib.mkEnableOption "the hardening of this system at a level";
    level = lib.mkOption {
      type = lib.types.enum [ "minimal" "standard" "strict" ];
      default = "standard";
      description = "How much is asked of the system.";
    };
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.firn or (pkgs.callPackage ../package.nix { });
      defaultText = lib.literalExpression "pkgs.firn";
      description = "The firn that audits this system.";
    };
  };

  config = lib.mkIf config.security.hardening.enable { };
}
