# The rules of profiles/ as Nix reads them: what a level selects, and the option each rule is set by.
#
#   (import ./nix/lib/catalogue.nix { }).fixes { level = "strict"; release = "26.11"; }
#
# The auditor reads the same files (Sources/FirnCatalogue), and a test compares the two rule by rule. Only builtins are
# used, so that neither nixpkgs nor a new Nix is needed.
{
  profiles ? ../../profiles,
}:
let
  read = file: builtins.fromTOML (builtins.readFile (profiles + file));
  toList = value: if builtins.isList value then value else [ value ];
  isTOML = name: builtins.match ".*[.]toml" name != null;
  last = list: builtins.elemAt list (builtins.length list - 1);

  levels = [
    "minimal"
    "standard"
    "strict"
  ];
  # A level with those below it, lowest first.
  upTo =
    level:
    let
      index = {
        minimal = 1;
        standard = 2;
        strict = 3;
      };
    in
    builtins.genList (builtins.elemAt levels) index.${level};

  ruleList = builtins.concatMap (name: (read "/rules/${name}").rule) (
    builtins.filter isTOML (builtins.attrNames (builtins.readDir (profiles + "/rules")))
  );
  rules = builtins.listToAttrs (
    map (rule: {
      name = rule.id;
      value = rule;
    }) ruleList
  );

  familyOf = id: builtins.head (builtins.split "[.]" id);
  families = builtins.groupBy (rule: familyOf rule.id) ruleList;
  # What a profile's `rules` names: a rule, or a family of them.
  idsOf =
    name:
    if rules ? ${name} then
      [ name ]
    else if families ? ${name} then
      map (rule: rule.id) families.${name}
    else
      throw "profiles: \"${name}\" is neither a rule nor a family of rules";

  unique =
    list:
    (builtins.foldl'
      (
        state: element:
        if state.seen ? ${element} then
          state
        else
          {
            seen = state.seen // {
              ${element} = true;
            };
            list = state.list ++ [ element ];
          }
      )
      {
        seen = { };
        list = [ ];
      }
      list
    ).list;

  # The ids a profile selects, those of the profile it inherits from first.
  selected =
    id:
    let
      profile = read "/${id}.toml";
      inherited = if profile ? inherits then selected profile.inherits else [ ];
      dropped = profile.drop or { };
    in
    builtins.filter (rule: !(dropped ? ${rule})) (
      unique (inherited ++ builtins.concatMap idsOf (profile.rules or [ ]))
    );

  # A level may replace the value of a fix; what a lower level says holds for the higher ones too.
  valueAt =
    rule: fix: level:
    let
      changes = builtins.filter (change: change ? fix-value) (
        map (name: rule.level.${name} or { }) (upTo level)
      );
    in
    if changes == [ ] then fix.value else (last changes).fix-value;

  isInRelease =
    release: fix:
    (fix ? since -> builtins.compareVersions release fix.since >= 0)
    && (fix ? until -> builtins.compareVersions release fix.until < 0);

  # Every way a release knows to repair a rule, best first: the first that holds is used. One without `path` is a
  # sentence for a person.
  alternatives =
    rule: release:
    map (fix: {
      rule = rule.id;
      path = fix.path or null;
      # A scalar replaces what is there; the catalogue demands the word for every list.
      merge = fix.merge or "replace";
      when = fix.when or null;
      manual = fix.manual or null;
      valueAt = if fix ? path then valueAt rule fix else null;
    }) (builtins.filter (isInRelease release) (toList (rule.fix or [ ])));
in
{
  inherit
    levels
    rules
    selected
    alternatives
    ;

  # { rule, path, value, merge, when, appliesWhen } of each option that a level sets in a release. Of several with the
  # same rule the first whose option exists and whose condition holds is meant.
  fixes =
    { level, release }:
    builtins.concatMap (
      id:
      map
        (fix: {
          inherit (fix)
            rule
            path
            merge
            when
            ;
          value = fix.valueAt level;
          appliesWhen = rules.${id}.applies-when or null;
        })
        (builtins.filter (fix: fix.path != null) (alternatives rules.${id} release))
    ) (selected level);
}
