# Values of Nix as Python source, for the head of a test script. Uses builtins only.
#
#   assignments { ports = [ 22 ]; enabled = true; }  ->  enabled = True
#                                                        ports = [22]
let
  literal =
    value:
    if value == null then
      "None"
    else if builtins.isBool value then
      if value then "True" else "False"
    else if builtins.isInt value then
      toString value
    else if builtins.isString value then
      # A JSON text is a Python text as long as it holds no character outside the basic plane, which JSON does not escape here.
      builtins.toJSON value
    else if builtins.isList value then
      "[${builtins.concatStringsSep ", " (map literal value)}]"
    else if builtins.isAttrs value then
      let
        pairs = map (name: "${builtins.toJSON name}: ${literal value.${name}}") (builtins.attrNames value);
      in
      "{${builtins.concatStringsSep ", " pairs}}"
    else
      throw "a ${builtins.typeOf value} has no form in a test script";
in
{
  inherit literal;
  assignments =
    values:
    builtins.concatStringsSep "" (
      map (name: "${name} = ${literal values.${name}}\n") (builtins.attrNames values)
    );
}
