# The flake: inputs here, outputs in nix/flake (docs/NIX_FLAKE_MODULARIZATION.md).
{
  description = "Firn: hardening and compliance checks for NixOS images";

  inputs = {
    # Swift 6.2, which builds firn, is in nixpkgs since pull request 557896.
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

    # What NixOS needs under WSL.
    nixos-wsl = {
      url = "github:nix-community/NixOS-WSL/main";
      inputs.nixpkgs.follows = "nixpkgs";
      # Only for those who use NixOS-WSL without flakes.
      inputs.flake-compat.follows = "";
    };

    # ROS 2, as an overlay. Only its files are read, so its own inputs are not locked with ours. Any other directory in its
    # place gives the images without ROS.
    nix-ros-overlay = {
      url = "github:lopsided98/nix-ros-overlay/master";
      flake = false;
    };
  };

  outputs = inputs: import ./nix/flake inputs;
}
