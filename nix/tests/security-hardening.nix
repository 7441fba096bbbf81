# What the module sets is in force on a running machine of each level, and firn finds what is not (security-hardening.py).
#
# "weakened" is a machine that firn lets pass but for the driver's root shell; in each of its specialisations somebody
# weakens it with plain definitions, as a user would.
{ common, pkgs, ... }:
let
  inherit (common) lib;
  expected = import ./expected.nix;

  machine = level: {
    imports = [
      common.server
      (common.hardened level)
    ];
    virtualisation.memorySize = 1024;
  };

  weakenings = import ./weakenings.nix { inherit lib; };
in
{
  name = "firn-security-hardening";

  nodes = {
    minimal = machine "minimal";
    standard = machine "standard";
    strict = machine "strict";
    weakened = {
      imports = [ (machine "minimal") ];
      # What the driver puts in and does not need: without it the machine passes, so that each weakening is what fails.
      services.timesyncd.enable = lib.mkForce true;
      users.users.root = {
        hashedPassword = lib.mkForce "!";
      }
      // lib.optionalAttrs (!common.isOld) { hashedPasswordFile = lib.mkForce null; };
      environment.etc."firn/waivers.toml".source = ./waivers.toml;
      # Listens, and no port is opened for it.
      systemd.services.listener = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig = {
          DynamicUser = true;
          ExecStart = "${pkgs.python3}/bin/python3 -m http.server 9090";
        };
      };
      specialisation = lib.mapAttrs (_: weakening: { inherit (weakening) configuration; }) weakenings;
    };
    client = common.client;
  };

  testScript =
    { nodes, ... }:
    let
      enforced = level: (common.configOf nodes.${level}).security.hardening.enforced;
      isUnder = prefix: fix: lib.take (lib.length prefix) fix.path == prefix;
      audit = level: (common.configOf nodes.${level}).security.audit.rules;
      keyOf =
        rule:
        let
          found = builtins.match ".*(-k |-F key=)([^ ]+).*" rule;
        in
        lib.optional (found != null) (lib.elemAt found 1);
      perLevel = lib.genAttrs expected.levels;
      # As /proc/sys shows them.
      plain =
        value:
        if value == true then
          "1"
        else if value == false then
          "0"
        else
          toString value;
    in
    common.script {
      values = {
        # The day of the test: an end of life is not what is tested.
        day = "2026-12-01";
        # What the module set, with the value that the whole configuration ended with.
        enforced_sysctls = perLevel (
          level:
          lib.listToAttrs (
            map (
              fix:
              let
                name = lib.elemAt fix.path 3;
              in
              lib.nameValuePair name (plain (common.configOf nodes.${level}).boot.kernel.sysctl.${name})
            ) (lib.filter (isUnder [ "boot" "kernel" "sysctl" ]) (enforced level))
          )
        );
        enforced_parameters = perLevel (
          level: lib.concatMap (fix: fix.value) (lib.filter (isUnder [ "boot" "kernelParams" ]) (enforced level))
        );
        enforced_rules = perLevel (level: lib.unique (map (fix: fix.rule) (enforced level)));
        audit_keys = perLevel (level: lib.unique (lib.concatMap keyOf (audit level)));
        firewall_unit = perLevel (
          level:
          if (common.configOf nodes.${level}).networking.nftables.enable or false then
            "nftables.service"
          else
            "firewall.service"
        );
        instrumentation = perLevel expected.instrumentation;
        open_findings = perLevel expected.open;
        unknown_findings = perLevel expected.unknown;
        weakenings = lib.mapAttrs (_: weakening: weakening.rules) weakenings;
      };
      reports = true;
      file = ./security-hardening.py;
    };
}
