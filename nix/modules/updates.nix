# The service that asks each day whether the system's release still gets updates and whether its revision is the newest of its
# channel: `firn updates` (docs/updates.md). It changes nothing. Its answer is an entry of the journal with fields of its own
# and, where a directory is named, a file for node_exporter's textfile collector.
#
# Findings (exit 1) and what could not be told (exit 3) are no failure of the unit: a system with updates to take would
# otherwise be "degraded" most days, and a real failure would be lost among them. They are warnings in the journal and values
# of the metrics; the unit fails when the check itself does.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  hardening = config.security.hardening;
  cfg = hardening.updates;
  group = "firn-metrics";
  hasMetrics = cfg.metrics.directory != null;
in
{
  options.security.hardening.updates = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = hardening.enable && hardening.level != "minimal";
      defaultText = lib.literalExpression or lib.literalExample ''security.hardening.enable && security.hardening.level != "minimal"'';
      description = "Whether to check regularly that the system gets security updates and has taken them.";
    };
    offline = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to judge by the table of ends of life and the version alone, without the network.";
    };
    channelUrl = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://channels.nixos.org/nixos-unstable";
      description = "The channel to compare with; by default those that the version can come from.";
    };
    interval = lib.mkOption {
      type = lib.types.str;
      default = "daily";
      example = "Mon 04:00";
      description = "When to check, as systemd.time(7) writes calendar events.";
    };
    randomizedDelay = lib.mkOption {
      type = lib.types.str;
      default = "1h";
      description = "The most by which a check is put off, so that not all machines ask at once.";
    };
    metrics.directory = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/var/lib/node-exporter";
      description = ''
        The directory from which node_exporter reads text files; firn_updates.prom is written there. It is made with the group
        ${group}, which may write to it.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = hasMetrics -> lib.hasPrefix "/" cfg.metrics.directory;
        message = "security.hardening.updates.metrics.directory must be an absolute path.";
      }
    ];

    users.groups = lib.mkIf hasMetrics { ${group} = { }; };
    systemd.tmpfiles.rules = lib.mkIf hasMetrics [ "d '${cfg.metrics.directory}' 0775 root ${group} -" ];

    systemd.services.firn-updates = {
      description = "Check that the system gets security updates";
      documentation = [ "man:firn-updates(1)" ];
      wants = lib.mkIf (!cfg.offline) [ "network-online.target" ];
      after = lib.mkIf (!cfg.offline) [ "network-online.target" ];
      path = lib.mkIf (!cfg.offline) [ pkgs.curl ];
      environment = lib.mkIf (!cfg.offline) (
        { SSL_CERT_FILE = "/etc/ssl/certs/ca-certificates.crt"; } // config.networking.proxy.envVars
      );
      serviceConfig = {
        Type = "oneshot";
        ExecStart = utils.escapeSystemdExecArgs or lib.escapeShellArgs (
          [
            "${hardening.package}/bin/firn"
            "updates"
            "/run/current-system"
            "--journal"
          ]
          ++ lib.optional cfg.offline "--offline"
          ++ lib.optionals (cfg.channelUrl != null) [
            "--channel-url"
            cfg.channelUrl
          ]
          ++ [
            "--format"
            "text"
          ]
          ++ lib.optionals hasMetrics [
            "--format"
            "openmetrics=${cfg.metrics.directory}/firn_updates.prom"
          ]
        );
        SuccessExitStatus = "1 3";
        TimeoutStartSec = "5min";
        # The entry in the journal says it all; what a person reads on a terminal would stand there a second time.
        StandardOutput = "null";

        DynamicUser = true;
        SupplementaryGroups = lib.mkIf hasMetrics [ group ];
        ReadWritePaths = lib.mkIf hasMetrics [ "\"${cfg.metrics.directory}\"" ];
        # node_exporter has to read what is written.
        UMask = if hasMetrics then "0022" else "0077";

        CapabilityBoundingSet = "";
        AmbientCapabilities = "";
        DevicePolicy = "closed";
        KeyringMode = "private";
        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        NoNewPrivileges = true;
        PrivateDevices = true;
        PrivateMounts = true;
        PrivateNetwork = cfg.offline;
        PrivateTmp = true;
        PrivateUsers = true;
        ProcSubset = "pid";
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectHome = true;
        ProtectHostname = true;
        ProtectKernelLogs = true;
        ProtectKernelModules = true;
        ProtectKernelTunables = true;
        ProtectProc = "invisible";
        ProtectSystem = "strict";
        RemoveIPC = true;
        RestrictAddressFamilies = [
          "AF_UNIX"
        ]
        ++ lib.optionals (!cfg.offline) [
          "AF_INET"
          "AF_INET6"
        ];
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
        SystemCallErrorNumber = "EPERM";
        SystemCallFilter = [
          "@system-service"
          "~@privileged @resources"
        ];
        IPAddressDeny = lib.mkIf cfg.offline "any";

        MemoryMax = "256M";
        TasksMax = 32;
        Nice = 19;
      };
    };

    systemd.timers.firn-updates = {
      description = "Check regularly that the system gets security updates";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.interval;
        RandomizedDelaySec = cfg.randomizedDelay;
        # A machine that was off catches up.
        Persistent = true;
      };
    };
  };
}
