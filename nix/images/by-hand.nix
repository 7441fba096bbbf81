# What rules of the catalogue ask of a person, because one option cannot say it: their fixes are sentences, and the hardening
# module sets none of them. An image has no other person, so the sentences are carried out here.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib.trivial) release;
  hasRules = lib.versionAtLeast release "24.05";
  hasAuditdSettings = options.security.auditd ? settings;

  login = config.security.pam.services.login.rules;
  passwd = config.security.pam.services.passwd.rules;
  faillock = {
    modulePath = "${config.security.pam.package or pkgs.linux-pam}/lib/security/pam_faillock.so";
    settings = {
      deny = 3;
      unlock_time = 900;
    };
  };

  # A rule that records who runs a program: the kernel compares the file, not the link in /run/current-system.
  runs =
    key: program:
    "-a always,exit -F arch=b64 -F path=${program} -F perm=x -F auid>=1000 -F auid!=unset -k ${key}";
in
{
  config = lib.mkIf (config.security.hardening.level != "minimal") (
    lib.mkMerge [
      # pam.lockout.console, pam.quality, pam.quality.minlen
      (lib.optionalAttrs hasRules {
        security.pam.services.login.rules = {
          auth = {
            faillock_preauth = faillock // {
              control = "required";
              order = login.auth.unix.order - 20;
              settings = faillock.settings // {
                preauth = true;
              };
            };
            # Only what the password has not let in gets here.
            faillock_authfail = faillock // {
              control = "[default=die]";
              order = login.auth.unix.order + 10;
              settings = faillock.settings // {
                authfail = true;
              };
            };
          };
          account.faillock = faillock // {
            control = "required";
            order = login.account.unix.order - 10;
            settings = { };
          };
        };
        security.pam.services.passwd.rules.password = {
          pwquality = {
            control = "requisite";
            modulePath = "${pkgs.libpwquality.lib}/lib/security/pam_pwquality.so";
            order = passwd.password.unix.order - 10;
            settings.minlen = 12;
          };
          unix.settings.use_authtok = true;
        };
      })

      # audit.auditd.max_log_file_action
      (lib.optionalAttrs hasAuditdSettings {
        security.auditd.settings = {
          max_log_file_action = "rotate";
          max_log_file = 16;
          num_logs = 10;
        };
      })

      # audit.stig-usermod, audit.stig-chage-chcon. Behind the other rules: whether a path is there shows only in the built
      # system, and auditctl stops at one that is not.
      (lib.mkIf config.security.auditd.enable {
        security.audit.rules = lib.mkAfter [
          (runs "privileged-usermod" "${pkgs.shadow}/bin/usermod")
          (runs "privileged-chage" "${pkgs.shadow}/bin/chage")
          (runs "perm_mod" "${pkgs.coreutils}/bin/chcon")
        ];
      })
    ]
  );
}
