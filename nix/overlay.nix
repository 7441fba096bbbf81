# Adds `firn` to a package set: nixpkgs.overlays = [ (import ./nix/overlay.nix) ];
final: _: {
  firn = final.callPackage ./package.nix { };
}
