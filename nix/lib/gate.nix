# The image build gate: a derivation that checks a system with firn and is built only when the gate lets it pass. The report
# of one that does not pass stands in the build log.
#
#   import ./gate.nix { inherit pkgs firn; } {
#     name = "wsl";
#     toplevel = config.system.build.toplevel;
#     evaluated = { inherit config options; };
#     profile = "standard";
#   }
#
# The output holds verdict.json, declared.json, built.json, report.html, report.sarif and report.txt. An image takes the gate
# as an input; nothing of the gate is in the toplevel. Nix keeps the output for ever, so ask the verdict again outside of it:
# `firn gate --check verdict.json --artifact IMAGE` (docs/gate.md).
{ pkgs, firn }:
{
  name,
  toplevel,
  # { config; options; } of the evaluated system. Without it the built system alone is judged, which policies that ask for a
  # declared report refuse.
  evaluated ? null,
  # Whether the built system is left out, which built-in policies refuse as well.
  declaredOnly ? false,
  # minimal, standard, strict, or a profile file.
  profile,
  # build, release, or a policy file.
  policy ? "build",
  # Files and directories of waivers.
  waivers ? [ ],
}:
let
  exported = import ./evaluated-config.nix {
    inherit evaluated;
    system = pkgs.stdenv.hostPlatform.system;
  };
  # The text has no context: what the options name is not built for the gate.
  options = if evaluated == null then "" else pkgs.writeText "${name}-options.json" (builtins.toJSON exported);

  # The built-in policy asks for standard, and a system of the minimal level would never pass it.
  level = builtins.replaceStrings [ ''profile = "standard"'' ] [ ''profile = "${profile}"'' ];
  chosen =
    if policy == "build" && profile == "minimal" then
      pkgs.writeText "build.toml" (level (builtins.readFile ../../profiles/policies/build.toml))
    else
      policy;
in
pkgs.runCommand "firn-gate-${name}" {
  nativeBuildInputs = [ firn ];
  inherit toplevel options profile;
  declaredOnly = if declaredOnly then "1" else "";
  policy = chosen;
  # As paths of the store, one a line.
  waivers = builtins.concatStringsSep "\n" (map (waiver: "${waiver}") waivers);
  preferLocalBuild = true;
  # What is downloaded was not judged here.
  allowSubstitutes = false;
} (builtins.readFile ./gate.sh)
