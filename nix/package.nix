{ stdenv }:
stdenv.mkDerivation {
  pname = "firn";
  version = "0.1.0";
  src = ../.;
}
