# nixosConfigurations: the images of ../images for each system, with what comes from the inputs.
{
  self,
  nixpkgs,
  nixos-wsl,
  nix-ros-overlay,
  ...
}:
let
  modules = import ../images;
  kinds = [
    "wsl"
    "iso"
    "vm"
  ];
  fromNames =
    names: make:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = make name;
      }) names
    );

  # An input without distributions (another directory in its place) gives the images without ROS.
  rosOverlays =
    if builtins.pathExists (nix-ros-overlay + "/distros") then
      [ (import (nix-ros-overlay + "/overlay.nix")) ]
    else
      [ ];

  evaluate =
    system: kind:
    nixpkgs.lib.nixosSystem {
      modules = [
        modules.${kind}
        {
          nixpkgs = {
            hostPlatform = system;
            overlays = [ self.overlays.default ] ++ rosOverlays;
          };
        }
      ]
      ++ (if kind == "wsl" then [ nixos-wsl.nixosModules.default ] else [ ]);
    };

  # x86_64-linux has the plain name.
  suffix = system: if system == "x86_64-linux" then "" else "-${builtins.head (builtins.split "-" system)}";
in
{
  # The evaluated images of one system, by kind.
  images =
    system: fromNames kinds (kind: self.nixosConfigurations."${kind}-ros2${suffix system}");

  all =
    systems:
    builtins.foldl' (
      all: system:
      all
      // builtins.listToAttrs (
        map (kind: {
          name = "${kind}-ros2${suffix system}";
          value = evaluate system kind;
        }) kinds
      )
    ) { } systems;
}
