# A condition of the catalogue over the facts that the module knows: true, false, or null for "not known".
#
# Three values as in the auditor's evaluator (XCCDF's truth tables). An operator that is not here, or a fact that is not
# known, gives null, never false.
{ lib, facts }:
let
  all =
    answers:
    if lib.elem false answers then
      false
    else if lib.elem null answers then
      null
    else
      true;
  not = answer: if answer == null then null else !answer;

  # Numbers compare as numbers, texts as versions.
  compare =
    a: b:
    if builtins.isString a && builtins.isString b then
      builtins.compareVersions a b
    else if a == b then
      0
    else if a < b then
      (-1)
    else
      1;
  isOrdered = a: b: builtins.isString a == builtins.isString b && !builtins.isBool a && !builtins.isList a;

  operators = {
    equals = value: wanted: value == wanted;
    not-equals = value: wanted: value != wanted;
    "in" = lib.elem;
    at-least = value: wanted: if isOrdered value wanted then compare value wanted >= 0 else null;
    at-most = value: wanted: if isOrdered value wanted then compare value wanted <= 0 else null;
    contains = value: wanted: if builtins.isList value then lib.elem wanted value else null;
  };

  # path: the option that the answer decides about.
  evaluate =
    path: condition:
    let
      fact = facts.${condition.fact} or null;
      # A fact that reads what is being set would be asked for its own answer.
      isOwn = fact != null && lib.any (read: lib.take (lib.length read) path == read) fact.reads;
      value = if fact == null || isOwn then null else fact.value;
      isAbsent = value.absent or false;
      answer =
        name: wanted:
        if name == "all" then
          all (map (evaluate path) wanted)
        else if name == "any" then
          not (all (map (part: not (evaluate path part)) wanted))
        else if name == "not" then
          not (evaluate path wanted)
        else if value == null then
          null
        else if name == "present" then
          wanted != isAbsent
        else if name == "absent" then
          wanted == isAbsent
        else if operators ? ${name} then
          if isAbsent then name == "not-equals" else operators.${name} value wanted
        else
          null;
    in
    all (lib.mapAttrsToList answer (removeAttrs condition [ "fact" ]));
in
path: condition: if condition == null then true else evaluate path condition
