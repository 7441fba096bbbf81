# The tools of a developer do their work under the hardening: those that every image carries (../images/common.nix), as its
# ordinary user (dev-tools.py).
{ common, ... }:
{
  name = "firn-dev-tools";

  nodes.machine = {
    imports = [
      ../images/common.nix
      (common.hardened "standard")
    ];
    virtualisation.memorySize = 2048;
    # The images have no key of anybody; a machine with key-only SSH needs one.
    users.users.nixos.openssh.authorizedKeys.keys = [ common.keys.public ];
  };

  testScript = common.script {
    values = {
      user = "nixos";
    };
    file = ./dev-tools.py;
  };
}
