# The findings that a machine of the test driver keeps under the module, by rule, each with its reason; written by hand.
#
# A test machine is no role: what the driver puts in is found like everything else. What a level asks and no option of NixOS
# repairs stays as well. Everything else must pass. Where a rule is added, this list says what becomes of it.
#
# Each level holds the ones before it. Drawn up for NixOS 26.11 from the options of a test machine with every fix of the level,
# and from the fixture current-g-testvm for what only the built system tells. Not yet compared with a run, nor by a test with
# the module itself.
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

  # What the level asks and its fix cannot be an option of a machine that is not known.
  open = {
    minimal = { };
    standard = {
      "audit.auditd.max_log_file_action" = "no value is right without knowing the disk";
      "audit.stig-chage-chcon" = "the programs lie elsewhere on every machine";
      "audit.stig-lastlog" = "NixOS 26.11 keeps lastlog2, whose place no rule names yet";
      "audit.stig-usermod" = "the program lies elsewhere on every machine";
      "boot.loader.editor" = "the driver's machine has no loader; its options are GRUB's own";
      "kconfig.available" = "NixOS puts no configuration of the kernel into the system";
      "pam.lockout.console" = "a lockout of PAM is a choice with a cost, and a rule of PAM is no plain option";
      "pam.quality" = "needs a module of PAM with settings of the site";
    };
    strict = {
      "audit.aud-continue" = "needs the order of all rules";
      "audit.aud-escalation" = "the programs lie elsewhere on every machine";
      "audit.aud-installers" = "the programs lie elsewhere on every machine";
      "audit.auditd.flush" = "needs the choice between speed and loss";
      "audit.cis-faillock" = "needs pam_faillock, which is not set";
      "audit.cis-setfacl-chacl" = "the programs lie elsewhere on every machine";
      "boot.apparmor" = "AppArmor without profiles for one's services is none";
      "boot.microcode" = "depends on the maker of the processor";
      "mounts.proc.hidepid" = "breaks logind and polkit without exceptions of the site";
      "mounts.tmp.noexec" = "breaks builds, which a machine may be for";
      "pam.limits.core" = "limits are a list of the site";
      "pam.limits.maxlogins" = "limits are a list of the site";
      "pam.lockout.counts" = "as pam.lockout.console";
      "pam.lockout.switch" = "as pam.lockout.console";
      "pam.null-password" = "NixOS lets login take null passwords; only the account decides";
      "ssh.Banner" = "its text is the site's";
      "sudo.secure_path" = "NixOS leaves the path to the caller of sudo";
      "wrappers.setuid" = "NixOS' own programs with setuid";
    };
  };

  # What the built system does not tell. The exit code is 3 with any of them.
  unknown = {
    minimal = { };
    standard = {
      "cmdline.hardened_usercopy" = "its default stands in the configuration of the kernel";
    };
    strict = { };
  };

  upTo = level: set: {
    minimal = set.minimal;
    standard = set.minimal // set.standard;
    strict = set.minimal // set.standard // set.strict;
  }.${level};
in
{
  levels = [
    "minimal"
    "standard"
    "strict"
  ];
  instrumentation = level: builtins.attrNames (upTo level instrumentation);
  open = level: builtins.attrNames (upTo level open);
  unknown = level: builtins.attrNames (upTo level unknown);
}
