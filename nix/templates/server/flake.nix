# A hardened server. `nix flake check` audits it before anything is installed.
{
  description = "A hardened NixOS server";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    firn = {
      # Where you have firn from.
      url = "git+https://example.org/firn";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      firn,
    }:
    {
      nixosConfigurations.server = nixpkgs.lib.nixosSystem {
        modules = [
          firn.nixosModules.default
          ./configuration.nix
        ];
      };

      # Fails with the findings on screen where a rule of the level does not hold.
      checks.x86_64-linux.gate = self.nixosConfigurations.server.config.system.build.hardeningGate;
    };
}
