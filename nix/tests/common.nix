# What the NixOS tests share: how a test is made on this release, the script of a test, and the nodes that several have.
#
# A script is three texts: the values it is given (python.nix), firn_report.py where it reads reports of Firn, and the file
# of the test. The files are plain Python, so that they are checked without NixOS (check/).
{
  pkgs,
  # The package; null leaves the choice to the module.
  firn ? null,
  hardening ? ../modules/hardening.nix,
}:
let
  inherit (pkgs) lib;
  python = import ./python.nix;
  isOld = lib.versionOlder lib.trivial.release "21.05";
in
rec {
  inherit hardening isOld lib;

  # nixosTest is older than runNixOSTest, and the name stays with what it returns.
  makeTest =
    test:
    if pkgs ? testers && pkgs.testers ? runNixOSTest then
      pkgs.testers.runNixOSTest test
    else
      # This release checks the line breaks of a script, which are those of another version of its tool.
      pkgs.nixosTest (test // { skipLint = true; });

  # The values of a node: a node was an evaluated system first, and is its config now.
  configOf = node: if node ? system && node ? boot then node else node.config;

  # python.nix writes the values; what a script needs of a report comes between.
  script =
    {
      values,
      reports ? false,
      file,
    }:
    python.assignments values
    + lib.optionalString reports (builtins.readFile ./firn_report.py)
    + builtins.readFile file;

  # The keys of nixpkgs' own tests, which everybody knows. Ed25519 where there is one: strict takes no ECDSA.
  keys =
    let
      known = import (pkgs.path + "/nixos/tests/ssh-keys.nix") pkgs;
    in
    {
      private = known.snakeOilEd25519PrivateKey or known.snakeOilPrivateKey;
      public = known.snakeOilEd25519PublicKey or known.snakeOilPublicKey;
    };

  # A machine that people log in to: alice has a key and is an administrator, bob has neither.
  server = {
    services.openssh.enable = true;
    users.users.alice = {
      isNormalUser = true;
      uid = 1000;
      extraGroups = [ "wheel" ];
      openssh.authorizedKeys.keys = [ keys.public ];
    };
    users.users.bob = {
      isNormalUser = true;
      uid = 1001;
    };
  };

  # The hardening module at a level, with firn at hand.
  hardened =
    level:
    { config, ... }:
    {
      imports = [ hardening ];
      security.hardening = {
        enable = true;
        inherit level;
      }
      // lib.optionalAttrs (firn != null) { package = firn; };
      environment.systemPackages = [ config.security.hardening.package ];
    };

  # A machine that tries to get in: it has alice's key, a tool that types passwords, and one that sends packets.
  client = {
    environment.systemPackages = [
      pkgs.curl
      pkgs.sshpass
    ];
    environment.etc."keys/alice" = {
      source = keys.private;
      mode = "0400";
    };
  };

  # Addresses of IPv6 on the first network of the test, which not every release gives.
  ipv6 = number: {
    networking.interfaces.eth1.ipv6.addresses = [
      {
        address = "fd00::${toString number}";
        prefixLength = 64;
      }
    ];
  };
}
