# Defines the fixes of the level (nix/lib/catalogue.nix).
#
# - Which options may be defined depends on the release and on `options` alone; whether one is, and to what, on the level
#   and the other options. So Nix can tell what this module defines without asking for a value.
# - A fix that replaces (a scalar, or a list that is a choice) has priority 900: above the defaults of nixpkgs (1000),
#   below a plain definition (100), to which it yields whole. One that adds joins the other definitions.
# - Of the ways to repair a rule the first is taken whose option the release has and whose `when` is not known to be
#   false. A rule that is known not to apply is not set.
# - Where two rules set one option, the one that a higher level selects decides; all levels hold the ones below.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib)
    concatMap
    elemAt
    head
    length
    ;
  cfg = config.security.hardening;
  catalogue = import ../../lib/catalogue.nix { };
  protection = import ./protection.nix {
    inherit
      config
      get
      lib
      optionAt
      options
      ;
    isSet = rule: lib.any (fix: fix.rule == rule && isActive fix) fixes;
  };

  replacePriority = 900;
  addPriority = lib.modules.defaultOverridePriority or 100;

  # The option that a path leads to, or null: the first thing of type option on it. The rest of the path is a key inside
  # its value. One that is hidden is a former name, whose definition would warn.
  optionAt =
    path:
    let
      walk =
        node: rest:
        if lib.isOption node then
          node
        else if rest == [ ] || !(node ? ${head rest}) then
          null
        else
          walk node.${head rest} (lib.tail rest);
      option = walk options path;
    in
    if option == null || (option.visible or true) == false then null else option;

  # The value of an option by its dotted name, or the default where the release has none. An alias would warn when it
  # is read.
  get =
    name: default:
    let
      path = lib.splitString "." name;
    in
    if optionAt path == null then default else lib.attrByPath path default config;

  evaluate = import ./conditions.nix {
    inherit lib;
    facts = import ./facts.nix {
      inherit
        config
        get
        lib
        pkgs
        ;
    };
  };

  # The parts of the system that a switch of their own puts at a level.
  isAudit = id: lib.hasPrefix "audit." id || lib.hasPrefix "cmdline.audit" id;
  isFirewall = lib.hasPrefix "firewall.";
  levelOf =
    id:
    if isAudit id then
      if !cfg.auditd.enable then
        null
      else if cfg.level == "minimal" then
        "standard"
      else
        cfg.level
    else if isFirewall id then
      if cfg.firewall.strict then
        "strict"
      else if cfg.level == "strict" then
        "standard"
      else
        cfg.level
    else
      cfg.level;

  selected = lib.genAttrs catalogue.levels (level: lib.genAttrs (catalogue.selected level) (_: true));
  isSelected =
    id:
    let
      level = levelOf id;
    in
    level != null && selected.${level} ? ${id} && (cfg.rules.${id}.enable or true);

  # The fixes that this release can hold, those of the lowest level first. `before` are the conditions under which an
  # earlier way to repair the same rule is taken.
  fixesOf =
    rule:
    let
      usable = lib.filter (fix: fix.path == null || optionAt fix.path != null) (
        catalogue.alternatives rule lib.trivial.release
      );
    in
    lib.filter (fix: fix.path != null) (
      lib.imap0 (
        index: fix:
        fix
        // {
          before = map (earlier: earlier.when) (lib.take index usable);
          appliesWhen = rule.applies-when or null;
        }
      ) usable
    );
  fixes = concatMap (id: fixesOf catalogue.rules.${id}) (catalogue.selected "strict");
  companions = concatMap (
    companion:
    lib.optional (catalogue.rules ? ${companion.rule} && optionAt companion.path != null) {
      inherit (companion) rule path levels isWanted;
      merge = companion.merge or "replace";
      isFirst = companion.isFirst or false;
      when = null;
      before = [ ];
      appliesWhen = catalogue.rules.${companion.rule}.applies-when or null;
      valueAt = _: companion.value;
    }
  ) companionList;
  companionList = import ./companions.nix {
    inherit
      config
      get
      lib
      pkgs
      ;
  };

  isActive =
    fix:
    let
      holds = condition: evaluate fix.path condition != false;
    in
    cfg.enable
    && isSelected fix.rule
    && !(lib.any holds fix.before)
    && holds fix.when
    && holds fix.appliesWhen
    && (fix ? levels -> lib.elem (levelOf fix.rule) fix.levels)
    && (fix.isWanted or true)
    && (protection.mayBeSet.${fix.rule} or true);

  # A mount is not made by its options: they are set where something else declares it.
  isMount = path: head path == "fileSystems" && length path > 2;
  isDeclared =
    path: !(isMount path) || lib.any (mount: mount.mountPoint == elemAt path 1) (lib.attrValues config.fileSystems);

  keyOf = fix: builtins.toJSON fix.path;
  groups = lib.attrValues (
    lib.groupBy (fix: "${fix.merge} ${lib.optionalString (fix.isFirst or false) "first "}${keyOf fix}") (
      fixes ++ companions
    )
  );
  valueOf = fix: fix.valueAt (levelOf fix.rule);

  # Where the first of several lines or elements counts, those of this module come last, else first: what the user
  # writes decides.
  isFirstWins =
    path:
    path == [
      "security"
      "audit"
      "rules"
    ];

  # One definition for all fixes that set one option in one way: { path; isSet; content; active; }.
  definitionOf =
    group:
    let
      inherit (head group) path merge;
      active = lib.filter isActive group;
      values = map valueOf active;
      joined =
        if builtins.isList (head values) then
          lib.unique (lib.concatLists values)
        else if builtins.isString (head values) then
          lib.concatMapStrings (value: lib.removeSuffix "\n" value + "\n") (lib.unique values)
        else
          lib.foldl' lib.recursiveUpdate { } values;
      isOrdered = builtins.isList joined || builtins.isString joined;
      order =
        if (head group).isFirst or false then
          lib.mkOrder 400
        else if isFirstWins path then
          lib.mkAfter
        else
          lib.mkBefore;
    in
    {
      inherit path;
      isSet = active != [ ];
      content =
        if merge == "replace" then
          lib.mkOverride replacePriority (lib.last values)
        else if isOrdered then
          order joined
        else
          joined;
      # A rule whose value lost to that of a higher level is not enforced.
      enforced = map (fix: {
        inherit (fix) rule path merge;
        value = valueOf fix;
        priority = if merge == "replace" then replacePriority else addPriority;
      }) (lib.filter (fix: merge != "replace" || valueOf fix == lib.last values) active);
    };
  definitions = map definitionOf groups;
  ofMounts = lib.filter (definition: isMount definition.path) definitions;
  ofOptions = lib.filter (definition: !(isMount definition.path)) definitions;

  # The first names of all paths, without a look at `options`: where the type of an option needs a module argument, Nix
  # asks every module whether it sets `_module.args` before it can tell whether the option is one.
  roots = lib.unique (
    concatMap (
      rule: map (fix: head fix.path) (lib.filter (fix: fix.path != null) (catalogue.alternatives rule lib.trivial.release))
    ) (lib.attrValues catalogue.rules)
    ++ map (companion: head companion.path) companionList
  );

  # Before 21.05 the type of the mounts was another one, and a declaration joins only its like.
  mountsOf = if lib.versionOlder lib.trivial.release "21.05" then lib.types.loaOf else lib.types.attrsOf;
in
{
  options.fileSystems = lib.mkOption {
    type = mountsOf (
      lib.types.submodule (
        { config, ... }:
        {
          config = lib.mkMerge (
            map (
              definition:
              lib.mkIf (config.mountPoint == elemAt definition.path 1 && definition.isSet) (
                lib.setAttrByPath (lib.drop 2 definition.path) definition.content
              )
            ) ofMounts
          );
        }
      )
    );
  };

  config = lib.mkMerge [
    (lib.genAttrs roots (
      root:
      lib.mkMerge (
        map (
          definition: lib.mkIf definition.isSet (lib.setAttrByPath (lib.tail definition.path) definition.content)
        ) (lib.filter (definition: head definition.path == root) ofOptions)
      )
    ))
    {
      security.hardening.enforced = concatMap (definition: definition.enforced) (
        lib.filter (definition: isDeclared definition.path) definitions
      );
    }
    (lib.mkIf cfg.enable protection.config)
  ];
}
