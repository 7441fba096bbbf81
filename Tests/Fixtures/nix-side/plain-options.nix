# Options and values in the shape of an evaluated NixOS, made by hand: what CI, which has no nixpkgs, exports.
let
  option = value: {
    _type = "option";
    inherit value;
    highestPrio = 1500;
    definitionsWithLocations = [ ];
  };
  override = priority: content: {
    _type = "override";
    inherit priority content;
  };
  defined = value: highestPrio: definitionsWithLocations: {
    _type = "option";
    inherit value highestPrio definitionsWithLocations;
  };
in
{
  aborts ? false,
}:
rec {
  options = {
    boot.isContainer = option false;
    boot.kernelParams = if aborts then option (abort "this cannot be caught") else option [ ];
    boot.kernel.sysctl =
      defined { "kernel.kptr_restrict" = 0; "kernel.dmesg_restrict" = 1; } 100
        [
          {
            file = "/x/hardening.nix";
            value = {
              "kernel.kptr_restrict" = override 900 1;
              "kernel.dmesg_restrict" = override 900 1;
            };
          }
          {
            file = "/x/owner.nix";
            value."kernel.kptr_restrict" = 0;
          }
        ];
    networking.hostName = option "plain";
    networking.wireless = option { networks.home.psk = "CANARY-psk"; };
    networking.firewall.allowPing = option (throw "caught");
    services.openssh.enable = option true;
    services.openssh.banner = defined "no" 50 [
      {
        file = "/x/owner.nix";
        value = "no";
      }
    ];
    users.users = option {
      a.hashedPassword = "$6$CANARYsalt$CANARYaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
      b.hashedPassword = "!CANARY";
      c.password = "CANARY";
      d.password = "";
      e.hashedPassword = "CANARY oops";
    };
    security.hardening.enforced = option [ ];
  };
  config = {
    system.nixos.release = "26.11";
    boot.kernel.sysctl = options.boot.kernel.sysctl.value;
    services.openssh.banner = options.services.openssh.banner.value;
    security.hardening.enforced = [
      { rule = "a"; path = [ "boot" "kernel" "sysctl" "kernel.kptr_restrict" ]; value = 1; priority = 900; merge = "replace"; }
      { rule = "b"; path = [ "boot" "kernel" "sysctl" "kernel.dmesg_restrict" ]; value = 1; priority = 900; merge = "replace"; }
      { rule = "c"; path = [ "services" "openssh" "banner" ]; value = "yes"; priority = 900; merge = "replace"; }
      { rule = "gone"; path = [ "services" "nothing" "enable" ]; value = true; priority = 900; merge = "replace"; }
    ];
  };
}
