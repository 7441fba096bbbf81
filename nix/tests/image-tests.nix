# The images, started as far as the test driver can: their users, Docker and tools (image-tests.py).
#
#   nix-build nix/tests/image-tests.nix -A image-vm
#
# - vm: the module is that of a machine for QEMU already.
# - iso: the driver boots a kernel of its own, so the system of the image runs without its medium.
# - wsl: has no kernel, and the driver's shell needs one. It is evaluated: the attribute is the system, not a test.
#
# The gate judges the image as it is delivered. The machine of the driver is another system, so it has no gate.
{
  pkgs ? import <nixpkgs> { },
  firn ? null,
  hardening ? ../modules/hardening.nix,
  images ? import ../images,
}:
let
  common = import ./common.nix { inherit pkgs firn hardening; };
  inherit (common) lib;

  # Keys are given here as a user would; everything else is the image's own.
  node =
    image:
    { config, options, ... }:
    {
      imports = [ image ];
      users.users.nixos.openssh.authorizedKeys.keys = [ common.keys.public ];
      virtualisation = {
        memorySize = lib.mkForce 3072;
      }
      # Of the host of the driver no port is taken.
      // lib.optionalAttrs (options.virtualisation ? forwardPorts) { forwardPorts = lib.mkForce [ ]; };
      environment.systemPackages = [ config.security.hardening.package ];
      security.hardening =
        lib.optionalAttrs (firn != null) { package = lib.mkForce firn; }
        // lib.optionalAttrs (options.security.hardening ? gate) { gate.enable = lib.mkForce false; };
    };
  test =
    name: image: extra:
    common.makeTest (lib.optionalAttrs (pkgs ? testers && pkgs.testers ? runNixOSTest) {
      # The module of an installer defines an overlay.
      node.pkgsReadOnly = false;
    } // {
      name = "firn-image-${name}";
      nodes.machine = {
        imports = [
          (node image)
          extra
        ];
      };
      nodes.client = common.client;
      testScript = common.script {
        values = {
          image = name;
          is_installer = name == "iso";
        };
        file = ./image-tests.py;
      };
    });
in
{
  image-vm = test "vm" images.vm { };
  # The media of an ISO are not there; the machine has the driver's disk.
  image-iso = test "iso" images.iso { };
  image-wsl =
    (import (pkgs.path + "/nixos/lib/eval-config.nix") {
      inherit (pkgs.stdenv.hostPlatform) system;
      modules = [ images.wsl ];
    }).config.system.build.toplevel;
}
