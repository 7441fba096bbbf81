# A server whose owner decides otherwise than the hardening module, which a stand-in of it plays: once weaker, once stricter.
{ lib, options, ... }:
let
  isOld = !(options.services.openssh ? settings);
  rootLogin = [ "services" "openssh" ] ++ (if isOld then [ "permitRootLogin" ] else [ "settings" "PermitRootLogin" ]);
  sysctl = name: [ "boot" "kernel" "sysctl" name ];
  enforced = [
    {
      rule = "ssh.PermitRootLogin";
      path = rootLogin;
      value = "no";
      priority = 900;
      merge = "replace";
    }
    {
      rule = "sysctl.kernel.kptr_restrict";
      path = sysctl "kernel.kptr_restrict";
      value = 1;
      priority = 900;
      merge = "replace";
    }
    {
      rule = "sysctl.kernel.dmesg_restrict";
      path = sysctl "kernel.dmesg_restrict";
      value = 1;
      priority = 900;
      merge = "replace";
    }
  ];
in
{
  imports = [ ./overriding.nix ];
  options.security.hardening.enforced = lib.mkOption { type = lib.types.unspecified; };
  config = lib.mkMerge (
    [ { security.hardening.enforced = enforced; } ]
    ++ map (one: lib.setAttrByPath one.path (lib.mkOverride one.priority one.value)) enforced
  );
}
