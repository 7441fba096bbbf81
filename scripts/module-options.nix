# The options of the hardening module as JSON, from the module itself; scripts/module-options writes the page.
{
  nixpkgs ? <nixpkgs>,
}:
let
  lib = import (nixpkgs + "/lib");
  evaluated = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    system = "x86_64-linux";
    modules = [ ../nix/modules/hardening.nix ];
  };
  text = value: value.text or (if builtins.isString value then value else builtins.toJSON value);
  options = lib.filter (option: (option.visible or true) != false && !(option.internal or false)) (
    lib.collect lib.isOption evaluated.options.security.hardening
  );
  described =
    option:
    [
      {
        name = lib.showOption option.loc;
        type = option.type.description;
        default = if option ? defaultText then text option.defaultText else if option ? default then text (builtins.toJSON option.default) else "";
        description = text (option.description or "");
      }
    ]
    # What is inside of an attribute set of options.
    ++ lib.concatMap described (
      lib.filter (inner: (inner.visible or true) != false && !(inner.internal or false)) (
        lib.collect lib.isOption (removeAttrs (option.type.getSubOptions option.loc) [ "_module" "_freeformOptions" ])
      )
    );
in
lib.sort (a: b: a.name < b.name) (lib.concatMap described options)
