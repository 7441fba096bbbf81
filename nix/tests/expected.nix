# The findings that a machine of the test driver keeps under the module, by rule, each with its reason; written by hand.
#
# A test machine is no role: what the driver puts in is found like everything else. What a level asks and no option of NixOS
# repairs stays as well. Everything else must pass. Where a rule is added, this list says what becomes of it.
#
# Each level holds the ones before it. Drawn up for NixOS 26.11. VirtualMachineFindingsTests compares it with the options of
# the very machines of the test (exports.nix); `declared` is what options say otherwise than the built system. The built
# side of these machines is not yet compared with a run.
let
  # What test-instrumentation.nix and qemu-vm.nix put into the machine.
  instrumentation = {
    minimal = {
      "boot.test-backdoor" = "the driver gives its commands to a root shell on hvc0";
      "accounts.empty-password" = "root has an empty password, for interactive runs";
      "time.synchronised" = "qemu-vm.nix switches timesyncd off: KVM keeps the clock";
    };
    standard = {
      "logging.journald.ForwardToConsole" = "the driver reads the journal from the serial line";
      "mounts.vm-shares" = "the driver exchanges files by /tmp/shared and /tmp/xchg";
    };
    strict = {
      "accounts.root-password" = "root has an empty password, for interactive runs";
      "sysctl.kernel.printk" = "the driver sets boot.consoleLogLevel to 7 to see why a boot fails";
      "units.unconfined" = "backdoor.service is a root shell and has no confinement";
    };
  };

  # What the level asks and the module does not set: its fix is a choice of the site.
  open = {
    minimal = { };
    standard = {
      "boot.loader.editor" = "GRUB stays on in a test machine; only a user of GRUB with a password of the site closes its menu";
      "kconfig.available" = "NixOS puts no configuration of the kernel into the system";
    };
    strict = {
      "audit.aud-escalation" = "watches programs by store paths, and pkexec, which not every machine has";
      "audit.aud-installers" = "watches programs by store paths, with many records where one builds";
      "boot.apparmor" = "AppArmor without profiles for one's services confines nothing";
      "boot.microcode" = "depends on the maker of the processor; in a virtual machine it is the host's";
      "firewall.forward.default" = "only nftables filters what is forwarded, and the module leaves the kind of firewall";
      "mounts.proc.hidepid" = "breaks logind and polkit without a group that the site makes";
      "mounts.tmp.noexec" = "breaks builds, which a machine may be for";
      "pam.lockout.root" = "root would be locked out by anybody, and a machine may have no other administrator";
      "pam.null-password" = "NixOS defines it plainly for login, and a plain definition wins over the module";
      "ssh.Banner" = "its text is the site's";
      "wrappers.setuid" = "newgrp and sg: only mkForce takes a wrapper of NixOS away, and users may use them";
    };
  };

  # What the built system does not tell: nothing. The exit code would be 3.
  unknown = {
    minimal = { };
    standard = { };
    strict = { };
  };

  # Where the options tell less than the built system. All but the last are root's password: the driver gives it by a
  # file of the store, and no option holds what is in it. Built, it is empty, which is no weak or cheap hash.
  declared = {
    unknown = {
      minimal = {
        "accounts.empty-password" = "the file is read from the store";
        "accounts.weak-hash" = "the file is read from the store";
      };
      standard = {
        "accounts.cheap-hash" = "the file is read from the store";
        "accounts.unusable-hash" = "the file is read from the store";
      };
      strict = {
        "accounts.hash-in-store" = "the file is read from the store";
        "accounts.root-password" = "the file is read from the store";
      };
    };
    notChecked = {
      minimal = { };
      standard = {
        "kconfig.available" = "whether a file is in the system is no option";
      };
      strict = { };
    };
  };

  upTo =
    level: set:
    {
      minimal = set.minimal;
      standard = set.minimal // set.standard;
      strict = set.minimal // set.standard // set.strict;
    }
    .${level};
  namesOf = set: level: builtins.attrNames (upTo level set);
in
{
  levels = [
    "minimal"
    "standard"
    "strict"
  ];
  instrumentation = namesOf instrumentation;
  open = namesOf open;
  unknown = namesOf unknown;
  declared = {
    unknown = namesOf declared.unknown;
    notChecked = namesOf declared.notChecked;
  };
}
