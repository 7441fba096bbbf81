# The hardening module as the images take it.
{ ... }:
{
  imports = [ ../modules/hardening.nix ];
}
