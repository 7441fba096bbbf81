# A module system with a handful of options, in the shape of nixpkgs' own, for tests of `firn fix --verify`.
{ system, modules }:
let
  lib = import ../../lib;

  # All definitions of a module and what it imports, each { file, config }.
  load = file: module:
    if builtins.isPath module || builtins.isString module then load (toString module) (import module)
    else if builtins.isFunction module then load file (module { inherit lib config; })
    else
      let here = module._file or file;
      in lib.concatMap (load here) (module.imports or [ ])
        ++ [ { file = here; config = module.config or (removeAttrs module [ "_file" "imports" ]); } ];
  definitions = lib.concatMap (load "<unknown-file>") modules;

  # A value without its mkMerge, mkAfter and mkOverride, as { priority, value }.
  discharge = priority: value:
    if value._type or "" == "merge" then lib.concatMap (discharge priority) value.contents
    else if value._type or "" == "order" then discharge priority value.content
    else if value._type or "" == "override" then discharge value.priority value.content
    else [ { inherit priority value; } ];
  winners = values:
    let top = lib.foldl' (low: one: if one.priority < low then one.priority else low) 10000 values;
    in map (one: one.value) (lib.filter (one: one.priority == top) values);
  at = path: config:
    if path == [ ] then [ config ]
    else if lib.isAttrs config && config ? ${lib.head path} then at (lib.tail path) config.${lib.head path}
    else [ ];

  merge = {
    list = path: values: lib.concatLists (winners values);
    lines = path: values: lib.concatStringsSep "\n" (winners values);
    attrs = path: values:
      let sets = winners values; names = lib.attrNames (lib.foldl' (all: set: all // set) { } sets);
      in lib.listToAttrs (map
        (name: {
          inherit name;
          value = merge.scalar (path ++ [ name ]) (lib.concatMap (set: if set ? ${name} then discharge 100 set.${name} else [ ]) sets);
        })
        names);
    scalar = path: values:
      let best = winners values;
      in if lib.all (value: value == lib.head best) best then lib.head best
      else throw "The option `${lib.showOption path}' has conflicting definition values";
    bool = path: values:
      let value = merge.scalar path values;
      in if lib.isBool value then value else throw "A definition for option `${lib.showOption path}' is not of type `boolean'";
  };
  option = type: default: { _type = "option"; inherit type default; };
  declared = {
    assertions = option "list" [ ];
    boot.kernel.sysctl = option "attrs" { };
    boot.isContainer = option "bool" false;
    boot.kernelParams = option "list" [ ];
    boot.kernelPackages = option "scalar" { kernel.version = "6.18.1"; };
    boot.extraModprobeConfig = option "lines" "";
    networking.firewall.enable = option "bool" true;
    networking.hostName = option "scalar" "stub";
    environment.etc = option "attrs" { };
    security.audit.enable = option "scalar" false;
    security.audit.backlogLimit = option "scalar" 64;
    services.journald.storage = option "scalar" "auto";
    services.openssh.enable = option "bool" false;
    users.users = option "attrs" { };
  };
  fill = path: node:
    if lib.isOption node then
      let
        values = lib.concatMap (one: lib.concatMap (discharge 100) (at path one.config)) definitions;
      in
      node // { value = merge.${node.type} path (values ++ [ { priority = 1500; value = node.default; } ]); }
    else lib.mapAttrs (name: fill (path ++ [ name ])) node;
  options = fill [ ] declared;
  values = node: if lib.isOption node then node.value else lib.mapAttrs (_: values) node;

  # An option that nobody declared is refused, as NixOS does.
  unknown = lib.concatMap (one: stray [ ] declared one.config one.file) definitions;
  stray = path: node: config: file:
    lib.concatMap
      (name:
        if !(node ? ${name}) then [ "The option `${lib.showOption (path ++ [ name ])}' does not exist. Definition values:\n- In `${file}'" ]
        else if lib.isOption node.${name} then [ ]
        else stray (path ++ [ name ]) node.${name} config.${name} file)
      (lib.attrNames config);
  config = if unknown == [ ] then values options else throw (lib.head unknown);
in
{
  options = if unknown == [ ] then options else throw (lib.head unknown);
  inherit config;
}
