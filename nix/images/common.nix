# What the three images share: a ROS 2 development system with an ordinary user, Docker, Nix with flakes, and sshd.
#
# No image holds a password or a key. How a person gets in is said by each image (docs/image-formats.md).
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  release = lib.trivial.release;
  # Options that came after NixOS 20.09.
  hasSettings = options.nix ? settings;
  hasSshSettings = options.services.openssh ? settings;

  # colcon builds ROS workspaces. The overlay's has all extensions; nixpkgs has the core and some.
  python = pkgs.python3.withPackages (
    packages:
    lib.optionals (!(pkgs ? colcon)) (
      map (name: packages.${name}) (
        lib.filter (name: packages ? ${name}) [
          "colcon"
          "colcon-argcomplete"
          "colcon-defaults"
          "colcon-library-path"
          "colcon-metadata"
          "colcon-output"
          "colcon-package-information"
          "colcon-package-selection"
          "colcon-parallel-executor"
          "colcon-python-setup-py"
          "colcon-recursive-crawl"
          "colcon-test-result"
        ]
      )
    )
  );
in
{
  imports = [
    ./ros2.nix
    ./security-hardening.nix
  ];

  config = {
    # Weaker than mkDefault, so that a node of a test keeps the name by which the test knows it.
    networking.hostName = lib.mkOverride 1100 "nixos-ros2";

    security.hardening = {
      enable = true;
      level = lib.mkDefault "standard";
    };

    # In no group that stands for root: Docker is used through sudo.
    users.users.nixos = {
      isNormalUser = true;
      uid = 1000;
      extraGroups = [ "wheel" ];
    };

    environment.systemPackages = [
      pkgs.binutils
      pkgs.cmake
      pkgs.curl
      pkgs.file
      pkgs.gcc
      pkgs.gdb
      pkgs.git
      pkgs.gnumake
      pkgs.htop
      pkgs.jq
      pkgs.nano
      pkgs.ninja
      pkgs.pkg-config
      pkgs.ripgrep
      pkgs.rsync
      pkgs.tmux
      pkgs.tree
      pkgs.unzip
      pkgs.vim
      pkgs.wget
      python
    ]
    ++ lib.optional (pkgs ? colcon) pkgs.colcon;

    virtualisation.docker.enable = true;

    services.openssh = {
      enable = true;
    }
    # At every level, so also where the level itself would let passwords in.
    // (
      if hasSshSettings then
        {
          settings = {
            PasswordAuthentication = false;
            KbdInteractiveAuthentication = false;
          };
        }
      else
        {
          passwordAuthentication = false;
          challengeResponseAuthentication = false;
        }
    );

    nix =
      if hasSettings then
        {
          settings.experimental-features = [
            "nix-command"
            "flakes"
          ];
        }
      else
        {
          package = pkgs.nixFlakes;
          extraOptions = "experimental-features = nix-command flakes";
        };

    # Megabytes that an image for work on ROS has no use for; man pages stay.
    documentation.nixos.enable = lib.mkDefault false;

    # An image is a first installation, so its state is of its own release. Stronger than the mkDefault of the installer of
    # old releases, weaker than a plain definition.
    system.stateVersion = lib.mkOverride 900 release;
  };
}
