# SSH, Nix and users under the standard level (basic-services.py).
{ common, ... }:
{
  name = "firn-basic-services";

  nodes.server =
    { pkgs, ... }:
    {
      imports = [
        common.server
        (common.hardened "standard")
      ];
      # For the control of the password test.
      environment.systemPackages = [ pkgs.sshpass ];
      # A right password that sshd must not take. Nobody is banned: each refusal is to be sshd's own.
      users.users.bob.password = "correct horse";
      services.fail2ban.ignoreIP = [ "192.168.1.0/24" ];
    };
  nodes.client = common.client;

  testScript = common.script {
    values = {
      password = "correct horse";
    };
    file = ./basic-services.py;
  };
}
