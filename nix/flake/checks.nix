# checks: what `nix flake check` builds. The package, the gate of each image and of the template, and the NixOS tests,
# which need KVM.
{
  images,
  inputs,
  pkgs,
  system,
}:
let
  tests = import ../tests {
    inherit pkgs;
    inherit (pkgs) firn;
  };
  gateOf = image: image.config.system.build.hardeningGate;

  # The template's own flake with the inputs of this one, as if it were initialised and locked. The key is one that nixpkgs
  # tests with: without any, the module refuses the server, since nobody could log in.
  template = (import ../templates/server/flake.nix).outputs {
    self = template // {
      nixosConfigurations.server = template.nixosConfigurations.server.extendModules {
        modules = [ { users.users.admin.openssh.authorizedKeys.keys = [ key ]; } ];
      };
    };
    inherit (inputs) nixpkgs;
    firn = inputs.self;
  };
  key = (import (inputs.nixpkgs + "/nixos/tests/ssh-keys.nix") pkgs).snakeOilEd25519PublicKey;
in
{
  inherit (pkgs) firn;

  gate-wsl = gateOf images.wsl;
  gate-iso = gateOf images.iso;
  gate-vm = gateOf images.vm;

  inherit (tests)
    basic-services
    docker-services
    dev-tools
    security-hardening
    network
    ;
}
// (if system == "x86_64-linux" then { template-server = template.checks.${system}.gate; } else { })
