# How somebody weakens the machine "weakened" of security-hardening.nix, with plain definitions as a user would write them,
# and the rules of minimal that must fail then: these and no others.
{ lib }:
let
  hasSettings = lib.versionAtLeast lib.trivial.release "23.05";
  sshd = settings: old: { services.openssh = if hasSettings then { inherit settings; } else old; };
in
{
  ssh = {
    rules = [ "ssh.PermitRootLogin" ];
    configuration = sshd { PermitRootLogin = "yes"; } { permitRootLogin = "yes"; };
  };
  accounts = {
    rules = [
      "accounts.empty-password"
      "pam.null-password.remote"
      "ssh.PermitEmptyPasswords"
      "sudo.nopasswd.all"
    ];
    # PAM alone would not do: sshd asks it to refuse empty passwords until it is told otherwise.
    configuration = {
      users.users.bob.hashedPassword = "";
      security.pam.services.sshd.allowNullPassword = true;
      security.sudo.wheelNeedsPassword = false;
    }
    // sshd { PermitEmptyPasswords = true; } { extraConfig = "PermitEmptyPasswords yes"; };
  };
  kernel = {
    # The parameter is one rule, the shell that systemd then starts another.
    rules = [
      "boot.debug-shell"
      "cmdline.systemd.debug_shell"
      "nix.sandbox"
      "sysctl.kernel.kptr_restrict"
    ];
    configuration = {
      boot.kernel.sysctl."kernel.kptr_restrict" = 0;
      boot.kernelParams = [ "systemd.debug_shell" ];
    }
    // (
      if lib.versionAtLeast lib.trivial.release "22.05" then
        { nix.settings.sandbox = false; }
      else
        { nix.useSandbox = false; }
    );
  };
  firewall = {
    # Every port is open then, and so are those that a rule names.
    rules = [
      "firewall.enabled"
      "firewall.input.default"
      "firewall.open.clear-text-logins"
      "firewall.open.cluster"
      "firewall.open.databases"
      "firewall.open.docker"
      "firewall.open.remote-desktop"
      "firewall.open.tcp.widest"
      "firewall.open.udp.widest"
      "firewall.trusted-interfaces.every"
    ];
    configuration.networking.firewall.enable = false;
  };
}
