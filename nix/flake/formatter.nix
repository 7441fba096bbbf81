# formatter: `nix fmt`, in the style of RFC 166. nixfmt-tree formats a whole tree when it is given no file.
{ pkgs, ... }:
pkgs.nixfmt-tree or pkgs.nixfmt-rfc-style
