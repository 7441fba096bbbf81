# The image build gate of a system: `system.build.hardeningGate`, a derivation that is built only when `firn gate` lets the
# system pass. Images take it as an input. It depends on the toplevel, and nothing of it is in the toplevel.
#
# `security.hardening.gate.beforeSwitch` asks the same before `nixos-rebuild switch`, of the built system alone: the option
# JSON names the toplevel, so the toplevel cannot hold it.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  hardening = config.security.hardening;
  cfg = hardening.gate;
  gate = import ../lib/gate.nix {
    inherit pkgs;
    firn = hardening.package;
  };
  # Judged before a switch: what a policy says, of the built system alone.
  builtAlone = pkgs.writeText "before-switch.toml" (
    builtins.replaceStrings
      [
        ''id = "build"''
        ''profile = "standard"''
        ''sources = ["declared", "built"]''
      ]
      [
        ''id = "before-switch"''
        ''profile = "${hardening.level}"''
        ''sources = ["built"]''
      ]
      (builtins.readFile ../../profiles/policies/build.toml)
  );
in
{
  options.security.hardening.gate = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the images of this system are built only when the gate lets the system pass. Without it
        `system.build.hardeningGate` is still there, and images do not ask for it.
      '';
    };

    policy = mkOption {
      type = types.either types.path types.str;
      default = "build";
      example = lib.literalExpression "./policy.toml";
      description = "What the gate asks for: `build`, `release`, or a policy file.";
    };

    waivers = mkOption {
      type = types.listOf types.path;
      default = hardening.waivers or [ ];
      defaultText = lib.literalExpression "config.security.hardening.waivers";
      example = lib.literalExpression "[ ./waivers ]";
      description = "Waiver files, or directories of them, that the gate takes into account.";
    };

    sources = mkOption {
      type = types.listOf (
        types.enum [
          "declared"
          "built"
        ]
      );
      default = [
        "declared"
        "built"
      ];
      description = ''
        What is judged: the evaluated options, the built system, or both. The built-in policies ask for both; leaving one out
        takes a policy of your own.
      '';
    };

    beforeSwitch = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether the gate is asked before this system is switched to (`nixos-rebuild switch`, where the release has
        `system.preSwitchChecks`), of the built system alone. It is off by default: it puts firn into the system, and a system
        that fails can then not be switched to, a repair in haste or a rollback included.
      '';
    };
  };

  config = lib.mkMerge [
    {
      system.build.hardeningGate = gate {
        name = config.system.name or config.networking.hostName;
        toplevel = config.system.build.toplevel;
        evaluated = if builtins.elem "declared" cfg.sources then { inherit config options; } else null;
        declaredOnly = !(builtins.elem "built" cfg.sources);
        profile = hardening.level;
        inherit (cfg) policy waivers;
      };
    }
    # A release without such checks has no option to set.
    (lib.optionalAttrs (options.system ? preSwitchChecks) {
      system.preSwitchChecks = lib.mkIf (hardening.enable && cfg.beforeSwitch) {
        firn-gate = ''
          # The new system is "$1".
          scratch=$(mktemp -d)
          code=0
          PATH=${lib.makeBinPath [ hardening.package pkgs.coreutils pkgs.bash ]} \
            out="$scratch/gate" toplevel="$1" options="" profile=${hardening.level} policy=${builtAlone} \
            waivers=${lib.escapeShellArg (builtins.concatStringsSep "\n" (map (waiver: "${waiver}") cfg.waivers))} \
            bash ${../lib/gate.sh} || code=$?
          rm -rf "$scratch"
          [ "$code" -eq 0 ]
        '';
      };
    })
    {
      assertions = [
        {
          assertion = cfg.sources != [ ];
          message = "security.hardening.gate.sources is empty: nothing would be judged.";
        }
        {
          assertion = !cfg.beforeSwitch || options.system ? preSwitchChecks;
          message = "security.hardening.gate.beforeSwitch needs a release with system.preSwitchChecks (25.05 or later).";
        }
      ];
    }
  ];
}
