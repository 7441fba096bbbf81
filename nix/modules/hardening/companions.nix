# Definitions that belong to a rule's fix and that its one path in the catalogue cannot say: what more than one option, a
# store path, or the order of PAM's lines takes. Each is set with its rule, at the priority of the fixes: a plain
# definition wins over one that replaces, and one that adds joins.
#
# { rule; path; value; levels; isWanted; merge ? "replace"; isFirst ? false; }: the list itself follows from the release alone.
{
  config,
  # The value of an option by its dotted name, or a default where the release has none.
  get,
  lib,
  pkgs,
}:
let
  since = lib.versionAtLeast lib.trivial.release;
  standard = [
    "standard"
    "strict"
  ];
  # A companion that replaces, at standard and strict.
  set = rule: path: value: {
    inherit rule path value;
    levels = standard;
    isWanted = true;
  };
  add = rule: path: value: set rule path value // { merge = "add"; };
  # The leaves of a set, each a definition of its own, so that a user replaces one and keeps the others. A value that
  # takes the configuration is `lazy`: which options are defined must not depend on it.
  leaves =
    rule: path: value:
    if value ? lazy then
      [ (set rule path value.lazy) ]
    else if builtins.isAttrs value then
      lib.concatLists (lib.mapAttrsToList (name: leaves rule (path ++ [ name ])) value)
    else
      [ (set rule path value) ];
  lazy = value: { lazy = value; };

  # PAM has rules since 24.05. Before, a stack is one text, which would have to be replaced whole.
  hasRules = since "24.05";
  rulesOf = service: config.security.pam.services.${service}.rules;
  pamPath = service: [
    "security"
    "pam"
    "services"
    service
    "rules"
  ];
  # Three wrong passwords lock an account for a quarter of an hour, root never (even_deny_root is not given), and the
  # tally lies in /run: nobody stays out. Only passwords count, and what comes before pam_unix (a key, a token) lets in.
  lockout =
    rule: service:
    let
      faillock = {
        modulePath = lazy "${get "security.pam.package" pkgs.linux-pam}/lib/security/pam_faillock.so";
        settings = {
          deny = 3;
          unlock_time = 900;
        };
      };
    in
    lib.optionals hasRules (
      leaves rule (pamPath service) {
        auth = {
          faillock_preauth = {
            control = "required";
            inherit (faillock) modulePath;
            order = lazy ((rulesOf service).auth.unix.order - 20);
            settings = faillock.settings // {
              preauth = true;
            };
          };
          # Behind all that may still let in (LDAP, Kerberos): who gets here has not got in.
          faillock_authfail = {
            control = "[default=die]";
            inherit (faillock) modulePath;
            order = lazy ((rulesOf service).auth.deny.order - 10);
            settings = faillock.settings // {
              authfail = true;
            };
          };
        };
        # A login that succeeds clears the tally: before LDAP or homed, which may end the stack.
        account.faillock = {
          control = "required";
          inherit (faillock) modulePath;
          order = lazy ((rulesOf service).account.unix.order - 5000);
        };
      }
    );

  # Audit rules that record who runs a program: the kernel compares the file, not the link in /run/current-system.
  audit = [
    "security"
    "audit"
    "rules"
  ];
  runs =
    key: program:
    "-a always,exit -F arch=b64 -F path=${program} -F perm=x -F auid>=1000 -F auid!=unset -k ${key}";
  # auditctl then goes on behind a line that the kernel refuses, such as one whose path is not there: it costs that rule,
  # and not all behind it. It holds for the lines that follow.
  goesOn = rule: add rule audit [ "-i" ] // { isFirst = true; };
  # The directory of a watch is made before the rules are loaded: without it auditctl stops.
  hasLoader = since "25.11";
  afterTmpfiles =
    rule:
    add rule [ "systemd" "services" "audit-rules-nixos" "after" ] [ "systemd-tmpfiles-setup.service" ];
  auditd = [
    "security"
    "auditd"
    "settings"
  ];
