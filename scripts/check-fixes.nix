# Whether nixpkgs takes every fix of the catalogue: the option exists, its type takes the value of the level, and the
# value in force is that value.
#
#   nix-instantiate --eval --strict --json --readonly-mode scripts/check-fixes.nix \
#     --arg nixpkgs /path/to/nixpkgs --argstr level strict
#
# Prints { release, level, tried, good, bad: [ { rule, option, reason } ], refusals, outside: [ rules ] }: "refusals" are the
# assertions of NixOS that fail with all fixes together, "outside" have no fix by an option in this release. Needs a nixpkgs tree, evaluates only, and builds nothing.
{
  nixpkgs ? <nixpkgs>,
  level ? "strict",
  system ? "x86_64-linux",
}:
let
  lib = import (nixpkgs + "/lib");
  release = lib.trivial.release;
  evaluate = modules: import (nixpkgs + "/nixos/lib/eval-config.nix") {
    inherit system;
    modules = [
      {
        # The mounts whose options are repaired.
        fileSystems = lib.genAttrs ([ "/" ] ++ mounts) (place: { device = "/dev/disk/by-label/${place}"; fsType = "ext4"; });
        boot.loader.grub.enable = false;
        system.stateVersion = release;
      }
    ] ++ modules;
  };

  catalogue = import ../nix/lib/catalogue.nix { };
  wanted = catalogue.selected level;
  fixes = map
    (fix: {
      inherit (fix) rule path value;
      adds = fix.merge == "add";
    })
    (catalogue.fixes { inherit level release; });

  mounts = lib.unique (map (fix: lib.elemAt fix.path 1) (lib.filter (fix: lib.head fix.path == "fileSystems") fixes));

  # The option a path leads to: the path up to it, or null. The rest of the path is a key inside its value.
  find = options: done: path:
    if lib.isOption options then { option = done; inherit options; }
    else if path == [ ] || !(builtins.isAttrs options && options ? ${lib.head path}) then null
    else find options.${lib.head path} (done ++ [ (lib.head path) ]) (lib.tail path);
  base = evaluate [ ];
  exists = fix: find base.options [ ] fix.path != null;

  # Fixes that one evaluation can hold together: no path of a round is another one, or inside another one.
  overlaps = a: b:
    let n = lib.min (lib.length a.path) (lib.length b.path);
    in lib.take n a.path == lib.take n b.path && !(a.path == b.path && (a.adds && b.adds || a.value == b.value));
  rounds = lib.foldl'
    (rounds: fix:
      let free = lib.findFirst (i: !lib.any (overlaps fix) (lib.elemAt rounds i)) null (lib.range 0 (lib.length rounds - 1));
      in
      if free == null then rounds ++ [ [ fix ] ]
      else lib.imap0 (i: round: if i == free then round ++ [ fix ] else round) rounds)
    [ ]
    (lib.filter exists fixes);

  definition = fix: { lib, ... }: {
    config = lib.setAttrByPath fix.path (
      if !fix.adds then lib.mkOverride 40 fix.value
      else if builtins.isString fix.value then lib.mkAfter fix.value
      else fix.value
    );
  };
  holds = fix: value:
    if !fix.adds then value == fix.value
    else if builtins.isList fix.value then lib.all (element: lib.elem element value) fix.value
    else if builtins.isString fix.value then lib.hasInfix fix.value value
    else value == fix.value;
  judge = config: fix:
    let
      value = lib.attrByPath fix.path null config;
      tried = builtins.tryEval (builtins.deepSeq value (if holds fix value then "" else "the value in force is ${builtins.toJSON value}"));
    in
    if !tried.success then "the option does not take ${builtins.toJSON fix.value}" else tried.value;
  judged = lib.concatMap
    (round:
      let
        together = (evaluate (map definition round)).config;
        # What another fix of the round may be to blame for is judged alone.
        reason = fix: if judge together fix == "" then "" else judge (evaluate [ (definition fix) ]).config fix;
      in
      map (fix: fix // { reason = reason fix; }) round)
    rounds
  ++ map (fix: fix // { reason = "there is no such option"; }) (lib.filter (fix: !exists fix) fixes);
  bad = lib.filter (fix: fix.reason != "") judged;
  # What a whole round makes NixOS refuse.
  refusals = lib.concatMap
    (round: map (one: one.message) (lib.filter (one: !one.assertion) (evaluate (map definition round)).config.assertions))
    rounds;
in
{
  inherit release level;
  tried = lib.length judged;
  good = lib.length judged - lib.length bad;
  bad = map (fix: { inherit (fix) rule reason; option = lib.showOption fix.path; value = fix.value; }) bad;
  inherit refusals;
  outside = lib.filter (id: !lib.any (fix: fix.rule == id) fixes) wanted;
}
