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

  # The template's own flake with the inputs of this one, as if it were initialised and locked.
  template = (import ../templates/server/flake.nix).outputs {
    self = template;
    inherit (inputs) nixpkgs;
    firn = inputs.self;
  };
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
