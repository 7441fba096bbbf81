# The options of the hardening module. What they set is in enforce.nix.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.security.hardening;
  # What puts the package into the system. The gate builds it only when an image or a person asks for the gate.
  usesPackage = cfg.agent.enable || cfg.updates.enable || cfg.gate.beforeSwitch;
  # Null, or why this nixpkgs cannot build it (nix/package.nix).
  unbuildable = cfg.package.unbuildable or null;
  isAtLeastStandard = cfg.level != "minimal";
in
{
  options.security.hardening = {
    enable = lib.mkEnableOption "the hardening of this system at a level";

    level = mkOption {
      type = types.enum [
        "minimal"
        "standard"
        "strict"
      ];
      default = "standard";
      description = ''
        How much is asked of the system. Each level holds the one before it: `minimal` is basic kernel hardening and a
        firewall, `standard` adds the full kernel hardening, audit logging and key-only SSH, `strict` adds what costs
        comfort or speed.
      '';
    };

    package = mkOption {
      type = types.package;
      default = pkgs.firn or (pkgs.callPackage ../../package.nix { });
      defaultText = lib.literalExpression "pkgs.firn";
      description = "The firn that audits this system.";
    };

    auditd.enable = mkOption {
      type = types.bool;
      default = isAtLeastStandard;
      defaultText = lib.literalExpression ''config.security.hardening.level != "minimal"'';
      description = "Whether the kernel's audit and auditd are switched on, with the audit rules of the level.";
    };

    firewall.strict = mkOption {
      type = types.bool;
      default = cfg.level == "strict";
      defaultText = lib.literalExpression ''config.security.hardening.level == "strict"'';
      description = "Whether the firewall rules of the strict level hold, at whatever level the rest of the system is.";
    };

    rules = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            enable = mkOption {
              type = types.bool;
              default = true;
              description = "Whether the fix of the rule is set. The auditor still asks for the rule.";
            };
            reason = mkOption {
              type = types.str;
              default = "";
              description = "Why the rule is left out, for those who read the configuration.";
            };
          };
        }
      );
      default = { };
      example = lib.literalExpression ''{ "sysctl.kernel.kptr_restrict".enable = false; }'';
      description = ''
        Rules of the level whose fix is not set, by id. Leaving a rule out is no waiver: the gate still finds it, and
        accepting the finding takes a file of `security.hardening.waivers`.
      '';
    };

    waivers = mkOption {
      type = types.listOf types.path;
      default = [ ];
      example = lib.literalExpression "[ ./waivers ]";
      description = "Waiver files, or directories of them, that the gate takes into account.";
    };

    logins = {
      enable = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether failed logins are watched. The unit comes with a later release: until then nothing watches, and switching
          this on gives a warning that says so.
        '';
      };
      threshold = mkOption {
        type = types.ints.positive;
        default = 5;
        description = "How many failed logins of one account or from one address, within the window, are reported.";
      };
      window = mkOption {
        type = types.ints.positive;
        default = 900;
        description = "How long failed logins are counted together, in seconds.";
      };
    };

    integrity = {
      enable = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether files are checked for changes. The unit comes with a later release, and then is part of the strict level:
          until then nothing is checked, and switching this on gives a warning that says so.
        '';
      };
      paths = mkOption {
        type = types.listOf types.str;
        default = [
          "/boot"
          "/etc"
        ];
        description = "The directories outside the Nix store whose files are compared with a baseline.";
      };
      interval = mkOption {
        type = types.str;
        default = "daily";
        example = "hourly";
        description = "When files are checked, as a calendar event of systemd (systemd.time(7)).";
      };
    };

    enforced = mkOption {
      type = types.listOf types.raw or types.unspecified;
      internal = true;
      readOnly = true;
      description = "What the module defines: `{ rule; path; value; priority; merge; }`.";
    };
  };

  config.warnings = lib.mkIf cfg.enable (
    lib.optional cfg.logins.enable "security.hardening.logins.enable has no unit yet: failed logins are not watched."
    ++ lib.optional cfg.integrity.enable "security.hardening.integrity.enable has no unit yet: files are not checked."
    ++ lib.optional (usesPackage && unbuildable != null) ''
      security.hardening.package cannot be built: ${unbuildable} Without it, set security.hardening.updates.enable = false.''
  );
}