in
[
  # The strict rule also asks the pattern of systemd's own file (50-default.conf: 2), which decides for each interface.
  {
    rule = "sysctl.net.ipv4.conf.all.rp_filter";
    path = [
      "boot"
      "kernel"
      "sysctl"
      "net.ipv4.conf.*.rp_filter"
    ];
    value = 1;
    levels = [ "strict" ];
    isWanted = true;
  }
  # Without rules, what is plugged in at the start would be blocked: the keyboard too.
  {
    rule = "boot.usbguard";
    path = [
      "services"
      "usbguard"
      "presentDevicePolicy"
    ];
    value = "keep";
    levels = [ "strict" ];
    isWanted = get "services.usbguard.rules" null == null;
  }

  (goesOn "audit.aud-continue")
  (goesOn "audit.stig-usermod")
  (add "audit.stig-usermod" audit [ (runs "privileged-usermod" "${pkgs.shadow}/bin/usermod") ])
  (goesOn "audit.stig-chage-chcon")
  (add "audit.stig-chage-chcon" audit [
    (runs "privileged-chage" "${pkgs.shadow}/bin/chage")
    (runs "perm_mod" "${pkgs.coreutils}/bin/chcon")
  ])
  (add "audit.cis-setfacl-chacl" audit [
    (runs "perm_chng" "${pkgs.acl}/bin/setfacl")
    (runs "perm_chng" "${pkgs.acl}/bin/chacl")
  ])
]
++ leaves "audit.auditd.max_log_file_action" auditd {
  # rotate does nothing while num_logs is below 2.
  max_log_file_action = "rotate";
  max_log_file = 16;
  num_logs = 10;
}
# auditd refuses the incremental modes while freq is 0, its default.
++ leaves "audit.auditd.flush" auditd {
  flush = "incremental_async";
  freq = 50;
}
++ lib.optionals hasLoader (
  map
    (
      one:
      one
      // {
        isWanted = lib.any (service: service.lastlog.enable or false) (
          lib.attrValues config.security.pam.services
        );
      }
    )
    [
      (afterTmpfiles "audit.stig-lastlog")
      (goesOn "audit.stig-lastlog")
      (add "audit.stig-lastlog" audit [ "-w /var/lib/lastlog/lastlog2.db -p wa -k logins" ])
    ]
)
# What pam_faillock writes is made with the directory, which the watch needs.
++ lib.optionals hasLoader [
  (afterTmpfiles "audit.cis-faillock")
  (add "audit.cis-faillock" [ "systemd" "tmpfiles" "rules" ] [ "d /run/faillock 0755 root root" ])
  (add "audit.cis-faillock" audit [ "-w /var/run/faillock -p wa -k logins" ])
]
++ lockout "pam.lockout.console" "login"
++ lockout "pam.lockout.switch" "su"
++ map (one: one // { isWanted = get "security.sudo.enable" false || get "security.sudo-rs.enable" false; }) (
  lockout "pam.lockout.switch" "sudo"
)
++ lib.optionals hasRules (
  leaves "pam.quality" (pamPath "passwd" ++ [ "password" ]) {
    pwquality = {
      control = "requisite";
      modulePath = lazy "${pkgs.libpwquality.lib}/lib/security/pam_pwquality.so";
      order = lazy ((rulesOf "passwd").password.unix.order - 10);
      settings.minlen = 12;
    };
    # pam_unix takes the password that pwquality has asked for, or asks itself where a user has switched that off.
    unix.settings.use_authtok = lazy (rulesOf "passwd").password.pwquality.enable;
  }
)
++ [
  (add "pam.limits.core" [ "security" "pam" "loginLimits" ] [
    {
      domain = "*";
      item = "core";
      type = "hard";
      value = "0";
    }
  ])
  (add "pam.limits.maxlogins" [ "security" "pam" "loginLimits" ] [
    {
      domain = "*";
      item = "maxlogins";
      type = "hard";
      value = "10";
    }
  ])
]
