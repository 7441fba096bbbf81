# The outputs of the flake, by name; each file beside this one makes one of them.
#
# The names are made with builtins alone, so that they can be asked for without any input (`nix-instantiate --eval`).
inputs@{ self, nixpkgs, ... }:
let
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];
  forSystems =
    make:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = make system;
      }) systems
    );

  configurations = import ./configurations.nix inputs;

  # One package set a system, for all outputs.
  packageSets = forSystems (
    system:
    import nixpkgs {
      inherit system;
      overlays = [ self.overlays.default ];
    }
  );
  perSystem =
    file:
    forSystems (
      system:
      import file {
        inherit inputs system;
        pkgs = packageSets.${system};
        images = configurations.images system;
      }
    );
in
{
  nixosConfigurations = configurations.all systems;
  packages = perSystem ./packages.nix;
  apps = perSystem ./apps.nix;
  checks = perSystem ./checks.nix;
  formatter = perSystem ./formatter.nix;

  nixosModules = {
    default = ../modules/hardening.nix;
    hardening = ../modules/hardening.nix;
  };
  overlays.default = import ../overlay.nix;
  templates = import ./templates.nix;

  lib = {
    catalogue = import ../lib/catalogue.nix;
    evaluatedConfig =
      arguments: import ../lib/evaluated-config.nix ({ inherit nixpkgs; } // arguments);
    gate = import ../lib/gate.nix;
  };
}
