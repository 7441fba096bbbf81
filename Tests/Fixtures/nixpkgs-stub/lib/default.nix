# The part of nixpkgs' lib that evaluated-config.nix, modules of `firn fix` and eval-config.nix beside it need. It stands
# in for nixpkgs in tests of `firn fix --verify`, and is no copy: see the real one for what these do.
let
  lib = builtins // rec {
    trivial.release = "26.11";
    mapAttrs' = f: set: builtins.listToAttrs (map (name: f name set.${name}) (builtins.attrNames set));
    filterAttrs = keep: set:
      builtins.listToAttrs (
        builtins.filter (pair: keep pair.name pair.value)
          (map (name: { inherit name; value = set.${name}; }) (builtins.attrNames set))
      );
    attrValues = builtins.attrValues;
    foldl' = builtins.foldl';
    optionalAttrs = condition: set: if condition then set else { };
    hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    hasSuffix = suffix: text:
      let n = builtins.stringLength text; m = builtins.stringLength suffix;
      in n >= m && builtins.substring (n - m) m text == suffix;
    isFunction = builtins.isFunction;
    isOption = value: value._type or "" == "option";
    showOption = builtins.concatStringsSep ".";
    mkOverride = priority: content: { _type = "override"; inherit priority content; };
    mkForce = mkOverride 50;
    mkAfter = content: { _type = "order"; inherit content; };
    mkMerge = contents: { _type = "merge"; inherit contents; };
  };
in
lib
