# templates: what `nix flake init -t` starts with.
{
  default = {
    path = ../templates/server;
    description = "A hardened NixOS server, with the gate in its checks";
    welcomeText = ''
      Set the address of the firn input in flake.nix, and disks, name and key in configuration.nix. Then:

          nix flake check
          nixos-rebuild switch --flake .#server
    '';
  };
}
