# Sets what the auditor checks, from the same rules (profiles/): a rule added there reaches this module without a change
# here. docs/module-options.md lists the options, and says how to override what is set.
{ ... }:
{
  imports = [
    ./agent.nix
    ./gate.nix
    ./updates.nix
    ./hardening/enforce.nix
    ./hardening/options.nix
  ];
}
