# The agent: a service that compares the running system with what its level asks, each few minutes, and says in the journal
# what changed (docs/agent.md). It changes nothing.
#
# What the unit may do is data, in nix/units/firn-agent.toml: scripts/render-unit makes the unit of a machine without NixOS
# from it, and the boot test runs that one.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  hardening = config.security.hardening;
  cfg = hardening.agent;
  unit = builtins.fromTOML (builtins.readFile ../units/firn-agent.toml);
  group = "firn-metrics";
  hasMetrics = cfg.metrics.directory != null;
  metrics = if hasMetrics then "${cfg.metrics.directory}/firn_agent.prom" else "/run/firn/firn.prom";
in
{
  options.security.hardening.agent = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether the agent checks the running system. Off at every level until its facts are complete.";
    };
    profile = lib.mkOption {
      type = lib.types.enum [
        "minimal"
        "standard"
        "strict"
      ];
      default = hardening.level;
      defaultText = lib.literalExpression or lib.literalExample "config.security.hardening.level";
      description = "The profile it checks against.";
    };
    interval = lib.mkOption {
      type = lib.types.ints.between 5 86400;
      default = 900;
      description = "The seconds between two checks. A check takes about a tenth of a second.";
    };
    jitter = lib.mkOption {
      type = lib.types.ints.between 0 3600;
      default = 60;
      description = "The most seconds by which a check is put off, so that not all machines work at once.";
    };
    metrics.directory = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/var/lib/node-exporter";
      description = ''
        The directory from which node_exporter reads text files; firn_agent.prom is written there. Without one it is
        /run/firn/firn.prom.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = hasMetrics -> lib.hasPrefix "/" cfg.metrics.directory;
        message = "security.hardening.agent.metrics.directory must be an absolute path.";
      }
    ];

    users.groups = lib.mkIf hasMetrics { ${group} = { }; };
    systemd.tmpfiles.rules = lib.mkIf hasMetrics [ "d '${cfg.metrics.directory}' 0775 root ${group} -" ];

    systemd.services.firn-agent = {
      inherit (unit) description documentation after;
      wantedBy = unit.wanted-by;
      serviceConfig =
        builtins.listToAttrs (
          map (directive: {
            inherit (directive) name value;
          }) unit.directive
        )
        // {
          ExecStart = utils.escapeSystemdExecArgs or lib.escapeShellArgs [
            "${hardening.package}/bin/firn-agent"
            "run"
            "--profile"
            cfg.profile
            "--interval"
            (toString cfg.interval)
            "--jitter"
            (toString cfg.jitter)
            "--state"
            "/var/lib/firn"
            "--metrics"
            metrics
          ];
          ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
          ReadWritePaths = lib.mkIf hasMetrics [ "\"${cfg.metrics.directory}\"" ];
        };
    };
  };
}
