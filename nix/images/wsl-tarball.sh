#!/usr/bin/env bash
# Writes a root file system for WSL: a gzipped tar whose root is the root of the file system.
#
#   wsl-tarball.sh MANIFEST CLOSURE OUTPUT [STORE-ROOT]
#
# MANIFEST says what lies beside the Nix store, one thing a line, fields separated by blanks, paths without the leading slash:
#   d MODE PATH           a directory; parents come before
#   f MODE PATH SOURCE    a file with the content of SOURCE
#   l PATH TARGET         a symbolic link
# CLOSURE is a directory as pkgs.closureInfo makes it: "store-paths" is packed, "registration" becomes /nix-path-registration.
# STORE-ROOT is the directory that holds nix/store, / unless said.
#
# Needs no root: everything in the file belongs to root, whoever writes it. Nothing is read but what is named above, and the
# same input gives the same bytes: members are sorted, times are one second after 1970, and the gzip header has no name.
# OUTPUT appears when it is whole.
set -euo pipefail
export LC_ALL=C
umask 022

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
  echo "usage: wsl-tarball.sh MANIFEST CLOSURE OUTPUT [STORE-ROOT]" >&2
  exit 64
fi
manifest=$1 closure=$2 output=$3
# tar reads a second --directory relative to the first one.
store=$(cd "${4:-/}" && pwd)

fail() {
  echo "wsl-tarball: $*" >&2
  exit 1
}

part=
work=$(mktemp -d)
trap 'rm -rf "$work" "$part"' EXIT
# Made here and by nobody else: for root, what another person puts beside OUTPUT could be a link to anywhere.
part=$(mktemp -- "$output.XXXXXXXX")
root=$work/root
mkdir "$root"

# A path that leads out of the root file system, or that a reader of the file could take for one.
check() {
  case "/$1/" in
    //* | *//* | */../* | */./*) fail "$manifest: the path $1 is not relative and plain" ;;
  esac
}

while read -r kind first second third; do
  case $kind in
    d)
      check "$second"
      install -d -m "$first" "$root/$second"
      ;;
    f)
      check "$second"
      [ -f "$third" ] || fail "$manifest: $third is no file"
      install -m "$first" "$third" "$root/$second"
      ;;
    l)
      check "$first"
      ln -s "$second" "$root/$first"
      ;;
    *) fail "$manifest: $kind is no kind of line" ;;
  esac
done <"$manifest"
install -m 0600 "$closure/registration" "$root/nix-path-registration"

sort -u "$closure/store-paths" >"$work/paths"
[ -s "$work/paths" ] || fail "$closure/store-paths is empty"
while read -r path; do
  [[ $path =~ ^/nix/store/[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+._?=-]+$ ]] || fail "$path is no store path"
  [ -e "$store$path" ] || [ -L "$store$path" ] || fail "$path is not in the store"
done <"$work/paths"
sed 's|^/||' "$work/paths" >"$work/store-members"
(cd "$root" && find . -mindepth 1 | sed 's|^\./||' | sort) >"$work/root-members"

# Hard links are those of an optimised store, and no property of the system.
tar --create --format=gnu --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --hard-dereference \
  --verbatim-files-from \
  --directory="$root" --no-recursion --files-from="$work/root-members" \
  --directory="$store" --recursion --files-from="$work/store-members" |
  gzip -n >"$part"
# mktemp makes it readable by its owner alone.
chmod 0644 "$part"
mv -fT -- "$part" "$output"
