# ROS 2 from nix-ros-overlay (https://github.com/lopsided98/nix-ros-overlay), where its overlay is applied.
#
# nixpkgs has no ROS. Without the overlay the images are made for ROS but hold none of it, and evaluate all the same:
# `pkgs.rosPackages` is the overlay's package set, by distribution.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.ros2;
  # Releases before 21.11 have no literalExpression.
  literal = lib.literalExpression or lib.literalExample;
  hasOverlay = pkgs ? rosPackages;
  hasDistribution = hasOverlay && pkgs.rosPackages ? ${cfg.distribution};
  ros = pkgs.rosPackages.${cfg.distribution};
in
{
  options.ros2 = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = hasOverlay;
      defaultText = literal "pkgs ? rosPackages";
      description = "Whether ROS 2 is installed. It is where the overlay of nix-ros-overlay is applied.";
    };
    distribution = lib.mkOption {
      type = lib.types.str;
      default = "jazzy";
      example = "humble";
      description = "The distribution of ROS 2, as `pkgs.rosPackages` names it.";
    };
    packages = lib.mkOption {
      # A function is not merged, so a second definition replaces this one or conflicts.
      type = lib.types.unspecified;
      default = packages: [ packages.ros-base ];
      defaultText = literal "packages: [ packages.ros-base ]";
      example = literal "packages: [ packages.ros-base packages.rviz2 ]";
      description = "The packages of the distribution that are installed: a function from its package set to a list.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = hasDistribution;
        message =
          if hasOverlay then
            "ros2.distribution is ${cfg.distribution}, which nix-ros-overlay does not have."
          else
            "ros2.enable is set, and the overlay of nix-ros-overlay is not applied: add it to nixpkgs.overlays.";
      }
    ];

    # One environment: the tools of ROS find packages by the prefixes that this one joins.
    environment.systemPackages = lib.optional hasDistribution (
      ros.buildEnv { paths = cfg.packages ros; }
    );
  };
}
